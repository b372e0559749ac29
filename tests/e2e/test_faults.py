"""Whatever goes wrong between tonle and a site, crawling on ends with the corpus of a crawl without trouble."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from storage.store import Store
from tests.e2e.places import CAMBODIA, POST, Build, Place

MOST_RUNS = 8
Options = dict[str, str | int | float]
CRAWL = {"request_timeout": "2s", "retries": 2, "longest_hold": "2s"}
# A pattern of paths, the kind of fault, how many requests it hits, its options.
FAULTS: dict[str, list[tuple[str, str, int | None, Options]]] = {
    "slow bytes": [("^/", "slow", 12, {"bytes": 512, "seconds": 0.01})],
    "slower than is waited for": [("^/en/news/", "slow", 3, {"bytes": 16, "seconds": 0.5})],
    "resets": [("^/", "reset", 7, {})],
    "answers shorter than they say": [("^/en/news/", "wrong-length", 4, {"by": 100})],
    "no answer at all": [("^/en/news", "hang", 2, {})],
    "a burst of errors": [("^/", "status", 9, {"status": 503})],
    "errors of many kinds": [("^/", "status", 2, {"status": status}) for status in (500, 502, 504)],
    "a short wait in seconds": [("^/en", "status", 3, {"status": 429, "retry_after": 1})],
    "a short wait as a date": [("^/en", "status", 2, {"status": 503, "retry_after": "date"})],
    "a wait without a word": [("^/en", "status", 1, {"status": 429})],
    "a long wait": [("^/en/news/", "status", 1, {"status": 429, "retry_after": 7200})],
    "a challenge": [("^/en/news/", "challenge", 1, {})],
    "refusals": [("^/en/news/", "status", 5, {"status": 403})],
    "cut connections": [("^/", "down", 8, {})],
    "robots.txt": [("/robots.txt", "status", 4, {"status": 503}), ("/robots.txt", "down", 4, {})],
}
QUICK = {"slow bytes", "resets", "a burst of errors", "a short wait in seconds", "a challenge", "cut connections"}
"""Those that each run of the suite sets; the others stand in `make soak`."""
ALL: list[tuple[str, str, int | None, Options]] = [
    ("^/[a-z0-9-]+/", "reset", 3, {}),
    ("^/[a-z0-9-]+/", "status", 2, {"status": 500}),
    ("^/[a-z0-9-]+/", "slow", 2, {"bytes": 512, "seconds": 0.01}),
    ("^/[a-z0-9-]+/", "status", 2, {"status": 429, "retry_after": 1}),
    ("^/[a-z0-9-]+/", "hang", 1, {}),
    ("^/[a-z0-9-]+/", "challenge", 1, {"status": 503}),
    ("^/[a-z0-9-]+/", "status", 1, {"status": 429, "retry_after": 3600}),
    ("^/", "down", 4, {}),
]


def let_pass(place: Place) -> None:
    """Let all the time pass that anything is to wait for."""
    now = datetime.now(UTC)
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        for trouble in corpus.incidents.open():
            corpus.incidents.report(trouble.source, trouble.host, trouble.reason, trouble.detail, now, now)
    place.make_due()


def crawl_out(place: Place, source: str) -> int:
    """Crawl until nothing is left to fetch; return how many crawls it took."""
    place.furnish()
    for number in range(1, MOST_RUNS + 1):
        ended = place.tonle("crawl", "--json", source)
        assert ended.code in {0, 3}, ended.err
        assert "Traceback" not in ended.err
        row = ended.row(source)
        # The Post refuses its feed to everybody.
        is_read = set(row["listings_not_read"]) <= {"forbidden"}
        is_whole = row["status"] == "finished" and is_read and not row["error"]
        let_pass(place)
        with place.corpus() as corpus:
            due = corpus.sources.due(source, datetime.now(UTC) + timedelta(minutes=30))
        if is_whole and not due:
            return number
    raise AssertionError(f"not whole after {MOST_RUNS} crawls: {ended.out} {due}")


@pytest.fixture(scope="module")
def undisturbed(build_once: Build) -> Callable[[str], dict[str, Any]]:
    place = build_once(crawl=CRAWL)
    seen: dict[str, dict[str, Any]] = {}

    def snapshot(source: str) -> dict[str, Any]:
        if source not in seen:
            crawl_out(place, source)
            seen[source] = of(place, source)
        return seen[source]

    return snapshot


def of(place: Place, source: str) -> dict[str, Any]:
    """Return the articles of a source without ports, and how often each was revised."""
    return {
        place.without_ports(article.url): (article.key, article.title, article.text, article.revision)
        for article in place.articles.values()
        if article.source == source
    }


def disturbed(place: Place, source: str, faults: list[tuple[str, str, int | None, Options]]) -> int:
    """Set faults and crawl them out."""
    for path, kind, times, options in faults:
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        filled = {name: date if value == "date" else value for name, value in options.items()}
        place.replica.fault(source, path, kind, times, **filled)
    return crawl_out(place, source)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.soak) for name in FAULTS]
)
def test_after_trouble_the_corpus_is_that_of_a_crawl_without(
    build: Build, undisturbed: Callable[[str], dict[str, Any]], name: str
) -> None:
    place = build(crawl=CRAWL)
    disturbed(place, CAMBODIA, FAULTS[name])
    expected = undisturbed(CAMBODIA)
    assert len(expected) > 3
    assert of(place, CAMBODIA) == expected


def test_after_all_troubles_one_behind_the_other_the_corpus_is_that_of_a_crawl_without(
    build: Build, undisturbed: Callable[[str], dict[str, Any]]
) -> None:
    place = build(crawl=CRAWL)
    runs = disturbed(place, POST, ALL)
    expected = undisturbed(POST)
    assert runs > 1
    assert len(expected) > 10
    assert of(place, POST) == expected


def test_a_host_that_is_down_for_whole_runs_loses_nothing(
    build: Build, undisturbed: Callable[[str], dict[str, Any]]
) -> None:
    place = build(crawl=CRAWL).furnish()
    place.replica.fault(CAMBODIA, "^/", "down")
    for _ in range(2):
        assert place.tonle("crawl", CAMBODIA).code == 3
    place.replica.clear_faults()
    crawl_out(place, CAMBODIA)
    assert of(place, CAMBODIA) == undisturbed(CAMBODIA)
