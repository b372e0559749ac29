import unicodedata
from urllib.parse import urljoin

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.site import Site
from core.spelling import without_tracking
from core.urls import absolute, article_address, is_private, rebased, split

HOSTS = ("www.phnompenhpost.com", "phnompenhpost.com", "m.phnompenhpost.com", "mail.phnompenhpost.com")
RELEASE = "/en/press-releases/2026/11/experts-call-for-open-courts"
SHAREPOINT = "/EN/NewsEvents/Pages/DisplayNews.aspx"


def key_of(site: Site, url: str, page_url: str = "") -> str | None:
    address = article_address(site, url, page_url)
    return address.key if address else None


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
def test_the_four_hosts_of_the_post_name_one_story_that_is_fetched_at_home(post: Site, scheme: str, host: str) -> None:
    address = article_address(post, f"{scheme}://{host}/national/dry-wells")
    assert address is not None
    assert (address.url, address.key) == ("https://www.phnompenhpost.com/national/dry-wells", "dry-wells")


@pytest.mark.parametrize("section", ["national", "national-politics", "politics-0", "7days"])
def test_a_story_of_the_post_is_the_same_in_each_section(post: Site, section: str) -> None:
    address = article_address(post, f"https://www.phnompenhpost.com/{section}/dry-wells")
    assert address is not None
    assert (address.key, address.section) == ("dry-wells", section)


@pytest.mark.parametrize(
    "tail", ["?utm_source=site&utm_medium=x", "?fbclid=1", "#comments", "?page=2#top", "?", " ", "\n"]
)
def test_marks_behind_an_address_name_no_other_story(post: Site, tail: str) -> None:
    address = article_address(post, f"https://www.phnompenhpost.com/national/dry-wells{tail}")
    assert address is not None
    assert (address.url, address.key) == ("https://www.phnompenhpost.com/national/dry-wells", "dry-wells")


def test_a_hyphen_at_the_end_of_a_slug_stays(post: Site) -> None:
    address = article_address(post, "/national/who-owns-the-shore-")
    assert address is not None
    assert address.key == "who-owns-the-shore-"
    assert address.url.endswith("/who-owns-the-shore-")
    assert key_of(post, "/national/who-owns-the-shore") != address.key


@pytest.mark.parametrize(
    "written",
    [
        "/en/news/cambodia’s-report",
        "/en/news/cambodia%E2%80%99s-report",
        "/en/news/cambodia%e2%80%99s-report",
        "//cambodia.ohchr.org/en/news/cambodia’s-report",
        "/en//news/cambodia’s-report",
    ],
)
def test_one_address_in_any_percent_encoding_is_one_story(cambodia: Site, written: str) -> None:
    address = article_address(cambodia, written)
    assert address is not None
    assert address.key == "/en/news/cambodia%E2%80%99s-report"
    assert address.url == "https://cambodia.ohchr.org/en/news/cambodia%E2%80%99s-report"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_composed_and_decomposed_letters_are_one_address(cambodia: Site, form: str) -> None:
    written = unicodedata.normalize("NFC" if form == "NFC" else "NFD", "/en/news/déjà-vu")
    assert key_of(cambodia, written) == "/en/news/d%C3%A9j%C3%A0-vu"


@pytest.mark.parametrize("path", ["/en/news/a%2Fb", "/en/news/100%25-sure", "/en/news/caf%E9"])
def test_what_decoding_would_change_stays_encoded(cambodia: Site, path: str) -> None:
    assert key_of(cambodia, path) == path


@pytest.mark.parametrize("query", ["?LangID=E&NewsID=12147", "?sub-site=HRC", "?page=3&items_per_page=60"])
def test_no_query_names_another_release(ohchr: Site, query: str) -> None:
    address = article_address(ohchr, RELEASE + query)
    assert address is not None
    assert (address.url, address.key) == (f"https://www.ohchr.org{RELEASE}", RELEASE)
    assert (address.language, address.section) == ("en", "press-releases")


