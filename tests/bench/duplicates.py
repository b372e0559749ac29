"""How fast near copies are found among very many texts, and what that takes, beside MinHash LSH on the same texts.

The libraries compared are no dependencies of tonle. They hold their index in memory and answer with ids that may be
copies; tonle's is on the disk, and its verdict reads the texts and says what each is to the other.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

import structlog

from pipelines.likeness import Print
from pipelines.relate import Kinship
from storage.store import Corpus, Store
from tests.bench import sketches
from tests.bench.held import NOW, corpus_of, draft_of, indexed, with_articles
from tests.bench.processes import memory, run
from tests.bench.tellings import Telling, Tellings, is_copy

_FEW = 10_000  # the texts that the growth is told against
_BEYOND = 100_000_000  # numbers of texts that no corpus holds
_APART = 1_000_000
_WARM = 20  # verdicts before the clock runs
_LARGE = 5_000_000  # characters
_TABLES = "SELECT sum(pgsize) FROM dbstat WHERE name IN ('shingles', 'fingerprints')"
_tellings = Tellings()
_kinship = Kinship()


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: texts held, verdicts among them, texts loaded, variations of one; and by which Python."""

    folder: Path
    held: int = 1_000_000
    verdicts: int = 2_000
    load: int = 100_000
    variations: int = 10_000
    other_python: str = ""


def measured(extent: Extent) -> Iterator[str]:
    """Yield what there is to say. What the folder holds already is used again."""
    # A story that is joined tells so, in the midst of a measurement.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    extent.folder.mkdir(parents=True, exist_ok=True)
    yield f"making, or finding again, corpora of {_FEW:,} and {extent.held:,} texts in {extent.folder}"
    few, many = (corpus_of(count, extent.folder) for count in (_FEW, extent.held))
    yield from _verdicts(few, many, extent)
    yield f"  index of {extent.held:,} texts: {_index_bytes(many) / extent.held:,.0f} bytes a text (dbstat)"
    yield from _loads(extent)
    yield from _varied(extent)
    yield from _large(few)


class _UndoneError(Exception):
    """Takes back what a measurement wrote, so that the corpus can be used again."""


@dataclass(slots=True)
class _Times:
    """Seconds of verdicts, of the processor and on the clock."""

    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], object]) -> None:
        cpu, wall = process_time(), perf_counter()
        work()
        self.cpu.append(process_time() - cpu)
        self.wall.append(perf_counter() - wall)

    def __str__(self) -> str:
        cpu, wall = 1000 * median(_warm(self.cpu)), 1000 * median(_warm(self.wall))
        return f"{cpu:.2f} ms of CPU, {wall:.2f} on the clock, nine in ten below {self.ninth:.2f} ms of CPU"

    @property
    def ninth(self) -> float:
        return 1000 * quantiles(_warm(self.cpu), n=10)[-1]


