"""What belongs together: translations, other addresses, documents; and whose address a page answers at."""

import re
from collections.abc import Callable, Sequence

import pytest

from core.model import Draft, Lead, Link, Page, Reason, Skipped
from core.site import Addresses, Documents, Site
from core.urls import article_address
from pipelines.naming import agree, has_words, same_number, slug_of, words_of
from pipelines.process import process

BuildPage = Callable[..., Page]
Html = Callable[..., str]
POST = "https://www.phnompenhpost.com"
OHCHR = "https://www.ohchr.org"
RELEASE = "/press-releases/2026/02/experts-call-for-open-courts"
FILES = Documents(include=(re.compile(r"(?i)/sites/.+\.pdf"), re.compile(r"/Handler\?enc=.+")), hosts=("docs.example",))
TEXT = "<p>The experts asked the courts to open their doors to those who come to hear them.</p>"


def draft_of(result: Draft | Skipped) -> Draft:
    assert isinstance(result, Draft), result
    return result


def work(site: Site, path: str) -> str:
    address = article_address(site, path)
    assert address is not None
    return address.work


def test_translations_that_differ_in_nothing_but_the_language_are_one_work(ohchr: Site) -> None:
    works = {work(ohchr, f"/{language}{RELEASE}") for language in ("en", "fr", "es", "ru", "ar", "zh")}
    assert works == {f"/*{RELEASE}"}
    assert work(ohchr, f"/en{RELEASE}-again") not in works
    assert work(ohchr, "/zh/2016/09/open-courts") == "/*/2016/09/open-courts"
    assert work(ohchr.at("http://mirror.example/un"), f"http://mirror.example/un/fr{RELEASE}/?x=1") == f"/*{RELEASE}"


@pytest.mark.parametrize("query", ["NewsID=12147&LangID=F", "LangID=e&NewsID=12147", "NewsID=12147"])
def test_an_old_release_is_one_work_whatever_its_letter(ohchr: Site, query: str) -> None:
    page = "newsevents/pages/displaynews.aspx"
    assert work(ohchr, f"/EN/NewsEvents/Pages/DisplayNews.aspx?{query}") == f"/*/{page}?newsid=12147"
    assert (
        work(ohchr, f"/SP/NewsEvents/Pages/DisplayNews.aspx?{query}".replace("/SP/", "/FR/"))
        == f"/*/{page}?newsid=12147"
    )


def test_a_site_without_languages_or_with_slugs_for_names_has_no_works(post: Site, cambodia: Site) -> None:
    assert work(post, "/national/dry-wells") == ""
    include = (re.compile("/(?:(?P<language>km)/)?news/(?P<slug>.+)"),)
    assert (
        work(cambodia.model_copy(update={"addresses": Addresses(include=include, identity="slug")}), "/km/news/x") == ""
    )
    optional = cambodia.model_copy(update={"addresses": Addresses(include=include)})
    assert (work(optional, "/km/news/x"), work(optional, "/news/x")) == ("/*/news/x", "/news/x")


def alternates(*addresses: tuple[str, str], rel: str = "alternate") -> str:
    return "".join(f"<link rel='{rel}' hreflang='{language}' href='{url}'>" for language, url in addresses)


def drafted(page: BuildPage, site: Site, html: str, head: str, path: str) -> Draft:
    return draft_of(process(page(html.replace("<title>", f"{head}<title>"), f"{site.home}{path}"), site))


def test_pages_that_name_each_other_as_translations_are_one_work_whichever_is_read(
    page: BuildPage, cambodia: Site, release: Html
) -> None:
    everywhere = [("en", "/en/news/visit-to-kep"), ("km", "/km/news/ដំណើរ"), ("x-default", "/en/news/other")]
    found = {
        drafted(page, cambodia, release(TEXT), alternates(*named), path).work
        for path in ("/en/news/visit-to-kep", "/km/news/%E1%9E%8A%E1%9F%86%E1%9E%8E%E1%9E%BE%E1%9E%9A")
        for named in (
            everywhere,
            list(reversed(everywhere)),
            [(lang, f"http://CAMBODIA.ohchr.org{to}") for lang, to in everywhere],
        )
    }
    assert len(found) == 1
    assert drafted(page, cambodia, release(TEXT), "", "/en/news/visit-to-kep").work == "/*/news/visit-to-kep"


