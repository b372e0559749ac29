"""Pages of which no layout fits: what is read of who, when and in what language, through the whole of process."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from core.model import Draft, Lead, Page
from core.site import Site, unknown_site
from pipelines.process import process

BuildPage = Callable[..., Page]
Read = Callable[..., Draft]
TITLE = "Farmers appeal land ruling"
URL = "https://www.mekongtimes.example/news/farmers-appeal"
SENTENCE = (
    "The court in Kandal heard the case of the farmers who had lost their land to a company in the last dry season."
)
BODY = "".join(f"<p>{SENTENCE} It was hearing {number} of 3 March 2021.</p>" for number in range(6))
PLUS_7 = timezone(timedelta(hours=7))
DAY = datetime(2026, 1, 12, tzinfo=UTC)
RELATED = (
    "<div class='related'><h3>Related</h3><h4><a href='/news/wages'>Wages rise in the factories of the north</a></h4>"
    "<span class='author'>By Ann Field</span><span class='date'>1 January 2026</span></div>"
    "<div class='row'><div><h5><a href='/news/floods'>Floods close the schools of Takeo</a></h5>"
    "<span class='date'>2 January 2026</span></div></div>"
    "<div id='comments'><span class='author'>Angry Reader</span><time datetime='2026-01-03'>3 January 2026</time></div>"
)


@pytest.fixture
def read(page: BuildPage) -> Read:
    def draft_of(above: str = "", head: str = "", *, below: str = RELATED, **how: Any) -> Draft:  # noqa: ANN401  # what a page varies in
        site, lead = how.get("site", unknown_site()), how.get("lead")
        html = (
            f"<!doctype html><html lang='{how.get('lang', 'en')}'><head><title>{TITLE}</title>{head}</head><body>"
            f"<div class='mast'>Friday, 27 February 2026</div><nav><a href='/'>Home</a></nav><main>"
            f"<h1>{TITLE}</h1>{above}<div class='text'>{how.get('body', BODY)}</div></main>{below}</body></html>"
        )
        draft = process(page(html, how.get("url", URL)), site, lead)
        assert isinstance(draft, Draft)
        return draft

    return draft_of


def linked(node: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(node)}</script>"


ARTICLE = {
    "@type": "NewsArticle",
    "headline": TITLE,
    "datePublished": "2026-01-12T14:30:00+07:00",
    "dateModified": "2026-01-13T08:00:00+07:00",
    "author": [{"@type": "Person", "name": "Keo Rathana"}, {"@type": "Person", "name": "Sim Dara"}],
    "publisher": {"@type": "Organization", "name": "Mekong Times"},
}


@pytest.mark.parametrize(
    "above",
    [
        "<p>12 January 2026</p>",
        "<div class='x'>By Keo Rathana | 12 January 2026</div>",
        "<div><span>Keo Rathana</span><span>12 January 2026</span><a href='#'>Share this on all networks</a></div>",
        "<dl><dt>Published</dt><dd>12 January 2026</dd><dt>Updated</dt><dd>15 January 2026</dd></dl>",
        "<p>Updated 15 January 2026</p><p>Published 12 January 2026</p>",
        f"<p><b>{SENTENCE}</b></p><p>12/01/2026</p>",
        "<time>Jan 12, 2026</time>",
        "<font>Keo Rathana<br>12 January 2026<br><br></font>",
        "<footer class='node__meta'>By Keo Rathana, 12 January 2026</footer>",
        "<div class='footer'><p>12 January 2026</p></div>",
        f"<h3><a href='/news/farmers-appeal'>{TITLE}</a></h3><p>12 January 2026</p>",
    ],
)
def test_a_date_line_near_the_headline_dates_the_page(read: Read, above: str) -> None:
    draft = read(above)
    assert (draft.published_at, draft.remarks) == (DAY, ("no-layout",))


def test_no_date_of_other_stories_comments_prose_or_the_visit_is_the_pages(read: Read) -> None:
    draft = read()
    assert (draft.published_at, draft.modified_at, draft.authors) == (None, None, ())
    assert "no-date" in draft.remarks


def test_a_date_below_the_text_is_found_by_the_name_of_its_element(read: Read) -> None:
    assert read(below=f"<div class='entry-date'>12 January 2026</div>{RELATED}").published_at == DAY


def test_a_day_and_a_time_in_lines_of_their_own_belong_together(read: Read) -> None:
    assert read("<div>12 January 2026</div><div>14:30 ICT</div>").published_at == DAY.replace(hour=7, minute=30)


@pytest.mark.parametrize("told", [ARTICLE, [ARTICLE], {"@graph": [{"@type": "WebPage"}, ARTICLE]}])
def test_a_visible_day_takes_the_time_that_machines_are_told(read: Read, told: object) -> None:
    draft = read("<p>12 January 2026</p>", linked(told))
    assert (draft.published_at, draft.remarks) == (datetime(2026, 1, 12, 14, 30, tzinfo=PLUS_7), ("no-layout",))
    assert draft.published_at is not None
    assert draft.published_at.utcoffset() == timedelta(hours=7)


def test_a_visible_time_without_a_zone_takes_the_zone_that_machines_are_told(read: Read) -> None:
    assert read("<p>12 January 2026 14:30</p>", linked(ARTICLE)).published_at == DAY.replace(hour=7, minute=30)
    assert read("<p>12 January 2026 16:00</p>", linked(ARTICLE)).published_at == DAY.replace(hour=16)


def test_where_days_disagree_the_visible_one_wins_with_a_remark(read: Read) -> None:
    draft = read("<p>11 January 2026</p>", linked(ARTICLE))
    assert draft.published_at == DAY - timedelta(days=1)
    assert draft.remarks == ("dates-disagree", "no-layout")


def test_figures_that_name_two_days_are_read_as_the_rest_of_the_page_is(read: Read) -> None:
    first_of_february = datetime(2026, 2, 1, tzinfo=UTC)
    told = read("<p>02/01/2026</p>", linked({**ARTICLE, "datePublished": "2026-02-01"}))
    assert (told.published_at, told.remarks) == (first_of_february, ("no-layout",))
    by_address = read("<p>02/01/2026</p>", url="https://www.mekongtimes.example/2026/02/01/farmers")
    assert (by_address.published_at, by_address.remarks) == (first_of_february, ("no-layout",))
    assert read("<p>02/01/2026</p>").published_at == datetime(2026, 1, 2, tzinfo=UTC)


def test_what_is_known_of_a_date_is_trusted_in_turn(read: Read, lead: Callable[..., Lead]) -> None:
    listed = lead(published=datetime(2026, 2, 2, tzinfo=UTC))
    dated = "https://www.mekongtimes.example/2026/01/20/farmers"
    meta = "<meta property='article:published_time' content='2026-01-16T00:00:00+00:00'>"
    told = read("", linked(ARTICLE) + meta, url=dated, lead=listed)
    assert (told.published_at, told.remarks[0]) == (DAY.replace(hour=7, minute=30), "date-from-metadata")
    assert read("", meta, url=dated, lead=listed).published_at == DAY.replace(day=16)
    named = read("", "", url=dated, lead=listed)
    assert (named.published_at, named.remarks[0]) == (DAY.replace(day=20), "date-from-address")
    from_listing = read("", "", lead=listed)
    assert (from_listing.published_at, from_listing.remarks[0]) == (listed.published, "date-from-listing")


@pytest.mark.parametrize(
    "meta",
    [
        "<meta itemprop='datePublished' content='2026-01-12'>",
        "<meta name='dc.date' content='2026-01-12'>",
        "<meta name='DC.date.issued' content='2026-01-12'>",
        "<meta name='parsely-pub-date' content='2026-01-12T00:00:00Z'>",
        "<meta name='sailthru.date' content='2026-01-12 00:00:00'>",
        "<meta name='date' content='Mon, 12 Jan 2026 00:00:00 +0000'>",
    ],
)
def test_each_way_to_tell_machines_is_known(read: Read, meta: str) -> None:
    assert read("", meta).published_at == DAY


@pytest.mark.parametrize(
    ("written", "remark"), [("12 January 2036", "date-in-future"), ("12 January 1936", "date-too-old")]
)
def test_a_visible_date_that_cannot_be_gives_way_to_the_next(read: Read, written: str, remark: str) -> None:
    draft = read(f"<p>{written}</p>", linked(ARTICLE))
    assert draft.published_at == DAY.replace(hour=7, minute=30)
    assert draft.remarks[:2] == (remark, "date-from-metadata")


def test_a_change_is_no_publication(read: Read) -> None:
    seen = read("<p>Updated 13 January 2026</p>")
    assert (seen.published_at, seen.modified_at) == (None, DAY.replace(day=13))
    told = read("<p>12 January 2026</p>", linked(ARTICLE))
    assert told.modified_at == datetime(2026, 1, 13, 1, tzinfo=UTC)


def test_the_one_date_of_a_theme_that_calls_it_updated_is_the_publication(read: Read) -> None:
    alone = read("<time class='updated'>12 January 2026</time>")
    assert (alone.published_at, alone.modified_at) == (DAY, None)
    both = read("<time class='updated'>13 January 2026</time> <time class='published'>12 January 2026</time>")
    assert (both.published_at, both.modified_at) == (DAY, DAY.replace(day=13))


@pytest.mark.parametrize(
    "above",
    [
        "<a rel='author' href='/k'>Keo Rathana</a> <a rel='author' href='/s'>Sim Dara</a>",
        "<p>By <a rel='author' href='/k'>Keo Rathana</a> and Sim Dara</p>",
        (
            "<div itemprop='author'><img alt='x'><span itemprop='name'>Keo Rathana</span></div>"
            "<div itemprop='author'><span itemprop='name'>Sim Dara</span></div>"
        ),
        "<div class='byline'>Keo Rathana, Sim Dara</div>",
        "<div class='article__author-name'>Keo Rathana &amp; Sim Dara</div>",
        "<p>By Keo Rathana and Sim Dara</p>",
        "<p>Reporter : Keo Rathana and Sim Dara</p>",
        "<table><tr><td>Written by Keo Rathana, Staff Writer, and Sim Dara<br>12 January 2026</td></tr></table>",
        "<p>12 January 2026 | By Keo Rathana and Sim Dara</p>",
        "<div><div class='m-author'>By: <a>Keo Rathana</a>, <a>Sim Dara</a></div><button>Share</button></div>",
        "<div class='byline'><div><a>Keo Rathana</a></div><div><a>Sim Dara</a></div></div>",
    ],
)
def test_authors_are_read_where_a_page_names_them(read: Read, above: str) -> None:
    assert read(above, "<meta name='author' content='Ann Field'>").authors == ("Keo Rathana", "Sim Dara")


def test_a_label_below_the_text_names_who_wrote_it(read: Read) -> None:
    assert read(body=f"{BODY}<p>Reporter: Keo Rathana, Sim Dara<br>Editor: Ann Field</p>").authors == (
        "Keo Rathana",
        "Sim Dara",
    )


def test_cards_below_a_label_name_who_wrote_it_and_those_of_people_that_no_label_calls_so_do_not(read: Read) -> None:
    people = ("Keo Rathana", "Sim Dara")
    cards = "".join(f"<div><div class='who'>{name}</div><div>Office</div></div>" for name in people)
    assert read(body=f"{BODY}<div><h3>Written by</h3>{cards}</div>").authors == people
    assert read(body=f"{BODY}<div><h3>In this story</h3>{cards}</div>").authors == ()


def test_what_else_a_line_says_behind_a_dot_does_not_hide_its_date(read: Read) -> None:
    assert read("<p>12 January 2026 · 38 minutes to hear</p>").published_at == DAY


def test_authors_that_only_machines_are_told_count_where_none_is_visible(read: Read) -> None:
    assert read("", linked(ARTICLE)).authors == ("Keo Rathana", "Sim Dara")
    assert read("", "<meta name='author' content='Ann Field'>").authors == ("Ann Field",)
    by_reference = [{**ARTICLE, "author": {"@id": "#k"}}, {"@type": "Person", "@id": "#k", "name": "Keo Rathana"}]
    assert read("", linked({"@graph": by_reference})).authors == ("Keo Rathana",)


@pytest.mark.parametrize(
    "wrapping",
    [
        "<!-- {} -->",
        "\n<!--{}//-->\n",
        "//<![CDATA[\n{}\n//]]>",
        "<![CDATA[{}]]>",
        "{} ;\n",
        "\n{}\n//-->;",
        " // <![CDATA[{}]]>",
    ],
)
def test_what_machines_are_told_is_read_out_of_a_comment_or_a_section(read: Read, wrapping: str) -> None:
    script = f"<script type='application/ld+json'>{wrapping.format(json.dumps(ARTICLE))}</script>"
    assert read("", script).authors == ("Keo Rathana", "Sim Dara")


def test_an_organisation_is_an_author_only_where_no_person_is_and_it_is_not_the_site(read: Read) -> None:
    body = {"@type": "Organization", "name": "Council of Farmers"}
    assert read("", linked({**ARTICLE, "author": body})).authors == ("Council of Farmers",)
    both = [body, {"@type": "Person", "name": "Keo Rathana"}]
    assert read("", linked({**ARTICLE, "author": both})).authors == ("Keo Rathana",)
    own = {"@type": "Organization", "name": "Mekong Times"}
    assert read("", linked({**ARTICLE, "author": own})).authors == ()


@pytest.mark.parametrize("name", ["Mekong Times", "The Mekong Times", "admin", "Staff", "webmaster", "Editor"])
def test_neither_the_site_nor_its_admin_is_an_author(read: Read, name: str) -> None:
    assert read(f"<p class='author'>{name}</p>", f"<meta name='author' content='{name}'>").authors == ()


@pytest.mark.parametrize(
    ("above", "authors"),
    [
        ("<p>12.01.2026 · Keo Rathana · 4 min</p>", ("Keo Rathana",)),
        ("<p>Human Rights | 12 January 2026</p>", ()),
        ("<p>Politics · 12 January 2026</p>", ()),
        ("<p>Phnom Penh, 12 January 2026</p>", ()),
        ("<p>12 January 2026 · Mekong Times · News Desk</p>", ()),
    ],
)
def test_a_name_between_the_dots_of_a_date_line_is_the_authors_and_a_section_is_not(
    read: Read, above: str, authors: tuple[str, ...]
) -> None:
    draft = read(above)
    assert (draft.authors, draft.published_at) == (authors, DAY)


def test_the_article_that_follows_on_the_same_page_gives_neither_author_nor_date(read: Read) -> None:
    following = f"<article><h1>Wages rise</h1><p class='author'>By Ann Field</p><time>3 May 2025</time>{BODY}</article>"
    draft = read("<p class='author'>By Keo Rathana</p>", below=following)
    assert (draft.authors, draft.published_at) == (("Keo Rathana",), None)


def test_an_agency_is_named_as_it_is_written(read: Read) -> None:
    assert read("<p>AFP</p>").authors == ("AFP",)
    assert read("<p>Source: Xinhua</p>").authors == ("Xinhua",)


def test_of_two_articles_on_a_page_the_one_with_its_headline_counts(read: Read) -> None:
    other = {**ARTICLE, "headline": "Wages rise", "datePublished": "2020-01-01", "author": "Ann Field"}
    draft = read("", linked(other) + linked(ARTICLE))
    assert (draft.authors, draft.published_at) == (("Keo Rathana", "Sim Dara"), DAY.replace(hour=7, minute=30))


def test_the_language_is_detected_where_none_is_declared(read: Read) -> None:
    assert read(lang="").language == "en"
    assert read(lang="fr").language == "fr"


def test_a_language_of_another_script_than_the_text_is_refused_with_a_remark(read: Read) -> None:
    draft = read(lang="km")
    assert (draft.language, "language-disagrees" in draft.remarks) == ("en", True)
    assert "language-disagrees" not in read(lang="en").remarks


def test_a_site_without_a_fitting_layout_writes_its_dates_in_its_zone(read: Read, post: Site) -> None:
    url = "https://www.phnompenhpost.com/national/farmers-appeal"
    bare = post.model_copy(update={"layouts": ()})
    draft = read("<p>12 January 2026 | 14:30</p>", site=bare, url=url)
    assert draft.published_at == DAY.replace(hour=7, minute=30)


HOSTILE = {
    "nested": "<div class='author date'>" * 100_000,
    "flat": "<span class='author'><b></b></span><time datetime='x'></time>" * 30_000,
    "attributes": f"<p class='{'author ' * 150_000}' id='{'date ' * 200_000}' itemprop='{'date ' * 100_000}'>x</p>",
    "runs": "<p>" + "<b>12</b> " * 100_000,
    "metas": "<meta property='og:title' content='A | B | C'>" * 30_000,
    "headings": "<h1>x</h1><h2>Farmers appeal</h2>" * 20_000,
    "broken": "<script type='application/ld+json'>{nope</script>" * 1000,
    "unclosed": "<script " * 100_000,
    "deep": f"<script type='application/ld+json'>{'[' * 140_000}{']' * 140_000}</script>",
    "deeper": "<script type='application/ld+json'>" + '{"author":' * 20_000 + "1" + "}" * 20_000 + "</script>",
    "wide": "<script type='application/ld+json'>[" + "{}," * 90_000 + "{}]</script>",
    "large": linked({**ARTICLE, "text": "a" * 5_000_000}),
    "odd": linked(
        {
            "@type": ["Article", 3, None],
            "@id": 7,
            "headline": {"a": 1},
            "author": [1, None, [], {"name": 5}, {"@id": {}}],
            "datePublished": [{}, 17, "x"],
            "publisher": [1, "x"],
        }
    ),
    "times": (
        "<time datetime='9999-12-31T23:59:59-23:59'>31 December 9999 23:59 UTC-14</time>"
        "<time datetime='0001-01-01T00:00:00+14:00'>1 January 0001</time>"
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_without_an_error_and_in_time(page: BuildPage, name: str) -> None:
    from pipelines.decode import decoded, parsed  # noqa: PLC0415  # only this test looks at the metadata alone
    from pipelines.metadata import Reading, authors_of, dates_of, title_of  # noqa: PLC0415  # as above
    from pipelines.signs import signs_of  # noqa: PLC0415  # as above

    hostile = page(f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{HOSTILE[name]}", URL)
    site, text = unknown_site(), decoded(hostile)
    tree = parsed(text)
    assert tree is not None
    begun = time.process_time()
    signs = signs_of(hostile, text, tree, site)
    reading = Reading(site, None, "en", None, signs)
    assert title_of(tree, None, site, None, signs) == TITLE
    assert authors_of(tree, (), None, signs) == ()
    assert dates_of(hostile, tree, (), reading).published is None
    assert time.process_time() - begun < 2


def test_a_visible_time_is_the_one_that_machines_are_told_in_utc(read: Read) -> None:
    told = linked({**ARTICLE, "datePublished": "2026-01-11T23:30:00Z"})
    assert read("<p>12 January 2026 06:30</p>", told).published_at == DAY.replace(hour=6, minute=30, tzinfo=PLUS_7)
    assert read("<p>12 January 2026 06:40</p>", told).published_at == DAY.replace(hour=6, minute=40)


@pytest.mark.parametrize(
    ("above", "authors"),
    [
        ("<div>Keo Rathana</div><div>12 January 2026</div>", ("Keo Rathana",)),
        ("<div>12 January 2026</div><div><a href='/x'>Keo Rathana</a>, <a href='/y'>Sim Dara</a></div>", 2),
        ("<div>Keo Rathana, Senior Reporter</div><div>3 hours ago</div>", ("Keo Rathana",)),
        ("<p>Mon, 01/12/2026 - Keo Rathana</p>", ("Keo Rathana",)),
        ("<p>January 12, 2026 at 4:17 pm by Keo Rathana</p>", ("Keo Rathana",)),
        ("<p>Words <b>Keo Rathana</b> Photographs <b>Sim Dara</b></p>", ("Keo Rathana",)),
        ("<p>Keo Rathana reports from Kratie</p>", ("Keo Rathana",)),
        ("<p>Keo Rathana in Phnom Penh | 12 January 2026 17:18 +07</p>", ("Keo Rathana",)),
        ("<p>Keo Rathana</p><p>Chief correspondent, Poipet</p><p>@tribune</p><p>12 January 2026</p>", ("Keo Rathana",)),
        ("<p>The Mekong Dealer</p><p>12 January 2026</p><p>KEY POINTS</p>", ()),
        ("<p>12 January 2026</p><p>Keo Rathana in front of her house in Kandal</p>", ()),
        ("<ul><li><a href='/author/k'>Keo Rathana and Sim Dara Sok</a></li><li>12 January 2026</li></ul>", 2),
        ("<div>Human Rights</div><div>12 January 2026</div>", ()),
        ("<div>Kampong Thom</div><div>12 January 2026</div>", ()),
        ("<div>شارك عبر فيسبوك</div><div>12 January 2026</div>", ()),
        ("<div>Keo Rathana</div>", ()),
    ],
)
def test_a_line_of_names_beside_the_date_tells_the_authors(
    read: Read, above: str, authors: tuple[str, ...] | int
) -> None:
    found = read(above).authors
    assert len(found) == authors if isinstance(authors, int) else found == authors


def test_a_text_may_be_signed_below(read: Read) -> None:
    signed = "<p align='right'><b>— Keo Rathana and Sim Dara</b></p>"
    assert read("<p>12 January 2026</p>", body=BODY + signed).authors == ("Keo Rathana", "Sim Dara")
    assert read("<p>12 January 2026</p>", body=BODY + "<p>— Keo Rathana said so on Friday.</p>").authors == ()
