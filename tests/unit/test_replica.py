import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

import pytest
from lxml import html

from replica import Replica, Truth

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
POST = "phnom-penh-post"
FIGURE = "/national/land-activists-summoned-41-times-in-six-months-monitor-says"
DESKTOP = "/national/garment-workers-march-ends-in-arrests"
MOBILE = "/national/monks-barred-from-pagoda-after-blessing-evicted-villagers"


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica(now=NOW) as running:
        yield running


def get(address: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=10)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=names)
        with connection.getresponse() as answer:
            return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def page(replica: Replica, site: str, path: str) -> html.HtmlElement:
    status, _, body = get(replica.base_url(site) + path)
    assert status == 200
    return html.document_fromstring(body.decode())


def texts(tree: html.HtmlElement, selector: str) -> list[str]:
    return [" ".join(node.text_content().split()) for node in tree.cssselect(selector)]


def with_trap(replica: Replica, site: str, trap: str) -> Truth:
    return next(truth for truth in replica.truth(site) if trap in truth.traps)


def test_every_live_item_is_a_page_that_holds_its_paragraphs_in_order(replica: Replica) -> None:
    for site in replica.base_urls:
        for truth in replica.truth(site):
            status, _, body = replica.render(site, truth.path)
            if truth.state == "unreadable":
                assert status == 403
                continue
            charset = "windows-1252" if "windows-1252" in truth.traps else "utf-8"
            (shown,) = texts(html.document_fromstring(body.decode(charset)), "body")
            places = [shown.rindex(paragraph) for paragraph in (*truth.paragraphs, *truth.notes)]
            assert places == sorted(places), truth.path
            assert status == 200


def test_the_current_layout_of_the_post_has_the_class_names_that_are_known(replica: Replica) -> None:
    tree = page(replica, POST, FIGURE)
    truth = next(truth for truth in replica.truth(POST) if truth.path == FIGURE)
    assert texts(tree, "div.section-article-header h2") == [truth.title]
    assert texts(tree, ".ads-social-left-title h2") == ["National"]
    assert texts(tree, "div.ads-social-left-title .paraclass") == ["Publication date 20 November 2026 | 08:40 ICT"]
    assert texts(tree, ".authname") == [" and ".join(truth.authors)]
    assert texts(tree, "div.article-text > p, div.article-text > h3") == list(truth.paragraphs)
    assert tree.cssselect("a.__cf_email__")
    assert "Contact PhnomPenh Post for full article" in tree.text_content()


def test_a_drupal_page_shows_its_title_three_times_and_its_caption_twice(replica: Replica) -> None:
    tree = page(replica, POST, DESKTOP)
    (shown,) = texts(tree, "body")
    truth = next(truth for truth in replica.truth(POST) if truth.path == DESKTOP)
    assert shown.count(truth.title) == 3
    assert shown.count("closed it yesterday Hong Sarin") == 2
    assert texts(tree, "div.single-article-header h2") == [truth.title]
    assert texts(tree, "div.article-author-wrapper p a > span") == list(truth.authors)
    assert "Publication date 23 April 2014 | 00:26 ICT" in texts(tree, "div.article-author-wrapper p")[0]
    assert tree.cssselect("img[itemprop=contentURL]")[0].get("alt") == "Content image - Phnom Penh Post"
    assert not tree.cssselect("h1")


def test_the_other_date_forms_stand_where_they_were_seen(replica: Replica) -> None:
    older = with_trap(replica, POST, "older-date-form")
    line = texts(page(replica, POST, older.path), "div.article-author-wrapper p")
    assert line == [f", September 12, 2017 | by {older.authors[0]}"]
    mobile = page(replica, POST, MOBILE).text_content()
    assert "Publication date\n14 January 2014 | 07:18 ICT" in mobile
    assert "More Topic" in mobile
    undated = with_trap(replica, POST, "no-date")
    assert undated.published_at is None
    assert not re.search(r"\b20\d\d\b", " ".join(texts(page(replica, POST, undated.path), "div.col-lg-8")))


def test_a_caption_may_equal_the_lead(replica: Replica) -> None:
    truth = with_trap(replica, POST, "caption-is-lead")
    body = page(replica, POST, truth.path).cssselect("div#ArticleBody")[0].text_content()
    assert body.count(truth.paragraphs[0]) == 2


def test_an_irrelevant_story_stands_beside_headlines_about_rights(replica: Replica) -> None:
    truth = with_trap(replica, POST, "most-viewed-rights")
    beside = texts(page(replica, POST, truth.path), "div.most-viewed")[0]
    assert beside.startswith("MOST VIEWED")
    assert "Land activists" in beside
    assert not any("activist" in paragraph for paragraph in truth.paragraphs)


