"""A corpus's file is looked at without being changed."""

import sqlite3
from datetime import timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from core.errors import StorageBusyError, StorageError
from storage.condition import condition, sizes
from storage.schema import HEAD

LONG = timedelta(seconds=30)


@pytest.fixture
def corpus_file(tmp_path: Path, empty_corpus: Path) -> Path:
    return Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite"))


def test_a_sound_corpus_has_its_schema_its_size_and_no_problem(corpus_file: Path) -> None:
    found = condition(corpus_file, LONG)
    assert (found.schema, found.wanted, found.problems, found.is_whole, found.is_newer) == (HEAD, HEAD, (), True, False)
    assert found.database == corpus_file.stat().st_size
    assert sizes(corpus_file.with_name("none.sqlite")) == (0, 0)


def test_a_corpus_of_another_program_is_told_and_left_as_it_is(corpus_file: Path) -> None:
    for version, is_newer in (("9999", True), ("0001", False)):
        file = sqlite3.connect(corpus_file)
        file.execute("UPDATE alembic_version SET version_num = ?", (version,))
        file.commit()
        file.close()
        before = corpus_file.read_bytes()
        found = condition(corpus_file, LONG)
        assert (found.schema, found.is_newer) == (version, is_newer)
        assert corpus_file.read_bytes() == before


def test_a_damaged_file_is_found_damaged(corpus_file: Path) -> None:
    size = corpus_file.stat().st_size
    with corpus_file.open("r+b") as file:
        file.seek(size // 2)
        file.write(b"\xff" * (size // 4))
    try:
        found = condition(corpus_file, LONG).problems
    except StorageError as error:
        found = (str(error),)
    assert found


def test_a_row_that_contradicts_its_table_is_told(corpus_file: Path) -> None:
    file = sqlite3.connect(corpus_file)
    file.execute("CREATE TABLE held (words TEXT)")
    file.execute("INSERT INTO held VALUES (NULL)")
    file.execute("PRAGMA writable_schema = ON")
    file.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE held (words TEXT NOT NULL)' WHERE name = 'held'")
    file.commit()
    file.close()
    assert condition(corpus_file, LONG).problems == ("NULL value in held.words",)


def test_what_was_found_before_the_time_was_over_is_told(corpus_file: Path) -> None:
    file = sqlite3.connect(corpus_file)
    file.execute("CREATE TABLE held (words TEXT)")
    file.execute("INSERT INTO held VALUES (NULL)")
    rows = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT i FROM n"
    file.execute(f"INSERT INTO held {rows}")  # figures alone
    file.execute("PRAGMA writable_schema = ON")
    file.execute("UPDATE sqlite_master SET sql = 'CREATE TABLE held (words TEXT NOT NULL)' WHERE name = 'held'")
    file.commit()
    file.close()
    found = condition(corpus_file, timedelta(0))
    assert (found.problems, found.is_whole) == (("NULL value in held.words",), False)


def test_a_file_that_is_held_is_busy_and_not_damaged(corpus_file: Path) -> None:
    file = sqlite3.connect(corpus_file)
    file.execute("PRAGMA locking_mode = EXCLUSIVE")
    file.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageBusyError, match="is locked by another process"):
        condition(corpus_file, LONG, timedelta(0))
    file.close()


def test_a_file_that_is_none_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        condition(tmp_path / "corpus.sqlite", LONG)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "corpus.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageError, match="is not a corpus"):
        condition(tmp_path / "corpus.sqlite", LONG)


def test_a_check_ends_when_its_time_is_over(corpus_file: Path) -> None:
    file = sqlite3.connect(corpus_file)
    file.execute("CREATE TABLE much (words TEXT)")
    rows = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 30000) SELECT i FROM n"
    file.execute(f"INSERT INTO much {rows}")  # figures alone
    file.commit()
    file.close()
    assert not condition(corpus_file, timedelta(0)).is_whole
    assert condition(corpus_file, LONG).is_whole
