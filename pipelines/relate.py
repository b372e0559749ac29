"""Where stories become writes: what an article is to those that are held, and the story that it joins.

    text | shingles | near | likeness, of each | evidence | place | join, merge or stand alone | who stands for it

It runs in the transaction that keeps the article, as part of `ingest`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from core.config import DuplicateSettings
from core.stories import ONE_STORY, Relation, Story
from pipelines.kinship import Kin, Place, place, representative
from pipelines.likeness import Print, evidence, is_part, likeness
from storage.store import Corpus

log = structlog.get_logger()
_LOOKED_AT = 8  # articles that a text is held against
_KEPT = 5  # likenesses of an article, the closest
_NONE: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Kinship:
    """Finds the story of each article as it comes. bounds are those of config.yaml."""

    bounds: DuplicateSettings = field(default_factory=DuplicateSettings)

    def met(self, corpus: Corpus, article_id: int, new: Print, now: datetime) -> None:
        """Find a new article's story, and record what it is to others."""
        kin = self._kin(corpus, article_id, new, ())
        corpus.fingerprints.keep(article_id, new.shingles, new.title)
        self._recorded(corpus, article_id, new, kin, now)
        self._settle(corpus, article_id, kin, now)

    def met_again(self, corpus: Corpus, article_id: int, text: Print, now: datetime, were: Mapping[int, int]) -> None:
        """Find the story of an article that stands alone among those of lower ids, as when it came.

        were are the stories that articles had by then: two of one story, which has no version now, give it its id.
        """
        kin = self._kin(corpus, article_id, text, (), article_id)
        corpus.stories.unlink(article_id)
        self._recorded(corpus, article_id, text, kin, now)
        self._settle(corpus, article_id, kin, now, were)

    def changed(self, corpus: Corpus, article_id: int, old: Print, new: Print, now: datetime) -> None:
        """Find the story of an article whose text has changed: its own, as long as it is like any other version there.

        A version that a person put there stays in any case.
        """
        if (old.title, old.text) == (new.title, new.text):
            return
        story = corpus.stories.of(article_id)
        kin = self._kin(corpus, article_id, new, story.members if story else ())
        corpus.fingerprints.drop(article_id, old.shingles, old.title)
        corpus.fingerprints.keep(article_id, new.shingles, new.title)
        corpus.stories.unlink(article_id)
        self._recorded(corpus, article_id, new, kin, now)
        if story and (_is_at_home(kin, story) or corpus.stories.is_by_hand(article_id)):
            represent(corpus, story.id)
            return
        if story:
            leave(corpus, article_id)
            log.info("story.left", article=article_id, story=story.id)
        self._settle(corpus, article_id, kin, now)

    def _kin(
        self, corpus: Corpus, article_id: int, new: Print, others: Sequence[int], below: int | None = None
    ) -> list[Kin]:
        """Return what a text is to the articles that may hold it, and to some others, the closest first."""
        near = (each.article_id for each in corpus.fingerprints.near(new.shingles, new.title, _LOOKED_AT + 1, below))
        asked = [each for each in dict.fromkeys((*near, *others[:_LOOKED_AT])) if each != article_id]
        kin = []
        for other_id, (title, text) in corpus.articles.texts(asked).items():
            held = Print(title, text)
            found = likeness(new, held, self.bounds)
            if found.relation is not Relation.UNRELATED:
                story = corpus.stories.of(other_id)
                versions = story.members if story else (other_id,)
                kin.append(Kin(other_id, found, versions, story.id if story else None, is_part(new, held, found)))
        return sorted(kin, key=lambda each: (-each.closeness, each.article_id))

    def _recorded(self, corpus: Corpus, article_id: int, new: Print, kin: Sequence[Kin], now: datetime) -> None:
        """Record the closest likenesses, with their evidence."""
        texts = corpus.articles.texts([each.article_id for each in kin[:_KEPT]])
        for each in kin[:_KEPT]:
            found = evidence(new, Print(*texts[each.article_id]), each.likeness)
            corpus.stories.link(article_id, each.article_id, found, now)

    def _settle(
        self, corpus: Corpus, article_id: int, kin: Sequence[Kin], now: datetime, were: Mapping[int, int] = _NONE
    ) -> None:
        """Let an article that stands alone join the story it belongs to."""
        concerned = {article_id, *(version for each in kin for version in each.versions)}
        apart = {(each.low_id, each.high_id) for each in corpus.stories.rulings(concerned) if not each.is_one}
        found = place(article_id, kin, apart)
        if found is None:
            return
        story_id = _joined(corpus, article_id, found, now, were)
        represent(corpus, story_id)
        relation = next(each.likeness.relation for each in kin if each.article_id == found.article_id)
        log.info("story.joined", article=article_id, story=story_id, relation=relation.value, other=found.article_id)


def _joined(corpus: Corpus, article_id: int, found: Place, now: datetime, were: Mapping[int, int]) -> int:
    """Return the story that an article has joined; those that became one with it keep the oldest's id."""
    known = [story_id for story_id in (found.story_id, *found.merged) if story_id is not None]
    if not known:
        pair = (found.article_id, article_id)
        return corpus.stories.make(pair, found.article_id, now, id_of=free_id(corpus, pair, were))
    story_id = min(known)
    for other in known:
        if other != story_id:
            corpus.stories.merge(other, story_id)
    if found.story_id is None:
        corpus.stories.join(found.article_id, story_id)
    corpus.stories.join(article_id, story_id)
    return story_id


def free_id(corpus: Corpus, pair: tuple[int, int], were: Mapping[int, int]) -> int | None:
    """Return the story that both of two articles were of, if it has no version now."""
    was = were.get(pair[0])
    return was if was is not None and was == were.get(pair[1]) and corpus.stories.by_id(was) is None else None


def leave(corpus: Corpus, article_id: int) -> None:
    """Let an article leave its story, if it is of one, and another stand for that where it did."""
    story = corpus.stories.of(article_id)
    if story:
        corpus.stories.leave(article_id)
        represent(corpus, story.id)


def represent(corpus: Corpus, story_id: int) -> None:
    """Let the version stand for its story that is the earliest of the full ones."""
    story = corpus.stories.by_id(story_id)
    if story is None:
        return
    best = representative(corpus.stories.versions([story.members[0]])[story.members[0]])
    if best != story.representative_id:
        corpus.stories.represent(story.id, best)
        log.info("story.represented", story=story.id, article=best, before=story.representative_id)


def _is_at_home(kin: Sequence[Kin], story: Story) -> bool:
    return any(each.story_id == story.id and each.likeness.relation in ONE_STORY for each in kin)
