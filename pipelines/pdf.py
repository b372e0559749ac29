"""PDF bytes → the lines that stand on its pages, with their places. The only door to pdfium.

pdfium (by pypdfium2, Apache-2.0 or BSD-3-Clause) is native code that may be called by one thread at a time, and that
hostile files have crashed and hung before: it is run where a crash costs one page (pipelines/workshop.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from core.model import Reason, Skipped
from core.text import tidy

_ONE_AT_A_TIME = Lock()
_LOCKED = frozenset({raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY})
_HYPHEN = "\ufffe"  # what pdfium puts where it has joined a word that a hyphen parted at the end of a line
_BREAK = re.compile(f"(\r\n|{_HYPHEN})")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of print: its text, its left and right edge and baseline in points from the page's lower left corner.

    size is the height of its type; is_parted says that it ends within a word, at a hyphen that is not in the text.
    """

    text: str
    left: float
    right: float
    base: float
    size: float
    is_parted: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of print: its lines in the order in which the file gives them, and its height in points."""

    lines: tuple[Line, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Print:
    """What a file holds: the sheets that were read, how many it has, how many of those read came to nothing.

    title and created are what its makers wrote into it (`/Title`, `/CreationDate`), which is often nonsense.
    """

    sheets: tuple[Sheet, ...]
    count: int
    unreadable: int
    title: str
    created: str


def read_pdf(body: bytes, most_pages: int) -> Print | Skipped:
    """Return the first pages of a PDF as lines; PROTECTED if it asks for a password, FAILED if it is damaged."""
    with _ONE_AT_A_TIME:
        try:
            document = pdfium.PdfDocument(body)
        except pdfium.PdfiumError as error:
            # pdfium does not always say what failed, and then its last error is that of another file.
            if error.err_code in _LOCKED and b"/Encrypt" in body:
                return Skipped(Reason.PROTECTED, "the file asks for a password")
            return Skipped(Reason.FAILED, f"damaged PDF: {error}")
        try:
            return _print(document, most_pages)
        finally:
            document.close()


def _print(document: Any, most_pages: int) -> Print | Skipped:  # noqa: ANN401  # pypdfium2 has no types
    count = len(document)
    sheets = [_sheet(document, number) for number in range(min(count, most_pages))]
    read = tuple(sheet for sheet in sheets if sheet)
    if not read:
        return Skipped(Reason.FAILED, "damaged PDF: none of its pages can be read")
    title, created = (document.get_metadata_value(name) for name in ("Title", "CreationDate"))
    return Print(read, count, len(sheets) - len(read), tidy(title), tidy(created))


def _sheet(document: Any, number: int) -> Sheet | None:  # noqa: ANN401
    try:
        page = document[number]
        text_page = page.get_textpage()
    except pdfium.PdfiumError:
        return None
    try:
        return Sheet(tuple(_lines(text_page)), page.get_height())
    finally:
        text_page.close()
        page.close()


def _lines(page: Any) -> Iterator[Line]:  # noqa: ANN401
    """Yield the lines of a page: its text is broken where pdfium saw one, and parted words are parted again."""
    index = 0  # in units of UTF-16, as pdfium counts
    pieces = [*_BREAK.split(page.get_text_range()), ""]
    for piece, end in zip(pieces[::2], pieces[1::2], strict=True):
        text, start = tidy(piece), index
        index += len((piece + end).encode("utf-16-le", errors="surrogatepass")) // 2
        if text:
            first = _box(page, start + len(piece) - len(piece.lstrip()))
            last = _box(page, start + len(piece.rstrip()) - 1)
            yield Line(text, first[0], max(first[2], last[2]), first[1], first[3] - first[1], end == _HYPHEN)


def _box(page: Any, index: int) -> tuple[float, float, float, float]:  # noqa: ANN401
    """Return left, bottom, right and top of a letter's place in its line, zeros where pdfium knows none."""
    letter = raw.FPDFText_GetCharIndexFromTextIndex(page, index)
    if letter < 0:
        return 0.0, 0.0, 0.0, 0.0
    try:
        left, bottom, right, top = page.get_charbox(letter, loose=True)
    except pdfium.PdfiumError:
        return 0.0, 0.0, 0.0, 0.0
    return left, bottom, right, top