def test_one_page_lies_about_its_charset(replica: Replica) -> None:
    truth = with_trap(replica, POST, "windows-1252")
    _, headers, body = get(replica.base_url(POST) + truth.path)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    with pytest.raises(UnicodeDecodeError):
        body.decode()
    assert "“a small door”" in body.decode("windows-1252")


def test_a_dead_address_answers_with_the_front_page_and_a_feed_with_an_error(replica: Replica) -> None:
    base = replica.base_url(POST)
    front = get(f"{base}/")
    assert get(f"{base}/national/no-such-story") == front
    assert get(f"{base}/index.php/2010020532041/National-news/no-such-story.html") == front
    assert get(f"{base}/national/who-owns-the-shore-of-the-great-lake") == front
    assert [get(base + path)[0] for path in ("/rss", "/rss.xml", "/feed", "/rss/national.xml")] == [403, 403, 403, 404]


def test_a_story_answers_in_any_section_with_any_query_and_on_any_host(replica: Replica) -> None:
    base = replica.base_url(POST)
    page = get(base + FIGURE)
    assert get(f"{base}{FIGURE.replace('national', 'national-politics', 1)}?utm_source=x") == page
    assert get(base + FIGURE, Host="m.phnompenhpost.com") == page


def test_sections_of_the_post_page_from_one_and_end_in_an_empty_list(replica: Replica) -> None:
    found: list[str] = []
    sizes = []
    for number in (1, 2, 3, 4):
        tree = page(replica, POST, f"/national?page={number}")
        links = [a.get("href", "") for a in tree.cssselect("div.more-contents > div.more-item > div.more-text > a")]
        assert tree.cssselect("div.load-more > button.btn-load")
        sizes.append(len(links))
        found += links
    assert sizes == [6, 6, 5, 0]
    assert len({link.rpartition("/")[2] for link in found}) == len(found)
    cut = texts(page(replica, POST, "/national"), "div.more-text p")[0]
    assert 190 <= len(cut) <= 240
    assert cut[-1].isalnum()


def test_the_drupal_section_pages_from_nought(replica: Replica) -> None:
    first = page(replica, POST, "/politics-0")
    assert len(first.cssselect("li.views-row h3 a")) == 3
    following = first.cssselect("ul.pager.pager-load-more > li.pager-next a")[0].get("href", "")
    second = page(replica, POST, following)
    assert len(second.cssselect("li.views-row h3 a")) == 3
    assert not second.cssselect("li.pager-next")


def test_the_sitemap_is_an_index_that_mixes_in_what_is_no_article(replica: Replica) -> None:
    def locations(path: str) -> list[str]:
        tree = ET.fromstring(get(replica.base_url(POST) + path)[2])  # noqa: S314 - our own server
        return [str(node.text) for node in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]

    index = locations("/sitemap.xml")
    assert [urlsplit(address).path for address in index] == [
        "/sitemap-news.xml",
        "/sitemap-mobile.xml",
        "/sitemap-epaper.xml",
    ]
    news = {quote(urlsplit(address).path) for address in locations("/sitemap-news.xml")}
    told = {truth.path for truth in replica.truth(POST) if "future-date" not in truth.traps}
    assert {path for path in news - told if "subscribers-only" not in path} == set()
    assert told <= news
    assert any(address.startswith("//m.") for address in locations("/sitemap-mobile.xml"))
    assert not news & {urlsplit(address).path for address in locations("/sitemap-epaper.xml")}


def test_robots_names_a_crawl_delay_only_when_there_is_one() -> None:
    assert b"Crawl-delay" not in Replica(now=NOW).render(POST, "/robots.txt")[2]
    assert b"Crawl-delay: 7\n" in Replica(now=NOW, crawl_delay=7).render(POST, "/robots.txt")[2]


def test_ohchr_lists_five_cards_a_page_and_filters_by_place(replica: Replica) -> None:
    tree = page(replica, "ohchr", "/en/latest?field_geolocation_target_id%5B1031%5D=1031&page=1")
    cards = [p.getparent() for p in tree.cssselect("a > p.text--eyebrow.card-2__eyebrow.eyebrow-3")]
    assert len(cards) == 3
    unfiltered = page(replica, "ohchr", "/en/latest")
    assert len(unfiltered.cssselect("a > p.card-2__eyebrow")) == 5
    following = unfiltered.cssselect("li.pager__item.pager__item--next > a")[0].get("href")
    assert following == "?page=1"


