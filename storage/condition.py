"""What a corpus's file is like, told without changing it: nothing is made, migrated or locked for writing."""

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from core.errors import StorageError
from storage.faults import storage_error
from storage.schema import HEAD

_STEPS = 20_000  # of SQLite's machine between two looks at the clock: some milliseconds
_MOST = 5  # problems that are told


@dataclass(frozen=True, slots=True)
class Condition:
    """What a corpus's file is like.

    schema is its revision, wanted that of this program; problems are what SQLite finds wrong, is_whole whether it came
    to the end of the file within the time that it was given. database and log are the sizes of the file and of its
    write-ahead log, in bytes.
    """

    schema: str
    wanted: str
    problems: tuple[str, ...]
    is_whole: bool
    database: int
    log: int

    @property
    def is_newer(self) -> bool:
        """Whether a newer program made it."""
        return self.schema > self.wanted


def condition(path: Path, limit: timedelta, busy_timeout: timedelta = timedelta(seconds=1)) -> Condition:
    """Return what the corpus in a file is like, looking for at most `limit`.

    Raises StorageError; where another process holds the file StorageBusyError, which says nothing of its condition.
    """
    try:
        # Read-only: who looks at a corpus of another program must not bring it to this one's schema.
        with closing(
            sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=busy_timeout.total_seconds())
        ) as file:
            schema = _schema(file)
            problems, is_whole = _problems(file, limit)
    except sqlite3.Error as error:
        raise storage_error(error, path) from error
    except OSError as error:
        raise StorageError(f"The corpus {path} cannot be looked at: {error.strerror}.") from error
    return Condition(schema, HEAD, problems, is_whole, *sizes(path))


def sizes(path: Path) -> tuple[int, int]:
    """Return the sizes of a corpus's file and of its write-ahead log, in bytes; 0 for one that is not there."""
    return _size(path), _size(path.with_name(f"{path.name}-wal"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _schema(file: sqlite3.Connection) -> str:
    tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "alembic_version" not in tables:
        return ""
    row = file.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _problems(file: sqlite3.Connection, limit: timedelta) -> tuple[tuple[str, ...], bool]:
    end = time.monotonic() + limit.total_seconds()
    file.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)
    found: list[str] = []
    # Noted while it is found: the driver looks a row ahead, and loses the last one when the time is over.
    file.create_function("noted", 1, found.append)
    try:
        file.execute("SELECT noted(quick_check) FROM pragma_quick_check(?)", (_MOST,)).fetchall()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return tuple(found), False
    return tuple(line for line in found if line != "ok"), True
