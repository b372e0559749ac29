"""The processes that read pages, seen from the one that sends them: hired, given work, replaced when they end."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import cast

from core.model import Reason, Skipped
from pipelines.parcels import BURY, HIRE, REQUEST, Done, Orders, Work, receive, send

_ROOT = Path(__file__).parents[1]
_CRASHES = frozenset(
    -number for number in (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE)
)
_OURS_ALONE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class _Bench:
    """A process that reads, and the line to it."""

    pid: int
    line: socket.socket


class Crew:
    """Processes that read pages. Safe to use from several threads: each that waits in `read` has a process at work."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._lock = Lock()
        self._foreman: _Foreman | None = None
        self._free: list[_Bench] = []
        self._busy: set[_Bench] = set()
        self._is_closed = False

    def read(self, work: Work) -> Done:
        """Return what a process made of a page: Reason.UNREADABLE or FAILED if it ended over it."""
        try:
            bench = self._taken()
        except (EOFError, OSError) as error:
            return Done(Skipped(Reason.FAILED, "no process could be started to read it"), repr(error))
        try:
            send(bench.line, work)
            done = cast(Done, receive(bench.line))
        except (EOFError, OSError):
            return Done(_lost(self._buried(bench), self._orders))
        if done.is_last:
            self._buried(bench)
        else:
            self._give_back(bench)
        return done

    def close(self) -> None:
        """End all processes, whatever they do; who waits in `read` is told that the process ended."""
        with self._lock:
            self._is_closed = True
            for bench in self._free:
                bench.line.close()
            for bench in self._busy:
                # Closing alone would not wake who waits there.
                bench.line.shutdown(socket.SHUT_RDWR)
            if self._foreman:
                self._foreman.close()

    def _taken(self) -> _Bench:
        """Return a process that is free, started if need be. Raises EOFError or OSError if none can be."""
        with self._lock:
            if self._is_closed:
                raise EOFError
            bench = self._free.pop() if self._free else self._hired()
            self._busy.add(bench)
            return bench

    def _hired(self) -> _Bench:
        if self._foreman:
            # One that was killed for want of memory, say, is replaced; if the next dies too, something is wrong.
            with suppress(EOFError, OSError):
                return self._foreman.hire()
            self._foreman.close()
        self._foreman = _Foreman(self._orders)
        return self._foreman.hire()

    def _give_back(self, bench: _Bench) -> None:
        with self._lock:
            self._busy.discard(bench)
            if self._is_closed:
                bench.line.close()
            else:
                self._free.append(bench)

    def _buried(self, bench: _Bench) -> int | None:
        """Return how a process ended (minus the signal); None where nobody knows."""
        with self._lock:
            self._busy.discard(bench)
            bench.line.close()
            if self._is_closed or self._foreman is None:
                return None
            with suppress(EOFError, OSError):
                return self._foreman.ended(bench.pid)
            return None


class _Foreman:
    """The process that forks the others."""

    def __init__(self, orders: Orders) -> None:
        self._line, theirs = socket.socketpair()
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
        # -P: whatever folders stand where tonle was called, they are not its packages.
        command = [sys.executable, "-P", "-m", "pipelines.foreman", str(theirs.fileno())]
        with theirs, _unsignalled():
            self._process = subprocess.Popen(  # noqa: S603  # our own program
                command,
                env={**os.environ, "PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        with suppress(OSError):
            send(self._line, orders)

    def hire(self) -> _Bench:
        """Start a process that reads. Raises EOFError or OSError where the foreman has ended."""
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._line, [REQUEST.pack(HIRE, 0)], [theirs.fileno()])
            return _Bench(cast(int, receive(self._line)), ours)
        except BaseException:
            ours.close()
            raise

    def ended(self, pid: int) -> int | None:
        """Wait until a process has ended, and return how. Raises EOFError or OSError where the foreman has."""
        self._line.sendall(REQUEST.pack(BURY, pid))
        return cast(int | None, receive(self._line))

    def close(self) -> None:
        """End the foreman, which ends the others."""
        self._line.close()
        self._process.wait()


@contextmanager
def _unsignalled() -> Iterator[None]:
    """Start processes that never hear of the signals that end this one.

    Who is told to stop (with its whole group, by a terminal or a supervisor) still has read what it had fetched.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OURS_ALONE)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _lost(code: int | None, orders: Orders) -> Skipped:
    if code == -signal.SIGALRM:
        return Skipped(Reason.UNREADABLE, f"reading it took longer than {orders.seconds:g} s")
    ended = "ended" if code is None else f"ended with {code}" if code >= 0 else f"was ended by signal {-code}"
    # A crash is the page's doing, and will come again; who was killed may have been in somebody's way.
    reason = Reason.UNREADABLE if code in _CRASHES else Reason.FAILED
    return Skipped(reason, f"the process that read it {ended}")
