from collections.abc import Callable

import pytest

from core.model import Draft, Lead, Page
from core.site import Site
from pipelines.metadata import names_in, without_site_name
from pipelines.process import process

BuildPage = Callable[..., Page]
Html = Callable[..., str]
RELEASE = "https://www.ohchr.org/en/press-releases/2026/02/experts-call-for-open-courts"


def draft_of(page: Page, site: Site, lead: Lead | None = None) -> Draft:
    draft = process(page, site, lead)
    assert isinstance(draft, Draft)
    return draft


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Keo Rathana", ["Keo Rathana"]),
        ("By Keo Rathana", ["Keo Rathana"]),
        ("by  Keo\nRathana", ["Keo Rathana"]),
        ("Reporter : Keo Rathana and Sim Dara", ["Keo Rathana", "Sim Dara"]),
        ("Author: Keo Rathana, Sim Dara & Ann Field", ["Keo Rathana", "Sim Dara", "Ann Field"]),
        ("Keo Rathana/Sim Dara;Ann Field", ["Keo Rathana", "Sim Dara", "Ann Field"]),
        ("Keo Rathana, and Sim Dara", ["Keo Rathana", "Sim Dara"]),
        ("Keo Rathana | Publication date 1 May 2014 | 00:26 ICT", ["Keo Rathana"]),
        (", September 12, 2017 | by Keo Rathana", ["Keo Rathana"]),
        ("Andy Sandford", ["Andy Sandford"]),
        ("Byron Keo", ["Byron Keo"]),
        ("AFP", ["AFP"]),
        ("កែវ រតនា", ["កែវ រតនា"]),
        ("Agent 47", []),
        ("One sentence that is far too long to be the name of anybody at all", []),
        ("", []),
        (" and ", []),
    ],
)
def test_a_byline_gives_its_names_and_nothing_else(byline: str, names: list[str]) -> None:
    assert list(names_in(byline)) == names


def test_an_author_who_stands_twice_is_named_once(page: BuildPage, drupal: Html, post: Site) -> None:
    wrapper = "<a href='/a'><span>Keo Rathana</span></a> and <a href='/b'><span>Sim Dara</span></a>"
    twice = f"{wrapper} <a href='/a'><span>Keo Rathana</span></a><br>Publication date 23 April 2014 | 00:26 ICT"
    assert draft_of(page(drupal("<p>Dry.</p>", wrapper=twice)), post).authors == ("Keo Rathana", "Sim Dara")


def test_a_page_without_a_byline_has_no_author(page: BuildPage, cms: Html, post: Site) -> None:
    html = cms("<p>Reporter : a line of the body is no byline here.</p>", byline="")
    assert draft_of(page(html), post).authors == ()


@pytest.mark.parametrize(
    ("title", "left"),
    [
        ("Dry wells | Phnom Penh Post", "Dry wells"),
        ("Phnom Penh Post - Dry wells", "Dry wells"),
        ("Dry wells — PHNOM PENH POST ", "Dry wells"),
        ("Dry | wells", "Dry | wells"),
        ("The Phnom Penh Post turns thirty", "The Phnom Penh Post turns thirty"),
        ("Phnom Penh Post", ""),
        ("", ""),
    ],
)
def test_a_title_is_freed_of_the_sites_name(post: Site, title: str, left: str) -> None:
    assert without_site_name(title, post) == left


def test_a_release_without_a_heading_is_called_as_its_page(page: BuildPage, release: Html, ohchr: Site) -> None:
    html = release("<p>Courts must open.</p>").replace("<h1>Experts call for open courts</h1>", "")
    assert draft_of(page(html, RELEASE), ohchr).title == "Experts call for open courts"


def test_an_empty_heading_is_no_title(page: BuildPage, release: Html, ohchr: Site) -> None:
    html = release("<p>Courts must open.</p>").replace("<h1>Experts call for open courts</h1>", "<h1> <br></h1>")
    assert draft_of(page(html, RELEASE), ohchr).title == "Experts call for open courts"


