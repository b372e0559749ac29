"""Backups that came to their end, those that did not, and the archive put back alone."""

import os
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.desk import Desk, open_desk
from app.doctor.finding import Finding, Level, Patient
from app.doctor.holdings import backups
from app.safekeeping import make_backup, put_back_archive, put_back_backup
from core.errors import AlreadyRunningError, StorageError, StorageFullError, UsageError
from crawler.archive import Archive, Exchange, Head
from storage.lock import held
from storage.store import Store
from tests.contract.conftest import small_files

FIRST = "ohchr/ohchr-20260301-00001.warc.gz"


@pytest.fixture
def desk(tmp_path: Path, store: Store) -> Desk:
    """A corpus with an archive of two days, and a folder for its backups."""
    (tmp_path / "backups").mkdir()
    (tmp_path / "config.yaml").write_text("{data: ., doctor: {backups: backups, oldest_backup: 2d}}")
    store.close()
    opened = open_desk(tmp_path / "config.yaml", {})
    for day in (1, 2):
        at = datetime(2026, 3, day, tzinfo=UTC)
        archive = Archive(opened.config.evidence, 1_000_000_000, at.replace)
        body = random.Random(day).randbytes(800_000 if day == 1 else 1000)
        archive.store("ohchr", Exchange("https://a.test/", Head("HTTP/1.1 200 OK", ()), body, at))
        archive.close()
    return opened


@pytest.fixture
def target(desk: Desk) -> Path:
    return desk.config.data / "backups" / "one.sqlite"


def back_up(desk: Desk, target: Path) -> None:
    make_backup(desk, target, replace=True, with_archive=True, told=lambda _: None)


def found(desk: Desk, days: float = 0) -> Finding:
    """Return what is said of backups so many days from now; of the files alone, all are as new."""
    then = desk.clock() + timedelta(days=days)
    for path in (desk.config.data / "backups").iterdir():
        if path.is_file():
            os.utime(path, (then.timestamp(), then.timestamp()))
    (finding,) = backups(Patient(replace(desk, clock=lambda: then)))
    return finding


@pytest.fixture
def damaged(desk: Desk) -> bytes:
    """The first file of the archive, which is damaged then; what it held."""
    path = desk.config.evidence / FIRST
    content = path.read_bytes()
    path.write_bytes(content[:9] + b"?" + content[10:])
    return content


def test_a_backup_without_its_archive_is_not_a_fresh_one(desk: Desk, target: Path, damaged: bytes) -> None:
    with pytest.raises(StorageError, match=r"db restore .* --archive-only"):
        back_up(desk, target)
    assert found(desk).level is Level.WRONG
    assert "None was whole yet" in found(desk).says
    (desk.config.evidence / FIRST).write_bytes(damaged)
    back_up(desk, target)
    assert found(desk).level is Level.OK


def test_a_whole_backup_becomes_old_though_half_ones_follow(desk: Desk, target: Path) -> None:
    back_up(desk, target)
    later = replace(desk, clock=lambda: desk.clock() + timedelta(days=3))
    path = desk.config.evidence / FIRST
    path.write_bytes(path.read_bytes()[:-9] + b"?" * 9)
    (target.parent / "archive" / FIRST).unlink()
    with pytest.raises(StorageError):
        back_up(later, target)
    assert "made 3 days ago" in found(desk, 3).says


def test_copies_that_another_program_makes_are_told_by_their_files(desk: Desk, target: Path) -> None:
    back_up(desk, target)
    assert found(desk, 30).level is Level.OK


def test_what_stands_beside_a_backup_is_none(desk: Desk, target: Path) -> None:
    for name in ("one.sqlite.new", "one.sqlite-wal", "one.sqlite-shm", "one.sqlite.new-journal"):
        target.with_name(name).touch()
    assert "There is no backup" in found(desk).says


def test_the_archive_is_put_back_alone(desk: Desk, target: Path) -> None:
    back_up(desk, target)
    before = desk.config.corpus.read_bytes()
    path = desk.config.evidence / FIRST
    content = path.read_bytes()
    for place in (target, target.parent / "archive"):
        path.write_bytes(content[:9] + b"?" + content[10:])
        assert put_back_archive(desk, place, lambda _: None).copied == [FIRST]
        assert path.read_bytes() == content
    assert path.with_name(f"{path.name}.damaged-2").exists()
    assert desk.config.corpus.read_bytes() == before
    assert not list(desk.config.data.glob("*.replaced-*"))


def test_what_is_no_second_archive_is_refused(desk: Desk, target: Path) -> None:
    back_up(desk, target)
    for place, says in ((target.parent, "no WARC files"), (desk.config.evidence, "the archive itself")):
        with pytest.raises(UsageError, match=says):
            put_back_archive(desk, place, lambda _: None)
    with held(desk.lock("ohchr"), "A test"), pytest.raises(AlreadyRunningError):
        put_back_archive(desk, target, lambda _: None)


def test_a_disk_that_is_full_when_the_corpus_was_put_back_is_told_with_what_was_done(desk: Desk, target: Path) -> None:
    back_up(desk, target)
    (desk.config.evidence / FIRST).unlink()
    with small_files(600_000), pytest.raises(StorageFullError) as raised:
        put_back_backup(desk, target, with_archive=True, told=lambda _: None)
    (kept,) = desk.config.data.glob("corpus.sqlite.replaced-*")
    said = str(raised.value)
    assert all(words in said for words in ("was put back", str(kept), "no room", f"restore {target} --archive-only"))
    assert "nothing of it was left" not in said
    assert put_back_archive(desk, target, lambda _: None).copied == [FIRST]


def test_where_there_is_no_corpus_nothing_is_made_for_a_backup_of_it(tmp_path: Path, target: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text("{data: elsewhere}")
    nowhere = open_desk(tmp_path / "elsewhere.yaml", {})
    with pytest.raises(StorageError, match="moved or taken away"):
        make_backup(nowhere, target, replace=False, with_archive=False, told=lambda _: None)
    with pytest.raises(UsageError, match="is no file"):
        put_back_backup(nowhere, target.with_name("none"), with_archive=False, told=lambda _: None)
    assert not nowhere.config.data.exists()
