"""The incidents: trouble with a host of a source, at most one open at a time for each."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from core.health import Incident
from core.model import Reason
from storage import upserts
from storage.schema import incidents


class Incidents:
    """The incidents of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(self, source: str, host: str, reason: Reason, detail: str, until: datetime, now: datetime) -> Incident:
        """Record trouble with a host: a new incident, or one more time of the open one, which then tells the newest."""
        told = {"reason": reason.value, "detail": detail, "until": until}
        statement = (
            upserts.insert(incidents)
            .values(source=source, host=host, opened_at=now, times=1, **told)
            .on_conflict_do_update(
                index_elements=["source", "host"],
                index_where=incidents.c.closed_at.is_(None),
                set_=told | {"times": incidents.c.times + 1},
            )
        )
        return _incident(self._connection.execute(statement.returning(incidents)).one())

    def open(self, source: str | None = None) -> tuple[Incident, ...]:
        """Return the open incidents of a source, or of all, oldest first."""
        question = select(incidents).where(incidents.c.closed_at.is_(None))
        found = self._read(question if source is None else question.where(incidents.c.source == source))
        # Not ordered by the database, which would walk through all incidents in that order for it.
        return tuple(sorted(found, key=lambda incident: incident.id))

    def close(self, source: str, host: str, now: datetime) -> bool:
        """Record that a host has answered again; False if no incident was open."""
        statement = (
            update(incidents)
            .where(incidents.c.source == source, incidents.c.host == host, incidents.c.closed_at.is_(None))
            .values(closed_at=now)
        )
        return self._connection.execute(statement.returning(incidents.c.id)).first() is not None

    def recent(self, limit: int) -> tuple[Incident, ...]:
        """Return the incidents opened last, open or closed, newest first."""
        return self._read(select(incidents).order_by(incidents.c.id.desc()).limit(limit))

    def _read(self, question: Select[*tuple[Any, ...]]) -> tuple[Incident, ...]:
        return tuple(_incident(row) for row in self._connection.execute(question))


def _incident(row: Row[*tuple[Any, ...]]) -> Incident:
    return Incident(
        id=row.id,
        source=row.source,
        host=row.host,
        reason=Reason(row.reason),
        detail=row.detail,
        opened_at=row.opened_at,
        until=row.until,
        times=row.times,
        closed_at=row.closed_at,
    )
