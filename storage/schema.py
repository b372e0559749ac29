"""The tables. Ids that leave this room come from a sequence that never gives one twice (AUTOINCREMENT).

Triggers and full-text tables are not here: the migrations make them, fts5.py asks them.
"""

from datetime import datetime

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Named,
    PrimaryKeyConstraint,
    Table,
    TypedColumns,
    UniqueConstraint,
    false,
    true,
)

from storage.columns import Instant, Strings

HEAD = "0009"
"""The revision that this program writes: the newest in migrations/versions."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class _Written(TypedColumns):
    """What a revision and an article have in common; an offset is in seconds ahead of UTC."""

    url: Named[str]
    title: Named[str]
    text: Named[str]
    notes: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    published_at: Named[datetime | None] = Column(Instant)
    published_offset: Named[int | None]
    modified_at: Named[datetime | None] = Column(Instant)
    modified_offset: Named[int | None]
    fetched_at: Named[datetime] = Column(Instant, nullable=False)
    layout: Named[str]


class _Articles(_Written):
    """dated_at is published_at, or first_seen where there is none: what lists of articles are ordered by.

    corrections is the number of revisions with `correction`, so that lists of articles need not count them.
    """

    id: Named[int] = Column(Integer, primary_key=True)
    source: Named[str]
    key: Named[str]
    authors: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    language: Named[str]
    section: Named[str]
    kind: Named[str]
    links: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    remarks: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    revision: Named[int]
    first_seen: Named[datetime] = Column(Instant, nullable=False)
    dated_at: Named[datetime] = Column(Instant, nullable=False)
    missing_since: Named[datetime | None] = Column(Instant)
    gone_since: Named[datetime | None] = Column(Instant)
    work: Named[str] = Column(server_default="")
    corrections: Named[int] = Column(server_default="0")
    tags: Named[tuple[str, ...]] = Column(Strings, nullable=False, server_default="[]")
    dateline: Named[str] = Column(server_default="")
    credits: Named[tuple[str, ...]] = Column(Strings, nullable=False, server_default="[]")


articles = Table(
    "articles",
    metadata,
    _Articles,
    UniqueConstraint("source", "key"),
    Index(None, "dated_at"),
    Index(None, "source", "dated_at"),
    Index(None, "source", "first_seen"),
    Index(None, "source", "work"),
    sqlite_autoincrement=True,
)


class _Captures(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    file: Named[str]
    offset: Named[int]
    length: Named[int]
    digest: Named[str]
    at: Named[datetime] = Column(Instant, nullable=False)


captures = Table("captures", metadata, _Captures, UniqueConstraint("file", "offset", "digest"))


class _Revisions(_Written):
    article_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    number: Named[int]
    text_hash: Named[str]
    content_hash: Named[str]
    capture_id: Named[int | None] = Column(ForeignKey("captures.id"))
    correction: Named[bool] = Column(server_default=false())


revisions = Table(
    "revisions",
    metadata,
    _Revisions,
    PrimaryKeyConstraint("article_id", "number"),
    Index(None, "text_hash", "article_id"),
)


class _Copies(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    article_id: Named[int] = Column(ForeignKey("articles.id"), nullable=False)
    source: Named[str]
    url: Named[str]
    seen_at: Named[datetime] = Column(Instant, nullable=False)
    title: Named[str] = Column(server_default="")
    published_at: Named[datetime | None] = Column(Instant)
    published_offset: Named[int | None]


copies = Table("copies", metadata, _Copies, UniqueConstraint("article_id", "source", "url"))


class _Runs(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    source: Named[str]
    trigger: Named[str]
    started_at: Named[datetime] = Column(Instant, nullable=False)
    finished_at: Named[datetime | None] = Column(Instant)
    status: Named[str]
    error: Named[str]


runs = Table("runs", metadata, _Runs, Index(None, "source"), Index(None, "source", "status"), sqlite_autoincrement=True)


class _Outcomes(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    run_id: Named[int] = Column(ForeignKey("runs.id"), nullable=False)
    url: Named[str]
    what: Named[str]
    reason: Named[str]
    detail: Named[str]
    article_id: Named[int | None] = Column(ForeignKey("articles.id"))
    at: Named[datetime] = Column(Instant, nullable=False)


outcomes = Table("outcomes", metadata, _Outcomes, Index(None, "run_id"))


class _Addresses(TypedColumns):
    """missing counts the visits in a row that found no page; from listing on, what a listing said of it last."""

    id: Named[int] = Column(Integer, primary_key=True)
    source: Named[str]
    key: Named[str]
    url: Named[str]
    first_seen: Named[datetime] = Column(Instant, nullable=False)
    visits: Named[int]
    failures: Named[int]
    last_visit: Named[datetime | None] = Column(Instant)
    next_visit: Named[datetime | None] = Column(Instant)
    article_id: Named[int | None] = Column(ForeignKey("articles.id"))
    missing: Named[int] = Column(server_default="0")
    listing: Named[str] = Column(server_default="")
    title: Named[str] = Column(server_default="")
    summary: Named[str] = Column(server_default="")
    published_at: Named[datetime | None] = Column(Instant)
    published_offset: Named[int | None]
    is_relevant: Named[bool] = Column(server_default=false())


addresses = Table(
    "addresses",
    metadata,
    _Addresses,
    UniqueConstraint("source", "key"),
    Index(None, "source", "next_visit"),
    Index(None, "article_id"),
    Index(None, "url"),
)


class _Aliases(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    address_id: Named[int] = Column(ForeignKey("addresses.id"), nullable=False)
    url: Named[str]
    seen_at: Named[datetime] = Column(Instant, nullable=False)


aliases = Table("aliases", metadata, _Aliases, UniqueConstraint("address_id", "url"), Index(None, "url"))


class _Sightings(TypedColumns):
    """source is that of the address: with it, one index finds what of a listing a run has (not) seen.

    settled: a run that read the listing to its end has seen the address in it, see Sources.unsettled. listed: no run
    that read all of the listing has missed the address in it since it was seen there, see Sources.vanished.
    """

    address_id: Named[int] = Column(ForeignKey("addresses.id"), nullable=False)
    listing: Named[str]
    signature: Named[str]
    seen_run: Named[int] = Column(ForeignKey("runs.id"), nullable=False)
    settled: Named[bool]
    source: Named[str] = Column(server_default="")
    listed: Named[bool] = Column(server_default=true())


sightings = Table(
    "sightings",
    metadata,
    _Sightings,
    PrimaryKeyConstraint("address_id", "listing"),
    Index(None, "source", "listing", "settled", "listed", "seen_run"),
    Index(None, "seen_run"),
)


class _Failures(TypedColumns):
    """The feeds and sitemaps that could not be read when they were last asked; failures counts these in a row."""

    source: Named[str]
    url: Named[str]
    failures: Named[int]
    failed_at: Named[datetime] = Column(Instant, nullable=False)
    next_try: Named[datetime | None] = Column(Instant)


listing_failures = Table(
    "listing_failures",
    metadata,
    _Failures,
    PrimaryKeyConstraint("source", "url"),
    Index(None, "source", "next_try"),
)


class _Marks(TypedColumns):
    """How far back into a listing's pages was read for a period. An open end of it is the first or last moment."""

    source: Named[str]
    listing: Named[str]
    since: Named[datetime] = Column(Instant, nullable=False)
    until: Named[datetime] = Column(Instant, nullable=False)
    page: Named[int]
    at: Named[datetime] = Column(Instant, nullable=False)


