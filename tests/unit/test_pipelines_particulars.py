"""Tags, dateline and credits through the whole of process: on pages that a layout fits, and on others."""

import json
from collections.abc import Callable

import pytest

from core.model import Draft, Page
from core.site import Layout, Site, unknown_site
from pipelines.process import process

BuildPage = Callable[..., Page]
Html = Callable[..., str]
Read = Callable[..., Draft]
RELEASE = "https://www.ohchr.org/en/press-releases/2026/02/experts-call-for-open-courts"
TITLE = "Farmers appeal land ruling"
FIRST = "The court in Kandal heard the case of the farmers who had lost their land to a company in the dry season."
BODY = "".join(f"<p>{FIRST} Hearing {number} was short.</p>" for number in range(6))
TAGS = (
    "<p class='post-tags'>Tags: <a rel='tag' href='/tag/land'>Land</a>, <a rel='tag' href='/tag/courts'>Courts</a></p>"
)
FIGURE = "<figure><img src='/a.jpg'><figcaption>Farmers wait. {}</figcaption></figure>"


@pytest.fixture
def read(page: BuildPage) -> Read:
    """Read a page of unknown design: what stands in its head, above, within and below its text, outside of it."""

    def draft_of(head: str = "", above: str = "", below: str = "", outside: str = "", body: str = BODY) -> Draft:
        html = (
            f"<!doctype html><html lang='en'><head><title>{TITLE}</title>{head}</head><body><nav><a href='/'>Home</a>"
            f"</nav><main><article><h1>{TITLE}</h1>{above}<div class='text'>{body}</div>{below}</article></main>"
            f"{outside}</body></html>"
        )
        draft = process(page(html, url="https://www.mekongtimes.example/news/farmers-appeal"), unknown_site())
        assert isinstance(draft, Draft)
        return draft

    return draft_of


def keywords(value: object) -> str:
    node = {"@type": "NewsArticle", "headline": TITLE, "keywords": value}
    return f"<script type='application/ld+json'>{json.dumps(node)}</script>"


@pytest.mark.parametrize(
    ("head", "tags"),
    [
        (
            "<meta property='article:tag' content='Land'><meta property='article:tag' content='Courts'>",
            ("Land", "Courts"),
        ),
        ("<meta property='article:tag' content='Land, Courts'>", ("Land", "Courts")),
        ("<meta name='news_keywords' content='land; courts'>", ("land", "courts")),
        (keywords("land, courts"), ("land", "courts")),
        (keywords(["land", "courts"]), ("land", "courts")),
        (keywords([{"@type": "DefinedTerm", "name": "land"}, {"name": "courts"}]), ("land", "courts")),
        (keywords(["Smith &amp; Sons", "land"]), ("Smith & Sons", "land")),
        ("<meta property='article:tag' content='Land'><meta name='news_keywords' content='soil'>", ("Land",)),
    ],
)
def test_tags_are_what_machines_are_told(read: Read, head: str, tags: tuple[str, ...]) -> None:
    assert read(head).tags == tags


def test_links_beside_the_article_that_are_marked_as_tags_are_tags(read: Read) -> None:
    assert read(below=TAGS).tags == ("Land", "Courts")
    assert read(below=f"<footer class='entry-meta'>{TAGS}</footer>").tags == ("Land", "Courts")


@pytest.mark.parametrize(
    "elsewhere",
    [
        f"<aside>{TAGS}</aside>",
        f"<div class='tag-cloud widget'>{TAGS}</div>",
        f"<div class='related-stories'>{TAGS}</div>",
        "<p>Filed in <a rel='category tag' href='/category/land'>Land</a></p>",
        "<p>Filed in <a rel='tag' href='/category/land'>Land</a></p>",
        "<p>See <a href='/tag/land'>Land</a></p>",
    ],
)
def test_tags_of_other_stories_clouds_and_categories_are_none(read: Read, elsewhere: str) -> None:
    assert read(below=elsewhere).tags == ()
    assert read(outside=elsewhere).tags == ()


@pytest.mark.parametrize(
    "head",
    [
        "<meta name='keywords' content='land, courts'>",
        "<meta name='news_keywords' content='Mekong, daily, weather, sports'>",
        keywords("Mekong daily, weather, sports"),
        "<meta property='article:tag' content='https://www.mekongtimes.example/tag/land'>",
        "<meta property='article:tag' content='section:national'><meta property='article:tag' content='12345'>",
        f"<meta property='article:tag' content='{'Land ' * 20}'>",
        "<meta property='article:tag' content='News'>",
    ],
)
def test_what_stands_on_every_page_or_is_for_machines_alone_is_no_tag(read: Read, head: str) -> None:
    assert read(head).tags == ()


def test_tags_stand_once_in_the_order_of_the_page_and_are_bounded(read: Read) -> None:
    many = "".join(f"<meta property='article:tag' content='{name}'>" for name in ("Land", "#Courts", "land ", "LAND"))
    assert read(many).tags == ("Land", "Courts")
    more = "".join(f"<meta property='article:tag' content='Land {number}'>" for number in range(200))
    assert len(read(more).tags) == 20


