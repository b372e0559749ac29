"""What the end-to-end tests stand on: a replica in this process, tonle in others, a mail server between them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest

from core.site import load_sites
from crawler import SITES
from replica import Replica
from tests.e2e.places import CAMBODIA, CONTACT, OHCHR, POST, RULES, Begin, Build, Filled, Place, Watch
from tests.e2e.processes import Starter
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


@contextmanager
def building(starter: Starter, now: datetime, factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Give a builder of places; their replicas, whose threads take a processor's time, end with the block."""
    with ExitStack() as stack:

        def built(replica: Replica | None = None, crawl_delay: float | None = None, **settings: object) -> Place:
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
            crawl = {"processes": 0}
            fixed = {"data": "data", "contact": CONTACT, "sources": sources, "rules": RULES, "crawl": crawl}
            place = Place(factory.mktemp("place"), running, running._ledger, starter, fixed)
            place.configure(**settings)
            return place

        yield built


@pytest.fixture
def build(starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Build places for one test."""
    with building(starter, now, tmp_path_factory) as built:
        yield built


@pytest.fixture(scope="module")
def build_once(starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Build]:
    """Build places for the scenarios of a module."""
    with building(starter, now, tmp_path_factory) as built:
        yield built


@pytest.fixture
def place(build: Build) -> Place:
    return build()


@pytest.fixture(scope="session")
def first_crawl(starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """One undisturbed crawl of everything."""
    with building(starter, now, tmp_path_factory) as built:
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
def begin(starter: Starter, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Begin:
    """What opens a builder of places, for what is played once and looked at by many tests."""
    return partial(building, starter, now, tmp_path_factory)
