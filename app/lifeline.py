"""A child that outlives its parent ends itself: nobody would hear of it, end it, or read what it says.

The parent holds one end of a pipe for as long as the child runs. However the parent dies, the kernel closes that end.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_VARIABLE = "TONLE_LIFELINE"


@dataclass(frozen=True, slots=True)
class Lifeline:
    """What a parent gives its child: the descriptor to be passed on, and the environment that names it."""

    descriptor: int
    environ: Mapping[str, str]


@contextmanager
def lifeline() -> Iterator[Lifeline]:
    """Hold on to a child for the block, in which it is started and ends."""
    theirs, ours = os.pipe()
    try:
        yield Lifeline(theirs, {_VARIABLE: str(theirs)})
    finally:
        with suppress(OSError):
            os.close(theirs)
        os.close(ours)


def end_with_parent(grace: float, environ: Mapping[str, str]) -> None:
    """In a child: ask this process to stop (SIGTERM) once its parent is gone, and kill its group `grace` seconds later.

    Without a lifeline, as for a crawl by hand, nothing is done.
    """
    named = environ.get(_VARIABLE, "")
    if named.isdecimal():
        threading.Thread(target=_watch, args=(int(named), grace), name="lifeline", daemon=True).start()


def _watch(descriptor: int, grace: float) -> None:
    with suppress(OSError):
        os.read(descriptor, 1)  # returns when the other end is closed: nobody ever writes
    # What is said now goes into pipes that nobody reads: to write there would be an error in the midst of stopping.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for said in (1, 2):
        os.dup2(nowhere, said)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace)
    os.killpg(os.getpgid(0), signal.SIGKILL)
