"""Kills at random moments of the work: of a process and all that it started, at once, as a power cut would end them.

What is being done at each is looked at in /proc, so that it is seen that kills hit the work.
"""

import os
import platform
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.places import Place
from tests.e2e.processes import Running, children_of

Start = Callable[[Place, Sequence[str]], Running]
"""Starts work at a place, with options for strace."""

SEED = int(os.environ.get("KILL_SEED", "7"))
"""What the moments are drawn from: another seed, other moments."""

_SCALE = float(os.environ.get("KILLS", "1"))

# asm/unistd_64.h; elsewhere a call is named by its number.
_X86_64: Mapping[str, tuple[int, ...]] = {
    "read": (0, 17),
    "write": (1, 18, 20),
    "lock": (72,),
    "sync": (74, 75),
    "cut": (77,),
    "rename": (82,),
    "link": (86,),
    "remove": (87, 263),
    "open": (257,),
    "connect": (42,),
    "send": (44, 46),
    "receive": (45, 47),
    "poll": (7, 232, 281),
    "wait": (61, 202, 230, 247),
}
_CALLS = {number: call for call, numbers in _X86_64.items() for number in numbers if platform.machine() == "x86_64"}
_ON_FILES = frozenset({"read", "write", "lock", "sync", "cut"})
_LOOK_ON = ("-f", "-y", "-qqq", "-e", r"trace=/^(p?write(64)?|ftruncate|f(data)?sync|rename.*|link.*|unlink.*)$", "-o")
_CALL = re.compile(r"(\d+) +(\w+)\((?:\d+<|AT_FDCWD<[^>]*>, \"|\")([^>\"]*)")
_LONGEST = 300.0
_IDLE = frozenset({"wait", "poll", "receive"})


def scaled(number: int) -> int:
    """Return how many kills are meant where so many are by default: KILLS=3 makes it three times as many."""
    return max(1, round(number * _SCALE))


@dataclass(frozen=True)
class Call:
    """A call by which work changes a file: its name, which of its name it is in its thread, and the file's kind."""

    name: str
    number: int
    kind: str


@dataclass(frozen=True)
class Work:
    """What is killed: how it is started, when it began to write and ended while nobody killed it, in seconds, and its
    calls in their order, none where nothing can look on."""

    start: Start
    begin: float
    end: float
    calls: tuple[Call, ...] = ()


@dataclass
class Killer:
    """Draws moments from a seed, kills at them, and keeps what was being done, and how far the work had come.

    hits counts the kills that met running work, missed those that came too late.
    """

    name: str
    doing: Counter[str] = field(default_factory=Counter)
    tenths: Counter[int] = field(default_factory=Counter)
    hits: int = 0
    missed: int = 0

    def __post_init__(self) -> None:
        self._chance = random.Random(f"{SEED} {self.name}")

    def strike(self, work: Work, place: Place, share: float = 1.0) -> bool:
        """Start work and kill it in the first part of what it has to do; return False where it ended before.

        Every second time just before one of its calls, if they are known, else at any time.
        """
        part = self._chance.random() * share
        if work.calls and (self.hits + self.missed) % 2:
            return self._before(work, place, part)
        return self.kill(work.start(place, ()), work.begin + (work.end - work.begin) * part, part)

    def kill(self, running: Running, moment: float, part: float) -> bool:
        """Let work go on until a moment, in seconds, then kill all of it; return False where it ended before."""
        running.ended.wait(moment)
        stopped = list(_stopped(running.pid)) if not running.ended.is_set() else []
        seen = max((_doing(pid) for pid in stopped), default=(0, ""))[1]
        for pid in stopped:
            _send(pid, signal.SIGKILL)
        return self._note(running, seen or "computing", part)

    def _before(self, work: Work, place: Place, part: float) -> bool:
        call = work.calls[int(part * len(work.calls))]
        running = work.start(place, [*_LOOK_ON, os.devnull, "-e", f"inject={call.name}:signal=KILL:when={call.number}"])
        running.ended.wait(_LONGEST)
        return self._note(running, f"before {call.name} {call.kind}", part)

    def _note(self, running: Running, seen: str, part: float) -> bool:
        is_hit = running.wait().code == -signal.SIGKILL
        if is_hit:
            self.hits += 1
            self.doing[seen] += 1
            self.tenths[int(part * 10)] += 1
        else:
            self.missed += 1
        return is_hit

    def told(self) -> str:
        """Return the kills, by part of the work and by what was being done, in two lines."""
        parts = " ".join(f"{self.tenths[tenth]:>2}" for tenth in range(10))
        seen = ", ".join(f"{what} {number}" for what, number in self.doing.most_common())
        missed = f", {self.missed} too late" if self.missed else ""
        return f"\n{self.name}: {self.hits} kills (seed {SEED}{missed}), by tenths of the work {parts}\n    {seen}"


