"""robots.txt is kept for as long as its host says, and asked for again where it could not be read."""

import gzip
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.model import Reason
from storage.store import Store
from tests.e2e.moody import CHALLENGE, Answer, Moody
from tests.e2e.places import CAMBODIA, Build, Place

ROBOTS = "/robots.txt"
PLAIN = {"Content-Type": "text/plain"}
RULES = "User-agent: *\nDisallow: /en/news/secret\n"
KIBIBYTE = 1024


@pytest.fixture
def moody() -> Iterator[Moody]:
    running = Moody()
    running.news("open", "secret")
    running.pages[ROBOTS] = Answer(200, RULES, PLAIN)
    yield running
    running.close()


@pytest.fixture
def place(build: Build, moody: Moody) -> Place:
    return build(crawl={"retries": 0, "longest_hold": "2s", "max_page": "1MB"}).at(ohchr_cambodia=moody.url).furnish()


def robots_asked(moody: Moody) -> int:
    return [asked.path for asked in moody.asked].count(ROBOTS)


def saves_the_open_story_only(place: Place) -> bool:
    row = place.crawl().row(CAMBODIA)
    return (row["saved"], row["reasons"]) == (1, {"robots": 1})


def test_the_next_run_does_not_ask_for_what_is_kept_and_keeps_to_it(place: Place, moody: Moody) -> None:
    assert saves_the_open_story_only(place)
    place.make_due()
    moody.asked.clear()
    place.crawl()
    assert robots_asked(moody) == 0
    assert "/en/news/secret" not in moody.paths


@pytest.mark.parametrize("cache", [pytest.param("no-cache", marks=pytest.mark.soak), "max-age=0", "private, no-store"])
def test_a_host_that_wants_to_be_asked_each_time_is(place: Place, moody: Moody, cache: str) -> None:
    moody.pages[ROBOTS] = Answer(200, RULES, PLAIN | {"Cache-Control": cache})
    place.crawl()
    place.crawl()
    assert robots_asked(moody) == 2


def test_a_kept_file_that_has_expired_is_asked_for_again(place: Place, moody: Moody) -> None:
    place.crawl()
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        kept = corpus.robots.get(moody.url)
        assert kept
        assert kept.expires_at - kept.fetched_at == timedelta(days=1)
        corpus.robots.keep(replace(kept, expires_at=datetime.now(UTC)))
    moody.pages[ROBOTS] = Answer(200, "User-agent: *\nDisallow: /\n", PLAIN)
    moody.asked.clear()
    assert place.tonle("crawl").code == 3
    assert [asked.path for asked in moody.asked] == [ROBOTS]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503),
        pytest.param(Answer(500), marks=pytest.mark.soak),
        pytest.param(Answer(0), marks=pytest.mark.soak),
        Answer(302, "", {"Location": ROBOTS}),
    ],
)
def test_where_it_can_no_longer_be_read_an_old_copy_does_not_stand_in_and_the_next_run_asks_again(
    place: Place, moody: Moody, answer: Answer
) -> None:
    moody.pages[ROBOTS] = Answer(200, RULES, PLAIN | {"Cache-Control": "no-cache"})
    place.crawl()
    good = moody.pages[ROBOTS]
    moody.pages[ROBOTS] = answer
    moody.asked.clear()
    ended = place.tonle("crawl", "--json")
    assert ended.code == 3
    assert {asked.path for asked in moody.asked} == {ROBOTS}
    assert "robots-unreachable" in ended.row(CAMBODIA)["error"]
    moody.pages[ROBOTS] = good
    assert place.crawl().row(CAMBODIA)["status"] == "finished"


def test_what_robots_txt_asks_to_wait_is_kept(place: Place, moody: Moody) -> None:
    moody.pages[ROBOTS] = Answer(503, "", {"Retry-After": "7200"})
    assert place.tonle("crawl").code == 3
    with place.corpus() as corpus:
        (incident,) = corpus.incidents.open()
    assert incident.reason is Reason.RATE_LIMITED
    assert incident.until - incident.opened_at == timedelta(hours=2)
    moody.asked.clear()
    moody.pages[ROBOTS] = Answer(200, RULES, PLAIN)
    assert place.tonle("crawl").code == 3
    assert moody.asked == []


def test_a_short_wait_for_robots_txt_is_waited_for(place: Place, moody: Moody) -> None:
    place.configure(crawl={"retries": 1, "longest_hold": "2s"})
    moody.turns[ROBOTS] = [Answer(429, "", {"Retry-After": "1"})]
    assert saves_the_open_story_only(place)
    assert robots_asked(moody) == 2


def test_a_challenge_in_its_place_ends_the_run_for_the_host(place: Place, moody: Moody) -> None:
    moody.pages[ROBOTS] = CHALLENGE
    ended = place.tonle("crawl", "--json")
    assert (ended.code, robots_asked(moody), moody.paths) == (3, 1, [])
    with place.corpus() as corpus:
        assert [incident.reason for incident in corpus.incidents.open()] == [Reason.CHALLENGE]
        assert corpus.robots.get(moody.url) is None


def test_five_redirects_are_followed(place: Place, moody: Moody) -> None:
    for number in range(5):
        path = ROBOTS if number == 0 else f"/hop-{number}"
        moody.pages[path] = Answer(301, "", {"Location": f"/hop-{number + 1}"})
    moody.pages["/hop-5"] = Answer(200, RULES, PLAIN)
    assert saves_the_open_story_only(place)


def test_of_an_endless_file_the_beginning_is_kept_to(place: Place, moody: Moody) -> None:
    moody.pages[ROBOTS] = Answer(200, RULES + "# and so on\n" * (4000 * KIBIBYTE), PLAIN)
    assert saves_the_open_story_only(place)
    # What the two ends of the connection buffer comes on top.
    assert moody.sent < 16_000 * KIBIBYTE
    with place.corpus() as corpus:
        kept = corpus.robots.get(moody.url)
    assert kept
    assert len(kept.body) == 500 * KIBIBYTE


def test_a_file_that_unpacks_to_more_than_a_page_may_hold_cannot_be_read(place: Place, moody: Moody) -> None:
    bomb = gzip.compress(b"#" * 5_000_000)
    moody.pages[ROBOTS] = Answer(200, bomb, PLAIN | {"Content-Encoding": "gzip"})
    ended = place.tonle("crawl", "--json")
    assert (ended.code, moody.paths) == (3, [])
    assert "robots-unreachable" in ended.row(CAMBODIA)["error"]


def test_a_byte_order_mark_and_a_wrong_type_do_not_hide_the_rules(place: Place, moody: Moody) -> None:
    moody.pages[ROBOTS] = Answer(200, "\ufeff" + RULES, {"Content-Type": "text/html"})
    assert saves_the_open_story_only(place)


def test_a_dry_run_keeps_robots_txt_and_nothing_else(place: Place, moody: Moody) -> None:
    place.crawl("--dry-run")
    with place.corpus() as corpus:
        assert corpus.robots.get(moody.url) is not None
        assert corpus.runs.recent(1) == ()
