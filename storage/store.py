"""The way into the corpus: a Store opens the file, a transaction or a reading gives a Corpus to ask."""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, inspect, text

from core.errors import StorageBusyError, StorageError
from core.owed import Reach
from storage.absences import Absences
from storage.articles import Articles
from storage.changes import Changes
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
from storage.matches import Matches
from storage.meters import Meters
from storage.news import News
from storage.outbox import Outbox
from storage.passages import Passages
from storage.robots import Robots
from storage.runs import Runs
from storage.schema import HEAD
from storage.search import Search
from storage.sources import Sources
from storage.stories import Stories
from storage.subscribers import Subscribers
from storage.validators import Validators

_JOURNAL = "wal"
"""A write-ahead log: whoever reads does not wait for whoever writes."""


class Corpus:
    """What can be asked of the corpus, and told it, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.articles = Articles(connection)
        self.absences = Absences(connection)
        self.sources = Sources(connection)
        self.validators = Validators(connection)
        self.listings = Listings(connection)
        self.incidents = Incidents(connection)
        self.robots = Robots(connection)
        self.runs = Runs(connection)
        self.history = History(connection)
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

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, path: Path, busy_timeout: timedelta = timedelta(seconds=30)) -> Self:
        """Return the corpus in a file, brought to this program's schema; folder and file are made if need be.

        Any number of processes may do so at once. Raises StorageBusyError after waiting `busy_timeout` for a
        lock, CorpusVersionError for a corpus of a newer tonle, StorageError for a file that is no corpus.
        """
        engine = sqlite_engine(path, busy_timeout)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _bring_up_to_date(engine, path.parent)
        except BaseException as error:
            engine.dispose()
            if isinstance(error, OSError):
                problem = f"The folder {path.parent} cannot be used: {error.strerror}; make it one this user may write."
                raise StorageError(problem) from error
            raise
        return cls(engine)

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

        Takes the write lock for as long as it reads the whole file. Raises StorageBusyError.
        """
        try:
            with writing(self._engine).begin() as connection:
                return tuple(_problems(connection))
        except StorageBusyError:
            raise
        except StorageError as error:
            return (str(error),)

    def version(self) -> str:
        """Return the revision of the schema."""
        with self._engine.connect() as connection:
            return _revision(connection) or ""


def _bring_up_to_date(engine: Engine, folder: Path) -> None:
    with unguarded(engine).connect() as connection:
        if _is_ready(connection):
            return
        with _alone_in(folder):
            if _revision(connection) != HEAD:
                _migrate(connection)
            # Asked last, so that a file which is not ours is refused as it is. The file keeps the answer.
            connection.exec_driver_sql(f"PRAGMA journal_mode = {_JOURNAL}")


def _is_ready(connection: Connection) -> bool:
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    return _revision(connection) == HEAD and journal == _JOURNAL


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process or thread makes a corpus in the folder; the kernel frees a killed one's lock.

    SQLite's own locks do not do: of two processes that switch the journal at once, one is told at once to go away.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _migrate(connection: Connection) -> None:
    # Alembic takes 0.4 s to import, for what is needed once in the life of a corpus and program.
    from storage.migrate import upgrade  # noqa: PLC0415

    # SQLite alters a table by copying and dropping it, for which nothing may enforce what points to it.
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    upgrade(connection, _revision(connection))
    connection.commit()
    connection.exec_driver_sql("PRAGMA foreign_keys = ON")


def _revision(connection: Connection) -> str | None:
    """Return the revision of a corpus, None for a file without tables; raises StorageError for another's file."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        path = connection.engine.url.database
        raise StorageError(f"{path} is a database of another program; set `data` to another folder.")
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _problems(connection: Connection) -> Iterator[str]:
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if line != "ok":
            yield f"The file is damaged: {line}."
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"Row {row} of {table} points to a row of {parent} that does not exist."
    if not Search(connection).check():
        yield "The search index does not agree with the articles: run `tonle db reindex`."
    if outdated := Fingerprints(connection).outdated():
        yield f"Another program made the fingerprints of {outdated:,} articles: run `tonle db rebuild fingerprints`."
