"""What the corpus tells of past runs: lists of them, what they brought, how many there were, how much came when."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.health import Alarm, Meter
from core.model import Run, Tally
from storage.meters import alarm_of
from storage.portions import in_portions
from storage.runs import LISTING, run_of
from storage.schema import articles, outcomes, runs
from storage.schema_health import alarms, meters

_BAD = ("failed", "killed")


class History:
    """The past runs of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def runs(self, limit: int, source: str | None = None, *, bad: bool = False) -> tuple[Run, ...]:
        """Return the newest runs, newest first: of a source, and only those that failed or were killed, if so asked."""
        question = select(runs).order_by(runs.c.id.desc()).limit(limit)
        if source is not None:
            question = question.where(runs.c.source == source)
        if bad:
            question = question.where(runs.c.status.in_(_BAD))
        return tuple(run_of(row) for row in self._connection.execute(question))

    def tallies(self, run_ids: Iterable[int]) -> dict[int, Tally]:
        """Return what became of the pages of each of some runs; one without any outcome is not in it."""
        found: dict[int, tuple[dict[str, int], dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}, {}))
        for portion in in_portions(run_ids):
            question = (
                select(outcomes.c.run_id, outcomes.c.what, outcomes.c.reason, func.count())
                .where(outcomes.c.run_id.in_(portion))
                .group_by(outcomes.c.run_id, outcomes.c.what, outcomes.c.reason)
                .order_by(outcomes.c.run_id, outcomes.c.what, outcomes.c.reason)
            )
            for run_id, what, reason, count in self._connection.execute(question):
                names, reasons, listings = found[run_id]
                if what == LISTING:
                    listings[reason] = count
                    continue
                names[what] = names.get(what, 0) + count
                if reason:
                    reasons[reason] = reasons.get(reason, 0) + count
        return {run_id: Tally(*counts) for run_id, counts in found.items()}

    def sources(self, run_ids: Iterable[int]) -> dict[int, str]:
        """Return the source of each of some runs; one that does not exist is not in it."""
        found: dict[int, str] = {}
        for portion in in_portions(run_ids):
            question = select(runs.c.id, runs.c.source).where(runs.c.id.in_(portion))
            found.update({row.id: row.source for row in self._connection.execute(question)})
        return found

    def counts(self) -> dict[tuple[str, str], int]:
        """Return how many runs there are, by source and status."""
        question = select(runs.c.source, runs.c.status, func.count()).group_by(runs.c.source, runs.c.status)
        return {(source, status): count for source, status, count in self._connection.execute(question)}

    def meter(self, run_id: int) -> Meter | None:
        """Return how the texts of a run came out; None where it brought none."""
        row = self._connection.execute(select(meters).where(meters.c.run_id == run_id)).first()
        return Meter(row.run_id, row.texts, row.counts, row.missed) if row else None

    def alarms(self, run_id: int) -> tuple[Alarm, ...]:
        """Return the alarms that began with a run, open or over."""
        question = select(alarms).where(alarms.c.run_id == run_id).order_by(alarms.c.id)
        return tuple(alarm_of(row) for row in self._connection.execute(question))

    def dated(self, source: str, since: datetime, until: datetime) -> tuple[int, datetime | None]:
        """Return how many articles of a source are dated from one moment to another, and the first date among them."""
        question = select(func.count(), func.min(articles.c.dated_at)).where(
            articles.c.source == source, articles.c.dated_at >= since, articles.c.dated_at < until
        )
        count, first = self._connection.execute(question).one()
        return count, first

    def came(self, since: datetime) -> dict[str, int]:
        """Return how many articles were first seen from a moment on, by source; one without any is not in it."""
        question = select(articles.c.source, func.count()).where(articles.c.first_seen >= since)
        found = self._connection.execute(question.group_by(articles.c.source))
        return {row[0]: row[1] for row in found}

    def newest_moment(self) -> datetime | None:
        """Return the newest moment at which anything was done: a run began or ended; None where nothing was."""
        found = self._connection.execute(select(func.max(runs.c.started_at), func.max(runs.c.finished_at))).one()
        return max((moment for moment in found if moment), default=None)
