"""The outbox: messages owed, each known by its key for ever, handed out under a lease."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, true, update

from core.owed import Delivery, name_of
from storage import upserts
from storage.portions import in_portions
from storage.schema_told import deliveries, identity, told


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
    subscriber: str = ""
    created_at: datetime | None = None
    merged_id: int | None = None
    origin: str = ""

    @property
    def name(self) -> str:
        """What names the message for ever; see core.owed.Delivery."""
        return name_of(self.key, self.origin)


@dataclass(frozen=True, slots=True)
class Due:
    """How many messages of a kind are due to a subscriber."""

    subscriber: str
    kind: str
    number: int


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was sent to a subscriber lately: messages, the alerts that they told of, when first, and the last alert."""

    messages: int = 0
    alerts: int = 0
    first: datetime | None = None
    last_alert: datetime | None = None


_LATELY = timedelta(hours=2)
KINDS = ("alert", "summary", "digest")
"""The kinds of message to readers; the operator's are others, and wait for no quiet hours."""


class Outbox:
    """The deliveries of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def owe(self, kind: str, ref: int, key: str, now: datetime, subscriber: str = "") -> bool:
        """Record that a message is owed, due at once; False if that key was owed before, sent or not."""
        statement = (
            upserts.insert(deliveries)
            .values(key=key, kind=kind, ref=ref, created_at=now, attempts=0, next_attempt=now, error="")
            .values(subscriber=subscriber, origin=_OWN)
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(deliveries.c.id)
        )
        return self._connection.execute(statement).scalar() is not None

    def owed(self, keys: Iterable[str]) -> frozenset[str]:
        """Return which of these keys are owed, sent or not; those of alerts also where the sending was forgotten."""
        found: set[str] = set()
        for portion in in_portions(keys):
            for column in (deliveries.c.key, told.c.key):
                found.update(self._connection.execute(select(column).where(column.in_(portion))).scalars())
        return frozenset(found)

    def due(self, now: datetime) -> tuple[Due, ...]:
        """Return who is owed messages that are due and not leased: how many of each kind."""
        question = (
            select(deliveries.c.subscriber, deliveries.c.kind, func.count().label("number"))
            .where(_due(now))
            .group_by(deliveries.c.subscriber, deliveries.c.kind)
            .order_by(deliveries.c.subscriber, deliveries.c.kind)
        )
        return tuple(Due(row.subscriber, row.kind, row.number) for row in self._connection.execute(question))

    def traffic(self, subscriber: str, since: datetime) -> Traffic:
        """Return what was sent to a subscriber in the hour from then on; a summary is one message, of its alerts."""
        question = select(
            func.count().filter(deliveries.c.merged_id.is_(None)).label("messages"),
            func.count().filter(deliveries.c.kind == "alert").label("alerts"),
            func.min(deliveries.c.sent_at).label("first"),
            func.max(deliveries.c.sent_at).filter(deliveries.c.kind == "alert").label("last_alert"),
        ).where(
            deliveries.c.subscriber == subscriber,
            deliveries.c.sent_at > since,
            # What lies a long way ahead was sent by another clock, that was set back since.
            deliveries.c.sent_at < since + _LATELY,
            deliveries.c.error == "",
        )
        row = self._connection.execute(question).one()
        return Traffic(row.messages, row.alerts, row.first, row.last_alert)

    def put_off(
        self, subscriber: str, until: datetime, error: str, now: datetime, kinds: Collection[str] = KINDS
    ) -> int:
        """Let what is due to a subscriber wait: that is no attempt. Return how many messages it is."""
        statement = (
            update(deliveries)
            .where(_due(now), deliveries.c.subscriber == subscriber, deliveries.c.kind.in_(kinds))
            .values(next_attempt=until, error=error)
        )
        return self._connection.execute(statement).rowcount

    def merge(self, subscriber: str, now: datetime) -> int:
        """Make one message of the alerts that are due to a subscriber, due at once; return how many there are.

        Which they are never changes: sent twice, after a crash, it is the same message. An alert that was tried may
        have arrived, and stays a message of its own; a single one does, too.
        """
        alerts = select(deliveries.c.id).where(
            _due(now), deliveries.c.subscriber == subscriber, deliveries.c.kind == "alert", deliveries.c.attempts == 0
        )
        ids = self._connection.execute(alerts.order_by(deliveries.c.id)).scalars().all()
        if len(ids) <= 1:
            return 0
        values = {"key": f"summary:{subscriber}:{ids[0]}-{ids[-1]}:{len(ids)}", "kind": "summary", "ref": ids[0]}
        values |= {"subscriber": subscriber, "created_at": now, "attempts": 0, "next_attempt": now, "error": ""}
        made = insert(deliveries).values(values).values(origin=_OWN)
        summary = self._connection.execute(made.returning(deliveries.c.id)).scalar_one()
        for portion in in_portions(ids):
            part_of = update(deliveries).where(deliveries.c.id.in_(portion)).values(merged_id=summary, error="")
            self._connection.execute(part_of)
        return len(ids)

    def members(self, delivery_id: int) -> tuple[int, ...]:
        """Return the matches that a summary tells of, in the order in which they were owed."""
        question = select(deliveries.c.ref).where(deliveries.c.merged_id == delivery_id).order_by(deliveries.c.id)
        return tuple(self._connection.execute(question).scalars())

    def digests_since(self, subscriber: str, since: datetime) -> int:
        """Return how many digests a subscriber was sent from a moment on; one that told nothing was not sent."""
        question = select(func.count()).where(
            deliveries.c.subscriber == subscriber,
            deliveries.c.sent_at >= since,
            deliveries.c.kind == "digest",
            deliveries.c.error == "",
        )
        return self._connection.execute(question).scalar_one()

    def newest(self, kinds: Collection[str], before: int) -> DeliveryState | None:
        """Return the newest message of these kinds that was owed before the one of an id."""
        question = select(deliveries).where(deliveries.c.kind.in_(kinds), deliveries.c.id < before)
        row = self._connection.execute(question.order_by(deliveries.c.id.desc()).limit(1)).first()
        return _state(row) if row else None

    def refused(self, kinds: Collection[str]) -> tuple[DeliveryState, ...]:
        """Return the messages of these kinds that were tried and not handed over, waiting or given up, newest first."""
        question = select(deliveries).where(
            deliveries.c.kind.in_(kinds),
            deliveries.c.sent_at.is_(None),
            deliveries.c.error != "",
            or_(deliveries.c.attempts > 0, deliveries.c.given_up_at.is_not(None)),
        )
        return tuple(map(_state, self._connection.execute(question.order_by(deliveries.c.id.desc()))))

    def last(self) -> int:
        """Return the id of the newest message, 0 before the first."""
        return self._connection.execute(select(func.max(deliveries.c.id))).scalar() or 0

    def claim(self, now: datetime, lease: timedelta, limit: int = 1, upto: int | None = None) -> tuple[Delivery, ...]:
        """Return messages due, longest due first, leased to the caller until now + lease; attempts counts this one.

        With `upto` none that was owed after the message of that id. Nobody else is given them before the lease ends, or
        `postponed` hands them back. Commit before sending.
        """
        due = (
            select(deliveries)
            .where(_due(now), true() if upto is None else deliveries.c.id <= upto)
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

    def sent(self, delivery_id: int, now: datetime, note: str = "") -> None:
        """Record that a message was handed over, and with a summary all that it tells of.

        note says what is to be said of it: that there was nothing to tell, and nothing was sent.
        """
        values = {"sent_at": now, "leased_until": None, "error": note}
        its_own = or_(deliveries.c.id == delivery_id, deliveries.c.merged_id == delivery_id)
        self._connection.execute(update(deliveries).where(its_own).values(values))

    def postponed(self, delivery_id: int, error: str, next_attempt: datetime) -> None:
        """Record that an attempt failed, why, and when the next is due."""
        self._set(delivery_id, next_attempt=next_attempt, leased_until=None, error=error)

    def handed_back(self, delivery_id: int) -> None:
        """Record that a message was claimed and not tried: nothing has come of that."""
        untried = update(deliveries).where(deliveries.c.id == delivery_id)
        self._connection.execute(untried.values(leased_until=None, attempts=deliveries.c.attempts - 1))

    def under_way(self, subscriber: str, now: datetime) -> int:
        """Return how many messages to a subscriber are leased: they are being sent, or their sender has died."""
        leased = deliveries.c.subscriber == subscriber, deliveries.c.leased_until > now
        return self._connection.execute(select(func.count()).where(_WAITING, *leased)).scalar_one()

    def given_up(self, delivery_id: int, error: str, now: datetime) -> None:
        """Record that a message will not be tried again, and why."""
        self._set(delivery_id, given_up_at=now, leased_until=None, error=error)

    def resend(self, ids: Iterable[int], now: datetime) -> tuple[int, ...]:
        """Owe messages again that were given up, due at once; return which these were.

        They count as tried: one of them may have arrived, and is not to come again under another name.
        """
        found: list[int] = []
        for portion in in_portions(ids):
            statement = (
                update(deliveries)
                .where(deliveries.c.id.in_(portion), deliveries.c.given_up_at.is_not(None))
                .values(given_up_at=None, attempts=1, next_attempt=now, leased_until=None)
                .returning(deliveries.c.id)
            )
            found += self._connection.execute(statement).scalars()
        return tuple(sorted(found))

    def dismissed(self, ids: Iterable[int], note: str, now: datetime) -> tuple[int, ...]:
        """Record that messages which were given up are owed no more, and why; return which these were.

        They are settled as if they had been sent, with the note in the place of what the last attempt met.
        """
        found: list[int] = []
        for portion in in_portions(ids):
            statement = (
                update(deliveries)
                .where(deliveries.c.id.in_(portion), deliveries.c.given_up_at.is_not(None))
                .values(given_up_at=None, sent_at=now, leased_until=None, error=note)
                .returning(deliveries.c.id)
            )
            found += self._connection.execute(statement).scalars()
        return tuple(sorted(found))

    def waiting(self) -> int:
        """Return how many messages are owed: neither sent nor given up."""
        return self._connection.execute(select(func.count()).where(_WAITING)).scalar_one()

    def stuck(self, before: datetime) -> tuple[int, str]:
        """Return how many messages were owed before a moment, were tried and still wait; what the oldest met last."""
        stuck = and_(_WAITING, deliveries.c.attempts > 0, deliveries.c.created_at < before)
        question = select(deliveries.c.error, func.count().over()).where(stuck)
        row = self._connection.execute(question.order_by(deliveries.c.created_at, deliveries.c.id).limit(1)).first()
        return (row[1], row[0]) if row else (0, "")

    def given_up_count(self) -> int:
        """Return how many messages were given up."""
        question = select(func.count()).where(deliveries.c.given_up_at.is_not(None))
        return self._connection.execute(question).scalar_one()

    def by_key(self, key: str) -> DeliveryState | None:
        """Return how far the message of that key has come, None if it was never owed."""
        row = self._connection.execute(select(deliveries).where(deliveries.c.key == key)).first()
        return _state(row) if row else None

    def listed(self, state: str, limit: int, subscriber: str | None = None) -> tuple[DeliveryState, ...]:
        """Return the newest messages in a state: waiting, dead (given up), sent, or all; of a subscriber, if named."""
        question = select(deliveries).where(_STATES[state]).order_by(deliveries.c.id.desc()).limit(limit)
        if subscriber is not None:
            question = question.where(deliveries.c.subscriber == subscriber)
        return tuple(map(_state, self._connection.execute(question)))

    def number(self, state: str, subscriber: str | None = None) -> int:
        """Return how many messages are in a state: waiting, dead, sent, or all; of a subscriber, if named."""
        question = select(func.count()).select_from(deliveries).where(_STATES[state])
        if subscriber is not None:
            question = question.where(deliveries.c.subscriber == subscriber)
        return self._connection.execute(question).scalar_one()

    def _set(self, delivery_id: int, **values: str | datetime | None) -> None:
        self._connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


def _state(row: Row[*tuple[Any, ...]]) -> DeliveryState:
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
        subscriber=row.subscriber,
        created_at=row.created_at,
        merged_id=row.merged_id,
        origin=row.origin,
    )


def _claimed(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(row.id, row.key, row.kind, row.ref, row.attempts + 1, row.created_at, row.subscriber, row.origin)


_OWN = func.coalesce(select(func.max(identity.c.value)).scalar_subquery(), "")
"""The identity of the corpus; a file that somebody emptied of it owes without one."""
_WAITING: ColumnElement[bool] = and_(
    deliveries.c.sent_at.is_(None), deliveries.c.given_up_at.is_(None), deliveries.c.merged_id.is_(None)
)
_STATES: dict[str, ColumnElement[bool]] = {
    "waiting": _WAITING,
    "dead": deliveries.c.given_up_at.is_not(None),
    "sent": deliveries.c.sent_at.is_not(None),
    "all": true(),
}


def is_waiting() -> ColumnElement[bool]:
    """Return the condition under which a message is owed: neither sent nor given up, nor part of another."""
    return _WAITING


def _due(now: datetime) -> ColumnElement[bool]:
    is_free = or_(deliveries.c.leased_until.is_(None), deliveries.c.leased_until <= now)
    return and_(_WAITING, deliveries.c.next_attempt <= now, is_free)
