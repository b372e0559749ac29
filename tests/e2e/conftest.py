"""What the end-to-end tests stand on: a replica in this process, tonle in others, a mail server between them."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from replica import Replica
from tests.e2e.places import CONTACT, RULES, Build, Place, Watch
from tests.e2e.processes import Ended, Running, Starter, children_of, is_alive, until
from tests.e2e.servers import Postbox, Stub


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    running = Starter()
    yield running
    running.close()


@pytest.fixture(scope="session")
def now() -> datetime:
    """The replicas' time: one for all, so that what two of them serve can be compared."""
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def build(starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    with ExitStack() as stack:

        def built(replica: Replica | None = None, crawl_delay: float | None = None, **settings: object) -> Place:
            running = replica or stack.enter_context(Replica(now=now, crawl_delay=crawl_delay))
            if not isinstance(running._ledger, Watch):
                running._ledger = Watch()
            watch = running._ledger
            sources = {name: {"base_url": url, "delay": "0s"} for name, url in running.base_urls.items()}
            fixed = {"data": "data", "contact": CONTACT, "sources": sources, "rules": RULES}
            place = Place(tmp_path_factory.mktemp("place"), running, watch, starter, fixed)
            place.configure(**settings)
            return place

        yield built


@pytest.fixture
def stub() -> Iterator[Stub]:
    running = Stub()
    yield running
    running.close()


@pytest.fixture
def stranger() -> Iterator[Stub]:
    """A web server that nobody has any business with."""
    running = Stub()
    yield running
    running.close()


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    running = Postbox()
    running.start()
    yield running
    running.stop()


@dataclass(frozen=True)
class Demos:
    """Three runs of the demo in one folder, the last of them killed; replicas are the processes that they started."""

    folder: Path
    first: Ended
    second: Ended
    killed: Ended
    replicas: list[int]
    orphans: set[int]


def run_demos(starter: Starter, folder: Path) -> Demos:
    replicas: list[int] = []

    def started() -> Running:
        running = starter.start(["demo", "--folder", "shown"], folder)
        until(lambda: children_of(running.pid, "replica"), running=running)
        replicas.extend(children_of(running.pid, "replica"))
        return running

    first = started().wait(100)
    alive = {pid for pid in replicas if is_alive(pid)}
    second = started().wait(100)
    alive |= {pid for pid in replicas if is_alive(pid)}
    # So that the tests can look at what the second left, the third works elsewhere.
    (folder / "shown").rename(folder / "kept")
    running = started()
    until(lambda: children_of(running.pid, "crawl"), running=running)
    orphans = {replicas[-1], *children_of(running.pid, "crawl")}
    running.send(signal.SIGKILL)
    killed = running.wait()
    with suppress(AssertionError):
        until(lambda: not any(map(is_alive, orphans)), timeout=60)
    return Demos(folder, first, second, killed, sorted(alive), set(filter(is_alive, orphans)))


@pytest.fixture(scope="session", autouse=True)
def demos_begun(request: pytest.FixtureRequest) -> Iterator[Callable[[], Demos] | None]:
    """Run the demos beside all other tests, if a test of them is asked for: they take their time, and one processor."""
    if not any(item.path.name == "test_demo.py" for item in request.session.items):
        yield None
        return
    starter: Starter = request.getfixturevalue("starter")
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(run_demos, starter, factory.mktemp("demo")).result
