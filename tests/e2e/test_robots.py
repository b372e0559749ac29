"""robots.txt: kept to, also where it cannot be read."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from core.model import Visit
from replica import LogEntry
from storage.store import Store
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.processes import Ended
from tests.e2e.servers import Stub


def test_what_robots_txt_disallows_is_never_asked(build: Build, stub: Stub) -> None:
    stub.show("/robots.txt", "User-agent: *\nDisallow: /en\n\nUser-agent: tonle\nDisallow: /en/news/secret\n")
    stub.list_news("/en/news/secret", "/en/news/secret-too", "/en/news/open")
    stub.show_news("/en/news/open")
    place = build().at(ohchr_cambodia=stub.url)
    row = place.crawl().row(CAMBODIA)
    assert (row["saved"], row["reasons"]) == (1, {"robots": 2})
    assert stub.paths[0] == "/robots.txt"
    asked = {path for path in stub.paths[1:] if not path.startswith("/km/")}
    assert asked == {"/en/news?page=0", "/en/news?page=1", "/en/news/open"}


def test_a_missing_robots_txt_allows_everything(build: Build, stub: Stub) -> None:
    stub.list_news("/en/news/open")
    stub.show_news("/en/news/open")
    assert build().at(ohchr_cambodia=stub.url).crawl().row(CAMBODIA)["saved"] == 1
    assert stub.paths.count("/robots.txt") == 1


def test_a_redirect_of_robots_txt_is_followed_inside_the_site(build: Build, stub: Stub) -> None:
    stub.show("/robots.txt", "", 301, Location="/files/rules.txt")
    stub.show("/files/rules.txt", "User-agent: *\nDisallow: /en/news/secret\n")
    stub.list_news("/en/news/secret", "/en/news/open")
    stub.show_news("/en/news/open")
    row = build().at(ohchr_cambodia=stub.url).crawl().row(CAMBODIA)
    assert (row["saved"], row["reasons"]) == (1, {"robots": 1})
    assert stub.paths[:2] == ["/robots.txt", "/files/rules.txt"]
    assert "/en/news/secret" not in stub.paths


def test_a_redirect_of_robots_txt_to_a_stranger_is_not_followed_and_nothing_is_asked(
    build: Build, stub: Stub, stranger: Stub
) -> None:
    stub.show("/robots.txt", "", 302, Location=f"{stranger.url}/robots.txt")
    stub.list_news("/en/news/open")
    ended = build().at(ohchr_cambodia=stub.url).furnish().tonle("crawl", "--json")
    assert ended.code == 3
    assert (stub.paths, stranger.asked) == (["/robots.txt"], [])


@dataclass(frozen=True)
class Unreachable:
    """A crawl of three sources: robots.txt of the first answers 503, that of the second never does."""

    ended: Ended
    log: list[LogEntry]
    outcomes: list[tuple[str, str, str]]
    status: Ended
    later: Ended
    due: list[Visit]


@pytest.fixture(scope="module")
def unreachable(build_once: Build) -> Unreachable:
    place = build_once(crawl={"request_timeout": "1s", "retries": 1}).furnish()
    place.replica.fault(POST, "/robots.txt", "status", status=503)
    place.replica.fault(OHCHR, "/robots.txt", "hang")
    ended = place.tonle("crawl", "--json")
    log, outcomes = place.replica.log, place.outcomes()
    status = place.tonle("status", "--json")
    place.replica.clear_faults()
    later = place.tonle("crawl", "--json")
    with place.corpus() as corpus:
        due = [visit for source in (POST, OHCHR, CAMBODIA) for visit in corpus.sources.due(source, datetime.now(UTC))]
    return Unreachable(ended, log, outcomes, status, later, due)


def test_where_robots_txt_cannot_be_read_nothing_else_is_asked(unreachable: Unreachable) -> None:
    asked = {source: {entry.path for entry in unreachable.log if entry.site == source} for source in (POST, OHCHR)}
    assert asked == {POST: {"/robots.txt"}, OHCHR: {"/robots.txt"}}


def test_where_robots_txt_cannot_be_read_the_outcome_is_robots_unreachable(unreachable: Unreachable) -> None:
    for source in (POST, OHCHR):
        found = {row[1:] for row in unreachable.outcomes if row[0].startswith(f"{source}/")}
        assert found == {("listing", "robots-unreachable")}


def test_the_other_sources_go_on(unreachable: Unreachable) -> None:
    row = unreachable.ended.row(CAMBODIA)
    assert row["status"] == "finished"
    assert row["saved"] > 3


def test_an_unreachable_robots_txt_is_a_failed_run_and_exit_code_3(unreachable: Unreachable) -> None:
    assert unreachable.ended.code == 3
    for source in (POST, OHCHR):
        assert unreachable.ended.row(source)["status"] == "failed"
        assert "robots-unreachable" in unreachable.ended.row(source)["error"]
        assert f"{source}: failed" in unreachable.ended.err
    assert "Traceback" not in unreachable.ended.err


def test_status_tells_of_the_unreachable_robots_txt(unreachable: Unreachable) -> None:
    for source, last in ((POST, "failed"), (OHCHR, "failed"), (CAMBODIA, "finished")):
        row = unreachable.status.row(source)
        assert row["last_run"]["status"] == last
        assert (row["last_good_run"] is None) == (last == "failed")
    assert "robots-unreachable" in unreachable.status.row(POST)["last_run"]["error"]


def test_once_robots_txt_can_be_read_again_the_next_crawl_gets_everything(unreachable: Unreachable) -> None:
    assert unreachable.later.code == 0
    assert min(unreachable.later.row(source)["saved"] for source in (POST, OHCHR)) > 10
    assert unreachable.due == []


def assert_apart(times: list[float], delay: float) -> None:
    """Requests come so far apart; one that a busy machine notes late seems to be close to the next."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert sum(gaps) >= 0.9 * delay * len(gaps), gaps
    assert min(gaps) >= delay / 3, gaps


