"""`tonle sources` and `tonle sources check`: whether the descriptions of the sites fit what the sites answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.model import Reason
from replica import Replica
from storage.lock import held
from storage.store import Store
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.processes import Ended

KNOWN = (POST, OHCHR, CAMBODIA, "post-khmer")
SITE = """\
name: river
title: River Times
home: https://river.example
hosts: [river.example]
zone: Asia/Phnom_Penh
language: en
discovery:
  - via: feed
    url: /rss.xml
  - via: section
    url: /{section}?page={page}
    sections: [national, business]
    first_page: 1
    card: 'div.more-contents > div.more-item'
    link: 'div.more-text a'
addresses:
  include:
    - '/[a-z-]+/(?P<slug>[^/]+)'
layouts:
  - name: cms
    when: 'div.article-text'
    title: 'div.section-article-header h2'
    date:
      select: '.paraclass'
      formats: ['%d %B %Y | %H:%M']
    body: ['div.article-text']
    drop: ['figure', '.never']
"""


@pytest.fixture(scope="module")
def healthy(build_once: Build, now: datetime) -> Iterator[tuple[Place, Ended]]:
    with Replica(now=now, sites=KNOWN) as replica:
        place = build_once(replica).at(**{name.replace("-", "_"): url for name, url in replica.base_urls.items()})
        yield place, place.tonle("sources", "check", "--json")


def river(place: Place, old: str = "", new: str = "") -> Ended:
    """Check a site of the user's own that stands where the replica of the Post does, one text in its file replaced."""
    assert old in SITE
    (place.folder / "sites").mkdir(exist_ok=True)
    (place.folder / "sites" / "river.yaml").write_text(SITE.replace(old, new, 1) if old else SITE)
    place.at(river=place.replica.base_url(POST))
    return place.tonle("sources", "check", "river", "--json")


def told(ended: Ended) -> dict[str, Any]:
    (row,) = ended.json["sources"]
    assert isinstance(row, dict)
    return row


def test_every_site_of_the_replica_is_green(healthy: tuple[Place, Ended]) -> None:
    place, ended = healthy
    assert ended.code == 0, ended.err
    rows = ended.json["sources"]
    assert {row["source"] for row in rows} == set(place.settings["sources"])
    assert [row["broken"] for row in rows] == [[]] * len(rows)
    for row in rows:
        read = [article for article in row["articles"] if article.get("words")]
        assert len(read) >= 2, row["source"]
        assert all(article["title"] and article["findings"] for article in read)


def test_a_check_keeps_nothing(healthy: tuple[Place, Ended]) -> None:
    place, _ = healthy
    assert not (place.folder / "data").exists()


def test_a_check_asks_robots_txt_first_and_only_a_few_pages(healthy: tuple[Place, Ended]) -> None:
    place, ended = healthy
    for row in ended.json["sources"]:
        asked = place.replica.requests(row["source"])
        listings = sum(len(way["listings"]) for way in row["ways"])
        assert asked[0] == "/robots.txt"
        assert len(asked) <= 1 + listings + 2 * len(row["ways"]) + len(row["articles"])


def test_one_way_that_is_refused_is_a_note_while_another_works(healthy: tuple[Place, Ended]) -> None:
    (row,) = (row for row in healthy[1].json["sources"] if row["source"] == POST)
    assert any("forbidden HTTP 403" in warning for warning in row["warnings"])
    feed = next(way for way in row["ways"] if way["via"] == "feed")
    assert feed["listings"][0]["leads"] == 0


def test_it_says_what_config_yaml_leaves_unused(healthy: tuple[Place, Ended]) -> None:
    (row,) = (row for row in healthy[1].json["sources"] if row["source"] == OHCHR)
    assert any("{place}" in line and "options" in line for line in row["not_asked"])


def test_each_selector_is_told_with_what_it_finds(place: Place) -> None:
    ended = river(place)
    assert ended.code == 0, ended.err
    article = next(article for article in told(ended)["articles"] if article["layout"])
    found = {finding["key"]: finding for finding in article["findings"]}
    assert set(found) == {"title", "date.select", "body.0", "drop.0", "drop.1"}
    assert found["title"]["words"].rstrip("…") in article["title"]
    assert found["drop.1"] == {"key": "drop.1", "selector": ".never", "count": 0, "words": ""}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("body: ['div.article-text']", "body: ['div.no-such']", "no body"),
        ("formats: ['%d %B %Y | %H:%M']", "formats: ['%d.%m.%Y']", "no date"),
        ("card: 'div.more-contents > div.more-item'", "card: '.no-such'", "nothing fits `card`"),
        ("'/[a-z-]+/(?P<slug>[^/]+)'", "'/nowhere/(?P<slug>[^/]+)'", "no way of discovery names an article"),
    ],
)
def test_a_description_that_does_not_fit_is_broken_and_says_what_to_do(
    place: Place, old: str, new: str, words: str
) -> None:
    ended = river(place, old, new)
    assert ended.code == 3
    row = told(ended)
    assert words in " ".join([*row["broken"], *row["warnings"]])
    assert row["broken"]


def test_a_second_page_that_repeats_the_first_is_noted(place: Place) -> None:
    ended = river(place, "first_page: 1", "first_page: 0")
    assert any("first_page" in warning for warning in told(ended)["warnings"])


def test_a_site_that_does_not_answer_is_broken(place: Place) -> None:
    place.replica.fault(POST, "^/", "status", status=503)
    ended = river(place)
    assert ended.code == 3
    assert "river" in ended.err


def test_the_list_names_every_source_with_what_is_held(place: Place) -> None:
    before = place.tonle("sources", "--json")
    assert before.code == 0, before.err
    assert place.is_untouched
    place.at(ohchr_cambodia=place.replica.base_url(CAMBODIA)).crawl()
    after = place.tonle("sources", "--json")
    rows = {row["source"]: row for row in after.json["sources"]}
    assert rows[CAMBODIA]["articles"] == len(place.articles) > 0
    assert rows[CAMBODIA]["base"] == place.replica.base_url(CAMBODIA)
    assert rows[CAMBODIA]["last_run"]["status"] == "finished"
    assert (rows[POST]["enabled"], rows[POST]["articles"], rows[POST]["last_run"]) == (False, 0, None)


def test_people_get_it_as_text(place: Place) -> None:
    listed, checked = place.tonle("sources"), place.tonle("sources", "check", OHCHR)
    assert "Phnom Penh Post" in listed.out
    assert "ohchr: works" in checked.out
    assert "body.0 'main article:has(h1)' finds 1" in checked.out


def test_a_source_that_is_being_crawled_is_not_asked_beside_it(place: Place) -> None:
    (place.folder / "data").mkdir()
    lock = place.folder / "data" / "locks" / f"{OHCHR}.lock"
    with held(lock, "The crawl"):
        refused = place.tonle("sources", "check", OHCHR)
    assert refused.code == 6
    assert place.replica.log == []


def test_a_host_that_is_left_alone_by_crawls_is_left_alone_by_a_check(place: Place, now: datetime) -> None:
    place.at(ohchr_cambodia=place.replica.base_url(CAMBODIA)).crawl()
    host = place.replica.base_url(CAMBODIA).removeprefix("http://")
    store = Store.open(place.database)
    with store.transaction() as corpus:
        corpus.incidents.report(CAMBODIA, host, Reason.CHALLENGE, "HTTP 403", now + timedelta(days=1), now)
    store.close()
    place.replica.clear_log()
    refused = place.tonle("sources", "check", CAMBODIA)
    assert refused.code == 3
    assert "blocked" in refused.err
    assert place.replica.log == []
