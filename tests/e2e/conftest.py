"""What the end-to-end tests stand on: a replica in this process, tonle in others, a mail server between them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest

from core.site import load_sites
from crawler import SITES
from replica import Replica
from tests.e2e.places import CAMBODIA, CONTACT, OHCHR, POST, RULES, Begin, Build, Filled, Place, Watch
from tests.e2e.processes import Starter
from tests.e2e.servers import Postbox, Stub

# The files that take longest. A process that tests is handed whole files, and all wait for one that begins last.
LONG = (
    "e2e/test_kills.py",
    "e2e/test_demo.py",
    "e2e/test_daemon.py",
    "e2e/test_history.py",
    "unit/test_workshop.py",
    "e2e/test_hosts.py",
    "e2e/test_evidence.py",
    "e2e/test_faults.py",
    "e2e/test_storage_trouble.py",
    "e2e/test_robots_kept.py",
    "e2e/test_robots.py",
    "e2e/test_show_and_settings.py",
    "e2e/test_bad_input.py",
    "e2e/test_finding.py",
    "e2e/test_two_crawls.py",
    "e2e/test_catching_up.py",
    "e2e/test_crawl_options.py",
    "e2e/test_exit_codes.py",
    "e2e/test_light.py",
    "e2e/test_reading.py",
)
NOTHING: Mapping[str, object] = MappingProxyType({})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first; what a file holds keeps its order."""
    places = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(f"{item.path.parent.name}/{item.path.name}", len(LONG)))


@pytest.fixture(scope="session")
def starter() -> Iterator[Starter]:
    running = Starter()
    yield running
    running.close()


@pytest.fixture(scope="session")
def now() -> datetime:
    """The replicas' time: one for all, so that what two of them serve can be compared."""
    return datetime.now(UTC)


@contextmanager
def building(starter: Starter, now: datetime, factory: pytest.TempPathFactory, blank: Path) -> Iterator[Build]:
    """Give a builder of places; their replicas, whose threads take a processor's time, end with the block."""
    with ExitStack() as stack:

        def built(
            replica: Replica | None = None,
            crawl_delay: float | None = None,
            crawl: Mapping[str, object] = NOTHING,
            **settings: object,
        ) -> Place:
            # Who meets a challenge leaves its host alone and comes back later: what that brings has tests of its own.
            calm = partial(Replica, sites=(POST, OHCHR, CAMBODIA), challenges=False)
            running = replica or stack.enter_context(calm(now=now, crawl_delay=crawl_delay))
            if not isinstance(running._ledger, Watch):
                running._ledger = Watch()
            sources: dict[str, dict[str, object]] = {
                name: {"base_url": url, "delay": "0s"}
                for name, url in running.base_urls.items()
                if name in {POST, OHCHR, CAMBODIA}
            }
            # The world as a whole, and no fourth source: what they bring has tests of its own.
            sources.get(OHCHR, {})["relevance"] = "all"
            sources |= {name: {"enabled": False} for name in load_sites(SITES) if name not in sources}
            # A process that reads documents takes two seconds to start; that it does has tests of its own.
            settings["crawl"] = {"processes": 0, **crawl}
            fixed = {"data": "data", "contact": CONTACT, "sources": sources, "rules": RULES}
            place = Place(factory.mktemp("place"), running, running._ledger, starter, fixed, blank)
            place.configure(**settings)
            return place

        yield built


@pytest.fixture
def build(
    starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory, empty_corpus: Path
) -> Iterator[Build]:
    """Build places for one test."""
    with building(starter, now, tmp_path_factory, empty_corpus) as built:
        yield built


@pytest.fixture(scope="module")
def build_once(
    starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory, empty_corpus: Path
) -> Iterator[Build]:
    """Build places for the scenarios of a module."""
    with building(starter, now, tmp_path_factory, empty_corpus) as built:
        yield built


@pytest.fixture
def place(build: Build) -> Place:
    return build()


@pytest.fixture(scope="session")
def first_crawl(
    starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory, empty_corpus: Path
) -> Iterator[Filled]:
    """One undisturbed crawl of everything."""
    with building(starter, now, tmp_path_factory, empty_corpus) as built:
        crawled = built()
        ended = crawled.crawl()
        asked = len(crawled.watch.times)
        crawled.replica.clear_log()
        yield Filled(crawled, ended, asked)


@pytest.fixture(scope="session")
def filled(first_crawl: Filled) -> Place:
    """A corpus after one undisturbed crawl of everything, to read and to compare with, never to change."""
    return first_crawl.place


@pytest.fixture(scope="module")
def copied(filled: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A copy of that corpus, for the tests of a module to crawl on with."""
    return filled.copy(tmp_path_factory.mktemp("copied"))


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


@pytest.fixture(scope="session")
def begin(starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory, empty_corpus: Path) -> Begin:
    """What opens a builder of places, for what is played once and looked at by many tests."""
    return partial(building, starter, now, tmp_path_factory, empty_corpus)
