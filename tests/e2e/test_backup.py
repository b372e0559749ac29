"""Backing up, putting back, checking and forgetting by command, on a corpus that crawls made."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock

import pytest

from crawler.archive import Archive, Exchange, Head
from storage.lock import held
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.test_storage_trouble import said


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def crawled(filled: Place, tmp_path: Path) -> Place:
    """A copy of a corpus after one crawl of everything."""
    return filled.copy(tmp_path / "place")


def articles(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def warcs(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.glob("*/*.warc.gz"))}


def test_a_backup_that_is_made_while_a_crawl_writes_is_whole_and_the_crawl_goes_on(
    build: Build, backups: Path, filled: Place
) -> None:
    place = build()
    made: list[Path] = []
    one_at_a_time = Lock()

    def back_up(number: int) -> None:
        if number in {25, 45}:
            with one_at_a_time:
                target = backups / f"at-{number}.sqlite"
                if place.tonle("db", "backup", str(target), "--archive").code == 0:
                    made.append(target)

    place.watch.on_request = back_up
    place.crawl()
    place.watch.on_request = None
    assert len(made) == 2
    assert articles(made[-1]) > 0
    assert [articles(path) for path in made] == sorted(articles(path) for path in made)
    assert place.snapshot()["articles"].keys() == filled.snapshot()["articles"].keys()
    # What the last one points to is in the second archive.
    again = build()
    shutil.copytree(backups / "archive", again.folder / "data" / "archive")
    assert again.tonle("db", "restore", str(made[-1]), "--json").json["missing"] == []
    assert again.tonle("db", "check", "--archive").code == 0


def test_a_backup_says_what_it_holds(crawled: Place, backups: Path) -> None:
    target = backups / "one.sqlite"
    answer = crawled.tonle("db", "backup", str(target), "--archive", "--json").json
    assert answer["bytes"] == target.stat().st_size
    assert answer["articles"] == articles(target) == len(crawled.articles)
    assert answer["archive"]["bytes"] == sum(warcs(crawled.folder / "data" / "archive").values())
    assert warcs(backups / "archive") == warcs(crawled.folder / "data" / "archive")
    ended = crawled.tonle("db", "backup", str(target))
    assert (ended.code, "--force" in said(ended)) == (2, True)
    ended = crawled.tonle("db", "backup", str(target), "--archive", "--force")
    assert (ended.code, "0 files copied" in ended.out, "sound" in ended.out) == (0, True, True)


def test_a_backup_is_put_back_and_what_came_after_it_is_named(crawled: Place, backups: Path) -> None:
    target = backups / "one.sqlite"
    before = crawled.snapshot()
    assert crawled.tonle("db", "backup", str(target), "--archive").code == 0
    with closing(sqlite3.connect(crawled.database)) as connection:
        connection.execute("UPDATE articles SET title = 'spoilt'")
        connection.commit()
    lost = next((crawled.folder / "data" / "archive").glob(f"{POST}/*.warc.gz"))
    lost.unlink()
    ended = crawled.tonle("db", "restore", str(target))
    assert ended.code == 0, ended.err
    assert "misses 1 file with the pages of" in ended.out
    assert "corpus.sqlite.replaced-" in ended.out
    assert crawled.snapshot() == before
    (kept,) = crawled.database.parent.glob("corpus.sqlite.replaced-*")
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("SELECT DISTINCT title FROM articles").fetchall() == [("spoilt",)]
    check = crawled.tonle("db", "check", "--archive")
    assert (check.code, "is missing, with the pages of" in said(check)) == (4, True)
    answer = crawled.tonle("db", "restore", str(target), "--archive-only", "--json").json
    assert answer["archive"]["copied"] == [f"{POST}/{lost.name}"]
    assert crawled.tonle("db", "check", "--archive").code == 0
    lost.write_bytes(lost.read_bytes()[:-50])
    ended = crawled.tonle("db", "restore", str(target), "--archive")
    assert (ended.code, f"kept beside it: {POST}/{lost.name}.damaged" in ended.out) == (0, True)
    assert crawled.tonle("db", "check", "--archive").code == 0
    assert crawled.crawl().code == 0


def test_pages_that_came_after_the_backup_are_named_with_what_takes_them_in(crawled: Place, backups: Path) -> None:
    target = backups / "one.sqlite"
    assert crawled.tonle("db", "backup", str(target)).code == 0
    later = datetime.now(UTC) + timedelta(days=1)
    archive = Archive(crawled.folder / "data" / "archive", 1_000_000, lambda: later)
    archive.store(POST, Exchange("https://news.example/new", Head("HTTP/1.1 200 OK", ()), b"<p>New</p>", later))
    archive.close()
    new = max(path.name for path in (crawled.folder / "data" / "archive" / POST).glob("*.warc.gz"))
    ended = crawled.tonle("db", "restore", str(target))
    assert ended.code == 0, ended.err
    assert new in ended.out.partition("take them in with tonle import")[2]


def test_a_damaged_copy_of_a_file_is_named_and_not_put_back(crawled: Place, backups: Path) -> None:
    target = backups / "one.sqlite"
    assert crawled.tonle("db", "backup", str(target), "--archive").code == 0
    copy = next(backups.glob(f"archive/{POST}/*.warc.gz"))
    original = crawled.folder / "data" / copy.relative_to(backups)
    original.unlink()
    copy.write_bytes(copy.read_bytes()[:-1] + b"?")
    ended = crawled.tonle("db", "restore", str(target), "--archive")
    assert (ended.code, f"{POST}/{copy.name} does not hold the bytes" in said(ended)) == (4, True)
    assert not original.exists()
    assert len(crawled.articles) == articles(target)


@pytest.mark.parametrize("lock", ["daemon", POST, "backup"])
def test_nothing_is_put_back_while_a_process_has_the_corpus(crawled: Place, backups: Path, lock: str) -> None:
    target = backups / "one.sqlite"
    assert crawled.tonle("db", "backup", str(target)).code == 0
    before = crawled.snapshot()
    with held(crawled.folder / "data" / "locks" / f"{lock}.lock", "A test"):
        ended = crawled.tonle("db", "restore", str(target))
    assert (ended.code, f"by process {os.getpid()}" in said(ended)) == (6, True)
    assert crawled.snapshot() == before


def test_a_damaged_backup_is_refused_in_one_line(crawled: Place, backups: Path) -> None:
    target = backups / "one.sqlite"
    target.write_bytes(b"Dear diary, " * 1000)
    ended = crawled.tonle("db", "restore", str(target))
    assert (ended.code, "It was not put back" in ended.only_error) == (4, True)


def test_a_full_disk_is_one_line_and_leaves_nothing(crawled: Place, backups: Path) -> None:
    ended = crawled.start("db", "backup", str(backups / "one.sqlite"), "--archive", fsize=300_000).wait()
    assert (ended.code, "no room" in ended.only_error) == (4, True)
    assert list(backups.iterdir()) == []
    place = backups / "missing" / "one.sqlite"
    ended = crawled.tonle("db", "backup", str(place))
    assert (ended.code, str(place) in ended.only_error) == (4, True)


def test_the_archive_itself_is_no_place_for_a_second_one(crawled: Place) -> None:
    ended = crawled.tonle("db", "backup", str(crawled.folder / "data" / "one.sqlite"), "--archive")
    assert (ended.code, "archive itself" in ended.only_error) == (2, True)


def test_the_check_names_pages_that_cannot_be_read(crawled: Place) -> None:
    good = crawled.tonle("db", "check", "--archive", "--json").json
    assert (good["sound"], good["problems"]) == (True, [])
    assert good["pages_read"] == good["pages"] > 20
    path = next((crawled.folder / "data" / "archive").glob(f"{OHCHR}/*.warc.gz"))
    content = bytearray(path.read_bytes())
    for place in range(len(content) // 3, len(content), 2000):
        content[place] ^= 0xFF
    path.write_bytes(content)
    ended = crawled.tonle("db", "check", "--archive", "--json")
    assert ended.code == 4
    found = json.loads(ended.out)["problems"]
    assert len(found) > 1
    assert all(OHCHR in problem and "--archive-only" in problem for problem in found if "more of that" not in problem)


def test_the_check_says_what_it_did_not_read(crawled: Place) -> None:
    ended = crawled.tonle("db", "check")
    assert "is sound." in ended.out
    assert "--archive reads everything" in ended.out
    assert "The archive is whole" in crawled.tonle("db", "check", "--archive").out


def aged(place: Place) -> None:
    """Let the runs have been two years ago, and add some older ones."""
    with closing(sqlite3.connect(place.database)) as connection:
        for _ in range(60):
            connection.execute(
                'INSERT INTO runs (source, "trigger", started_at, finished_at, status, error) VALUES'
                " (?, 'manual', '2020-01-01 00:00:00.000000', '2020-01-01 00:00:00.000000', 'finished', '')",
                (CAMBODIA,),
            )
        connection.commit()


def test_forgetting_is_said_before_and_touches_no_article(crawled: Place) -> None:
    aged(crawled)
    before = crawled.snapshot()
    dry = crawled.tonle("db", "prune", "--dry-run", "--json").json
    assert dry["rows"] == {"runs": 10}, "the newest fifty stay, and the new run"
    assert crawled.tonle("db", "prune", "--dry-run", "--json").json == dry
    done = crawled.tonle("db", "prune", "--compact", "--json").json
    assert done["rows"] == dry["rows"]
    assert "Nothing is older" in crawled.tonle("db", "prune").out
    assert crawled.snapshot() == before
    assert crawled.tonle("db", "check", "--archive").code == 0


def test_what_the_settings_keep_for_ever_stays(crawled: Place) -> None:
    aged(crawled)
    crawled.configure(retention={"runs": "always"})
    assert crawled.tonle("db", "prune", "--json").json["rows"] == {}
    crawled.configure(retention={"runs": "2d"})
    ended = crawled.tonle("db", "prune")
    assert (ended.code, "at least 30d" in ended.only_error) == (2, True)


def test_old_messages_are_removed_only_where_the_settings_say_so(crawled: Place) -> None:
    files = sorted((crawled.folder / "data" / "outbox").rglob("*.eml"))
    assert len(files) > 1
    preview = crawled.folder / "data" / "preview" / "digest.html"
    assert crawled.tonle("digest", "--preview").code == 0
    for path in (files[0], preview):
        os.utime(path, (0, 0))
    assert crawled.tonle("db", "prune", "--dry-run", "--json").json["files"] == {"preview": 1}
    assert preview.exists()
    assert crawled.tonle("db", "prune", "--json").json["files"] == {"preview": 1}
    assert [path.name for path in preview.parent.iterdir()] == ["digest.txt"]
    crawled.configure(retention={"messages": "60d"})
    assert crawled.tonle("db", "prune", "--json").json["files"] == {"outbox": 1}
    assert sorted((crawled.folder / "data" / "outbox").rglob("*.eml")) == files[1:]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of six megabytes of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None:
        pytest.skip("mount is not installed")
    mounting = [mount, "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk")
    yield place
    subprocess.run([unmount, str(place)], check=True)


@pytest.mark.soak
def test_a_disk_that_is_full_at_any_place_keeps_the_earlier_backup(crawled: Place, small_disk: Path) -> None:
    target, filling = small_disk / "one.sqlite", small_disk / "filling"
    assert crawled.tonle("db", "backup", str(target), "--archive").code == 0
    assert crawled.crawl().code == 0
    left, codes = shutil.disk_usage(small_disk).free, []
    for room in range(0, left, 100_000):
        before = target.read_bytes()
        filling.write_bytes(b"x" * (left - room))
        ended = crawled.tonle("db", "backup", str(target), "--archive", "--force")
        filling.unlink()
        codes.append(ended.code)
        if ended.code:
            assert (ended.code, "no room" in ended.only_error) == (4, True), ended.err
            assert not list(small_disk.rglob("*.new*"))
        # The archive is copied last: what was copied of the corpus before stays.
        assert target.read_bytes() == before or len(crawled.articles) == articles(target)
    assert set(codes) == {0, 4}
    answer = crawled.tonle("db", "restore", str(target), "--archive", "--json").json
    assert (answer["missing"], crawled.tonle("db", "check", "--archive").code) == ([], 0)
