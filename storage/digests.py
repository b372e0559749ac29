"""The digests: which articles and which turns each one covers, by the corpus's own sequences."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from core.owed import DigestPeriod
from storage.schema import digests


class Digests:
    """The digests of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def last(self) -> DigestPeriod | None:
        """Return the digest that reaches farthest: the highest upto, of several the newest."""
        question = select(digests).order_by(digests.c.upto.desc(), digests.c.id.desc()).limit(1)
        row = self._connection.execute(question).first()
        return _period(row) if row else None

    def open(
        self, after: int, upto: int, now: datetime, since: datetime | None = None, turns: tuple[int, int] = (0, 0)
    ) -> DigestPeriod:
        """Record a digest of the articles with after < id <= upto, and of the turns in the second stretch likewise.

        since is the day from which on somebody asked for what came, None for a digest that follows the last one.
        """
        values = {"after": after, "upto": upto, "since": since, "created_at": now}
        values |= {"turns_after": turns[0], "turns_upto": turns[1]}
        return _period(self._connection.execute(insert(digests).values(values).returning(digests)).one())

    def by_id(self, digest_id: int) -> DigestPeriod | None:
        """Return a digest."""
        row = self._connection.execute(select(digests).where(digests.c.id == digest_id)).first()
        return _period(row) if row else None


def _period(row: Row[*tuple[Any, ...]]) -> DigestPeriod:
    return DigestPeriod(row.id, row.after, row.upto, row.created_at, row.turns_after, row.turns_upto)
