"""Two crawls of everything, between which the sites changed; then one of a story's many addresses."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import pytest

from core.model import Article, Revision
from replica import LogEntry, Truth
from tests.e2e.places import CAMBODIA, CONTACT, OHCHR, POST, Build, Place, truth_of
from tests.e2e.processes import Ended
from tests.e2e.servers import Postbox

SOURCES = (POST, OHCHR, CAMBODIA)
TWO_SECTIONS = "land-activists-summoned-41-times-in-six-months-monitor-says"
COPIED = "cambodia-open-space-real-debate-says-un-expert-end-visit"
CHANGES = ("edited", "withdrawn")
COPY = "open-space-real-debate-says-un-expert-end-visit"


@dataclass(frozen=True)
class Crawled:
    """One crawl: how it ended, what was asked, what the sites held, which mails had come, what was in the corpus."""

    ended: Ended
    log: list[LogEntry]
    truth: list[Truth]
    mails: list[str]
    articles: Mapping[tuple[str, str], Article]
    revisions: Mapping[int, tuple[Revision, ...]]
    outcomes: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Story:
    """The whole scenario."""

    place: Place
    first: Crawled
    moves: Mapping[str, Mapping[str, list[str]]]
    second: Crawled
    aliases: Ended
    asked_for_aliases: list[str]
    mails: int

    @property
    def both(self) -> tuple[Crawled, Crawled]:
        return self.first, self.second

    def changed(self, *kinds: str) -> set[str]:
        return {site + path for site in self.moves for kind in kinds for path in self.moves[site][kind]}


@pytest.fixture(scope="module")
def story(build_once: Build, postbox: Postbox) -> Story:
    place = build_once(**postbox.settings)
    for source in place.settings["sources"].values():
        source["pages"] = 30
    place.configure()
    first = crawled(place, postbox)
    moves = place.replica.advance()
    second = crawled(place, postbox)
    mails = len(postbox.arrived)
    hosts = ("www.", "", "m.", "mail.")
    urls = [f"https://{host}phnompenhpost.com/national/{TWO_SECTIONS}?utm_source=x" for host in hosts]
    urls.append(f"https://www.phnompenhpost.com/national-politics/{TWO_SECTIONS}")
    place.replica.clear_log()
    aliases = place.crawl(*(part for url in urls for part in ("--url", url)))
    return Story(place, first, moves, second, aliases, place.replica.requests(POST), mails)


def crawled(place: Place, postbox: Postbox) -> Crawled:
    place.replica.clear_log()
    ended = place.crawl()
    runs = [row["run"] for row in ended.json["sources"]]
    articles = place.articles
    with place.corpus() as corpus:
        revisions = {article.id: corpus.articles.revisions(article.id) for article in articles.values()}
    truth = [truth for source in SOURCES for truth in place.replica.truth(source)]
    return Crawled(ended, place.replica.log, truth, list(postbox.ids), articles, revisions, place.outcomes(*runs))


def readable(crawl: Crawled) -> list[Truth]:
    """Return what a perfect reader of the listings would have: the old platform is on none."""
    return [
        truth
        for truth in crawl.truth
        if truth.state in {"live", "copy"} and truth.layout != "sharepoint" and "paywall-stub" not in truth.traps
    ]


def held_for(crawl: Crawled, truth: Truth) -> list[Article]:
    """Return the articles that stand for a truth: by its address, or by that of a copy."""
    path = unquote(truth.path) if truth.site != POST else "/" + unquote(truth.path).rpartition("/")[2]
    found = []
    for article in crawl.articles.values():
        for source, url in ((article.source, article.url), *((copy.source, copy.url) for copy in article.copies)):
            if source == truth.site and unquote(urlsplit(url).path).endswith(path):
                found.append(article)
    return found


def named(crawl: Crawled, site: str, slug: str) -> Truth:
    return next(truth for truth in crawl.truth if truth.site == site and slug in truth.path)


def slug_of(path: str) -> str:
    return unquote(urlsplit(path).path).rstrip("/").rpartition("/")[2]


def story_of(site: str, path: str) -> tuple[str, str]:
    """Return the site of a story and its slug, or where several languages share a slug, its path."""
    return site, slug_of(path) if site == POST else unquote(urlsplit(path).path)


def article_requests(crawl: Crawled) -> Counter[tuple[str, str]]:
    """Return how often each story was asked for, under whatever host, section or query."""
    stories = {story_of(truth.site, truth.path) for truth in crawl.truth if truth.layout != "sharepoint"}
    asked = [story_of(entry.site, entry.path) for entry in crawl.log]
    return Counter(name for name in asked if name in stories)


def test_both_crawls_end_well_for_every_source(story: Story) -> None:
    for crawl in (story.first, story.second):
        assert [row["status"] for row in crawl.ended.json["sources"]] == ["finished"] * 3
        assert [row["error"] for row in crawl.ended.json["sources"]] == [""] * 3


def test_a_crawl_says_nothing_on_standard_error_when_all_is_well(story: Story) -> None:
    assert story.first.ended.err == ""


def test_every_readable_story_that_the_listings_reach_is_held_once(story: Story) -> None:
    for crawl in (story.first, story.second):
        counts = {truth.site + truth.path: len(held_for(crawl, truth)) for truth in readable(crawl)}
        assert set(counts.values()) == {1}, {path: count for path, count in counts.items() if count != 1}
        assert len(counts) >= 30


def test_nothing_but_the_truth_is_held(story: Story) -> None:
    expected = {article.id for truth in readable(story.first) for article in held_for(story.first, truth)}
    assert expected == {article.id for article in story.first.articles.values() if article.kind != "document"}


def test_every_story_has_its_true_title_and_paragraphs(story: Story) -> None:
    for crawl in (story.first, story.second):
        for truth in readable(crawl):
            (article,) = held_for(crawl, truth)
            assert (article.title, tuple(article.text.splitlines())) == (truth.title, truth.paragraphs), truth.path


def test_every_story_that_is_no_copy_has_its_true_authors_and_day(story: Story) -> None:
    for truth in readable(story.first):
        (article,) = held_for(story.first, truth)
        if article.copies or "future-date" in truth.traps:
            continue
        told = article.published_at.date().isoformat() if article.published_at else None
        assert (article.authors, told) == (truth.authors, truth.published_at and truth.published_at[:10]), truth.path


def test_the_second_crawl_saves_what_was_published_and_nothing_else(story: Story) -> None:
    saved = {url.partition("/")[0] + slug_of(url) for url, what, _ in story.second.outcomes if what == "saved"}
    assert saved == {url.partition("/")[0] + slug_of(url) for url in story.changed("published")}
    assert story.second.ended.row(POST)["saved"] == len(story.moves[POST]["published"])


def test_the_second_crawl_revises_what_was_edited_and_nothing_else(story: Story) -> None:
    revised = {url for url, what, _ in story.second.outcomes if what == "revised"}
    assert revised == story.changed("edited")


def test_the_second_crawl_skips_what_was_withdrawn_as_not_found(story: Story) -> None:
    gone = {(url, reason) for url, what, reason in story.second.outcomes if what == "skipped"}
    assert gone == {(url, "not-found") for url in story.changed("withdrawn")}


def test_an_edited_article_keeps_its_old_revision(story: Story) -> None:
    for url in story.changed("edited"):
        before, after = (named(crawl, url.partition("/")[0], slug_of(url)) for crawl in (story.first, story.second))
        (article,) = held_for(story.second, after)
        told = [(each.number, each.title, tuple(each.text.splitlines())) for each in story.second.revisions[article.id]]
        assert told == [(1, before.title, before.paragraphs), (2, after.title, after.paragraphs)]
        assert article.revision == 2


def test_a_withdrawn_article_keeps_its_text_and_is_marked_missing(story: Story) -> None:
    (url,) = story.changed("withdrawn")
    truth = named(story.first, POST, slug_of(url))
    (article,) = held_for(story.second, truth)
    assert tuple(article.text.splitlines()) == truth.paragraphs
    assert article.missing_since is not None
    assert [each.missing_since for each in story.second.articles.values() if each.id != article.id] == [None] * (
        len(story.second.articles) - 1
    )


def test_no_story_is_asked_for_twice_unless_it_changed(story: Story) -> None:
    asked = article_requests(story.first) + article_requests(story.second)
    changed = {story_of(site, path) for site, moves in story.moves.items() for what in CHANGES for path in moves[what]}
    assert {name for name, times in asked.items() if times > 1} == changed
    assert max(asked.values()) == 2


def test_every_page_has_one_outcome_a_run(story: Story) -> None:
    for crawl in (story.first, story.second):
        counts = Counter(url for url, _, _ in crawl.outcomes)
        assert set(counts.values()) == {1}


def test_a_story_in_two_sections_and_on_four_hosts_is_one_article(story: Story) -> None:
    truth = named(story.second, POST, TWO_SECTIONS)
    assert len(truth.also_at) >= 4
    assert article_requests(story.first)[POST, TWO_SECTIONS] == 1
    row = story.aliases.row(POST)
    assert (row["unchanged"], row["saved"], row["revised"], row["skipped"]) == (1, 0, 0, 0)
    assert [slug_of(path) for path in story.asked_for_aliases] == [TWO_SECTIONS]


def test_every_request_names_tonle_and_the_contact(story: Story) -> None:
    agents = {entry.agent for crawl in (story.first, story.second) for entry in crawl.log}
    assert len(agents) == 1
    (agent,) = agents
    assert agent.startswith("tonle/")
    assert CONTACT in agent


def test_robots_is_asked_once_a_day_and_host_and_before_all_else(story: Story) -> None:
    for source in SOURCES:
        first, second = ([entry.path for entry in crawl.log if entry.site == source] for crawl in story.both)
        assert first[0] == "/robots.txt"
        assert (first.count("/robots.txt"), second.count("/robots.txt")) == (1, 0)


def test_each_match_is_mailed_once_over_both_crawls_and_once_a_story(story: Story, postbox: Postbox) -> None:
    with story.place.corpus() as corpus:
        matches = corpus.matches.newest(1000)
        assert corpus.outbox.waiting() == 0
    assert len({(match.article.id, match.rule) for match in matches}) == len(matches)
    assert story.mails == story.place.alerts == len(set(postbox.ids)) < len(matches)


def test_the_second_crawl_mails_nothing_of_the_first_again(story: Story) -> None:
    first, both = story.first.mails, story.second.mails
    assert first
    assert both[: len(first)] == first
    assert not set(first) & set(both[len(first) :])
    assert len(both) > len(first)


@pytest.mark.parametrize("order", [(OHCHR, CAMBODIA), (CAMBODIA, OHCHR)])
def test_the_full_text_on_the_country_offices_site_is_a_copy_in_either_order(
    build: Build, order: tuple[str, str]
) -> None:
    place = build()
    slugs = {OHCHR: COPIED, CAMBODIA: COPY}
    for source in order:
        path = truth_of(place.replica, source, slugs[source]).path
        place.crawl("--url", place.replica.base_url(source) + path)
    held = [article for article in place.articles.values() if article.title.endswith("says UN expert at end of visit")]
    assert [(article.source, len(article.copies)) for article in held] == [(order[0], 1)]
    (copy,) = held[0].copies
    assert (copy.source, slug_of(copy.url)) == (order[1], slugs[order[1]])
