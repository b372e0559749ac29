"""Reading far back: bounded by days or pages, searched by words, stopped and gone on with."""

import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from replica import Replica, Truth
from tests.e2e.places import OHCHR, POST, Build, Place

STORIES = 64
ZONE = ZoneInfo("Asia/Phnom_Penh")
ROBOTS = "User-agent: *\nDisallow: /user\n"


@dataclass(frozen=True)
class Resumed:
    """History whose first crawl was killed, what each crawl asked for, and what was held at the kill and at the end.

    flooded: which articles are held where, between the kill and the second crawl of history, many were published and
    an ordinary crawl left some of them unread.
    """

    first: Counter[str]
    second: Counter[str]
    read: list[int]
    resumed: list[int]
    held: set[str]
    snapshot: dict[str, Any]
    flooded: set[str]


@contextmanager
def archived(build: Build, now: datetime) -> Iterator[Place]:
    """Give the Post with some hundred stories, read by one section."""
    with Replica(now=now, stories=STORIES, sites=(POST,), robots={POST: ROBOTS}) as replica:
        place = build(replica)
        yield place.at(phnom_penh_post=replica.base_url(POST))


@pytest.fixture
def archive(build: Build, now: datetime) -> Iterator[Place]:
    with archived(build, now) as place:
        yield place


@pytest.fixture(scope="module")
def undisturbed(build_once: Build, now: datetime) -> Iterator[Place]:
    """What one crawl of all that history finds, which nobody stops."""
    with archived(build_once, now) as place:
        place.crawl("--since", "2001-01-01")
        yield place


