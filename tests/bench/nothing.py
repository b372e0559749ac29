"""What a crawl costs that finds nothing new, and whether that grows with what the corpus knows."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.urls import article_address
from tests.bench.places import POST, Place
from tests.bench.processes import memory, replica, run

_THREE = (POST, "ohchr", "ohchr-cambodia")
_KNOWN = (0, 1_000, 100_000, 1_000_000)  # addresses
_SEVERAL = 5  # crawls, of which the cheapest counts: the machine may have been busy

# Addresses that hold an article and were named by a listing which each crawl reads, as after years of crawling.
_ADDRESSES = """
WITH RECURSIVE number(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM number WHERE n < :last)
INSERT INTO addresses (source, key, url, first_seen, visits, failures, last_visit, next_visit, article_id)
SELECT source, 'known-' || n, 'https://www.phnompenhpost.com/national/known-' || n, first_seen, 1, 0, last_visit,
       NULL, article_id
FROM number, (SELECT * FROM addresses WHERE source = :source AND article_id IS NOT NULL LIMIT 1)
"""
_SIGHTINGS = """
INSERT INTO sightings (address_id, listing, signature, seen_run, settled, source)
SELECT addresses.id, one.listing, one.signature, one.seen_run, 1, :source
FROM addresses, (SELECT * FROM sightings WHERE source = :source AND listing LIKE '%/national?page%' LIMIT 1) AS one
WHERE addresses.source = :source AND addresses.key LIKE 'known-%' AND addresses.id > :upto
"""


def measured(folder: Path) -> Iterator[str]:
    """Yield what there is to say."""
    with replica(0) as sites:
        place = Place(folder, sites, _THREE)
        place.configure()
        place.crawl()
        sites.requests()
        imports = [run(["-c", "import scrapy, trafilatura"]).cpu for _ in range(_SEVERAL)]
        yield f"importing scrapy and trafilatura takes {min(imports):.2f} s of CPU on this machine"
        yield f"three sources, nothing new ({place.held()} articles held); the cheapest of {_SEVERAL} crawls"
        known = 0
        for wanted in _KNOWN:
            _fill(place.corpus, known + 1, wanted)
            known = wanted
            yield _crawled(place, known)


def _fill(corpus: Path, first: int, last: int) -> None:
    if last < first:
        return
    with sqlite3.connect(corpus) as connection:
        upto = connection.execute("SELECT max(id) FROM addresses").fetchone()[0]
        asked = {"source": POST, "first": first, "last": last, "upto": upto}
        connection.execute(_ADDRESSES, asked)
        connection.execute(_SIGHTINGS, asked)
    connection.close()


def _crawled(place: Place, known: int) -> str:
    peaks: list[int] = []
    costs = [place.crawl(watch=lambda pid: peaks.append(memory(pid))) for _ in range(_SEVERAL)]
    articles = _articles(place, place.sites.requests())
    best = min(costs, key=lambda cost: cost.cpu)
    return (
        f"  {known:>9,} more addresses known: {best.cpu:.2f} s of CPU, {best.wall:.2f} s, at most"
        f" {max(peaks) / 1e6:.0f} MB; articles requested: {articles}"
    )


def _articles(place: Place, requests: Iterable[tuple[str, str]]) -> int:
    sites = {name: place.site(name) for name in _THREE}
    return sum(1 for name, path in requests if article_address(sites[name], place.sites.addresses[name] + path))
