"""A text made ready to be held against words: all its parts in one string, as words are compared. Pure.

Every place in it is the place in the original: what was folded kept its index, and what was squeezed out is counted.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.model import Article, Draft
from core.text import folded

# What is not seen between the letters of a word: accents written apart, soft hyphens, the zero-width spaces that
# Khmer pages are full of. All repeats are possessive (no backtracking), so that any text is read in linear time.
ACCENTS = "\u0300-\u036f"
JOINING = rf"{ACCENTS}\u00ad\u200c\u200d\u2060\ufeff"
UNSEEN = re.compile(rf"[{JOINING}\u200b]")
_ENDS = "\x00"
"""Stands between the parts: no word has it, and it is no white space."""

# White space but the plain space, spelled out: one set of characters is sought ten times as fast as alternatives.
_SPACES = r"\t-\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_LOOSE = re.compile(rf"[{_SPACES}{JOINING}\u200b]")
_GAP = re.compile(rf"[{JOINING}\u200b\s]++")
_JOINED = re.compile(r"\w\w")
_TRAILING = re.compile(rf"[{ACCENTS}]*+")
# Scripts written without spaces between words. A sign of Chinese or Japanese counts as a word where words are counted;
# of the others, whose words have four to six letters and vowel signs, five do.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff"
_PLAIN_WORDS = re.compile(r"\w+")
_OTHERS = re.compile(rf"[{_UNSPACED}{JOINING}]")
_WORDS = re.compile(
    rf"[\u3040-\u30ff\u4e00-\u9fff]|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{{1,5}}+"
    rf"|(?:(?![{_UNSPACED}])\w[{JOINING}]*+)++"
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Text:
    """What rules are held against: title, body and what a text says of itself, never the notes."""

    source: str
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    section: str = ""
    language: str = ""
    kind: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The paragraphs, then the title: a passage of the body tells more than the headline."""
        return (*self.paragraphs, self.title) if self.title else self.paragraphs


def text_of(item: Draft | Article) -> Text:
    """Return what rules are held against of a draft, or of an article."""
    paragraphs = item.paragraphs if isinstance(item, Draft) else tuple(item.text.split("\n"))
    return Text(item.source, item.title, paragraphs, item.authors, item.section, item.language, item.kind)


class Ready:
    """The parts of a text, joined and folded; a place (span) holds in `whole`, where every part has its own stretch."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self._parts = (*text.paragraphs, text.title, *text.authors, text.section)
        self.whole = folded(_ENDS.join(self._parts))
        self._offsets: Sequence[int] | None = None
        self._cuts: frozenset[int] = frozenset()
        self.squeezed = self.whole
        if "  " in self.whole or _LOOSE.search(self.whole):
            self.squeezed, self._offsets, self._cuts = _squeezed(self.whole)

    @cached_property
    def starts(self) -> list[int]:
        """Where each part begins: the paragraphs, the title, each author, the section."""
        starts, at = [], 0
        for part in self._parts:
            starts.append(at)
            at += len(part) + len(_ENDS)
        return [*starts, at]

    @property
    def body(self) -> Span:
        """The stretch of the paragraphs."""
        return 0, self.starts[len(self.text.paragraphs)]

    @property
    def title(self) -> Span:
        """The stretch of the title."""
        title = len(self.text.paragraphs)
        return self.starts[title], self.starts[title + 1]

    @property
    def authors(self) -> Span:
        """The stretch of the authors."""
        return self.title[1], self.starts[-2]

    @property
    def section(self) -> Span:
        """The stretch of the section."""
        return self.starts[-2], self.starts[-1]

    def is_free(self, at: int) -> bool:
        """Return whether no word goes on across a place in `squeezed`; a zero-width space that was there ends one."""
        signs = self.squeezed[at - 1 : at + 1] if at else ""
        return not _JOINED.fullmatch(signs) or at in self._cuts

    def span(self, start: int, end: int) -> Span:
        """Return the place in `whole` of what stands at one in `squeezed`, with the accents that follow it."""
        if self._offsets is None:
            return start, end
        last = _TRAILING.match(self.whole, self._offsets[end - 1] + 1)
        return self._offsets[start], last.end() if last else end

    def of(self, part: int) -> str:
        """Return a part as it was written."""
        return self._parts[part]

    def part(self, at: int) -> int:
        """Return the number of the part in which a place lies."""
        return bisect_right(self.starts, at) - 1

    @cached_property
    def words(self) -> list[Span]:
        """The words, as they are counted between terms."""
        words = _WORDS if _OTHERS.search(self.whole) else _PLAIN_WORDS
        return [found.span() for found in words.finditer(self.whole)]

    @cached_property
    def _word_starts(self) -> list[int]:
        return [start for start, _ in self.words]

    @cached_property
    def _word_ends(self) -> list[int]:
        return [end for _, end in self.words]

    def numbered(self, span: Span) -> Span:
        """Return the numbers of the first and the last word of a stretch."""
        start, end = span
        return bisect_right(self._word_ends, start), bisect_left(self._word_starts, end) - 1


def _squeezed(whole: str) -> tuple[str, Sequence[int], frozenset[int]]:
    """Return a text without what is not seen and with one space for any white space; and of its characters the indices.

    Last comes before which of them a zero-width space stood.
    """
    pieces: list[str] = []
    offsets = array("L")
    cuts: set[int] = set()
    before = 0
    for gap in _GAP.finditer(whole):
        start, end = gap.span()
        pieces.append(whole[before:start])
        offsets.extend(range(before, start))
        if not UNSEEN.sub("", gap[0]):
            if "\u200b" in gap[0]:
                cuts.add(len(offsets))
        else:
            pieces.append(" ")
            offsets.append(start)
        before = end
    pieces.append(whole[before:])
    offsets.extend(range(before, len(whole)))
    return "".join(pieces), offsets, frozenset(cuts)
