"""What to ask an address again with, one row per (source, url)."""

from sqlalchemy import Connection, delete, select

from core.model import Validators as Given
from storage import upserts
from storage.schema import validators


class Validators:
    """The validators of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, source: str, url: str) -> Given | None:
        """Return what the server gave with its last full answer, None where nothing is kept."""
        question = select(validators).where(validators.c.source == source, validators.c.url == url)
        row = self._connection.execute(question).first()
        return Given(row.etag, row.last_modified, row.full_at, row.made_by) if row else None

    def keep(self, source: str, url: str, given: Given) -> None:
        """Keep what the server gave, in place of what it gave before."""
        values = {
            "etag": given.etag,
            "last_modified": given.last_modified,
            "full_at": given.full_at,
            "made_by": given.made_by,
        }
        statement = (
            upserts.insert(validators)
            .values(source=source, url=url, **values)
            .on_conflict_do_update(index_elements=["source", "url"], set_=values)
        )
        self._connection.execute(statement)

    def forget(self, source: str, url: str) -> None:
        """Forget what the server gave: the address is asked for in full next time."""
        statement = delete(validators).where(validators.c.source == source, validators.c.url == url)
        self._connection.execute(statement)
