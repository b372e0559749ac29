"""How well the texts of each run came out, and the alarms that follow from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, select, update

from core.health import Alarm, Meter
from core.model import Reason
from storage import upserts
from storage.schema import articles, outcomes
from storage.schema_health import alarms, meters

_AT_ONCE = 100  # texts in memory
_TAKEN = ("saved", "revised")
_DOCUMENT = "document"  # the kind of a text that was no page
_UNREAD = (Reason.NO_BODY.value, Reason.SOFT_404.value)
"""What is said of pages of which a layout, or the rules for pages without one, could make no article."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A text that a run brought; missed is what its outcome's detail says."""

    article_id: int
    key: str
    paragraphs: tuple[str, ...]
    is_dated: bool
    has_authors: bool
    has_layout: bool
    missed: str


class Meters:
    """The meters and alarms of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def taken(self, run_id: int) -> Iterator[Taken]:
        """Yield the texts that a run saved or revised, each once, as they stand; documents are left out."""
        question = (
            select(articles, func.max(outcomes.c.detail).label("missed"))
            .join(outcomes, outcomes.c.article_id == articles.c.id)
            .where(outcomes.c.run_id == run_id, outcomes.c.what.in_(_TAKEN), articles.c.kind != _DOCUMENT)
            .group_by(articles.c.id)
            .order_by(articles.c.id)
            .limit(_AT_ONCE)
        )
        last = 0
        while rows := self._connection.execute(question.where(articles.c.id > last)).all():
            yield from map(_taken, rows)
            last = rows[-1].id

    def unread(self, run_id: int) -> int:
        """Return how many pages of a run held no article for those who read them."""
        its_own = and_(outcomes.c.run_id == run_id, outcomes.c.what == "skipped", outcomes.c.reason.in_(_UNREAD))
        return self._connection.execute(select(func.count()).select_from(outcomes).where(its_own)).scalar_one()

    def sizes(self, source: str, before: int, limit: int) -> tuple[tuple[int, int], ...]:
        """Return characters and paragraphs of the `limit` newest articles of a source below an id, newest first."""
        size, ends = func.length(articles.c.text), func.length(func.replace(articles.c.text, "\n", ""))
        question = (
            select(size, size - ends + 1)
            .where(articles.c.source == source, articles.c.id < before, articles.c.kind != _DOCUMENT)
            .order_by(articles.c.first_seen.desc(), articles.c.id.desc())  # as an index has them
            .limit(limit)
        )
        return tuple((characters, paragraphs) for characters, paragraphs in self._connection.execute(question))

    def keep(self, source: str, meter: Meter) -> None:
        """Record how the texts of a run came out."""
        row = {"texts": meter.texts, "counts": dict(meter.counts), "missed": dict(meter.missed)}
        self._connection.execute(insert(meters), {"run_id": meter.run_id, "source": source, **row})

    def recent(self, source: str, limit: int) -> tuple[Meter, ...]:
        """Return the meters of a source's newest runs that brought texts, newest first."""
        question = select(meters).where(meters.c.source == source).order_by(meters.c.run_id.desc()).limit(limit)
        return tuple(Meter(row.run_id, row.texts, row.counts, row.missed) for row in self._connection.execute(question))

    def raise_alarm(self, source: str, what: str, detail: str, run_id: int, now: datetime) -> Alarm:
        """Record that something is wrong with a source's texts: a new alarm, or one more time of the open one."""
        statement = (
            upserts.insert(alarms)
            .values(source=source, what=what, detail=detail, opened_at=now, times=1, run_id=run_id)
            .on_conflict_do_update(
                index_elements=["source", "what"],
                index_where=alarms.c.closed_at.is_(None),
                set_={"detail": detail, "times": alarms.c.times + 1},
            )
        )
        return alarm_of(self._connection.execute(statement.returning(alarms)).one())

    def end_alarm(self, source: str, what: str, now: datetime) -> bool:
        """Record that an alarm is over; False if none was open."""
        its_own = alarms.c.source == source, alarms.c.what == what, alarms.c.closed_at.is_(None)
        ended = update(alarms).where(*its_own).values(closed_at=now)
        return self._connection.execute(ended.returning(alarms.c.id)).first() is not None

    def alarms(self, source: str | None = None) -> tuple[Alarm, ...]:
        """Return the open alarms of a source, or of all, oldest first."""
        question: Select[*tuple[Any, ...]] = select(alarms).where(alarms.c.closed_at.is_(None))
        question = question if source is None else question.where(alarms.c.source == source)
        # Not ordered by the database, which would walk through all alarms in that order for it.
        found = [alarm_of(row) for row in self._connection.execute(question)]
        return tuple(sorted(found, key=lambda alarm: alarm.id))


def _taken(row: Row[*tuple[Any, ...]]) -> Taken:
    return Taken(
        article_id=row.id,
        key=row.key,
        paragraphs=tuple(row.text.splitlines()),
        is_dated=row.published_at is not None,
        has_authors=bool(row.authors),
        has_layout=bool(row.layout),
        missed=row.missed or "",
    )


def alarm_of(row: Row[*tuple[Any, ...]]) -> Alarm:
    """Return the alarm that a row of the table stands for."""
    return Alarm(
        id=row.id,
        source=row.source,
        what=row.what,
        detail=row.detail,
        opened_at=row.opened_at,
        times=row.times,
        run_id=row.run_id,
        closed_at=row.closed_at,
    )