def test_a_link_that_inherits_the_query_of_its_listing_names_the_item_alone(cambodia: Site) -> None:
    listing = "https://cambodia.ohchr.org/en/news?page=4&items_per_page=60"
    address = article_address(cambodia, "/en/news/prison-officers?page=4&items_per_page=60", listing)
    assert address is not None
    assert (address.url, address.key) == (
        "https://cambodia.ohchr.org/en/news/prison-officers",
        "/en/news/prison-officers",
    )


def test_a_sharepoint_release_is_named_by_its_query(ohchr: Site) -> None:
    address = article_address(ohchr, f"{SHAREPOINT}?NewsID=12147&LangID=E")
    assert address is not None
    assert address.url == f"https://www.ohchr.org{SHAREPOINT}?NewsID=12147&LangID=E"
    other = article_address(ohchr, f"{SHAREPOINT}?NewsID=12148&LangID=E")
    french = article_address(ohchr, f"{SHAREPOINT}?NewsID=12147&LangID=F")
    assert other is not None
    assert french is not None
    assert len({address.key, other.key, french.key}) == 3
    assert article_address(ohchr, SHAREPOINT) is None


def test_tracking_marks_name_no_other_sharepoint_release(ohchr: Site) -> None:
    plain = article_address(ohchr, f"{SHAREPOINT}?NewsID=12147&LangID=E")
    assert article_address(ohchr, f"{SHAREPOINT}?NewsID=12147&LangID=E&utm_source=mail") == plain


def test_a_migrated_item_without_a_type_in_its_path_is_an_article(ohchr: Site) -> None:
    address = article_address(ohchr, "/zh/2016/09/experts-call-for-open-courts")
    assert address is not None
    assert (address.language, address.section) == ("zh", "")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/national",
        "/sites/default",
        "/search/node",
        "/user/login",
        "/taxonomy/term",
        "/video/dredging",
        "/gallery/boats",
        "/job/clerk",
        "/pdf-edition/may",
        "/national/phnom-penh-post-pe-2014",
        "/national/post-khmer-pk-2014",
        "/national/a/b",
        "/index.php/2012050155/National-news/old-story.html",
        "/image/main/202611/20_11_2026_x.jpg",
        "/national/report.pdf",
    ],
)
def test_what_is_no_article_of_the_post_has_no_key(post: Site, path: str) -> None:
    assert article_address(post, path) is None


def test_a_section_that_begins_like_an_excluded_one_is_not_excluded(post: Site) -> None:
    assert key_of(post, "/jobless/dry-wells") == "dry-wells"
    assert key_of(post, "/national/pdf-edition") == "pdf-edition"


@pytest.mark.parametrize(
    "url",
    [
        "mailto:desk@phnompenhpost.com",
        "javascript:void(0)",
        "tel:+85523000000",
        "data:text/html,x",
        "ftp://www.phnompenhpost.com/national/dry-wells",
        "https://[::1",
        "https://\u2100.example/national/dry-wells",
        "http://www.phnompenhpost.com:port/national/dry-wells",
        "http://www.phnompenhpost.com:0/national/dry-wells",
        "https://other.example/national/dry-wells",
        "https://www.phnompenhpost.com.other.example/national/dry-wells",
        "https://www.phnompenhpost.com@other.example/national/dry-wells",
        "https://www.phnompenhpost.com:8443/national/dry-wells",
        "https://www.postkhmer.com/national/dry-wells",
    ],
)
def test_an_address_that_is_not_of_the_site_is_never_fetched(post: Site, url: str) -> None:
    assert rebased(post, url) is None
    assert article_address(post, url) is None


@pytest.mark.parametrize("url", ["", "#top", "?page=2"])
def test_a_link_to_the_page_itself_is_the_page(post: Site, url: str) -> None:
    here = "https://www.phnompenhpost.com/national/dry-wells"
    assert key_of(post, url, here) == "dry-wells"


@pytest.mark.parametrize(
    ("url", "usable"),
    [("https://a.example/x", True), (" http://a.example ", True), ("//a.example/x", False), ("x", False)],
)
def test_only_an_absolute_web_address_is_split(url: str, usable: bool) -> None:
    assert (split(url) is not None) == usable


