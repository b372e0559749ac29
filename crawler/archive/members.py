"""The gzip members of a WARC file, found without trusting the file: whole ones, and the gaps between them."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from crawler.archive.records import head_of

_STEP = 1 << 14
_MAGIC = b"\x1f\x8b\x08"
_HEAD = 1 << 16  # of a record so much is kept for reading its heads


@dataclass(frozen=True, slots=True)
class Member:
    """A whole record at `offset`, `length` bytes long as packed; beginning is its first 64 KiB, unpacked."""

    offset: int
    length: int
    beginning: bytes

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that hold no whole record."""

    offset: int
    length: int


def scan(stream: BinaryIO, start: int, end: int) -> Iterator[Member | Gap]:
    """Yield what stands in a file from `start` to `end`, in order and without overlap; memory stays bounded."""
    place = start
    while place < end:
        member = member_at(stream, place)
        if member is None:
            following = _next_member(stream, place + 1, end)
            yield Gap(place, (following.offset if following else end) - place)
            if following is None:
                return
            member = following
        yield member
        place = member.end


def member_at(stream: BinaryIO, offset: int) -> Member | None:
    """Return the whole record that begins at a place, None if none does."""
    stream.seek(offset)
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    beginning, unpacked, packed = bytearray(), 0, 0
    while not unpacking.eof:
        data = stream.read(_STEP)
        if not data:
            return None
        packed += len(data)
        while data and not unpacking.eof:
            try:
                out = unpacking.decompress(data, _HEAD)
            except zlib.error:
                return None
            data = unpacking.unconsumed_tail
            beginning += out[: _HEAD - len(beginning)]
            unpacked += len(out)
    if not _is_whole(bytes(beginning), unpacked):
        return None
    return Member(offset, packed - len(unpacking.unused_data), bytes(beginning))


def _is_whole(beginning: bytes, length: int) -> bool:
    try:
        head, start = head_of(beginning, "utf-8")
        return head.line.startswith("WARC/") and start + int(head.get("Content-Length")) + 4 == length
    except ValueError:
        return False


def _next_member(stream: BinaryIO, start: int, end: int) -> Member | None:
    place = start
    while place < end:
        stream.seek(place)
        data = stream.read(_STEP)
        if len(data) < len(_MAGIC):
            return None
        at = data.find(_MAGIC)
        if at < 0:
            place += len(data) - len(_MAGIC) + 1
        elif member := member_at(stream, place + at):
            return member
        else:
            place += at + 1
    return None
