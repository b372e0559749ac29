"""tonle as processes: how they are started, signalled and waited for."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), what it printed, its peak of memory in bytes."""

    code: int
    out: str
    err: str
    peak: int

    @property
    def json(self) -> dict[str, Any]:
        whole: dict[str, Any] = json.loads(self.out)
        return whole

    @property
    def only_error(self) -> str:
        """The one line of an error; the test fails if more was printed anywhere."""
        assert self.out == ""
        assert self.err.startswith("error: ")
        assert self.err.count("\n") == 1, self.err
        return self.err

    def row(self, source: str) -> dict[str, Any]:
        """Return what `crawl --json` or `status --json` says of a source."""
        rows: dict[str, dict[str, Any]] = {row["source"]: row for row in self.json["sources"]}
        return rows[source]


@dataclass
class Running:
    """A process that was started."""

    out: Path
    err: Path
    pid: int = 0
    code: int = 0
    peak: int = 0
    started: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def send(self, number: signal.Signals) -> None:
        """Send a signal; a process that is gone gets none."""
        if not self.ended.is_set():
            os.kill(self.pid, number)

    def wait(self, timeout: float = 60) -> Ended:
        """Return how it ended; one that runs on past the time-out is killed and fails the test."""
        in_time = self.ended.wait(timeout)
        if not in_time:
            self.send(signal.SIGKILL)
            self.ended.wait(10)
        ended = Ended(self.code, self.out.read_text(), self.err.read_text(), self.peak)
        assert in_time, f"ran for more than {timeout} s\n{ended.out}\n{ended.err}"
        return ended


class Starter:
    """Starts tonle processes as forks of one that has imported it."""

    def __init__(self) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("TONLE_")}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            cwd=ROOT,
            env={**environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._running: list[Running] = []
        self._lock = threading.Lock()
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def start(
        self,
        args: list[str],
        folder: Path,
        environ: Mapping[str, str] | None = None,
        fsize: int = 0,
        strace: Sequence[str] = (),
    ) -> Running:
        """Start `tonle ARGS` in a folder; fsize bounds the files that it may write, in bytes.

        strace: options with which that looks on.
        """
        assert self._process.stdin
        with self._lock:
            number = len(self._running)
            running = Running(folder / f".out-{number}", folder / f".err-{number}")
            running.out.touch()
            running.err.touch()
            self._running.append(running)
            request = {"id": number, "args": args, "folder": str(folder), "environ": dict(environ or {})}
            request |= {"out": str(running.out), "err": str(running.err), "fsize": fsize, "strace": [*strace]}
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        # The first waits for the one that is forked to have imported everything.
        assert running.started.wait(100)
        return running

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(30)
        self._listening.join(30)
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            running = self._running[told["id"]]
            if "pid" in told:
                running.pid = told["pid"]
                running.started.set()
            else:
                running.code, running.peak = told["code"], told["peak"]
                running.ended.set()


def children_of(pid: int, *words: str) -> set[int]:
    """Return the processes that a process started whose command line holds all of these words."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in parentheses may hold anything; the state and the parent follow it.
            _, parent = stat.read_text().rpartition(")")[2].split()[:2]
            line = stat.with_name("cmdline").read_bytes().split(b"\0")
            if int(parent) == pid and all(word.encode() in line for word in words):
                found.add(int(stat.parent.name))
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process runs: one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(condition: Callable[[], object], timeout: float = 60, running: Running | None = None) -> None:
    """Wait until a condition holds that nobody tells of; fail at the time-out, or when the process has ended."""
    end = time.monotonic() + timeout
    while not condition():
        if running and running.ended.is_set():
            raise AssertionError(f"ended with {running.code}\n{running.err.read_text()}")
        assert time.monotonic() < end, f"not within {timeout} s"
        time.sleep(0.05)
