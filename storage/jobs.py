"""When jobs were last done that leave no trace of their own when there was nothing to do."""

from datetime import datetime

from sqlalchemy import Connection, select

from storage import upserts
from storage.schema_told import jobs


class Jobs:
    """The jobs of one transaction's corpus, by their names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def done(self, name: str, at: datetime) -> None:
        """Record that a job was done."""
        statement = upserts.insert(jobs).values(name=name, done_at=at)
        replaced = statement.on_conflict_do_update(
            index_elements=["name"], set_={"done_at": statement.excluded.done_at}
        )
        self._connection.execute(replaced)

    def last(self, name: str) -> datetime | None:
        """Return when a job was last done, None if it never was."""
        return self._connection.execute(select(jobs.c.done_at).where(jobs.c.name == name)).scalar()
