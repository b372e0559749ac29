"""How the replica of the Post finds, links and spells its stories."""

from datetime import UTC, datetime
from unicodedata import normalize
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from lxml import html

from replica import Replica, Truth

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
POST = "phnom-penh-post"
SECTIONS = ("national", "national-politics", "business", "opinion", "sport", "post-depth")


@pytest.fixture(scope="module")
def replica() -> Replica:
    return Replica(now=NOW)


def page(replica: Replica, path: str) -> html.HtmlElement:
    status, _, body = replica.render(POST, path)
    assert status == 200, path
    return html.document_fromstring(body.decode())


def links(tree: html.HtmlElement, selector: str) -> list[str]:
    return [str(node.get("href")) for node in tree.cssselect(selector)]


def listed(replica: Replica) -> list[str]:
    pages = [f"/{section}?page={number}" for section in SECTIONS for number in (1, 2, 3)]
    return [link for path in pages for link in links(page(replica, path), "div.more-text > a")]


def by_trap(replica: Replica, trap: str) -> Truth:
    return next(truth for truth in replica.truth(POST) if trap in truth.traps)


def test_listings_link_stories_on_every_host_over_both_schemes_and_with_what_counts_clicks(replica: Replica) -> None:
    parts = [urlsplit(link) for link in listed(replica)]
    assert {(part.scheme, part.netloc) for part in parts} >= {
        ("", ""),
        ("https", "www.phnompenhpost.com"),
        ("http", "m.phnompenhpost.com"),
        ("https", "phnompenhpost.com"),
        ("http", "mail.phnompenhpost.com"),
    }
    assert any("utm_source=" in part.query for part in parts)
    assert any("fbclid=" in part.query for part in parts)
    assert any(part.fragment for part in parts)


def test_every_link_of_a_listing_leads_to_its_story(replica: Replica) -> None:
    slugs = {normalize("NFC", unquote(truth.path)).rpartition("/")[2] for truth in replica.truth(POST)}
    for link in listed(replica):
        parts = urlsplit(link)
        if "subscribers-only" not in link:
            assert normalize("NFC", unquote(parts.path)).rpartition("/")[2] in slugs, link
            status, _, body = replica.render(POST, f"{parts.path}?{parts.query}")
            assert status == 200
            assert b"article-text" in body or b"ArticleBody" in body or b"m-txt" in body


def test_one_slug_is_spelled_in_several_ways_that_mean_the_same(replica: Replica) -> None:
    truth = by_trap(replica, "unicode-slug")
    mapped = replica.render(POST, "/sitemap-news.xml")[2].decode()
    found = [link for link in listed(replica) if "opens-opposite" in link]
    found += [line for line in mapped.replace("<", "\n").replace(">", "\n").split() if "opens-opposite" in line]
    slugs = {urlsplit(link).path.rpartition("/")[2] for link in found}
    assert len(slugs) >= 3
    assert len({normalize("NFC", unquote(slug)) for slug in slugs}) == 1
    for path in (truth.path, *(also for also in truth.also_at if also.startswith("/"))):
        assert replica.render(POST, path)[2] == replica.render(POST, truth.path)[2]


def ranked(replica: Replica, word: str) -> list[tuple[datetime, str]]:
    """Return day and title of each result."""
    tree = page(replica, f"/search/node/{word}")
    dates = [str(span.text_content()).partition(" by ")[0] for span in tree.cssselect("div.posted-date span")]
    titles = [str(title.text_content()) for title in tree.cssselect("h3.title a")]
    days = [datetime.strptime(date, "%d %b %Y").replace(tzinfo=UTC) for date in dates]
    return list(zip(days, titles, strict=True))


def test_search_lists_results_by_weight_and_not_by_age(replica: Replica) -> None:
    tree = page(replica, "/search/node/land")
    found = tree.cssselect("ol.search-results.node-results > li.search-result")
    assert len(found) >= 4
    assert all("land" in str(p.text_content()).lower() for p in tree.cssselect("p.search-snippet"))
    dates = [str(span.text_content()) for span in tree.cssselect("div.posted-date span")]
    assert dates[0] == "20 Nov 2026 by Sok Vireak and Hannah Oakes"
    assert len(dates) == len(found)
    days = [day for day, _ in ranked(replica, "court")]
    assert days != sorted(days, reverse=True)
    assert len(links(page(replica, "/search/node/land%20summoned"), "h3.title a")) == 1
    assert "yielded no results" in page(replica, "/search/node/xylophone").text_content()


def test_search_pages_count_from_nought_and_end_without_a_next_link() -> None:
    many = Replica(now=NOW, stories=60)
    first = page(many, "/search/node/receipts")
    assert len(links(first, "h3.title a")) == 10
    (following,) = links(first, "ul.pager li.pager-next a")
    assert following == "/search/node/receipts?page=1"
    second = page(many, following)
    assert not set(links(first, "h3.title a")) & set(links(second, "h3.title a"))
    last = page(many, "/search/node/receipts?page=90")
    assert not links(last, "h3.title a") + links(last, "li.pager-next a")


def test_robots_txt_forbids_the_search_unless_a_test_replaces_it() -> None:
    text = "User-agent: *\nDisallow:\n"
    asked = Replica(now=NOW, robots={POST: text})
    assert asked.render(POST, "/robots.txt")[2].decode() == text
    asked.robots(POST, None)
    assert "Disallow: /search/\n" in asked.render(POST, "/robots.txt")[2].decode()
    asked.robots("ohchr", text)
    assert asked.render("ohchr", "/robots.txt")[2].decode() == text
    with pytest.raises(ValueError, match="no such site"):
        Replica(now=NOW, robots={"nowhere": text})


def test_the_feed_answers_only_when_it_is_asked_to(replica: Replica) -> None:
    assert replica.render(POST, "/rss.xml")[0] == 403
    fed = Replica(now=NOW, feeds=True)
    status, headers, body = fed.render(POST, "/rss.xml")
    assert (status, headers["Content-Type"]) == (200, "application/rss+xml; charset=utf-8")
    addresses = [str(item.findtext("link")) for item in ET.fromstring(body).iter("item")]  # noqa: S314 - our own server
    assert len(addresses) > 10
    assert all(address.endswith("?utm_source=rss&utm_medium=feed") for address in addresses)
    assert [fed.render(POST, path)[0] for path in ("/rss", "/rss/national.xml")] == [403, 404]


def test_a_story_behind_the_login_wall_is_listed_and_true_to_nobody(replica: Replica) -> None:
    (link,) = {link for link in listed(replica) if "subscribers-only" in link}
    tree = page(replica, urlsplit(link).path)
    assert "Log in to continue" in tree.text_content()
    assert not any("subscribers-only" in truth.path for truth in replica.truth(POST))


def test_headings_may_be_paragraphs_in_bold(replica: Replica) -> None:
    truth = by_trap(replica, "quoted-headings")
    tree = page(replica, truth.path)
    assert [str(p.text_content()) for p in tree.cssselect("#ArticleBody p > strong")] == [
        "'No number, no hearing'",
        "'I can wait'",
    ]
    assert {"'No number, no hearing'", "'I can wait'"} <= set(truth.paragraphs)
