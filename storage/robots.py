"""The robots.txt of each host, as it was last read."""

from sqlalchemy import Connection, select

from core.model import RobotsFile
from storage import upserts
from storage.schema import robots


class Robots:
    """The robots.txt files of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, host: str) -> RobotsFile | None:
        """Return what was last read of a host (with scheme and port), expired or not; None if never."""
        row = self._connection.execute(select(robots).where(robots.c.host == host)).first()
        return RobotsFile(row.host, row.status, row.body, row.fetched_at, row.expires_at) if row else None

    def keep(self, file: RobotsFile) -> None:
        """Keep a robots.txt in place of what was read before."""
        values = {
            "status": file.status,
            "body": file.body,
            "fetched_at": file.fetched_at,
            "expires_at": file.expires_at,
        }
        statement = (
            upserts.insert(robots)
            .values(host=file.host, **values)
            .on_conflict_do_update(index_elements=["host"], set_=values)
        )
        self._connection.execute(statement)
