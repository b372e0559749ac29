"""Where the archive keeps the exchanges that revisions were read from."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from core.model import Capture
from storage import upserts
from storage.portions import in_portions
from storage.schema import captures, revisions
from storage.schema_stories import absences


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file of the archive that revisions were read from: how many, and where the last of their records ends."""

    file: str
    revisions: int
    end: int


class Captures:
    """The captures of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self, limit: int | None = None) -> tuple[Capture, ...]:
        """Return the exchanges that revisions and absences point to, newest first; all of them without a limit."""
        ids = {
            column: select(column).where(column.is_not(None))
            for column in (revisions.c.capture_id, absences.c.first_capture_id, absences.c.last_capture_id)
        }
        first, *others = ids.values()
        question = select(captures).where(captures.c.id.in_(first.union(*others))).order_by(captures.c.id.desc())
        rows = self._connection.execute(question.limit(limit))
        return tuple(Capture(row.file, row.offset, row.length, row.digest, row.at) for row in rows)

    def files(self) -> dict[str, FileRead]:
        """Return the files of the archive that revisions were read from, by name."""
        question = (
            select(captures.c.file, func.count(), func.max(captures.c.offset + captures.c.length))
            .join(revisions, revisions.c.capture_id == captures.c.id)
            .group_by(captures.c.file)
        )
        return {file: FileRead(file, number, end) for file, number, end in self._connection.execute(question)}


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
