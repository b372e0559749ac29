"""Keeps a crawl inside its site: no other host, and no private address unless the site's own base is one."""

import asyncio
import socket
from typing import Self, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from core.model import Reason
from core.site import Site
from core.urls import is_private, rebased
from crawler.failures import RefusedError
from crawler.job import Working


class GuardMiddleware:
    """Refuses requests, redirects included, that leave the site; those to its other hosts go to its base."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.base = urlsplit(site.base)
        self.may_be_private = is_private(self.base.hostname or "")
        self._judged: dict[str, bool] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the guard of the site whose spider the crawler runs."""
        return cls(cast(Working, crawler.spider).job.site)

    async def process_request(self, request: Request) -> Request | None:
        """Let a request pass, turn it to the site's base, or raise RefusedError."""
        host = urlsplit(request.url).hostname or ""
        if request.meta.get("is_robots") and urlsplit(request.url).netloc == self.base.netloc:
            return None  # it stands at the host's root, also where the base is a folder below it
        inside = rebased(self.site, request.url)
        if inside is None:
            reason = Reason.PRIVATE_ADDRESS if is_private(host) else Reason.OUTSIDE_SITE
            raise RefusedError(reason, request.url)
        here, there = urlsplit(request.url), urlsplit(inside)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            return request.replace(url=inside)
        if not self.may_be_private and await self._resolves_to_private(host):
            raise RefusedError(
                Reason.PRIVATE_ADDRESS,
                f"{host} resolves to an address that is not public; name a mirror of your own by its address",
            )
        return None

    async def _resolves_to_private(self, host: str) -> bool:
        if host not in self._judged:
            try:
                found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
            except OSError:
                return False  # the download itself will say that the host is unknown
            self._judged[host] = any(is_private(str(entry[4][0])) for entry in found)
        return self._judged[host]
