"""The way into the corpus: a Store opens the file, a transaction or a reading gives a Corpus to ask."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine

from core.errors import CorpusVersionError, StorageBusyError, StorageError, StorageFullError
from core.folders import make_folder
from core.owed import Reach
from storage.absences import Absences
from storage.ahead import Ahead
from storage.articles import Articles
from storage.backup import back_up_before, is_full, revision_of
from storage.captures import Captures
from storage.changes import Changes
from storage.checks import advice, index_problems, seen_problems
from storage.digests import Digests
from storage.engine import sqlite_engine, unguarded, writing
from storage.feedback import Feedback
from storage.fingerprints import Fingerprints
from storage.flickers import Flickers
from storage.headlines import Headlines
from storage.history import History
from storage.incidents import Incidents
from storage.jobs import Jobs
from storage.listings import Listings
from storage.lock import alone_in, is_anothers, lock_of
from storage.matches import Matches
from storage.meters import Meters
from storage.news import News
from storage.outbox import Outbox
from storage.passages import Passages
from storage.prune import Past
from storage.robots import Robots
from storage.runs import Runs
from storage.schema import HEAD
from storage.search import Search
from storage.sources import Sources
from storage.stories import Stories
from storage.subscribers import Subscribers
from storage.troubles import Troubles
from storage.validators import Validators

_JOURNAL = "wal"
"""A write-ahead log: whoever reads does not wait for whoever writes."""


class Corpus:
    """What can be asked of the corpus, and told it, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.articles = Articles(connection)
        self.absences = Absences(connection)
        self.ahead = Ahead(connection)
        self.captures = Captures(connection)
        self.sources = Sources(connection)
        self.validators = Validators(connection)
        self.listings = Listings(connection)
        self.incidents = Incidents(connection)
        self.robots = Robots(connection)
        self.runs = Runs(connection)
        self.history = History(connection)
        self.past = Past(connection)
        self.passages = Passages(connection)
        self.meters = Meters(connection)
        self.fingerprints = Fingerprints(connection)
        self.stories = Stories(connection)
        self.headlines = Headlines(connection)
        self.flickers = Flickers(connection)
        self.matches = Matches(connection)
        self.feedback = Feedback(connection)
        self.outbox = Outbox(connection)
        self.digests = Digests(connection)
        self.changes = Changes(connection)
        self.subscribers = Subscribers(connection)
        self.jobs = Jobs(connection)
        self.troubles = Troubles(connection)
        self.news = News(connection)
        self.search = Search(connection)

    def reach(self) -> Reach:
        """Return how far the sequences of articles, turns and changes have come."""
        return Reach(self.articles.highest_id(), self.absences.last_turn(), self.changes.last())

    def enrol(self, names: Collection[str], now: datetime) -> tuple[str, ...]:
        """Record the subscribers that are new, and return their names: what came before they joined is not theirs."""
        here = self.reach() if names else Reach()
        return tuple(name for name in names if self.subscribers.join(name, here, now))


