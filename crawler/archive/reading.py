"""The archive as its readers see it: the exchange that a Capture points to."""

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.errors import StorageError
from core.model import Capture
from crawler.archive.exchange import Exchange, Head
from crawler.archive.members import member_at
from crawler.archive.records import Record, head_of, parse, payload_digest


def read(folder: Path, capture: Capture) -> Exchange:
    """Return an exchange as it was stored in the archive in a folder, with its request if that follows it there.

    Raises StorageError where the file is missing, outside of the archive, or holds other bytes than were stored.
    """
    named = PurePosixPath(capture.file)
    if named.is_absolute() or ".." in named.parts:  # in a corpus that somebody else made, and that was put back
        raise StorageError(f"{capture.file!r} leads out of the archive, and is not read.")
    path = folder / named
    try:
        with path.open("rb") as stream:
            stream.seek(capture.offset)
            record = parse(stream.read(capture.length))
            request = _request(record, stream, capture.offset + capture.length)
    except OSError as error:
        raise StorageError(f"The archive's file {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise StorageError(f"{_place(path, capture)} is damaged: {error}.") from error
    exchange = exchange_in(record)
    if exchange is None or (record.type == "response" and payload_digest(exchange.body) != capture.digest):
        raise StorageError(f"{_place(path, capture)} does not hold what was stored there.")
    return replace(exchange, request=request)


def exchange_in(record: Record) -> Exchange | None:
    """Return the exchange that an answer's record holds, without its request; None for another record."""
    if record.type not in {"response", "revisit"}:
        return None
    try:
        response, start = head_of(record.block)
        at = record.date
    except ValueError:
        return None
    ip = record.head.get("WARC-IP-Address")
    return Exchange(record.head.get("WARC-Target-URI").strip("<>"), response, record.block[start:], at, ip=ip)


def _request(answer: Record, stream: BinaryIO, offset: int) -> Head | None:
    following = member_at(stream, offset)
    if following is None:
        return None
    stream.seek(offset)
    try:
        record = parse(stream.read(following.length))
        is_its_own = record.head.get("WARC-Concurrent-To") == answer.head.get("WARC-Record-ID")
        return head_of(record.block)[0] if is_its_own else None
    except ValueError:
        return None


def _place(path: Path, capture: Capture) -> str:
    return f"The record at byte {capture.offset} of the archive's file {path}"
