"""A site that tonle does not know is added by YAML alone: once by hand, once by `tonle sources new`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.model import Article
from core.site import load_sites
from replica import Replica, Truth
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.processes import Ended
from tests.e2e.servers import Stub

NAME = "mekong-rights-journal"
BY_HAND = Path(__file__).with_name(f"{NAME}.yaml")


@pytest.fixture(scope="module")
def journal(now: datetime) -> Iterator[Replica]:
    # What is published while it is another day in Phnom Penh than in UTC tells the zone of the site: at every hour that
    # tests are run, the newest stories must have been.
    early = now.replace(hour=6, minute=30)
    early -= timedelta(days=early > now)
    with Replica(now=early, sites=(POST, OHCHR, CAMBODIA, NAME)) as running:
        yield running


def added(build: Build, replica: Replica, text: str) -> Place:
    """Build a place with a file of the site's own, which is crawled from the replica and from nowhere else."""
    place = build(replica)
    (place.folder / "sites").mkdir()
    (place.folder / "sites" / f"{NAME}.yaml").write_text(text)
    return place.at(mekong_rights_journal=replica.base_url(NAME))


@pytest.fixture(scope="module")
def by_hand(build_once: Build, journal: Replica) -> Place:
    place = added(build_once, journal, BY_HAND.read_text(encoding="utf-8"))
    place.crawl()
    return place


def by_path(place: Place) -> dict[str, Article]:
    return {urlsplit(article.url).path: article for article in place.articles.values()}


def truths(replica: Replica) -> list[Truth]:
    found = [truth for truth in replica.truth(NAME) if truth.state == "live"]
    assert len(found) >= 12
    return found


def test_a_site_that_is_described_by_hand_is_crawled_completely(by_hand: Place, journal: Replica) -> None:
    assert set(by_path(by_hand)) == {truth.path for truth in truths(journal)}
    assert {what for _, what, _ in by_hand.outcomes()} == {"saved"}


def test_and_cleanly(by_hand: Place, journal: Replica) -> None:
    for truth in truths(journal):
        article = by_path(by_hand)[truth.path]
        assert article.title == truth.title
        assert tuple(article.text.splitlines()) == truth.paragraphs, truth.path
        assert article.authors == truth.authors
        assert article.published_at == datetime.fromisoformat(truth.published_at or "")
        assert (article.language, article.kind, article.notes) == (truth.language, truth.kind, ())


def test_and_its_description_is_found_to_fit(by_hand: Place) -> None:
    checked = by_hand.tonle("sources", "check", NAME, "--json")
    assert checked.code == 0, checked.err
    (row,) = checked.json["sources"]
    assert (row["broken"], row["warnings"]) == ([], [])
    assert [len(way["listings"][0]["refused"]) for way in row["ways"]] == [0, 0, 0]


@dataclass(frozen=True)
class Newcomer:
    """A place in which `sources new` wrote the file; how that ended, and what it had asked."""

    place: Place
    made: Ended
    asked: list[str]

    @property
    def file(self) -> Path:
        return self.place.folder / "sites" / f"{NAME}.yaml"


@pytest.fixture(scope="module")
def newcomer(build_once: Build, journal: Replica) -> Newcomer:
    place = build_once(journal)
    journal.clear_log()
    made = place.tonle("sources", "new", journal.base_url(NAME), "--name", NAME)
    asked = journal.requests(NAME)
    assert made.code == 0, made.err
    place.at(mekong_rights_journal=journal.base_url(NAME)).crawl()
    return Newcomer(place, made, asked)


def test_new_writes_a_file_that_loads_and_says_where_to_look(newcomer: Newcomer) -> None:
    text = newcomer.file.read_text(encoding="utf-8")
    assert f"Written to {newcomer.file}" in newcomer.made.out
    assert "LOOK" in text
    assert newcomer.place.tonle("config", "check").code == 0
    site = load_sites(newcomer.file.parent)[NAME]
    assert (site.title, site.home) == ("Mekong Rights Journal", "https://www.mekongrightsjournal.example")
    assert (site.zone, site.language) == ("Asia/Phnom_Penh", "en")
    assert [way.via for way in site.discovery] == ["feed", "sitemap", "section"]


def test_new_asks_little_and_robots_txt_first(newcomer: Newcomer) -> None:
    assert newcomer.asked[0] == "/robots.txt"
    assert len(newcomer.asked) <= 15


def test_a_crawl_by_the_file_gets_most_stories_whole(newcomer: Newcomer, journal: Replica) -> None:
    found = by_path(newcomer.place)
    whole = [
        truth
        for truth in truths(journal)
        if (article := found.get(truth.path))
        and article.title == truth.title
        and tuple(article.text.splitlines()) == truth.paragraphs
        and article.published_at
        and article.published_at.date().isoformat() == (truth.published_at or "")[:10]
        and article.authors == truth.authors
    ]
    assert len(whole) >= 0.9 * len(truths(journal))
    assert set(found) <= {truth.path for truth in truths(journal)}


def test_and_the_check_finds_nothing_to_say_against_it(newcomer: Newcomer) -> None:
    checked = newcomer.place.tonle("sources", "check", NAME, "--json")
    assert checked.code == 0, checked.err
    assert checked.json["sources"][0]["broken"] == []


def test_new_overwrites_nothing(newcomer: Newcomer, journal: Replica) -> None:
    before = newcomer.file.read_bytes()
    for args in (["--name", NAME], ["--output", str(newcomer.file)], ["--name", POST]):
        refused = newcomer.place.tonle("sources", "new", journal.base_url(NAME), *args)
        assert refused.code == 2, args
        assert "already" in refused.only_error or "exists" in refused.only_error
    assert newcomer.file.read_bytes() == before


@pytest.mark.parametrize("is_named", [False, True])
def test_new_asks_nothing_where_it_cannot_write(build: Build, stub: Stub, is_named: bool) -> None:
    place = build()
    (place.folder / "sites").write_text("a file, and no folder")
    args = ["--output", str(place.folder / "sites" / "below" / "stub.yaml")] if is_named else []
    refused = place.tonle("sources", "new", stub.url, *args)
    assert refused.code == 2
    assert "--output" in refused.only_error
    assert stub.paths == []


def test_new_keeps_to_robots_txt(build: Build, stub: Stub) -> None:
    stub.show("/robots.txt", "User-agent: *\nDisallow: /\n", Content_Type="text/plain")
    stub.show("/", "<html><body><a href='/2026/03/01/a-story-of-its-own'>A story</a></body></html>")
    refused = build().tonle("sources", "new", stub.url)
    assert refused.code == 3
    assert "robots" in refused.only_error
    assert "/" not in stub.paths
