"""What happened to articles that are held, in the corpus's own sequence: what digests tell beside new articles."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from core.owed import Change, ChangeKind
from storage.schema_told import changes


class Changes:
    """The changes of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, what: ChangeKind, article_id: int, number: int, at: datetime) -> None:
        """Record that something happened to an article."""
        values = {"what": what.value, "article_id": article_id, "number": number, "at": at}
        self._connection.execute(insert(changes).values(values))

    def last(self) -> int:
        """Return the id of the newest change, 0 before the first."""
        return self._connection.execute(select(func.max(changes.c.id))).scalar() or 0

    def before(self, since: datetime) -> int:
        """Return the id of the last change before the first one at `since` or later."""
        first = self._connection.execute(select(func.min(changes.c.id)).where(changes.c.at >= since)).scalar()
        return self.last() if first is None else first - 1

    def between(self, after: int, upto: int) -> tuple[Change, ...]:
        """Return the changes with after < id <= upto, in order."""
        question = select(changes).where(changes.c.id > after, changes.c.id <= upto).order_by(changes.c.id)
        rows: Iterable[Change] = (
            Change(row.id, ChangeKind(row.what), row.article_id, row.number, row.at)
            for row in self._connection.execute(question)
        )
        return tuple(rows)