def undisturbed(start: Start, timed: Place, counted: Place) -> Work:
    """Let work end twice, in two places: in the one it is timed, in the other its calls are counted."""
    running, began = start(timed, ()), time.monotonic()
    before, first = _state(timed.folder), 0.0
    while not running.ended.is_set() and time.monotonic() < began + _LONGEST:
        if not first and _state(timed.folder) != before:
            first = time.monotonic() - began
        running.ended.wait(0.002)
    end = time.monotonic() - began
    ended = running.wait()
    assert ended.code == 0, ended.err
    if not _can_look_on():
        return Work(start, first, end)
    log = counted.folder / ".calls"
    ended = start(counted, [*_LOOK_ON, str(log)]).wait(_LONGEST)
    assert ended.code == 0, ended.err
    return Work(start, first, end, tuple(_calls(log.read_text(errors="replace").splitlines())))


def _can_look_on() -> bool:
    program = shutil.which("strace")
    return program is not None and not subprocess.run([program, "-o", os.devnull, "true"], check=False).returncode


def _calls(lines: Iterable[str]) -> Iterator[Call]:
    """Read the calls on files from what strace wrote: `THREAD call(3</path/file>, …) = …`."""
    numbers: Counter[tuple[str, str]] = Counter()
    for line in lines:
        told = _CALL.match(line)
        if told:
            thread, name, path = told.groups()
            numbers[thread, name] += 1
            # What it prints is in a file whose name begins with a dot.
            if path.startswith("/") and not Path(path).name.startswith("."):
                yield Call(name, numbers[thread, name], _kind(path))


def _state(folder: Path) -> list[tuple[str, int, int]]:
    found = []
    # What a process prints is opened when it starts.
    for path in sorted(folder.rglob("[!.]*")):
        with suppress(OSError):
            told = path.stat()
            found.append((str(path), told.st_mtime_ns, told.st_size))
    return found


def _stopped(pid: int) -> Iterator[int]:
    """Stop a process, so that it starts nothing more, then what it started; give each."""
    _send(pid, signal.SIGSTOP)
    yield pid
    for child in children_of(pid):
        yield from _stopped(child)


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _doing(pid: int) -> tuple[int, str]:
    """Return what a stopped process was at, and how much that tells; of its threads the one at a file comes first."""
    found = [(0, "")]
    for task in Path(f"/proc/{pid}/task").glob("[0-9]*/syscall"):
        with suppress(OSError, ValueError):
            found.append(_told(pid, task.read_text().split()))
    return max(found)


def _told(pid: int, said: list[str]) -> tuple[int, str]:
    if said[0] in {"running", "-1"}:
        return 2, "computing"
    call = _CALLS.get(int(said[0]), f"call {said[0]}")
    if call in _ON_FILES:
        target = str(Path(f"/proc/{pid}/fd/{int(said[1], 16)}").readlink())
        return (3, f"{call} {_kind(target)}") if target.startswith("/") else (1, f"{call} a connection")
    return (1, "waiting") if call in _IDLE else (3, call)


def _kind(path: str) -> str:
    """Return what kind of file stands at a path."""
    name = Path(path.removesuffix(" (deleted)")).name
    if name.startswith("etilqs_"):
        return "a temporary table"
    if name.startswith("corpus.sqlite"):
        return "the corpus" + name.removeprefix("corpus.sqlite")[:10]
    return f"a {''.join(Path(name).suffixes[-2:])} file" if "." in name else name
