"""Putting a copy back: the corpus is the old one or the new one at every moment, and the old one stays beside it."""

import errno
import os
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import datetime, timedelta
from os import PathLike
from pathlib import Path, PosixPath
from typing import ClassVar, Self

import pytest
from sqlalchemy import text

from core.errors import CorpusVersionError, StorageBusyError, StorageError, StorageFullError, UsageError
from storage.backup import back_up
from storage.lock import alone_in
from storage.restore import restore
from storage.schema import HEAD
from storage.store import Store
from tests.contract.conftest import small_files
from tests.e2e.processes import until

PATIENCE = timedelta(seconds=0.2)
KEPT = "corpus.sqlite.replaced-20260301T080000Z"


@pytest.fixture
def backup(store: Store, path: Path, tmp_path: Path, keep: Callable[..., int]) -> Path:
    """A backup with one article, of a corpus that has two since."""
    target = tmp_path / "backup.sqlite"
    with store.transaction() as corpus:
        keep(corpus, "one", text="prison ដីធ្លី")
    back_up(path, target)
    with store.transaction() as corpus:
        keep(corpus, "two")
    return target


def keys(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM articles ORDER BY id")]


def beside(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.glob("corpus.sqlite*"))


def test_a_backup_takes_the_place_of_the_corpus_which_stays_beside_it(
    backup: Path, store: Store, path: Path, now: datetime, open_store: Callable[..., Store]
) -> None:
    store.close()
    restored = restore(backup, path, now, PATIENCE)
    assert beside(path) == ["corpus.sqlite", KEPT]
    assert (keys(path), keys(path.with_name(KEPT)), keys(backup)) == (["one"], ["one", "two"], ["one"])
    assert (restored.kept, restored.copy.path, restored.copy.rows["articles"]) == (path.with_name(KEPT), path, 1)
    again = open_store()
    assert (again.version(), again.check()) == (HEAD, ())
    with again.reading() as corpus:
        assert [hit.article.key for hit in corpus.search.find("prisons")] == ["one"]


def test_the_rights_of_the_corpus_stay(backup: Path, store: Store, path: Path, now: datetime) -> None:
    store.close()
    path.chmod(0o640)
    backup.chmod(0o400)
    restore(backup, path, now, PATIENCE)
    assert path.stat().st_mode & 0o777 == 0o640


class Looked(PosixPath):
    """A place of which is noted what rights others have on its file whenever the system is asked about it."""

    rights: ClassVar[set[int]] = set()

    def __fspath__(self) -> str:
        with suppress(OSError):
            self.rights.add(os.stat(str(self)).st_mode & 0o077)  # noqa: PTH116  # a Path would ask for itself
        return str(self)


def test_nobody_else_may_read_a_draft(backup: Path, now: datetime, tmp_path: Path) -> None:
    backup.chmod(0o600)
    Looked.rights.clear()
    before = os.umask(0)
    try:
        (tmp_path / "new").mkdir(mode=0o700)
        restore(backup, Looked(tmp_path / "new" / "corpus.sqlite"), now, PATIENCE)
    finally:
        os.umask(before)
    assert Looked.rights == {0}


def test_what_stood_in_the_log_of_a_killed_writer_is_kept_with_the_old_corpus(
    backup: Path, store: Store, path: Path, now: datetime, child: Callable[[str], subprocess.Popen[str]]
) -> None:
    store.close()
    writer = child(
        "import sqlite3, sys\nc = sqlite3.connect(path)\nc.execute('PRAGMA wal_autocheckpoint = 0')\n"
        "c.execute(\"UPDATE articles SET key = 'three' WHERE key = 'two'\")\nc.commit()\n"
        "print('ready', flush=True)\nsys.stdin.read()"
    )
    writer.kill()
    writer.wait()
    assert path.with_name("corpus.sqlite-wal").stat().st_size > 0
    restore(backup, path, now, PATIENCE)
    assert (keys(path), keys(path.with_name(KEPT))) == (["one"], ["one", "three"])
    assert beside(path) == ["corpus.sqlite", KEPT]


def test_a_corpus_that_somebody_has_open_is_not_replaced(backup: Path, store: Store, path: Path, now: datetime) -> None:
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 2}
    with pytest.raises(StorageBusyError, match="open in another process"):
        restore(backup, path, now, PATIENCE)
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 2}
    assert store.check() == ()
    assert not [name for name in beside(path) if name.endswith(("Z", "restoring"))]


