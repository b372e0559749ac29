"""What each way of discovery gives, told for the person who wrote it down."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.model import Lead, Page, Skipped
from core.site import Feed, Search, Section, Site, Sitemap
from crawler.discovery.feed import read_feed
from crawler.discovery.listing import Listing, refused_listing
from crawler.discovery.section import listing_name, read_section, section_address
from crawler.discovery.sitemap import read_sitemap
from crawler.spiders.survey import Fetch
from pipelines.decode import decoded, parsed

_SUB_SITEMAPS = 2
"""So many sitemaps of an index are looked into: the rest look alike."""


@dataclass(frozen=True, slots=True)
class ListingReport:
    """One feed, sitemap or listing page. refused says why it could not be read, an empty text if it could.

    cards are the elements that a section's `card` fits, None where there is no such thing; dated and titled count the
    leads of which the listing tells a date (a sitemap: a modification) and a title. remark says what was odd.
    """

    url: str
    refused: str = ""
    leads: tuple[Lead, ...] = ()
    cards: int | None = None
    follow: tuple[str, ...] = ()
    remark: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it could be read and holds nothing at all, as a section may."""
        return not self.refused and not self.cards and not self.leads and not self.follow

    @property
    def dated(self) -> int:
        """How many leads have a date."""
        return sum(bool(lead.published or lead.modified) for lead in self.leads)

    @property
    def titled(self) -> int:
        """How many leads have a title."""
        return sum(bool(lead.title) for lead in self.leads)


@dataclass(frozen=True, slots=True)
class WayReport:
    """One way of discovery: its listings, and what `next` and the second page gave (empty: nothing to be said)."""

    via: str
    url: str
    listings: tuple[ListingReport, ...]
    paging: str = ""
    is_paging_broken: bool = False

    @property
    def leads(self) -> tuple[Lead, ...]:
        """The leads of all its listings, each story once."""
        found = {lead.key: lead for listing in self.listings for lead in listing.leads}
        return tuple(found.values())

    @property
    def answers(self) -> bool:
        """Whether any of its listings could be read."""
        return any(not listing.refused for listing in self.listings)


async def survey_way(site: Site, way: Feed | Sitemap | Section | Search, fetch: Fetch) -> WayReport:
    """Return what a way of discovery gives: a feed, a sitemap with some of its parts, or the first listing pages."""
    match way:
        case Feed():
            page = await fetch(site.base + way.url, "listing")
            found = _refusal(page) or read_feed(_body(page), _url(page), site)
            return WayReport("feed", way.url, (_report(site.base + way.url, found),))
        case Sitemap():
            return WayReport("sitemap", way.url, tuple([report async for report in _sitemaps(site, way, fetch)]))
        case _:
            return await _sections(site, way, fetch)


def _refusal(page: Page | Skipped) -> Skipped | None:
    return page if isinstance(page, Skipped) else refused_listing(page)


def _body(page: Page | Skipped) -> bytes:
    return b"" if isinstance(page, Skipped) else page.body


def _url(page: Page | Skipped) -> str:
    return "" if isinstance(page, Skipped) else page.url


def _report(url: str, found: Listing | Skipped, cards: int | None = None, remark: str = "") -> ListingReport:
    if isinstance(found, Skipped):
        return ListingReport(url, refused=f"{found.reason} {found.detail}".strip(), cards=cards)
    return ListingReport(url, "", found.leads, cards, found.follow, remark or found.remark)


async def _sitemaps(site: Site, way: Sitemap, fetch: Fetch) -> AsyncIterator[ListingReport]:
    asked, waiting = 0, [site.base + way.url]
    while waiting and asked <= _SUB_SITEMAPS:
        url = waiting.pop(0)
        asked += 1
        page = await fetch(url, "listing")
        found = _refusal(page) or read_sitemap(_body(page), _url(page), site, way)
        report = _report(url, found)
        waiting += report.follow
        yield report


async def _sections(site: Site, way: Section | Search, fetch: Fetch) -> WayReport:
    names = way.names[:1] if isinstance(way, Search) else way.names
    listings = [await _cards(site, way, name, 0, fetch) for name in names]
    longest = max(zip(names, listings, strict=True), key=lambda pair: len(pair[1].leads), default=None)
    paging, is_broken = await _paging(site, way, longest, fetch) if longest and longest[1].leads else ("", False)
    return WayReport(way.via, way.url, tuple(listings), paging, is_broken)


async def _cards(site: Site, way: Section | Search, name: str, number: int, fetch: Fetch) -> ListingReport:
    url = section_address(site, way, name, number)
    page = await fetch(url, "listing")
    if isinstance(page, Skipped):
        return _report(url, page)
    found = read_section(page, site, way, listing_name(site, way, name))
    tree = parsed(decoded(page))
    cards = len(tree.cssselect(way.card)) if tree is not None else 0
    return _report(url, found, cards)


async def _paging(
    site: Site, way: Section | Search, first: tuple[str, ListingReport], fetch: Fetch
) -> tuple[str, bool]:
    """Return what is to be said of the second page of a listing, and whether that is a fault."""
    name, report = first
    if way.pages == 1 or "{page}" not in way.url:
        return "only the first page is read", False
    if way.next and not report.follow:
        return f"`next` ({way.next}) finds no link on the first page: the listing is never read further", True
    second = await _cards(site, way, name, 1, fetch)
    if second.refused:
        return f"the second page is not read: {second.refused}", True
    if not second.leads:
        return "the second page is empty: the listing ends there", False
    fresh = {lead.key for lead in second.leads} - {lead.key for lead in report.leads}
    if not fresh:
        return "the second page names nothing that the first did not: is `first_page` right?", not way.next
    return f"the second page names {len(fresh)} more", False
