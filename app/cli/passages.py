"""Passages as commands print them: the words that matched are marked, by colour or between asterisks."""

from rich.console import Console
from rich.markup import escape

from app.cli.options import printable
from core.model import Passage
from notify.marked import Room, stretches


def told(out: Console, passage: Passage, length: int) -> str:
    """Return the part of a passage around the words that matched, of some `length` characters, as rich's markup.

    The words are bold and coloured; where the output has no colours they stand between asterisks, as in messages.
    """
    is_plain = not out.is_terminal or out.no_color or out.color_system is None
    opening, closing = ("*", "*") if is_plain else ("[bold yellow]", "[/]")
    room = Room(before=length // 3, within=length // 2, after=length // 2)
    return "".join(
        f"{opening}{escape(printable(part.text))}{closing}" if part.marked else escape(printable(part.text))
        for part in stretches(passage, room)
    )
