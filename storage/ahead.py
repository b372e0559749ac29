"""Rows that lie ahead of the clock: written before it was set back, they would hold work back for as long.

What holds back is made due; what was, stays as it is told, but where later questions go by it.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select, update

from storage.outbox import is_waiting
from storage.schema import addresses, articles, incidents, listing_failures, robots, runs, validators
from storage.schema_stories import absences
from storage.schema_told import deliveries

AHEAD = timedelta(hours=1)
"""So far ahead nothing is ascribed to another clock: what waits for it waits so much longer, and is not done twice."""
_LONGEST_REST = timedelta(days=7)  # a server may ask for a week; tonle itself rests for a day
_LONGEST_AGE = timedelta(days=1)  # of a robots.txt
_LONGEST_WAIT = timedelta(hours=26)  # a day that a receiver asks for; quiet hours on a day of 25
_LONGEST_LEASE = timedelta(days=2)


class Ahead:
    """What in one transaction's corpus lies ahead of now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_likely(self, now: datetime) -> bool:
        """Return whether the newest run began ahead of now: the clock was set back since."""
        newest = self._connection.execute(select(runs.c.started_at).order_by(runs.c.id.desc()).limit(1)).scalar()
        return newest is not None and newest > now + AHEAD

    def settle(self, now: datetime) -> int:
        """Let nothing wait for a time that only another clock can have meant; return how many rows did.

        It reads the whole table of addresses, and is for the beginning of work and for clocks that were set back.
        """
        return self._settle_pages(now) + self._settle_hosts(now) + self._settle_messages(now) + self._settle_gone(now)

    def _settle_pages(self, now: datetime) -> int:
        limit, table = now + AHEAD, addresses.c
        waits = update(addresses).where(table.next_visit > now, or_(table.last_visit > limit, table.visits == 0))
        held = self._connection.execute(waits.values(next_visit=now)).rowcount
        # The ages at which a page is visited again count from here.
        for moment in (table.first_seen, table.last_visit):
            self._connection.execute(update(addresses).where(moment > limit).values({moment.name: now}))
        # Without validators a page or listing is asked for in full.
        self._connection.execute(delete(validators).where(validators.c.full_at > limit))
        return held

    def _settle_hosts(self, now: datetime) -> int:
        limit, rest, listing = now + AHEAD, incidents.c, listing_failures.c
        is_open = rest.closed_at.is_(None), rest.until > now
        held = 0
        for statement in (
            update(incidents)
            .where(*is_open, or_(rest.opened_at > limit, rest.until > now + _LONGEST_REST))
            .values(until=now),
            update(listing_failures).where(listing.next_try > now, listing.failed_at > limit).values(next_try=now),
            update(robots)
            .where(
                robots.c.expires_at > now, or_(robots.c.fetched_at > limit, robots.c.expires_at > limit + _LONGEST_AGE)
            )
            .values(expires_at=now),
        ):
            held += self._connection.execute(statement).rowcount
        self._connection.execute(
            update(incidents).where(rest.closed_at.is_(None), rest.opened_at > limit).values(opened_at=now)
        )
        return held

    def _settle_messages(self, now: datetime) -> int:
        message = deliveries.c
        was_tried = or_(message.attempts > 0, message.error != "")
        too_long = or_(~was_tried, message.created_at > now + AHEAD, message.next_attempt > now + _LONGEST_WAIT)
        waits = update(deliveries).where(is_waiting(), message.next_attempt > now, too_long).values(next_attempt=now)
        held = self._connection.execute(waits).rowcount
        leased = update(deliveries).where(is_waiting(), message.leased_until > now + _LONGEST_LEASE)
        held += self._connection.execute(leased.values(leased_until=None)).rowcount
        created = update(deliveries).where(is_waiting(), message.created_at > now + AHEAD)
        self._connection.execute(created.values(created_at=now))
        return held

    def _settle_gone(self, now: datetime) -> int:
        """Let absences begin now that would begin ahead: for how long a page is away decides when it is withdrawn."""
        limit, held = now + AHEAD, 0
        for table, columns, is_open in (
            (
                absences,
                (absences.c.missing_since, absences.c.last_missing, absences.c.gone_since),
                absences.c.returned_at.is_(None),
            ),
            (articles, (articles.c.missing_since, articles.c.gone_since), articles.c.missing_since.is_not(None)),
        ):
            for moment in columns:
                statement = update(table).where(is_open, moment > limit).values({moment.name: now})
                held += self._connection.execute(statement).rowcount
        return held
