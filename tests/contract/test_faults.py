"""What only a file on a disk can do to the corpus: no other backend takes these."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from core.errors import StorageError, StorageFullError
from storage.store import Store

NOBODY = 65534


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that every user may enter, unlike tmp_path."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


@pytest.fixture
def powerless() -> Iterator[Callable[[], None]]:
    """Become a user to whom permissions apply, as root is not, until the test ends."""
    user = os.geteuid()
    yield lambda: os.seteuid(NOBODY if user == 0 else user)
    os.seteuid(user)


def fill(store: Store, keep: Callable[..., int]) -> int:
    """Keep articles until there is no more room; returns how many were acknowledged."""
    for number in range(10_000):
        try:
            with store.transaction() as corpus:
                keep(corpus, f"k{number}", text=f"prison {number} " * 300)
        except StorageFullError:
            return number
    raise AssertionError("the disk was never full")


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(
    store: Store, open_store: Callable[..., Store], keep: Callable[..., int]
) -> None:
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 50}")

    event.listen(store._engine, "checkout", bound)
    acknowledged = fill(store, keep)
    assert acknowledged > 0
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": acknowledged}
        assert len(corpus.search.find("prison", limit=999)) == acknowledged
    assert store.check() == ()
    store.close()
    roomy = open_store()
    with roomy.transaction() as corpus:
        assert corpus.articles.counts() == {"ppp": acknowledged}
        keep(corpus, "after")
    assert roomy.check() == ()


def test_a_first_opening_on_a_full_disk_is_completed_when_there_is_room(
    open_store: Callable[..., Store], path: Path
) -> None:
    def bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 20")

    event.listen(Pool, "checkout", bound)
    try:
        with pytest.raises(StorageFullError, match="make room"):
            open_store()
    finally:
        event.remove(Pool, "checkout", bound)
    assert path.exists()
    assert open_store().check() == ()


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o444, 0o555), (0o666, 0o555)])
def test_a_corpus_that_may_not_be_written_is_told_with_the_remedy(
    open_store: Callable[..., Store],
    keep: Callable[..., int],
    public_folder: Path,
    powerless: Callable[[], None],
    file_mode: int,
    folder_mode: int,
) -> None:
    path = public_folder / "corpus.sqlite"
    open_store(path).close()
    path.chmod(file_mode)
    public_folder.chmod(folder_mode)
    powerless()

    def write() -> None:
        with open_store(path).transaction() as corpus:
            keep(corpus, "one")

    with pytest.raises(StorageError, match="this user") as raised:
        write()
    assert str(path) in str(raised.value)


def test_a_folder_that_may_not_be_written_is_told_with_the_remedy(
    open_store: Callable[..., Store], public_folder: Path, powerless: Callable[[], None]
) -> None:
    public_folder.chmod(0o555)
    powerless()
    with pytest.raises(StorageError, match="this user may write"):
        open_store(public_folder / "data" / "corpus.sqlite")
    with pytest.raises(StorageError, match="this user may write"):
        open_store(public_folder / "corpus.sqlite")
