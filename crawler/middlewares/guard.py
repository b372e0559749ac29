"""Keeps a crawl inside its site: no other host, and no private address unless the site's own base is one."""

from typing import Self, cast
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError

from core.model import Reason
from core.site import Site
from core.urls import is_private, rebased, split
from crawler.failures import RefusedError
from crawler.job import Working
from crawler.resolver import hides_private, refused_names, wire_name

_REMEDY = "name a mirror of your own by its address"


class GuardMiddleware:
    """Refuses requests, redirects included, that leave the site; those to its other hosts go to its base.

    Names are judged where they are connected to (crawler/resolver.py).
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.base = urlsplit(site.base)
        self.may_be_private = is_private(self.base.hostname or "")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the guard of the site whose spider the crawler runs."""
        return cls(cast(Working, crawler.spider).job.site)

    async def process_request(self, request: Request) -> Request | None:
        """Let a request pass, turn it to the site's base, or raise RefusedError."""
        here = split(request.url)
        if here is None:
            raise RefusedError(Reason.OUTSIDE_SITE, request.url)
        is_robots = request.meta.get("is_robots")
        if is_robots and here.netloc == self.base.netloc:
            self._judge(request)
            return None  # it stands at the host's root, also where the base is a folder below it
        inside = rebased(self.site, request.url)
        if inside is None:
            hides = hides_private(here.hostname or "")
            # RFC 9309 §2.3.1.2: a redirect of robots.txt is followed to other hosts too; a stand-in's stays at home.
            if is_robots and not hides and not self.site.is_stand_in:
                return None
            raise RefusedError(Reason.PRIVATE_ADDRESS if hides else Reason.OUTSIDE_SITE, request.url)
        there = urlsplit(inside)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            return request.replace(url=inside)
        self._judge(request)
        return None

    def _judge(self, request: Request) -> None:
        host = urlsplit(request.url).hostname or ""
        if not self.may_be_private and hides_private(host):
            raise RefusedError(Reason.PRIVATE_ADDRESS, f"{host} is an address that is not public; {_REMEDY}")


class ConnectMiddleware:
    """Tells a host that has no public address from one that is unknown: neither is tried again, but one is refused."""

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise RefusedError for a name that the process's resolver has refused."""
        if not isinstance(exception, CannotResolveHostError):
            return
        # Imported here, since importing it anywhere else would install another one than Scrapy's.
        from twisted.internet import reactor  # noqa: PLC0415

        host = urlsplit(request.url).hostname or ""
        if wire_name(host) in refused_names(reactor):
            detail = f"{host} resolves to an address that is not public; {_REMEDY}"
            raise RefusedError(Reason.PRIVATE_ADDRESS, detail) from exception
