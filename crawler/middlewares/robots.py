"""robots.txt as RFC 9309 asks, which Scrapy 2.19's own middleware does not do: it goes on when the file cannot be read.

A missing file (4xx) allows everything, an unreachable one (5xx, 429, no answer) nothing. Crawl-delay is kept where it
asks for more than the site's own delay. A file is read once a run, which is well within the 24 hours of §2.4.
"""

import asyncio
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import structlog
from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from core.model import Reason
from crawler.agent import TOKEN
from crawler.failures import RefusedError

log = structlog.get_logger()
_LARGEST = 500 * 1024  # bytes that must be parsed at least, §2.5
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt says; unreachable holds why it could not be read, an empty text if it could."""

    parsed: Protego
    unreachable: str = ""


class RobotsMiddleware:
    """Holds every request against its host's robots.txt."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._rules: dict[str, asyncio.Future[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; no setting switches it off."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Let a request pass or raise RefusedError."""
        if request.meta.get("is_robots"):
            return
        rules = await self._rules_for(request)
        if rules.unreachable:
            raise RefusedError(Reason.ROBOTS_UNREACHABLE, rules.unreachable)
        if not rules.parsed.can_fetch(request.url, TOKEN):
            raise RefusedError(Reason.ROBOTS, "disallowed by robots.txt")

    async def _rules_for(self, request: Request) -> Rules:
        parts = urlsplit(request.url)
        host = f"{parts.scheme}://{parts.netloc}"
        if host not in self._rules:
            # A task, and not a future to be set by hand: whatever goes wrong in it reaches all who wait for it.
            self._rules[host] = asyncio.ensure_future(self._read(f"{host}/robots.txt"))
        rules = await asyncio.shield(self._rules[host])
        self._slow_down(request, rules)
        return rules

    async def _read(self, url: str) -> Rules:
        request = Request(url, callback=NO_CALLBACK, priority=1000, meta={"is_robots": True}, dont_filter=True)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001  # whatever kept the file from being read means: wait
            log.warning("robots.unreachable", url=url, error=str(error))
            return Rules(Protego.parse(""), f"{url}: {error}"[:200])
        return self._judged(url, response)

    def _judged(self, url: str, response: Response) -> Rules:
        if response.status >= 500 or response.status == _TOO_MANY_REQUESTS:  # noqa: PLR2004
            log.warning("robots.unreachable", url=url, status=response.status)
            return Rules(Protego.parse(""), f"{url}: HTTP {response.status}")
        readable = response.status < 300  # noqa: PLR2004
        return Rules(Protego.parse(response.body[:_LARGEST].decode("utf-8", errors="replace") if readable else ""))

    def _slow_down(self, request: Request, rules: Rules) -> None:
        asked = float(rules.parsed.crawl_delay(TOKEN) or 0)
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
