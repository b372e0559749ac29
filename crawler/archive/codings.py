"""Content codings of HTTP (RFC 9110 §8.4.1) and its one transfer coding, chunked (RFC 9112 §7.1), within bounds."""

import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO

from fastwarc.stream_io import BrotliReader, ZstdReader

_STEP = 1 << 16
_GZIP, _ZLIB, _BARE = zlib.MAX_WBITS | 16, zlib.MAX_WBITS, -zlib.MAX_WBITS


class TooLargeError(ValueError):
    """A body is larger, decoded, than it may be."""


def decoded(body: bytes, codings: str, largest: int | None = None) -> bytes:
    """Return a body without its content codings, given as in Content-Encoding: gzip, deflate, br, zstd.

    A body that is not coded as is said of it (there are archives that decoded it before they kept it), or in a coding
    that is not known, comes back as it is; of one that is damaged or cut off, what could be decoded. Raises
    TooLargeError beyond `largest` bytes.
    """
    for coding in reversed([word.strip().casefold() for word in codings.split(",")]):
        if coding in {"", "identity"}:
            continue
        if coding not in _CODINGS:
            break
        body = _unpacked(body, _CODINGS[coding], largest)
    if largest is not None and len(body) > largest:
        raise TooLargeError(f"more than {largest} bytes")
    return body


def dechunked(body: bytes) -> bytes:
    """Return a body of which the head says that it came in chunks; as it is if they were put together already.

    Of a body that is cut off in a chunk, or has nonsense where a size should stand, what came before is returned.
    """
    pieces, place = list[bytes](), 0
    while True:
        end = body.find(b"\r\n", place, place + 256)
        size = _chunk_size(body[place:end]) if end >= 0 else None
        if size is None:
            return b"".join(pieces) if pieces else body
        if size == 0:
            return b"".join(pieces)
        pieces.append(body[end + 2 : end + 2 + size])
        place = end + 2 + size + 2


def _chunk_size(line: bytes) -> int | None:
    digits = line.partition(b";")[0].strip()
    try:
        return int(digits, 16) if digits.isalnum() else None
    except ValueError:
        return None


def _unpacked(body: bytes, coding: Callable[[bytes], Iterator[bytes]], largest: int | None) -> bytes:
    pieces, size = list[bytes](), 0
    try:
        for piece in coding(body):
            pieces.append(piece)
            size += len(piece)
            if largest is not None and size > largest:
                raise TooLargeError(f"more than {largest} bytes once decoded")
    except (zlib.error, OSError):
        if not pieces:
            return body
    return b"".join(pieces)


def _inflated(body: bytes, wbits: int) -> Iterator[bytes]:
    rest = body
    while rest:
        # gzip may come in several members, RFC 1952 §2.2; what else follows one is of no meaning.
        inner = zlib.decompressobj(wbits)
        for start in range(0, len(rest), _STEP):
            yield from _steps(inner, rest[start : start + _STEP])
            if inner.eof:
                rest = inner.unused_data + rest[start + _STEP :]
                break
        else:
            return
        if wbits != _GZIP or not rest.startswith(b"\x1f\x8b"):
            return


def _steps(inner: "zlib._Decompress", data: bytes) -> Iterator[bytes]:
    while data and not inner.eof:
        yield inner.decompress(data, _STEP)
        data = inner.unconsumed_tail


def _deflated(body: bytes) -> Iterator[bytes]:
    # Servers send both what RFC 9110 calls deflate, which is zlib's format (RFC 1950 §2.2), and the bare stream.
    is_zlib = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0  # noqa: PLR2004
    return _inflated(body, _ZLIB if is_zlib else _BARE)


def _read(reader: type[BrotliReader | ZstdReader], body: bytes) -> Iterator[bytes]:
    with reader(BytesIO(body)) as stream:
        while piece := stream.read(_STEP):
            yield piece


_CODINGS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": partial(_inflated, wbits=_GZIP),
    "x-gzip": partial(_inflated, wbits=_GZIP),
    "deflate": _deflated,
    "br": partial(_read, BrotliReader),
    "zstd": partial(_read, ZstdReader),
}
