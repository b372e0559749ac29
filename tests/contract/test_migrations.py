import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from storage.migrate import include_object, migration_config
from storage.schema import HEAD, metadata
from storage.store import Store

CAME_LATER = {"fk_revisions_capture_id", "fk_deliveries_merged_id"}


def test_the_program_knows_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(migration_config()).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": include_object})
        assert compare_metadata(context, metadata) == []


def test_the_comparison_of_tables_and_migrations_sees_a_difference(store: Store) -> None:
    with store._engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE digests DROP COLUMN since")
        connection.exec_driver_sql("DROP INDEX ix_digests_upto")
        context = MigrationContext.configure(connection, opts={"include_object": include_object})
        assert len(compare_metadata(context, metadata)) == 2


def test_indexes_and_constraints_have_the_names_of_the_schema(store: Store) -> None:
    with store._engine.connect() as connection:
        inspector = inspect(connection)
        for table in metadata.sorted_tables:
            made = {index["name"] for index in inspector.get_indexes(table.name)}
            assert made == {index.name for index in table.indexes}
            # SQLAlchemy does not read the names of those that came with a column of their own (ADD COLUMN).
            foreign = {key["name"] for key in inspector.get_foreign_keys(table.name)} - {None}
            assert foreign == {key.name for key in table.foreign_key_constraints} - CAME_LATER


def test_full_text_triggers_are_there_after_the_upgrade(store: Store, path: Path) -> None:
    assert store.version() == HEAD
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
    connection.close()
    assert names == {"search_before_update", "search_before_delete", "search_after_update", "search_after_insert"}


def test_an_article_that_goes_leaves_the_indexes(store: Store, keep: Callable[..., int]) -> None:
    """No method of ours deletes; a person with a lawyer's letter may."""
    with store.transaction() as corpus:
        keep(corpus, "one", text="prison ដីធ្លី")
        keep(corpus, "two", text="prison ដីធ្លី")
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM revisions WHERE article_id = 1")
        connection.exec_driver_sql("DELETE FROM articles WHERE id = 1")
    assert store.check() == ()
    with store.reading() as corpus:
        for query in ("prison", "ដីធ្លី"):
            assert [hit.article.key for hit in corpus.search.find(query)] == ["two"]


def test_a_corpus_that_was_put_back_from_a_plain_copy_writes_ahead_again(
    store: Store, open_store: Callable[..., Store], path: Path, keep: Callable[..., int]
) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
    store.close()
    copy = path.with_name("copy.sqlite")
    connection = sqlite3.connect(path)
    connection.execute("VACUUM INTO ?", [str(copy)])
    connection.close()
    with open_store(copy)._engine.connect() as reopened:
        assert reopened.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_every_connection_is_set_to_lose_nothing_in_a_power_cut(store: Store, open_store: Callable[..., Store]) -> None:
    """The one that made the corpus and the one that found it made: no test can cut the power."""
    for opened in (store, open_store()):
        with opened._engine.connect() as connection:
            settings = [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert settings == ["wal", 2, 1], "2 is FULL"


def test_opening_a_corpus_that_is_up_to_date_waits_for_nobody(
    store: Store, open_store: Callable[..., Store], path: Path
) -> None:
    folder = os.open(path.parent, os.O_RDONLY)
    with ThreadPoolExecutor(1) as thread, store.transaction():
        fcntl.flock(folder, fcntl.LOCK_EX)
        try:
            assert thread.submit(open_store).result(10).version() == HEAD
        finally:
            os.close(folder)


def test_opening_a_corpus_that_is_up_to_date_does_not_load_the_migrations(store: Store, path: Path) -> None:
    assert store.version() == HEAD
    script = (
        "import sys; from pathlib import Path; from storage.store import Store;"
        f"Store.open(Path({str(path)!r})).close(); print([name for name in sys.modules if 'alembic' in name])"
    )
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
