"""Copies of the corpus: made while others write it, looked at before anybody relies on them, put in place whole.

SQLite's backup interface makes them, in one step: what it reads is the corpus at one moment, and writers go on
meanwhile without sending it back to its beginning. VACUUM INTO does as well, writes every row anew, and took a third
more CPU (0.56 s and 0.42 s for 250 MB); looking at the copy takes twenty times as long as either.
"""

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from core.errors import StorageError, StorageFullError, UsageError
from core.folders import sync_folder
from storage.checks import problems, quick_problems, rows
from storage.engine import sqlite_engine, unguarded, writing
from storage.faults import storage_error

KEPT = 2
"""Copies from before an upgrade that are kept."""

NO_BACKUP = "TONLE_NO_BACKUP"
"""The environment variable that lets a corpus be upgraded without a copy."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNWRITTEN = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
_BESIDE = ("", "-journal", "-wal", "-shm")
_OWNER_ONLY = 0o600
_WAIT = timedelta(seconds=30)

Look = Callable[[Connection, str | None], Iterator[str]]
"""Yields what is wrong with a corpus of a schema."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a corpus: where it is, its size in bytes, its schema, and how many rows each of its tables has."""

    path: Path
    size: int
    revision: str
    rows: Mapping[str, int] = field(default_factory=dict)


def back_up(corpus: Path, target: Path, *, replace: bool = False, look: Look = problems) -> Copy:
    """Copy the corpus as it is at one moment; return the copy once it was found sound and is on the disk.

    It has the rights of the corpus, and is there whole or not at all. Raises UsageError where the target is there
    already and is not to be replaced, StorageFullError where there is no room, and StorageError where the copy, and so
    the corpus, is not sound.
    """
    if not corpus.is_file():
        raise StorageError(f"There is no corpus {corpus} to copy.")
    refuse_target(corpus, target, replace=replace)
    draft = target.with_name(f"{target.name}.new")
    try:
        with _made(draft):
            copy = _filled(corpus, draft, look)
            harden(draft, corpus.stat().st_mode & 0o777)
            _publish(draft, target, replace=replace)
    except (OSError, StorageFullError) as error:
        raise unwritten(target, error) from error
    return Copy(target, target.stat().st_size, copy.revision, copy.rows)


def refuse_target(corpus: Path, target: Path, *, replace: bool = False) -> None:
    """Raise UsageError where a copy of the corpus may not be written to a place."""
    own = {corpus.with_name(corpus.name + end).resolve() for end in _BESIDE}
    if target.resolve() in own:
        raise UsageError(f"{target} is the corpus itself: name another file.")
    if target.is_dir():
        raise UsageError(f"{target} is a folder: name a file in it.")
    if target.exists() and not replace:
        raise UsageError(f"{target} is there already: name another file, or say --force.")


