"""Lines as they stand on printed pages, put together to paragraphs. Pure.

What recurs in the head and foot of pages goes, with the page numbers; footnotes (small type at the foot of a page, the
first line opening with a figure or a mark) are told apart from the text; hyphenated line ends are mended; a paragraph
that runs over the end of a page goes on.
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise, takewhile

from pipelines.pdf import Line, Sheet

_EDGE = 0.12  # of a page's height: where its running head and foot stand
_SAME_PLACE = 6.0  # points by which a running head may wander
_OFTEN = 0.35  # of the pages: heads of left and right pages take turns
_NUMBER = re.compile(
    r"(?i)[\W_]*(?:page |p\. ?|ទំព័រ ?|стр\. ?)?(?:\d{1,4}|[ivxlc]{1,7})(?: ?(?:of|/|de|sur|из|-) ?\d{1,4})?[\W_]*"
)
_SMALL = 0.9  # of the body's type, that of footnotes
_OTHER = 0.06  # of its size by which the type of a heading differs from the text's
_WIDE = 1.3  # of the usual distance between lines: a gap
_INDENT = 9.0  # points
_FAR = 5  # times the type's height: lines so far apart are not in one column
_COLUMN = 36.0  # points: columns begin at least so far apart
# Of the column's width: below _SHORT a line that ends a sentence ends its paragraph; below _HEADING one that ends none
# does, if the next begins with a capital; above _FULL a line is full, and its sentence goes on over the page.
_SHORT, _HEADING, _FULL = 0.85, 0.6, 0.95
_ENDS = re.compile(r"[.!?:;…។៕。！？؟۔][\"”’»)\]]*\d{0,3}$")
_OPENS = re.compile(r"(?:[•●▪‣◦*\-–—]|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})[.)])\s+\S")
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡§]+)\s*\S")


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a print: its paragraphs and its footnotes, each in the order of the pages."""

    paragraphs: tuple[str, ...]
    notes: tuple[str, ...] = ()


def text_of(sheets: Sequence[Sheet]) -> Text:
    """Return what the pages of a print say."""
    bare = without_running_heads(sheets)
    body = usual_size(bare)
    texts = [_split_notes(sheet, body) for sheet in bare]
    hyphens = _compounds(line for sheet in bare for line in sheet.lines)
    paragraphs = _joined([line for above, _ in texts for line in above], hyphens)
    notes = [note for _, below in texts for note in _joined(below, hyphens, _NOTE)]
    return Text(tuple(paragraphs), tuple(notes))


def usual_size(sheets: Sequence[Sheet]) -> float:
    """Return the size of the type in which most letters of a print stand; 0 where there is no letter."""
    sizes: Counter[float] = Counter()
    for sheet in sheets:
        for line in sheet.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=lambda size: (sizes[size], -size)) if sizes else 0.0


