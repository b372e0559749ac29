"""WARC/1.1 records (ISO 28500:2017): exchanges to gzip members and back."""

import base64
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from warcio.warcwriter import WARCWriter

from core.model import Capture
from crawler.archive.exchange import Exchange, Head

_VERSION = "WARC/1.1"
_PROFILES = "http://netpreserve.org/warc/1.1/revisit"
_SAME, _UNCHANGED = f"{_PROFILES}/identical-payload-digest", f"{_PROFILES}/server-not-modified"
OK, NOT_MODIFIED = 200, 304
_NEVER_KEPT = ("Cookie", "Authorization", "Proxy-Authorization")


@dataclass(frozen=True, slots=True)
class Original:
    """The record that a revisit record stands for: its address, and where it is."""

    url: str
    capture: Capture


@dataclass(frozen=True, slots=True)
class Record:
    """A record that was read: its WARC head and its block."""

    head: Head
    block: bytes

    @property
    def type(self) -> str:
        """The WARC-Type: response, request, revisit, warcinfo and others."""
        return self.head.get("WARC-Type").casefold()

    @property
    def date(self) -> datetime:
        """The WARC-Date. Raises ValueError if it is none."""
        return warc_date(self.head.get("WARC-Date"))


def payload_digest(body: bytes) -> str:
    """Return what stands in WARC-Payload-Digest for a body: sha1 in base 32, as nearly all archives write it."""
    return f"sha1:{base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()}"


def warc_date(text: str) -> datetime:
    """Return the moment of a WARC-Date. Raises ValueError if it is none; 2016 alone is none for us."""
    moment = datetime.fromisoformat(text.strip())
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def info(filename: str, at: datetime, fields: Mapping[str, str]) -> bytes:
    """Return the member that opens a file and says who wrote it, and how."""
    out = BytesIO()
    writer = _writer(out)
    record = writer.create_warcinfo_record(filename, fields)
    record.rec_headers.replace_header("WARC-Date", _written(at))
    writer.write_record(record)
    return out.getvalue()


def pair(exchange: Exchange, original: Original | None = None) -> tuple[bytes, bytes]:
    """Return the members of an exchange: its answer, and its request (empty where that is not known).

    With `original` the answer becomes a revisit record: of an answer 304, or of the same payload. What could open a
    door (cookies, passwords) is left out of requests, and the transfer coding out of answers, since it was undone.
    """
    answer = _Block(exchange.response.without("Transfer-Encoding").as_bytes())
    named = {"WARC-Date": _written(exchange.at)} | ({"WARC-IP-Address": exchange.ip} if exchange.ip else {})
    out = BytesIO()
    writer = _writer(out)
    if exchange.status == NOT_MODIFIED or original:
        record = writer.create_warc_record(
            exchange.url, "revisit", http_headers=answer, warc_headers_dict=named | _revisited(exchange, original)
        )
    else:
        payload = BytesIO(exchange.body)
        record = writer.create_warc_record(
            exchange.url, "response", payload, len(exchange.body), http_headers=answer, warc_headers_dict=named
        )
    writer.write_record(record)
    length = out.tell()
    if exchange.request:
        asked = _Block(exchange.request.without(*_NEVER_KEPT).as_bytes())
        linked = named | {"WARC-Concurrent-To": record.rec_headers.get_header("WARC-Record-ID")}
        request = writer.create_warc_record(exchange.url, "request", http_headers=asked, warc_headers_dict=linked)
        writer.write_record(request)
    data = out.getvalue()
    return data[:length], data[length:]


def _revisited(exchange: Exchange, original: Original | None) -> dict[str, str]:
    fields = {"WARC-Profile": _UNCHANGED if exchange.status == NOT_MODIFIED else _SAME}
    if original:
        fields["WARC-Refers-To-Target-URI"] = original.url
        fields["WARC-Refers-To-Date"] = _written(original.capture.at)
        fields["WARC-Payload-Digest"] = original.capture.digest
    return fields


def parse(data: bytes) -> Record:
    """Return the record of one gzip member, or of its first bytes unpacked.

    Raises ValueError if it is not one whole record whose block has the digest that its head gives.
    """
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = unpacking.decompress(data)
    except zlib.error as error:
        raise ValueError(f"not a gzip member: {error}") from error
    if not unpacking.eof:
        raise ValueError("the gzip member is cut off")
    head, start = head_of(text, "utf-8")
    block = text[start : start + int(head.get("Content-Length") or -1)]
    if not head.line.startswith("WARC/") or start + len(block) + 4 != len(text):
        raise ValueError("not one whole WARC record")
    said = head.get("WARC-Block-Digest")
    if said.startswith("sha1:") and said != payload_digest(block):
        raise ValueError("its bytes do not match its digest")
    return Record(head, block)


def head_of(data: bytes, encoding: str = "latin-1") -> tuple[Head, int]:
    """Return the head that data begins with, and where what follows it begins.

    Raises ValueError if no empty line ends it.
    """
    end, gap = data.find(b"\r\n\r\n"), 4
    if end < 0:
        end, gap = data.find(b"\n\n"), 2
    if end < 0:
        raise ValueError("no empty line ends the head")
    line, *rest = data[:end].decode(encoding, errors="replace").splitlines()
    fields: list[tuple[str, str]] = []
    for each in rest:
        if each[:1] in {" ", "\t"} and fields:
            fields[-1] = (fields[-1][0], f"{fields[-1][1]} {each.strip()}")
        else:
            name, _, value = each.partition(":")
            fields.append((name.strip(), value.strip()))
    return Head(line, tuple(fields)), end + gap


@dataclass(slots=True)
class _Block:
    """An HTTP head that warcio writes byte for byte; its own class percent-encodes whatever is not ASCII."""

    headers_buff: bytes

    def compute_headers_buffer(self, _filter: object = None) -> None:
        """Leave the bytes as they are."""


def _writer(out: BytesIO) -> Any:  # noqa: ANN401  # warcio has no types
    return WARCWriter(out, gzip=True, warc_version=_VERSION)


def _written(at: datetime) -> str:
    """Return a moment as WARC-Date: whole seconds, which is what replay tools find records by."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
