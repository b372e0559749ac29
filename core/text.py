"""Comparing texts: what counts as the same words."""

import hashlib
import re
import unicodedata

_QUOTES = str.maketrans({"‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_PLAIN_MARKS = {chr(code): plain for code, plain in (_QUOTES | _DASHES).items()}
_MARKS = re.compile(f"[{''.join(_PLAIN_MARKS)}]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")


def tidy(text: str) -> str:
    """Return text on one line: runs of white space (no-break space included) become one space, ends are cut.

    Control characters go: no text has them, but a page may, to steer the terminal of whoever reads it.
    """
    line = " ".join(text.split())
    # Nearly every line is printable, which is quickly asked.
    return line if line.isprintable() else " ".join(_CONTROL.sub("", line).split())


def normalised(text: str) -> str:
    """Return text as it is compared: NFKC, case folded, quotes and dashes of one kind, white space folded."""
    if text.isascii():
        return tidy(text.lower())
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    # A table for all characters takes ten times as long as to look for the few that it changes.
    return tidy(_MARKS.sub(lambda found: _PLAIN_MARKS[found[0]], plain).casefold())


def folded(text: str) -> str:
    """Return text with accents removed and case folded, each character staying at its index.

    A character that has no single-character folded form stays itself, so that spans found here hold in `text`.
    """
    return text.translate(_FOLDED)


class _Folded(dict[int, str]):
    """The folded form of each character that was asked for."""

    def __missing__(self, code: int) -> str:
        self[code] = _fold_character(chr(code))
        return self[code]


def _fold_character(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character.translate(_QUOTES).translate(_DASHES))
    base = "".join(part for part in plain if not unicodedata.combining(part)).casefold()
    return base if len(base) == 1 else character


def opening(line: str, words: int) -> str:
    """Return the first words of a line with an ellipsis, as lists cut it; empty where it has no more than these."""
    found = line.split(maxsplit=words)
    return f"{' '.join(found[:words])} …" if len(found) > words else ""


def digest(*parts: str) -> str:
    """Return the SHA-256 (hexadecimal) of the normalised parts; parts never run into one another."""
    return hashlib.sha256("\x1f".join(normalised(part) for part in parts).encode()).hexdigest()


def shortened(text: str, length: int) -> str:
    """Return text cut after a whole word at no more than `length` characters, with an ellipsis where cut."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    if not text[length - 1].isspace():
        head = head[: head.rfind(" ")] if " " in head.strip() else head
    return head.rstrip(" ,;:-–—") + "…"


_FOLDED = _Folded()
