"""What a corpus may forget: how crawls went long ago, messages sent long ago, what was to be asked again with.

Articles, revisions, copies, stories, matches, captures, absences and digests are not here: nothing forgets them. Of an
alert the key stays: who was told of a story is not told of its next version, however long ago that was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    delete,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
)

from storage import upserts
from storage.schema import listing_failures, listing_marks, outcomes, robots, runs, sightings, validators
from storage.schema_health import meters
from storage.schema_told import deliveries, told

RUNS_KEPT = 50
"""The newest runs of each source, which stay whatever their age: people are shown the last, and the last good one."""

METERS_KEPT = 400
"""The newest meters of each source, which stay with their runs: so many tell what is usual (crawler/metering.py)."""


@dataclass(frozen=True, slots=True)
class Since:
    """Since when what is kept; None: for ever.

    runs: runs with their outcomes. deliveries: messages that were sent. marks: how far listings were read, and which
    failed. answers: robots.txt, and what servers gave with pages to be asked again with.
    """

    runs: datetime | None = None
    deliveries: datetime | None = None
    marks: datetime | None = None
    answers: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Old:
    """Rows of a table that may go."""

    table: Table
    condition: ColumnElement[bool]

    @property
    def key(self) -> ColumnElement[Any]:
        """What a row is known by."""
        columns = tuple(self.table.primary_key.columns)
        return columns[0] if len(columns) == 1 else tuple_(*columns)

    @property
    def keys(self) -> Select[*tuple[Any, ...]]:
        """The question for the keys of these rows."""
        return select(*self.table.primary_key.columns).where(self.condition)


class Past:
    """What one transaction's corpus may forget."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, since: Since) -> dict[str, int]:
        """Return how many rows of each table may go, in the order in which they go; tables without any are left out.

        What may go once other rows are gone is counted too.
        """
        found = {
            old.table.name: self._connection.execute(
                select(func.count()).select_from(old.table).where(old.condition)
            ).scalar_one()
            for old in self._all(since, is_preview=True)
        }
        return {name: number for name, number in found.items() if number}

    def forget(self, since: Since, limit: int) -> dict[str, int]:
        """Forget at most `limit` rows, and return how many of which table: nothing once all that may go is gone."""
        for old in self._all(since):
            gone = old.key.in_(old.keys.limit(limit))
            if old.table is deliveries:
                # Named one by one: two questions with a limit need not find the same rows.
                gone = old.key.in_(self._connection.execute(old.keys.limit(limit)).scalars().all())
                self._keep_told(gone)
            if number := self._connection.execute(delete(old.table).where(gone)).rowcount:
                return {old.table.name: number}
        return {}

    def _keep_told(self, gone: ColumnElement[bool]) -> None:
        alerts = select(deliveries.c.key).where(gone, deliveries.c.kind == "alert")
        self._connection.execute(upserts.insert(told).from_select(["key"], alerts).on_conflict_do_nothing())

    def _all(self, since: Since, *, is_preview: bool = False) -> Iterator[_Old]:
        if since.runs is not None:
            yield from self._runs(since.runs, is_preview=is_preview)
        if since.deliveries is not None:
            yield from _deliveries(since.deliveries, is_preview=is_preview)
        if since.marks is not None:
            yield _Old(listing_marks, listing_marks.c.at < since.marks)
            yield _Old(listing_failures, listing_failures.c.failed_at < since.marks)
        if since.answers is not None:
            yield _Old(validators, validators.c.full_at < since.answers)
            yield _Old(robots, robots.c.expires_at < since.answers)

    def _runs(self, before: datetime, *, is_preview: bool) -> Iterator[_Old]:
        """Yield outcomes, meters and runs, in that order; a run goes when nothing points to it any more."""
        # One that is under way is the newest of its source, and stays.
        is_old = func.coalesce(runs.c.finished_at, runs.c.started_at) < before
        good = select(func.max(runs.c.id)).where(runs.c.status == "finished").group_by(runs.c.source)
        newest = self._newest(runs.c.source, runs.c.id, RUNS_KEPT)
        measured = select(meters.c.run_id).where(self._newest(meters.c.source, meters.c.run_id, METERS_KEPT))
        stays = or_(newest, runs.c.id.in_(good), runs.c.id.in_(measured))
        old = select(runs.c.id).where(is_old, ~stays)
        yield _Old(outcomes, outcomes.c.run_id.in_(old))
        yield _Old(meters, meters.c.run_id.in_(old))
        held = [exists().where(sightings.c.seen_run == runs.c.id)]
        if not is_preview:
            held += [exists().where(table.c.run_id == runs.c.id) for table in (outcomes, meters)]
        yield _Old(runs, and_(runs.c.id.in_(old), ~or_(*held)))

    def _newest(self, source: Column[str], run: Column[int], limit: int) -> ColumnElement[bool]:
        """Return the condition that a row is one of the newest `limit` of its source."""
        bounds = []
        # One question a source, each a step into an index: to rank all rows took 0.2 s for 70,000 runs.
        for name in self._connection.execute(select(source).distinct()).scalars().all():
            ranked = select(run).where(source == name).order_by(run.desc())
            first = self._connection.execute(ranked.offset(limit - 1).limit(1)).scalar()
            bounds.append(and_(source == name, run >= (first or 0)))
        return or_(false(), *bounds)


def _deliveries(before: datetime, *, is_preview: bool) -> Iterator[_Old]:
    """Yield messages that were sent, those first that are part of another."""
    is_old = deliveries.c.sent_at < before
    if is_preview:
        yield _Old(deliveries, is_old)
        return
    parts = deliveries.alias("parts")
    has_parts = exists().where(parts.c.merged_id == deliveries.c.id)
    yield _Old(deliveries, and_(is_old, deliveries.c.merged_id.is_not(None)))
    yield _Old(deliveries, and_(is_old, deliveries.c.merged_id.is_(None), ~has_parts))