listing_marks = Table("listing_marks", metadata, _Marks, PrimaryKeyConstraint("source", "listing", "since", "until"))


class _Validators(TypedColumns):
    source: Named[str]
    url: Named[str]
    etag: Named[str]
    last_modified: Named[str]
    full_at: Named[datetime] = Column(Instant, nullable=False)
    made_by: Named[str]


validators = Table("validators", metadata, _Validators, PrimaryKeyConstraint("source", "url"))


class _Incidents(TypedColumns):
    id: Named[int] = Column(Integer, primary_key=True)
    source: Named[str]
    host: Named[str]
    reason: Named[str]
    detail: Named[str]
    opened_at: Named[datetime] = Column(Instant, nullable=False)
    until: Named[datetime] = Column(Instant, nullable=False)
    times: Named[int]
    closed_at: Named[datetime | None] = Column(Instant)


incidents = Table("incidents", metadata, _Incidents, sqlite_autoincrement=True)
Index(
    "uq_incidents_open",
    incidents.c.source,
    incidents.c.host,
    unique=True,
    sqlite_where=incidents.c.closed_at.is_(None),  # the migration says it for PostgreSQL too: here it would load that
)


class _Robots(TypedColumns):
    host: Named[str] = Column(primary_key=True)
    status: Named[int]
    body: Named[bytes]
    fetched_at: Named[datetime] = Column(Instant, nullable=False)
    expires_at: Named[datetime] = Column(Instant, nullable=False)


robots = Table("robots", metadata, _Robots)
