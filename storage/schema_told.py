"""The tables of what people are told: rules met, messages owed, what digests cover, and who reads them."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, Named, Table, TypedColumns, UniqueConstraint, false

from storage.columns import Instant, Spans
from storage.schema import metadata


class _Matches(TypedColumns):
    """A rule met on an occasion: event says of what kind, occasion which one (turn:3, copy:7).

    For a new text and an edit the occasion is empty: by these an article meets a rule once. told: people were to hear
    of it; of a story they hear once a rule.
    """

    id: Named[int] = Column(Integer, primary_key=True)
    article_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    revision: Named[int]
    rule: Named[str]
    passage: Named[str]
    spans: Named[tuple[tuple[int, int], ...]] = Column(Spans, nullable=False)
    at: Named[datetime] = Column(Instant, nullable=False)
    late: Named[bool] = Column(server_default=false())
    event: Named[str] = Column(server_default="new")
    occasion: Named[str] = Column(server_default="")
    told: Named[bool] = Column(server_default=false())


matches = Table(
    "matches", metadata, _Matches, UniqueConstraint("article_id", "rule", "occasion"), sqlite_autoincrement=True
)


class _Deliveries(TypedColumns):
    """subscriber is the name of a reader, "" for the readers of `alerts` and `digest`.

    merged_id is set where a message became part of another, which is sent in its place. origin is the identity of the
    corpus that owed it, "" before corpora had one.
    """

    id: Named[int] = Column(Integer, primary_key=True)
    key: Named[str] = Column(unique=True)
    kind: Named[str]
    ref: Named[int]
    created_at: Named[datetime] = Column(Instant, nullable=False)
    attempts: Named[int]
    next_attempt: Named[datetime] = Column(Instant, nullable=False)
    leased_until: Named[datetime | None] = Column(Instant)
    sent_at: Named[datetime | None] = Column(Instant)
    given_up_at: Named[datetime | None] = Column(Instant)
    error: Named[str]
    subscriber: Named[str] = Column(server_default="")
    merged_id: Named[int | None] = Column(ForeignKey("deliveries.id"))
    origin: Named[str] = Column(server_default="")


deliveries = Table(
    "deliveries",
    metadata,
    _Deliveries,
    Index(None, "sent_at", "given_up_at", "next_attempt"),
    Index(None, "subscriber", "sent_at"),
    Index(None, "merged_id"),
    sqlite_autoincrement=True,
)


class _Told(TypedColumns):
    """The keys of alerts whose deliveries were forgotten: who was told of a story once is not told of it again."""

    key: Named[str] = Column(primary_key=True)


told = Table("told", metadata, _Told, sqlite_with_rowid=False)


class _Identity(TypedColumns):
    """Which corpus this is: one row, made by chance with it, and made anew when a backup is put back."""

    value: Named[str] = Column(primary_key=True)


identity = Table("identity", metadata, _Identity)


class _Digests(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    after: Named[int]
    upto: Named[int]
    since: Named[datetime | None] = Column(Instant)
    created_at: Named[datetime] = Column(Instant, nullable=False)
    turns_after: Named[int] = Column(server_default="0")
    turns_upto: Named[int] = Column(server_default="0")
    subscriber: Named[str] = Column(server_default="")
    changes_after: Named[int] = Column(server_default="0")
    changes_upto: Named[int] = Column(server_default="0")


digests = Table(
    "digests", metadata, _Digests, Index(None, "upto"), Index(None, "subscriber", "id"), sqlite_autoincrement=True
)


class _Changes(TypedColumns):
    """What happened to articles that are held, in the order in which the corpus learnt of it.

    what is edit (number: that of the revision), copy (of the row in copies), or match (of the row in matches: a rule
    that was met without an alert).
    """

    id: Named[int] = Column(Integer, primary_key=True)
    what: Named[str]
    article_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    number: Named[int]
    at: Named[datetime] = Column(Instant, nullable=False)


changes = Table("changes", metadata, _Changes, Index(None, "article_id"), sqlite_autoincrement=True)


class _Feedback(TypedColumns):
    """What a person said of a match: good or noise."""

    match_id: Named[int] = Column(ForeignKey("matches.id"), primary_key=True)
    verdict: Named[str]
    at: Named[datetime] = Column(Instant, nullable=False)


feedback = Table("feedback", metadata, _Feedback)


class _Subscribers(TypedColumns):
    """Since when a subscriber is known, how far the corpus had come then, and since when no more is wanted."""

    name: Named[str] = Column(primary_key=True)
    joined_at: Named[datetime] = Column(Instant, nullable=False)
    articles_after: Named[int]
    turns_after: Named[int]
    changes_after: Named[int]
    left_at: Named[datetime | None] = Column(Instant)


subscribers = Table("subscribers", metadata, _Subscribers)


class _Jobs(TypedColumns):
    name: Named[str] = Column(primary_key=True)
    done_at: Named[datetime] = Column(Instant, nullable=False)


jobs = Table("jobs", metadata, _Jobs)
