"""PDFs written by hand: pages of lines at given places, in the type that a test asks for."""

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MARGIN, TOP, HEIGHT, WIDTH = 72, 760, 842, 595


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, `y` points above the bottom of its page."""

    text: str
    y: float
    size: float = 11
    x: float = MARGIN


@dataclass(slots=True)
class Pdf:
    """A document of pages, each a list of lines; letters of Latin-1 only."""

    pages: Sequence[Sequence[Line]]
    info: Mapping[str, str] = field(default_factory=dict)
    password: str | None = None
    """What a reader must know where the file is encrypted; empty where a password is needed for changing it alone."""

    def bytes(self) -> bytes:
        """Return the document as PDF 1.4."""
        count = len(self.pages)
        kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
        objects = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            f"<< /Type /Pages /Kids [{kids}] /Count {count} >>".encode(),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
        for number, lines in enumerate(self.pages):
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {5 + 2 * number} 0 R"
                " /Resources << /Font << /F1 3 0 R >> >> >>".encode()
            )
            stream = zlib.compress(b"\n".join(_shown(line) for line in lines))
            head = f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode()
            objects.append(head + stream + b"\nendstream")
        entries = b" ".join(b"/%s (%s)" % (name.encode(), _escaped(value)) for name, value in self.info.items())
        objects.append(b"<< " + entries + b" >>")
        return _file(*(objects, b"") if self.password is None else _encrypted(objects, self.password))


def _file(objects: Sequence[bytes], more: bytes) -> bytes:
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer % (size, len(objects), more, len(out))


# The standard security handler in its first revision (ISO 32000 §7.6.3): RC4 with 40 bits.
_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def _encrypted(objects: Sequence[bytes], password: str) -> tuple[list[bytes], bytes]:
    """Return objects with their streams encrypted, and what the trailer says of it; the last, /Info, is emptied."""
    user = (password.encode() + _PAD)[:32]
    owner = _rc4(_md5((b"owner" + _PAD)[:32])[:5], user)
    key = _md5(user + owner + (-44).to_bytes(4, "little", signed=True) + bytes(16))[:5]
    secret = [
        _object(content, _md5(key + bytes([number, 0, 0, 0, 0]))[:10]) for number, content in enumerate(objects, 1)
    ]
    said = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <%s> /U <%s> >> /ID [<%s> <%s>]"
    parts = (owner.hex(), _rc4(key, _PAD).hex(), bytes(16).hex(), bytes(16).hex())
    return [*secret[:-1], b"<< >>"], said % tuple(part.encode() for part in parts)


def _object(content: bytes, key: bytes) -> bytes:
    head, mark, rest = content.partition(b"\nstream\n")
    return head + mark + _rc4(key, rest.removesuffix(b"\nendstream")) + b"\nendstream" if mark else content


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i, j, out = 0, 0, bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _shown(line: Line) -> bytes:
    return b"BT /F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET" % (line.size, line.x, line.y, _escaped(line.text))


def _escaped(text: str) -> bytes:
    raw = text.encode("cp1252")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def column(texts: Sequence[str], top: float = TOP, size: float = 11, gap: float = 14) -> list[Line]:
    """Return lines one below the other; an empty text leaves a gap, as between paragraphs."""
    lines, y = [], top
    for text in texts:
        if text:
            lines.append(Line(text, y, size))
        y -= gap if text else gap / 2
    return lines