def test_the_layouts_tags_go_before_those_for_machines(page: BuildPage, cms: Html, post: Site) -> None:
    html = cms("<p>The well is dry.</p>", below="<div class='tags'>Tags: <a href='/t/1'>Water</a> <a>Kandal</a></div>")
    html = html.replace("<head>", "<head><meta property='article:tag' content='Other'>")
    draft = process(page(html), post)
    assert isinstance(draft, Draft)
    assert draft.tags == ("Water", "Kandal")
    assert draft.paragraphs == ("The well is dry.",)


@pytest.mark.parametrize(
    ("above", "credits_"),
    [
        (FIGURE.format("Photo: Keo Rathana"), ("Keo Rathana",)),
        (FIGURE.format("<span class='credit'>Keo Rathana</span>"), ("Keo Rathana",)),
        (FIGURE.format("<small itemprop='copyrightHolder'>AFP</small>"), ("AFP",)),
        (FIGURE.format("Keo Rathana/Post"), ("Keo Rathana/Post",)),
        (FIGURE.format("© AFP") + FIGURE.format("Photo: Keo Rathana"), ("AFP", "Keo Rathana")),
        (
            "<div class='wp-caption'><img src='/a.jpg'><p class='wp-caption-text'>Farmers. Photo: AFP</p></div>",
            ("AFP",),
        ),
        ("<p>Photo: Keo Rathana</p>", ("Keo Rathana",)),
        ("<p>Farmers at the gate (Photo by Keo Rathana)</p>", ("Keo Rathana",)),
        (FIGURE.format(""), ()),
        (f"<a href='/news/other-farmers-plough-on'>{FIGURE.format('Photo: Keo Rathana')}</a>", ()),
        (f"<div class='related'>{FIGURE.format('Photo: Keo Rathana')}</div>", ()),
        ("<p>© 2026 Mekong Times. All rights reserved.</p>", ()),
    ],
)
def test_captions_within_the_article_say_whose_its_pictures_are(
    read: Read, above: str, credits_: tuple[str, ...]
) -> None:
    draft = read(above=above)
    assert draft.credits == credits_
    assert not any("Rathana" in paragraph or "AFP" in paragraph for paragraph in draft.paragraphs)


def test_pictures_below_and_outside_of_the_article_credit_nobody(read: Read) -> None:
    figure = FIGURE.format("Photo: Keo Rathana")
    assert read(below=figure).credits == ()
    assert read(outside=figure).credits == ()


def test_a_caption_that_a_layout_drops_is_still_asked_whose_the_picture_is(
    page: BuildPage, cms: Html, post: Site
) -> None:
    caption = "<figure><figcaption>Women carry water from the quarry. Hong Sarin</figcaption></figure>"
    draft = process(page(cms(f"{caption}<p>The well is dry.</p>")), post)
    assert isinstance(draft, Draft)
    assert (draft.credits, draft.paragraphs) == (("Hong Sarin",), ("The well is dry.",))


def test_the_place_that_opens_the_text_is_read_and_stays_in_it(
    page: BuildPage, release: Html, ohchr: Site, read: Read
) -> None:
    first = f"GENEVA (25 February 2026) – {FIRST}"
    draft = process(page(release(f"<p>{first}</p>"), RELEASE), ohchr)
    assert isinstance(draft, Draft)
    assert (draft.dateline, draft.paragraphs) == ("GENEVA", (first,))
    unlaid = read(body=f"<p>{first}</p>{BODY}")
    assert (unlaid.dateline, unlaid.paragraphs[0]) == ("GENEVA", first)


@pytest.mark.parametrize("agency", ["AFP", "Reuters", "Agence Kampuchea Presse"])
def test_an_agency_in_a_layouts_byline_is_among_the_authors(
    page: BuildPage, cms: Html, drupal: Html, post: Site, agency: str
) -> None:
    wrapper = f"By <a href='/a'><span>{agency}</span></a><br>Publication date 23 April 2014 | 00:26 ICT"
    for html in (cms("<p>The well is dry.</p>", byline=agency), drupal("<p>The well is dry.</p>", wrapper=wrapper)):
        draft = process(page(html), post)
        assert isinstance(draft, Draft)
        assert draft.authors == (agency,)


def test_a_layout_without_a_title_still_knows_how_far_its_article_reaches(page: BuildPage, post: Site) -> None:
    layout = Layout(name="bare", body=("div.text",))
    site = post.model_copy(update={"layouts": (layout,)})
    html = f"<html><body><div class='text'>{FIGURE.format('Photo: AFP')}{BODY}</div>{TAGS}</body></html>"
    draft = process(page(html), site)
    assert isinstance(draft, Draft)
    assert (draft.layout, draft.credits) == ("bare", ("AFP",))
