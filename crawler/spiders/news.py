"""The one spider: told which site, it asks every way of discovery that the site has, and fetches what is due.

due addresses ────────────────────────────┐
feed, sitemap, section → leads → sighted → due → article page → item pipeline
"""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Self

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from core.model import Lead, Page, Skipped, Visit
from core.site import Feed, Search, Section, Site, Sitemap
from core.urls import article_address, rebased, split
from crawler.discovery.feed import read_feed
from crawler.discovery.listing import Listing
from crawler.discovery.paging import Reading
from crawler.discovery.section import listing_name, read_section, section_address
from crawler.discovery.sitemap import read_sitemap
from crawler.failures import skipped_for
from crawler.job import CrawlJob
from pipelines.classify import refused
from pipelines.ingest import LISTING, Failed, Fetched

log = structlog.get_logger()
Found = Request | Failed | Fetched
_LISTING, _ARTICLE = 10, 0  # priorities: what is new is found before it is fetched


class NewsSpider(Spider):
    """Crawls the site of its job."""

    name = "news"

    def __init__(self, job: CrawlJob, **kwargs: Any) -> None:  # noqa: ANN401  # Scrapy's own signature
        super().__init__(**kwargs)
        self.job = job
        self._asked: set[str] = set()
        self._fetched = 0
        self._read: dict[str, tuple[frozenset[str], bool]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401  # Scrapy's signature
        """Return a spider that hears of errors in its own callbacks."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.callback_failed, signal=signals.spider_error)
        return spider

    def callback_failed(self, failure: Failure, response: Response) -> None:
        """Note an error of tonle's own, so that the run does not end as a good one."""
        log.error("crawl.callback_failed", url=response.url, error=failure.getTraceback())
        self.job.troubles.append(f"{response.url}: {failure.value!r}")

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests with which the crawl begins: listings, and what is due whether or not they name it."""
        wish = self.job.wish
        known = wish.leads if wish.leads or wish.since else tuple(_leads(await self.job.due()))
        if not wish.leads:
            for discovery in self.job.site.discovery:
                for request in self._listings(self.job.site, discovery):
                    yield request
        if wish.dry:
            self._find(known)
            return
        for request in self._articles(known):
            yield request

    def _find(self, leads: Iterable[Lead]) -> None:
        """Note what a dry run would fetch."""
        self.job.found += self._chosen(leads)

    def _chosen(self, leads: Iterable[Lead]) -> Iterable[Lead]:
        """Yield the leads that this crawl has not chosen yet, each story once, up to its limit."""
        limit = self.job.wish.limit
        for lead in leads:
            if lead.key in self._asked or (limit is not None and self._fetched >= limit):
                continue
            self._asked.add(lead.key)
            self._fetched += 1
            yield lead

    def _listings(self, site: Site, discovery: Feed | Sitemap | Section | Search) -> Iterable[Request]:
        match discovery:
            case Feed():
                yield self._listing(site.base + discovery.url, partial(self.parse_feed))
            case Sitemap():
                yield self._listing(site.base + discovery.url, partial(self.parse_sitemap, setting=discovery))
            case Search():
                return
            case Section():
                for section in discovery.sections:
                    yield self._section(discovery, section, 0)

    def _section(self, setting: Section, section: str, number: int) -> Request:
        callback = partial(self.parse_section, setting=setting, section=section, number=number)
        return self._listing(section_address(self.job.site, setting, section, number), callback)

    def _listing(self, url: str, callback: Any) -> Request:  # noqa: ANN401  # a bound or partial async generator
        return Request(url, callback, errback=self.listing_failed, priority=_LISTING, dont_filter=True)

    def _articles(self, leads: Iterable[Lead]) -> Iterable[Request]:
        for lead in self._chosen(leads):
            callback, errback = partial(self.parse_article, lead=lead), partial(self.article_failed, lead=lead)
            yield Request(lead.url, callback, errback=errback, priority=_ARTICLE, dont_filter=True)

    async def parse_feed(self, response: Response) -> AsyncIterator[Found]:
        """Yield what a feed leads to."""
        page = self._page(response)
        found = refused_listing(page) or read_feed(page.body, page.url, self.job.site)
        async for request in self._follow(page, found):
            yield request

    async def parse_sitemap(self, response: Response, setting: Sitemap) -> AsyncIterator[Found]:
        """Yield what a sitemap, or an index of sitemaps, leads to."""
        page = self._page(response)
        found = refused_listing(page) or read_sitemap(page.body, page.url, self.job.site, setting, self.job.wish.since)
        if isinstance(found, Listing):
            for url in found.follow:
                if url not in self._asked:
                    self._asked.add(url)
                    yield self._listing(url, partial(self.parse_sitemap, setting=setting))
        async for request in self._follow(page, found):
            yield request
        if isinstance(found, Listing) and found.complete and found.leads and not self.job.wish.dry:
            now, run_id, name = self.job.clock(), self.job.run_id, self.job.site.name
            gone = await self.job.write(lambda corpus: corpus.sources.vanished(name, page.url, run_id, now))
            if gone:
                for request in self._articles(_leads(await self.job.due())):
                    yield request

    async def parse_section(
        self, response: Response, setting: Section, section: str, number: int
    ) -> AsyncIterator[Found]:
        """Yield what a listing page leads to, and its next page as paging says."""
        page = self._page(response)
        name = listing_name(self.job.site, setting, section)
        found = read_section(page, self.job.site, setting, name)
        # Asked before the leads are recorded: then this run itself has seen them.
        reading = await self._reading(setting, found, name, number) if isinstance(found, Listing) else None
        async for request in self._follow(page, found):
            yield request
        if reading and reading.goes_on:
            self._read[name] = (reading.seen | reading.keys, reading.meets_settled)
            yield self._section(setting, section, number + 1)
        elif reading and not self.job.wish.dry:
            await self._end_listing(name, reading)

    async def _reading(self, setting: Section, found: Listing, name: str, number: int) -> Reading:
        wish, seen = self.job.wish, self._read.get(name, (frozenset(), False))
        since = wish.since
        return Reading(
            number=number,
            keys=frozenset(lead.key for lead in found.leads),
            seen=seen[0],
            unsettled=await self.job.unsettled(name, found.leads),
            was_settled=await self.job.is_settled(name),
            met_settled=seen[1],
            has_next=bool(found.follow) if setting.next else None,
            depth=setting.pages,
            pages=wish.pages,
            is_reaching_back=since is not None,
            has_reached=since is not None and all(_is_older(lead, since) for lead in found.leads),
        )

    async def _end_listing(self, name: str, reading: Reading) -> None:
        if reading.settles:
            source, run_id = self.job.site.name, self.job.run_id
            await self.job.write(lambda corpus: corpus.sources.settle(source, name, run_id))
        elif not reading.is_reaching_back and reading.pages is None:
            log.warning("listing.cut_short", source=self.job.site.name, listing=name, pages=reading.number + 1)

    async def _follow(self, page: Page, found: Listing | Skipped) -> AsyncIterator[Found]:
        if isinstance(found, Skipped):
            for failed in self._fail(self._listing_lead(page.requested_url or page.url), found):
                yield failed
            return
        self.job.sighted += len(found.leads)
        log.info("listing.read", source=self.job.site.name, url=page.url, leads=len(found.leads), remark=found.remark)
        wanted = [lead for lead in found.leads if _recent(lead, self.job.wish.since)]
        if self.job.wish.dry:
            due = await self.job.wanted(wanted)
            self._find(lead for lead in wanted if lead.key in due)
        elif wanted:
            told = {lead.key: lead for lead in wanted}
            for request in self._articles(told[visit.key] for visit in await self.job.sight(wanted)):
                yield request

    async def parse_article(self, response: Response, lead: Lead) -> AsyncIterator[Fetched]:
        """Yield the page of a lead."""
        yield Fetched(self._page(response), lead)

    def article_failed(self, failure: Failure, lead: Lead) -> Iterable[Failed]:
        """Yield the reason why the page of a lead did not come."""
        yield from self._fail(lead, skipped_for(failure.value))

    def listing_failed(self, failure: Failure) -> Iterable[Failed]:
        """Yield the reason why a feed or sitemap did not come; the other ways of discovery go on."""
        request: Request = failure.request  # type: ignore[attr-defined]
        yield from self._fail(self._listing_lead(request.url), skipped_for(failure.value))

    def _fail(self, lead: Lead, skipped: Skipped) -> Iterable[Failed]:
        if lead.via == LISTING:
            self.job.unread.append(skipped)
        if self.job.wish.dry:
            self.job.troubles.append(f"{lead.url}: {skipped.reason} {skipped.detail}".strip())
        else:
            yield Failed(lead, skipped)

    def _listing_lead(self, url: str) -> Lead:
        return Lead(self.job.site.name, url, f"listing:{url}", LISTING)

    def _page(self, response: Response) -> Page:
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        asked = response.meta.get("redirect_urls", [response.url])[0]
        return Page(response.url, response.status, headers, response.body, self.job.clock(), asked)

    def closed(self, reason: str) -> None:
        """Note how the crawl ended; Scrapy calls this last."""
        self.job.closed_because = reason


def refused_listing(page: Page) -> Skipped | None:
    """Return why a feed or sitemap cannot be read; what type it declares does not matter."""
    plain = Page(page.url, page.status, {**page.headers, "content-type": ""}, page.body or b" ", page.fetched_at)
    found = refused(plain)
    is_packed = page.body.startswith(b"\x1f\x8b")
    return None if found and is_packed and page.status == 200 else found  # noqa: PLR2004


def leads_for(site: Site, urls: Iterable[str]) -> tuple[Lead, ...]:
    """Return leads for addresses that a person named; those that are not of the site are left out."""
    leads = []
    for url in urls:
        # A word that is no address would be taken for a path of every site.
        address = article_address(site, url) if split(url) else None
        fetched = rebased(site, url) if split(url) else None
        if address:
            leads.append(Lead(site.name, address.url, address.key, "manual"))
        elif fetched:
            leads.append(Lead(site.name, fetched, fetched, "manual"))
    return tuple(leads)


def _leads(visits: Iterable[Visit]) -> Iterable[Lead]:
    return (Lead(visit.source, visit.url, visit.key, "due") for visit in visits)


def _recent(lead: Lead, since: datetime | None) -> bool:
    return since is None or not _is_older(lead, since)


def _is_older(lead: Lead, since: datetime) -> bool:
    """Return whether a listing dates a lead before a moment; a day without a time ends at the next midnight."""
    if lead.published is None:
        return False
    is_day = lead.published.time() == time.min
    return lead.published + (timedelta(days=1) if is_day else timedelta(0)) <= since
