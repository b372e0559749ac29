"""How much of a page's article was read off it, and what else: one page first, then the means of many.

Words are compared as `core.text.normalised` writes them; a Khmer text, which parts no words, goes letter by letter.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.model import Draft, Skipped
from core.text import normalised
from tests.gates.designs.sheet import Truth

FIGURES = ("paragraphs", "precision", "recall", "f1", "unleaked", "unfurnished", "title", "authors", "day", "minute")
"""Each from 0 to 1, 1 is best; unleaked and unfurnished are the shares of pages without such a text."""

_WORD = re.compile(r"[\u1780-\u17ff]|(?:(?![\u1780-\u17ff])\w)+")
_SHINGLE = 3
_LEAST_SHARE = 0.9  # of a paragraph's shingles, in one place
_SLACK = 1.15  # how much longer than the paragraph that place may be
_SHORT = 20  # characters; a shorter sentinel must be a line by itself, for sentences may hold such words
_OPENING = 60  # characters of a sentinel that tell it: readers cut summaries


@dataclass(frozen=True, slots=True, repr=False)
class Output:
    """What a reader took off a page: lines of text, and what it says of the article; never printed, as the truth."""

    lines: tuple[str, ...]
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of one page; minute is None where the page tells no time. leaks are the texts themselves."""

    paragraphs: float
    precision: float
    recall: float
    title: bool
    authors: bool
    day: bool
    minute: bool | None
    leaks: tuple[str, ...] = field(default=(), repr=False)
    furniture: tuple[str, ...] = field(default=(), repr=False)

    @property
    def f1(self) -> float:
        whole = self.precision + self.recall
        return 2 * self.precision * self.recall / whole if whole else 0.0

    def figure(self, name: str) -> float | None:
        """Return one of FIGURES."""
        match name:
            case "unleaked":
                return float(not self.leaks)
            case "unfurnished":
                return float(not self.furniture)
        value = getattr(self, name)
        return None if value is None else float(value)


def output_of(result: Draft | Skipped) -> Output | None:
    """Return what tonle read, None where it took no article off the page."""
    if isinstance(result, Skipped):
        return None
    return Output(result.paragraphs, result.title, result.authors, result.published_at)


def score(truth: Truth, output: Output | None) -> Score:
    """Compare what was read with what is there; a page of which nothing was read has nothing right."""
    if output is None:
        has_minute = False if "T" in truth.published else None
        return Score(0.0, 0.0, 0.0, title=False, authors=False, day=False, minute=has_minute)
    lines = [normalised(line) for line in output.lines]
    found = [word for line in _without(lines, truth.optional) for word in words(line)]
    wanted = [words(block.text) for block in truth.blocks]
    common = sum((Counter(found) & Counter(word for block in wanted for word in block)).values())
    place = _Place(found)
    return Score(
        sum(map(place.holds, wanted)) / len(wanted),
        common / len(found) if found else 0.0,
        common / sum(map(len, wanted)),
        title=normalised(output.title) == normalised(truth.title),
        authors=_names(output.authors) == _names(truth.authors),
        day=_same_day(truth.published, output.published),
        minute=_same_minute(truth.published, output.published) if "T" in truth.published else None,
        leaks=tuple(text for text in truth.leaks if _stands_in(text, lines)),
        furniture=tuple(text for text in truth.furniture if _stands_in(text, lines)),
    )


def means(scores: Sequence[Score]) -> dict[str, float]:
    """Return the mean of each figure over the pages that have it, rounded down to three places."""
    found = {}
    for name in FIGURES:
        values = [value for one in scores if (value := one.figure(name)) is not None]
        found[name] = int(1000 * sum(values) / len(values) + 1e-9) / 1000 if values else 1.0
    return found


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return _WORD.findall(normalised(text))


class _Place:
    """Tells whether the words of a paragraph stand together in a text."""

    def __init__(self, found: list[str]) -> None:
        self._text = f" {' '.join(found)} "
        self._at: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for index in range(len(found) - _SHINGLE + 1):
            self._at[tuple(found[index : index + _SHINGLE])].append(index)

    def holds(self, paragraph: list[str]) -> bool:
        if len(paragraph) <= _SHINGLE:
            return f" {' '.join(paragraph)} " in self._text
        shingles = [tuple(paragraph[index : index + _SHINGLE]) for index in range(len(paragraph) - _SHINGLE + 1)]
        places = sorted(at for shingle in set(shingles) for at in self._at.get(shingle, ()))
        size, least = int(len(shingles) * _SLACK) + 1, _LEAST_SHARE * len(set(shingles))
        return any(bisect_right(places, at + size) - number >= least for number, at in enumerate(places))


def _without(lines: Sequence[str], optional: Sequence[str]) -> list[str]:
    """Return lines without those that may be taken or left."""
    left = list(lines)
    for text in map(normalised, optional):
        left = [line.replace(text, " ") if len(text) >= _SHORT else line for line in left if line != text]
    return left


def _stands_in(text: str, lines: Sequence[str]) -> bool:
    plain = normalised(text)
    if len(plain) < _SHORT:
        return plain in lines
    opening = plain[:_OPENING]
    return any(opening in line for line in lines)


def _names(authors: Sequence[str]) -> set[str]:
    return {normalised(name) for name in authors}


def _same_day(published: str, read: datetime | None) -> bool:
    if not published or read is None:
        return not published and read is None
    there = datetime.fromisoformat(published)
    days = {read.date(), read.astimezone(there.tzinfo).date()} if there.tzinfo and read.tzinfo else {read.date()}
    return there.date() in days


def _same_minute(published: str, read: datetime | None) -> bool:
    """Compare moments where the page names its zone, else what its clock shows."""
    if read is None:
        return False
    there = datetime.fromisoformat(published)
    if there.tzinfo and read.tzinfo:
        return read.replace(second=0, microsecond=0) == there
    return read.replace(tzinfo=None, second=0, microsecond=0) == there.replace(tzinfo=None)
