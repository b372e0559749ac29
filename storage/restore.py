"""Putting a copy in the place of the corpus: looked at first, switched in one step; what stood there stays beside."""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path
from shutil import copyfile

from core.errors import CorpusVersionError, StorageBusyError, StorageError, StorageFullError, UsageError
from core.folders import make_folder, sync_folder
from storage.backup import Copy, begin, forget, harden, is_full, looked_at, unwritten
from storage.engine import sqlite_engine, unguarded
from storage.lock import alone_in
from storage.schema import HEAD
from storage.succession import succeed

_DRAFT = ".restoring"
_KEPT = ".replaced-"
_LOG = "-wal"
_UNFINISHED = ".new"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place, and where the corpus is that stood there; None where there was none."""

    copy: Copy
    kept: Path | None


def restore(backup: Path, corpus: Path, now: datetime, busy_timeout: timedelta) -> Restored:
    """Put a backup in the place of the corpus, which nobody may have open; the backup stays as it is.

    Killed at any moment, the corpus is the old one or the new one. Raises UsageError where there is no such backup,
    StorageError where it is not sound, and StorageBusyError where another process has the corpus.
    """
    refuse_backup(backup, corpus)
    draft = corpus.with_name(corpus.name + _DRAFT)
    try:
        make_folder(corpus.parent)
        with alone_in(corpus.parent):
            _forget_links(corpus)
            try:
                copy = _drafted(backup, draft, corpus)
                kept = _switch(corpus, draft, now, busy_timeout)
            finally:
                forget(draft)
    except OSError as error:
        raise unwritten(corpus, error) from error
    return Restored(Copy(corpus, copy.size, copy.revision, copy.rows), kept)


def refuse_backup(backup: Path, corpus: Path) -> None:
    """Raise UsageError for what cannot be put in the place of a corpus, as far as its name tells."""
    if not backup.is_file():
        raise UsageError(f"{backup} is no file: name a backup that `tonle db backup` made.")
    if corpus.exists() and backup.samefile(corpus):
        raise UsageError(f"{backup} is the corpus itself: name a backup.")


def _forget_links(corpus: Path) -> None:
    """Take away the second name, or half a copy, of the corpus that a restoring leaves which was killed before the end.

    One whose log was taken aside already stays beside that.
    """
    for kept in corpus.parent.glob(f"{corpus.name}{_KEPT}*"):
        is_second = corpus.exists() and kept.samefile(corpus) and not kept.with_name(kept.name + _LOG).exists()
        if is_second or kept.name.endswith(_UNFINISHED):
            kept.unlink()


def _drafted(backup: Path, draft: Path, corpus: Path) -> Copy:
    """Copy a backup beside the corpus, and return it once it was found sound there."""
    forget(draft)
    try:
        # With its log, if it is a plain copy that somebody made: opened, it becomes one file.
        for end in ("", _LOG):
            part, place = backup.with_name(backup.name + end), draft.with_name(draft.name + end)
            if part.exists():
                begin(place)
                copyfile(part, place)
        copy = looked_at(draft)
    except (OSError, StorageFullError) as error:
        raise unwritten(draft, error) from error
    except StorageError as error:
        said = str(error).replace(str(draft), str(backup))
        raise StorageError(f"{said} It was not put back; the corpus is as it was.") from error
    if copy.revision > HEAD:
        raise CorpusVersionError(
            f"The backup {backup} has schema {copy.revision}, of which this tonle (schema {HEAD}) knows nothing; "
            "run the tonle that made it, or a newer one."
        )
    harden(draft, (corpus if corpus.exists() else backup).stat().st_mode & 0o777)
    return copy


def _switch(corpus: Path, draft: Path, now: datetime, busy_timeout: timedelta) -> Path | None:
    kept = _free_name(corpus.with_name(f"{corpus.name}{_KEPT}{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"))
    is_there = corpus.exists()
    is_one = is_there and _is_one_file(corpus, busy_timeout)
    succeed(draft, corpus)
    if is_there:
        _name_twice(corpus, kept)
    if not is_one:
        # Damaged, or gone: its log goes before the new corpus comes, which must never be read with it.
        corpus.with_name(f"{corpus.name}-shm").unlink(missing_ok=True)
        log = corpus.with_name(corpus.name + _LOG)
        if log.exists():
            log.rename(kept.with_name(kept.name + _LOG))
    sync_folder(corpus.parent)
    draft.replace(corpus)
    sync_folder(corpus.parent)
    return kept if is_there else None


def _free_name(wanted: Path) -> Path:
    """Return a name that nothing has: two are put back within a second where the first of them was killed."""
    names = chain([wanted], (wanted.with_name(f"{wanted.name}-{number}") for number in count(2)))
    return next(name for name in names if not (name.exists() or name.with_name(name.name + _LOG).exists()))


def _is_one_file(corpus: Path, busy_timeout: timedelta) -> bool:
    """Bring all that the log holds into the corpus, so that nothing is beside it; False where it is damaged.

    SQLite does so only where nobody else has it open. Raises StorageBusyError.
    """
    engine = sqlite_engine(corpus, busy_timeout)
    try:
        with unguarded(engine).connect() as connection:
            left = connection.exec_driver_sql("PRAGMA journal_mode = DELETE").scalar() != "delete"
    except StorageBusyError as error:
        raise StorageBusyError(
            f"The corpus {corpus} is open in another process: end every tonle that works with it, then try again."
        ) from error
    except StorageError as error:
        if _is_damage(error):
            return False
        raise
    finally:
        engine.dispose()
    return not left


def _is_damage(error: StorageError) -> bool:
    code = getattr(error.__cause__, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}


def _name_twice(corpus: Path, kept: Path) -> None:
    """Give the corpus a second name, or copy it where there are no links: there is one under its own at every moment.

    Only one that cannot be read to its end, on a disk without links, is renamed.
    """
    with suppress(OSError):
        kept.hardlink_to(corpus)
        return
    copy = kept.with_name(kept.name + _UNFINISHED)
    try:
        begin(copy)
        copyfile(corpus, copy)
        harden(copy, corpus.stat().st_mode & 0o777)
        copy.rename(kept)
    except OSError as error:
        copy.unlink(missing_ok=True)
        if is_full(error):
            raise
        corpus.rename(kept)
