"""WARC files that others wrote, in all the forms they come in, whole and damaged."""

import gzip
import hashlib
import random
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # ships no types
import pytest
from backports import zstd
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.archive import Archive, Exchange
from crawler.archive.codings import TooLargeError, dechunked, decoded
from crawler.archive.foreign import Broken, LeftOut, is_warc, pages_in

Read = Callable[[bytes], list[str]]
LARGEST = 1_000_000


class File:
    """A WARC file being written as others write: WARC/1.0, chunks and all."""

    def __init__(self, *, packed: bool = True) -> None:
        self._out = BytesIO()
        self._writer = WARCWriter(self._out, gzip=packed, warc_version="1.0")
        self.offsets: list[int] = []

    def add(
        self,
        url: str,
        body: bytes = b"",
        kind: str = "response",
        status: str = "200 OK",
        heads: tuple[tuple[str, str], ...] = (),
        **fields: str,
    ) -> "File":
        self.offsets.append(len(self.data))
        named = {"WARC-Date": "2016-05-04T03:02:01Z"} | {name.replace("_", "-"): text for name, text in fields.items()}
        http = StatusAndHeaders(status, [("Content-Type", "text/html"), *heads], protocol="HTTP/1.1")
        body = body or random.Random(url).randbytes(3_000)
        record = self._writer.create_warc_record(
            url, kind, BytesIO(body), len(body), http_headers=http, warc_headers_dict=named
        )
        self._writer.write_record(record)
        return self

    def five(self) -> "File":
        for number in range(5):
            self.add(f"https://news.example/{number}")
        return self

    @property
    def data(self) -> bytes:
        return self._out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.warc.gz"


@pytest.fixture
def read(path: Path) -> Read:
    """Return what is found in a file: the last letter of an address, the host of what is left out, or `broken`."""

    def found(data: bytes) -> list[str]:
        path.write_bytes(data)
        words = []
        for each in pages_in(path, lambda url: "news.example" in url, LARGEST):
            match each:
                case Exchange():
                    words.append(each.url[-1])
                case LeftOut():
                    words.append(each.host)
                case Broken():
                    words.append("broken")
        return words

    return found


def one(path: Path, file: File) -> Exchange:
    path.write_bytes(file.data)
    (found,) = pages_in(path, lambda _: True, LARGEST)
    assert isinstance(found, Exchange), found
    return found


def spoiled(data: bytes, at: int, length: int = 20) -> bytes:
    return data[:at] + b"\0" * length + data[at + length :]


@pytest.mark.parametrize("form", [lambda data: data, gzip.compress, zstd.compress], ids=["plain", "one-member", "zstd"])
def test_a_file_in_any_packing_is_read_record_by_record(read: Read, form: Callable[[bytes], bytes]) -> None:
    assert read(form(File(packed=False).five().data)) == list("01234")
    assert read(File().five().data) == list("01234")


def test_only_answers_are_read_and_of_other_hosts_only_the_name(read: Read) -> None:
    file = File().add("https://news.example/a").add("https://news.example/a", kind="request", status="GET / HTTP/1.1")
    file.add("http://other.example/x").add("https://news.example/b", kind="resource").add("dns:news.example")
    file.add("<https://news.example/c>")
    assert read(file.data) == ["a", "other.example", "c"]


def test_an_exchange_has_address_status_headers_time_and_server(path: Path) -> None:
    file = File().add(
        "https://news.example/a",
        b"Gone",
        status="410 Gone",
        heads=(("X-A", "1"), ("X-A", "2")),
        WARC_IP_Address="192.0.2.9",
    )
    page = one(path, file).page()
    assert (page.url, page.status, page.body) == ("https://news.example/a", 410, b"Gone")
    assert page.headers == {"content-type": "text/html", "x-a": "1, 2"}
    assert page.fetched_at.isoformat() == "2016-05-04T03:02:01+00:00"
    assert one(path, file).ip == "192.0.2.9"


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", lambda text: gzip.compress(text[:4]) + gzip.compress(text[4:])),
        ("x-gzip", lambda text: gzip.compress(text) + b"rubbish"),
        ("deflate", zlib.compress),
        ("deflate", lambda text: zlib.compress(text)[2:-4]),
        ("br", brotli.compress),
        ("zstd", zstd.compress),
        ("gzip, br", lambda text: brotli.compress(gzip.compress(text))),
        ("identity", lambda text: text),
        ("gzip", lambda text: text),
        ("br", lambda text: text),
        ("compress", lambda text: text),
        ("", lambda text: text),
    ],
)
def test_a_body_is_decoded_as_its_head_says_if_it_is_so_coded(coding: str, pack: Callable[[bytes], bytes]) -> None:
    text = b"<p>Wells in Kandal</p>" * 20
    assert decoded(pack(text), coding, LARGEST) == text


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_of_a_packed_body_that_is_cut_off_what_came_is_read(coding: str, pack: Callable[[bytes], bytes]) -> None:
    text = random.Random(1).randbytes(100_000).hex().encode()
    packed = pack(text)
    part = decoded(packed[: len(packed) // 2], coding)
    assert text.startswith(part)
    assert len(part) > 30_000


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress), ("zstd", zstd.compress)],
)
def test_a_body_that_unpacks_to_more_than_is_allowed_is_refused(coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"\0" * (LARGEST + 1))
    assert len(packed) < 10_000
    assert len(decoded(packed, coding, LARGEST + 1)) == LARGEST + 1
    with pytest.raises(TooLargeError):
        decoded(packed, coding, LARGEST)


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n", b"hello world"),
        (b"5\r\nhello\r\n6\r\n wo", b"hello wo"),
        (b"5\r\nhello\r\nnonsense\r\n", b"hello"),
        (b"<p>put together already</p>\r\n", b"<p>put together already</p>\r\n"),
        (b"", b""),
        (b"0\r\n\r\n", b""),
        (b"-5\r\nhello\r\n", b"-5\r\nhello\r\n"),
    ],
)
def test_chunks_are_put_together_where_there_are_any(sent: bytes, text: bytes) -> None:
    assert dechunked(sent) == text