def test_the_crawl_delay_of_robots_txt_is_kept(build: Build) -> None:
    delay = 0.3
    place = build(crawl_delay=delay)
    place.crawl(POST, "--limit", "2", "--pages", "1")
    # The first two are robots.txt itself and what was asked as soon as it had come.
    times = [at for _, _, at in place.watch.times]
    assert len(times) > 12
    assert_apart(times[1:], delay)


def test_the_delay_of_the_settings_is_kept(build: Build) -> None:
    place = build()
    sources = {CAMBODIA: {**place.settings["sources"][CAMBODIA], "delay": "0.4s"}}
    place.configure(sources={**place.settings["sources"], **sources})
    place.crawl(CAMBODIA)
    times = [at for _, _, at in place.watch.times]
    assert len(times) >= 6
    assert_apart(times, 0.4)


def let_robots_expire(place: Place) -> None:
    store = Store.open(place.database)
    with store.transaction() as corpus:
        kept = corpus.robots.get(place.replica.base_url(CAMBODIA))
        assert kept is not None
        corpus.robots.keep(replace(kept, expires_at=datetime.now(UTC)))
    store.close()


def test_no_article_is_used_up_while_robots_txt_cannot_be_read(build: Build) -> None:
    place = build()
    place.at(ohchr_cambodia=place.replica.base_url(CAMBODIA)).crawl("--limit", "1")
    place.replica.fault(CAMBODIA, "/robots.txt", "status", status=503)
    let_robots_expire(place)
    ended = place.tonle("crawl")
    assert ended.code == 3
    with place.corpus() as corpus:
        waiting = corpus.sources.due(CAMBODIA, datetime.now(UTC))
    assert len(waiting) > 3
    assert {(visit.visits, visit.failures) for visit in waiting} == {(0, 0)}
