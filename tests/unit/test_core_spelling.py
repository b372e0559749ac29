"""One story under every spelling of its address."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.site import Addresses, Site
from core.spelling import host_of, path_of, query_of, without_listing, without_tracking
from core.urls import article_address, is_listing, rebased

CURLY = "/en/news/cambodia%E2%80%99s-report"
SHAREPOINT = "/EN/NewsEvents/Pages/DisplayNews.aspx"
HOME = "https://cambodia.ohchr.org"


def key_of(site: Site, url: str, page_url: str = "") -> str | None:
    address = article_address(site, url, page_url)
    return address.key if address else None


@pytest.mark.parametrize(
    "written",
    [
        "/en/news/cambodia’s-report",
        "/en/news/cambodia%e2%80%99s-report",
        "/%65n/n%65ws/cambodia%E2%80%99s%2Dreport",
        "/en/./news/cambodia’s-report",
        "/en/old/../news/cambodia’s-report",
        "/en/old/%2e%2e/news/cambodia’s-report",
        "/en//news///cambodia’s-report",
        "/en/news/cambodia’s-report/",
        "/en/news/cambodia’s-report;jsessionid=0A1B2C.node3",
        "/en/news;JSESSIONID=0A1B2C/cambodia’s-report?page=3",
        "/en/news/cambodia’s-report?page=3&items_per_page=60#main",
        "/en/news/cambodia’s-report?utm_source=x&fbclid=y&msclkid=z&gbraid=1",
    ],
)
@pytest.mark.parametrize(
    "host", ["https://cambodia.ohchr.org", "http://CAMBODIA.OHCHR.ORG:80", "//Cambodia.ohchr.org."]
)
def test_every_spelling_of_an_address_names_the_one_story(cambodia: Site, host: str, written: str) -> None:
    address = article_address(cambodia, host + written)
    assert address is not None
    assert address.key == CURLY
    assert address.url.rstrip("/") == HOME + CURLY


@pytest.mark.parametrize("absolute", ["https://cambodia.ohchr.org", ""])
def test_a_way_up_leads_no_further_than_the_root(cambodia: Site, absolute: str) -> None:
    assert key_of(cambodia, f"{absolute}/../../en/news/x") == "/en/news/x"
    assert rebased(cambodia.at("http://mirror.example/un"), "http://mirror.example/un/%2e%2e/private") is None


def test_a_path_that_means_something_else_when_decoded_stays_and_the_rest_of_it_does_not(cambodia: Site) -> None:
    assert key_of(cambodia, "/en/news/a%2fb’s 100%25") == "/en/news/a%2Fb%E2%80%99s%20100%25"
    assert key_of(cambodia, "/en/news/50% off") == "/en/news/50%25%20off"
    assert key_of(cambodia, "/en/news/caf%e9") == "/en/news/caf%E9"
    assert key_of(cambodia, "/en/news/a%2Fb") != key_of(cambodia, "/en/news/a/b")


@pytest.mark.parametrize("slug", ["dry-wells-", "-dry-wells", "dry-wells--", "Dry-Wells"])
def test_hyphens_and_capitals_of_a_slug_are_its_own(post: Site, slug: str) -> None:
    assert key_of(post, f"https://www.phnompenhpost.com/national/{slug}") == slug


def test_a_name_in_another_script_is_one_host_in_all_its_forms(cambodia: Site) -> None:
    site = cambodia.model_copy(update={"hosts": ("ខ្មែរ.example", "münchen.example")})
    for host in ("ខ្មែរ.example", "ខ្មែរ.example".encode("idna").decode(), "MÜNCHEN.example", "xn--mnchen-3ya.example."):
        assert key_of(site, f"https://{host}/en/news/x") == "/en/news/x"
    assert host_of("a" * 70 + "é.example") == "a" * 70 + "é.example"


@pytest.mark.parametrize(
    "written", ["https://mirror.example:443/post/national/x", "http://mirror.example/post/national/x"]
)
def test_the_usual_ports_of_a_mirror_are_one_place(post: Site, written: str) -> None:
    assert rebased(post.at("https://mirror.example/post"), written) == "https://mirror.example/post/national/x"


def test_a_mirror_in_a_folder_keeps_links_that_start_at_the_root_inside_it(post: Site) -> None:
    placed = post.at("http://mirror.example/post")
    inside = "http://mirror.example/post/national/x"
    for page_url in ("", "http://mirror.example/post/national", "https://www.phnompenhpost.com/national", "file:///x"):
        assert rebased(placed, "/national/x", page_url) == inside
        assert rebased(placed, "/post/national/x", "http://mirror.example/post/national") == inside
    assert rebased(placed, "//other.example/national/x", inside) is None
    assert rebased(placed, "http://mirror.example/national/x", inside) is None


def test_a_live_site_in_a_folder_does_not_own_the_root(post: Site) -> None:
    live = post.model_copy(update={"home": "https://uni.example/post", "base": "https://uni.example/post", "hosts": ()})
    assert rebased(live, "/national/x", "https://uni.example/post/") is None


@pytest.mark.parametrize(
    "query",
    [
        "LangID=E&NewsID=12147",
        "newsid=12147&langid=e",
        "NewsID=12147&amp;LangID=E",
        "NewsID=12147&LangID=E&page=3&items_per_page=60",
        "NewsID=12147&LangID=E&_ga=2.1&utm_medium=x&PHPSESSID=7",
    ],
)
def test_one_release_of_the_old_site_has_one_key(ohchr: Site, query: str) -> None:
    address = article_address(ohchr, f"{SHAREPOINT}?{query}")
    assert address is not None
    assert address.key == f"{SHAREPOINT}?langid=e&newsid=12147".casefold()


@pytest.mark.parametrize(("letter", "language"), [*zip("EFSRAC", ("en", "fr", "es", "ru", "ar", "zh"), strict=True)])
def test_the_letter_of_an_old_address_says_the_language_before_its_folder(
    ohchr: Site, letter: str, language: str
) -> None:
    for written in (letter, letter.lower()):
        address = article_address(ohchr, f"{SHAREPOINT}?NewsID=12147&LangID={written}")
        assert address is not None
        assert address.language == language
    for query in ("NewsID=12147", "NewsID=12147&LangID=", "NewsID=12147&LangID=X"):
        plain = article_address(ohchr, f"{SHAREPOINT}?{query}")
        assert plain is not None
        assert plain.language == "en"


def test_a_number_that_a_pattern_asks_for_is_not_taken_for_that_of_a_listing(cambodia: Site) -> None:
    asked = Addresses(include=(re.compile(r"/index\.php\?page=(?P<slug>\d+)"),))
    site = cambodia.model_copy(update={"addresses": asked})
    assert key_of(site, "/index.php?page=7") == "/index.php?page=7"


def test_a_pattern_may_ask_for_the_slash_at_the_end(cambodia: Site) -> None:
    for pattern in ("/(?P<slug>[a-z]+)/", "/(?P<slug>[a-z]+)"):
        site = cambodia.model_copy(update={"addresses": Addresses(include=(re.compile(pattern),))})
        assert key_of(site, "/wells/") == "/wells"


@pytest.mark.parametrize(
    "path", ["/en/latest", "/en/latest?page=4", "/en/press-releases/", "/en/rss.xml", "/EN/../en/latest"]
)
def test_a_listing_is_known_on_all_its_pages(ohchr: Site, path: str) -> None:
    assert is_listing(ohchr, path)
    assert is_listing(ohchr.at("http://127.0.0.1:8000"), f"https://www.ohchr.org{path}")


@pytest.mark.parametrize(
    "path", ["/en/latest/x", "/en/press-releases/2026/11/x", "/", "https://other.example/en/latest"]
)
def test_what_is_no_listing_is_not_taken_for_one(ohchr: Site, path: str) -> None:
    assert not is_listing(ohchr, path)


def test_the_address_of_a_listing_names_no_article_whatever_the_patterns_say(post: Site) -> None:
    (section, *_) = (way for way in post.discovery if way.via == "section")
    folders = section.model_copy(update={"url": "/{section}/{page}", "sections": ("news/all", "ព័ត៌មាន")})
    site = post.model_copy(update={"discovery": (folders,), "addresses": Addresses(include=(re.compile("/.+"),))})
    for path in (
        "/news/all/3",
        "/%E1%9E%96%E1%9F%90%E1%9E%8F%E1%9F%8C%E1%9E%98%E1%9E%B6%E1%9E%93/12/",
        "/news/all/3?page=1",
    ):
        assert key_of(site, path) is None
    assert key_of(site, "/news/all/wells") == "/news/all/wells"
    named_by_query = Addresses(include=(re.compile(r"/news/all/3\?id=\d+"),))
    assert key_of(site.model_copy(update={"addresses": named_by_query}), "/news/all/3?id=7") == "/news/all/3?id=7"


@given(st.text(max_size=40))
@example("/a/%")
@example("/a/../..")
@example("/\ud800/;sid=")
def test_what_was_spelled_once_is_spelled_the_same_again(text: str) -> None:
    path, query = path_of("/" + text), query_of(text)
    assert path_of(path) == path
    assert query_of(query) == query
    assert path.startswith("/")
    assert path.isascii()
    assert query.isascii()


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/;%"), min_size=3, max_size=12))
def test_composed_and_decomposed_spellings_are_one(text: str) -> None:
    forms = {path_of("/x" + unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert len(forms) == 1


def test_marks_are_taken_by_name_and_nothing_else_is() -> None:
    marks = "utm_id=1&FBCLID=2&gclsrc=3&mkt_tok=4&_hsenc=5&igsh=6&jsessionid=7"
    assert without_tracking(f"{marks}&id=1&amp;lang=km") == "id=1&lang=km"
    assert without_listing("page=1&items_per_page=10&sort_by=x&paged=2&id=3") == "paged=2&id=3"
