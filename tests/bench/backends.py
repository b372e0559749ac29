"""What a look-up in the index of near copies costs in SQLite and in PostgreSQL, over the same texts, in one run.

PostgreSQL works in a process of its own: its time is read from the kernel (Linux) and told beside that of the asker.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TypeVar

from sqlalchemy import Engine, Table, insert, select, text

from core.shingles import shingles
from core.stories import Near
from storage.schema import articles
from storage.store import Store
from tests.bench.held import corpus_of
from tests.bench.tellings import Tellings
from tests.contract import postgresql

Got = TypeVar("Got")
_HELD = 10_000
_BEYOND = 100_000_000  # numbers of texts that no corpus holds
_WARM = 20  # look-ups before the clock runs
_LIMIT = 9
_tellings = Tellings()


@dataclass(slots=True)
class _Times:
    """Seconds of look-ups: of this process, of the server's, and on the clock."""

    server: Callable[[], float]
    cpu: list[float] = field(default_factory=list)
    of_server: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)

    def add(self, work: Callable[[], Got]) -> Got:
        server, cpu, wall = self.server(), process_time(), perf_counter()
        got = work()
        self.wall.append(perf_counter() - wall)
        self.cpu.append(process_time() - cpu)
        self.of_server.append(self.server() - server)
        return got

    def __str__(self) -> str:
        cpu, of_server, wall = (
            1000 * median(times[_WARM:] or times) for times in (self.cpu, self.of_server, self.wall)
        )
        part = f" ({of_server:.2f} of them the server's)" if of_server else ""
        return f"{cpu + of_server:.2f} ms of CPU{part}, {wall:.2f} on the clock"


def measured(folder: Path, verdicts: int) -> Iterator[str]:
    """Yield what there is to say; one line where no server is installed."""
    programs = postgresql.programs()
    if programs is None:
        yield postgresql.MISSING
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = corpus_of(_HELD, folder)
    with closing(Store.open(path)) as lite, postgresql.server(programs) as url:
        engine = postgresql.engine_of(url)
        postgresql.emptied(engine)
        with closing(Store(engine)) as great:
            _copy(lite, engine, articles)
            yield from _compared(lite, great, _time_of_server(engine), verdicts)


def _compared(lite: Store, great: Store, server: Callable[[], float], verdicts: int) -> Iterator[str]:
    stores = {"SQLite": lite, "PostgreSQL": great}
    timers = {"SQLite": lambda: 0.0, "PostgreSQL": server}
    for name, store in stores.items():
        times = _Times(timers[name])
        with store.transaction() as corpus:
            times.add(corpus.fingerprints.rebuild)
        yield f"making the index of {_HELD:,} texts, {name}: {times}"
    taken = {name: _Times(timer) for name, timer in timers.items()}
    differing = 0
    for number in range(_WARM + verdicts):
        # One in two is a near copy of a text that is held.
        telling = _tellings.variation(_BEYOND + number, number * 7919 % _HELD // 10 * 10) if number % 2 else None
        telling = telling or _tellings(_BEYOND + number)
        asked = shingles(telling.text), telling.title, _LIMIT
        found: dict[str, tuple[Near, ...]] = {}
        for name, store in list(stores.items())[:: 1 - 2 * (number % 2)]:
            with store.reading() as corpus:
                corpus.fingerprints.outdated()  # so that the transaction has begun
                found[name] = taken[name].add(partial(corpus.fingerprints.near, *asked))
        differing += found["SQLite"] != found["PostgreSQL"]
    for name, times in taken.items():
        yield f"a look-up among {_HELD:,} texts, {name}: {times}"
    yield f"  answers that differ: {differing} of {_WARM + verdicts:,}"


def _copy(lite: Store, engine: Engine, table: Table) -> None:
    with lite._engine.connect() as source, engine.execution_options(begin="for writing").begin() as target:
        for portion in source.execute(select(table)).mappings().partitions(1000):
            target.execute(insert(table), [dict(row) for row in portion])


def _time_of_server(engine: Engine) -> Callable[[], float]:
    """Return what tells how long the process has worked that serves the engine's only connection, in seconds."""
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    place = Path(f"/proc/{pid}/schedstat")
    return lambda: int(place.read_text().split()[0]) / 1e9
