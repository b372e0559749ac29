"""The two sites of the replica that came later: Post Khmer, and a journal that no file of ours describes."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from lxml import html

from replica import Replica, Truth

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
KHMER = "post-khmer"
JOURNAL = "mekong-rights-journal"
HOME = "https://www.mekongrightsjournal.example"
ATOM = "{http://www.w3.org/2005/Atom}"
LOC = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"


@pytest.fixture
def replica() -> Replica:
    return Replica(now=NOW)


def page(replica: Replica, site: str, path: str, expected: int = 200) -> html.HtmlElement:
    status, _, body = replica.render(site, path)
    assert status == expected
    return html.document_fromstring(body.decode())


def xml(replica: Replica, path: str) -> ET.Element:
    return ET.fromstring(replica.render(JOURNAL, path)[2])  # noqa: S314 - our own server


def texts(tree: html.HtmlElement, selector: str) -> list[str]:
    return [" ".join(node.text_content().split()) for node in tree.cssselect(selector)]


def links(tree: html.HtmlElement, selector: str) -> list[str]:
    return [str(node.get("href")).removeprefix(HOME) for node in tree.cssselect(selector)]


def by_trap(replica: Replica, site: str, trap: str) -> Truth:
    return next(truth for truth in replica.truth(site) if trap in truth.traps)


@pytest.mark.parametrize("site", [KHMER, JOURNAL])
def test_every_item_is_a_page_that_holds_its_paragraphs_in_order(replica: Replica, site: str) -> None:
    for truth in replica.truth(site):
        (shown,) = texts(page(replica, site, truth.path), "body")
        places = [shown.index(paragraph) for paragraph in truth.paragraphs]
        assert places == sorted(places), truth.path


def test_the_journal_declares_an_atom_feed_of_its_newest_ten(replica: Replica) -> None:
    (alternate,) = page(replica, JOURNAL, "/").cssselect("link[rel=alternate]")
    assert (alternate.get("type"), alternate.get("href")) == ("application/atom+xml", f"{HOME}/feed/")
    entries = xml(replica, "/feed/").findall(f"{ATOM}entry")
    newest = sorted(replica.truth(JOURNAL), key=lambda truth: truth.published_at or "", reverse=True)[:10]
    found = [str(entry.find(f"{ATOM}link").get("href")) for entry in entries]  # type: ignore[union-attr]
    assert found == [HOME + truth.path for truth in newest]
    assert {"Content-Type", "ETag", "Last-Modified"} <= set(replica.render(JOURNAL, "/feed/")[1])


def test_the_journal_names_its_sitemap_in_robots_txt(replica: Replica) -> None:
    robots = replica.render(JOURNAL, "/robots.txt")[2].decode()
    assert f"Sitemap: {HOME}/sitemap_index.xml" in robots
    assert [node.text for node in xml(replica, "/sitemap_index.xml").iter(LOC)] == [
        f"{HOME}/post-sitemap.xml",
        f"{HOME}/page-sitemap.xml",
    ]
    stories = {node.text for node in xml(replica, "/post-sitemap.xml").iter(LOC)}
    assert stories == {HOME + truth.path for truth in replica.truth(JOURNAL)}


def test_the_journal_pages_its_news_and_answers_404_past_the_end(replica: Replica) -> None:
    found, path = [], "/news/"
    while path:
        tree = page(replica, JOURNAL, path)
        found.append(links(tree, "article .entry-title a"))
        path = "".join(links(tree, ".nav-previous a"))
    assert [len(part) for part in found] == [6, 6, 3]
    assert {link for part in found for link in part} == {truth.path for truth in replica.truth(JOURNAL)}
    page(replica, JOURNAL, "/news/page/4/", 404)
    page(replica, JOURNAL, "/news/page/x/", 404)


def test_a_page_of_the_journal_tells_its_data_in_json_and_shows_other_stories(replica: Replica) -> None:
    truth = by_trap(replica, JOURNAL, "two-authors")
    tree = page(replica, JOURNAL, truth.path)
    told = json.loads(tree.cssselect("script[type='application/ld+json']")[0].text or "")
    assert (told["@type"], told["headline"]) == ("NewsArticle", truth.title)
    assert tuple(author["name"] for author in told["author"]) == truth.authors
    assert datetime.fromisoformat(told["datePublished"]) == datetime.fromisoformat(truth.published_at or "")
    assert texts(tree, "h1") == [truth.title]
    assert tree.cssselect("article time[datetime]")
    assert texts(tree, ".entry-content > p, .entry-content > h3:not(.sd-title)") == list(truth.paragraphs)
    assert len(tree.cssselect(".related-posts a")) == 3
    assert tree.cssselect(".comment-content p")


def test_the_journal_moves_an_address_without_its_slash_or_with_another_day(replica: Replica) -> None:
    path = replica.truth(JOURNAL)[0].path
    for wrong in (path[:-1], re.sub(r"^/\d+/\d+/\d+", "/2001/02/03", path)):
        status, headers, _ = replica.render(JOURNAL, wrong)
        assert (status, headers["Location"]) == (301, path)
    assert replica.render(JOURNAL, f"{path[:-1]}?share=mail")[1]["Location"] == f"{path}?share=mail"


def test_an_article_of_the_journal_comes_back_after_a_404(replica: Replica) -> None:
    path = by_trap(replica, JOURNAL, "returning").path
    states = []
    for _ in range(3):
        listed = path in links(page(replica, JOURNAL, "/category/courts/"), "article .entry-title a")
        states.append((replica.render(JOURNAL, path)[0], listed))
        replica.advance()
    assert states == [(200, True), (404, False), (200, True)]


def test_an_address_of_post_khmer_holds_its_local_time_without_leading_noughts(replica: Replica) -> None:
    truths = [truth for truth in replica.truth(KHMER) if truth.layout == "khmer"]
    for truth in truths:
        found = re.fullmatch(r"/[a-z]+/(\d{4})-([1-9]\d?)-([1-9]\d?)-([1-9]?\d)(\d\d)-\d+", truth.path)
        assert found, truth.path
        local = datetime.fromisoformat(truth.published_at or "")
        assert [int(part) for part in found.groups()] == [
            local.year,
            local.month,
            local.day,
            local.hour,
            local.minute,
        ]


def test_post_khmer_speaks_khmer_in_both_eras(replica: Replica) -> None:
    for layout, body in (("khmer", "div.article-text > p"), ("khmer-old", "div.paragraph-style p")):
        truth = next(truth for truth in replica.truth(KHMER) if truth.layout == layout)
        tree = page(replica, KHMER, truth.path)
        assert re.match("[\u1780-\u17ff]", truth.paragraphs[0])
        assert texts(tree, body) == list(truth.paragraphs)
        assert truth.title in texts(tree, ".section-article-header h2, .single-article-header h2")
    assert "%E1%9E" in truth.path
    assert "ថ្ងៃទី២៣ ខែមេសា ឆ្នាំ២០១៤" in page(replica, KHMER, truth.path).text_content()


def test_listings_of_post_khmer_count_from_one_and_those_of_its_old_sections_from_nought(replica: Replica) -> None:
    first = links(page(replica, KHMER, "/national?page=1"), "div.more-text > a")
    assert len(first) == 3
    assert not links(page(replica, KHMER, "/national?page=2"), "div.more-text > a")
    old = next(truth.path for truth in replica.truth(KHMER) if truth.layout == "khmer-old").rpartition("/")[0]
    tree = page(replica, KHMER, old)
    assert len(links(tree, "li.views-row h3 a")) == 2
    (following,) = links(tree, "ul.pager.pager-load-more > li.pager-next a")
    assert unquote(following) == f"{unquote(old)}?page=1"
    assert len(links(page(replica, KHMER, following), "li.views-row h3 a")) == 1


def test_each_newcomer_publishes_and_edits_at_an_advance(replica: Replica) -> None:
    before = {truth.path: truth for site in (KHMER, JOURNAL) for truth in replica.truth(site)}
    for _ in range(3):
        replica.advance()
    after = {truth.path: truth for site in (KHMER, JOURNAL) for truth in replica.truth(site)}
    assert len(after) - len(before) == 6
    assert len([path for path in before if after[path].revision == 2]) == 2
    assert len([truth for truth in after.values() if truth.language == "km"]) == 10 + 3
