"""Whose turn it is: so many crawls at once, and the others in the order in which they came."""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Turns:
    """Lets so many work at once. Safe to use from several threads, one for each that waits.

    Whoever works keeps the turn, also where fewer are allowed meanwhile.
    """

    _most: int = 1
    _wanted: Collection[str] | None = None
    _came: dict[object, str] = field(default_factory=dict)  # those that work and those that wait, by a ticket each
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _is_over: bool = False

    def allow(self, most: int, wanted: Collection[str]) -> None:
        """Let so many of these names work at once from now on; one of another name that waits is sent away."""
        with self._changed:
            self._most, self._wanted = most, frozenset(wanted)
            self._changed.notify_all()

    def close(self) -> None:
        """Send all away that wait, and whoever comes."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def has(self, name: str) -> bool:
        """Return whether a name works or waits."""
        with self._changed:
            return name in self._came.values()

    @contextmanager
    def turn(self, name: str) -> Iterator[bool]:
        """Wait for a turn and hold it for the block, which is told whether there is one: False for who is sent away."""
        ticket = object()
        with self._changed:
            self._came[ticket] = name
            self._changed.wait_for(lambda: self._is_away(name) or self._is_next(ticket))
            may = not self._is_away(name)
        try:
            yield may
        finally:
            with self._changed:
                del self._came[ticket]
                self._changed.notify_all()

    def _is_next(self, ticket: object) -> bool:
        return list(self._came).index(ticket) < self._most

    def _is_away(self, name: str) -> bool:
        return self._is_over or (self._wanted is not None and name not in self._wanted)
