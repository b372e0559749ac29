"""The outbox: messages owed, each known by its key for ever, handed out under a lease."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from core.owed import Delivery
from storage import upserts
from storage.portions import in_portions
from storage.schema_told import deliveries


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """How far a message has come. error is what the last attempt met, "" for none."""

    id: int
    key: str
    kind: str
    ref: int
    attempts: int
    sent_at: datetime | None
    given_up_at: datetime | None
    error: str
    next_attempt: datetime


class Outbox:
    """The deliveries of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def owe(self, kind: str, ref: int, key: str, now: datetime, subscriber: str = "") -> bool:
        """Record that a message is owed, due at once; False if that key was owed before, sent or not."""
        statement = (
            upserts.insert(deliveries)
            .values(key=key, kind=kind, ref=ref, created_at=now, attempts=0, next_attempt=now, error="")
            .values(subscriber=subscriber)
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(deliveries.c.id)
        )
        return self._connection.execute(statement).scalar() is not None

    def owed(self, keys: Iterable[str]) -> frozenset[str]:
        """Return which of these keys are owed, sent or not."""
        found: set[str] = set()
        for portion in in_portions(keys):
            found.update(
                self._connection.execute(select(deliveries.c.key).where(deliveries.c.key.in_(portion))).scalars()
            )
        return frozenset(found)

    def claim(self, now: datetime, lease: timedelta, limit: int = 1) -> tuple[Delivery, ...]:
        """Return messages due, longest due first, leased to the caller until now + lease; attempts counts this one.

        Nobody else is given them before the lease ends, or `postponed` hands them back. Commit before sending.
        """
        due = (
            select(deliveries)
            .where(_WAITING, deliveries.c.next_attempt <= now)
            .where(or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now))
            .order_by(deliveries.c.next_attempt, deliveries.c.id)
            .limit(limit)
            # SQLite has one writer, and is not told; elsewhere two claimers at once are given different messages.
            .with_for_update(skip_locked=True)
        )
        rows = self._connection.execute(due).all()
        leased = (
            update(deliveries)
            .where(deliveries.c.id.in_([row.id for row in rows]))
            .values(leased_until=now + lease, attempts=deliveries.c.attempts + 1)
        )
        self._connection.execute(leased)
        return tuple(map(_claimed, rows))

    def sent(self, delivery_id: int, now: datetime) -> None:
        """Record that a message was handed over."""
        self._set(delivery_id, sent_at=now, leased_until=None, error="")

    def postponed(self, delivery_id: int, error: str, next_attempt: datetime) -> None:
        """Record that an attempt failed, why, and when the next is due."""
        self._set(delivery_id, next_attempt=next_attempt, leased_until=None, error=error)

    def given_up(self, delivery_id: int, error: str, now: datetime) -> None:
        """Record that a message will not be tried again, and why."""
        self._set(delivery_id, given_up_at=now, leased_until=None, error=error)

    def waiting(self) -> int:
        """Return how many messages are owed: neither sent nor given up."""
        return self._connection.execute(select(func.count()).where(_WAITING)).scalar_one()

    def given_up_count(self) -> int:
        """Return how many messages were given up."""
        question = select(func.count()).where(deliveries.c.given_up_at.is_not(None))
        return self._connection.execute(question).scalar_one()

    def by_key(self, key: str) -> DeliveryState | None:
        """Return how far the message of that key has come, None if it was never owed."""
        row = self._connection.execute(select(deliveries).where(deliveries.c.key == key)).first()
        if row is None:
            return None
        return DeliveryState(
            id=row.id,
            key=row.key,
            kind=row.kind,
            ref=row.ref,
            attempts=row.attempts,
            sent_at=row.sent_at,
            given_up_at=row.given_up_at,
            error=row.error,
            next_attempt=row.next_attempt,
        )

    def _set(self, delivery_id: int, **values: str | datetime | None) -> None:
        self._connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


def _claimed(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(row.id, row.key, row.kind, row.ref, row.attempts + 1, row.created_at, row.subscriber)


_WAITING: ColumnElement[bool] = and_(deliveries.c.sent_at.is_(None), deliveries.c.given_up_at.is_(None))
