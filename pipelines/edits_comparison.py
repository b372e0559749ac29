"""Two states of a text side by side: paragraphs are aligned first, then the words of those that differ.

A paragraph that was split or joined is none that differs: words are aligned across the ends of paragraphs. Changes with
a few words between them that happen to be alike are one change, as a person would mark them.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from pipelines.edits_matching import matching
from pipelines.edits_pieces import Kind, Piece, chunks, pieces, shown

_STRAY = 4  # pieces at most: a longer run that is alike within a change is no chance
_STRAY_SIGNS = 6
_STANDS = 0.3  # of a paragraph's letters: one of which less is kept came or went
_CLOSELY = 600_000  # characters of changed paragraphs: a hundred thousand words
Split = Callable[[str], list[Piece]]
_PLAIN = str.maketrans(
    dict.fromkeys("“”„«»‘’‚‛'", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff")
)
_END = Piece("¶", "¶", Kind.MARK, 0, 0)


class Op(Enum):
    """What became of words."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Span:
    """Words in a row that one thing became of. is_spaced: white space, or a paragraph's end, stands before them."""

    op: Op
    text: str
    is_spaced: bool
    run: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as it became, with what went from it where it stood; or one that went.

    is_moved: it stands elsewhere in the other state.
    """

    spans: tuple[Span, ...]
    is_moved: bool = False

    def size(self, op: Op) -> int:
        """Return how many characters became this, white space apart."""
        return sum(len("".join(span.text.split())) for span in self.spans if span.op is op)

    def is_all(self, op: Op) -> bool:
        """Return whether the whole of it became this."""
        return all(span.op is op for span in self.spans)

    def is_mostly(self, op: Op) -> bool:
        """Return whether so much of it became this that it came, or went, as a whole."""
        changed, kept = self.size(op), self.size(Op.KEPT)
        return changed > 0 and kept < _STANDS * (kept + changed)

    def text(self, op: Op) -> str:
        """Return the words that stand there before (GONE) or after (NEW) the edit; kept ones stand in both."""
        kept = [span for span in self.spans if span.op in {op, Op.KEPT}]
        return "".join(" " * (span.is_spaced and place > 0) + span.text for place, span in enumerate(kept))


class _Spot(NamedTuple):
    paragraph: int
    piece: Piece


class _Step(NamedTuple):
    """A stretch of both texts: the same words (is_kept), or those that stand in place of one another."""

    is_kept: bool
    low: int
    high: int
    start: int
    end: int


def compared(before: Sequence[str], after: Sequence[str]) -> list[Passage]:
    """Return the paragraphs of two states as one list, in the order of the newer, those that went where they stood."""
    mine, theirs = _keys(before, after)
    runs = matching(mine, theirs)
    alike = sum(len(text) for _, place, length in runs for text in after[place : place + length])
    split = pieces if sum(map(len, (*before, *after))) - 2 * alike <= _CLOSELY else chunks
    found: list[Passage] = []
    at, place = 0, 0
    for one, other, length in [*runs, (len(before), len(after), 0)]:
        found += _gap(before[at:one], after[place:other], split)
        found += [_whole(Op.KEPT, text) for text in after[other : other + length]]
        at, place = one + length, other + length
    return _with_moves(found)


def _keys(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return by what paragraphs are the same; one that stands in both as it is needs no closer look."""
    alike = set(before) & set(after)
    mine, theirs = ([text if text in alike else _key(text) for text in side] for side in (before, after))
    return mine, theirs


def _key(text: str) -> str:
    """Return a paragraph as nearly all that reads the same has it in common; the rest shows when words are compared."""
    plain = unicodedata.normalize("NFKC", text) if not text.isascii() else text
    return " ".join(plain.translate(_PLAIN).split())


def _whole(op: Op, text: str) -> Passage:
    return Passage((Span(op, text, is_spaced=False),))


def _with_moves(found: list[Passage]) -> list[Passage]:
    """Return the paragraphs with those marked that went from one place and came at another."""
    gone, new = ({_key(each.text(op)) for each in found if each.is_mostly(op)} for op in (Op.GONE, Op.NEW))
    both = gone & new
    return [replace(each, is_moved=True) if both and _is_among(both, each) else each for each in found]