def test_a_chunked_and_packed_answer_is_read_as_the_browser_read_it(path: Path) -> None:
    packed = gzip.compress(b"<p>Wells</p>")
    body = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, packed[:10], len(packed) - 10, packed[10:])
    heads = (("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip"))
    exchange = one(path, File().add("https://news.example/a", body, heads=heads))
    assert exchange.body == packed
    assert exchange.page().body == b"<p>Wells</p>"
    assert "transfer-encoding" not in exchange.page().headers


@pytest.mark.parametrize("packed", [True, False])
def test_damage_costs_the_record_that_it_hits_and_no_other(read: Read, packed: bool) -> None:
    file = File(packed=packed).five()
    ends = [*file.offsets[1:], len(file.data)]
    for number, (start, end) in enumerate(zip(file.offsets, ends, strict=True)):
        for at in (start, start + (end - start) // 2, end - 24):
            expected = [*"01234"]
            expected[number] = "broken"
            assert read(spoiled(file.data, at)) == expected, (number, at)


def test_zeros_between_records_are_passed_over(read: Read) -> None:
    file = File().five()
    at = file.offsets[2]
    assert read(file.data[:at] + b"\0" * 3_000_000 + file.data[at:]) == ["0", "1", "broken", "2", "3", "4"]


def test_a_file_that_ends_within_a_record_gives_all_before_it(read: Read) -> None:
    for file in (File().five(), File(packed=False).five()):
        for cut in (5, 50, 2_000, 3_050):
            assert read(file.data[:-cut])[:4] == list("0123")
            assert read(file.data[:-cut])[4:] in (["broken"], ["4"], [])
        assert read(file.data[:-1_000])[4:] == ["broken"]


def test_an_answer_that_its_archive_kept_in_part_is_none(read: Read) -> None:
    file = File().add("https://news.example/a", WARC_Truncated="length")
    file.add("https://news.example/b", WARC_Segment_Number="1").add("https://news.example/c", WARC_Date="once")
    assert read(file.data) == ["broken"] * 3


def test_what_is_no_warc_file_is_known_by_its_beginning(path: Path, read: Read) -> None:
    forms = {"gz": File().five().data, "plain": File(packed=False).five().data}
    forms |= {"html": b"<html>", "empty": b"", "packed html": gzip.compress(b"<html>")}
    told = {}
    for name, data in forms.items():
        path.write_bytes(data)
        told[name] = is_warc(path)
    assert told == {"gz": True, "plain": True, "html": False, "empty": False, "packed html": False}
    assert read(b"\1" * 5_000) == ["broken"]


HUGE = """
import resource, sys
from pathlib import Path
from crawler.archive.foreign import Broken, LeftOut, pages_in

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
found = [type(each).__name__ for each in pages_in(Path(sys.argv[1]), lambda url: "news" in url, 1_000_000)]
print(found, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_memory_does_not_grow_with_a_record_that_is_too_large(path: Path, root: Path) -> None:
    body = b"\0" * 40_000_000
    file = File().add("https://news.example/a", body).add("https://other.example/b", body).add("https://news.example/c")
    path.write_bytes(file.data)
    command = [sys.executable, "-c", HUGE, str(path)]
    told = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True, timeout=60).stdout
    names, _, megabytes = told.strip().rpartition(" ")
    assert names == "['Broken', 'LeftOut', 'Exchange']"
    assert int(megabytes) < 15


def test_a_digest_in_base_16_is_as_good_as_one_in_base_32(read: Read) -> None:
    body = b"<p>one</p>" * 400
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    right = hashlib.sha1(http + body, usedforsecurity=False).hexdigest()
    good = File().add("https://news.example/1", body, WARC_Block_Digest=f"sha1:{right}")
    bad = File().add("https://news.example/2", body, WARC_Block_Digest=f"sha1:{'0' * 40}")
    assert read(good.data) == ["1"]
    assert read(bad.data) == ["broken"]


def test_a_scheme_in_capitals_is_no_other_scheme(read: Read) -> None:
    assert read(File().add("HTTPS://news.example/1").data) == ["1"]


def test_no_name_from_within_a_file_becomes_that_of_another(path: Path) -> None:
    out = "../../../outside"
    told = ("Content-Disposition", f'attachment; filename="{out}"'), ("Content-Location", f"file:///{out}")
    file = File().add(f"https://news.example/{out}", heads=told, WARC_Filename=out, WARC_Record_ID=f"<{out}>")
    archive = Archive(path.parent / "archive", LARGEST, lambda: datetime(2026, 3, 1, tzinfo=UTC))
    kept = archive.store("import", one(path, file))
    made = {each.relative_to(path.parent).as_posix() for each in path.parent.rglob("*") if each.is_file()} - {path.name}
    assert f"archive/{kept.file}" in made
    assert [name for name in made if not name.startswith("archive/import/import-20260301-00001.")] == []
