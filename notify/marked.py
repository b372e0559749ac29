"""A passage in which words matched, in parts that are marked or not. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.model import Passage
from core.text import shortened
from notify.phrases import scrubbed


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a passage; marked where it matched."""

    text: str
    marked: bool


@dataclass(frozen=True, slots=True)
class Room:
    """How many characters of a long paragraph are shown before what matched first, behind the last, and within."""

    before: int = 300
    after: int = 600
    within: int = 1500


def stretches(passage: Passage, room: Room = Room()) -> Iterable[Stretch]:
    """Yield a passage in parts, marked and not; a long one cut, with an ellipsis, before and after what matched."""
    text, spans = passage.text, _apart(passage, room.within)
    if not spans:
        yield Stretch(shortened(scrubbed(text), room.after), marked=False)
        return
    begin = 0
    for number, (start, end) in enumerate(spans):
        between = scrubbed(text[begin:start])
        if number == 0:
            between = _tail(between, room.before)
        if between:
            yield Stretch(between, marked=False)
        yield Stretch(scrubbed(text[start:end]), marked=True)
        begin = end
    if rest := scrubbed(text[begin:]):
        space = " " if rest.startswith(" ") else ""
        yield Stretch(space + shortened(rest.strip(), room.after), marked=False)


def _apart(passage: Passage, within: int) -> list[tuple[int, int]]:
    """Return the spans that lie in the text, in order, none overlapping another, none far behind the first."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(passage.spans):
        if not 0 <= start < end <= len(passage.text):
            continue
        if not apart or apart[-1][1] <= start < apart[0][0] + within:
            apart.append((start, end))
    return apart


def _tail(text: str, length: int) -> str:
    if len(text) <= length:
        return text.lstrip()
    return "…" + text[-length:].split(" ", 1)[-1]
