"""The tables of what is learnt of a site's lines, and of how well its texts come out."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Named, PrimaryKeyConstraint, Table, TypedColumns

from storage.columns import Counts, Instant
from storage.schema import metadata


class _Headlines(TypedColumns):
    """digest is that of a line, see passages.digest_of; is_teaser: it is the summary of the item, in a listing."""

    source: Named[str]
    digest: Named[int] = Column(BigInteger, nullable=False)
    key: Named[str]
    is_teaser: Named[bool]


headlines = Table("headlines", metadata, _Headlines, PrimaryKeyConstraint("source", "digest", "key", "is_teaser"))


class _Lines(TypedColumns):
    """On how many texts a line stood; a turn is the number of a text in the order in which its source's were learnt."""

    source: Named[str]
    digest: Named[int] = Column(BigInteger, nullable=False)
    pages: Named[int]
    first_turn: Named[int]
    last_turn: Named[int]
    last_at: Named[datetime] = Column(Instant, nullable=False)


lines = Table("lines", metadata, _Lines, PrimaryKeyConstraint("source", "digest"))


class _Turns(TypedColumns):
    source: Named[str] = Column(primary_key=True)
    turn: Named[int]


turns = Table("turns", metadata, _Turns)


class _Meters(TypedColumns):
    run_id: Named[int] = Column(ForeignKey("runs.id"), primary_key=True)
    source: Named[str]
    texts: Named[int]
    counts: Named[dict[str, int]] = Column(Counts, nullable=False)
    missed: Named[dict[str, int]] = Column(Counts, nullable=False)


meters = Table("meters", metadata, _Meters, Index(None, "source", "run_id"))


class _Alarms(TypedColumns):
    id: Named[int] = Column(primary_key=True)
    source: Named[str]
    what: Named[str]
    detail: Named[str]
    opened_at: Named[datetime] = Column(Instant, nullable=False)
    times: Named[int]
    run_id: Named[int]
    closed_at: Named[datetime | None] = Column(Instant)


alarms = Table("alarms", metadata, _Alarms, sqlite_autoincrement=True)
Index("uq_alarms_open", alarms.c.source, alarms.c.what, unique=True, sqlite_where=alarms.c.closed_at.is_(None))
