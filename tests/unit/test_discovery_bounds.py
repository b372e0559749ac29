"""Listings made to cost: little to send, and minutes or gigabytes to read."""

import gzip
from collections.abc import Callable
from time import process_time

import pytest

from core.model import Page, Reason, Skipped
from core.site import Section, Site, Sitemap
from crawler.discovery.feed import read_feed
from crawler.discovery.listing import Listing
from crawler.discovery.section import read_section
from crawler.discovery.sitemap import read_sitemap

BuildPage = Callable[..., Page]
MAP = "https://www.phnompenhpost.com/sitemap-news.xml"


@pytest.fixture(scope="module")
def setting(post: Site) -> Sitemap:
    return next(found for found in post.discovery if isinstance(found, Sitemap))


def refused(found: Listing | Skipped) -> Reason | None:
    return found.reason if isinstance(found, Skipped) else None


@pytest.mark.parametrize("filling", [b"<url a='' b='' c=''/>", b"<url>", b"<a/>"])
def test_a_sitemap_that_unpacks_to_millions_of_tags_is_refused_unread(
    post: Site, setting: Sitemap, filling: bytes
) -> None:
    body = gzip.compress(b"<urlset>" + filling * 1_500_000 + b"</urlset>", 1)
    began = process_time()
    assert refused(read_sitemap(body, MAP, post, setting)) is Reason.TOO_LARGE
    assert process_time() - began < 3


def test_of_a_sitemap_that_holds_more_than_it_may_the_first_entries_are_read_and_nothing_is_said_to_be_gone(
    post: Site, setting: Sitemap
) -> None:
    some = b"<url><loc>https://www.phnompenhpost.com/national/dry-wells</loc></url>"
    found = read_sitemap(b"<urlset>" + some + b"<url/>" * 50_000 + b"</urlset>", MAP, post, setting)
    assert isinstance(found, Listing)
    assert [lead.key for lead in found.leads] == ["dry-wells"]
    assert (found.complete, found.remark) == (False, "only the first 50000 of its entries are read")


def test_a_feed_of_more_tags_than_any_feed_has_is_refused_unread(post: Site) -> None:
    assert refused(read_feed(b"<rss><channel>" + b"<item/>" * 100_000, MAP, post)) is Reason.TOO_LARGE


@pytest.mark.parametrize("filling", [b"<", b"<!--", b"<a ", b"&lt;", b"<p>"])
def test_what_a_feed_says_of_an_item_takes_no_longer_than_it_is_long(post: Site, filling: bytes) -> None:
    def cost(size: int) -> float:
        words = filling * size if b"&" in filling else b"<![CDATA[" + filling * size + b"]]>"
        body = b"<rss version='2.0'><channel><item><title>" + words + b"</title></item></channel></rss>"
        began = process_time()
        assert isinstance(read_feed(body, MAP, post), Listing)
        return process_time() - began

    def least(size: int) -> float:
        return min(cost(size) for _ in range(3))

    cost(10)  # loads the parser
    # Eight times as long takes eight times as long, and sixty-four times where each looks at all.
    assert least(40_000) < 24 * least(5_000)


def test_a_section_of_more_tags_than_any_page_has_is_refused_unread(page: BuildPage, post: Site) -> None:
    setting = next(found for found in post.discovery if isinstance(found, Section))
    answer = page(body="<html><body>" + "<p>" * 200_001, path="/national?page=1")
    assert refused(read_section(answer, post, setting, "name")) is Reason.TOO_LARGE
