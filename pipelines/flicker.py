"""Pages that show two states in turn, as when headlines are tried out, or two servers hold two states. Pure."""

from collections.abc import Sequence

LOOKED_BACK = 3
"""How many of the newest states tell whether a page flickers."""

STAYS = 3
"""After so many visits in a row that found the other state, the page no longer flickers: it stays with that one."""


def is_flicker(states: Sequence[str], now: str) -> bool:
    """Return whether a page that shows `now` goes to and fro: its states were A, B, A, and B comes again.

    States are the newest first. A publisher who takes an edit back has shown A, B, A, and stays with A.
    """
    if len(states) < LOOKED_BACK or now == states[0]:
        return False
    return now == states[1] and states[0] == states[2]
