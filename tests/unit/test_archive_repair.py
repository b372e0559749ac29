"""What killed writers, power cuts, full disks and damage leave of an archive."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from warcio.archiveiterator import ArchiveIterator

from core.model import Capture
from crawler.archive import Archive, Exchange, Head, read
from crawler.archive.index import Line, read_index
from crawler.archive.members import Gap, Member, scan

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FILE = "post/post-20260301-00001.warc.gz"
Store = Callable[..., list[Capture]]

ROUNDS = 12
# Stores in a child that is killed at some moment, again and again; what was acknowledged is written down.
WRITER = f"""
import json, os, random, signal, sys, time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from crawler.archive import Archive, Exchange, Head

folder, acknowledged, chance = Path(sys.argv[1]), sys.argv[2], random.Random(7)
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

def store_on(turn, told):
    archive = Archive(folder, 30_000, lambda: NOW)
    for number in range(100_000):
        body = random.Random(f"{{turn}} {{number}}").randbytes(3_000 + number % 5 * 3_000)
        head = Head("HTTP/1.1 200 OK", (("Content-Type", "application/octet-stream"),))
        asked = Head("GET / HTTP/1.1", (("Host", "news.example"),))
        capture = archive.store("post", Exchange(f"https://news.example/{{turn}}/{{number}}", head, body, NOW, asked))
        line = json.dumps([turn, number, asdict(capture) | {{"at": capture.at.isoformat()}}])
        os.write(told, line.encode() + b"\\n")

