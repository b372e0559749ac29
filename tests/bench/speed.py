"""How fast a crawl is, beside what its parts reach alone on the same cores."""

import json
import os
import pickle
import urllib.request
from collections.abc import ItemsView, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError

from core.model import Page
from tests.bench.places import POST, Place
from tests.bench.processes import Cost, Sites, replica, run

WEIGHT = 65_000
"""Bytes of a page, as saved pages of news sites weigh: what is around the article is fetched, stored and parsed too."""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    name: str
    pages: int
    cost: Cost

    @property
    def rate(self) -> float:
        """Pages a second."""
        return self.pages / self.cost.wall

    def __str__(self) -> str:
        cpu = 1000 * self.cost.cpu / self.pages
        return f"{self.name:<52}{self.pages:>7}{self.cost.wall:>8.1f} s{self.rate:>8.1f}/s{cpu:>8.1f} ms CPU a page"


def measured(stories: int, folder: Path) -> Iterator[str]:
    """Yield what there is to say: the replica on a core of its own, then both on all cores."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        yield f"replica on core {cores[-1]}, everything else on cores {cores[:-1]}, one process for each"
        with replica(stories, cores[-1:], WEIGHT) as sites:
            yield from _compared(sites, folder / "apart", cores[:-1], len(cores) - 1)
    yield f"replica and everything else on cores {cores}"
    with replica(stories, weight=WEIGHT) as sites:
        for processes in sorted({1, len(cores)}):
            yield from _compared(sites, folder / f"together-{processes}", cores, processes)


def _compared(sites: Sites, folder: Path, cores: Sequence[int], processes: int) -> Iterator[str]:
    place = Place(folder, sites, (POST,))
    place.configure(crawl={"processes": processes})
    due = place.expect(POST, sites.stories(POST))
    pages = list(fetched(sites.stories(POST)))
    folder.joinpath("pages").write_bytes(pickle.dumps((pages, place.site(POST))))
    folder.joinpath("addresses").write_text(json.dumps([page.url for page in pages]))
    sites.requests()
    yield f"  {due} pages of {sum(len(page.body) for page in pages) / len(pages):,.0f} bytes; processes: {processes}"
    crawl = Line("whole crawl: fetch, read, store, archive", due, place.crawl("--pages", "1", cores=cores))
    asked, held = len(sites.requests()), place.held()
    lines = [crawl, *(_alone(name, words, cores) for name, words in _others(folder, processes))]
    yield from (f"  {line}" for line in lines)
    told = [f"crawl / {line.name}: {crawl.rate / line.rate:.2f}" for line in lines[1:]]
    yield from (f"  {each}" for each in told)
    yield f"  ({asked} requests, {held} articles held)"


def _others(folder: Path, processes: int) -> ItemsView[str, list[str]]:
    pages, addresses = str(folder / "pages"), str(folder / "addresses")
    return {
        f"reading alone, in {processes} process(es)": ["read", pages, str(processes)],
        "bare Scrapy spider, nothing read": ["fetch", addresses],
        f"bare trafilatura with metadata, in {processes} process(es)": ["trafilatura", pages, str(processes)],
    }.items()


def _alone(name: str, words: list[str], cores: Sequence[int]) -> Line:
    cost = run(["-m", "tests.bench.alone", *words], cores)
    return Line(name, cost.json["pages"], cost)


def fetched(addresses: Sequence[str]) -> Iterator[Page]:
    """Yield the pages of a replica at some addresses."""
    for address in addresses:
        # Some stories were withdrawn.
        with suppress(HTTPError), urllib.request.urlopen(address) as answer:  # noqa: S310  # our replica
            headers = {name.lower(): value for name, value in answer.headers.items()}
            yield Page(address, answer.status, headers, answer.read(), datetime.now(UTC))