def test_passwords_and_ports_of_a_link_go_to_nobody(post: Site) -> None:
    assert rebased(post, "https://me:secret@m.phnompenhpost.com:443/national/x?a=b#c") == (
        "https://www.phnompenhpost.com/national/x?a=b"
    )


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://127.0.0.1:8000/", "http://mirror.example/post"])
@pytest.mark.parametrize("host", HOSTS)
def test_a_stand_in_that_repeats_the_live_links_stays_inside_itself(post: Site, base: str, host: str) -> None:
    placed = post.at(base)
    address = article_address(placed, f"https://{host}/national/dry-wells?utm_source=x")
    assert address is not None
    assert (address.url, address.key) == (f"{base.rstrip('/')}/national/dry-wells", "dry-wells")
    assert article_address(placed, address.url) == address


def test_a_base_with_a_path_holds_what_is_below_it_and_nothing_beside(post: Site) -> None:
    placed = post.at("http://mirror.example/post")
    assert rebased(placed, "national/x", "http://mirror.example/post/") == "http://mirror.example/post/national/x"
    assert rebased(placed, "http://mirror.example/post") == "http://mirror.example/post/"
    assert rebased(placed, "http://mirror.example/postkhmer/national/x") is None
    assert rebased(placed, "http://mirror.example/other/national/x") is None
    assert rebased(placed, "http://mirror.example:81/post/national/x") is None


def test_a_relative_link_starts_at_its_page_and_without_one_at_the_base(post: Site) -> None:
    page = "https://www.phnompenhpost.com/national/dry-wells"
    assert key_of(post, "who-owns-the-shore-", page) == "who-owns-the-shore-"
    assert key_of(post, "../business/rice", page) == "rice"
    assert key_of(post, "national/dry-wells") == "dry-wells"


@given(st.text(max_size=60))
@example("http://[")
@example("https://www.phnompenhpost.com/national/%")
@example("https://www.phnompenhpost.com/national/\ud800")
@example("//\u2100.example/")
def test_no_link_however_odd_raises(post: Site, url: str) -> None:
    address = article_address(post, url)
    assert address is None or address.url.startswith("https://www.phnompenhpost.com/")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/?#%\\"), min_size=1, max_size=20))
def test_an_address_means_the_same_when_it_is_read_again(cambodia: Site, slug: str) -> None:
    address = article_address(cambodia, f"https://cambodia.ohchr.org/en/news/x{slug}x")
    assert address is not None
    assert article_address(cambodia, address.url) == address


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "db.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[::1]",
        "::",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
    ],
)
def test_an_address_of_a_private_network_is_private(host: str) -> None:
    assert is_private(host)


@pytest.mark.parametrize(
    "host", ["www.ohchr.org", "8.8.8.8", "[2606:4700::1111]", "localhost.example", "10.example", ""]
)
def test_a_public_address_or_name_is_not_private(host: str) -> None:
    assert not is_private(host)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("utm_source=a&NewsID=5&UTM_Medium=b&LangID=E", "NewsID=5&LangID=E"),
        ("fbclid=1&gclid=2&igshid=3&mc_cid=4&mc_eid=5", ""),
        ("a&&b=", "a&b="),
        ("utm=1&xutm_source=2", "utm=1&xutm_source=2"),
        ("", ""),
    ],
)
def test_only_tracking_marks_are_taken_from_a_query(query: str, left: str) -> None:
    assert without_tracking(query) == left


@pytest.mark.parametrize("page_url", ["https://a.org/b/c?d#e", "HTTP://A.org:8080", "/b/c", "file:///b/c", ""])
@pytest.mark.parametrize(
    "url",
    [
        *("https://b.org", "https://b.org/x/../y?z=1", "http://b.org:80/x;y", "https://b.org/x?", "HTTPS://b.org/x"),
        *("/", "/x/y.html?z=/../w", "/x/../y", "/x//y", "/.x/./y", "//b.org/x", "/x;", "x/y", "?z", "#z", " /x "),
    ],
)
def test_a_link_is_joined_as_the_standard_library_does(url: str, page_url: str) -> None:
    assert absolute(url, page_url) == urljoin(page_url, url.strip())


@pytest.mark.timeout(10)
def test_a_link_is_joined_soon_however_long_it_is() -> None:
    link = "/" + "x" * 100_000 + ";"
    assert absolute(link, "https://a.org/") == "https://a.org" + link[:-1]
