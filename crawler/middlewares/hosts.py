"""Leaves a host alone that says so, challenges, refuses or does not answer: for a while, for the run, or until a day.

Stands between Scrapy's RetryMiddleware and HttpCompressionMiddleware: it sees what pages say, and before they are
tried again. Nothing is done to be let in.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self, cast

import structlog
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from core.health import Incident
from core.model import Page, Reason
from crawler.answers import host_named, page_of
from crawler.failures import RefusedError
from crawler.job import CrawlJob, Working
from crawler.standing import Hold, Patience, Standing, Stop, is_good, until

log = structlog.get_logger()
_LOOK = 0.2  # seconds between two looks whether the crawl has been told to stop
_NO_TIME = timedelta(0)


@dataclass(slots=True)
class _Host:
    """A host in this run: held_to is the event loop's time up to which nothing is asked, blocked why for good."""

    standing: Standing = field(default_factory=Standing)
    held_to: float = 0
    blocked: str = ""
    until: datetime | None = None
    has_incident: bool = False


class HostsMiddleware:
    """Keeps one account a host, and the incidents of the corpus."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._hosts: dict[str, _Host] = {}
        self._open: asyncio.Future[dict[str, Incident]] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of a crawler whose spider carries a job."""
        return cls(crawler)

    @property
    def job(self) -> CrawlJob:
        """The crawl that is served."""
        return cast(Working, self.crawler.spider).job

    async def process_request(self, request: Request) -> None:
        """Let a request pass, once its host is not held any more, or raise RefusedError."""
        host = await self._host(request)
        loop = asyncio.get_running_loop()
        while (left := host.held_to - loop.time()) > 0 and not host.blocked:
            if self._is_closing():
                raise RefusedError(
                    Reason.BLOCKED, "the host asked to wait, and the crawl ends", timedelta(seconds=left)
                )
            await asyncio.sleep(min(left, _LOOK))
        if host.blocked:
            wait = max(host.until - self.job.clock(), _NO_TIME) if host.until else _NO_TIME
            raise RefusedError(Reason.BLOCKED, f"{host_named(request.url)} is left alone: {host.blocked}", wait)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pass an answer on, or the request once more where its host is only held."""
        host, page = await self._host(request), page_of(response, self.job.clock())
        patience = Patience(self.job.limits.longest_hold, self.job.limits.retries)
        held, is_robots = request.meta.get("holds", 0), bool(request.meta.get("is_robots"))
        follows = host.standing.heard(page, patience, held, is_robots=is_robots)
        if isinstance(follows, Hold) and not host.blocked:
            return self._hold(request, host, follows)
        if isinstance(follows, Stop):
            request.meta["dont_retry"] = True
            await self._stop(request, host, follows)
        elif not is_robots and is_good(page):
            await self._recovered(request, host, page)
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Take account of a request that got no answer; what follows is for those after it."""
        host = await self._host(request)
        follows = host.standing.missed(request.url, exception)
        if follows:
            request.meta["dont_retry"] = True
            await self._stop(request, host, follows)

    async def _host(self, request: Request) -> _Host:
        if self._open is None:
            self._open = asyncio.ensure_future(self._incidents())
        incidents = await asyncio.shield(self._open)
        name = host_named(request.url)
        if name not in self._hosts:
            self._hosts[name] = self._known(incidents.get(name))
        return self._hosts[name]

    async def _incidents(self) -> dict[str, Incident]:
        source = self.job.site.name
        found = await self.job.read(lambda corpus: corpus.incidents.open(source))
        return {incident.host: incident for incident in found}

    def _known(self, incident: Incident | None) -> _Host:
        if incident is None:
            return _Host()
        host = _Host(Standing(incident.times), has_incident=True)
        if incident.until > self.job.clock():
            host.blocked = f"{incident.reason} ({incident.detail})"
            host.until = incident.until
        return host

    def _hold(self, request: Request, host: _Host, hold: Hold) -> Request:
        seconds = hold.wait.total_seconds()
        host.held_to = max(host.held_to, asyncio.get_running_loop().time() + seconds)
        log.info("host.held", source=self.job.site.name, host=host_named(request.url), seconds=seconds)
        again = request.copy()
        again.meta["holds"] = request.meta.get("holds", 0) + 1
        again.dont_filter = True
        again.priority = request.priority + 1
        return again

    async def _stop(self, request: Request, host: _Host, stop: Stop) -> None:
        if host.blocked:
            return
        now, name = self.job.clock(), host_named(request.url)
        host.blocked, host.until = f"{stop.reason} ({stop.detail})", until(stop, now)
        source, moment = self.job.site.name, host.until
        fields = {"reason": stop.reason.value, "detail": stop.detail, "until": moment.isoformat()}
        log.warning("host.blocked", source=source, host=name, **fields)
        if not self.job.wish.dry:
            report = (source, name, stop.reason, stop.detail, moment, now)
            await self.job.write(lambda corpus: corpus.incidents.report(*report))

    async def _recovered(self, request: Request, host: _Host, page: Page) -> None:
        # What was on its way when the host was stopped does not mend it.
        if host.blocked or not host.has_incident or self.job.wish.dry:
            return
        host.has_incident, host.standing.times = False, 0
        source, name = self.job.site.name, host_named(request.url)
        await self.job.write(lambda corpus: corpus.incidents.close(source, name, page.fetched_at))
        log.info("host.recovered", source=source, host=name)

    def _is_closing(self) -> bool:
        # Scrapy tells nobody that it begins to close: its signals come when all requests have ended.
        engine = self.crawler.engine
        slot = engine._slot  # noqa: SLF001
        return not engine.running or slot is None or slot.closing is not None
