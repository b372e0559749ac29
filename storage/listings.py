"""The listings of each source: which of them fail run after run, and how far back their pages were read."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, literal, select

from core.model import Reason
from storage import upserts
from storage.columns import Instant
from storage.runs import LISTING
from storage.schema import listing_failures as failing
from storage.schema import listing_marks as marks
from storage.schema import outcomes, sightings

PATIENCE = 3
"""Failures in a row after which a listing rests."""

REST = timedelta(days=1)

_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")
_OPEN_START = datetime.min.replace(tzinfo=UTC)
_OPEN_END = datetime.max.replace(tzinfo=UTC)
"""What a period without start or end is kept as: a key of the database must not be NULL."""


class Listings:
    """The listings of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def failed(self, source: str, url: str, now: datetime) -> int:
        """Record that a feed or sitemap could not be read; return how often in a row. From PATIENCE on it rests."""
        statement = upserts.insert(failing).values(source=source, url=url, failures=1, failed_at=now, next_try=None)
        failures = failing.c.failures + 1
        again = statement.on_conflict_do_update(
            index_elements=["source", "url"],
            set_={
                "failures": failures,
                "failed_at": now,
                "next_try": case((failures >= PATIENCE, literal(now + REST, Instant))),
            },
        )
        return self._connection.execute(again.returning(failing.c.failures)).scalar_one()

    def read(self, source: str, url: str, now: datetime) -> None:
        """Record that a feed or sitemap was read: its failures are forgotten."""
        del now
        self._connection.execute(delete(failing).where(failing.c.source == source, failing.c.url == url))

    def resting(self, source: str, now: datetime) -> frozenset[str]:
        """Return the feeds and sitemaps of a source that are not to be asked yet."""
        question = select(failing.c.url).where(failing.c.source == source, failing.c.next_try > now)
        return frozenset(self._connection.execute(question).scalars())

    def lost(
        self, source: str, run_ids: Collection[int], passing: Collection[Reason], since: datetime
    ) -> tuple[str, ...]:
        """Return the listings that led to items once, and now fail run after run, by address.

        Those are: feeds and sitemaps that rest, and failed since then; and what each of these runs could not read for a
        reason that does not pass by itself.
        """
        failed = select(outcomes.c.url).where(
            outcomes.c.run_id.in_(run_ids), outcomes.c.what == LISTING, outcomes.c.reason.not_in(passing)
        )
        each_time = failed.group_by(outcomes.c.url).having(
            func.count(outcomes.c.run_id.distinct()) == len(set(run_ids))
        )
        found = set(self._connection.execute(each_time).scalars()) if run_ids else set()
        at_rest = select(failing.c.url).where(
            failing.c.source == source, failing.c.failures >= PATIENCE, failing.c.failed_at >= since
        )
        found |= set(self._connection.execute(at_rest).scalars())
        return tuple(sorted(url for url in found if self._led_to_something(source, url)))

    def _led_to_something(self, source: str, url: str) -> bool:
        # A listing of several pages is remembered with a * for the number of the page.
        names = (url, _LAST_NUMBER.sub("*", url))
        question = select(sightings.c.address_id).where(sightings.c.source == source, sightings.c.listing.in_(names))
        return self._connection.execute(question.limit(1)).first() is not None

    def mark(
        self, source: str, listing: str, since: datetime | None, until: datetime | None, page: int, now: datetime
    ) -> None:
        """Record up to which page (from 0) a listing was read for what is dated in a period; None: an open end."""
        statement = upserts.insert(marks).values(
            source=source,
            listing=listing,
            since=since or _OPEN_START,
            until=until or _OPEN_END,
            page=page,
            at=now,
        )
        again = statement.on_conflict_do_update(
            index_elements=["source", "listing", "since", "until"], set_={"page": page, "at": now}
        )
        self._connection.execute(again)

    def marked(self, source: str, listing: str, since: datetime | None, until: datetime | None) -> int | None:
        """Return the page marked last for a listing and period, None if there is none."""
        question = select(marks.c.page).where(_period(source, listing, since, until))
        return self._connection.execute(question).scalar()

    def marked_at(self, source: str, listing: str, since: datetime | None, until: datetime | None) -> datetime | None:
        """Return when that page was marked."""
        question = select(marks.c.at).where(_period(source, listing, since, until))
        return self._connection.execute(question).scalar()

    def unmark(self, source: str, listing: str, since: datetime | None, until: datetime | None) -> None:
        """Forget how far a listing was read for a period: it was read to the end."""
        self._connection.execute(delete(marks).where(_period(source, listing, since, until)))


def _period(source: str, listing: str, since: datetime | None, until: datetime | None) -> ColumnElement[bool]:
    return and_(
        marks.c.source == source,
        marks.c.listing == listing,
        marks.c.since == (since or _OPEN_START),
        marks.c.until == (until or _OPEN_END),
    )
