"""What is stored in the archive, read back by tonle and by other programs."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator
from warcio.cli import main as warcio

from core.errors import StorageError
from crawler.archive import Archive, Exchange, Head, read
from crawler.archive.index import read_index
from crawler.archive.surt import surt

Make = Callable[..., Exchange]
NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FILE = "post/post-20260301-00001.warc.gz"


class Hands:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def archive(folder: Path, hands: Hands) -> Archive:
    return Archive(folder, 1_000_000, hands, "tonle/1 (mail@example.org)")


@pytest.fixture
def make(hands: Hands) -> Make:
    def made(path: str = "/a", body: bytes = b"<p>Wells</p>", status: str = "200 OK", **changes: object) -> Exchange:
        sent = (("Content-Type", "text/html; charset=utf-8"), ("Server", "stub"))
        asked = Head(f"GET {path} HTTP/1.1", (("Host", "news.example"), ("User-Agent", "tonle/1")))
        exchange = Exchange(
            f"https://news.example{path}", Head(f"HTTP/1.1 {status}", sent), body, hands.now, asked, "192.0.2.7"
        )
        return replace(exchange, **changes)  # type: ignore[arg-type]

    return made


def records(path: Path) -> list[tuple[str, str, bytes]]:
    """Return type, address and payload of each record, as warcio reads it; the test fails where a digest is wrong."""
    with path.open("rb") as stream:
        return [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI") or "", record.raw_stream.read())
            for record in ArchiveIterator(stream, check_digests="raise")
        ]


def test_what_is_stored_is_read_back_as_it_was(archive: Archive, make: Make, folder: Path) -> None:
    exchange = make(body=bytes(range(256)) * 300)
    assert read(folder, archive.store("post", exchange)) == exchange


def test_a_capture_names_the_file_of_its_source_and_day_and_the_digest_of_the_payload(
    archive: Archive, make: Make, folder: Path
) -> None:
    capture = archive.store("post", make(body=b"hello"))
    assert (capture.file, capture.at) == (FILE, NOW)
    assert capture.digest == "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N"
    with (folder / FILE).open("rb") as stream:
        stream.seek(capture.offset)
        assert b"hello" in gzip.decompress(stream.read(capture.length))


def test_each_record_is_valid_to_warcio_and_fastwarc(archive: Archive, make: Make, folder: Path) -> None:
    stored = [make("/a"), make("/b", b"x" * 100_000), make("/a"), make("/a", b"", "304 Not Modified"), make("/c", b"")]
    for exchange in stored:
        archive.store("post", exchange)
    archive.close()
    kinds = [kind for kind, _, _ in records(folder / FILE)]
    each = ["response", "request"]
    assert kinds == ["warcinfo", *each, *each, "revisit", "request", "revisit", "request", *each]
    with pytest.raises(SystemExit, match="0"):
        warcio(["check", str(folder / FILE)])
    with (folder / FILE).open("rb") as stream:
        found = [
            (str(record.record_type), record.verify_block_digest()) for record in FastIterator(stream, parse_http=False)
        ]
    assert [valid for _, valid in found] == [True] * 11


def test_the_first_record_of_a_file_says_who_wrote_it_and_how(archive: Archive, make: Make, folder: Path) -> None:
    archive.store("post", make())
    kind, _, block = records(folder / FILE)[0]
    said = dict(line.split(": ", 1) for line in block.decode().splitlines())
    assert kind == "warcinfo"
    assert said["software"].startswith("tonle/")
    assert said["http-header-user-agent"] == "tonle/1 (mail@example.org)"
    assert (said["robots"], said["isPartOf"], said["format"]) == ("obey", "post", "WARC File Format 1.1")


def test_request_and_answer_point_to_one_another_and_to_the_server(archive: Archive, make: Make, folder: Path) -> None:
    archive.store("post", make())
    with (folder / FILE).open("rb") as stream:
        _, answer, request = (record.rec_headers for record in ArchiveIterator(stream))
    assert request.get_header("WARC-Concurrent-To") == answer.get_header("WARC-Record-ID")
    assert answer.get_header("WARC-IP-Address") == "192.0.2.7"
    assert answer.get_header("WARC-Date") == request.get_header("WARC-Date") == "2026-03-01T08:00:00Z"


def test_header_fields_keep_their_bytes_their_order_and_their_repetitions(
    archive: Archive, make: Make, folder: Path
) -> None:
    fields = (("X-B", "ព្រះ".encode().decode("latin-1")), ("Set-Cookie", "a=1"), ("x-a", ""), ("Set-Cookie", "b=2"))
    capture = archive.store("post", make(response=Head("HTTP/1.1 200 D'accord", fields)))
    assert read(folder, capture).response == Head("HTTP/1.1 200 D'accord", fields)


def test_no_cookie_password_or_transfer_coding_is_kept(archive: Archive, make: Make, folder: Path) -> None:
    secrets = (("Cookie", "s=1"), ("authorization", "Basic eA=="), ("Proxy-Authorization", "Basic eQ=="))
    sent = Head("HTTP/1.1 200 OK", (("Transfer-Encoding", "chunked"), ("Content-Type", "text/html")))
    asked = Head("GET / HTTP/1.1", (("Host", "news.example"), *secrets))
    kept = read(folder, archive.store("post", make(request=asked, response=sent)))
    assert kept.request == Head("GET / HTTP/1.1", (("Host", "news.example"),))
    assert kept.response.fields == (("Content-Type", "text/html"),)


def test_the_same_answer_again_is_kept_once_and_its_capture_is_the_first(
    archive: Archive, make: Make, folder: Path, hands: Hands
) -> None:
    first = archive.store("post", make(body=b"z" * 50_000))
    hands.now += timedelta(hours=1)
    again = archive.store("post", make(body=b"z" * 50_000))
    changed = archive.store("post", make(body=b"y"))
    back = archive.store("post", make(body=b"z" * 50_000))
    assert again == first
    assert changed != first
    assert back != first  # it was another answer meanwhile
    with (folder / FILE).open("rb") as stream:
        revisit = next(record for record in ArchiveIterator(stream) if record.rec_type == "revisit").rec_headers
    assert revisit.get_header("WARC-Refers-To-Date") == "2026-03-01T08:00:00Z"
    assert revisit.get_header("WARC-Date") == "2026-03-01T09:00:00Z"
    assert revisit.get_header("WARC-Payload-Digest") == first.digest


def test_another_run_of_the_day_goes_on_with_the_file_and_knows_what_it_holds(
    archive: Archive, make: Make, folder: Path, hands: Hands
) -> None:
    first = archive.store("post", make())
    archive.close()
    later = Archive(folder, 1_000_000, hands)
    assert later.store("post", make()) == first
    second = later.store("post", make("/b"))
    later.close()
    assert second.file == first.file
    assert [read(folder, each).url[-2:] for each in (first, second)] == ["/a", "/b"]


def test_equal_bytes_at_another_address_or_with_another_status_are_kept_themselves(
    archive: Archive, make: Make
) -> None:
    first = archive.store("post", make())
    others = [archive.store("post", each) for each in (make("/b"), make(status="404 Not Found"), make())]
    assert len({each.offset for each in (first, *others)}) == 4


def test_a_304_is_kept_as_such(archive: Archive, make: Make, folder: Path) -> None:
    known = archive.store("post", make())
    for path, referred in (("/a", known.digest), ("/never-seen", "")):
        capture = archive.store("post", make(path, b"", "304 Not Modified"))
        kept = read(folder, capture)
        assert (kept.status, kept.body, capture.digest) == (304, b"", referred)
    profile = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    with (folder / FILE).open("rb") as stream:
        found = [record.rec_headers for record in ArchiveIterator(stream) if record.rec_type == "revisit"]
    assert [each.get_header("WARC-Profile") for each in found] == [profile] * 2


def test_a_full_file_and_a_new_day_begin_a_next_one(make: Make, folder: Path, hands: Hands) -> None:
    small = Archive(folder, 2_000, hands)
    files = [small.store("post", make(f"/{number}", gzip.compress(b"%d" % number) * 40)).file for number in range(6)]
    hands.now = NOW.astimezone(timezone(timedelta(hours=7))) + timedelta(hours=15, minutes=59)
    files.append(small.store("post", make("/late")).file)
    hands.now += timedelta(minutes=1)
    files.append(small.store("post", make("/later")).file)
    small.close()
    assert files[0] == FILE
    assert files[5] > files[0]
    assert files[6].startswith("post/post-20260301-")
    assert files[7] == "post/post-20260302-00001.warc.gz"
    for path in folder.glob("post/*.gz"):
        assert records(path)[0][0] == "warcinfo"


def test_sources_have_folders_of_their_own(archive: Archive, make: Make) -> None:
    assert archive.store("ohchr", make()).file == "ohchr/ohchr-20260301-00001.warc.gz"


def test_two_writers_of_one_source_never_write_into_one_file(
    archive: Archive, make: Make, folder: Path, hands: Hands
) -> None:
    other = Archive(folder, 1_000_000, hands)
    captures = [writer.store("post", make(f"/{n}")) for n in range(4) for writer in (archive, other)]
    assert len({capture.file for capture in captures}) == 2
    assert [read(folder, capture).url[-2:] for capture in captures] == [f"/{n}" for n in range(4) for _ in range(2)]


def test_a_missing_file_and_other_bytes_than_were_stored_are_errors(archive: Archive, make: Make, folder: Path) -> None:
    capture = archive.store("post", make())
    other = archive.store("post", make("/b", b"other"))
    with pytest.raises(StorageError, match="cannot be read: No such file"):
        read(folder, replace(capture, file="post/none.warc.gz"))
    with pytest.raises(StorageError, match="does not hold what was stored"):
        read(folder, replace(other, digest=capture.digest))
    path = folder / FILE
    data = bytearray(path.read_bytes())
    data[capture.offset + 200] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(StorageError, match=f"byte {capture.offset} .* is damaged"):
        read(folder, capture)
    assert read(folder, other).body == b"other"


@pytest.mark.parametrize("is_absolute", [False, True])
def test_a_name_that_leads_out_of_the_archive_is_not_read(
    archive: Archive, make: Make, folder: Path, is_absolute: bool
) -> None:
    capture = archive.store("post", make())
    (folder / capture.file).rename(folder.parent / "outside.warc.gz")
    name = str(folder.parent / "outside.warc.gz") if is_absolute else "../outside.warc.gz"
    with pytest.raises(StorageError, match="is not read"):
        read(folder, replace(capture, file=name))


def test_the_index_is_sorted_and_names_every_answer(archive: Archive, make: Make, folder: Path) -> None:
    for path in ("/z?b=2&a=1", "/a", "/m", "/a"):
        archive.store("post", make(path))
    archive.close()
    index = (folder / FILE).with_name("post-20260301-00001.cdxj")
    lines = index.read_text().splitlines()
    assert lines == sorted(lines)
    assert [line.split()[0] for line in lines] == ["example,news)/a"] * 2 + [
        "example,news)/m",
        "example,news)/z?a=1&b=2",
    ]
    assert [line.mime for line in read_index(index) or ()].count("warc/revisit") == 1
    whole = (folder / FILE).read_bytes()
    for line in read_index(index) or ():
        (record,) = ArchiveIterator(BytesIO(whole[line.offset : line.end]))
        assert record.rec_headers.get_header("WARC-Target-URI") == line.url


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.org:443/A/?b=2&a=1#x", "org,example)/a?a=1&b=2"),
        ("http://127.0.0.1:8000//a/../b?page=0", "1,0,0,127:8000)/b?page=0"),
        ("http://[::1]:80/", "::1)/"),
        ("https://x.org/%E1%9E%80 %2520b%23c", "org,x)/%e1%9e%80%20%20b%23c"),
        ("https://www2.ខ្មែរ.com", "com,xn--j2e0cg3n2c)/"),
        ("https://user:word@x.org:8443/?&a=&a", "org,x:8443)/?&a&a="),
    ],
)
def test_an_address_is_indexed_under_the_key_that_replay_tools_look_up(url: str, key: str) -> None:
    """As the AGPL library computes it that pywb uses."""
    assert surt(url) == key


def test_a_page_of_an_exchange_is_decoded_and_knows_its_capture(archive: Archive, make: Make, folder: Path) -> None:
    packed = make(
        body=gzip.compress(b"<p>Wells</p>"),
        response=Head("HTTP/1.1 200 OK", (("Content-Encoding", "gzip"), ("Vary", "a"), ("Vary", "b"))),
    )
    capture = archive.store("post", packed)
    page = read(folder, capture).page(capture=capture)
    assert (page.body, page.status, page.capture, page.fetched_at) == (b"<p>Wells</p>", 200, capture, NOW)
    assert page.headers == {"content-encoding": "gzip", "vary": "a, b"}
