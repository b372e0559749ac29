"""What the corpus tells of past runs: lists of them, what they brought, how many there were, how much came when."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, and_, exists, func, not_, or_, select

from core.health import Alarm, Meter
from core.model import Reason, Run, Tally
from storage.meters import alarm_of
from storage.portions import in_portions
from storage.runs import LISTING, of_whole, run_of
from storage.schema import addresses, articles, outcomes, runs
from storage.schema_health import alarms, meters

_BAD = ("failed", "killed")
_ENDED = ("finished", *_BAD)  # stopped: somebody asked for it


class History:
    """The past runs of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def runs(self, limit: int, source: str | None = None, *, bad: bool = False, whole: bool = False) -> tuple[Run, ...]:
        """Return the newest runs, newest first: of a source, if so asked.

        bad: only those that failed or were killed; whole: only those that were to look at all of their source.
        """
        question = select(runs).where(*of_whole(whole)).order_by(runs.c.id.desc()).limit(limit)
        if source is not None:
            question = question.where(runs.c.source == source)
        if bad:
            question = question.where(runs.c.status.in_(_BAD))
        return tuple(run_of(row) for row in self._connection.execute(question))

    def first_good(self, source: str) -> datetime | None:
        """Return when the first run of a source ended that ended well, of those that are kept; None without any."""
        question = select(runs.c.finished_at).where(runs.c.source == source, runs.c.status == "finished")
        return self._connection.execute(question.order_by(runs.c.id).limit(1)).scalar()

    def pauses(self, source: str, since: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Return the stretches of more than a day between two good runs of a source, oldest first.

        They are told by the ends of these runs, where the second ended at a moment or later.
        """
        ended = runs.c.finished_at
        good = runs.c.source == source, runs.c.status == "finished"
        before = select(func.max(ended)).where(*good, ended < since).scalar_subquery()
        # Between the last of a day and the first of another lies every stretch that is longer than a day.
        question = select(func.min(ended), func.max(ended)).where(*good, ended >= func.coalesce(before, ended))
        found = self._connection.execute(question.group_by(func.date(ended)))
        days = sorted((first, last) for first, last in found if first and last)
        between = [(last, first) for (_, last), (first, _) in pairwise(days)]
        return tuple((last, first) for last, first in between if first - last > timedelta(days=1))

    def asked(self, source: str, gone: Collection[Reason], *, whole: bool = False) -> int | None:
        """Return the newest run of a source (`whole`: that was to look at all) that ended and asked for pages, or None.

        What was left out as irrelevant is no such page, nor is one that is gone (skipped for these reasons) where its
        article is held: it was withdrawn, which says nothing of the other pages.
        """
        held = exists().where(
            addresses.c.source == source, addresses.c.url == outcomes.c.url, addresses.c.article_id.is_not(None)
        )
        page = exists().where(
            outcomes.c.run_id == runs.c.id,
            outcomes.c.what != LISTING,
            outcomes.c.reason != Reason.IRRELEVANT,
            not_(and_(outcomes.c.reason.in_(gone), held)),
        )
        ended = runs.c.source == source, runs.c.status.in_(_ENDED), *of_whole(whole)
        question = select(runs.c.id).where(*ended, page)
        return self._connection.execute(question.order_by(runs.c.id.desc()).limit(1)).scalar()

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

    def ahead(self, limit: datetime) -> datetime | None:
        """Return the newest moment, after a limit, at which a run began or ended; None where that says nothing.

        It says nothing where more runs came after the last of these than there are of them: another clock noted these.
        """
        is_ahead = or_(runs.c.started_at > limit, runs.c.finished_at > limit)
        question = select(
            func.count(), func.max(runs.c.id), func.max(runs.c.started_at), func.max(runs.c.finished_at)
        ).where(is_ahead)
        number, last, began, ended = self._connection.execute(question).one()
        if not number:
            return None
        since = self._connection.execute(select(func.count()).where(runs.c.id > last)).scalar_one()
        return None if since > number else max(moment for moment in (began, ended) if moment)
