"""Stories: the articles that carry one text, the evidence that they do, and what persons said of it."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from core.errors import StorageError
from core.stories import Likeness, Link, Relation, Ruling, Size, Story, Version, inverted
from storage import upserts
from storage.columns import at_offset
from storage.portions import in_portions
from storage.schema import articles
from storage.schema_stories import fingerprints, likenesses, members, rulings, stories

_LINK = upserts.insert(likenesses)
_LINKED = _LINK.on_conflict_do_update(
    index_elements=["article_id", "other_id"],
    set_={
        name: _LINK.excluded[name] for name in ("relation", "share", "share_of_other", "agreement", "passages", "at")
    },
)
_RULING = upserts.insert(rulings)
_RULED = _RULING.on_conflict_do_update(
    index_elements=["low_id", "high_id"], set_={name: _RULING.excluded[name] for name in ("is_one", "at")}
)


class Stories:
    """The stories of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, article_id: int) -> Story | None:
        """Return the story that an article is a version of, None for one that stands alone."""
        story_id = self._connection.execute(
            select(members.c.story_id).where(members.c.article_id == article_id)
        ).scalar()
        return None if story_id is None else self.by_id(story_id)

    def by_id(self, story_id: int) -> Story | None:
        """Return a story, or the one that it became part of; None where there is none, or no longer."""
        row = self._connection.execute(select(stories).where(stories.c.id == story_id)).one_or_none()
        while row and row.merged_id is not None:
            row = self._connection.execute(select(stories).where(stories.c.id == row.merged_id)).one_or_none()
        if row is None:
            return None
        question = select(members.c.article_id).where(members.c.story_id == row.id).order_by(members.c.article_id)
        ids = tuple(self._connection.execute(question).scalars())
        return Story(row.id, row.representative_id, ids, row.made_at) if ids else None

    def ids(self, article_ids: Iterable[int]) -> dict[int, int]:
        """Return the story of each article that is in one, by article."""
        found: dict[int, int] = {}
        for portion in in_portions(article_ids):
            question = select(members.c.article_id, members.c.story_id).where(members.c.article_id.in_(portion))
            found.update(dict(self._connection.execute(question).all()))
        return found

    def beside(self, article_id: int, limit: int) -> tuple[int, ...]:
        """Return other articles of an article's story, the lowest ids first, at most `limit`."""
        its_own = select(members.c.story_id).where(members.c.article_id == article_id).scalar_subquery()
        others = members.c.story_id == its_own, members.c.article_id != article_id
        question = select(members.c.article_id).where(*others).order_by(members.c.article_id).limit(limit)
        return tuple(self._connection.execute(question).scalars())

    def apart(self, article_id: int) -> frozenset[int]:
        """Return the articles that a person holds to be other stories than this one."""
        own = or_(rulings.c.low_id == article_id, rulings.c.high_id == article_id)
        question = select(rulings.c.low_id, rulings.c.high_id).where(own, rulings.c.is_one.is_(False))
        return frozenset(each for pair in self._connection.execute(question) for each in pair) - {article_id}

    def are_apart(self, story_id: int, other_id: int) -> bool:
        """Return whether a person holds any version of one story, and any of another, to be different stories."""
        low, high = members.alias(), members.alias()
        question = (
            select(rulings.c.low_id)
            .join(low, low.c.article_id == rulings.c.low_id)
            .join(high, high.c.article_id == rulings.c.high_id)
            .where(rulings.c.is_one.is_(False))
            .where(low.c.story_id.in_((story_id, other_id)), high.c.story_id.in_((story_id, other_id)))
            .where(low.c.story_id != high.c.story_id)
        )
        return self._connection.execute(question).first() is not None

    def representative(self, story_id: int) -> int:
        """Return the article that stands for a story. Raises StorageError where there is no such story."""
        found = self._connection.execute(select(stories.c.representative_id).where(stories.c.id == story_id)).scalar()
        if found is None:
            raise StorageError(f"The corpus has no story {story_id}.")
        return found

    def is_barred(self, article_id: int, story_id: int) -> bool:
        """Return whether a person holds an article to be another story than any version of this one."""
        held = self.ids(self.apart(article_id))
        return story_id in held.values()

    def sizes(self, story_id: int, always: int, limit: int) -> tuple[Size, ...]:
        """Return how long the versions of a story are and when they came out: the one, and the last `limit` to come."""
        question = (
            select(members.c.article_id, articles.c.dated_at, func.coalesce(fingerprints.c.shingles, 0))
            .join(articles, articles.c.id == members.c.article_id)
            .outerjoin(fingerprints, fingerprints.c.article_id == members.c.article_id)
            .where(members.c.story_id == story_id)
        )
        newest = question.order_by(members.c.article_id.desc()).limit(limit)
        asked = (newest, question.where(members.c.article_id == always))
        return tuple(dict.fromkeys(Size(*row) for each in asked for row in self._connection.execute(each)))

    def newest(self, limit: int, source: str | None = None) -> tuple[Story, ...]:
        """Return the `limit` stories that gained a version last, latest first: all, or those that a source carries."""
        question = select(members.c.story_id).group_by(members.c.story_id)
        if source is not None:
            question = question.join(articles, articles.c.id == members.c.article_id).where(articles.c.source == source)
        ordered = question.order_by(func.max(members.c.article_id).desc()).limit(limit)
        found = (self.by_id(story_id) for story_id in self._connection.execute(ordered).scalars().all())
        return tuple(story for story in found if story)

    def versions(self, article_ids: Iterable[int]) -> dict[int, tuple[Version, ...]]:
        """Return all versions of each article's story by article, itself among them, by date; none for one alone."""
        story_of = self.ids(article_ids)
        by_story: dict[int, list[Version]] = defaultdict(list)
        for portion in in_portions(dict.fromkeys(story_of.values())):
            question = (
                select(
                    members.c.story_id,
                    stories.c.representative_id,
                    articles.c.id,
                    articles.c.source,
                    articles.c.url,
                    articles.c.title,
                    articles.c.published_at,
                    articles.c.published_offset,
                    articles.c.dated_at,
                    fingerprints.c.shingles,
                )
                .join(stories, stories.c.id == members.c.story_id)
                .join(articles, articles.c.id == members.c.article_id)
                .outerjoin(fingerprints, fingerprints.c.article_id == members.c.article_id)
                .where(members.c.story_id.in_(portion))
                .order_by(articles.c.dated_at, articles.c.id)
            )
            for row in self._connection.execute(question):
                by_story[row.story_id].append(
                    Version(
                        row.id,
                        row.source,
                        row.url,
                        row.title,
                        at_offset(row.published_at, row.published_offset),
                        row.dated_at,
                        row.shingles or 0,
                        row.id == row.representative_id,
                    )
                )
        return {article_id: tuple(by_story[story_id]) for article_id, story_id in story_of.items()}

    def make(
        self,
        article_ids: Iterable[int],
        representative_id: int,
        now: datetime,
        *,
        by_hand: bool = False,
        id_of: int | None = None,
    ) -> int:
        """Make one story of articles that stand alone, and return its id: that of the story `id_of`, which has none."""
        if id_of is None:
            new = insert(stories).values(representative_id=representative_id, made_at=now).returning(stories.c.id)
            story_id = self._connection.execute(new).scalar_one()
        else:
            story_id = id_of
            self.represent(story_id, representative_id)
        for article_id in article_ids:
            self.join(article_id, story_id, by_hand=by_hand)
        return story_id

    def join(self, article_id: int, story_id: int, *, by_hand: bool = False) -> None:
        """Make an article that stands alone a version of a story."""
        row = {"article_id": article_id, "story_id": story_id, "by_hand": by_hand}
        self._connection.execute(insert(members), row)

    def merge(self, story_id: int, into: int) -> None:
        """Give all versions of a story to another, which its id leads to from then on."""
        self._connection.execute(update(members).where(members.c.story_id == story_id).values(story_id=into))
        self._connection.execute(update(stories).where(stories.c.id == story_id).values(merged_id=into))

    def leave(self, article_id: int) -> None:
        """Let an article stand alone; a story that has one version left is none any more."""
        story = self.of(article_id)
        if story is None:
            return
        alone = story.members if len(story.members) <= 2 else (article_id,)  # noqa: PLR2004 - it and the last other
        self._connection.execute(delete(members).where(members.c.article_id.in_(alone)))

    def part(self, story_id: int) -> None:
        """Let all versions of a story stand alone."""
        self._connection.execute(delete(members).where(members.c.story_id == story_id))

    def hold(self, story_id: int, by_hand: Iterable[int]) -> None:
        """Record which versions of a story a person put there; the others were found."""
        held = tuple(by_hand)
        its_own = update(members).where(members.c.story_id == story_id)
        self._connection.execute(its_own.values(by_hand=members.c.article_id.in_(held)))

    def is_by_hand(self, article_id: int) -> bool:
        """Return whether a person put an article into its story."""
        return bool(
            self._connection.execute(select(members.c.by_hand).where(members.c.article_id == article_id)).scalar()
        )

    def represent(self, story_id: int, article_id: int) -> None:
        """Let a version stand for its story."""
        self._connection.execute(update(stories).where(stories.c.id == story_id).values(representative_id=article_id))

    def link(self, article_id: int, other_id: int, likeness: Likeness, at: datetime) -> None:
        """Record what an article is to another, in place of what was recorded of the two before."""
        values: dict[str, Any] = {"article_id": article_id, "other_id": other_id, "at": at}
        values |= {"relation": likeness.relation.value, "passages": likeness.passages}
        values |= {name: getattr(likeness, name) for name in ("share", "share_of_other", "agreement")}
        self._connection.execute(_LINKED, values)

    def unlink(self, article_id: int) -> None:
        """Forget what an article was found to be to others, and they to it: its text is another now."""
        both = or_(likenesses.c.article_id == article_id, likenesses.c.other_id == article_id)
        self._connection.execute(delete(likenesses).where(both))

    def links(self, article_id: int) -> tuple[Link, ...]:
        """Return what an article was found to be to others, and others to it, by their ids."""
        both = or_(likenesses.c.article_id == article_id, likenesses.c.other_id == article_id)
        question = select(likenesses).where(both).order_by(likenesses.c.article_id, likenesses.c.other_id)
        return tuple(_link(row) for row in self._connection.execute(question))

    def relations(self, article_ids: Iterable[int]) -> dict[tuple[int, int], Relation]:
        """Return what articles were found to be to others, by (article, other); and the others to them."""
        found: dict[tuple[int, int], Relation] = {}
        for portion in in_portions(article_ids):
            question = select(likenesses.c.article_id, likenesses.c.other_id, likenesses.c.relation)
            for row in self._connection.execute(question.where(likenesses.c.article_id.in_(portion))):
                found[row.article_id, row.other_id] = Relation(row.relation)
        return {(other, one): inverted(relation) for (one, other), relation in found.items()} | found

    def rule(self, one: int, other: int, now: datetime, *, is_one: bool) -> None:
        """Record what a person says of two articles, in place of what was said of them before."""
        low, high = sorted((one, other))
        self._connection.execute(_RULED, {"low_id": low, "high_id": high, "is_one": is_one, "at": now})

    def take_back(self, low_id: int, high_id: int) -> None:
        """Forget what a person said of two articles, the lower id first."""
        its_own = rulings.c.low_id == low_id, rulings.c.high_id == high_id
        self._connection.execute(delete(rulings).where(*its_own))

    def rulings(self, article_ids: Iterable[int]) -> tuple[Ruling, ...]:
        """Return what persons said of any of these articles and others."""
        found: dict[tuple[int, int], Ruling] = {}
        for portion in in_portions(article_ids):
            either = or_(rulings.c.low_id.in_(portion), rulings.c.high_id.in_(portion))
            for row in self._connection.execute(select(rulings).where(either)):
                found[row.low_id, row.high_id] = Ruling(row.low_id, row.high_id, row.is_one, row.at)
        return tuple(found[pair] for pair in sorted(found))

    def all(self) -> dict[int, int]:
        """Return the story of every article that is a version of one, by article."""
        return dict(self._connection.execute(select(members.c.article_id, members.c.story_id)).all())

    def count(self) -> int:
        """Return how many stories of at least two versions there are."""
        return self._connection.execute(select(func.count(func.distinct(members.c.story_id)))).scalar_one()

    def copies_by_source(self) -> dict[str, int]:
        """Return how many articles of each source are versions of a story that another stands for, by name.

        All of them together are the articles that are more than there are stories.
        """
        question = (
            select(articles.c.source, func.count())
            .join(members, members.c.article_id == articles.c.id)
            .join(stories, and_(stories.c.id == members.c.story_id, stories.c.representative_id != articles.c.id))
            .group_by(articles.c.source)
        )
        return dict(self._connection.execute(question).all())


def _link(row: Row[*tuple[Any, ...]]) -> Link:
    likeness = Likeness(Relation(row.relation), row.share, row.share_of_other, row.agreement, row.passages)
    return Link(row.article_id, row.other_id, likeness, row.at)
