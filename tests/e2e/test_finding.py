"""What of OHCHR's world is found, kept and tied together: what concerns Cambodia, its translations and its files."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from core.model import Article
from replica import Truth
from tests.e2e.places import CAMBODIA, OHCHR, Build, Place

pytestmark = pytest.mark.timeout(240)
NAMES = re.compile("Cambodia|Khmer|Phnom Penh|Cambodge|Camboya|Камбодж|柬埔寨|金边|كمبودي|الكمبودي", re.IGNORECASE)
PLACE = "1031"


def concerns_cambodia(truth: Truth) -> bool:
    return any(NAMES.search(part) for part in (truth.title, *truth.paragraphs))


def settled(place: Place) -> Place:
    """Crawl until nothing is left for later: a host that refuses one page is left alone for the rest of a crawl."""
    for _ in range(9):
        ended = place.crawl("--pages", "40")
        if not any("wait for a later crawl" in row["error"] for row in ended.json["sources"]):
            return place
    raise AssertionError("addresses are left for later again and again")


def listed(place: Place) -> list[Truth]:
    """Return what is true of the readable stories that stand in listings: those of the old platform do not."""
    known = [truth for site in (OHCHR, CAMBODIA) for truth in place.replica.truth(site)]
    return [truth for truth in known if truth.state in {"live", "copy"} and truth.layout != "sharepoint"]


@pytest.fixture(scope="module")
def world(build_once: Build) -> Place:
    """OHCHR and its country office as they are set up without being told anything."""
    place = build_once()
    place.configure(sources=sources(place.replica.base_urls), crawl={})
    return settled(place)


def sources(bases: dict[str, str], **changes: object) -> dict[str, dict[str, object]]:
    named: dict[str, dict[str, object]] = {name: {"base_url": bases[name], "delay": "0s"} for name in (OHCHR, CAMBODIA)}
    named[OHCHR] |= changes
    return named | {"phnom-penh-post": {"enabled": False}, "post-khmer": {"enabled": False}}


def held(place: Place) -> dict[str, Article]:
    """Return every article of OHCHR by the paths of its addresses, copies and all."""
    found = {}
    for article in place.articles.values():
        for url in (article.url, *(copy.url for copy in article.copies)):
            found[unquote(urlsplit(url).path)] = article
    return found


def test_what_concerns_cambodia_is_held_and_nothing_else(world: Place) -> None:
    articles = held(world)
    wanted = {unquote(truth.path) for truth in listed(world) if truth.site == CAMBODIA or concerns_cambodia(truth)}
    others = {unquote(truth.path) for truth in listed(world)} - wanted
    pages = {path for path, article in articles.items() if article.kind != "document"}
    assert len(others) >= 10
    assert wanted - pages == set()
    assert pages & others == set()


def test_what_was_left_out_is_counted_and_not_asked_for_again(world: Place) -> None:
    left = [url for url, _, reason in world.outcomes() if reason == "irrelevant"]
    others = [truth for truth in listed(world) if truth.site == OHCHR and not concerns_cambodia(truth)]
    assert len(left) == len(set(left)) == len(others)
    world.replica.clear_log()
    world.crawl()
    asked = {unquote(urlsplit(path).path) for path in world.replica.requests(OHCHR)}
    assert not asked & {unquote(truth.path) for truth in others}


def test_each_language_is_kept_with_its_name(world: Place) -> None:
    articles = held(world)
    truths = {unquote(truth.path): truth for truth in listed(world) if unquote(truth.path) in articles}
    assert {truth.language for truth in truths.values()} >= {"en", "fr", "es", "ru", "ar", "zh", "km"}
    for path, truth in truths.items():
        if truth.state == "live":
            assert articles[path].language == truth.language, path


def test_the_translations_of_a_release_are_tied_together(world: Place) -> None:
    articles = {article.id: article for article in held(world).values()}
    works: dict[str, set[str]] = {}
    for article in articles.values():
        if article.kind != "document":
            works.setdefault(f"{article.source} {article.work}", set()).add(article.language)
    assert max(len(languages) for languages in works.values()) == 6
    release = next(
        article for article in articles.values() if len(works.get(f"{article.source} {article.work}", ())) == 6
    )
    with world.corpus() as corpus:
        whole = corpus.articles.by_id(release.id)
    assert whole is not None
    assert len(whole.translations) == 5
    shown = world.tonle("show", str(release.id))
    assert all(str(other.article_id) in shown.out for other in whole.translations)


def test_files_of_kept_releases_are_articles_of_their_own(world: Place) -> None:
    documents = [article for article in world.articles.values() if article.kind == "document"]
    texts = {truth.title: truth for truth in world.replica.documents() if truth.state == "text"}
    assert documents
    for article in documents:
        words = " ".join(article.text.split())
        assert any(" ".join(truth.paragraphs[0].split()) in words for truth in texts.values()), article.url
        assert article.published_at is not None


def test_files_that_cannot_be_read_are_outcomes(world: Place) -> None:
    reasons = {reason for url, _, reason in world.outcomes() if ".pdf" in url.lower()}
    assert {"not-found", "not-a-document", "no-body"} <= reasons


def test_everything_is_taken_where_everything_is_asked_for(copied: Place) -> None:
    assert copied.settings["sources"][OHCHR]["relevance"] == "all"
    copied.crawl(OHCHR, "--since", "2001-01-01", "--pages", "40")
    pages = {path for path, article in held(copied).items() if article.kind != "document"}
    assert {unquote(truth.path) for truth in listed(copied)} - pages == set()


def test_the_place_filter_finds_what_no_word_names(build: Build) -> None:
    story = {"kind": "press-release", "places": ["cambodia"], "ago": "5m", "slug": "a-court-far-away"}
    text = {"title": "A court far away", "body": "GENEVA ({date}) – The court rose.\n\nNobody was heard."}
    place = build()
    place.replica.publish(OHCHR, {**story, **text})
    place.configure(sources=sources(place.replica.base_urls, options={"place": PLACE}))
    place.crawl(OHCHR, "--pages", "1")
    assert any("a-court-far-away" in path for path in held(place))
    assert any("field_geolocation_target_id" in path for path in place.replica.requests(OHCHR))


def test_by_their_listing_items_are_left_out_unread(build: Build) -> None:
    place = build()
    wanted = {"by": "listing", "any": ["Cambodia*"]}
    place.configure(sources=sources(place.replica.base_urls, relevance=wanted))
    settled(place)
    left = {unquote(urlsplit(url).path) for url, _, reason in place.outcomes() if reason == "irrelevant"}
    asked = {unquote(urlsplit(path).path) for path in place.replica.requests(OHCHR)}
    assert left
    assert not {path.removeprefix(OHCHR) for path in left} & asked


def test_an_option_that_no_listing_has_is_a_mistake_with_its_line(build: Build) -> None:
    place = build()
    place.configure(sources=sources(place.replica.base_urls, options={"plaice": "1"}))
    ended = place.tonle("config", "check")
    assert ended.code == 2
    assert "unknown option `plaice`: ohchr takes place" in ended.err
