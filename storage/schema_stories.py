"""The tables of what texts have in common: stories, the index by which versions are found, and what pages do."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Named,
    PrimaryKeyConstraint,
    Table,
    TypedColumns,
    false,
)

from storage.columns import Instant, Strings
from storage.schema import metadata


class _Stories(TypedColumns):
    """A story of at least two articles; merged_id is set where it became part of an older one, which then has them."""

    id: Named[int] = Column(Integer, primary_key=True)
    representative_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    made_at: Named[datetime] = Column(Instant, nullable=False)
    merged_id: Named[int | None] = Column(ForeignKey("stories.id"))


stories = Table("stories", metadata, _Stories, Index(None, "representative_id"), sqlite_autoincrement=True)


class _Members(TypedColumns):
    """An article that is in no story is one of its own. by_hand: a person put it there."""

    article_id: Named[int] = Column(ForeignKey("articles.id"), primary_key=True)
    story_id: Named[int] = Column(ForeignKey("stories.id"), nullable=False)
    by_hand: Named[bool] = Column(server_default=false())


members = Table("members", metadata, _Members, Index(None, "story_id"))


class _Likenesses(TypedColumns):
    """What an article is to an older one, and the evidence; shares are of shingles, agreement of numbers and names."""

    article_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    other_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    relation: Named[str]
    share: Named[float]
    share_of_other: Named[float]
    agreement: Named[float]
    passages: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    at: Named[datetime] = Column(Instant, nullable=False)


likenesses = Table(
    "likenesses", metadata, _Likenesses, PrimaryKeyConstraint("article_id", "other_id"), Index(None, "other_id")
)


class _Rulings(TypedColumns):
    """What a person said of two articles, the lower id first."""

    low_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    high_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    is_one: Named[bool]
    at: Named[datetime] = Column(Instant, nullable=False)


rulings = Table("rulings", metadata, _Rulings, PrimaryKeyConstraint("low_id", "high_id"), Index(None, "high_id"))


class _Fingerprints(TypedColumns):
    """By which scheme an article's shingles were made, how many distinct ones it has, and how many were sampled."""

    article_id: Named[int] = Column(ForeignKey("articles.id"), primary_key=True)
    scheme: Named[int]
    shingles: Named[int]
    sampled: Named[int]


fingerprints = Table("fingerprints", metadata, _Fingerprints)


class _Shingles(TypedColumns):
    """The sampled shingles of all articles. No foreign key: to hold each row against one costs as much as the row."""

    digest: Named[int] = Column(BigInteger, nullable=False)
    article_id: Named[int]


shingles = Table("shingles", metadata, _Shingles, PrimaryKeyConstraint("digest", "article_id"), sqlite_with_rowid=False)


class _Absences(TypedColumns):
    """Times at which an article's page was not there, and what the first and the last visit were told.

    That it was withdrawn for certain and that it came back after that are turns, counted through over all articles.
    """

    id: Named[int] = Column(Integer, primary_key=True)
    article_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    missing_since: Named[datetime] = Column(Instant, nullable=False)
    last_missing: Named[datetime] = Column(Instant, nullable=False)
    visits: Named[int]
    reason: Named[str]
    detail: Named[str]
    gone_since: Named[datetime | None] = Column(Instant)
    returned_at: Named[datetime | None] = Column(Instant)
    first_capture_id: Named[int | None] = Column(ForeignKey("captures.id"))
    last_capture_id: Named[int | None] = Column(ForeignKey("captures.id"))
    gone_turn: Named[int | None]
    return_turn: Named[int | None]


absences = Table(
    "absences",
    metadata,
    _Absences,
    Index(None, "article_id"),
    Index(None, "gone_turn"),
    Index(None, "return_turn"),
    sqlite_autoincrement=True,
)
Index(
    "uq_absences_open",
    absences.c.article_id,
    unique=True,
    sqlite_where=absences.c.returned_at.is_(None),  # the migration says it for PostgreSQL too: here it would load that
)


class _Flickers(TypedColumns):
    """An article whose page shows two states in turn; times counts the changes that made no revision.

    in_row counts those of them since the page last showed the state that is held.
    """

    article_id: Named[int] = Column(ForeignKey("articles.id"), primary_key=True)
    since: Named[datetime] = Column(Instant, nullable=False)
    last_at: Named[datetime] = Column(Instant, nullable=False)
    times: Named[int]
    in_row: Named[int]


flickers = Table("flickers", metadata, _Flickers)
