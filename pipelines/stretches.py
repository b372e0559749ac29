"""Whole headlines of other items within a line of other words: what to ask the corpus of, and what of a line is theirs.

A sentence may begin as many headlines do: how a headline begins says only where to look for the whole of it. Pure.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from core.health import HEADLINE_OPENING, TEASER_OPENING, Heard
from core.text import opening, tidy

SHARE = 0.6
"""Of a line's characters: of what is less than that another item's, the rest is the article's own prose."""
_LEAST_HEADLINE = 20  # characters: "Background" may be a headline somewhere, and is a heading anywhere
_LEAST_WORDS = 4
_WORDLESS = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff]")  # scripts without spaces
_LINE = 60  # words, and characters: a longer line is a paragraph, of which a headline is never most
_CHARACTERS = 520
_CHUNKS = 16  # of a line in a script without spaces, which are phrases
_SHORT = 32  # words: a longer line is asked about where it begins alone, which may be behind a label of
_LABEL = 8  # words
_PART = 0.3  # of a line's characters: of less than this, headlines too short to be known by how they begin are no most
_LONGEST = 30  # words of a headline
_SUMMARY = 360  # characters
_AROUND = "()[]{}<>\"'“”‘’«»‹›"
_MARKS = _AROUND + ".,;:!?…|/\\–—-−·•*►▶▸→←↑↗»«#&~_=+៖។៕،؛؟ "

Ask = Callable[[list[str]], Mapping[str, Heard]]
"""What the corpus knows of lines."""


def is_headline(line: str) -> bool:
    """Return whether a line is long enough to be known by its words for a headline."""
    plain = tidy(line)
    return len(plain) >= _LEAST_HEADLINE and (len(plain.split()) >= _LEAST_WORDS or _WORDLESS.search(plain) is not None)


def begun(lines: Iterable[str]) -> Iterator[str]:
    """Yield what to ask first: how a long headline would begin, and whole short ones, at each word that may open one.

    A word in small letters opens none. Of a paragraph that leaves a word or two.
    """
    for line in map(_line, lines):
        for place in line.places:
            yield from _openings(line.words, place)
            for stop in _short_stops(line, place):
                yield from _spelled(line.words, place, stop)


def whole(lines: Iterable[str], heard: Mapping[str, Heard]) -> Iterator[str]:
    """Yield what to ask then: whole headlines where one is heard to begin, and how a summary behind them would."""
    for line in map(_line, lines):
        for place in line.places:
            for stop in _stops(line, place, heard):
                yield from _spelled(line.words, place, stop)
                yield from _behind(line.words, stop)


def theirs(text: str, heard: Mapping[str, Heard], key: str) -> frozenset[str]:
    """Return the other items whose whole headlines, with their summaries behind them, are most of a line; else none.

    key is that of the line's own item.
    """
    line = _line(text)
    found, length, at = frozenset[str](), 0, 0
    for place in line.places:
        if place < at:
            continue
        stop, keys = _longest(line, place, heard, key)
        if not keys:
            continue
        found |= keys
        length, at = length + _length(line.words[place:stop]), stop
        rest = _length(line.words[stop:])
        behind = (heard[each].teaser_of for each in _behind(line.words, stop) if each in heard)
        if rest <= _SUMMARY and any(others & keys for others in behind):
            length += rest
            break
    return found if found and length >= SHARE * _length(line.words) else frozenset()


class _Line(NamedTuple):
    """A line's words, the places of those that may open a headline, and how long one is that matters."""

    words: list[str]
    places: list[int]
    enough: float


_NO_LINE = _Line([], [], 0)


def _line(text: str) -> _Line:
    """Return a line that may hold headlines; nothing of one that is too long for it."""
    if len(text) > _CHARACTERS:
        return _NO_LINE
    words = text.split()
    if len(words) > (_CHUNKS if _WORDLESS.search(text) else _LINE):
        return _NO_LINE
    first = enumerate(words if len(words) <= _SHORT else words[:_LABEL])
    places = [at for at, word in first if (bare := word.strip(_MARKS)) and not bare[0].islower()]
    return _Line(words, places, max(_LEAST_HEADLINE, _PART * len(text)))


def _openings(words: list[str], place: int) -> tuple[str, ...]:
    line = " ".join(words[place : place + HEADLINE_OPENING + 1])
    bare = line.lstrip(_MARKS)
    found = (opening(line, HEADLINE_OPENING), opening(bare, HEADLINE_OPENING) if bare != line else "")
    return tuple(filter(None, found))


def _short_stops(line: _Line, place: int) -> list[int]:
    """Return where a headline would end that is too short to be known by how it begins."""
    words, longest = line.words, place + HEADLINE_OPENING
    if len(" ".join(words[place:longest])) < line.enough:
        return []
    least = place + (1 if _WORDLESS.search(words[place]) else _LEAST_WORDS)
    stops = range(least, min(longest, len(words)) + 1)
    return [stop for stop in stops if len(" ".join(words[place:stop])) >= line.enough]


def _stops(line: _Line, place: int, heard: Mapping[str, Heard]) -> Iterator[int]:
    """Yield where a headline may end that begins at a word, the last place first."""
    words = line.words
    if any(text in heard and heard[text].headline_of for text in _openings(words, place)):
        yield from range(min(place + _LONGEST, len(words)), place + HEADLINE_OPENING, -1)
    for stop in reversed(_short_stops(line, place)):
        if any(text in heard and heard[text].headline_of for text in _spelled(words, place, stop)):
            yield stop


def _longest(line: _Line, place: int, heard: Mapping[str, Heard], key: str) -> tuple[int, frozenset[str]]:
    for stop in _stops(line, place, heard):
        for text in _spelled(line.words, place, stop):
            keys = heard[text].headline_of if text in heard else frozenset[str]()
            if keys and is_headline(text):
                return stop, frozenset() if key in keys else keys
    return place, frozenset()


def _spelled(words: list[str], start: int, stop: int) -> Collection[str]:
    """Return a stretch as it stands, without what it stands in, and without all marks about it."""
    line = " ".join(words[start:stop])
    bare = line.strip(_MARKS)
    if bare == line:
        return (line,)
    return dict.fromkeys((line, line.strip(_AROUND), bare, line.rstrip(_MARKS), line.lstrip(_MARKS)))


def _behind(words: list[str], stop: int) -> tuple[str, ...]:
    """Return how a summary would be known that stands behind a headline, whole or by its beginning."""
    rest = " ".join(words[stop:]).lstrip(_MARKS)
    return tuple(text for text in (opening(rest, TEASER_OPENING), rest, rest.rstrip(_MARKS)) if text)


def _length(words: list[str]) -> int:
    return sum(len(word.strip(_MARKS)) for word in words)