def test_ohchr_pages_open_with_eyebrow_title_and_date_unless_a_variant_drops_them(replica: Replica) -> None:
    truth = with_trap(replica, "ohchr", "short-title")
    shown = " ".join(texts(page(replica, "ohchr", truth.path), "main")).replace("\n", " ")
    assert shown.startswith(f"Press releases Special Procedures {truth.title} LAND DEFENDERS 20 November 2026")
    variant = texts(page(replica, "ohchr", f"{truth.path}?sub-site=HRC"), "article")[0]
    assert variant.startswith(f"x {truth.title} Back 20 November 2026")
    assert "Press releases" not in variant
    headless = with_trap(replica, "ohchr", "no-h1")
    tree = page(replica, "ohchr", headless.path)
    assert not tree.cssselect("h1")
    assert texts(tree, "title") == [f"{headless.title} | OHCHR"]
    chinese = with_trap(replica, "ohchr", "path-without-type")
    assert page(replica, "ohchr", chinese.path).text_content().count("2015年5月27日") == 3


def test_ohchr_documents_are_a_pdf_a_dead_link_and_a_refusal(replica: Replica) -> None:
    base = replica.base_url("ohchr")
    for trap, status, start in (("pdf-real", 200, b"%PDF-1.4"), ("pdf-missing", 404, b"<!DOCTYPE html>")):
        tree = page(replica, "ohchr", with_trap(replica, "ohchr", trap).path)
        link = next(a.get("href", "") for a in tree.cssselect("a") if a.get("href", "").endswith(".pdf"))
        found = get(base + link)
        assert (found[0], found[2][: len(start)]) == (status, start)
    refused = get(base + with_trap(replica, "ohchr", "challenge").path)
    assert refused[0] == 403
    assert b"challenges.cloudflare.com" in refused[2]


def test_the_country_office_answers_conditional_requests_and_lets_queries_stick(replica: Replica) -> None:
    base = replica.base_url("ohchr-cambodia")
    tree = page(replica, "ohchr-cambodia", "/en/news?page=0&items_per_page=10")
    links = [str(a.get("href")) for a in tree.cssselect(".view-content a")]
    assert all(link.endswith("?page=0&items_per_page=10") for link in links)
    curly = next(link for link in links if "%E2%80%99" in link)
    status, headers, _ = get(base + curly)
    assert status == 200
    assert get(base + curly, If_None_Match=headers["ETag"])[0] == 304
    assert get(base + curly, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(base + curly, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200


def test_a_copy_carries_the_text_of_the_release(replica: Replica) -> None:
    copy = next(truth for truth in replica.truth("ohchr-cambodia") if truth.state == "copy")
    full = with_trap(replica, "ohchr", "copied-by-country-office")
    assert copy.paragraphs == full.paragraphs
    assert full.also_at[-1] == f"https://cambodia.ohchr.org{copy.path}"


def test_advance_publishes_edits_and_withdraws(replica: Replica) -> None:
    base = replica.base_url(POST)
    before = {truth.path: truth for truth in replica.truth(POST)}
    mapped = get(f"{base}/sitemap-news.xml")[2].decode()
    moves = replica.advance()
    assert [len(moves[POST][kind]) for kind in ("published", "edited", "withdrawn")] == [3, 3, 1]
    assert [len(moves["ohchr"][kind]) for kind in ("published", "edited", "withdrawn")] == [2, 1, 0]
    assert [len(moves["ohchr-cambodia"][kind]) for kind in ("published", "edited", "withdrawn")] == [1, 0, 0]
    after = {truth.path: truth for truth in replica.truth(POST)}
    for path in moves[POST]["edited"]:
        assert (before[path].revision, after[path].revision) == (1, 2)
        assert (before[path].title, before[path].paragraphs) != (after[path].title, after[path].paragraphs)
        entry = rf"{path}</loc><lastmod>([^<]+)"
        remapped = get(f"{base}/sitemap-news.xml")[2].decode()
        assert re.findall(entry, mapped) < re.findall(entry, remapped)
    (withdrawn,) = moves[POST]["withdrawn"]
    assert get(base + withdrawn)[0] == 404
    assert withdrawn.encode() not in get(f"{base}/sitemap-news.xml")[2]
    assert [len(moves["published"]) for moves in replica.advance().values()] == [1] * len(moves)
    assert get(base + withdrawn)[0] == 410
    assert after[withdrawn].state == "withdrawn"


def test_a_corrected_title_moves_on_page_card_and_feed(replica: Replica) -> None:
    (path,) = replica.advance()["ohchr"]["edited"]
    title = next(truth.title for truth in replica.truth("ohchr") if truth.path == path)
    for place in (path, "/en/latest", "/en/rss.xml"):
        body = get(replica.base_url("ohchr") + place)[2].decode()
        assert title in body
        assert "land defender<" not in body


def test_two_replicas_of_one_time_are_alike_to_the_byte() -> None:
    one, other = Replica(now=NOW), Replica(now=NOW)
    for _ in range(3):
        assert one.advance() == other.advance()
    for site in (POST, "ohchr", "ohchr-cambodia"):
        for truth in one.truth(site):
            assert one.render(site, truth.path) == other.render(site, truth.path)
