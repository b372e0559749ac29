"""Setting up SQLite: one engine a corpus, a connection a thread, transactions that begin as we say.

The driver's own transaction handling is off (it would commit around DDL); what BEGIN is sent, if any, is the
execution option `begin`. synchronous=FULL with a write-ahead log: what was committed survives a power cut.
"""

import json
import sqlite3
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import StatementError

from storage.faults import storage_error


def sqlite_engine(path: Path, busy_timeout: timedelta) -> Engine:
    """Return an engine on a SQLite file; whatever SQLite says is raised as a StorageError.

    A connection waits for a lock for `busy_timeout`. Its transactions begin with a plain BEGIN; see `writing`. The
    file, which may be empty, has to be there: where it was taken away, a new connection must not begin another one.
    """
    place = f"{path.absolute().as_uri()}?mode=rw"
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        creator=lambda: sqlite3.connect(
            place, uri=True, timeout=busy_timeout.total_seconds(), isolation_level=None, check_same_thread=False
        ),
        json_serializer=partial(json.dumps, ensure_ascii=False),
        # However many threads there are, none waits for another's connection.
        max_overflow=-1,
    )
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", partial(_in_our_words, path))
    return engine


def writing(engine: Engine) -> Engine:
    """Return the engine with transactions that hold the only write lock from their beginning."""
    return engine.execution_options(begin="BEGIN IMMEDIATE")


def unguarded(engine: Engine) -> Engine:
    """Return the engine with connections that begin no transaction of their own: for PRAGMA and migrations."""
    return engine.execution_options(begin="")


def _set_up(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    statement = connection.get_execution_options().get("begin", "BEGIN")
    if statement:
        connection.exec_driver_sql(statement)


def _in_our_words(path: Path, context: ExceptionContext) -> BaseException | None:
    if isinstance(context.original_exception, sqlite3.Error):
        return storage_error(context.original_exception, path)
    # A value that a column refuses (a naive datetime) is the caller's mistake: raised as what it is.
    return context.original_exception if isinstance(context.sqlalchemy_exception, StatementError) else None
