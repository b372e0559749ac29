"""Anybody's WARC files, read as a stream: other archives write them in other ways, and some are broken."""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from crawler.archive.codings import TooLargeError, dechunked
from crawler.archive.exchange import Exchange, Head
from crawler.archive.reading import exchange_in
from crawler.archive.records import Record

_STEP = 1 << 20
_ZSTD, _WARC = b"\x28\xb5\x2f\xfd", b"WARC/"
_BEGINNING = re.compile(rb"\x1f\x8b\x08|WARC/1\.[01]\r?\n")
_LARGEST_HEAD = 1 << 16
_HEX = 40  # characters of a SHA-1 in base 16


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An answer of a host that nobody asked for; it was passed over unread."""

    host: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be used; it begins at `offset` or behind it."""

    offset: int
    why: str


def is_warc(path: Path) -> bool:
    """Return whether a file begins like a WARC file, packed or not. Raises OSError if it cannot be read."""
    with path.open("rb") as stream:
        beginning = stream.read(512)
    if beginning.startswith(_ZSTD):
        return path.name.endswith(".warc.zst")
    return beginning.startswith(_WARC) or _unpacked(beginning).startswith(_WARC)


def pages_in(path: Path, wanted: Callable[[str], bool], largest: int) -> Iterator[Exchange | LeftOut | Broken]:
    """Yield the HTTP answers in a WARC file, in its order; those whose address is not `wanted` only by their host.

    The file may be plain, gzip (a member a record, or one for all) or zstd. Of requests and all else nothing is
    yielded. Bodies are not decoded (Exchange.page does that). A record above `largest` bytes is Broken and not held in
    memory. After damage the next whole record is looked for. Raises OSError if the file cannot be read at all.
    """
    with path.open("rb") as stream:
        start: int | None = 0
        told = -1  # where the record begins of which it was told last that it is broken
        while start is not None:
            place = start
            try:
                for record in _records(stream, start):
                    place = record.stream_pos
                    found = _answer(record, wanted, largest)
                    if isinstance(found, Broken):
                        found, told = (None if told == place else found), place
                    if found:
                        yield found
            except OSError as error:
                start = _next_record(stream, place + 1)
                # The damaged record may be found again, and fails again: it is told of once.
                if place != told:
                    yield Broken(place, str(error))
                told = start if start is not None and place != told else -1
            else:
                start = None


def _records(stream: BinaryIO, start: int) -> ArchiveIterator:
    stream.seek(start)
    return ArchiveIterator(stream, parse_http=False)


def _answer(record: WarcRecord, wanted: Callable[[str], bool], largest: int) -> Exchange | LeftOut | Broken | None:
    if record.record_type != WarcRecordType.response:
        return None
    url = (record.headers.get("WARC-Target-URI") or "").strip("<> ")
    if not url.lower().startswith(("http://", "https://")):
        return None
    if not wanted(url):
        return LeftOut(_host(url))
    try:
        return _exchange(record, url, largest)
    except ValueError as error:
        return Broken(record.stream_pos, str(error))


def _contradicts(digest: str, block: bytes) -> bool:
    """Return whether a digest is the SHA-1 of other bytes; it stands in base 32, with some writers in base 16."""
    kind, _, said = digest.strip().partition(":")
    if kind.lower() != "sha1":
        return False
    try:
        told = bytes.fromhex(said) if len(said) == _HEX else base64.b32decode(said.upper())
    except ValueError:
        return False
    return told != hashlib.sha1(block, usedforsecurity=False).digest()


def _exchange(record: WarcRecord, url: str, largest: int) -> Exchange:
    head = record.headers
    if head.get("WARC-Truncated") or head.get("WARC-Segment-Number"):
        raise ValueError("only a part of the answer was archived")
    if record.content_length > largest + _LARGEST_HEAD:
        raise TooLargeError(f"more than {largest} bytes")
    block = record.reader.read(record.content_length)
    if len(block) != record.content_length:
        raise ValueError("the file ends within the record")
    said = head.get("WARC-Block-Digest") or ""
    if _contradicts(said, block):
        raise ValueError("its bytes do not match its digest")
    fields = tuple((str(name), str(value)) for name, value in head.items())
    exchange = exchange_in(Record(Head("WARC/1.1", fields), block))
    if exchange is None or not exchange.response.line.startswith("HTTP/"):
        raise ValueError("no answer of HTTP, or no date")
    if "chunked" in exchange.response.get("Transfer-Encoding").casefold():
        exchange = replace(exchange, body=dechunked(exchange.body))
    return replace(exchange, url=url, response=exchange.response.without("Transfer-Encoding"))


def _next_record(stream: BinaryIO, start: int) -> int | None:
    """Return where the next record begins from a place on, None if there is none that could be recognised."""
    place = start
    while True:
        stream.seek(place)
        data = stream.read(_STEP)
        for found in _BEGINNING.finditer(data):
            beginning = data[found.start() : found.start() + 512]
            if beginning.startswith(_WARC) or _unpacked(beginning).startswith(_WARC):
                return place + found.start()
        if len(data) < _STEP:
            return None
        place += _STEP - 512


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, len(_WARC))
    except zlib.error:
        return b""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
