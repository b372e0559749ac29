"""Crawls as child processes: one that hangs or eats memory can be ended without ending its parent."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog

from app.lifeline import Lifeline, lifeline
from app.turns import Turns
from core.clock import Stopwatch, stopwatch

log = structlog.get_logger()
_LAST_WORDS = 2000  # characters of what a child said on standard error


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code (negative: the signal), what it printed, its last words on standard error.

    stopped is whether `Children.stop` asked for it.
    """

    code: int
    output: str
    last_words: str
    timed_out: bool = False
    stopped: bool = False

    @property
    def told(self) -> str:
        """How it ended, in words, with its last words; empty for one that ended well."""
        if self.code == 0:
            return ""
        if self.timed_out:
            how = "it ran longer than its time limit and was stopped"
        elif self.code == -signal.SIGKILL:
            how = "its process was killed (SIGKILL): by hand, or because memory ran out"
        elif self.code < 0:
            how = f"its process was ended by {_name_of(-self.code)}"
        else:
            how = f"its process ended with code {self.code}"
        return f"{how}; last words: {self.last_words}" if self.last_words else f"{how}, without a word"


@dataclass(slots=True)
class Children:
    """Starts children and can end all that are running. Safe to use from several threads.

    environ is the environment of the children; that of this process where it is None. turns says how many may run at
    once; whoever starts one waits for a turn.
    """

    grace: timedelta
    environ: Mapping[str, str] | None = None
    stopwatch: Stopwatch = stopwatch
    turns: Turns = field(default_factory=Turns)
    _running: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: bool = False

    def run(self, config: Path, arguments: Sequence[str], limit: timedelta, told: str = "") -> Ended:
        """Run `tonle` with the arguments in a process group of its own, for at most `limit`, and wait for its end.

        told is what it finds on standard input. Past the limit it is asked to stop (SIGTERM: what it fetched is
        stored), and killed when the grace is over.
        """
        with lifeline() as held:
            command = [sys.executable, "-m", "app", "--config", str(config), *arguments]
            return self._held(command, limit, told, held)

    def _held(self, command: Sequence[str], limit: timedelta, told: str, held: Lifeline) -> Ended:
        with self._lock:
            if self._stopping:
                return Ended(-signal.SIGTERM, "", "not started: the daemon is stopping", stopped=True)
            child = subprocess.Popen(  # noqa: S603  # our own program
                command,
                env={**(os.environ if self.environ is None else self.environ), **held.environ},
                pass_fds=(held.descriptor,),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",  # what a library writes, or a killed process left unfinished, may be no UTF-8
                start_new_session=True,
            )
            self._running.add(child)
        try:
            return self._awaited(child, limit, told)
        except BaseException:
            # Interrupted while waiting: a crawl in a session of its own would not hear of it.
            _signal(child, signal.SIGKILL)
            child.wait()
            raise
        finally:
            with self._lock:
                self._running.discard(child)

    @property
    def is_stopping(self) -> bool:
        """Whether no child is started any more."""
        return self._stopping

    def stop(self) -> None:
        """Ask every child to stop and let no new one start; those that run on past the grace are killed.

        The grace is one for all of them: whoever stops the daemon waits for it once.
        """
        with self._lock:
            self._stopping = True
            self.turns.close()
            running = list(self._running)
        for child in running:
            _signal(child, signal.SIGTERM)
        until = self.stopwatch() + self.grace.total_seconds()
        for child in running:
            try:
                child.wait(max(until - self.stopwatch(), 0))
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)

    def _awaited(self, child: subprocess.Popen[str], limit: timedelta, told: str) -> Ended:
        timed_out = False
        try:
            output, errors = child.communicate(told, timeout=limit.total_seconds())
        except subprocess.TimeoutExpired:
            timed_out = True
            log.warning("child.timed_out", pid=child.pid, limit=limit.total_seconds())
            _signal(child, signal.SIGTERM)
            try:
                output, errors = child.communicate(timeout=self.grace.total_seconds())
            except subprocess.TimeoutExpired:
                _signal(child, signal.SIGKILL)
                output, errors = child.communicate()
        return Ended(child.returncode, output, errors[-_LAST_WORDS:].strip(), timed_out, self._stopping)


def _signal(child: subprocess.Popen[str], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        log.debug("child.gone", pid=child.pid)


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
