"""All stories found anew, in the order of ids: by what the program knows today, and by what persons said.

    index anew | for each article: its old story parts | near ones of lower ids | place | rulings

The index is made in one transaction, stories are found in many. Whoever is killed in between leaves stories that have
parted and are not found again yet; nothing else depends on them, and the next run makes all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from core.clock import Clock
from pipelines.likeness import Print
from pipelines.relate import Kinship, leave
from pipelines.rulings import between, together
from storage.store import Corpus, Store


@dataclass(slots=True)
class Anew:
    """One run over all articles.

    at_once is how many are in one transaction: others who write wait for less than a second. were are the stories that
    they had before the run, parted those of them that it has met.
    """

    store: Store
    kinship: Kinship
    clock: Clock
    at_once: int = 50
    were: dict[int, int] = field(default_factory=dict)
    parted: set[int] = field(default_factory=set)

    def index(self) -> int:
        """Make the index of shingles anew, and return of how many articles."""
        with self.store.transaction() as corpus:
            count = corpus.fingerprints.rebuild()
            self.were = corpus.stories.all()
        return count

    def stories(self) -> Iterator[int]:
        """Find the story of each article anew, and yield its id once it is kept."""
        last = 0
        while True:
            with self.store.transaction() as corpus:
                portion = corpus.articles.texts_after(last, self.at_once)
                for article_id, (title, text) in portion.items():
                    self._find(corpus, article_id, Print(title, text))
            if not portion:
                return
            yield from portion
            last = max(portion)

    def _find(self, corpus: Corpus, article_id: int, text: Print) -> None:
        was, now = self.were.get(article_id), self.clock()
        if was is not None and was not in self.parted:
            corpus.stories.part(was)
            self.parted.add(was)
        # A crawl meanwhile may have made it one with a text that came.
        leave(corpus, article_id)
        self.kinship.met_again(corpus, article_id, text, now, self.were)
        for ruling in corpus.stories.rulings((article_id,)):
            if ruling.is_one and ruling.high_id == article_id:
                for pair in between(corpus, ruling.low_id, article_id):
                    # What a person said of two goes before what was found of a third.
                    for other in set(pair) - {ruling.low_id, article_id}:
                        leave(corpus, other)
                together(corpus, ruling.low_id, article_id, now, self.were)