def back_up_before(corpus: Path, revision: str) -> Path | None:
    """Copy a corpus that is about to be brought to a schema, beside it; return where, None where it was not to be.

    It is verified cheaply. The newest KEPT such copies stay. Raises StorageError with how to go on without one.
    """
    if os.environ.get(NO_BACKUP, "") not in {"", "0"}:
        return None
    target = corpus.with_name(f"{corpus.name}.before-{revision}")
    try:
        back_up(corpus, target, replace=True, look=_quickly)
    except StorageFullError as error:
        raise StorageFullError(
            f"The corpus has to be brought to schema {revision}, and there is no room for a copy of it before that"
            f" ({corpus.stat().st_size / 1e6:,.0f} MB in {corpus.parent}): make room, or set {NO_BACKUP}=1 to go on"
            " without one."
        ) from error
    for old in sorted(corpus.parent.glob(f"{corpus.name}.before-[0-9][0-9][0-9][0-9]"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def looked_at(path: Path, look: Look = problems) -> Copy:
    """Return what a copy holds. Raises StorageError where it is no corpus, or something is wrong with it."""
    _make_one_file(path)
    with _engine(path) as engine, writing(engine).connect() as connection:
        revision = revision_of(connection)
        if revision is None:
            raise StorageError(f"{path} is no corpus, but an empty file.")
        found = tuple(look(connection, revision))
        counted = rows(connection)
        connection.rollback()
    if found:
        raise StorageError(f"{path} is not sound: {' '.join(found)}")
    return Copy(path, path.stat().st_size, revision, counted)


def _make_one_file(path: Path) -> None:
    """Bring what stands in the log of a database into it, so that it needs none: a read-only disk can hold it then."""
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # Alone with the file SQLite shares no memory beside it, for which a full disk has no room.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise storage_error(error, path) from error


def revision_of(connection: Connection) -> str | None:
    """Return the schema of a corpus, None for a file without tables. Raises StorageError for another's file."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        path = connection.engine.url.database
        raise StorageError(f"{path} is a database of another program; set `data` to another folder.")
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def unwritten(target: Path, error: Exception, left: str = "nothing of it was left") -> StorageError:
    """Return what it means to a person that a copy could not be written; left says what came of it."""
    if isinstance(error, StorageFullError) or is_full(error):
        return StorageFullError(
            f"There is no room for {target}, the disk or its quota is full; {left}: make room, or name another disk."
        )
    said = getattr(error, "strerror", None) or error
    return StorageError(f"{target} cannot be written: {said}.")


def is_full(error: Exception) -> bool:
    """Return whether a system call failed because the disk, or the quota, is full."""
    return getattr(error, "errno", None) in _FULL


def begin(path: Path) -> None:
    """Make an empty file that only its owner may read. Raises FileExistsError."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))


def harden(path: Path, mode: int) -> None:
    """Give a file its rights, and have it on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def forget(path: Path) -> None:
    """Remove a database that nobody has open, with what stands beside it."""
    for end in _BESIDE:
        path.with_name(path.name + end).unlink(missing_ok=True)


def _quickly(connection: Connection, revision: str | None) -> Iterator[str]:
    del revision
    yield from quick_problems(connection)


@contextmanager
def _made(draft: Path) -> Iterator[None]:
    """Make an empty file that only its owner may read, in place of one that a killed process left; gone at the end."""
    forget(draft)
    begin(draft)
    try:
        yield
    finally:
        with suppress(OSError):
            forget(draft)


@contextmanager
def _engine(path: Path) -> Iterator[Engine]:
    engine = sqlite_engine(path, _WAIT)
    try:
        yield engine
    finally:
        engine.dispose()


def _filled(corpus: Path, draft: Path, look: Look) -> Copy:
    """Fill a draft with the corpus, and return it once it holds as many rows and is sound."""
    with _engine(corpus) as origin, origin.connect() as source:
        # The transaction begins here: what is counted is what is copied.
        counted = rows(source)
        with _engine(draft) as blank, unguarded(blank).connect() as target:
            # Nobody else sees the draft, and it goes with any failure: it is put on the disk once, at the end.
            target.exec_driver_sql("PRAGMA journal_mode = OFF")
            target.exec_driver_sql("PRAGMA synchronous = OFF")
            _pour(source, target, corpus, draft)
    copy = looked_at(draft, look)
    if copy.rows != counted:
        lost = sorted(name for name in counted if copy.rows.get(name) != counted[name])
        raise StorageError(f"The copy {draft} has other rows than the corpus in {', '.join(lost)}: try again.")
    return copy


def _pour(source: Connection, target: Connection, corpus: Path, draft: Path) -> None:
    try:
        _driver(source).backup(_driver(target), pages=-1)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
        if code in _UNWRITTEN:
            raise unwritten(draft, StorageFullError()) from error
        raise storage_error(error, corpus) from error


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise StorageError("Only a corpus in SQLite can be copied by tonle; use the tools of its database.")
    return driver


def _publish(draft: Path, target: Path, *, replace: bool) -> None:
    if replace:
        draft.replace(target)
    else:
        try:
            # Unlike a renaming it never replaces what somebody put there meanwhile.
            target.hardlink_to(draft)
        except FileExistsError as error:
            raise UsageError(f"{target} is there already: name another file, or say --force.") from error
        except OSError:
            draft.rename(target)  # a file system without links
        else:
            draft.unlink()
    sync_folder(target.parent)
