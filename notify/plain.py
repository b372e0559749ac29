"""Wrapping plain text, in any script, at a width in columns."""

import re
import unicodedata
from collections.abc import Iterator

WIDTH = 76

# Khmer joins a consonant to the one before it by this sign: no line may break after it.
_COENG = "\u17d2"
# Letters, figures and marks of European scripts: each takes a column.
_NARROW = re.compile(r"[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2193]*")
_PIECE = re.compile(r"([^\S\xa0]+|\u200b)")


def columns(text: str) -> int:
    """Return how many columns a text takes; combining and zero-width characters take none, wide ones two."""
    if _NARROW.fullmatch(text):  # most of what is written here, and a hundred times as fast
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def padded(text: str, width: int) -> str:
    """Return text filled up with spaces to a width in columns; a longer one is cut, with an ellipsis."""
    while columns(text) > width:
        text = text[:-2].rstrip() + "…"
    return text + " " * (width - columns(text))


def wrapped(text: str, indent: str = "", first: str | None = None, width: int = WIDTH) -> str:
    """Return text in lines of at most `width` columns, each behind `indent`, the first behind `first` if given.

    Lines break at spaces and, as Khmer is written, at zero-width spaces; a word that fills more than a line (Khmer
    without them, Chinese) breaks between two characters, never within one.
    """
    lines = [""]
    room = width - columns(indent)
    glue = ""
    for piece in _pieces(text, room):
        if not piece.strip() or piece == "\u200b":
            glue = piece
        elif columns(lines[-1] + glue + piece) <= room:
            lines[-1] += glue + piece
            glue = ""
        else:
            lines.append(piece)
            glue = ""
    start = indent if first is None else first
    return "\n".join((start if number == 0 else indent) + line for number, line in enumerate(lines))


def _pieces(text: str, room: int) -> Iterator[str]:
    for piece in _PIECE.split(text.strip()):
        if columns(piece) <= room:
            yield piece
        else:
            yield from _cut(piece, room)


def _cut(word: str, room: int) -> Iterator[str]:
    line = ""
    for character in word:
        joined = unicodedata.category(character).startswith("M") or line.endswith(_COENG)
        if line and not joined and columns(line) + _width(character) > room:
            yield line
            line = ""
        line += character
    yield line
