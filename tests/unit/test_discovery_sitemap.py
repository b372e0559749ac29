import gzip
import zlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Reason, Skipped
from core.site import Site, Sitemap
from crawler.discovery.listing import Listing
from crawler.discovery.sitemap import read_sitemap

MAP = "https://www.phnompenhpost.com/sitemap-news.xml"
NAMESPACE = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"


def urlset(*urls: str) -> bytes:
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {NAMESPACE}>{''.join(urls)}</urlset>".encode()


def url(path: str, lastmod: str = "", more: str = "") -> str:
    when = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    return f"<url><loc>https://www.phnompenhpost.com{path}</loc>{when}{more}</url>"


def index(*addresses: str) -> bytes:
    entries = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in addresses)
    return f"<sitemapindex {NAMESPACE}>{entries}</sitemapindex>".encode()


@pytest.fixture(scope="session")
def setting(post: Site) -> Sitemap:
    return next(found for found in post.discovery if isinstance(found, Sitemap))


@pytest.fixture
def of_most(setting: Sitemap) -> Sitemap:
    return setting.model_copy(update={"most": 2})


def listing(body: bytes, site: Site, setting: Sitemap, since: datetime | None = None) -> Listing:
    found = read_sitemap(body, MAP, site, setting, since)
    assert isinstance(found, Listing)
    return found


def reason(body: bytes, site: Site, setting: Sitemap) -> Reason:
    found = read_sitemap(body, MAP, site, setting)
    assert isinstance(found, Skipped)
    return found.reason


def keys(found: Listing) -> list[str]:
    return [lead.key for lead in found.leads]


def test_an_index_is_followed_but_not_to_mobile_pages_and_the_paper_edition(post: Site, setting: Sitemap) -> None:
    home = "https://www.phnompenhpost.com"
    found = listing(
        index(
            f"{home}/sitemap-news.xml",
            "https://m.phnompenhpost.com/sitemap-1.xml",
            f"{home}/sitemap-mobile.xml",
            f"{home}/sitemap-epaper.xml",
            f"{home}/sitemap-e-paper.xml",
            f"{home}/pdf-sitemap.xml",
            f"{home}/sitemap-job.xml",
            f"{home}/sitemap-gallery.xml",
            f"{home}/sitemap-video.xml",
            "https://other.example/sitemap.xml",
            "http://phnompenhpost.com/sitemap-news.xml",
            f"  {home}/sitemap-2014.xml\n",
            "https://[::1",
        ),
        post,
        setting,
    )
    assert found.follow == (f"{home}/sitemap-news.xml", f"{home}/sitemap-2014.xml")
    assert found.leads == ()


def test_an_index_read_at_a_stand_in_is_followed_there(post: Site, setting: Sitemap) -> None:
    placed = post.at("http://127.0.0.1:8000")
    found = listing(index("https://www.phnompenhpost.com/sitemap-news.xml"), placed, setting)
    assert found.follow == ("http://127.0.0.1:8000/sitemap-news.xml",)


def test_the_stories_of_a_sitemap_come_newest_first_and_those_without_a_time_last(post: Site, setting: Sitemap) -> None:
    found = listing(
        urlset(
            url("/national/never"),
            url("/national/old", "2026-02-01"),
            url("/national/new", "2026-02-27T08:40:00+07:00"),
            url("/national/newest", "2026-02-27T01:41:00Z"),
        ),
        post,
        setting,
    )
    assert keys(found) == ["newest", "new", "old", "never"]
    assert found.leads[1].modified == datetime(2026, 2, 27, 1, 40, tzinfo=UTC)
    assert (found.leads[0].via, found.leads[0].listing) == ("sitemap", MAP)


def test_mobile_addresses_name_the_same_stories_and_other_addresses_none(post: Site, setting: Sitemap) -> None:
    body = urlset(
        url("/national/a"),
        "<url><loc>http://m.phnompenhpost.com/national/a</loc></url>",
        url("/video/b"),
        url("/national/phnom-penh-post-pe-2014"),
        url("/national"),
        "<url><lastmod>2026-02-01</lastmod></url>",
        "<url><loc></loc></url>",
        "<url><loc>https://[::1</loc></url>",
    )
    assert keys(listing(body, post, setting)) == ["a"]


@pytest.mark.parametrize(
    ("lastmod", "expected"),
    [
        ("2026-02-27", datetime(2026, 2, 27, tzinfo=UTC)),
        ("2026-02-27T08:40Z", datetime(2026, 2, 27, 8, 40, tzinfo=UTC)),
        ("2026-02-27T08:40+07:00", datetime(2026, 2, 27, 1, 40, tzinfo=UTC)),
        ("2026-02-27T08:40:30+07:00", datetime(2026, 2, 27, 1, 40, 30, tzinfo=UTC)),
        (
            "2026-02-27T08:40:30.45-05:00",
            datetime(2026, 2, 27, 8, 40, 30, 450000, tzinfo=timezone(timedelta(hours=-5))),
        ),
        ("2026-02-27T08:40:30", datetime(2026, 2, 27, 8, 40, 30, tzinfo=UTC)),
        ("\n 2026-02-27\t", datetime(2026, 2, 27, tzinfo=UTC)),
        ("2026-02-30", None),
        ("27 February 2026", None),
        ("2026", None),
        ("lately", None),
    ],
)
def test_each_form_of_a_modification_time_is_read(
    post: Site, setting: Sitemap, lastmod: str, expected: datetime | None
) -> None:
    (lead,) = listing(urlset(url("/national/a", lastmod)), post, setting).leads
    assert lead.modified == expected


