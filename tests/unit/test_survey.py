"""What a survey of an unknown site concludes from its pages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from lxml import html

from core.model import Lead, Page
from core.site import Addresses, Site
from crawler.survey.cards import find_cards, find_next
from crawler.survey.check import spread
from crawler.survey.dateforms import format_in, zone_of
from crawler.survey.design import design_of, sample_of
from crawler.survey.front import name_of, read_front, sitemaps_in
from crawler.survey.naming import shared_selector
from crawler.survey.patterns import patterns_of
from crawler.survey.sketch import sketch_at
from crawler.survey.writing import quoted

HOME = "https://www.river.example"
PROSE = "The ferry at Kampi stopped in the morning, and the teachers waited on the bank until the sun was high. " * 3
Answer = Callable[..., Page]


@pytest.fixture
def answer(now: datetime) -> Answer:
    def built(body: str, path: str = "/news") -> Page:
        return Page(HOME + path, 200, {"content-type": "text/html"}, body.encode(), now)

    return built


@pytest.fixture
def river() -> Site:
    (pattern,) = patterns_of([f"{HOME}/news/a-story-of-{word}" for word in ("one", "two")], are_articles=True)
    return sketch_at(HOME, "river").site.model_copy(
        update={"addresses": Addresses(include=(re.compile(pattern.text),)), "hosts": ("www.river.example",)}
    )


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["/2026/03/01/a-ferry-stops", "/2025/11/09/two-boats"], [r"/\d{4}/\d{2}/\d{2}/(?P<slug>[^/]+)"]),
        (["/2026/3/a-ferry-stops", "/2025/11/two-boats"], [r"/\d{4}/\d{1,2}/(?P<slug>[^/]+)"]),
        (["/news/a-ferry-stops", "/news/two-boats-sink"], ["/news/(?P<slug>[^/]+)"]),
        (["/news/a-ferry-stops", "/sport/two-boats-race"], ["/(?P<section>[^/]+)/(?P<slug>[^/]+)"]),
        (["/en/news/ferry", "/km/news/boats"], ["/(?P<language>en|km)/news/(?P<slug>[^/]+)"]),
        (["/news/123", "/news/124"], [r"/news/(?P<slug>\d+)"]),
        (["/a-ferry-stops.html", "/two-boats-sink.html"], [r"/(?P<slug>[^/]+)\.html"]),
        (["/detail/77/ferry", "/detail/78/boats"], [r"/detail/\d+/(?P<slug>[^/]+)"]),
    ],
)
def test_a_pattern_is_generalised_from_addresses(paths: list[str], expected: list[str]) -> None:
    found = patterns_of([HOME + path for path in paths], are_articles=True)
    assert [pattern.text for pattern in found] == expected
    assert found[0].examples == tuple(paths)


def test_of_mere_links_only_those_count_that_are_dated_numbered_or_slugs() -> None:
    links = ["/about", "/contact", "/news", "/news/a-ferry-stops-again", "/news/two-boats-sink-at-night", "/tag/river"]
    assert [pattern.text for pattern in patterns_of([HOME + link for link in links], are_articles=False)] == [
        "/news/(?P<slug>[^/]+)"
    ]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Published 27 February 2026", "%d %B %Y"),
        ("Feb 27, 2026", "%b %d, %Y"),
        ("February 27, 2026 at 8:40 PM", "%B %d, %Y at %I:%M %p"),
        ("27 February 2026 | 08:40 ICT", "%d %B %Y | %H:%M"),
        ("2026-02-27 08:40", "%Y-%m-%d %H:%M"),
        ("27/02/2026", "%d/%m/%Y"),
        ("ថ្ងៃទី២៧ ខែកុម្ភៈ ឆ្នាំ២០២៦", "ថ្ងៃទី%d ខែ%B ឆ្នាំ%Y"),
        ("no date at all", ""),
        ("in 2026", ""),
    ],
)
def test_the_fullest_format_of_a_date_is_found(text: str, form: str) -> None:
    assert format_in(text, UTC) == form


def test_a_date_that_is_not_the_one_told_to_machines_is_anothers() -> None:
    assert format_in("27 February 2020", UTC, datetime(2026, 2, 27, tzinfo=UTC)) == ""


def test_the_zone_is_the_one_in_which_visible_dates_agree_with_their_moments() -> None:
    told = datetime(2026, 2, 27, 20, 0, tzinfo=UTC)
    day = datetime(2026, 2, 28, tzinfo=ZoneInfo("UTC"))
    assert zone_of([(day, told)], [], "river.example")[0] == "Asia/Phnom_Penh"
    assert zone_of([(day - timedelta(days=1), told)], [], "river.example")[0] == "UTC"


def test_without_evidence_the_zone_is_utc_and_nothing_speaks_for_it() -> None:
    assert zone_of([], [], "river.example") == ("UTC", "")
    assert zone_of([], [timedelta(hours=7)], "river.example")[0] == "Asia/Phnom_Penh"
    assert zone_of([], [timedelta(hours=-5)], "river.example")[0] == "Etc/GMT+5"
    assert zone_of([], [], "www.river.com.kh")[0] == "Asia/Phnom_Penh"


def card(slug: str, more: str = "") -> str:
    return (
        f"<div class='teaser odd'><a href='/news/{slug}'><img src='x.png'></a>"
        f"<h3><a href='/news/{slug}'>{slug}</a></h3>"
        f"<span class='when'>1 March 2026</span><p>Of {slug}.</p>{more}</div>"
    )


def listing(*cards: str, below: str = "") -> str:
    return f"<html><body><nav><a href='/news'>News</a></nav><div id='list'>{''.join(cards)}</div>{below}</body></html>"


def test_the_element_that_repeats_is_the_card(answer: Answer, river: Site) -> None:
    form = find_cards(answer(listing(*map(card, ("dry-wells", "wet-wells", "old-wells")))), river)
    assert form is not None
    assert (form.card, form.stories, form.date_format) == ("div.teaser", 3, "%d %B %Y")


def test_two_stories_are_no_listing(answer: Answer, river: Site) -> None:
    assert find_cards(answer(listing(*map(card, ("dry-wells", "wet-wells")))), river) is None


@pytest.mark.parametrize(
    ("link", "url", "first"),
    [
        ("<a rel='next' href='/news?page=2'>2</a>", "/news?page={page}", 1),
        ("<li class='pager__next'><a href='?page=1'>More</a></li>", "/news?page={page}", 0),
        ("<a href='/news/page/2/'>Older posts</a>", "/news/page/{page}/", 1),
    ],
)
def test_the_link_to_the_next_page_tells_how_pages_are_counted(
    answer: Answer, river: Site, link: str, url: str, first: int
) -> None:
    found = find_next(answer(listing(card("dry-wells"), below=link)), river)
    assert found is not None
    assert (found.url, found.first_page) == (url, first)


def test_a_link_into_another_listing_is_not_the_next_page(answer: Answer, river: Site) -> None:
    assert find_next(answer(listing(below="<a class='next' href='/sport?page=2'>Next</a>")), river) is None


def article(title: str, body: str = "story-text") -> str:
    return (
        f"<html><head><title>{title} | River</title></head><body><div class='head'><h2>{title}</h2>"
        f"<span class='by-author'>Keo Rathana</span><time>1 March 2026</time></div>"
        f"<div class='{body}'><p>{PROSE}</p><p>{PROSE[::-1]}</p><figure>x</figure></div></body></html>"
    )


def test_the_design_is_what_holds_for_all_samples(answer: Answer) -> None:
    samples = [sample for title in ("Dry wells", "Wet wells") if (sample := sample_of(answer(article(title))))]
    design, alike = design_of(samples, UTC)
    assert design is not None
    assert len(alike) == 2
    assert (design.body, design.title, design.date_select) == ("div.story-text", "div.head h2", "div.head time")
    assert "figure" in design.drop


def test_of_two_generations_the_first_counts(answer: Answer) -> None:
    pages = [answer(article("Dry wells")), answer(article("Old wells", body="old-text"))]
    design, alike = design_of([sample for page in pages if (sample := sample_of(page))], UTC)
    assert design is not None
    assert (design.body, len(alike)) == ("div.story-text", 1)


def test_a_selector_that_finds_something_else_first_is_not_taken() -> None:
    trees = [html.fromstring("<div><p class='a'>x</p><p class='a b'>y</p></div>") for _ in range(2)]
    assert shared_selector([tree[1] for tree in trees]) == "p.b"


def test_a_front_page_of_a_stand_in_tells_whose_place_it_takes(now: datetime) -> None:
    links = "".join(f"<a href='http://www.river.example/news/story-number-{number}'>x</a>" for number in range(3))
    body = f"<html lang='en-GB'><head><title>River – all of it</title></head><body><nav>{links}</nav></body></html>"
    front = read_front(Page("http://127.0.0.1:9/", 200, {}, body.encode(), now), "http://127.0.0.1:9")
    assert (front.home, front.title, front.language) == ("http://www.river.example", "River", "en")
    assert front.hosts == ("www.river.example", "river.example")


def test_sitemaps_are_read_from_robots_txt() -> None:
    assert sitemaps_in(b"User-agent: *\nDisallow: /x\nSitemap: https://a.example/s.xml\n") == (
        "https://a.example/s.xml",
    )


@pytest.mark.parametrize(
    ("home", "name"),
    [
        ("https://www.phnompenhpost.com", "phnompenhpost"),
        ("https://cambodia.ohchr.org", "cambodia-ohchr"),
        ("https://www.river.com.kh", "river"),
    ],
)
def test_a_source_is_named_after_its_host(home: str, name: str) -> None:
    assert name_of(home) == name


def test_leads_are_spread_over_the_whole_listing() -> None:
    leads = tuple(Lead("river", f"{HOME}/{number}", str(number), "feed") for number in range(9))
    assert [lead.key for lead in spread(leads)][:3] == ["0", "8", "4"]
    assert sorted(lead.key for lead in spread(leads)) == sorted(lead.key for lead in leads)


def test_a_text_is_quoted_for_yaml() -> None:
    assert quoted("it's\n a 'word'") == "'it''s a ''word'''"
