"""The digests: which articles each one covers, by the corpus's own sequence."""

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

    def open(self, after: int, upto: int, now: datetime, since: datetime | None = None) -> DigestPeriod:
        """Record a digest of the articles with after < id <= upto that are not dated before `since`."""
        statement = insert(digests).values(after=after, upto=upto, since=since, created_at=now)
        return _period(self._connection.execute(statement.returning(digests)).one())

    def by_id(self, digest_id: int) -> DigestPeriod | None:
        """Return a digest."""
        row = self._connection.execute(select(digests).where(digests.c.id == digest_id)).first()
        return _period(row) if row else None


def _period(row: Row[*tuple[Any, ...]]) -> DigestPeriod:
    return DigestPeriod(row.id, row.after, row.upto, row.created_at)