def test_og_title_goes_before_the_pages_and_the_listing_comes_last(
    page: BuildPage, cms: Html, post: Site, lead: Callable[..., Lead]
) -> None:
    bare = cms("<p>Dry.</p>").replace("<h2>Wells run dry in Kandal</h2>", "")
    named = bare.replace("<head>", "<head><meta property='og:title' content='The wells | Phnom Penh Post'>")
    nameless = bare.replace("Wells run dry in Kandal | ", "")
    listed = lead(title="As listed")
    assert draft_of(page(named), post, listed).title == "The wells"
    assert draft_of(page(bare), post, listed).title == "Wells run dry in Kandal"
    assert draft_of(page(nameless), post, listed).title == "As listed"


@pytest.mark.parametrize(
    ("declared", "language"), [("en", "en"), ("km-KH", "km"), ("KM", "km"), ("", "en"), ("x-default", "en")]
)
def test_the_language_is_the_pages_own_else_the_sites(
    page: BuildPage, cms: Html, post: Site, declared: str, language: str
) -> None:
    html = cms("<p>Dry.</p>").replace("lang='en'", f"lang='{declared}'")
    assert draft_of(page(html), post).language == language


def test_the_language_of_the_address_goes_before_the_pages(page: BuildPage, release: Html, ohchr: Site) -> None:
    url = RELEASE.replace("/en/", "/fr/")
    assert draft_of(page(release("<p>Courts must open.</p>"), url), ohchr).language == "fr"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("press-releases/2026/02", "press-release"),
        ("statements/2026/02", "statement"),
        ("statements-and-speeches/2026/02", "statement"),
        ("news/2026/02", "news"),
        ("2026/02", "press-release"),
        ("stories/2026/02", "news"),
    ],
)
def test_the_kind_follows_from_the_address(page: BuildPage, release: Html, ohchr: Site, path: str, kind: str) -> None:
    url = f"https://www.ohchr.org/en/{path}/experts-call-for-open-courts"
    assert draft_of(page(release("<p>Courts must open.</p>"), url), ohchr).kind == kind


def test_a_comment_in_the_post_is_an_opinion(page: BuildPage, cms: Html, post: Site) -> None:
    assert draft_of(page(cms("<p>Dry.</p>"), "/opinion/dry-wells"), post).kind == "opinion"
    assert draft_of(page(cms("<p>Dry.</p>"), "/national/dry-wells"), post).kind == "news"


def test_the_canonical_address_names_the_story_but_only_within_the_site(page: BuildPage, cms: Html, post: Site) -> None:
    inside = "<head><link rel='canonical' href='https://m.phnompenhpost.com/national-politics/dry-wells'>"
    of_another = "<head><link rel='canonical' href='https://www.phnompenhpost.com/national/the-template'>"
    outside = "<head><link rel='canonical' href='https://other.example/national/stolen'>"
    html = cms("<p>Dry.</p>")
    named = draft_of(page(html.replace("<head>", inside)), post)
    assert (named.url, named.key) == (
        "https://www.phnompenhpost.com/national-politics/dry-wells",
        "dry-wells",
    )
    assert draft_of(page(html.replace("<head>", of_another)), post).key == "dry-wells"
    assert draft_of(page(html.replace("<head>", outside)), post).key == "dry-wells"


def test_the_links_of_the_body_are_kept_absolute_each_once(page: BuildPage, cms: Html, post: Site) -> None:
    body = (
        "<p>The <a href='/sites/default/files/a b.pdf'>report</a>, <a href='https://a.example/x'>x</a>,"
        " <a href='https://a.example/x'>x</a>, <a href='mailto:a@b.example'>mail</a>, <a href='https://['>broken</a>,"
        " <a href='wells-of-takeo'>more</a> and <a>none</a>.</p>"
    )
    assert draft_of(page(cms(body)), post).links == (
        "https://www.phnompenhpost.com/sites/default/files/a b.pdf",
        "https://a.example/x",
        "https://www.phnompenhpost.com/national/wells-of-takeo",
    )
