"""Keeps every exchange as it came over the wire: pages, listings, robots.txt, redirects, refusals and errors.

It stands nearest to the network (behind HttpCompressionMiddleware, 590, and RedirectMiddleware, 600), where bytes are
still packed and redirects not followed yet.
"""

import asyncio
from datetime import datetime
from http import HTTPStatus
from typing import Self, cast
from urllib.parse import urlsplit, urlunsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response

from core.errors import StorageError
from crawler.archive import Archive, Exchange, Head
from crawler.job import Working


class ArchiveMiddleware:
    """Puts the Capture of each answer on its request, `meta["capture"]`, before anything else sees the answer."""

    def __init__(self, crawler: Crawler, archive: Archive) -> None:
        self.crawler = crawler
        self.archive = archive
        self.job = cast(Working, crawler.spider).job
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware; NotConfigured where nothing is to be kept, as in a dry run."""
        job = cast(Working, crawler.spider).job
        if job.archive is None or job.wish.dry:
            raise NotConfigured
        return cls(crawler, job.archive)

    async def process_request(self, request: Request) -> None:
        """Forget the answer that was redirected here, or is tried again."""
        request.meta.pop("capture", None)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Return the answer once it is kept; an archive that cannot be written ends the crawl, resumably."""
        exchange = exchange_of(request, response, self.job.clock())
        loop = asyncio.get_running_loop()
        try:
            # In the job's own thread: once that has failed it settles nothing, so all that was not kept stays due.
            kept = loop.run_in_executor(self.job.worker, self.archive.store, self.job.site.name, exchange)
            request.meta["capture"] = await kept
        except StorageError as error:
            self.job.fail(error)
            self._close()
            raise
        return response

    def _close(self) -> None:
        """End the crawl without waiting for it: closing waits for the request that asks for it."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="storage"))


def exchange_of(request: Request, response: Response, at: datetime) -> Exchange:
    """Return what went over the wire. Scrapy drops reason phrases: the usual ones stand in their place."""
    parts = urlsplit(response.url)
    host = parts.netloc.rpartition("@")[2]
    target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    phrase = {status.value: status.phrase for status in HTTPStatus}.get(response.status, "")
    via_proxy = "proxy" in request.meta
    return Exchange(
        url=urlunsplit((parts.scheme, host, parts.path or "/", parts.query, "")),
        response=Head(f"{response.protocol or 'HTTP/1.1'} {response.status} {phrase}", _fields(response.headers)),
        body=response.body,
        at=at,
        request=Head(f"{request.method} {target} HTTP/1.1", (("Host", host), *_fields(request.headers))),
        ip="" if via_proxy or response.ip_address is None else str(response.ip_address),
    )


def _fields(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
    )
