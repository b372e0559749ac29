"""The one spider: told which site, it asks every way of discovery that the site has, and fetches what is due.

due addresses ──────────────────────────────────┐
feed, sitemap, section, search → leads → sighted → due → article page → item pipeline → documents → due …
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any, Self

import structlog
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from core.model import Capture, Lead, Page, Reason, Skipped, Visit
from core.site import Site
from core.urls import article_address, document_address, rebased, split
from crawler.failures import skipped_for
from crawler.job import CrawlJob
from crawler.listings import Ask, Found, Listings, paired
from pipelines.ingest import LISTING, Failed, Fetched
from pipelines.relevance import is_left_out_unread

log = structlog.get_logger()
_NOT_ASKED = frozenset({Reason.BLOCKED, Reason.ROBOTS_UNREACHABLE})
_LISTING, _ARTICLE, _LAST = 10, 0, -10  # priorities: what is new is found before it is fetched


class NewsSpider(Spider):
    """Crawls the site of its job."""

    name = "news"

    def __init__(self, job: CrawlJob, **kwargs: Any) -> None:  # noqa: ANN401  # Scrapy's own signature
        super().__init__(**kwargs)
        self.job = job
        self.listings = Listings(job)
        self._chosen: set[str] = set()
        self._again: set[str] = set()
        self._wanted = 0
        self._looking: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401  # Scrapy's signature
        """Return a spider that hears of errors in its own callbacks, and of the moment when nothing is left to do."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.callback_failed, signal=signals.spider_error)
        crawler.signals.connect(spider.idle, signal=signals.spider_idle)
        return spider

    def callback_failed(self, failure: Failure, response: Response) -> None:
        """Note an error of tonle's own, so that the run does not end as a good one."""
        log.error("crawl.callback_failed", url=response.url, error=failure.getTraceback())
        if isinstance(failure.value, MemoryError):
            self.job.troubles.append(f"{response.url}: reading it needs more memory than `crawl.memory` allows")
        else:
            self.job.troubles.append(f"{response.url}: {failure.value!r}")

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests with which the crawl begins: listings, and what is due whether or not they name it."""
        wish = self.job.wish
        if wish.leads:
            # Recorded first: what is not fetched now, because its host is left alone or somebody stops this, stays due.
            if not wish.dry:
                await self.job.sight(wish.leads)
            for item in self._begun([(None, lead) for lead in wish.leads]):
                yield item
            return
        for ask in await self.listings.first():
            yield self._listing(ask)
        if not wish.keywords:
            for item in self._begun(paired(await self._due(), ())):
                yield item

    async def _due(self) -> tuple[Visit, ...]:
        """Return what is due and belongs to what this crawl is asked for."""
        wish = self.job.wish
        due = await self.job.due()
        if wish.leads:
            named = {lead.url for lead in wish.leads}
            return tuple(visit for visit in due if visit.listing in named)
        # Whoever reads history wants what a stopped reading found, and no re-visits.
        return tuple(visit for visit in due if not visit.visits) if wish.since or wish.until else due

    def idle(self) -> None:
        """Look once more for what has become due, documents of the articles just stored, before the crawl ends."""
        if self.job.wish.dry or self.job.error:
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(self._look_again())
        raise DontCloseSpider

    async def _look_again(self) -> None:
        engine = self.crawler.engine
        assert engine is not None  # noqa: S101  # Scrapy has one for as long as it sends signals
        reason = "finished"
        try:
            visits = () if self.job.wish.keywords else await self._due()
            requests = [item for item in self._begun(paired(visits, ())) if isinstance(item, Request)]
        except Exception as error:
            # Nobody waits for this task: what goes wrong in it would leave the crawl idle for ever.
            log.exception("crawl.look_failed", source=self.job.site.name)
            self.job.troubles.append(repr(error))
            requests, reason = [], "look failed"
        for request in requests:
            engine.crawl(request)
        if not requests:
            await engine.close_spider_async(reason=reason)

    def _begun(self, visits: Iterable[tuple[Visit | None, Lead]]) -> Iterable[Request | Failed]:
        """Yield what is to be done for addresses, each story once, up to the crawl's limit."""
        limit = self.job.wish.limit
        for visit, lead in visits:
            if not self._is_new(visit, lead) or (limit is not None and self._wanted >= limit):
                continue
            self._chosen.add(lead.key)
            is_vouched = visit is not None and (visit.visits > 0 or visit.is_relevant)
            if visit and not is_vouched and is_left_out_unread(self.job.site, lead):
                yield Failed(lead, Skipped(Reason.IRRELEVANT, "left out by what its listing says"))
                continue
            self._wanted += 1
            if self.job.wish.dry:
                self.job.found.append(lead)
            else:
                yield self._article(lead, is_held=visit is not None and visit.article_id is not None)

    def _is_new(self, visit: Visit | None, lead: Lead) -> bool:
        """Return whether a story is to be chosen: once, and once more if a listing vouches for what was left out."""
        if lead.key not in self._chosen:
            return True
        if visit is None or not (visit.is_relevant and visit.visits) or visit.article_id or lead.key in self._again:
            return False
        self._again.add(lead.key)
        return True

    def _listing(self, ask: Ask) -> Request:
        return Request(
            ask.url,
            partial(self.parse_listing, ask=ask),
            errback=partial(self.listing_failed, ask=ask),
            priority=_LAST if ask.is_patient else _LISTING,
            dont_filter=True,
            meta={"kind": "listing", "conditional": ask.is_conditional},
        )

    def _article(self, lead: Lead, *, is_held: bool) -> Request:
        is_document = document_address(self.job.site, lead.url) is not None
        meta: dict[str, Any] = {"kind": "document" if is_document else "article", "conditional": is_held}
        if is_document:
            meta["download_maxsize"] = self.job.limits.max_document
        callback, errback = partial(self.parse_article, lead=lead), partial(self.article_failed, lead=lead)
        return Request(lead.url, callback, errback=errback, priority=_ARTICLE, dont_filter=True, meta=meta)

    async def parse_listing(self, response: Response, ask: Ask) -> AsyncIterator[Request | Failed]:
        """Yield what a listing page leads to."""
        found: Found = await self.listings.read(ask, self._page(response))
        if found.failure:
            for failed in self._unread(ask, found.failure):
                yield failed
        for request in found.asks:
            yield self._listing(request)
        for item in self._begun([*found.visits, *((None, lead) for lead in found.leads)]):
            yield item

    async def listing_failed(self, failure: Failure, ask: Ask) -> AsyncIterator[Failed]:
        """Yield the reason why a listing page did not come; the other ways of discovery go on."""
        for failed in self._unread(ask, await self.listings.failed(ask, skipped_for(failure.value))):
            yield failed

    def _unread(self, ask: Ask, skipped: Skipped) -> Iterable[Failed]:
        self.job.unread.append(skipped)
        if self.job.wish.dry:
            self.job.troubles.append(f"{ask.url}: {skipped.reason} {skipped.detail}".strip())
        else:
            yield Failed(Lead(self.job.site.name, ask.url, f"listing:{ask.url}", LISTING), skipped)

    async def parse_article(self, response: Response, lead: Lead) -> AsyncIterator[Fetched]:
        """Yield the page of a lead."""
        yield Fetched(self._page(response), lead)

    def article_failed(self, failure: Failure, lead: Lead) -> Iterable[Failed]:
        """Yield the reason why the page of a lead did not come; one whose host is left alone stays due."""
        skipped = skipped_for(failure.value)
        if skipped.reason in _NOT_ASKED:
            self.job.left += 1
        else:
            request = getattr(failure, "request", None)
            yield Failed(lead, skipped, request.meta.get("capture") if request else None)

    def _page(self, response: Response) -> Page:
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        asked = response.meta.get("redirect_urls", [response.url])[0]
        capture: Capture | None = response.meta.get("capture")
        moment = capture.at if capture else self.job.clock()
        return Page(response.url, response.status, headers, response.body, moment, asked, capture)

    def closed(self, reason: str) -> None:
        """Note how the crawl ended; Scrapy calls this last."""
        self.job.closed_because = reason


def leads_for(site: Site, urls: Iterable[str]) -> tuple[Lead, ...]:
    """Return leads for addresses that a person named; those that are not of the site are left out."""
    leads = []
    for url in urls:
        # A word that is no address would be taken for a path of every site.
        named = split(url) is not None
        address = (article_address(site, url) or document_address(site, url)) if named else None
        fetched = rebased(site, url) if named else None
        if address:
            leads.append(Lead(site.name, address.url, address.key, "manual", is_relevant=True))
        elif fetched:
            leads.append(Lead(site.name, fetched, fetched, "manual", is_relevant=True))
    return tuple(leads)
