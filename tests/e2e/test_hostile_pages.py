"""Pages made to cost: one over which a crawl dies costs no later crawl, one that wants memory itself alone."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.e2e.places import Build, Place
from tests.e2e.servers import Stub

NAME = "trap-times"
# A line of its `drop_text` takes twice as long for each letter: the mistake that people make in patterns.
SITE = r"""
name: trap-times
title: Trap Times
home: https://www.traptimes.example
hosts: [www.traptimes.example]
zone: Asia/Phnom_Penh
language: en
discovery:
  - {via: section, url: '/news?page={page}', first_page: 0, card: 'div.views-row', link: 'a'}
addresses:
  include: ['/news/(?P<slug>[a-z-]+)']
layouts:
  - {name: plain, when: 'article', title: 'h1', body: ['article'], drop_text: ['(a+)+']}
"""
TRAP = f"{'a' * 40}!"
HUNGRY = "<p>" * 700_000


@pytest.fixture
def stub() -> Iterator[Stub]:
    with closing(Stub()) as running:
        yield running


def kept_by(build: Build, stub: Stub, **crawl: object) -> Place:
    place = build(crawl={"retries": 0, **crawl})
    (place.folder / "sites").mkdir()
    (place.folder / "sites" / f"{NAME}.yaml").write_text(SITE)
    stub.show("/robots.txt", "User-agent: *\nAllow: /\n", Content_Type="text/plain")
    return place.at(trap_times=stub.url)


def listed(stub: Stub, **paragraphs: str) -> None:
    """Serve a listing and its articles, by slug, each of one paragraph."""
    cards = "".join(f'<div class="views-row"><a href="/news/{slug}">A title</a></div>' for slug in paragraphs)
    stub.show("/news?page=0", f"<html><body><main>{cards}</main></body></html>")
    stub.show("/news?page=1", "<html><body><main></main></body></html>")
    for slug, words in paragraphs.items():
        stub.show(f"/news/{slug}", f"<html><body><article><h1>Of {slug}</h1><p>{words}</p></article></body></html>")


def became(place: Place) -> dict[str, str]:
    return {url.rpartition("/")[2]: reason or what for url, what, reason in place.outcomes()}


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="bounds of Linux")
def test_a_page_over_which_a_crawl_dies_is_settled_by_the_next_and_stops_no_other(build: Build, stub: Stub) -> None:
    place = kept_by(build, stub, processes=1, reading="2s")
    listed(
        stub, dry="The wells of Kandal ran dry in March.", trap=TRAP, wet="In May the rain came to the wells at last."
    )
    died = place.tonle("--log-level", "info", "crawl")
    assert died.code == 1
    assert "Timeout (0:00:02)!" in died.err
    again = place.tonle("--log-level", "info", "--log-format", "json", "crawl")
    assert again.code == 0, again.err
    assert "crawl.wary" in again.err
    assert became(place) == {"dry": "saved", "trap": "unreadable", "wet": "saved"}
    asked = stub.paths.count("/news/trap")
    third = place.tonle("--log-level", "info", "--log-format", "json", "crawl")
    assert (third.code, stub.paths.count("/news/trap")) == (0, asked)
    assert "crawl.wary" not in third.err


@pytest.mark.soak
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="bounds of Linux")
def test_a_page_that_needs_more_memory_than_a_crawl_may_take_is_skipped_and_no_other_is(
    build: Build, stub: Stub
) -> None:
    place = kept_by(build, stub, processes=1, memory="250MB")
    listed(stub, dry="The wells of Kandal ran dry in March.", hungry=HUNGRY, wet="In May the rain came at last.")
    ended = place.crawl()
    assert became(place) == {"dry": "saved", "hungry": "unreadable", "wet": "saved"}, ended.err
    assert ended.peak < 350_000_000


def test_a_crawl_that_may_take_less_memory_than_it_needs_says_so_in_a_sentence(build: Build, stub: Stub) -> None:
    place = kept_by(build, stub, memory="1MB")
    listed(stub, dry="The wells of Kandal ran dry in March.")
    ended = place.tonle("crawl")
    assert ended.code == 1
    assert "crawl.memory" in ended.only_error
