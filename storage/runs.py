"""The runs: each crawl of a site, and what became of every page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from core.model import Outcome, Run, Skipped, Tally, outcome_name
from storage.schema import outcomes, runs

SCHEDULE, MANUAL, PART = "schedule", "manual", "part"
"""What a run was begun by: the daemon, or by hand, for all that a source has or for a part of it alone."""
LISTING = "listing"
"""What a feed, sitemap or listing page that could not be read is recorded as: it is no page of an article."""


def of_whole(whole: bool) -> tuple[ColumnElement[bool], ...]:
    """Return what runs are asked for: where `whole` is true, that they were to look at all of their source."""
    return (runs.c.trigger != PART,) if whole else ()


class Runs:
    """The runs of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def start(self, source: str, trigger: str, now: datetime) -> int:
        """Record that a crawl starts; return its id. Runs of the source still called running were killed."""
        killed = (
            update(runs)
            .where(runs.c.source == source, runs.c.status == "running")
            .values(status="killed", finished_at=now)
        )
        self._connection.execute(killed)
        started = insert(runs).values(source=source, trigger=trigger, started_at=now, status="running", error="")
        return self._connection.execute(started.returning(runs.c.id)).scalar_one()

    def record(  # this is what an outcome consists of
        self, run_id: int, url: str, outcome: Outcome, at: datetime, *, detail: str = "", is_listing: bool = False
    ) -> None:
        """Record what became of one page, or of a feed, sitemap or listing page that could not be read.

        detail is what is to be said of a page that was not skipped.
        """
        article_id = None if isinstance(outcome, Skipped) else outcome.article_id
        row = {
            "run_id": run_id,
            "url": url,
            "what": LISTING if is_listing else outcome_name(outcome),
            "reason": outcome.reason.value if isinstance(outcome, Skipped) else "",
            "detail": outcome.detail if isinstance(outcome, Skipped) else detail,
            "article_id": article_id,
            "at": at,
        }
        self._connection.execute(insert(outcomes), row)

    def finish(self, run_id: int, status: str, now: datetime, error: str = "") -> None:
        """Record how a run ended: finished, stopped, failed or killed, and of what."""
        statement = update(runs).where(runs.c.id == run_id).values(status=status, finished_at=now, error=error)
        self._connection.execute(statement)

    def tally(self, run_ids: Sequence[int]) -> Tally:
        """Return what became of the pages of some runs together; names and reasons that never came are not in it."""
        pages = func.count()
        question = (
            select(outcomes.c.what, outcomes.c.reason, pages)
            .where(outcomes.c.run_id.in_(run_ids))
            .group_by(outcomes.c.what, outcomes.c.reason)
            .order_by(outcomes.c.what, outcomes.c.reason)
        )
        names: dict[str, int] = {}
        reasons: dict[str, int] = {}
        listings: dict[str, int] = {}
        for what, reason, count in self._connection.execute(question):
            if what == LISTING:
                listings[reason] = count
                continue
            names[what] = names.get(what, 0) + count
            if reason:
                reasons[reason] = reasons.get(reason, 0) + count
        return Tally(names, reasons, listings)

    def by_id(self, run_id: int) -> Run | None:
        """Return a run."""
        row = self._connection.execute(select(runs).where(runs.c.id == run_id)).first()
        return run_of(row) if row else None

    def last(self, source: str, status: str | None = None, *, whole: bool = False) -> Run | None:
        """Return the newest run of a source, or the newest that has this status; `whole`: that was to look at all."""
        question = select(runs).where(runs.c.source == source, *of_whole(whole)).order_by(runs.c.id.desc()).limit(1)
        if status is not None:
            question = question.where(runs.c.status == status)
        row = self._connection.execute(question).first()
        return run_of(row) if row else None

    def failures(self, source: str) -> int:
        """Return how many scheduled crawls of a source in a row, up to the newest, failed or were killed.

        A crawl of a part by hand that went well says nothing of the whole.
        """
        ended = runs.c.status.in_(("failed", "killed"))
        well = select(func.max(runs.c.id)).where(
            runs.c.source == source, ~ended, runs.c.status != "running", runs.c.trigger != PART
        )
        question = select(func.count()).where(runs.c.source == source, ended, runs.c.trigger == SCHEDULE)
        since = question.where(runs.c.id > func.coalesce(well.scalar_subquery(), 0))
        return self._connection.execute(since).scalar_one()

    def recent(self, limit: int) -> tuple[Run, ...]:
        """Return the newest runs of all sources, newest first."""
        question = select(runs).order_by(runs.c.id.desc()).limit(limit)
        return tuple(run_of(row) for row in self._connection.execute(question))

    def outcomes(self, run_id: int) -> tuple[tuple[str, str, str, str], ...]:
        """Return (url, what, reason, detail) of each page of a run, in the order recorded."""
        question = (
            select(outcomes.c.url, outcomes.c.what, outcomes.c.reason, outcomes.c.detail)
            .where(outcomes.c.run_id == run_id)
            .order_by(outcomes.c.id)
        )
        return tuple((url, what, reason, detail) for url, what, reason, detail in self._connection.execute(question))


def run_of(row: Row[*tuple[Any, ...]]) -> Run:
    """Return the run that a row of the table stands for."""
    return Run(row.id, row.source, row.trigger, row.started_at, row.finished_at, row.status, row.error)
