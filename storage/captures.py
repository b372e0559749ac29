"""Where the archive keeps the exchanges that revisions were read from."""

from collections.abc import Iterable

from sqlalchemy import Connection, insert, select

from core.errors import StorageError
from core.model import Capture
from storage.portions import in_portions
from storage.schema import captures


def keep_capture(connection: Connection, capture: Capture) -> int:
    """Return the id of a capture, which is kept once however often it is told.

    Raises StorageError if another exchange was kept as standing at that place of the file: one of the two would be
    false evidence.
    """
    at_place = captures.c.file == capture.file, captures.c.offset == capture.offset
    row = connection.execute(select(captures.c.id, captures.c.digest).where(*at_place)).first()
    if row is None:
        statement = insert(captures).values(
            file=capture.file, offset=capture.offset, length=capture.length, digest=capture.digest, at=capture.at
        )
        return connection.execute(statement.returning(captures.c.id)).scalar_one()
    if row.digest != capture.digest:
        raise StorageError(
            f"The archive's file {capture.file} holds {capture.digest} at {capture.offset}, "
            f"where {row.digest} was recorded: put back the file that stood there, or archive to another folder."
        )
    return int(row.id)


def captures_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Capture]:
    """Return the captures with these ids, by id."""
    found = {}
    for portion in in_portions(ids):
        for row in connection.execute(select(captures).where(captures.c.id.in_(portion))):
            found[row.id] = Capture(row.file, row.offset, row.length, row.digest, row.at)
    return found
