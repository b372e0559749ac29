"""A page that shows two states in turn is seen, said and quieted, in a crawl as anywhere."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from storage.store import Store
from tests.e2e.moody import Moody, story
from tests.e2e.places import CAMBODIA, Build, Place


@pytest.fixture
def moody() -> Iterator[Moody]:
    running = Moody()
    running.news("dam", "road")
    yield running
    running.close()


@pytest.fixture
def place(build: Build, moody: Moody) -> Place:
    return build(crawl={"retries": 0}).at(ohchr_cambodia=moody.url)


def visit(place: Place, moody: Moody, word: str) -> dict[str, int]:
    """Crawl once while the page of the dam says a word; return what came of both pages."""
    moody.pages["/en/news/dam"] = story("dam", word)
    now = datetime.now(UTC)
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        for article in corpus.articles.newest(9):
            corpus.sources.visited(CAMBODIA, article.key, article.url, None, failed=False, next_visit=now, now=now)
    row = place.crawl().row(CAMBODIA)
    return {name: row[name] for name in ("saved", "revised", "unchanged")}


def test_a_page_of_two_states_makes_three_revisions_until_a_third_comes(place: Place, moody: Moody) -> None:
    found = [visit(place, moody, word) for word in ("map", "plan", "map", "plan", "plan")]
    revised, quiet = {"saved": 0, "revised": 1, "unchanged": 1}, {"saved": 0, "revised": 0, "unchanged": 2}
    assert found == [{"saved": 2, "revised": 0, "unchanged": 0}, revised, revised, quiet, quiet]
    number = next(article.id for article in place.articles.values() if "dam" in article.url)
    shown, told = place.tonle("show", str(number)), place.tonle("show", str(number), "--json").json
    assert "shows two states in turn since" in shown.out
    assert "seen 2 times" in shown.out
    assert told["flicker"]["times"] == 2
    assert [[each["label"] for each in revision["edits"]] for revision in told["revisions"]] == [
        *([], ["wording"], ["wording"])
    ]
    assert f"two states in turn, of which no further revisions are made: {number}." in place.tonle("status").out
    assert place.tonle("status", "--json").json["flickering"] == {"count": 1, "articles": [number]}

    assert visit(place, moody, "registry") == revised
    assert place.tonle("show", str(number), "--json").json["flicker"] is None
    assert "in turn" not in place.tonle("status").out