def test_who_waits_while_the_corpus_is_replaced_opens_the_new_one(
    backup: Path, store: Store, path: Path, open_store: Callable[..., Store]
) -> None:
    store.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with ThreadPoolExecutor(1) as thread:
        with alone_in(path.parent):
            waiting = thread.submit(open_store)
            until(lambda: is_open(path))
            path.unlink()
            path.write_bytes(backup.read_bytes())
        with waiting.result(60).reading() as corpus:
            assert corpus.articles.counts() == {"ppp": 1}


def is_open(path: Path) -> bool:
    """Return whether this process has a file open."""
    names = []
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            names.append(each.readlink())
    return path in names


def test_a_plain_copy_is_put_back_with_its_log(
    backup: Path, store: Store, path: Path, now: datetime, tmp_path: Path
) -> None:
    copy = tmp_path / "plain.sqlite"
    for end in ("", "-wal"):
        copy.with_name(copy.name + end).write_bytes(path.with_name(path.name + end).read_bytes())
    store.close()
    restore(backup, path, now, PATIENCE)
    restore(copy, path, now + timedelta(days=1), PATIENCE)
    assert keys(path) == ["one", "two"]


def test_a_backup_is_put_where_there_is_no_corpus(backup: Path, now: datetime, tmp_path: Path) -> None:
    place = tmp_path / "new" / "data" / "corpus.sqlite"
    assert restore(backup, place, now, PATIENCE).kept is None
    assert (keys(place), beside(place)) == (["one"], ["corpus.sqlite"])


@pytest.mark.parametrize("spoil", ["pages", "all"])
def test_a_backup_that_is_damaged_is_not_put_back(
    backup: Path, store: Store, path: Path, now: datetime, spoil: str
) -> None:
    content = bytearray(backup.read_bytes())
    content[8192 if spoil == "pages" else 0 :: 2] = b"\xff" * len(content[8192 if spoil == "pages" else 0 :: 2])
    backup.write_bytes(content)
    store.close()
    with pytest.raises(StorageError, match="It was not put back; the corpus is as it was") as raised:
        restore(backup, path, now, PATIENCE)
    assert str(backup) in str(raised.value)
    assert keys(path) == ["one", "two"]
    assert [name for name in beside(path) if name not in {"corpus.sqlite", *_logs()}] == []


def _logs() -> set[str]:
    return {"corpus.sqlite-wal", "corpus.sqlite-shm"}


def test_a_backup_of_a_newer_tonle_is_not_put_back(backup: Path, store: Store, path: Path, now: datetime) -> None:
    store.close()
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(CorpusVersionError, match="schema 9999"):
        restore(backup, path, now, PATIENCE)
    assert keys(path) == ["one", "two"]


def test_another_programs_file_is_not_put_back(store: Store, path: Path, now: datetime, tmp_path: Path) -> None:
    store.close()
    other = tmp_path / "letters.sqlite"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE letters (id INTEGER)")
    with pytest.raises(StorageError, match="another program"):
        restore(other, path, now, PATIENCE)
    with pytest.raises(UsageError, match="no file"):
        restore(tmp_path / "nothing", path, now, PATIENCE)
    with pytest.raises(UsageError, match="the corpus itself"):
        restore(path, path, now, PATIENCE)


def test_a_corpus_that_is_no_database_any_more_is_replaced_and_its_log_is_not_read_with_the_new_one(
    backup: Path, store: Store, path: Path, now: datetime, open_store: Callable[..., Store]
) -> None:
    log = path.with_name("corpus.sqlite-wal")
    held = log.read_bytes()
    store.close()
    path.write_bytes(b"Dear diary, " * 1000)
    log.write_bytes(held)
    restore(backup, path, now, PATIENCE)
    assert beside(path) == ["corpus.sqlite", KEPT, f"{KEPT}-wal"]
    assert path.with_name(KEPT).read_bytes().startswith(b"Dear diary")
    assert open_store().check() == ()
    assert keys(path) == ["one"]