@pytest.mark.parametrize(
    "named",
    [
        [("en", "/en/news/another-story"), ("km", "/km/news/a-first-story")],
        [("km", "/km"), ("fr", "https://other.example/fr/news/a")],
        [("km", "https://[::1"), ("km", "mailto:x@ohchr.org")],
    ],
)
def test_alternates_that_name_another_story_or_none_are_not_believed(
    page: BuildPage, cambodia: Site, release: Html, named: Sequence[tuple[str, str]]
) -> None:
    draft = drafted(page, cambodia, release(TEXT), alternates(*named), "/en/news/visit-to-kep")
    assert draft.work == "/*/news/visit-to-kep"
    styles = alternates(("km", "/km/news/a"), rel="stylesheet")
    assert drafted(page, cambodia, release(TEXT), styles, "/en/news/visit-to-kep").work == draft.work


def test_other_addresses_of_a_story_are_kept_and_those_of_others_are_not(
    page: BuildPage, post: Site, cms: Html
) -> None:
    head = (
        "<link rel='canonical' href='http://phnompenhpost.com/national-politics/dry-wells'>"
        "<meta property='og:url' content='https://m.phnompenhpost.com/national/dry-wells?utm_source=x'>"
        "<meta property='og:url' content='/business/rice-prices'>"
        "<link rel='shortlink' href='/node/4711'><link rel='shortlink' href='/'>"
        "<link rel='shortlink' href='https://other.example/node/7'>"
    )
    html = cms("<p>The well is dry.</p>").replace("<title>", f"{head}<title>")
    asked = f"{POST}/politics-0/dry-wells?fbclid=1#top"
    draft = draft_of(process(page(html, "/national/dry-wells", requested_url=asked), post))
    assert draft.url == f"{POST}/national-politics/dry-wells"
    assert draft.aliases == (
        f"{POST}/politics-0/dry-wells",
        f"{POST}/national/dry-wells",
        "http://phnompenhpost.com/national-politics/dry-wells",
        "https://m.phnompenhpost.com/national/dry-wells",
        f"{POST}/node/4711",
    )


def test_a_page_at_its_own_address_has_no_alias(page: BuildPage, post: Site, cms: Html) -> None:
    html = cms("<p>The well is dry.</p>")
    for placed, url in (
        (post, f"{POST}/national/dry-wells"),
        (post.at("http://127.0.0.1:8000"), "http://127.0.0.1:8000/national/dry-wells"),
    ):
        assert draft_of(process(page(html, url, requested_url=url + "?page=2"), placed)).aliases == ()


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("/national/wells-run-dry-in-kandal-province", ""),
        ("/business/kandal-wells", ""),
        ("/national/water-gone-in-the-south", "Water gone in the south"),
        ("/index.php/2012050155/National-news/wells-run-dry.html", ""),
    ],
)
def test_a_story_that_has_moved_is_read_where_it_is_and_its_old_address_is_kept(
    page: BuildPage, post: Site, cms: Html, asked: str, listed: str
) -> None:
    title = listed or "Wells run dry in Kandal"
    final = "/national/wells-run-dry-kandal"
    lead = Lead(post.name, POST + asked, asked, "section", title=listed)
    draft = draft_of(
        process(page(cms("<p>The well is dry.</p>", title=title), final, requested_url=POST + asked), post, lead)
    )
    assert (draft.key, draft.aliases) == ("wells-run-dry-kandal", (POST + asked,))


@pytest.mark.parametrize(
    "asked", ["/national/old-slug", "/national/rice-prices-in-kandal", "/index.php/2012/News/rice.html"]
)
@pytest.mark.parametrize("listed", ["", "Rice prices rise"])
def test_another_story_than_was_asked_for_is_not_read(
    page: BuildPage, post: Site, cms: Html, asked: str, listed: str
) -> None:
    final = f"{POST}/national/wells-run-dry-kandal"
    lead = Lead(post.name, POST + asked, asked, "section", title=listed)
    answer = page(cms("<p>The well is dry.</p>", title="Wells run dry in Kandal"), final, requested_url=POST + asked)
    assert process(answer, post, lead) == Skipped(Reason.SOFT_404, f"redirected to another story: {final}")


