"""The troubles of operation and what was reported of them: at most one trouble is open for a subject."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from core.trouble import Event, Gravity, Report, Subject, Trouble
from storage.schema_troubles import reports, troubles


class Troubles:
    """The troubles of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self) -> tuple[Trouble, ...]:
        """Return the troubles that are not over, oldest first."""
        found = self._connection.execute(select(troubles).where(troubles.c.ended_at.is_(None)))
        return tuple(sorted(map(_trouble, found), key=lambda trouble: trouble.id))

    def recent(self, limit: int) -> tuple[Trouble, ...]:
        """Return the troubles opened last, open or over, newest first."""
        found = self._connection.execute(select(troubles).order_by(troubles.c.id.desc()).limit(limit))
        return tuple(map(_trouble, found))

    def by_id(self, trouble_id: int) -> Trouble | None:
        """Return a trouble."""
        row = self._connection.execute(select(troubles).where(troubles.c.id == trouble_id)).first()
        return _trouble(row) if row else None

    def ends(self, since: datetime) -> dict[Subject, datetime]:
        """Return when the newest trouble of each subject ended, of those that ended after a moment."""
        question = (
            select(troubles.c.part, troubles.c.name, func.max(troubles.c.ended_at).label("ended"))
            .where(troubles.c.ended_at > since)
            .group_by(troubles.c.part, troubles.c.name)
        )
        return {Subject(row.part, row.name): row.ended for row in self._connection.execute(question)}

    def keep(self, trouble: Trouble) -> int:
        """Record a new trouble, or how an old one stands now; return its id."""
        values: dict[str, Any] = {"cause": trouble.cause, "gravity": int(trouble.gravity), "reasons": trouble.reasons}
        values |= {"told": _written(trouble), "worst": int(trouble.worst), "reported_at": trouble.reported_at}
        values |= {"well_since": trouble.well_since, "ended_at": trouble.ended_at}
        if trouble.id:
            self._connection.execute(update(troubles).where(troubles.c.id == trouble.id).values(values))
            return trouble.id
        values |= {"part": trouble.subject.part, "name": trouble.subject.name, "opened_at": trouble.opened_at}
        return self._connection.execute(insert(troubles).values(values).returning(troubles.c.id)).scalar_one()

    def report(self, trouble: Trouble, trouble_id: int, event: Event, at: datetime) -> None:
        """Record something of which the operator is to be told."""
        values: dict[str, Any] = {"trouble_id": trouble_id, "event": event.value, "cause": trouble.cause}
        values |= {"reasons": trouble.reasons, "at": at}
        self._connection.execute(insert(reports).values(values))

    def untold(self) -> tuple[Report, ...]:
        """Return the reports that no message has yet, oldest first."""
        return self._reports(reports.c.told_at.is_(None))

    def last_told(self) -> datetime | None:
        """Return when reports were last put into a message that somebody gets; None: never."""
        question = select(func.max(reports.c.told_at)).where(reports.c.message > 0)
        return self._connection.execute(question).scalar()

    def tell(self, found: Iterable[Report], message: int, at: datetime) -> None:
        """Record that reports are in a message; 0: nobody is to be told of them."""
        ids = [report.id for report in found]
        self._connection.execute(update(reports).where(reports.c.id.in_(ids)).values(told_at=at, message=message))

    def message(self, number: int) -> tuple[Report, ...]:
        """Return the reports of a message, oldest first."""
        return self._reports(reports.c.message == number)

    def reports_of(self, trouble_id: int) -> tuple[Report, ...]:
        """Return what was reported of a trouble, oldest first."""
        return self._reports(reports.c.trouble_id == trouble_id)

    def _reports(self, which: Any) -> tuple[Report, ...]:  # noqa: ANN401  # a condition of SQLAlchemy
        found = self._connection.execute(select(reports).where(which).order_by(reports.c.id)).all()
        ids = {row.trouble_id for row in found}
        rows = self._connection.execute(select(troubles).where(troubles.c.id.in_(ids)))
        known = {trouble.id: trouble for trouble in map(_trouble, rows)}
        return tuple(_report(row, known[row.trouble_id]) for row in found)


_SINCE = "\t"
"""Between what was told and since when it is away, in one string of the column."""


def _written(trouble: Trouble) -> tuple[str, ...]:
    away = {name: f"{_SINCE}{since.isoformat()}" for name, since in trouble.away}
    return tuple(f"{name}{away.get(name, '')}" for name in trouble.told)


def _trouble(row: Row[*tuple[Any, ...]]) -> Trouble:
    told = [each.partition(_SINCE) for each in row.told]
    return Trouble(
        subject=Subject(row.part, row.name),
        cause=row.cause,
        gravity=Gravity(row.gravity),
        reasons=row.reasons,
        opened_at=row.opened_at,
        told=tuple(name for name, _, _ in told),
        worst=Gravity(row.worst),
        reported_at=row.reported_at,
        well_since=row.well_since,
        ended_at=row.ended_at,
        id=row.id,
        away=tuple((name, datetime.fromisoformat(since)) for name, _, since in told if since),
    )


def _report(row: Row[*tuple[Any, ...]], trouble: Trouble) -> Report:
    return Report(row.id, trouble, Event(row.event), row.cause, row.reasons, row.at, row.told_at, row.message)
