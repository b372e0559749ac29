"""Pages and listings are asked for anew only where they changed; no server can hide a change for longer than a day."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from storage.store import Store
from tests.e2e.moody import Answer, Asked, Moody, story
from tests.e2e.places import CAMBODIA, Build, Place

NAMES = ["dam", "road", "well"]
LISTING = "/en/news?page=0"
BEFORE = format_datetime(datetime(2026, 2, 1, tzinfo=UTC), usegmt=True)


@pytest.fixture
def moody() -> Iterator[Moody]:
    running = Moody()
    running.news(*NAMES)
    yield running
    running.close()


@pytest.fixture
def place(build: Build, moody: Moody) -> Place:
    return build(crawl={"retries": 0}).at(ohchr_cambodia=moody.url)


def tagged(pages: dict[str, Answer], name: str) -> Callable[[Asked], Answer | None]:
    """Answer as a server does that tells the state of its pages: by `ETag` or by `Last-Modified`."""
    condition = {"ETag": "if-none-match", "Last-Modified": "if-modified-since"}[name]

    def mood(asked: Asked) -> Answer | None:
        page = pages.get(asked.path)
        if page is None:
            return None
        value = page.headers[name]
        is_same = asked.headers.get(condition) == value
        return Answer(304, "", {name: value}) if is_same else page

    return mood


def tag_all(moody: Moody, name: str) -> None:
    values = {"ETag": '"v1"', "Last-Modified": BEFORE}
    moody.pages |= {path: replace(page, headers={name: values[name]}) for path, page in moody.pages.items()}
    moody.mood = tagged(moody.pages, name)


def revisit(place: Place, **changes: object) -> None:
    """Let every article be due, and change what is kept to ask with."""
    now = datetime.now(UTC)
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        for article in corpus.articles.newest(100):
            corpus.sources.visited(CAMBODIA, article.key, article.url, None, False, now, now)  # noqa: FBT003
            given = corpus.validators.get(CAMBODIA, article.url)
            if given:
                corpus.validators.keep(CAMBODIA, article.url, replace(given, **changes))  # type: ignore[arg-type]


def conditions(moody: Moody) -> dict[str, list[str]]:
    """Return which conditions each path was asked with."""
    names = ("if-none-match", "if-modified-since")
    return {
        asked.path: [asked.headers[name] for name in names if name in asked.headers]
        for asked in moody.asked
        if asked.path.startswith("/en/")
    }


@pytest.mark.parametrize(("name", "value"), [("ETag", '"v1"'), ("Last-Modified", BEFORE)])
def test_what_did_not_change_is_asked_with_what_its_server_gave_and_is_unchanged(
    place: Place, moody: Moody, name: str, value: str
) -> None:
    tag_all(moody, name)
    assert place.crawl().row(CAMBODIA)["saved"] == len(NAMES)
    assert set().union(*conditions(moody).values()) == set()
    revisit(place)
    moody.asked.clear()
    row = place.crawl().row(CAMBODIA)
    assert (row["unchanged"], row["revised"], row["skipped"], row["listings_not_read"]) == (len(NAMES), 0, 0, {})
    assert conditions(moody) == {LISTING: [value]} | {f"/en/news/{story_}": [value] for story_ in NAMES}
    texts = {article.key: article.text for article in place.articles.values()}
    assert all("the villagers met" in text for text in texts.values())


def test_what_changed_is_read_though_it_was_asked_with_a_condition(place: Place, moody: Moody) -> None:
    tag_all(moody, "ETag")
    place.crawl()
    moody.pages["/en/news/dam"] = story("dam", "plan", ETag='"v2"')
    revisit(place)
    row = place.crawl().row(CAMBODIA)
    assert (row["revised"], row["unchanged"]) == (1, 2)
    with place.corpus() as corpus:
        kept = corpus.validators.get(CAMBODIA, f"{moody.url}/en/news/dam")
    assert kept
    assert kept.etag == '"v2"'


def test_a_server_that_says_304_for_ever_is_asked_in_full_after_a_day(place: Place, moody: Moody) -> None:
    tag_all(moody, "ETag")
    place.crawl()
    changed = {f"/en/news/{name}": story(name, "plan", ETag='"v2"') for name in NAMES}

    def stale(asked: Asked) -> Answer | None:
        return Answer(304, "", {"ETag": '"v1"'}) if "if-none-match" in asked.headers else changed.get(asked.path)

    moody.mood = stale
    revisit(place)
    assert place.crawl().row(CAMBODIA)["unchanged"] == len(NAMES)
    revisit(place, full_at=datetime.now(UTC) - timedelta(days=1))
    assert place.crawl().row(CAMBODIA)["revised"] == len(NAMES)


@pytest.mark.parametrize(
    "changes",
    [{"made_by": "another form of the site's file"}, {"full_at": datetime(2126, 1, 1, tzinfo=UTC)}],
    ids=["another-file", "from-the-future"],
)
def test_a_condition_that_means_nothing_any_more_is_not_sent(
    place: Place, moody: Moody, changes: dict[str, object]
) -> None:
    tag_all(moody, "ETag")
    place.crawl()
    revisit(place, **changes)
    moody.asked.clear()
    place.crawl()
    assert {path: sent for path, sent in conditions(moody).items() if path != LISTING} == {
        f"/en/news/{name}": [] for name in NAMES
    }


def test_a_304_that_nobody_asked_for_is_no_page_and_no_proof_that_nothing_changed(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: Answer(304) if asked.path == "/en/news/dam" else None
    row = place.crawl().row(CAMBODIA)
    assert (row["saved"], row["unchanged"], row["reasons"]) == (2, 0, {"http-error": 1})
    moody.mood = lambda asked: Answer(304) if asked.path in {"/en/news/road", "/en/news/well"} else None
    revisit(place)
    row = place.crawl().row(CAMBODIA)
    assert (row["unchanged"], row["reasons"]) == (0, {"http-error": 2})


def test_a_page_that_moved_is_not_asked_with_the_conditions_of_its_old_address(place: Place, moody: Moody) -> None:
    tag_all(moody, "ETag")
    place.crawl()
    moody.mood = lambda _: None
    moody.pages["/en/news/dam"] = Answer(301, "", {"Location": "/en/news/dam-moved"})
    moody.pages["/en/news/dam-moved"] = story("dam-moved", ETag='"v1"')
    revisit(place)
    moody.asked.clear()
    place.crawl()
    sent = conditions(moody)
    assert (sent["/en/news/dam"], sent["/en/news/dam-moved"]) == (['"v1"'], [])


def test_an_unchanged_site_is_asked_for_one_listing_page_and_nothing_else(place: Place, moody: Moody) -> None:
    tag_all(moody, "ETag")
    place.crawl()
    moody.asked.clear()
    assert place.crawl().row(CAMBODIA)["status"] == "finished"
    assert Counter(asked.path for asked in moody.asked if "/km/" not in asked.path) == Counter({LISTING: 1})
