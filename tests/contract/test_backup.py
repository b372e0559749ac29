"""Copies of a corpus: of one moment, whole or not there at all; and those that an upgrade makes before it begins."""

import os
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from core.errors import StorageError, StorageFullError, UsageError
from storage.backup import NO_BACKUP, back_up
from storage.engine import sqlite_engine, unguarded
from storage.migrate import migration_config
from storage.schema import HEAD
from storage.store import Store
from tests.contract.conftest import small_files
from tests.contract.test_upgrade import ROWS

LONG = "Long enough for several pages. " * 40


@pytest.fixture
def target(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder / "one.sqlite"


def keys(path: Path) -> list[str]:
    """Return which articles a copy holds, opened read-only and with nothing beside it."""
    assert [file.name for file in path.parent.glob(f"{path.name}*")] == [path.name]
    # No log is written ahead of it: such a file cannot be opened on a disk that is read-only.
    assert path.read_bytes()[18:20] == b"\x01\x01"
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    found = [key for (key,) in connection.execute("SELECT key FROM articles ORDER BY id")]
    connection.close()
    return found


def test_a_copy_is_of_one_moment_and_waits_for_nobody_who_writes(
    store: Store, path: Path, target: Path, keep: Callable[..., int]
) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
    with store.transaction() as corpus:
        keep(corpus, "two")
        copy = back_up(path, target)
    assert keys(target) == ["one"]
    assert (copy.path, copy.size, copy.revision) == (target, target.stat().st_size, HEAD)
    assert copy.rows["articles"] == copy.rows["revisions"] == 1
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 2}


def test_a_copy_can_be_opened_and_searched(
    store: Store, path: Path, target: Path, keep: Callable[..., int], open_store: Callable[..., Store]
) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one", text="prison ដីធ្លី")
    back_up(path, target)
    copied = open_store(target)
    assert copied.check() == ()
    with copied.reading() as corpus:
        assert [hit.article.key for query in ("prisons", "ដីធ្លី") for hit in corpus.search.find(query)] == ["one"] * 2


def test_a_copy_has_the_rights_of_the_corpus(store: Store, path: Path, target: Path) -> None:
    assert store.version() == HEAD
    path.chmod(0o640)
    back_up(path, target)
    assert target.stat().st_mode & 0o777 == 0o640


def test_what_is_there_is_replaced_only_when_that_is_asked_for(store: Store, path: Path, target: Path) -> None:
    target.write_text("precious")
    with pytest.raises(UsageError, match="--force"):
        back_up(path, target)
    assert target.read_text() == "precious"
    back_up(path, target, replace=True)
    assert keys(target) == []
    assert store.check() == ()


@pytest.mark.parametrize("end", ["", "-wal", "-shm"])
def test_a_copy_never_takes_the_place_of_the_corpus(store: Store, path: Path, end: str) -> None:
    with pytest.raises(UsageError, match="the corpus itself"):
        back_up(path, path.with_name(path.name + end), replace=True)
    assert store.check() == ()


def test_a_copy_of_a_corpus_that_is_not_sound_is_not_kept_and_the_earlier_one_stays(
    store: Store, path: Path, target: Path, keep: Callable[..., int]
) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
    back_up(path, target)
    with store._engine.begin() as connection:
        connection.execute(text("INSERT INTO search_words (search_words) VALUES ('delete-all')"))
    with pytest.raises(StorageError, match="search index does not agree") as raised:
        back_up(path, target, replace=True)
    assert "db reindex" in str(raised.value)
    assert keys(target) == ["one"]


def test_a_corpus_with_damaged_pages_is_not_backed_up(
    store: Store, path: Path, target: Path, keep: Callable[..., int]
) -> None:
    with store.transaction() as corpus:
        for number in range(200):
            keep(corpus, f"k{number}", text=LONG)
    store.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40_000] = b"\xff" * 40_000
    path.write_bytes(content)
    with pytest.raises(StorageError, match="damaged"):
        back_up(path, target)
    assert list(target.parent.iterdir()) == []


def test_what_a_killed_backup_left_is_taken_away_by_the_next(store: Store, path: Path, target: Path) -> None:
    assert store.version() == HEAD
    for end in (".new", ".new-journal", ".new-wal"):
        target.with_name(target.name + end).write_bytes(b"half of it")
    back_up(path, target)
    assert keys(target) == []


def test_a_full_disk_is_said_and_leaves_nothing(
    store: Store, path: Path, target: Path, keep: Callable[..., int]
) -> None:
    with store.transaction() as corpus:
        for number in range(100):
            keep(corpus, f"k{number}", text=LONG)
    with small_files(100_000), pytest.raises(StorageFullError, match="no room"):
        back_up(path, target)
    assert list(target.parent.iterdir()) == []
    assert store.check() == ()


@pytest.fixture
def older(path: Path) -> Path:
    """A corpus of schema 0001 with articles."""
    path.parent.mkdir()
    fill(path, "0001")
    return path


def fill(path: Path, revision: str, *, is_empty: bool = False) -> None:
    path.touch()
    engine = sqlite_engine(path, busy_timeout=timedelta(seconds=1))
    with unguarded(engine).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = wal")
        connection.exec_driver_sql("BEGIN")
        command.upgrade(migration_config(connection), revision)
        for table, rows in () if is_empty else ROWS.items():
            places = ", ".join("?" * len(rows[0]))
            connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
        connection.commit()
    engine.dispose()


def schema(path: Path) -> str:
    connection = sqlite3.connect(path)
    (found,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    return str(found)


def test_an_upgrade_keeps_the_corpus_as_it_was_beside_it(older: Path, open_store: Callable[..., Store]) -> None:
    store = open_store(older)
    before = older.with_name(f"corpus.sqlite.before-{HEAD}")
    assert (store.version(), schema(before), keys(before)) == (HEAD, "0001", ["one", "two"])


def test_of_the_copies_before_upgrades_the_newest_two_stay(older: Path, open_store: Callable[..., Store]) -> None:
    for number in ("0003", "0004", "0005"):
        older.with_name(f"corpus.sqlite.before-{number}").write_bytes(b"older")
    older.with_name("corpus.sqlite.before-the-fire").write_bytes(b"a person's own")
    open_store(older)
    found = sorted(path.name.rpartition("-")[2] for path in older.parent.glob("*.before-*"))
    assert found == ["0005", HEAD, "fire"]


def test_a_corpus_without_articles_needs_no_copy(path: Path, open_store: Callable[..., Store]) -> None:
    path.parent.mkdir()
    fill(path, "0001", is_empty=True)
    assert open_store(path).version() == HEAD
    assert list(path.parent.glob("*.before-*")) == []


def test_an_upgrade_without_room_for_a_copy_is_refused_with_how_to_go_on(
    older: Path, open_store: Callable[..., Store]
) -> None:
    with small_files(60_000), pytest.raises(StorageFullError, match=f"{NO_BACKUP}=1"):
        open_store(older)
    assert (schema(older), list(older.parent.glob("*.before-*"))) == ("0001", [])
    assert open_store(older).check() == ()


def test_an_upgrade_goes_without_a_copy_where_that_is_asked_for(
    older: Path, open_store: Callable[..., Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NO_BACKUP, "1")
    assert open_store(older).version() == HEAD
    assert list(older.parent.glob("*.before-*")) == []
    assert os.environ[NO_BACKUP] == "1"