class Linkless(PosixPath):
    """A place on a disk without links, where it is noted whether a corpus stands there when another replaces it."""

    seen: ClassVar[list[bool]] = []

    def hardlink_to(self, target: object) -> None:
        raise OSError(errno.EPERM, f"no link to {target}")

    def replace(self, target: str | PathLike[str]) -> Self:
        self.seen.append(Path(target).exists())
        return super().replace(target)


@pytest.mark.parametrize("is_damaged", [True, False])
def test_there_is_a_corpus_at_every_moment_on_a_disk_without_links_too(
    backup: Path, store: Store, path: Path, now: datetime, *, is_damaged: bool
) -> None:
    store.close()
    if is_damaged:
        path.write_bytes(b"Dear diary, " * 1000)
    path.chmod(0o640)
    before = path.read_bytes()
    Linkless.seen.clear()
    restore(backup, Linkless(path), now, PATIENCE)
    assert Linkless.seen == [True]
    assert path.with_name(KEPT).read_bytes()[100:] == before[100:]
    assert path.with_name(KEPT).stat().st_mode & 0o777 == 0o640
    assert (keys(path), beside(path)) == (["one"], ["corpus.sqlite", KEPT])


def test_the_log_that_a_killed_restoring_took_aside_stays_beside_its_corpus(
    backup: Path, store: Store, path: Path, now: datetime
) -> None:
    store.close()
    path.write_bytes(b"Dear diary, " * 1000)
    path.with_name(KEPT).hardlink_to(path)
    path.with_name(f"{KEPT}-wal").write_bytes(b"and so on")
    path.with_name("corpus.sqlite.replaced-20250101T000000Z.new").write_bytes(b"half of it")
    restore(backup, path, now, PATIENCE)
    assert beside(path) == ["corpus.sqlite", KEPT, f"{KEPT}-2", f"{KEPT}-wal"]


def test_the_second_name_that_a_killed_restoring_left_is_taken_away(
    backup: Path, store: Store, path: Path, now: datetime
) -> None:
    store.close()
    path.with_name("corpus.sqlite.replaced-20250101T000000Z").hardlink_to(path)
    path.with_name("corpus.sqlite.restoring").write_bytes(b"half of it")
    restore(backup, path, now, PATIENCE)
    assert beside(path) == ["corpus.sqlite", KEPT]


def test_what_was_kept_is_never_replaced(backup: Path, store: Store, path: Path, now: datetime) -> None:
    store.close()
    for _ in range(3):
        restore(backup, path, now, PATIENCE)
    assert beside(path) == ["corpus.sqlite", KEPT, f"{KEPT}-2", f"{KEPT}-3"]
    assert keys(path.with_name(KEPT)) == ["one", "two"]


def test_a_full_disk_leaves_the_corpus_as_it_is(backup: Path, store: Store, path: Path, now: datetime) -> None:
    store.close()
    with small_files(60_000), pytest.raises(StorageFullError, match="no room"):
        restore(backup, path, now, PATIENCE)
    assert (keys(path), beside(path)) == (["one", "two"], ["corpus.sqlite"])


def test_the_check_tells_of_stories_that_contradict_their_versions(
    store: Store, keep: Callable[..., int], now: datetime
) -> None:
    with store.transaction() as corpus:
        ids = [keep(corpus, f"k{number}") for number in range(4)]
        first = corpus.stories.make(ids[:2], ids[0], now)
        corpus.stories.make(ids[2:], ids[2], now)
    assert store.check() == ()
    with store._engine.begin() as connection:
        connection.execute(text(f"UPDATE stories SET representative_id = {ids[3]} WHERE id = {first}"))  # noqa: S608
        connection.execute(text(f"DELETE FROM members WHERE article_id = {ids[2]}"))  # noqa: S608
    said = store.check()
    assert [words for words in ("represented by", "single version") if any(words in each for each in said)] == [
        "represented by",
        "single version",
    ]
    assert all("rebuild fingerprints" in each for each in said)
