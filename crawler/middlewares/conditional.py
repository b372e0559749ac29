"""Asks whether a page has changed instead of asking for the page, where the server gave something to ask with.

If-None-Match and If-Modified-Since (RFC 9110 §13.1) carry what the last full answer brought. A server may answer 304
for ever, whatever happens to the page: so from time to time the page is asked for as if it had never been seen, and
also where another form of the site's file read the last answer.
"""

from datetime import timedelta
from typing import Self, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from core.model import Reason, Validators
from crawler.failures import RefusedError
from crawler.job import CrawlJob, Working

_NOT_MODIFIED = 304
_CONDITIONS = ("If-None-Match", "If-Modified-Since")


class ConditionalMiddleware:
    """Puts conditions to requests with meta["conditional"], and lets no 304 pass that nobody asked for."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the middleware of a crawler whose spider carries a job."""
        return cls(crawler)

    @property
    def job(self) -> CrawlJob:
        """The crawl that is served."""
        return cast(Working, self.crawler.spider).job

    async def process_request(self, request: Request) -> None:
        """Put to a request the conditions of its own address: those of one that was redirected to it mean nothing."""
        for name in _CONDITIONS:
            request.headers.pop(name, None)
        if not request.meta.get("conditional"):
            return
        source, url = self.job.site.name, request.url
        given = await self.job.read(lambda corpus: corpus.validators.get(source, url))
        if given is None or not self._are_usable(given):
            return
        for name, value in zip(_CONDITIONS, (given.etag, given.last_modified), strict=True):
            if value:
                request.headers[name] = value.encode("latin-1", errors="replace")

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass an answer on; raise RefusedError for a 304 to a request that asked for the page itself."""
        if response.status == _NOT_MODIFIED and not any(name in request.headers for name in _CONDITIONS):
            raise RefusedError(Reason.HTTP_ERROR, "HTTP 304 to a request without conditions")
        return response

    def _are_usable(self, given: Validators) -> bool:
        job = self.job
        age = job.clock() - given.full_at
        # A clock that was set back must not make an answer young for years.
        return timedelta(0) <= age < job.limits.full_every and given.made_by == job.site.fingerprint
