"""Passages as commands print them: the words that matched are marked, by colour or between asterisks."""

from rich.console import Console
from rich.markup import escape

from app.cli.options import printable
from core.model import Passage
from notify.marked import stretches

_BEFORE = 3
"""A third of what is shown stands before the first words that matched, where there is so much."""


def told(out: Console, passage: Passage, length: int) -> str:
    """Return the part of a passage around the words that matched, of about `length` characters, as rich's markup.

    The words are bold and coloured; where the output has no colours they stand between asterisks, as in messages.
    """
    is_plain = not out.is_terminal or out.no_color or out.color_system is None
    opening, closing = ("*", "*") if is_plain else ("[bold yellow]", "[/]")
    return "".join(
        f"{opening}{escape(printable(part.text))}{closing}" if part.marked else escape(printable(part.text))
        for part in stretches(around(passage, length))
    )


def around(passage: Passage, length: int) -> Passage:
    """Return the part of a passage around the first words that matched, cut between words, with ellipses where cut."""
    text = passage.text
    if len(text) <= length:
        return passage
    first = min((start for start, _ in passage.spans), default=0)
    begin = _after_space(text, max(0, min(first - length // _BEFORE, len(text) - length)), first)
    end = _before_space(text, begin, min(len(text), begin + length))
    head, tail = "…" if begin else "", "…" if end < len(text) else ""
    shift = len(head) - begin
    spans = ((start + shift, min(stop, end) + shift) for start, stop in passage.spans if begin <= start < end)
    return Passage(head + text[begin:end] + tail, tuple(spans))


def _after_space(text: str, begin: int, most: int) -> int:
    """Return where the next word begins, `begin` if none does before `most`."""
    if begin == 0:
        return 0
    space = text.find(" ", begin, most)
    return begin if space < 0 else space + 1


def _before_space(text: str, begin: int, end: int) -> int:
    """Return where the last whole word ends, `end` where there is no space at all."""
    if end == len(text):
        return end
    space = text.rfind(" ", begin, end)
    return end if space <= begin else space
