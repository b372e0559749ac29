"""Who reads, since when, and who does not want more."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from core.owed import Reach, Subscription
from storage import upserts
from storage.schema_told import deliveries, subscribers


class Subscribers:
    """The subscribers of one transaction's corpus, by their names in config.yaml."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def join(self, name: str, reach: Reach, now: datetime) -> bool:
        """Record a subscriber that is new, and how far the sequences have come; False if the name was known."""
        values = {"name": name, "joined_at": now, "articles_after": reach.articles}
        values |= {"turns_after": reach.turns, "changes_after": reach.changes}
        statement = upserts.insert(subscribers).values(values).on_conflict_do_nothing(index_elements=["name"])
        return self._connection.execute(statement.returning(subscribers.c.name)).scalar() is not None

    def by_name(self, name: str) -> Subscription | None:
        """Return what is known of a subscriber, None for one who has not joined."""
        row = self._connection.execute(select(subscribers).where(subscribers.c.name == name)).first()
        return _subscription(row) if row else None

    def all(self) -> tuple[Subscription, ...]:
        """Return all subscribers that ever joined, by name."""
        return tuple(map(_subscription, self._connection.execute(select(subscribers).order_by(subscribers.c.name))))

    def gone(self) -> frozenset[str]:
        """Return the names of those who do not want more."""
        question = select(subscribers.c.name).where(subscribers.c.left_at.is_not(None))
        return frozenset(self._connection.execute(question).scalars())

    def last_sent(self) -> dict[str, datetime]:
        """Return when a message was last handed over for each subscriber, by name; one without any is not in it."""
        last = func.max(deliveries.c.sent_at)
        question = select(deliveries.c.subscriber, last).where(deliveries.c.sent_at.is_not(None))
        rows = self._connection.execute(question.group_by(deliveries.c.subscriber))
        return {name: sent_at for name, sent_at in rows if sent_at is not None}

    def leave(self, name: str, now: datetime) -> bool:
        """Record that a subscriber does not want more; False for one who is unknown or said so before."""
        return self._set(name, subscribers.c.left_at.is_(None), left_at=now)

    def rejoin(self, name: str, reach: Reach, now: datetime) -> bool:
        """Record that a subscriber wants to hear again, of what comes from now on; False for one who never left."""
        values = {"articles_after": reach.articles, "turns_after": reach.turns, "changes_after": reach.changes}
        return self._set(name, subscribers.c.left_at.is_not(None), left_at=None, joined_at=now, **values)

    def _set(self, name: str, condition: ColumnElement[bool], **values: datetime | int | None) -> bool:
        statement = update(subscribers).where(subscribers.c.name == name, condition).values(values)
        return self._connection.execute(statement.returning(subscribers.c.name)).scalar() is not None


def _subscription(row: Row[*tuple[Any, ...]]) -> Subscription:
    reach = Reach(row.articles_after, row.turns_after, row.changes_after)
    return Subscription(row.name, row.joined_at, reach, row.left_at)
