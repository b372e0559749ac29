"""The processes of a benchmark: a replica of the sites, tonle, and what each of them cost."""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SITES = ("phnom-penh-post", "ohchr", "ohchr-cambodia")
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
_BREATH = 0.25  # seconds between two looks at a process's memory


@dataclass(frozen=True)
class Cost:
    """What a process and its children took: seconds on the clock, seconds of CPU, what it printed."""

    wall: float
    cpu: float
    out: str

    @property
    def json(self) -> dict[str, Any]:
        """The last line that it printed."""
        found: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return found


def run(
    command: Sequence[str], cores: Sequence[int] = (), watch: Callable[[int], None] | None = None, python: str = ""
) -> Cost:
    """Run a command of this project's Python, or another, on some cores, and return its cost.

    watch is called now and then.
    """
    pinned = ["taskset", "-c", ",".join(map(str, cores))] if cores else []
    begun = time.perf_counter()
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **_ONE_THREAD}
    with subprocess.Popen(
        [*pinned, python or sys.executable, *command], stdout=subprocess.PIPE, env=environ, cwd=ROOT
    ) as child:
        ended = threading.Event()
        watching = threading.Thread(target=_watched, args=(child.pid, ended, watch), daemon=True)
        watching.start()
        assert child.stdout
        out = child.stdout.read().decode()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - begun
        ended.set()
        watching.join()
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}\n{out}")
    return Cost(wall, used.ru_utime + used.ru_stime, out)


def _watched(pid: int, ended: threading.Event, watch: Callable[[int], None] | None) -> None:
    while watch and not ended.wait(_BREATH):
        watch(pid)


def memory(pid: int) -> int:
    """Return the bytes of memory that a process and its descendants hold, what they share counted once (PSS)."""
    total = 0
    for each in _family(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            total += 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total


def _family(pid: int) -> Iterator[int]:
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


@dataclass(frozen=True)
class Sites:
    """A replica that serves: its control port, and the addresses of its sites by name."""

    control: str
    addresses: dict[str, str]

    def requests(self) -> list[tuple[str, str]]:
        """Return the sites and paths asked for since the last question."""
        asked = [(entry["site"], entry["path"]) for entry in json.loads(_answer(f"{self.control}/log"))]
        _answer(f"{self.control}/log/clear", "POST")
        return asked

    def stories(self, site: str) -> list[str]:
        """Return the addresses of a site's stories."""
        return [self.addresses[site] + truth["path"] for truth in json.loads(_answer(f"{self.control}/truth"))[site]]


def _answer(address: str, method: str = "GET") -> bytes:
    request = urllib.request.Request(address, method=method)  # noqa: S310  # our own replica
    with urllib.request.urlopen(request) as answer:  # noqa: S310  # as above
        body: bytes = answer.read()
        return body


@contextmanager
def replica(stories: int, cores: Sequence[int] = (), weight: int = 0) -> Iterator[Sites]:
    """Give a replica, in a process of its own, whose Post holds so many stories besides the written ones.

    Pages are filled up to `weight` bytes.
    """
    pinned = ["taskset", "-c", ",".join(map(str, cores))] if cores else []
    choices = ["--stories", str(stories), "--weight", str(weight), "--sites", *SITES, "--until-stdin-closes"]
    command = [*pinned, sys.executable, "-m", "replica", *choices]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as child:
        assert child.stdin
        assert child.stdout
        told = json.loads(child.stdout.readline())
        yield Sites(told["control"], told["sites"])
        child.stdin.close()
        child.wait()
