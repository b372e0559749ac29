"""Where stories become writes: what an article is to those that are held, and the story that it joins.

    text | shingles | near | likeness, of each | evidence | place | join, merge or stand alone | who stands for it

It runs in the transaction that keeps the article, as part of `ingest`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from core.config import DuplicateSettings
from core.shingles import SAMPLED
from core.stories import ONE_STORY, Near, Relation
from core.text import normalised
from pipelines.kinship import Kin, Place, place, representative
from pipelines.likeness import Print, evidence, is_part, likeness
from storage.store import Corpus

log = structlog.get_logger()
_LOOKED_AT = 8  # articles that a text is held against
_EIGHTH, _SEVERAL, _WEAK = 8, 2, 2
_KEPT = 3  # likenesses of an article, the closest
_WEIGHED = 200  # versions of a story, of which one is chosen to stand for it
_NONE: Mapping[int, int] = {}


@dataclass(frozen=True, slots=True)
class Kinship:
    """Finds the story of each article as it comes. bounds are those of config.yaml."""

    bounds: DuplicateSettings = field(default_factory=DuplicateSettings)

    def met(self, corpus: Corpus, article_id: int, new: Print, now: datetime) -> None:
        """Find a new article's story, and record what it is to others."""
        kin = self.kin(corpus, article_id, new)
        corpus.fingerprints.keep(article_id, new.shingles, new.title)
        self._recorded(corpus, article_id, new, kin, now)
        self._settle(corpus, article_id, kin, now)

    def met_again(self, corpus: Corpus, article_id: int, text: Print, now: datetime, were: Mapping[int, int]) -> None:
        """Find the story of an article that stands alone among those of lower ids, as when it came.

        were are the stories that articles had by then: two of one story, which has no version now, give it its id.
        """
        kin = self.kin(corpus, article_id, text, below=article_id)
        corpus.stories.unlink(article_id)
        self._recorded(corpus, article_id, text, kin, now)
        self._settle(corpus, article_id, kin, now, were)

    def changed(self, corpus: Corpus, article_id: int, old: Print, new: Print, now: datetime) -> None:
        """Find the story of an article whose text has changed: its own, as long as it is like any other version there.

        A version that a person put there stays in any case.
        """
        if (old.title, old.text) == (new.title, new.text):
            return
        story = corpus.stories.ids([article_id]).get(article_id)
        beside = corpus.stories.beside(article_id, _LOOKED_AT) if story else ()
        kin = self.kin(corpus, article_id, new, beside)
        corpus.fingerprints.drop(article_id, old.shingles, old.title)
        corpus.fingerprints.keep(article_id, new.shingles, new.title)
        corpus.stories.unlink(article_id)
        self._recorded(corpus, article_id, new, kin, now)
        if story and (_is_at_home(kin, story) or corpus.stories.is_by_hand(article_id)):
            represent(corpus, story)
            return
        if story:
            leave(corpus, article_id)
            log.info("story.left", article=article_id, story=story)
        self._settle(corpus, article_id, kin, now)

    def kin(
        self, corpus: Corpus, article_id: int, new: Print, others: Sequence[int] = (), below: int | None = None
    ) -> list[Kin]:
        """Return what a text is to the articles that may hold it, and to some others, the closest first."""
        found_near = corpus.fingerprints.near(new.shingles, new.title, _LOOKED_AT + 1, below)
        near = [each.article_id for each in worth_a_look(found_near, new)]
        asked = [each for each in dict.fromkeys((*near, *others)) if each != article_id]
        held = {other: Print(title, text) for other, (title, text) in corpus.articles.texts(asked).items()}
        found = {other: likeness(new, old, self.bounds) for other, old in held.items()}
        barred = corpus.stories.apart(article_id)
        stories = corpus.stories.ids((*found, *barred))
        barred_stories = {stories[other] for other in barred if other in stories}
        kin = (
            Kin(
                other,
                like,
                stories.get(other),
                is_part=is_part(new, held[other], like),
                is_barred=other in barred or stories.get(other) in barred_stories,
                is_titled=normalised(new.title) == normalised(held[other].title),
            )
            for other, like in found.items()
            if like.relation is not Relation.UNRELATED
        )
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
        found = place(kin)
        if found is None:
            return
        story_id = _joined(corpus, article_id, found, now, were)
        represent(corpus, story_id)
        relation = next(each.likeness.relation for each in kin if each.article_id == found.article_id)
        log.info("story.joined", article=article_id, story=story_id, relation=relation.value, other=found.article_id)


def worth_a_look(near: Sequence[Near], new: Print) -> list[Near]:
    """Return the articles that may be a version of a text, and of those that share less of the index two at most.

    They come best first. What is told anew shares a fifth of its shingles; a long quotation three that are sampled.
    """
    sampled = len(new.shingles) // SAMPLED
    is_strong = {each: each.shared * _EIGHTH >= min(each.sampled, sampled) for each in near}
    weak = [each for each in near if not is_strong[each] and each.shared >= _SEVERAL]
    return [each for each in near if is_strong[each]] + weak[:_WEAK]


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
    """Let that version stand for its story that is the earliest of the full ones."""
    before = corpus.stories.representative(story_id)
    sizes = corpus.stories.sizes(story_id, before, _WEIGHED)
    best = representative(sizes) if sizes else before
    if best != before:
        corpus.stories.represent(story_id, best)
        log.info("story.represented", story=story_id, article=best, before=before)


def _joined(corpus: Corpus, article_id: int, found: Place, now: datetime, were: Mapping[int, int]) -> int:
    """Return the story that an article has joined; those that become one with it keep the oldest's id."""
    of = corpus.stories.ids((found.article_id, *found.alike))
    story_id = of.get(found.article_id)
    if story_id is None:
        pair = (found.article_id, article_id)
        story_id = corpus.stories.make(pair, found.article_id, now, id_of=free_id(corpus, pair, were))
    else:
        corpus.stories.join(article_id, story_id)
    for each in found.alike:
        other = of.get(each)
        if other is None and not corpus.stories.is_barred(each, story_id):
            corpus.stories.join(each, story_id)
        elif other not in (None, story_id) and not corpus.stories.are_apart(story_id, other):
            older, younger = sorted((story_id, other))
            corpus.stories.merge(younger, older)
            story_id = older
    return story_id


def _is_at_home(kin: Sequence[Kin], story_id: int) -> bool:
    return any(each.story_id == story_id and each.likeness.relation in ONE_STORY for each in kin)
