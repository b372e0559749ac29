"""A site that tonle does not know is added by YAML alone: once by hand, once by `tonle sources new`."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.model import Article
from replica import Replica, Truth
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place

NAME = "mekong-rights-journal"
BY_HAND = Path(__file__).with_name(f"{NAME}.yaml")


@pytest.fixture(scope="module")
def journal(now: datetime) -> Iterator[Replica]:
    with Replica(now=now, sites=(POST, OHCHR, CAMBODIA, NAME)) as running:
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
