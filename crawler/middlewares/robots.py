"""robots.txt as RFC 9309 asks, which Scrapy 2.19's own middleware does not do: it goes on when the file cannot be read.

A missing file (4xx) allows everything, an unreachable one (5xx, 429, no answer) nothing. Crawl-delay is kept where it
asks for more than the site's own delay. A file is kept in the corpus for as long as its host says, a day at most; one
that could not be read is asked for again by the next run.
"""

import asyncio
from typing import Self, cast
from urllib.parse import urlsplit

import structlog
from protego import Protego
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, StopDownload
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from core.model import Reason
from crawler.agent import TOKEN
from crawler.answers import page_of
from crawler.failures import RefusedError
from crawler.job import CrawlJob, Working
from crawler.rules import LARGEST, Rules, file_of, is_current, refused_by, rules_of, unreachable

log = structlog.get_logger()
_UNBOUNDED = 1 << 40  # bytes: Scrapy would give up a long file as soon as it is announced; it is cut off instead


class RobotsMiddleware:
    """Holds every request against its host's robots.txt."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._rules: dict[str, asyncio.Future[Rules]] = {}
        crawler.signals.connect(self.received, signal=signals.bytes_received)
        crawler.signals.connect(self.downloaded, signal=signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; no setting switches it off."""
        return cls(crawler)

    @property
    def job(self) -> CrawlJob:
        """The crawl that is served."""
        return cast(Working, self.crawler.spider).job

    async def process_request(self, request: Request) -> None:
        """Let a request pass or raise RefusedError."""
        if request.meta.get("is_robots"):
            return
        rules = await self._rules_for(request)
        if rules.refusal:
            raise RefusedError(rules.refusal.reason, rules.refusal.detail, rules.refusal.retry_after)
        if not rules.parsed.can_fetch(request.url, TOKEN):
            raise RefusedError(Reason.ROBOTS, "disallowed by robots.txt")

    def received(self, data: bytes, request: Request) -> None:
        """End the download of a robots.txt once there is as much of it as is read."""
        if request.meta.get("is_robots"):
            request.meta["robots_bytes"] = request.meta.get("robots_bytes", 0) + len(data)
            if request.meta["robots_bytes"] >= LARGEST:
                raise StopDownload(fail=False)

    def downloaded(self, request: Request) -> None:
        """Bound what a robots.txt that came may unpack to."""
        if request.meta.get("is_robots"):
            request.meta["download_maxsize"] = self.crawler.settings.getint("DOWNLOAD_MAXSIZE")

    async def _rules_for(self, request: Request) -> Rules:
        parts = urlsplit(request.url)
        host = f"{parts.scheme}://{parts.netloc}"
        known = self._rules.get(host)
        if known is None or (known.done() and not known.result().are_fresh(self.job.clock())):
            # A task, and not a future to be set by hand: whatever goes wrong in it reaches all who wait for it.
            self._rules[host] = asyncio.ensure_future(self._rules_of(host))
        rules = await asyncio.shield(self._rules[host])
        self._slow_down(request, rules.parsed)
        return rules

    async def _rules_of(self, host: str) -> Rules:
        kept = await self.job.read(lambda corpus: corpus.robots.get(host))
        if kept and is_current(kept, self.job.clock()):
            return rules_of(kept)
        return await self._read(host, f"{host}/robots.txt")

    async def _read(self, host: str, url: str) -> Rules:
        meta = {"is_robots": True, "download_maxsize": _UNBOUNDED}
        request = Request(url, callback=NO_CALLBACK, priority=1000, meta=meta, dont_filter=True)
        try:
            response = await self.crawler.engine.download_async(request)
        except CloseSpider:
            raise  # the corpus cannot be reached: this ends the crawl, and says nothing of the host
        except RefusedError as error:
            if error.skipped.reason is Reason.BLOCKED:
                return Rules(Protego.parse(""), self.job.clock(), error.skipped)
            return self._unreachable(url, error)
        except Exception as error:  # noqa: BLE001  # whatever kept the file from being read means: wait
            return self._unreachable(url, error)
        return await self._taken_in(host, url, response)

    async def _taken_in(self, host: str, url: str, response: Response) -> Rules:
        page = page_of(response, self.job.clock())
        file = file_of(host, page)
        if file is None:
            log.warning("robots.unreachable", url=url, status=response.status)
            return refused_by(url, page)
        await self.job.write(lambda corpus: corpus.robots.keep(file))
        return rules_of(file)

    def _unreachable(self, url: str, error: Exception) -> Rules:
        log.warning("robots.unreachable", url=url, error=str(error))
        return unreachable(url, str(error), self.job.clock())

    def _slow_down(self, request: Request, parsed: Protego) -> None:
        asked = float(parsed.crawl_delay(TOKEN) or 0)
        downloader = self.crawler.engine.downloader
        key = downloader.get_slot_key(request)
        settings = downloader.per_slot_settings.setdefault(
            key, {"delay": self.crawler.settings.getfloat("DOWNLOAD_DELAY")}
        )
        if asked > settings["delay"]:
            # Both: the slot in use, and what it is made from again after Scrapy has dropped it for being idle.
            settings |= {"delay": asked, "concurrency": 1}
            if slot := downloader.slots.get(key):
                slot.delay, slot.concurrency = asked, 1
