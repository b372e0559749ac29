"""The sums of finished WARC files, and the second archive that a backup keeps."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive import Archive, Exchange, Head
from crawler.archive.manifest import MANIFEST, faults, finished, fixity_of, note_finished, read_manifest
from crawler.archive.mirror import mirror, put_back

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = (f"post/post-2026030{day}-00001.warc.gz" for day in (1, 2, 3))
Crawl = Callable[..., None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return tmp_path / "second"


@pytest.fixture
def crawl(folder: Path) -> Crawl:
    """Store an exchange on a day, counted from the first, as a crawl of its own."""

    def crawled(day: int, source: str = "post", path: str = "/a") -> None:
        at = NOW + timedelta(days=day)
        archive = Archive(folder, 1_000_000, lambda: at)
        head = Head("HTTP/1.1 200 OK", (("Content-Type", "text/html"),))
        body = f"{source} {path} {day} ".encode() * 500
        archive.store(source, Exchange(f"https://news.example{path}", head, body, at))
        archive.close()

    return crawled


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_file_is_noted_when_a_later_one_of_its_source_was_begun(folder: Path, crawl: Crawl) -> None:
    crawl(0)
    crawl(0, path="/b")
    assert read_manifest(folder) == {}
    crawl(1)
    assert read_manifest(folder) == {FIRST: fixity_of(folder / FIRST)}
    crawl(1, source="ohchr")
    crawl(2)
    assert list(read_manifest(folder)) == [FIRST, SECOND]


def test_a_crawl_that_begins_no_file_looks_at_no_other(folder: Path, crawl: Crawl) -> None:
    crawl(0)
    crawl(1)
    (folder / MANIFEST).unlink()
    crawl(1, path="/b")
    assert not (folder / MANIFEST).exists()


def test_a_finished_file_that_somebody_still_writes_is_noted_later(folder: Path, crawl: Crawl) -> None:
    crawl(0)
    held = Archive(folder, 1_000_000, lambda: NOW)
    held.store("post", Exchange("https://news.example/held", Head("HTTP/1.1 200 OK", ()), b"held", NOW))
    crawl(1)
    assert read_manifest(folder) == {}
    held.close()
    assert note_finished(folder) == (FIRST,)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not installed")
def test_sha256sum_reads_the_manifest(folder: Path, crawl: Crawl) -> None:
    for day in range(3):
        crawl(day)
    checking = ["sha256sum", "--check", "--strict", MANIFEST]
    assert subprocess.run(checking, cwd=folder, capture_output=True, check=True, text=True).stdout.count("OK") == 2
    damage(folder / SECOND)
    assert subprocess.run(checking, cwd=folder, capture_output=True, check=False).returncode == 1


def test_a_torn_entry_is_passed_over_and_written_again(folder: Path, crawl: Crawl) -> None:
    for day in range(3):
        crawl(day)
    whole = (folder / MANIFEST).read_text()
    for length in range(len(whole)):
        (folder / MANIFEST).write_text(whole[:length])
        known = read_manifest(folder)
        assert set(note_finished(folder)) | set(known) == {FIRST, SECOND}, length
        assert read_manifest(folder) == {name: fixity_of(path) for name, path in finished(folder).items()}


def test_what_is_wrong_with_finished_files_is_found(folder: Path, crawl: Crawl) -> None:
    for day in range(4):
        crawl(day)
    assert faults(folder, [FIRST, SECOND, THIRD]) == {}
    damage(folder / FIRST)
    with (folder / SECOND).open("ab") as stream:
        stream.write(b"more")
    (folder / THIRD).unlink()
    assert faults(folder).keys() == {SECOND, THIRD}, "by size"
    found = faults(folder, [FIRST])
    assert found[FIRST].startswith("does not hold the bytes")
    assert "4 bytes" not in found[SECOND]
    assert found[THIRD] == "is missing"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*/*")) if path.is_file()}


def test_a_second_archive_has_the_same_files_and_each_time_only_what_is_new_is_copied(
    folder: Path, second: Path, crawl: Crawl
) -> None:
    crawl(0)
    crawl(1)
    assert mirror(folder, second).copied == [FIRST, SECOND]
    assert contents(second) == contents(folder)
    crawl(1, path="/b")
    crawl(2)
    done = mirror(folder, second)
    assert (done.copied, done.present, done.faults) == ([SECOND, THIRD], 1, {})
    assert done.size == sum((folder / name).stat().st_size for name in done.copied)
    assert contents(second) == contents(folder)
    assert mirror(folder, second).copied == []
    assert set(read_manifest(second)) == {FIRST, SECOND, THIRD}
    assert faults(second, read_manifest(second)) == {}


def test_a_file_that_is_damaged_since_it_was_finished_does_not_take_the_place_of_its_copy(
    folder: Path, second: Path, crawl: Crawl
) -> None:
    crawl(0)
    crawl(1)
    mirror(folder, second)
    good = (second / FIRST).read_bytes()
    damage(folder / FIRST)
    (second / MANIFEST).unlink()
    done = mirror(folder, second)
    assert list(done.faults) == [FIRST]
    assert (second / FIRST).read_bytes() == good
    assert list(second.rglob("*.new*")) == []


def test_only_what_is_missing_is_put_back(folder: Path, second: Path, crawl: Crawl) -> None:
    for day in range(3):
        crawl(day)
    mirror(folder, second)
    before = contents(folder)
    crawl(2, path="/b")
    (folder / FIRST).unlink()
    grown = (folder / THIRD).read_bytes()
    done = put_back(second, folder)
    assert (done.copied, done.present) == ([FIRST], 2)
    assert (folder / FIRST).read_bytes() == before[FIRST.rpartition("/")[2]]
    assert (folder / THIRD).read_bytes() == grown


def test_a_copy_that_is_damaged_is_not_put_back(folder: Path, second: Path, crawl: Crawl) -> None:
    crawl(0)
    crawl(1)
    mirror(folder, second)
    damage(second / FIRST)
    (folder / FIRST).unlink()
    assert list(put_back(second, folder).faults) == [FIRST]
    assert not (folder / FIRST).exists()


def test_a_clock_that_was_set_back_finds_the_last_file(folder: Path, second: Path, crawl: Crawl) -> None:
    crawl(0)
    crawl(1)
    mirror(folder, second)
    crawl(0, path="/b")
    assert faults(folder, [FIRST]) == {}
    assert mirror(folder, second).copied == [SECOND]


def test_a_clock_that_is_set_back_while_a_crawl_runs_does_not_lead_it_back(folder: Path, crawl: Crawl) -> None:
    crawl(0)
    now = NOW + timedelta(days=1)
    archive = Archive(folder, 1_000_000, lambda: now)
    head = Head("HTTP/1.1 200 OK", ())
    for path in "ab":
        assert archive.store("post", Exchange(f"https://news.example/{path}", head, b"x", now)).file == SECOND
        now = NOW
    archive.close()


def test_what_came_to_a_file_after_it_was_finished_is_copied(folder: Path, second: Path, crawl: Crawl) -> None:
    crawl(0)
    crawl(1)
    mirror(folder, second)
    with (folder / FIRST).open("ab") as stream:
        stream.write((folder / SECOND).read_bytes())
    done = mirror(folder, second)
    assert (done.copied, done.faults) == ([FIRST], {})
    assert contents(second) == contents(folder)
    assert mirror(folder, second).copied == []


@pytest.mark.parametrize("is_told", [True, False])
def test_a_copy_is_not_replaced_by_what_has_lost_some_of_it(
    folder: Path, second: Path, crawl: Crawl, *, is_told: bool
) -> None:
    crawl(0)
    crawl(0, path="/b")
    mirror(folder, second)
    good = (second / FIRST).read_bytes()
    if not is_told:
        (second / MANIFEST).unlink()
    (folder / FIRST).write_bytes(good[:-100])
    assert list(mirror(folder, second).faults) == [FIRST], "shorter"
    (folder / FIRST).write_bytes(good[:99] + b"?" + good[100:] + b"more")
    assert list(mirror(folder, second).faults) == [FIRST], "longer, and not the same"
    assert (second / FIRST).read_bytes() == good
    # A day later its sum is noted, as it is: both are kept, and that is told once.
    crawl(1)
    done = mirror(folder, second)
    assert (done.copied, list(done.faults)) == ([FIRST, SECOND], [FIRST])
    assert (second / "post" / done.kept[FIRST]).read_bytes() == good
    assert contents(folder).items() <= contents(second).items()
    assert mirror(folder, second).faults == {}


def test_a_finished_file_that_is_damaged_is_put_back_and_kept_beside(folder: Path, second: Path, crawl: Crawl) -> None:
    crawl(0)
    crawl(1)
    mirror(folder, second)
    before = contents(folder)
    damage(folder / FIRST)
    bad = (folder / FIRST).read_bytes()
    done = put_back(second, folder)
    assert (done.copied, done.present, done.faults) == ([FIRST], 1, {})
    assert (folder / "post" / done.kept[FIRST]).read_bytes() == bad
    assert before.items() <= contents(folder).items()
    assert faults(folder, [FIRST]) == {}


def test_a_finished_file_whose_copy_is_of_another_time_stays(folder: Path, second: Path, crawl: Crawl) -> None:
    crawl(0)
    mirror(folder, second)
    crawl(0, path="/b")
    crawl(1)
    damage(folder / FIRST)
    bad = (folder / FIRST).read_bytes()
    assert list(put_back(second, folder).faults) == [FIRST]
    assert (folder / FIRST).read_bytes() == bad


@pytest.mark.parametrize("harm", ["short", "rotten"])
def test_a_file_that_is_not_finished_is_put_back_where_it_is_cut_short_or_damaged(
    folder: Path, second: Path, crawl: Crawl, harm: str
) -> None:
    crawl(0)
    crawl(0, path="/b")
    mirror(folder, second)
    good = (folder / FIRST).read_bytes()
    (folder / FIRST).write_bytes(good[:-100])
    if harm == "rotten":
        (folder / FIRST).write_bytes(good)
        damage(folder / FIRST)
    assert put_back(second, folder).copied == [FIRST]
    assert (folder / FIRST).read_bytes() == good


def test_another_file_of_the_same_name_stays(folder: Path, second: Path, crawl: Crawl, tmp_path: Path) -> None:
    crawl(0, path="/a/longer/address")
    mirror(folder, second)
    folder.rename(tmp_path / "before")
    crawl(0, path="/b")
    other = (folder / FIRST).read_bytes()
    assert put_back(second, folder).copied == []
    assert (folder / FIRST).read_bytes() == other


def test_a_damaged_file_that_holds_more_than_its_copy_is_named(folder: Path, second: Path, crawl: Crawl) -> None:
    crawl(0)
    mirror(folder, second)
    crawl(0, path="/b")
    content = bytearray((folder / FIRST).read_bytes())
    content[20] ^= 1
    (folder / FIRST).write_bytes(content)
    assert list(put_back(second, folder).faults) == [FIRST]
    assert (folder / FIRST).read_bytes() == content


def test_an_archive_may_lie_on_another_disk_behind_a_link(
    tmp_path: Path, folder: Path, second: Path, crawl: Crawl
) -> None:
    crawl(0)
    crawl(1)
    shutil.move(folder, tmp_path / "larger")
    folder.symlink_to(tmp_path / "larger")
    crawl(2)
    assert faults(folder, [FIRST, SECOND]) == {}
    assert list(read_manifest(tmp_path / "larger")) == [FIRST, SECOND]
    mirror(folder, second)
    (folder / FIRST).unlink()
    put_back(second, folder)
    assert fixity_of(tmp_path / "larger" / FIRST) == fixity_of(second / FIRST)
    assert folder.is_symlink()
