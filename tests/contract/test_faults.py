"""What only a file on a disk can do to the corpus: no other backend takes these."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from core.errors import AlreadyRunningError, StorageError, StorageFullError
from storage.lock import held, holder_of, is_held
from storage.store import Store
from tests.contract.conftest import small_files

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


def test_a_lock_is_held_though_a_full_disk_has_no_room_for_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with small_files(0), held(path, "The work"):
        assert is_held(path)
        assert path.read_text() == ""
    with held(path, "The work"):
        assert holder_of(path) == os.getpid()
        with small_files(0), pytest.raises(AlreadyRunningError, match=str(os.getpid())), held(path, "The work"):
            """Nobody else holds it."""


LogFault = Callable[[Path, Path], object]
"""Spoils the log, or what is shared of it, of a corpus that nobody closed."""
LOG_FAULTS: dict[str, tuple[LogFault, int]] = {
    "no shared memory": (lambda _log, shared: shared.unlink(), 2),
    "shared memory of nonsense": (lambda _log, shared: shared.write_bytes(b"\xff" * 32768), 2),
    "a torn end": (lambda log, _shared: os.truncate(log, log.stat().st_size - 100), 1),
    "rot in the last frame": (lambda log, _shared: overwrite(log, log.stat().st_size - 2000), 1),
    "rot in the first frame": (lambda log, _shared: overwrite(log, 2000), 0),
    "no beginning": (lambda log, _shared: overwrite(log, 0), 0),
}
"""What happens to them, and how many of two transactions are there still."""


def overwrite(path: Path, offset: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * 50)


@pytest.mark.parametrize("fault", LOG_FAULTS)
def test_a_spoilt_log_costs_the_transactions_behind_the_damage_and_nothing_else(
    store: Store, open_store: Callable[..., Store], path: Path, keep: Callable[..., int], tmp_path: Path, fault: str
) -> None:
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    for key in ("one", "two"):
        with store.transaction() as corpus:
            keep(corpus, key)
    copy = tmp_path / "cut" / "corpus.sqlite"
    copy.parent.mkdir()
    for end in ("", "-wal", "-shm"):
        copyfile(f"{path}{end}", f"{copy}{end}")
    spoil, left = LOG_FAULTS[fault]
    spoil(Path(f"{copy}-wal"), Path(f"{copy}-shm"))
    opened = open_store(copy)
    with opened.transaction() as corpus:
        assert corpus.articles.highest_id() == left
        keep(corpus, "three")
    assert opened.check() == ()


def test_a_damaged_index_is_told_with_what_makes_it_anew(store: Store, path: Path, keep: Callable[..., int]) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM search_words_data WHERE id > 10")
        connection.commit()
    with pytest.raises(StorageError, match="tonle db reindex"), store.reading() as corpus:
        corpus.search.find("evicted")
    with store.transaction() as corpus:
        corpus.search.rebuild()
    with store.reading() as corpus:
        assert len(corpus.search.find("evicted")) == 1
    assert store.check() == ()


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
