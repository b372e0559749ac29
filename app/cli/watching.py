"""A screen that is drawn anew every few seconds, until a person has seen enough."""

import os
import select
import signal
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from core.errors import StorageError

_EVERY = timedelta(seconds=2)
_ENDING = frozenset("qQ\x03\x04\x1b")
_ENDED_BY = (signal.SIGTERM, signal.SIGHUP)

Wait = Callable[[], bool]
"""Waits for the next drawing; False once there shall be none."""


def watched(draw: Callable[[], RenderableType], every: timedelta = _EVERY) -> None:
    """Show what `draw` gives, anew `every` so often, until q, ctrl-c or a signal; the terminal is left as it was.

    Nothing runs between two drawings: the kernel wakes us for a key or when the time is over. What cannot be read for
    once, as a corpus that is locked, is said in its place.
    """
    with _keys(every) as wait, Live(_drawn(draw), screen=True, auto_refresh=False) as live:
        live.refresh()
        while wait():
            live.update(_drawn(draw), refresh=True)


def _drawn(draw: Callable[[], RenderableType]) -> RenderableType:
    try:
        drawn = draw()
    except StorageError as error:
        drawn = Text(f"error: {error}", style="red")
    return Group(drawn, Text("q ends", style="dim"))


@contextmanager
def _keys(every: timedelta) -> Iterator[Wait]:
    """Give what waits for a key or for the time; keys come without Enter while the block runs."""
    ended = threading.Event()
    # select() is begun anew after a signal whose handler returns: only a byte in this pipe ends it.
    woken, waking = os.pipe()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()
        os.write(waking, b"x")

    before = {number: signal.signal(number, end) for number in (*_ENDED_BY, signal.SIGINT)}
    terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
    settings = termios.tcgetattr(terminal) if terminal is not None else None
    listened = [woken] if terminal is None else [woken, terminal]

    def wait() -> bool:
        ready, _, _ = select.select(listened, [], [], every.total_seconds())
        if terminal in ready and terminal is not None:
            pressed = os.read(terminal, 32).decode(errors="replace")
            return bool(pressed) and not _ENDING & set(pressed) and not ended.is_set()
        return not ended.is_set()

    try:
        if terminal is not None:
            tty.setcbreak(terminal)
        yield wait
    finally:
        if terminal is not None and settings is not None:
            termios.tcsetattr(terminal, termios.TCSADRAIN, settings)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(waking)
