"""A PostgreSQL server of the tests' own: a cluster in a temporary folder, reached through a socket in it and not else.

PostgreSQL refuses to run as root: then it runs as `nobody`, who is given the folder.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from json import dumps
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, create_engine, event, text

from storage.schema import metadata

ON_EACH_BACKEND = pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
MISSING = "PostgreSQL is not installed, and this runs on a server of its own: Debian has it in the package postgresql"
_DEBIAN = Path("/usr/lib/postgresql")  # whose programs stand beside PATH, by release
_READY = "ready to accept connections"
_WRITING = 1  # the one lock of those who write
# The data live as long as the tests: nothing is synced. Only what begins and ends the server is logged.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "log_checkpoints": "off",
    "log_min_messages": "log",
}


def programs() -> Path | None:
    """Return the folder of the server's programs, of several releases the newest; None where there is none."""
    on_path = shutil.which("initdb")
    if on_path and shutil.which("postgres"):
        return Path(on_path).resolve().parent
    found = [each.parent for each in _DEBIAN.glob("*/bin/postgres") if each.with_name("initdb").exists()]
    return max(found, key=lambda folder: float(folder.parent.name), default=None)


@contextmanager
def server(folder: Path) -> Iterator[URL]:
    """Run a server of the programs in a folder; gives the address of an empty database."""
    # Not below pytest's folder, which nobody but its owner may enter, and whose path is too long for a socket.
    place = Path(mkdtemp(prefix="tonle-pg-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}
    begun = partial(subprocess.Popen, cwd=place, text=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}, **user)
    try:
        made = ["initdb", "-D", "data", "-U", "tonle", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
        with begun([folder / made[0], *made[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as initdb:
            said = initdb.communicate()[0]
        if initdb.returncode:
            raise RuntimeError(f"initdb failed: {said}")
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [folder / "postgres", "-D", "data", "-k", place, *settings]
        with begun(command, stderr=subprocess.PIPE) as postgres:
            try:
                _wait_for(postgres)
                yield URL.create("postgresql+psycopg", "tonle", query={"host": str(place), "dbname": "postgres"})
            finally:
                postgres.send_signal(signal.SIGINT)  # at once, whoever is connected, but in order
                postgres.communicate(timeout=30)
    finally:
        shutil.rmtree(place)


def _wait_for(postgres: "subprocess.Popen[str]") -> None:
    assert postgres.stderr is not None
    said = []
    for line in postgres.stderr:
        said.append(line)
        if _READY in line:
            return
    raise RuntimeError(f"postgres did not start: {''.join(said)}")


def engine_of(url: URL) -> Engine:
    """Return an engine whose transactions are those of a corpus: of those who write only one at a time.

    Who reads sees the corpus as it was at the first question.
    """
    engine = create_engine(
        url,
        # To compile a statement takes 66 ms, and is done for what PostgreSQL believes of tables it has not analysed.
        connect_args={"options": "-c jit=off"},
        json_serializer=partial(dumps, ensure_ascii=False),
        max_overflow=-1,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("begin"):
        # Each statement sees what was committed before it, so what is read once the lock is had is all there is.
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITING})
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def emptied(engine: Engine) -> None:
    """Make all tables of a corpus, without a row; ids begin anew."""
    with engine.execution_options(begin="for writing").begin() as connection:
        metadata.create_all(connection)
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