kept = open(acknowledged, "wb")
for turn in range({ROUNDS}):
    ear, told = os.pipe()
    child = os.fork()
    if not child:
        store_on(turn, told)
    os.close(told)
    with open(ear, "rb") as heard:
        for _ in range(chance.randrange(8)):
            kept.write(heard.readline())
        time.sleep(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        kept.write(heard.read())
kept.close()
"""

# Stores until the kernel refuses more, and says how that ended.
FILLER = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from core.errors import StorageFullError
from crawler.archive import Archive, Exchange, Head

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, resource.RLIM_INFINITY))
archive = Archive(Path(sys.argv[1]), 1_000_000, lambda: NOW)
head = Head("HTTP/1.1 200 OK", (("Content-Type", "text/plain"),))
stored = 0
try:
    while True:
        body = __import__("random").Random(stored).randbytes(7_000)
        archive.store("post", Exchange(f"https://news.example/{stored}", head, body, NOW))
        stored += 1
except StorageFullError as error:
    print(stored, error, flush=True)
    small = Exchange("https://news.example/small", head, b"fits", NOW)
    print(archive.store("post", small).offset, flush=True)
archive.close()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def store(folder: Path) -> Store:
    """Store answers from addresses of a name, in one go, and give the archive back."""

    def stored(*names: str, body: bytes = b"") -> list[Capture]:
        archive = Archive(folder, 1_000_000, lambda: NOW)
        head = Head("HTTP/1.1 200 OK", (("Content-Type", "text/html"),))
        asked = Head("GET / HTTP/1.1", (("Host", "news.example"),))
        captures = [
            archive.store("post", Exchange(f"https://news.example/{name}", head, body or name.encode(), NOW, asked))
            for name in names
        ]
        archive.close()
        return captures

    return stored


def index_of(folder: Path) -> Path:
    return (folder / FILE).with_name("post-20260301-00001.cdxj")


def lines_of(folder: Path) -> list[Line]:
    lines = read_index(index_of(folder))
    assert lines is not None
    return lines


def events(logs: list[object]) -> list[str]:
    return [entry["event"] for entry in logs if isinstance(entry, dict)]


def test_wherever_a_file_is_torn_in_its_last_record_all_records_before_it_stay(store: Store, folder: Path) -> None:
    captures = store("a", "b", "c")
    whole, index = (folder / FILE).read_bytes(), index_of(folder).read_bytes()
    last = captures[2]
    for cut in range(last.offset + 1, last.offset + last.length):
        (folder / FILE).write_bytes(whole[:cut])
        index_of(folder).write_bytes(index)
        with capture_logs() as logs:
            Archive(folder, 1_000_000, lambda: NOW).repair("post")
        (told,) = logs
        assert told["event"] == "archive.repaired"
        assert (told["kept"], told["cut"]) == (last.offset, cut - last.offset)
        assert (folder / FILE).read_bytes() == whole[: last.offset]
        assert {line.offset for line in lines_of(folder)} == {capture.offset for capture in captures[:2]}


@pytest.mark.parametrize("tail", [b"\0" * 70_000, b"\x1f\x8b\x08" * 30, b"\x1f\x8b\x08\0" + b"\0" * 9_000])
def test_what_a_power_cut_leaves_behind_the_last_record_is_cut_off(store: Store, folder: Path, tail: bytes) -> None:
    captures = store("a", "b")
    size = (folder / FILE).stat().st_size
    with (folder / FILE).open("ab") as stream:
        stream.write(tail)
    store("c")
    assert [read(folder, capture).body for capture in captures] == [b"a", b"b"]
    assert {line.url[-1] for line in lines_of(folder)} == {"a", "b", "c"}
    assert lines_of(folder)[2].offset == size


def test_damage_before_the_end_loses_only_what_it_hit_and_is_told(store: Store, folder: Path) -> None:
    captures = store("a", "b", "c")
    data = bytearray((folder / FILE).read_bytes())
    data[captures[1].offset + 20 : captures[1].offset + 60] = b"\0" * 40
    (folder / FILE).write_bytes(bytes(data))
    index_of(folder).unlink()
    with capture_logs() as logs:
        Archive(folder, 1_000_000, lambda: NOW).repair("post")
    assert [(entry["event"], entry["offset"]) for entry in logs] == [("archive.damaged", captures[1].offset)]
    assert (folder / FILE).read_bytes() == bytes(data)
    assert [read(folder, capture).body for capture in (captures[0], captures[2])] == [b"a", b"c"]
    assert {line.url[-1] for line in lines_of(folder)} == {"a", "c"}


def test_a_file_is_not_read_from_its_beginning_each_time(store: Store, folder: Path) -> None:
    captures = store("a", "b", "c")
    data = bytearray((folder / FILE).read_bytes())
    data[captures[0].offset : captures[1].offset] = b"\0" * (captures[1].offset - captures[0].offset)
    (folder / FILE).write_bytes(bytes(data))
    with capture_logs() as logs:
        store("d")
    assert events(list(logs)) == []  # whoever reads the first record meets the damage
    assert {line.url[-1] for line in lines_of(folder)} == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: None,
        lambda text: text[:-30],
        lambda text: "what?\n" + text,
        lambda text: text.replace('"offset": "', '"offset": "9'),
        lambda text: text.replace('"length": "', '"length": "1'),
        lambda text: text.replace('"status"', '"state"'),
        lambda text: text.replace(" 20260301", " 20269901"),
        lambda text: text.splitlines(keepends=True)[0],
        lambda _: "",
        lambda text: text.encode().replace(b"example", b"\xff\xff").decode("latin-1"),
    ],
    ids=["missing", "torn", "nonsense", "offsets", "lengths", "fields", "times", "stale", "empty", "characters"],
)
def test_an_index_that_is_not_true_is_made_again_from_the_file(
    store: Store, folder: Path, spoil: Callable[[str], str | None]
) -> None:
    store("a", "b", "c")
    index = index_of(folder)
    whole = index.read_text()
    changed = spoil(whole)
    index.unlink() if changed is None else index.write_bytes(changed.encode("latin-1"))
    Archive(folder, 1_000_000, lambda: NOW).repair("post")
    assert index.read_text() == whole


def test_nothing_is_mended_while_another_process_writes(store: Store, folder: Path) -> None:
    busy = Archive(folder, 1_000_000, lambda: NOW)
    head = Head("HTTP/1.1 200 OK")
    capture = busy.store("post", Exchange("https://news.example/a", head, b"a", NOW))
    with (folder / FILE).open("ab") as stream:
        stream.write(b"half a rec")  # as another sees a record that is being written
    Archive(folder, 1_000_000, lambda: NOW).repair("post")
    assert (folder / FILE).read_bytes().endswith(b"half a rec")
    (other,) = store("b")
    assert other.file != capture.file


def test_a_killed_writer_takes_nothing_with_it_that_it_acknowledged(tmp_path: Path, folder: Path, root: Path) -> None:
    acknowledged = tmp_path / "acknowledged"
    subprocess.run([sys.executable, "-c", WRITER, folder, acknowledged], cwd=root, check=True, timeout=60)
    told = [json.loads(line) for line in acknowledged.read_text().splitlines()]
    assert len({turn for turn, _, _ in told}) > ROUNDS // 2
    archive = Archive(folder, 30_000, lambda: NOW)
    archive.store("post", Exchange("https://news.example/end", Head("HTTP/1.1 200 OK"), b"end", NOW))
    archive.close()
    for turn, number, fields in told:
        capture = Capture(**fields | {"at": datetime.fromisoformat(fields["at"])})
        kept = read(folder, capture)
        assert kept.url == f"https://news.example/{turn}/{number}"
        assert kept.request is not None
    indexed = 0
    for path in sorted(folder.glob("post/*.warc.gz")):
        with path.open("rb") as stream:
            kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests="raise")]
        lines = read_index(path.with_name(path.name.replace(".warc.gz", ".cdxj")))
        assert lines is not None
        assert len(lines) == kinds.count("response")
        indexed += len(lines)
    assert indexed >= len(told)


def test_a_full_disk_is_told_as_such_and_leaves_whole_records_only(folder: Path, root: Path) -> None:
    command = [sys.executable, "-c", FILLER, str(folder)]
    ended = subprocess.run(command, cwd=root, check=True, timeout=60, capture_output=True, text=True)
    told, offset = ended.stdout.splitlines()
    assert told.startswith("6 The archive cannot be written, the disk or its quota is full: ")
    path = folder / FILE
    with path.open("rb") as stream:
        found = list(scan(stream, 0, path.stat().st_size))
    assert [type(each) for each in found] == [Member] * 8  # the opening one, six, and the small one
    assert found[-1].offset == int(offset)


def test_memory_stays_bounded_where_a_record_unpacks_to_a_hundred_megabytes(store: Store, folder: Path) -> None:
    (capture,) = store("a", body=b"\0" * 100_000_000)
    with (folder / FILE).open("rb") as stream:
        _, member, _ = scan(stream, 0, (folder / FILE).stat().st_size)
    assert isinstance(member, Member)
    assert (member.offset, member.length, len(member.beginning)) == (capture.offset, capture.length, 1 << 16)


def test_gaps_and_members_cover_a_file_without_overlap(store: Store, folder: Path) -> None:
    store("a", "b", "c")
    data = bytearray((folder / FILE).read_bytes())
    for start in range(0, len(data) - 30, 97):
        spoiled = data[:]
        spoiled[start : start + 30] = b"\xff" * 30
        (folder / FILE).write_bytes(bytes(spoiled))
        with (folder / FILE).open("rb") as stream:
            found = list(scan(stream, 0, len(data)))
        assert found[0].offset == 0
        assert [each.offset + each.length for each in found] == [*(each.offset for each in found[1:]), len(data)]
        assert [type(each) for each in found].count(Gap) == 1
