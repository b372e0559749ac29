"""Each step from one schema to the next, on a corpus with articles: the search has to work after every one of them."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory

from storage.engine import sqlite_engine, unguarded
from storage.migrate import migration_config
from tests.contract.test_upgrade import ROWS

STEPS = sorted(script.revision for script in ScriptDirectory.from_config(migration_config()).walk_revisions())

TRIGGERS = {"search_after_insert", "search_before_update", "search_after_update", "search_before_delete"}


def step(path: Path, revision: str) -> None:
    path.touch()
    engine = sqlite_engine(path, timedelta(seconds=1))
    with unguarded(engine).connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(migration_config(connection), revision)
        connection.commit()
    engine.dispose()


def found(connection: sqlite3.Connection, word: str, index: str = "search_words") -> list[int]:
    asked = f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid"  # noqa: S608
    return [row for (row,) in connection.execute(asked, (word,))]


def faults(connection: sqlite3.Connection) -> list[str]:
    """Return what of the search does not follow an article that comes, changes and goes."""
    said = []
    for index in ("search_words", "search_khmer"):
        connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
    if (found(connection, "closing"), found(connection, "ដីធ្លី", "search_khmer")) != ([1], [2]):
        said.append("what was there")
    columns = [column for _, column, *_ in connection.execute("PRAGMA table_info(articles)")]
    copied = ", ".join(f'"{column}"' for column in columns if column not in {"id", "key", "text"})
    connection.execute(
        f"INSERT INTO articles (id, key, text, {copied}) SELECT 9, 'nine', 'Herons came', {copied} FROM articles"  # noqa: S608
        " WHERE id = 1"
    )
    if found(connection, "heron") != [9]:
        said.append("what comes")
    connection.execute("UPDATE articles SET text = 'Otters stayed' WHERE id = 9")
    if (found(connection, "heron"), found(connection, "otter")) != ([], [9]):
        said.append("what changes")
    connection.execute("DELETE FROM articles WHERE id = 9")
    if found(connection, "otter"):
        said.append("what goes")
    return said


@pytest.fixture(scope="module")
def stepped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A corpus of each schema, each made of the one before."""
    folder = tmp_path_factory.mktemp("steps")
    places = {revision: folder / f"{revision}.sqlite" for revision in STEPS}
    step(places[STEPS[0]], STEPS[0])
    filled = sqlite3.connect(places[STEPS[0]])
    for table, rows in ROWS.items():
        filled.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)  # noqa: S608
    filled.commit()
    filled.close()
    for before, after in pairwise(STEPS):
        places[after].write_bytes(places[before].read_bytes())
        step(places[after], after)
    return places


@pytest.fixture
def corpus(stepped: dict[str, Path], request: pytest.FixtureRequest) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(stepped[request.param])
    yield connection
    connection.rollback()
    connection.close()


@pytest.mark.parametrize("corpus", STEPS, indirect=True)
def test_the_search_works_after_each_step(corpus: sqlite3.Connection) -> None:
    assert faults(corpus) == []
    assert {name for (name,) in corpus.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")} >= TRIGGERS


@pytest.mark.parametrize("corpus", [STEPS[-1]], indirect=True)
@pytest.mark.parametrize("trigger", sorted(TRIGGERS))
def test_a_step_that_drops_a_trigger_would_be_found(corpus: sqlite3.Connection, trigger: str) -> None:
    corpus.execute(f"DROP TRIGGER {trigger}")
    assert faults(corpus) != []