def _is_among(moved: set[str], passage: Passage) -> bool:
    return any(passage.is_mostly(op) and _key(passage.text(op)) in moved for op in (Op.GONE, Op.NEW))


def _gap(before: Sequence[str], after: Sequence[str], split: Split) -> list[Passage]:
    if not before or not after:
        return [*(_whole(Op.GONE, text) for text in before), *(_whole(Op.NEW, text) for text in after)]
    return _Gap(before, after, split).passages()


class _Gap:
    """Paragraphs that stand in place of one another, as two rows of pieces."""

    def __init__(self, before: Sequence[str], after: Sequence[str], split: Split) -> None:
        self._texts = before, after
        self._before, self._after = _row(before, split), _row(after, split)
        self._sizes = Counter(spot.paragraph for spot in self._before if spot.piece is not _END)
        self._starts = {spot.paragraph: spot.piece.at for spot in reversed(self._before)}

    def passages(self) -> list[Passage]:
        """Return the paragraphs as they became."""
        steps = self._joined(self._slid(self._steps()))
        lines = _Lines()
        for step in steps:
            if step.is_kept:
                self._keep(lines, step)
            else:
                self._lay_gone(lines, step)
                for paragraph, run in _by_paragraph(self._after[step.start : step.end]):
                    lines.add(self._span(Op.NEW, paragraph, run), paragraph)
        return lines.passages()

    def _steps(self) -> list[_Step]:
        """Return the stretches in order, kept ones and changed ones by turns."""
        runs = matching([spot.piece.folded for spot in self._before], [spot.piece.folded for spot in self._after])
        steps: list[_Step] = []
        at, place = 0, 0
        for one, other, length in [*runs, (len(self._before), len(self._after), 0)]:
            if one > at or other > place:
                steps.append(_Step(False, at, one, place, other))  # noqa: FBT003  # a tuple's field
            if length:
                steps.append(_Step(True, one, one + length, other, other + length))  # noqa: FBT003
            at, place = one + length, other + length
        return steps

    def _joined(self, steps: list[_Step]) -> list[_Step]:
        """Return the steps with changes joined that only a stray run parts."""
        found: list[_Step] = []
        for place, step in enumerate(steps):
            is_stray = (
                step.is_kept and found and place + 1 < len(steps) and self._is_stray(found[-1], step, steps[place + 1])
            )
            if found and not found[-1].is_kept and (is_stray or not step.is_kept):
                last = found.pop()
                step = _Step(False, last.low, step.high, last.start, step.end)  # noqa: FBT003, PLW2901
            found.append(step)
        return found

    def _is_stray(self, left: _Step, kept: _Step, right: _Step) -> bool:
        run = [spot.piece for spot in self._before[kept.low : kept.high]]
        most = _STRAY_SIGNS if all(piece.kind is Kind.SIGN for piece in run) else _STRAY
        length = sum(len(piece.key) for piece in run)
        return len(run) <= most and _END not in run and length <= min(self._weight(left), self._weight(right))

    def _weight(self, step: _Step) -> int:
        """Return how many letters the longer side of a change has."""
        sides = self._before[step.low : step.high], self._after[step.start : step.end]
        return max(sum(len(spot.piece.key) for spot in side) for side in sides)

    def _slid(self, steps: list[_Step]) -> list[_Step]:
        """Return the steps with what only came or only went beginning where a paragraph or sentence does, if it can."""
        for place in range(1, len(steps) - 1):
            left, step, right = steps[place - 1 : place + 2]
            if step.is_kept or not (left.is_kept and right.is_kept) or (step.low < step.high and step.start < step.end):
                continue
            shift = self._shift(left, step, right)
            if shift:
                low, high, start, end = (each + shift for each in step[1:])
                steps[place - 1] = left._replace(high=low, end=start)
                steps[place] = _Step(False, low, high, start, end)  # noqa: FBT003
                steps[place + 1] = right._replace(low=high, start=end)
        return [step for step in steps if step.low < step.high or step.start < step.end]

    def _shift(self, left: _Step, step: _Step, right: _Step) -> int:
        is_new = step.low == step.high
        row = self._after if is_new else self._before
        low, high = (step.start, step.end) if is_new else (step.low, step.high)
        farthest = 0
        while (
            -farthest < left.high - left.low
            and row[low + farthest - 1].piece.folded == row[high + farthest - 1].piece.folded
        ):
            farthest -= 1
        last = 0
        while last < right.high - right.low and row[low + last].piece.folded == row[high + last].piece.folded:
            last += 1
        shifts = sorted(range(farthest, last + 1), key=abs)
        return max(shifts, key=lambda shift: _begins(row, low + shift))

    def _keep(self, lines: "_Lines", step: _Step) -> None:
        pairs = [
            (one, other)
            for one, other in zip(self._before[step.low : step.high], self._after[step.start : step.end], strict=True)
            if other.piece is not _END
        ]
        numbered = ((other.paragraph, one.piece.key == other.piece.key, one, other) for one, other in pairs)
        for (paragraph, is_same), group in groupby(numbered, key=lambda each: each[:2]):
            run = list(group)
            now = [other for *_, other in run]
            if is_same:
                lines.add(self._span(Op.KEPT, paragraph, now), paragraph)
                continue
            for number, then in _by_paragraph([one for _, _, one, _ in run]):
                lines.add(self._span(Op.GONE, number, then), paragraph)
            lines.add(self._span(Op.NEW, paragraph, now), paragraph)

    def _lay_gone(self, lines: "_Lines", step: _Step) -> None:
        ahead = self._after[step.start : step.start + 2]  # a paragraph's end, and what follows on it
        coming = next((spot.paragraph for spot in ahead if spot.piece is not _END), None)
        for paragraph, run in _by_paragraph(self._before[step.low : step.high]):
            span = self._span(Op.GONE, paragraph, run)
            if len(run) == self._sizes[paragraph] and (lines.paragraph is None or lines.paragraph != coming):
                lines.add_alone(span)
                continue
            begins = run[0].piece.at == self._starts[paragraph]
            places = (coming, lines.paragraph) if begins else (lines.paragraph, coming)
            lines.add(span, next((place for place in places if place is not None), -1))

    def _span(self, op: Op, paragraph: int, run: Sequence[_Spot]) -> Span:
        text = self._texts[op is not Op.GONE][paragraph]
        row = tuple(spot.piece for spot in run)
        head = text[: row[0].at]
        return Span(op, shown(text, row), not head.strip() or head[-1:].isspace(), row)


