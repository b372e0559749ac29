"""Where the archive keeps the exchanges that revisions were read from."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from core.model import Capture
from storage import upserts
from storage.portions import in_portions
from storage.schema import captures


def keep_capture(connection: Connection, capture: Capture) -> int:
    """Return the id of a capture, which is kept once however often it is told.

    Where a file of the archive was taken away and another made under its name, both exchanges are kept: whoever reads
    the archive sees by the digest which of them still stands there.
    """
    statement = (
        upserts.insert(captures)
        .values(file=capture.file, offset=capture.offset, length=capture.length, digest=capture.digest, at=capture.at)
        .on_conflict_do_nothing(index_elements=["file", "offset", "digest"])
        .returning(captures.c.id)
    )
    new = connection.execute(statement).scalar()
    if new is not None:
        return new
    its_own = captures.c.file == capture.file, captures.c.offset == capture.offset, captures.c.digest == capture.digest
    return connection.execute(select(captures.c.id).where(*its_own)).scalar_one()


def captures_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Capture]:
    """Return the captures with these ids, by id."""
    found = {}
    for portion in in_portions(ids):
        for row in connection.execute(select(captures).where(captures.c.id.in_(portion))):
            found[row.id] = Capture(row.file, row.offset, row.length, row.digest, row.at)
    return found