def _warm(times: list[float]) -> list[float]:
    """Return the times but for the first."""
    return times[min(_WARM, len(times) // 2) :]


def _verdicts(few: Path, many: Path, extent: Extent) -> Iterator[str]:
    """Yield what verdicts take among few and many texts; each new text is asked about in both, one after the other."""
    times = {(path, writes): _Times() for path in (few, many) for writes in (False, True)}
    sizes = []
    with closing(Store.open(few)) as small, closing(Store.open(many)) as large:
        for number in range(_WARM + extent.verdicts):
            # What was asked last is remembered: each corpus is the first in turn, and what is written is other texts.
            for path, store in ((few, small), (many, large))[:: 1 - 2 * (number % 2)]:
                _read(store, _new(number), times[path, False])
                _met(store, _new(number + _APART), times[path, True])
            if number >= _WARM and number % max(extent.verdicts // 100, 1) == 0:
                sizes.append(memory(os.getpid()) / 1e6)
    for writes, name in ((False, "a verdict"), (True, "with writing")):
        small_times, large_times = times[few, writes], times[many, writes]
        yield f"{name}, among {_FEW:,} texts: {small_times}"
        yield f"{name}, among {extent.held:,} texts: {large_times}"
        yield f"  growth: {median(_warm(large_times.cpu)) / median(_warm(small_times.cpu)):.2f} times"
    early, last = sizes[len(sizes) // 10], sizes[-1]
    yield f"  memory after a tenth of {extent.verdicts:,} verdicts {early:.0f} MB, at last {last:.0f} MB"


def _new(number: int) -> Telling:
    """Return a text that no corpus holds; one in ten is a near copy of one that all hold."""
    if is_copy(number):
        origin = number * 7919 % _FEW
        return _tellings.variation(_BEYOND + number, origin - is_copy(origin))
    return _tellings(_BEYOND + number)


def _asked(corpus: Corpus, telling: Telling) -> None:
    """Look up a text, read what may be like it, and say what it is to each."""
    _kinship.kin(corpus, 0, Print(telling.title, telling.text))


def _read(store: Store, telling: Telling, times: _Times) -> None:
    with store.reading() as corpus:
        times.add(lambda: _asked(corpus, telling))


def _met(store: Store, telling: Telling, times: _Times) -> None:
    with suppress(_UndoneError), store.transaction() as corpus:
        _taken(corpus, telling, times)
        raise _UndoneError


def _taken(corpus: Corpus, telling: Telling, times: _Times) -> None:
    article_id = corpus.articles.add(draft_of(telling), "", "", NOW, NOW)
    times.add(lambda: _kinship.met(corpus, article_id, Print(telling.title, telling.text), NOW))


def _index_bytes(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute(_TABLES).fetchone()[0]
        return found


def _loads(extent: Extent) -> Iterator[str]:
    """Yield what it takes to make the index of texts, and what others take, each in a process on one core."""
    path = extent.folder / f"load-{extent.load}.db"
    with_articles(path, extent.load)
    cpu, wall = process_time(), perf_counter()
    indexed(path)
    cpu, wall = process_time() - cpu, perf_counter() - wall
    yield f"the index of {extent.load:,} texts, on the disk: {cpu:.1f} s of CPU, {wall:.1f} s on the clock"
    for name in sketches.KINDS:
        cost = run(["-m", "tests.bench.sketches", name, str(path)], cores=(0,), python=extent.other_python)
        found = cost.json
        if "seconds" not in found:
            yield f"  {name}: not installed, left out; pip install {found['missing']} beside, and give --other-python"
            continue
        yield (
            f"  {name}, in memory: {found['seconds']:.1f} s of CPU, {found['wall']:.1f} s on the clock,"
            f" {found['seconds'] / cpu:.2f} times"
        )


def _varied(extent: Extent) -> Iterator[str]:
    """Yield what variations of one text cost that come one after another, beside other texts."""
    path = extent.folder / "variations.db"
    with_articles(path, 1)
    indexed(path)
    one, other = _Times(), _Times()
    with closing(Store.open(path)) as store:
        for number in range(extent.variations):
            with store.transaction() as corpus:
                _taken(corpus, _tellings.variation(_BEYOND + 10 * number + 9, 0), one)
            if number % 10 == 0:
                with store.transaction() as corpus:
                    _taken(corpus, _tellings(_BEYOND + 10 * number + 1), other)
    last = len(one.cpu) // 10
    yield f"{extent.variations:,} variations of one text, each written: {one}"
    yield f"  other texts between them: {other}"
    yield f"  the last tenth to other texts: {median(one.cpu[-last:]) / median(_warm(other.cpu)):.2f} times"


def _large(path: Path) -> Iterator[str]:
    lines: list[str] = []
    number = _BEYOND
    while sum(map(len, lines)) < _LARGE:
        lines.append(_tellings(number).text)
        number += 1
    times = _Times()
    with closing(Store.open(path)) as store, store.reading() as corpus:
        times.add(lambda: _asked(corpus, Telling(number, "", tuple(lines))))
    yield f"a verdict on a text of {_LARGE / 1e6:.0f} MB: {times.cpu[0]:.2f} s of CPU"
