"""Minimal PDFs, written by hand (ISO 32000-1): several pages of text, and a scan without any.

Text is set in Helvetica with the Windows character set, in lines of a fixed number of characters. Long words are parted
at a line's end with a hyphen, and each page has a running header and its number: what a reader of PDFs must undo.
"""

import zlib
from collections.abc import Iterable, Sequence

_LINE = 78
_LINES_A_PAGE = 40
_PITCH = 16  # points from line to line
_TOP = 760
_LEFT = 72
_SHORTEST_PART = 4
_LONGEST_WHOLE = 8
_INDENT = "    "
_PICTURE = "/Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8"


def text_pdf(title: str, header: str, paragraphs: Iterable[str]) -> bytes:
    """Return a PDF of as many pages as the paragraphs need; characters outside Windows-1252 become question marks."""
    lines = [title, ""]
    for paragraph in paragraphs:
        lines += [*wrapped(_INDENT + paragraph), ""]
    pages = [lines[start : start + _LINES_A_PAGE] for start in range(0, len(lines), _LINES_A_PAGE)]
    return _document([_page(header, number, page) for number, page in enumerate(pages, 1)], title)


def scan_pdf(title: str, pages: int = 2) -> bytes:
    """Return a PDF whose pages are pictures: it holds no text."""
    return _document([b"q 451 0 0 650 72 96 cm /Im1 Do Q"] * pages, title)


def wrapped(text: str) -> list[str]:
    """Return a paragraph in lines, long words parted by a hyphen where they would not fit."""
    indent = text[: len(text) - len(text.lstrip())]
    lines, line = [], indent
    for word in text.split():
        gap = " " if line.strip() else ""
        if len(line) + len(gap) + len(word) <= _LINE:
            line += gap + word
            continue
        head = _head(word, _LINE - len(line) - len(gap) - 1)
        lines.append(f"{line}{gap}{head}-" if head else line)
        line = word.removeprefix(head)
    return [*lines, line] if line else lines


def _head(word: str, room: int) -> str:
    """Return the part of a word that still fits into a line, empty where it is better left whole."""
    room = min(room, len(word) - _SHORTEST_PART)
    return word[:room] if len(word) > _LONGEST_WHOLE and word.isalpha() and room >= _SHORTEST_PART else ""


def _page(header: str, number: int, lines: Sequence[str]) -> bytes:
    shown = [f"BT /F1 9 Tf {_LEFT} 806 Td ({_escaped(header)}) Tj ET"]
    shown += [
        f"BT /F1 11 Tf {_LEFT} {_TOP - _PITCH * place} Td ({_escaped(line)}) Tj ET"
        for place, line in enumerate(lines)
        if line
    ]
    shown.append(f"BT /F1 9 Tf 297 40 Td ({number}) Tj ET")
    return "\n".join(shown).encode("cp1252", "replace")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _document(pages: Sequence[bytes], title: str) -> bytes:
    first = 6
    kids = " ".join(f"{first + 2 * place} 0 R" for place in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        _stream(bytes(range(0, 256, 4)), _PICTURE),
        f"<< /Title ({_escaped(title)}) /Producer (Replica) >>".encode("cp1252", "replace"),
    ]
    for place, content in enumerate(pages):
        resources = "<< /Font << /F1 3 0 R >> /XObject << /Im1 4 0 R >> >>"
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 2 * place + 1} 0 R"
        objects += [f"{page} /Resources {resources} >>".encode(), _stream(content, "")]
    return _assembled(objects)


def _stream(content: bytes, keys: str) -> bytes:
    packed = zlib.compress(content, 9)
    return f"<< {keys} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n".encode() + packed + b"\nendstream"


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + trailer