def test_an_old_number_that_lives_on_in_the_new_address_names_its_story(
    page: BuildPage, ohchr: Site, release: Html
) -> None:
    asked = f"{OHCHR}/EN/NewsEvents/Pages/DisplayNews.aspx?NewsID=12147&LangID=E"
    new = f"{OHCHR}/en{RELEASE}"
    moved = page(release(TEXT), f"{new}?LangID=E&NewsID=12147", requested_url=asked)
    draft = draft_of(process(moved, ohchr))
    assert (draft.url, draft.aliases) == (new, (asked, f"{new}?LangID=E&NewsID=12147"))
    lost = page(release(TEXT), new, requested_url=asked)
    assert process(lost, ohchr) == Skipped(Reason.SOFT_404, f"redirected to another story: {new}")


def test_documents_are_those_that_the_text_and_its_notes_link_to(page: BuildPage, ohchr: Site, release: Html) -> None:
    site = ohchr.model_copy(update={"documents": FILES})
    body = (
        "<p>Read <a href='/sites/default/files/report (final).pdf'>the report on courts</a> and"
        " <a href='https://other.example/x.pdf'>another's</a>"
        " and <a href='/sites/default/files/report%20(final).pdf#2'>it again</a>.</p>"
        f"{TEXT}<p><a href='http://docs.example/Handler?enc=Ab%2bC'>Letter of the ministry</a></p>"
        "<p><a href='/sites/default/files/cover.pdf'><img src='x.png'></a></p>"
        "<p>ENDS</p><p>See the <a href='https://ohchr.org/sites/default/files/annex.pdf'>annex</a>.</p>"
    )
    outside = "<footer><a href='/sites/default/files/annual.pdf'>Annual report</a></footer></body>"
    html = release(body).replace("</body>", outside)
    draft = draft_of(process(page(html, f"{OHCHR}/en{RELEASE}"), site))
    assert draft.documents == (
        Link(f"{OHCHR}/sites/default/files/report%20(final).pdf", "the report on courts"),
        Link("http://docs.example/Handler?enc=Ab%2bC", "Letter of the ministry"),
        Link(f"{OHCHR}/sites/default/files/cover.pdf"),
        Link(f"{OHCHR}/sites/default/files/annex.pdf", "annex"),
    )
    assert (
        draft_of(
            process(page(html, f"{OHCHR}/en{RELEASE}"), ohchr.model_copy(update={"documents": Documents()}))
        ).documents
        == ()
    )


def test_twenty_documents_of_a_text_are_enough(page: BuildPage, ohchr: Site, release: Html) -> None:
    links = "".join(
        f"<p>Annex <a href='/sites/a{number}.pdf'>number {number}</a> of the courts.</p>" for number in range(30)
    )
    site = ohchr.model_copy(update={"documents": FILES})
    assert len(draft_of(process(page(release(TEXT + links), f"{OHCHR}/en{RELEASE}"), site)).documents) == 20


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("wells-run-dry-in-kandal", "Wells run dry in Kandal", True),
        ("wells-run-dry-in-kandal", "Kandal’s wells have run dry: “we wait”", True),
        ("cambodia-s-report", "Cambodia’s report", True),
        ("experts-call-for-open-courts-and-for-all-that-a-slug-of-a-hundred", "Experts call for open courts", True),
        ("wells-run-dry-in-kandal", "Rice prices rise in Kandal", False),
        ("blood-money", "Money", True),
        ("blood-money", "Blood and water", False),
        ("déjà-vu", "Deja vu", True),
        ("12147", "12147", True),
        ("12147", "12148", False),
        ("2026-11-20-0830-1", "2026-11-20-0830-2", False),
        ("12147", "Wells run dry", False),
        ("", "", False),
        ("", "Wells", False),
    ],
)
def test_a_slug_and_a_headline_agree_by_the_words_that_they_share(one: str, other: str, same: bool) -> None:
    assert agree(one, other) == same
    assert agree(other, one) == same or not one


def test_a_slug_is_the_last_part_of_an_address_without_its_ending() -> None:
    assert slug_of("https://a.example/x/old-story.html?a=b") == "old-story"
    assert slug_of("https://a.example/x/d%C3%A9j%C3%A0-vu/") == "déjà-vu"
    assert slug_of("https://a.example/") == ""
    assert words_of("The well is dry in 2026") == {"well", "dry", "2026"}
    assert has_words("blood-money")
    assert not has_words("2026-11-20")


def test_a_number_of_four_figures_or_more_is_a_name() -> None:
    assert same_number("12147", "https://a.example/x?NewsID=12147")
    assert not same_number("12147", "https://a.example/x?NewsID=121470")
    assert not same_number("12", "https://a.example/x?page=12")
    assert not same_number("", "https://a.example/x")