@pytest.fixture(scope="module")
def resumed(build_once: Build, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Resumed:
    with archived(build_once, now) as place:
        running = place.furnish().start("crawl", "--since", "2001-01-01")
        place.watch.on_request = lambda _: running.send(signal.SIGKILL) if 7 in pages(place) else None
        assert running.wait().code != 0
        place.watch.on_request = None
        first, read = articles(place), pages(place)
        held = {key for _, key in place.articles}
        other = place.copy(tmp_path_factory.mktemp("flooded"))
        place.replica.clear_log()
        place.crawl("--since", "2001-01-01")
        second, again, snapshot = articles(place), pages(place), place.snapshot()
        return Resumed(first, second, read, again, held, snapshot, flooded(other))


def flooded(place: Place) -> set[str]:
    """Publish more than a crawl reads, crawl, go on with history; return the keys of what is held."""
    for number in range(40):
        story = {"slug": f"new-{number:02}", "title": f"New story {number}", "sections": ["national"]}
        place.replica.publish(POST, {**story, "ago": f"{number + 1}m", "body": f"It is new, {number}.\n\nIt is short."})
    place.replica.fault(POST, "/sitemap.xml", "status", status=404)
    place.crawl()
    place.crawl("--since", "2001-01-01")
    return {key for _, key in place.articles}


def articles(place: Place) -> Counter[str]:
    """Return how often each address of an article was asked for."""
    known = {urlsplit(truth.path).path for truth in place.replica.truth(POST)}
    slugs = {path.rpartition("/")[2] for path in known}
    paths = [urlsplit(path).path for path in place.replica.requests(POST)]
    return Counter(path for path in paths if path.rpartition("/")[2] in slugs)


def is_generated(truth: Truth) -> bool:
    return re.search(r"-\d{4}$", truth.path) is not None


def pages(place: Place, section: str = "/national") -> list[int]:
    """Return which pages of a section were asked for, in order."""
    asked = [urlsplit(path) for path in place.replica.requests(POST)]
    return [int(parse_qs(each.query)["page"][0]) for each in asked if each.path == section and each.query]


def test_history_that_was_killed_goes_on_where_it_was_and_fetches_nothing_twice(
    resumed: Resumed, undisturbed: Place
) -> None:
    asked_twice = resumed.first & resumed.second
    assert not {path for path in asked_twice if path.rpartition("/")[2] in resumed.held}
    assert resumed.snapshot == undisturbed.snapshot()
    assert resumed.resumed[0] == 1
    assert len([number for number in resumed.resumed if number < max(resumed.read) - 1]) <= 2
    assert max(resumed.resumed) > max(resumed.read)


def test_what_is_published_while_history_rests_is_read_when_it_goes_on(archive: Place, undisturbed: Place) -> None:
    running = archive.start("crawl", "--since", "2001-01-01")
    archive.watch.on_request = lambda count: running.send(signal.SIGTERM) if count == 60 else None
    running.wait()
    archive.watch.on_request = None
    story = {"slug": "ferry-late-again", "title": "Ferry late again", "sections": ["national"], "ago": "1m"}
    archive.replica.publish(POST, {**story, "body": "The ferry to the islands was late.\n\nNobody minded."})
    archive.crawl("--since", "2001-01-01")
    assert (POST, "ferry-late-again") in archive.articles
    assert set(archive.articles) == {*undisturbed.articles, (POST, "ferry-late-again")}


def test_what_listings_date_before_or_after_the_day_is_left_out(archive: Place) -> None:
    stories = {truth.path.rpartition("/")[2]: truth for truth in archive.replica.truth(POST) if is_generated(truth)}
    moments = {slug: datetime.fromisoformat(truth.published_at or "") for slug, truth in stories.items()}
    days = {slug: moment.astimezone(ZONE).date() for slug, moment in moments.items()}
    day = sorted(days.values())[len(days) // 2]
    bounds = ("--since", f"{day}", "--until", f"{day}")
    found = archive.crawl(*bounds, "--dry-run").json["found"][POST]
    undated = {lead["url"].rpartition("/")[2] for lead in found if lead["published_at"] is None} & set(stories)
    archive.crawl(*bounds)
    wanted = {slug for slug in days if days[slug] == day}
    assert set(days) - wanted
    assert {key for source, key in archive.articles if key in stories} == wanted | undated
    assert len(undated - wanted) < len(wanted)


def test_listings_without_dates_are_read_to_articles_before_the_day(build: Build, now: datetime) -> None:
    with Replica(now=now, stories=0, sites=(POST,)) as replica:
        for number in range(40):
            story = {"slug": f"shore-{number:02}", "title": f"Shore number {number}", "sections": ["post-depth"]}
            replica.publish(
                POST, {**story, "ago": f"{number + 1}d", "body": f"Shore {number} was walked.\n\nIt is long."}
            )
        place = build(replica)
        place.at(phnom_penh_post=replica.base_url(POST)).crawl("--since", f"{now - timedelta(days=12):%Y-%m-%d}")
        held = {key for _, key in place.articles if key.startswith("shore-")}
        assert {f"shore-{number:02}" for number in range(11)} <= held
        assert len(held) < 40


def test_an_end_without_a_beginning_is_a_mistake(archive: Place) -> None:
    ended = archive.tonle("crawl", "--until", "2026-01-01")
    assert ended.code == 2
    assert "--until needs --since or --pages" in ended.err
    assert archive.is_untouched


def test_a_search_takes_what_the_site_finds_and_nothing_else(archive: Place) -> None:
    story = {"slug": "ferry-late-again", "title": "Ferry late again", "sections": ["national"], "ago": "1m"}
    archive.replica.publish(POST, {**story, "body": "The zzferry to the islands was late.\n\nNobody minded."})
    archive.crawl("--search", "zzferry")
    assert set(archive.articles) == {(POST, "ferry-late-again")}
    assert not pages(archive)


def test_keywords_in_the_settings_are_searched_for_at_each_crawl(archive: Place) -> None:
    base = archive.replica.base_url(POST)
    archive.configure(
        sources={POST: {"base_url": base, "delay": "0s", "keywords": ["dredging"]}, OHCHR: {"enabled": False}}
    )
    archive.crawl(POST, "--limit", "1")
    searched = [path for path in archive.replica.requests(POST) if path.startswith("/search/node/dredging")]
    assert len(searched) > 0


def test_a_search_that_robots_forbid_is_told_and_stores_nothing(build: Build) -> None:
    place = build()
    place.at(phnom_penh_post=place.replica.base_url(POST))
    ended = place.tonle("crawl", "--search", "dredging", "--json")
    assert ended.code == 3
    assert ended.json["sources"][0]["listings_not_read"] == {"robots": 1}
    assert place.articles == {}


def test_a_source_without_a_search_cannot_be_searched(archive: Place) -> None:
    archive.configure(sources={OHCHR: {"base_url": "http://127.0.0.1:9", "delay": "0s"}})
    ended = archive.tonle("crawl", OHCHR, "--search", "dredging")
    assert ended.code == 2
    assert "search" in ended.err


def test_what_a_crawl_between_left_unread_is_not_jumped_over(resumed: Resumed) -> None:
    assert {f"new-{number:02}" for number in range(40)} <= resumed.flooded
