"""What SQLite complains of, in our words: every sqlite3.Error becomes a StorageError with its remedy."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

from core.errors import StorageBusyError, StorageError, StorageFullError

_PRIMARY = 0xFF
"""The bits of an extended result code that hold the primary one (sqlite.org/rescode.html)."""

_SENTENCES: Mapping[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_BUSY: (
        StorageBusyError,
        "The corpus {path} is locked by another process; end that process or wait, then try again.",
    ),
    sqlite3.SQLITE_LOCKED: (
        StorageBusyError,
        "The corpus {path} is locked by another connection of this process; try again.",
    ),
    sqlite3.SQLITE_FULL: (
        StorageFullError,
        "The disk of the corpus {path} is full; what was stored is intact: make room, then try again.",
    ),
    sqlite3.SQLITE_READONLY: (
        StorageError,
        "The corpus {path} is read-only; let this user write to the file and to its folder.",
    ),
    sqlite3.SQLITE_PERM: (
        StorageError,
        "The corpus {path} may not be opened; let this user read and write the file and its folder.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StorageError,
        "The corpus {path} cannot be opened; the path must name a file that this user may write, in such a folder.",
    ),
    sqlite3.SQLITE_NOTADB: (
        StorageError,
        "{path} is not a corpus, nor any SQLite database; move it away, or set `data` to another folder.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        StorageError,
        "The corpus {path} is damaged ({error}); keep a copy of it and put back the last backup.",
    ),
    sqlite3.SQLITE_IOERR: (
        StorageError,
        "The disk of the corpus {path} failed ({error}); look at the disk before trying again.",
    ),
    sqlite3.SQLITE_CONSTRAINT: (StorageError, "The corpus {path} refuses a row that contradicts it ({error})."),
}


def storage_error(error: sqlite3.Error, path: Path) -> StorageError:
    """Return our error for what SQLite said of the corpus at `path`."""
    # Errors of the driver itself, such as a closed connection, have no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    kind, sentence = _SENTENCES.get(
        code & _PRIMARY, (StorageError, "The corpus {path} cannot be read or written: {error}.")
    )
    return kind(sentence.format(path=path, error=error))