class _Lines:
    """Spans as they are laid into paragraphs, which follow on one another as they stand now."""

    def __init__(self) -> None:
        self._found: list[Passage] = []
        self._spans: list[Span] = []
        self.paragraph: int | None = None

    def add(self, span: Span, paragraph: int) -> None:
        """Lay words into a paragraph."""
        if paragraph != self.paragraph:
            self._end()
            self.paragraph = paragraph
        self._spans.append(span)

    def add_alone(self, span: Span) -> None:
        """Lay words as a paragraph of their own."""
        self._end()
        self._found.append(Passage((span,)))

    def passages(self) -> list[Passage]:
        """Return the paragraphs."""
        self._end()
        return self._found

    def _end(self) -> None:
        if self._spans:
            self._found.append(Passage(tuple(self._spans)))
        self._spans, self.paragraph = [], None


def _row(paragraphs: Sequence[str], split: Split) -> list[_Spot]:
    """Return the pieces of paragraphs, with a piece behind each that marks its end."""
    return [_Spot(number, piece) for number, text in enumerate(paragraphs) for piece in (*split(text), _END)]


def _by_paragraph(spots: Iterable[_Spot]) -> Iterator[tuple[int, list[_Spot]]]:
    for paragraph, run in groupby((spot for spot in spots if spot.piece is not _END), key=lambda spot: spot.paragraph):
        yield paragraph, list(run)


def _reads(spot: _Spot) -> str:
    return spot.piece.folded


def _begins(row: Sequence[_Spot], place: int) -> int:
    """Return how well a change may begin at a place: best where a paragraph does, well where a sentence does."""
    if place == 0 or row[place - 1].paragraph != row[place].paragraph:
        return 2
    return int(row[place].piece.opens)
