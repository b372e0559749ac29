"""What a process takes of its machine, read again and again: memory, descriptors, threads, children, the WAL."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import mean

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Reading:
    """What a process takes after so many runs: MB resident, descriptors, threads, children, MB of write-ahead log."""

    runs: int
    memory: float
    descriptors: int
    threads: int
    children: int
    wal: float


class Meter:
    """Reads the figures of a process about once a second for as long as it lives, or until it is told to stop."""

    def __init__(self, pid: int, corpus: Path, runs: Callable[[], int]) -> None:
        self.readings: list[Reading] = []
        self._pid, self._wal, self._runs = pid, corpus.with_name(corpus.name + "-wal"), runs
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._read_on, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ending.set()
        self._thread.join()

    def _read_on(self) -> None:
        while not self._ending.wait(1):
            with suppress(OSError):
                self.readings.append(self._reading())

    def _reading(self) -> Reading:
        process = Path("/proc") / str(self._pid)
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        children = [(task / "children").read_text().split() for task in (process / "task").iterdir()]
        return Reading(
            runs=self._runs(),
            memory=int(status["VmRSS"].split()[0]) / 1024,
            descriptors=len(list((process / "fd").iterdir())),
            threads=int(status["Threads"]),
            children=sum(map(len, children)),
            wal=self._wal.stat().st_size / _MEGABYTE if self._wal.exists() else 0.0,
        )


def tenths(readings: Sequence[Reading]) -> list[tuple[Reading, Reading]]:
    """Return the mean and the most of the readings in each tenth of the runs that they tell of."""
    first, last = readings[0].runs, readings[-1].runs
    width = max((last - first) / 10, 1)
    parts: list[list[Reading]] = [[] for _ in range(10)]
    for reading in readings:
        parts[min(int((reading.runs - first) / width), 9)].append(reading)
    return [(_of(mean, part), _of(max, part)) for part in parts if part]


def _of(figure: Callable[[list[float]], float], part: Sequence[Reading]) -> Reading:
    names = [each.name for each in fields(Reading)]
    values = {name: figure([getattr(each, name) for each in part]) for name in names}
    return Reading(runs=max(each.runs for each in part), **{name: values[name] for name in names[1:]})  # type: ignore[arg-type]


def table(parts: Sequence[tuple[Reading, Reading]]) -> str:
    """Return a table in Markdown: the mean of each tenth, and in brackets the most."""
    lines = ["| runs | MB resident | descriptors | threads | children | MB of WAL |", "|---|---|---|---|---|---|"]
    for usual, most in parts:
        cells = [f"{most.runs}", f"{usual.memory:.1f} ({most.memory:.1f})"]
        cells += [f"{usual.descriptors:.1f} ({most.descriptors})", f"{usual.threads:.1f} ({most.threads})"]
        cells += [f"{usual.children:.1f} ({most.children})", f"{usual.wal:.1f} ({most.wal:.1f})"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
