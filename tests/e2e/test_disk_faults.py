"""What a disk can do to a corpus, on real disks: one sentence that says what to do, nothing lost, and on it goes."""

import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.places import CAMBODIA, Place
from tests.e2e.processes import Running, until
from tests.e2e.test_daemon import count, daemon, events, scheduled

pytestmark = pytest.mark.timeout(300)
PAGE = 4096


@pytest.fixture(scope="module")
def backup(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("backups") / "one.sqlite"
    assert filled.copy(tmp_path_factory.mktemp("origin")).tonle("db", "backup", str(path)).code == 0
    return path


def overwrite(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xff" * size)


def rot(path: Path) -> None:
    for offset in range(3 * PAGE, path.stat().st_size, 2 * PAGE):
        overwrite(path, offset, 2000)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "no header": (lambda path: overwrite(path, 0, 100), "not a corpus"),
    "cut in half": (lambda path: os.truncate(path, path.stat().st_size // 2), "damaged"),
    "rot in its pages": (rot, "damaged"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_corpus_is_told_left_as_it_is_and_mended_by_what_is_said(
    filled: Place, backup: Path, tmp_path: Path, damage: str
) -> None:
    place = filled.copy(tmp_path / "place")
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spoil, word = DAMAGES[damage]
    spoil(place.database)
    before, asked = place.database.read_bytes(), len(place.replica.log)
    for command in (["crawl"], ["daemon"], ["db", "backup", str(tmp_path / "new.sqlite")]):
        ended = place.tonle(*command)
        line = ended.err.splitlines()[-1]
        assert (ended.code, word in line, "put back the last backup" in line) == (4, True, True), (command, ended.err)
        assert "Traceback" not in ended.err
    assert (place.database.read_bytes() == before, len(place.replica.log)) == (True, asked)
    assert sorted(path.name for path in tmp_path.glob("new*")) == []
    assert place.tonle("db", "restore", str(backup)).code == 0
    assert place.tonle("db", "check", "--archive").code == 0


@pytest.fixture
def disk(filled: Place, tmp_path: Path) -> Iterator[Place]:
    """A place whose data are on a disk of 24 megabytes of its own."""
    place = filled.copy(tmp_path / "place")
    data, aside = place.folder / "data", tmp_path / "aside"
    data.rename(aside)
    data.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None:
        pytest.skip("mount is not installed")
    mounting = [mount, "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(data)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk")
    shutil.copytree(aside, data, dirs_exist_ok=True)
    yield place
    subprocess.run([unmount, "-l", str(data)], check=True)


def fill(place: Place, room: int = 0) -> Path:
    """Leave so many bytes of the disk; return what takes up the rest."""
    filling = place.folder / "data" / "filling"
    descriptor = os.open(filling, os.O_CREAT | os.O_WRONLY)
    try:
        while True:
            os.write(descriptor, b"x" * PAGE)
    except OSError:
        os.truncate(filling, filling.stat().st_size - room)
    finally:
        os.close(descriptor)
    return filling


def refused(place: Place, *words: str) -> None:
    for command in (["crawl"], ["deliveries", "send"], ["digest", "--send"], ["status"]):
        ended = place.tonle(*command)
        assert ended.code == 4, (command, ended.out, ended.err)
        assert "Traceback" not in ended.err
        assert any(word in ended.err.splitlines()[-1] for word in words), (command, ended.err)


def test_a_disk_without_any_room_is_told_and_when_it_has_room_all_goes_on(disk: Place) -> None:
    before = disk.snapshot()
    shutil.rmtree(disk.folder / "data" / "locks")
    filling = fill(disk)
    refused(disk, "make room")
    filling.unlink()
    disk.crawl()
    assert disk.tonle("db", "check", "--archive").code == 0
    assert disk.snapshot() == before


def test_a_disk_that_became_read_only_is_told_and_when_it_can_be_written_all_goes_on(disk: Place) -> None:
    before, data = disk.snapshot(), str(disk.folder / "data")
    subprocess.run(["mount", "-o", "remount,ro", data], check=True)  # noqa: S607  # root's own
    refused(
        disk,
        "is read-only, as one that fails becomes",
        "Read-only file system; make room on that disk, or let this user write",
    )
    subprocess.run(["mount", "-o", "remount,rw", data], check=True)  # noqa: S607
    disk.crawl()
    assert disk.tonle("db", "check", "--archive").code == 0
    assert disk.snapshot() == before


@pytest.mark.soak
@pytest.mark.parametrize("room", [50_000, 150_000, 400_000, 900_000, 1_400_000])
def test_a_crawl_whose_disk_fills_up_anywhere_loses_nothing_and_is_completed(
    disk: Place, filled: Place, room: int
) -> None:
    for path in (disk.folder / "data").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    filling = fill(disk, room)
    ended = disk.tonle("crawl")
    assert ended.code in {0, 3, 4}
    assert "Traceback" not in ended.err
    filling.unlink()
    if disk.database.exists():
        check = disk.tonle("db", "check", "--archive")
        assert check.code == 0, check.err
    disk.crawl()
    disk.make_due()
    disk.crawl()
    for what in ("articles", "matches"):
        assert disk.snapshot()[what] == filled.snapshot()[what]


def test_a_daemon_whose_data_is_taken_away_ends_with_a_sentence_and_begins_nothing_anew(
    filled: Place, tmp_path: Path
) -> None:
    place = filled.copy(tmp_path / "place")
    scheduled(place, ohchr_cambodia="1d")
    data, elsewhere = place.folder / "data", tmp_path / "elsewhere"
    with daemon(place) as running:
        data.rename(elsewhere)
        ended = running.wait()
    assert ended.code == 4
    assert "was moved, replaced or taken away" in ended.err.splitlines()[-1]
    assert "Traceback" not in ended.err
    assert not data.exists()
    elsewhere.rename(data)
    with daemon(place) as running:
        running.send(signal.SIGTERM)
        assert running.wait().code == 0


def last(running: Running, event: str) -> dict[str, Any]:
    return [one for one in events(running) if one["event"] == event][-1]


@pytest.mark.soak
@pytest.mark.parametrize("fault", ["full", "locked"])
def test_a_daemon_that_cannot_write_says_why_and_goes_on_when_it_can(disk: Place, fault: str) -> None:
    disk.configure(storage={"busy_timeout": "1s"})
    scheduled(disk, ohchr_cambodia="2s")
    with ExitStack() as stack, daemon(disk) as running:
        until(lambda: count(running, "crawl.child_ended"), 90, running)
        if fault == "full":
            filling = fill(disk)
        else:
            other = stack.enter_context(closing(sqlite3.connect(disk.database, isolation_level=None)))
            other.execute("BEGIN IMMEDIATE")
        until(lambda: count(running, "crawl.child_failed", code=4), 120, running)
        word = {"full": "make room", "locked": "locked by another process"}[fault]
        assert word in last(running, "crawl.child_failed")["last_words"]
        assert word in last(running, "crawl.end_not_stored")["error"]
        filling.unlink() if fault == "full" else other.rollback()
        ended = count(running, "crawl.child_ended")
        until(lambda: count(running, "crawl.child_ended", source=CAMBODIA) > ended, 120, running)
        running.send(signal.SIGTERM)
        assert running.wait().code == 0
    assert disk.tonle("db", "check", "--archive").code == 0
