from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Reason, Skipped
from core.site import Site
from crawler.discovery.feed import read_feed
from crawler.discovery.listing import Listing

FEED = "https://www.phnompenhpost.com/rss.xml"


def rss(*items: str) -> bytes:
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>Post</title>"
        f"<link>https://www.phnompenhpost.com</link><description>x</description>{''.join(items)}</channel></rss>"
    ).encode()


def item(link: str, title: str = "Wells run dry", more: str = "") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def listing(body: bytes, site: Site) -> Listing:
    found = read_feed(body, FEED, site)
    assert isinstance(found, Listing)
    return found


def reason(body: bytes, site: Site) -> Reason:
    found = read_feed(body, FEED, site)
    assert isinstance(found, Skipped)
    return found.reason


def test_an_rss_feed_gives_each_story_with_what_it_says_of_it(post: Site) -> None:
    more = "<description>&lt;p&gt;Women &lt;b&gt;walk&lt;/b&gt; for\n water.&lt;/p&gt;</description>"
    more += "<pubDate>Fri, 27 Feb 2026 08:40:00 +0700</pubDate>"
    (lead,) = listing(rss(item("http://m.phnompenhpost.com/national/dry-wells?utm_source=rss", more=more)), post).leads
    assert (lead.url, lead.key) == ("https://www.phnompenhpost.com/national/dry-wells", "dry-wells")
    assert (lead.title, lead.summary) == ("Wells run dry", "Women walk for water.")
    assert (lead.published, lead.modified) == (datetime(2026, 2, 27, 1, 40, tzinfo=UTC), None)
    assert (lead.source, lead.via, lead.listing) == ("phnom-penh-post", "feed", FEED)


def test_an_atom_feed_gives_both_its_dates(post: Site) -> None:
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Post</title><entry><title>Wells run dry</title>"
        "<link rel='alternate' href='/national/dry-wells'/><summary>Women walk.</summary>"
        "<published>2026-02-27T08:40:00+07:00</published><updated>2026-02-28T00:00:00Z</updated></entry></feed>"
    )
    (lead,) = listing(atom.encode(), post).leads
    assert lead.url == "https://www.phnompenhpost.com/national/dry-wells"
    assert lead.published == datetime(2026, 2, 27, 1, 40, tzinfo=UTC)
    assert lead.modified == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    "date", ["", "lately", "Fri, 31 Feb 2026 08:40:00 GMT", "0000-00-00", "Fri, 27 Feb 99999 08:40:00 GMT"]
)
def test_a_date_that_is_none_is_none(post: Site, date: str) -> None:
    (lead,) = listing(rss(item("/national/dry-wells", more=f"<pubDate>{date}</pubDate>")), post).leads
    assert lead.published is None


def test_a_story_that_stands_twice_is_one_lead_in_the_place_of_the_first(post: Site) -> None:
    found = listing(
        rss(
            item("https://phnompenhpost.com/national/dry-wells", "First"),
            item("/business/rice"),
            item("https://m.phnompenhpost.com/politics-0/dry-wells", "Second", "<description>Late</description>"),
        ),
        post,
    )
    assert [(lead.key, lead.title) for lead in found.leads] == [("dry-wells", "First"), ("rice", "Wells run dry")]
    assert found.leads[0].summary == "Late"


@pytest.mark.parametrize(
    "link",
    ["", "https://other.example/national/x", "mailto:a@b.example", "javascript:x()", "/video/x", "https://[::1", "/"],
)
def test_what_is_no_article_of_the_site_is_no_lead_and_spoils_no_other(post: Site, link: str) -> None:
    found = listing(rss(item(link), item("/national/dry-wells")), post)
    assert [lead.key for lead in found.leads] == ["dry-wells"]


def test_an_entry_without_title_or_summary_is_a_lead_all_the_same(post: Site) -> None:
    (lead,) = listing(rss("<item><link>/national/dry-wells</link></item>"), post).leads
    assert (lead.title, lead.summary) == ("", "")


def test_a_feed_without_entries_is_an_empty_listing_and_no_error(post: Site) -> None:
    assert listing(rss(), post) == Listing(())


def test_a_feed_never_says_that_what_it_leaves_out_is_gone(post: Site) -> None:
    assert not listing(rss(item("/national/dry-wells")), post).complete


def test_a_feed_that_breaks_off_gives_what_stands_before_the_break(post: Site) -> None:
    whole = rss(item("/national/dry-wells"), item("/business/rice"), item("/sport/final"))
    found = listing(whole[: whole.index(b"/sport")], post)
    assert [lead.key for lead in found.leads][:2] == ["dry-wells", "rice"]
    assert found.remark == "breaks off"
    assert listing(whole, post).remark == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_a_feed_is_read_in_the_encoding_that_it_declares(post: Site, encoding: str) -> None:
    declared = rss(item("/national/dry-wells", "Señor Müller’s well")).decode()
    body = declared.replace("utf-8", encoding.removesuffix("-sig")).encode(encoding)
    assert [lead.title for lead in listing(body, post).leads] == ["Señor Müller’s well"]


@pytest.mark.parametrize("body", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_nothing_is_empty(post: Site, body: bytes) -> None:
    assert reason(body, post) is Reason.EMPTY


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE html><html><body><a href='/national/dry-wells'>Wells</a></body></html>",
        b"\xef\xbb\xbf\n <HTML><head><title>403</title></head></html>",
        b"<?xml version='1.0'?><urlset><url><loc>https://www.phnompenhpost.com/national/x</loc></url></urlset>",
        b'{"items": []}',
        b"Forbidden",
        b"%PDF-1.7",
        bytes(range(256)),
    ],
)
def test_what_stands_in_place_of_a_feed_is_not_one(post: Site, body: bytes) -> None:
    assert reason(body, post) in {Reason.NOT_A_FEED, Reason.BROKEN_XML}


def bomb(encoding: str) -> bytes:
    entities = "<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 11))
    feed = f"<?xml version='1.0' encoding='{encoding}'?><!DOCTYPE rss [{entities}]>"
    feed += f"<rss version='2.0'><channel><title>&a10;</title>{item('/national/dry-wells', '&a10;')}</channel></rss>"
    return feed.encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_a_feed_that_declares_entities_is_refused_unread(post: Site, encoding: str) -> None:
    assert reason(bomb(encoding), post) is Reason.BROKEN_XML


@given(st.binary(max_size=300))
def test_no_bytes_raise(post: Site, body: bytes) -> None:
    for wrapped in (body, b"<rss version='2.0'><channel><item><link>" + body + b"</link></item></channel></rss>"):
        assert isinstance(read_feed(wrapped, FEED, post), Listing | Skipped)
