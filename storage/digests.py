"""The digests: which articles, turns and changes each one covers, by the corpus's own sequences, and for whom."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from core.owed import DigestPeriod, Reach
from storage.schema_told import digests


class Digests:
    """The digests of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self, subscriber: str = "") -> DigestPeriod | None:
        """Return the digest of a subscriber that reaches farthest: the highest upto, of several the newest."""
        question = select(digests).where(digests.c.subscriber == subscriber)
        row = self._connection.execute(question.order_by(digests.c.upto.desc(), digests.c.id.desc()).limit(1)).first()
        return _period(row) if row else None

    def last_in_sequence(self, subscriber: str = "") -> DigestPeriod | None:
        """Return the newest digest of a subscriber that followed the one before it, and was not asked for `since`."""
        question = select(digests).where(digests.c.subscriber == subscriber, digests.c.since.is_(None))
        row = self._connection.execute(question.order_by(digests.c.id.desc()).limit(1)).first()
        return _period(row) if row else None

    def of(self, subscriber: str, limit: int) -> tuple[DigestPeriod, ...]:
        """Return the newest digests of a subscriber, newest first."""
        question = select(digests).where(digests.c.subscriber == subscriber).order_by(digests.c.id.desc())
        return tuple(map(_period, self._connection.execute(question.limit(limit))))

    def readers_of(self, period: DigestPeriod) -> frozenset[str]:
        """Return the names of all who have a digest of the same stretch."""
        here = (
            digests.c.upto == period.upto,
            digests.c.after == period.after,
            digests.c.turns_after == period.turns_after,
            digests.c.turns_upto == period.turns_upto,
            digests.c.changes_after == period.changes_after,
            digests.c.changes_upto == period.changes_upto,
        )
        return frozenset(self._connection.execute(select(digests.c.subscriber).where(*here)).scalars())

    def open(
        self, begin: Reach, end: Reach, now: datetime, since: datetime | None = None, subscriber: str = ""
    ) -> DigestPeriod:
        """Record a digest of what the corpus's sequences gave after `begin`, up to and with `end`.

        since is the day from which on somebody asked for what came, None for a digest that follows the last one.
        """
        values: dict[str, Any] = {"after": begin.articles, "upto": end.articles, "since": since, "created_at": now}
        values |= {"turns_after": begin.turns, "turns_upto": end.turns}
        values |= {"changes_after": begin.changes, "changes_upto": end.changes, "subscriber": subscriber}
        return _period(self._connection.execute(insert(digests).values(values).returning(digests)).one())

    def by_id(self, digest_id: int) -> DigestPeriod | None:
        """Return a digest."""
        row = self._connection.execute(select(digests).where(digests.c.id == digest_id)).first()
        return _period(row) if row else None


def _period(row: Row[*tuple[Any, ...]]) -> DigestPeriod:
    return DigestPeriod(
        id=row.id,
        after=row.after,
        upto=row.upto,
        created_at=row.created_at,
        turns_after=row.turns_after,
        turns_upto=row.turns_upto,
        changes_after=row.changes_after,
        changes_upto=row.changes_upto,
        subscriber=row.subscriber,
    )