class Store:
    """An open corpus. Safe to use from several threads at once: each transaction has a connection of its own."""

    def __init__(self, engine: Engine, path: Path | None = None) -> None:
        self._engine = engine
        self._path = path
        self._opened = _identity(path) if path else None

    @classmethod
    def open(cls, path: Path, busy_timeout: timedelta = timedelta(seconds=30), *, makes: bool = True) -> Self:
        """Return the corpus in a file, brought to this program's schema; `makes`: folder and file, if need be.

        Any number of processes may do so at once. Raises StorageBusyError after waiting `busy_timeout` for a
        lock, CorpusVersionError for a corpus of a newer tonle, and for one of an older schema that another process's
        daemon works with, StorageError for a file that is no corpus.
        """
        engine = sqlite_engine(path, busy_timeout)
        try:
            _make(path) if makes else _refuse_none(path)
            _bring_up_to_date(engine, path)
        except BaseException as error:
            engine.dispose()
            if isinstance(error, OSError):
                raise unusable(path.parent, error) from error
            raise
        return cls(engine, path)

    @classmethod
    def existing(cls, path: Path, busy_timeout: timedelta = timedelta(seconds=30)) -> Self:
        """Return the corpus in a file that is there and of this program's schema; neither file nor folder is made.

        Raises StorageError where there is none.
        """
        _refuse_none(path)
        return cls(sqlite_engine(path, busy_timeout), path)

    def is_in_place(self) -> bool:
        """Return whether the file that was opened stands at its path, and nobody moved, removed or replaced it."""
        return self._path is None or _identity(self._path) == self._opened

    def close(self) -> None:
        """Give back the file; transactions must have ended."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Corpus]:
        """Give the corpus for writing: committed when the block ends, undone when it raises.

        It waits for the only write lock at once, so what is read inside stays true until it ends. Transactions
        do not nest: keep them short, and open no second one inside.
        """
        with writing(self._engine).begin() as connection:
            yield Corpus(connection)

    @contextmanager
    def reading(self) -> Iterator[Corpus]:
        """Give the corpus as it was at the first question, whatever is written meanwhile."""
        with self._engine.connect() as connection:
            yield Corpus(connection)

    def check(self) -> tuple[str, ...]:
        """Return what is wrong with the corpus, in whole sentences; nothing when it is sound.

        Takes the write lock for as long as the search index is held against the articles, and not while it reads the
        file. Raises StorageBusyError.
        """
        try:
            with self._engine.connect() as connection:
                found = (*seen_problems(connection), *advice(connection))
            with writing(self._engine).begin() as connection:
                return (*found, *index_problems(connection))
        except StorageBusyError:
            raise
        except StorageError as error:
            return (str(error),)

    def compact(self) -> None:
        """Write the file anew without the room that what was forgotten has left: it takes twice as much room meanwhile.

        Raises StorageBusyError where somebody writes or reads for too long.
        """
        with unguarded(self._engine).connect() as connection, _temporary_beside(connection):
            connection.exec_driver_sql("VACUUM")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def version(self) -> str:
        """Return the revision of the schema."""
        with self._engine.connect() as connection:
            return revision_of(connection) or ""


def _bring_up_to_date(engine: Engine, path: Path) -> None:
    with unguarded(engine).connect() as connection:
        if _is_ready(connection):
            return
    with alone_in(path.parent):
        # Another file may stand there by now, put back from a backup: it is opened anew.
        engine.dispose()
        with unguarded(engine).connect() as connection:
            if revision_of(connection) != HEAD:
                _migrate(connection, path)
            # Asked last, so that a file which is not ours is refused as it is. The file keeps the answer.
            connection.exec_driver_sql(f"PRAGMA journal_mode = {_JOURNAL}")


@contextmanager
def _temporary_beside(connection: Connection) -> Iterator[None]:
    """Let SQLite put its temporary files beside the corpus: elsewhere there may be less room than the corpus takes.

    SQLite reads SQLITE_TMPDIR when it is loaded, which is too early for that. The word holds for the whole process.
    """
    folder = str(Path(connection.engine.url.database or "").absolute().parent).replace("'", "''")
    connection.exec_driver_sql(f"PRAGMA temp_store_directory = '{folder}'")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA temp_store_directory = ''")


def unusable(folder: Path, error: OSError) -> StorageError:
    """Return what it means to a person that the folder of the corpus could not be made, or nothing be made in it."""
    if is_full(error):
        return StorageFullError(f"There is no room for a corpus in {folder}: the disk or its quota is full; make room.")
    if isinstance(error, FileExistsError):
        return StorageError(f"{folder} is no folder, or a link that leads nowhere: mend it, or set another `data`.")
    return StorageError(f"The folder {folder} cannot be used: {error.strerror}; make it one this user may write.")


def _make(path: Path) -> None:
    """Make the file of a corpus, empty, unless it is there: no connection makes one (`sqlite_engine`)."""
    make_folder(path.parent)
    if not path.exists():
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))


def _refuse_none(path: Path) -> None:
    if not path.is_file():
        raise StorageError(f"There is no corpus {path}: was it moved or taken away? Put it back, or name another.")


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _is_ready(connection: Connection) -> bool:
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    return revision_of(connection) == HEAD and journal == _JOURNAL


def _migrate(connection: Connection, path: Path) -> None:
    # Alembic takes 0.4 s to import, for what is needed once in the life of a corpus and program.
    from storage.migrate import refuse_unknown, upgrade  # noqa: PLC0415

    revision = revision_of(connection)
    refuse_unknown(connection, revision)
    if revision is not None and is_anothers(lock_of(path.parent, "daemon")):
        raise CorpusVersionError(
            f"The corpus {path} has schema {revision} and a daemon that works with it, which knows nothing of schema"
            f" {HEAD}: stop that daemon, then start the new one, or try again; the corpus is as it was."
        )
    # SQLite alters a table by copying and dropping it, for which nothing may enforce what points to it.
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    # Nobody can write any more what the copy would not have.
    if revision is not None and connection.exec_driver_sql("SELECT 1 FROM articles LIMIT 1").first():
        back_up_before(path, HEAD)
    upgrade(connection)
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")
