"""What SQLite complains of, in our words: every sqlite3.Error becomes a StorageError with its remedy."""

import os
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
        "{path} is not a corpus, nor any database; put back the last backup, move it away, or set another `data`.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        StorageError,
        "The corpus {path} is damaged ({error}); keep a copy of it and put back the last backup (`tonle db restore`).",
    ),
    sqlite3.SQLITE_IOERR: (
        StorageError,
        "The disk of the corpus {path} failed ({error}); look at the disk before trying again.",
    ),
    sqlite3.SQLITE_CONSTRAINT: (StorageError, "The corpus {path} refuses a row that contradicts it ({error})."),
}

_FULL = _SENTENCES[sqlite3.SQLITE_FULL]
_READ_ONLY_DISK = (
    StorageError,
    "The disk of the corpus {path} is read-only, as one that fails becomes; look at it, then mount it writable.",
)
_INDEX = (
    StorageError,
    "The search index of the corpus {path} is damaged; run `tonle db reindex`, then `tonle db check`.",
)
_OF_THE_DISK = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})
_NO_ROOM = 64 * 1024
"""With less room than this, in bytes, SQLite cannot make the files beside the corpus, and calls that an I/O error."""


def storage_error(error: sqlite3.Error, path: Path) -> StorageError:
    """Return our error for what SQLite said of the corpus at `path`."""
    # Errors of the driver itself, such as a closed connection, have no code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    kind, sentence = _SENTENCES.get(
        code & _PRIMARY, (StorageError, "The corpus {path} cannot be read or written: {error}.")
    )
    if code == sqlite3.SQLITE_CORRUPT_VTAB:
        kind, sentence = _INDEX
    elif code & _PRIMARY in _OF_THE_DISK:
        kind, sentence = _said_by_the_disk(path) or (kind, sentence)
    return kind(sentence.format(path=path, error=error))


def _said_by_the_disk(path: Path) -> tuple[type[StorageError], str] | None:
    """Return what is the matter with the disk of a corpus; None if it has room and may be written."""
    try:
        disk = os.statvfs(path.parent)
    except OSError:
        return None
    if disk.f_flag & os.ST_RDONLY:
        return _READ_ONLY_DISK
    return _FULL if disk.f_bavail * disk.f_frsize < _NO_ROOM else None
