"""The tables of the operator's alarms: troubles, what was reported of them, and the daemon's jobs that fail."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, Named, Table, TypedColumns

from storage.columns import Instant, Strings
from storage.schema import metadata


class _Troubles(TypedColumns):
    """See core.trouble.Trouble; name is empty for a part of the machine. told holds what is `away` there, too."""

    id: Named[int] = Column(Integer, primary_key=True)
    part: Named[str]
    name: Named[str]
    cause: Named[str]
    gravity: Named[int]
    reasons: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    opened_at: Named[datetime] = Column(Instant, nullable=False)
    told: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    worst: Named[int]
    reported_at: Named[datetime] = Column(Instant, nullable=False)
    well_since: Named[datetime | None] = Column(Instant)
    ended_at: Named[datetime | None] = Column(Instant)


troubles = Table("troubles", metadata, _Troubles, sqlite_autoincrement=True)
Index("uq_troubles_open", troubles.c.part, troubles.c.name, unique=True, sqlite_where=troubles.c.ended_at.is_(None))


class _Reports(TypedColumns):
    """What the operator is told of a trouble; message is the id of the first of those that leave together."""

    id: Named[int] = Column(Integer, primary_key=True)
    trouble_id: Named[int] = Column(ForeignKey("troubles.id"), nullable=False)
    event: Named[str]
    cause: Named[str]
    reasons: Named[tuple[str, ...]] = Column(Strings, nullable=False)
    at: Named[datetime] = Column(Instant, nullable=False)
    told_at: Named[datetime | None] = Column(Instant)
    message: Named[int | None]


reports = Table(
    "reports",
    metadata,
    _Reports,
    Index(None, "trouble_id"),
    Index(None, "told_at"),
    Index(None, "message"),
    sqlite_autoincrement=True,
)


class _JobFailures(TypedColumns):
    """The daemon's jobs of which the newest time failed or was missed; times counts these in a row."""

    name: Named[str] = Column(primary_key=True)
    what: Named[str]
    error: Named[str]
    since: Named[datetime] = Column(Instant, nullable=False)
    at: Named[datetime] = Column(Instant, nullable=False)
    times: Named[int]


job_failures = Table("job_failures", metadata, _JobFailures)