def test_only_the_newest_so_many_are_taken_and_the_rest_is_not_said_to_be_gone(post: Site, of_most: Sitemap) -> None:
    three = urlset(*(url(f"/national/{n}", f"2026-02-0{n}") for n in (1, 2, 3)))
    found = listing(three, post, of_most)
    assert (keys(found), found.complete) == (["3", "2"], False)
    two = listing(urlset(url("/national/1"), url("/national/2"), url("/video/3")), post, of_most)
    assert (keys(two), two.complete) == (["1", "2"], True)


def test_since_takes_all_that_changed_since_however_many_and_all_that_name_no_time(
    post: Site, of_most: Sitemap
) -> None:
    body = urlset(
        url("/national/before", "2026-02-01"),
        url("/national/then", "2026-02-02"),
        url("/national/after", "2026-02-03"),
        url("/national/later", "2026-02-04"),
        url("/national/never"),
    )
    found = listing(body, post, of_most, datetime(2026, 2, 2, tzinfo=UTC))
    assert (keys(found), found.complete) == (["later", "after", "then", "never"], False)


def test_a_packed_sitemap_is_unpacked(post: Site, setting: Sitemap) -> None:
    assert keys(listing(gzip.compress(urlset(url("/national/a"))), post, setting)) == ["a"]


def test_a_packed_sitemap_that_breaks_off_gives_what_came(post: Site, setting: Sitemap) -> None:
    body = urlset(*(url(f"/national/story-{n}-{zlib.crc32(str(n).encode())}") for n in range(2000)))
    packed = gzip.compress(body)
    found = listing(packed[: len(packed) // 2], post, setting)
    assert 100 < len(found.leads) < 2000
    assert (found.complete, found.remark) == (False, "breaks off")


def test_a_bomb_is_not_unpacked(post: Site, setting: Sitemap) -> None:
    packer = zlib.compressobj(9, wbits=31)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(60)) + packer.flush()
    assert len(packed) < 100_000
    assert reason(packed, post, setting) is Reason.TOO_LARGE


def test_what_only_looks_packed_is_empty(post: Site, setting: Sitemap) -> None:
    assert reason(b"\x1f\x8bnonsense", post, setting) is Reason.EMPTY


def test_a_sitemap_that_breaks_off_gives_what_stands_before_the_break(post: Site, setting: Sitemap) -> None:
    body = urlset(url("/national/a"), url("/national/b"), url("/national/c"))
    found = listing(body[: body.index(b"/national/c")], post, setting)
    assert keys(found)[:2] == ["a", "b"]
    assert (found.complete, found.remark) == (False, "breaks off")


def test_an_index_that_breaks_off_is_remarked_too(post: Site, setting: Sitemap) -> None:
    body = index("https://www.phnompenhpost.com/sitemap-news.xml")
    assert listing(body[:-10], post, setting).remark == "breaks off"


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE urlset [<!ENTITY a 'x'>]><urlset><url><loc>&a;</loc></url></urlset>",
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE urlset [<!ENTITY a 'x'>]><urlset/>".encode("utf-16"),
        b"<!DOCTYPE urlset [<!entity % a SYSTEM 'file:///etc/passwd'>%a;]><urlset/>",
    ],
)
def test_a_sitemap_that_declares_entities_is_refused_unread(post: Site, setting: Sitemap, body: bytes) -> None:
    assert reason(body, post, setting) is Reason.BROKEN_XML
    assert reason(gzip.compress(body), post, setting) is Reason.BROKEN_XML


@pytest.mark.parametrize("body", [b"", b"  \n"])
def test_nothing_is_empty(post: Site, setting: Sitemap, body: bytes) -> None:
    assert reason(body, post, setting) is Reason.EMPTY


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE html><html><body><p>Front page</p></body></html>", b"<rss/>", b"Forbidden", b"{}", b"\xff\xfe\xfa"],
)
def test_what_stands_in_place_of_a_sitemap_is_none(post: Site, setting: Sitemap, body: bytes) -> None:
    assert reason(body, post, setting) is Reason.NOT_A_FEED


def test_comments_instructions_and_pictures_among_the_entries_are_passed_over(post: Site, setting: Sitemap) -> None:
    more = (
        "<?note x?><image:image xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>"
        "<image:loc>https://www.phnompenhpost.com/national/picture</image:loc></image:image>"
    )
    body = urlset("<!-- first -->", "<?note y?>", url("/national/a", "2026-02-01", more))
    body = body.replace(b"<url>", b"<url><?note z?><!-- second -->")
    assert keys(listing(body, post, setting)) == ["a"]


def test_a_sitemap_without_its_namespace_is_read(post: Site, setting: Sitemap) -> None:
    body = urlset(url("/national/a")).replace(NAMESPACE.encode(), b"")
    assert keys(listing(body, post, setting)) == ["a"]


@given(st.binary(max_size=200))
def test_no_bytes_raise(post: Site, setting: Sitemap, body: bytes) -> None:
    for wrapped in (body, b"<urlset><url><loc>" + body + b"</loc></url></urlset>", b"\x1f\x8b" + body):
        assert isinstance(read_sitemap(wrapped, MAP, post, setting), Listing | Skipped)
