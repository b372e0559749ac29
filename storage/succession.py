"""What a backup takes over from the corpus in whose place it is put, and that it is not that corpus any more.

Ids that were given since the backup are given to nothing else, and messages are named after a corpus of its own: an
alert must not have the Message-ID of another that somebody has. Who wanted no more since is not written to again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from storage.faults import storage_error

_CREDIBLE = 2**53
"""A corpus that is damaged may say any number: at the last of SQLite's a table takes nothing more."""

_GONE = "SELECT name, joined_at, articles_after, turns_after, changes_after, left_at FROM subscribers"


def succeed(draft: Path, corpus: Path) -> None:
    """Make a draft, which nobody else has open, the successor of a corpus; that one need not be there, nor be sound.

    What cannot be read of it is not taken over. Raises StorageError where the draft cannot be written.
    """
    sequences, gone = _asked(corpus, "SELECT name, seq FROM sqlite_sequence"), _asked(corpus, _GONE)
    with _writing(draft) as connection:
        tables = dict(connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master WHERE type = 'table'"))
        for name, number in sequences:
            if "AUTOINCREMENT" in tables.get(name, "") and isinstance(number, int) and number < _CREDIBLE:
                _raise_sequence(connection, name, number)
        if "subscribers" in tables:
            _take_leave(connection, gone)
        if "identity" in tables:  # else bringing it to this program's schema makes one
            connection.execute("DELETE FROM identity")
            connection.execute("INSERT INTO identity (value) VALUES (?)", (token_hex(8),))


def _asked(corpus: Path, question: str) -> list[tuple[object, ...]]:
    """Return the rows that answer a question, none where the corpus cannot be read."""
    if corpus.exists():
        with suppress(sqlite3.Error), closing(_read_only(corpus)) as connection:
            return connection.execute(question).fetchall()
    return []


def _read_only(corpus: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{corpus.absolute().as_uri()}?mode=ro", uri=True)


def _raise_sequence(connection: sqlite3.Connection, name: object, number: int) -> None:
    raised = connection.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (number, name))
    if not raised.rowcount:
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))


def _take_leave(connection: sqlite3.Connection, known: list[tuple[object, ...]]) -> None:
    """Record who left, unless they joined again after that."""
    connection.executemany(
        "INSERT INTO subscribers (name, joined_at, articles_after, turns_after, changes_after, left_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET left_at = excluded.left_at"
        " WHERE left_at IS NULL AND joined_at < excluded.left_at",
        [row for row in known if row[-1] is not None],
    )


@contextmanager
def _writing(draft: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection in a transaction that is on the disk when the block has ended."""
    try:
        with closing(sqlite3.connect(draft)) as connection, connection:
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
    except sqlite3.Error as error:
        raise storage_error(error, draft) from error