def without_running_heads(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return pages without page numbers and without what recurs at one place in their heads or feet.

    Where there is one page alone, what stands in its head in small type is taken for what would recur.
    """
    places: dict[str, list[float]] = {}
    for sheet in sheets:
        for line in sheet.lines:
            if _is_at_edge(line, sheet):
                places.setdefault(_masked(line), []).append(line.base)
    least = max(2, round(_OFTEN * len(sheets)))
    running = {
        text: statistics.median(bases)
        for text, bases in places.items()
        if sum(abs(base - statistics.median(bases)) <= _SAME_PLACE for base in bases) >= least
    }

    small = _SMALL * usual_size(sheets) if len(sheets) == 1 else 0.0

    def runs(sheet: Sheet, line: Line) -> bool:
        base = running.get(_masked(line))
        is_running = base is not None and abs(line.base - base) <= _SAME_PLACE
        is_running = is_running or (line.size < small and line.base > sheet.height / 2)
        return _is_at_edge(line, sheet) and (is_running or bool(_NUMBER.fullmatch(line.text)))

    bare = []
    for sheet in sheets:
        down = sorted(sheet.lines, key=lambda line: -line.base)
        # From the edges inwards: what stands below a line of the text is the text's, should it recur or be a number.
        head = list(takewhile(partial(runs, sheet), down))
        foot = list(takewhile(partial(runs, sheet), reversed(down)))
        gone = {*head, *foot}
        bare.append(replace(sheet, lines=tuple(line for line in sheet.lines if line not in gone)))
    return bare


def _is_at_edge(line: Line, sheet: Sheet) -> bool:
    return not _EDGE * sheet.height < line.base < (1 - _EDGE) * sheet.height


def _masked(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text).casefold()


def _split_notes(sheet: Sheet, body: float) -> tuple[list[Line], list[Line]]:
    """Return the lines of the text of a page, and those of its footnotes."""
    bottom = sorted(sheet.lines, key=lambda line: line.base)
    small: list[Line] = []
    for line in bottom:
        if line.size > _SMALL * body:
            break
        small.append(line)
    opening = [index for index, line in enumerate(small) if _NOTE.match(line.text)]
    notes = set(small[: opening[-1] + 1]) if opening else set()
    return [line for line in sheet.lines if line not in notes], [line for line in sheet.lines if line in notes]


def _compounds(lines: Iterator[Line]) -> frozenset[str]:
    """Return the words with a hyphen that stand whole within some line."""
    return frozenset(word.casefold() for line in lines for word in re.findall(r"\w+(?:-\w+)+", line.text))


def _joined(lines: Sequence[Line], compounds: frozenset[str], opens: re.Pattern[str] = _OPENS) -> list[str]:
    """Return lines as paragraphs; a line that opens as a point of a list, or a note, begins one."""
    setting = _Setting(_leading(lines), _edges(lines), opens)
    paragraphs: list[str] = []
    above: Line | None = None
    for line in lines:
        if above is None or _parts(above, line, setting):
            paragraphs.append(line.text)
        else:
            paragraphs[-1] = _together(paragraphs[-1], line.text, compounds, is_parted=above.is_parted)
        above = line
    return paragraphs


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a text is set: the usual distance of its lines, the right edge of each column by its left, in points."""

    leading: float
    edges: Mapping[int, float]
    opens: re.Pattern[str]


def _leading(lines: Sequence[Line]) -> float:
    gaps = [above.base - below.base for above, below in pairwise(lines)]
    usual = sorted(gap for gap, line in zip(gaps, lines, strict=False) if 0 < gap < _FAR * line.size)
    return usual[len(usual) // 3] if usual else 0.0


def _edges(lines: Sequence[Line]) -> dict[int, float]:
    """Return where lines end that begin at about one place, most of their letters at least."""
    columns: dict[int, list[Line]] = {}
    for line in lines:
        columns.setdefault(_column(line), []).append(line)
    edges = {}
    for left, column in columns.items():
        half, seen = sum(len(line.text) for line in column) / 2, 0
        for line in sorted(column, key=lambda line: -line.right):
            seen += len(line.text)
            if seen >= half:
                edges[left] = line.right
                break
    return edges


def _column(line: Line) -> int:
    return round(line.left / _COLUMN)


def _parts(above: Line, below: Line, setting: _Setting) -> bool:
    """Return whether a paragraph ends between two lines."""
    if above.is_parted:
        return False
    fall = above.base - below.base
    if abs(above.size - below.size) > _OTHER * max(above.size, below.size) or setting.opens.match(below.text):
        return True
    ends = bool(_ENDS.search(above.text))
    width = (above.right - above.left) / max(setting.edges.get(_column(above), 0.0) - above.left, 1.0)
    if fall <= 0 or fall > _FAR * max(above.size, 1.0):  # a new column or page
        return ends or not (width > _FULL or _goes_on(above.text, below.text))
    if fall > _WIDE * setting.leading:
        return True
    is_heading = width < _HEADING and not _goes_on(above.text, below.text)
    return is_heading or (ends and (width < _SHORT or below.left - above.left > _INDENT))


def _goes_on(above: str, below: str) -> bool:
    """Return whether a line looks like the middle of a sentence: its letters are small, or know no capitals."""
    return above[-1:] in ",-" or (below[:1].isalpha() and not below[:1].isupper())


def _together(above: str, below: str, compounds: frozenset[str], *, is_parted: bool) -> str:
    """Return two lines as one: a word that was parted at the line's end is whole, a compound keeps its hyphen."""
    if not is_parted and not re.search(r"\w-$", above):
        return f"{above} {below}"
    stem = above.removesuffix("-")
    head, tail = re.search(r"[\w-]*$", stem), re.match(r"[\w-]*", below)
    compound = f"{head[0] if head else ''}-{tail[0] if tail else ''}".casefold()
    keeps = compound in compounds or not below[:1].islower()
    return f"{stem}-{below}" if keeps else stem + below
