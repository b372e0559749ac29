"""So many at once, the others in the order in which they came, and all of them away when that is asked for."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic

from app.turns import Turns


class Guests:
    """Threads that take turns."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.came: SimpleQueue[tuple[str, bool]] = SimpleQueue()
        self._ends: dict[str, Event] = {}
        self._threads: dict[str, Thread] = {}

    def enter(self, name: str) -> None:
        """Let one wait for its turn; return when it does."""
        self._ends[name] = Event()
        self._threads[name] = Thread(target=self._take, args=(name,), daemon=True)
        self._threads[name].start()
        spin(lambda: self.turns.has(name) or not self._threads[name].is_alive())

    def leave(self, name: str) -> None:
        self._ends[name].set()
        self._threads[name].join(30)

    def next(self) -> tuple[str, bool]:
        """Return who came, and whether it has a turn."""
        return self.came.get(timeout=30)

    def is_nobody_next(self) -> bool:
        """Return whether nobody comes, even where it is given the time to."""
        try:
            self.came.get(timeout=0.1)
        except Empty:
            return True
        return False

    def _take(self, name: str) -> None:
        with self.turns.turn(name) as is_on:
            self.came.put((name, is_on))
            if is_on:
                self._ends[name].wait(30)


def spin(is_so: Callable[[], bool]) -> None:
    end = monotonic() + 30
    while not is_so():
        assert monotonic() < end


def test_so_many_are_on_at_once_and_the_others_follow_in_the_order_in_which_they_came() -> None:
    turns = Turns()
    turns.allow(2, "abcde")
    guests = Guests(turns)
    for name in "abcde":
        guests.enter(name)
    assert {guests.next(), guests.next()} == {("a", True), ("b", True)}
    # One that is slow delays nobody where there is another turn.
    for leaving, following in (("b", "c"), ("c", "d"), ("d", "e")):
        assert guests.is_nobody_next()
        guests.leave(leaving)
        assert guests.next() == (following, True)
    guests.leave("a")
    guests.leave("e")
    assert not any(turns.has(name) for name in "abcde")


def test_who_waits_hears_that_more_are_allowed_or_that_it_is_wanted_no_more() -> None:
    turns = Turns()
    guests = Guests(turns)
    for name in "abcd":
        guests.enter(name)
    assert guests.next() == ("a", True)
    turns.allow(1, "acd")
    assert guests.next() == ("b", False)
    turns.allow(2, "acd")
    assert guests.next() == ("c", True)
    turns.allow(1, "acd")
    guests.leave("a")
    assert guests.is_nobody_next()
    guests.leave("c")
    assert guests.next() == ("d", True)
    guests.leave("d")


def test_at_the_end_who_waits_is_sent_away_at_once_and_who_comes_too() -> None:
    turns = Turns()
    guests = Guests(turns)
    for name in "abc":
        guests.enter(name)
    assert guests.next() == ("a", True)
    turns.close()
    assert {guests.next(), guests.next()} == {("b", False), ("c", False)}
    guests.enter("d")
    assert guests.next() == ("d", False)
    guests.leave("a")
