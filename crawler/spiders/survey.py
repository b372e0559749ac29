"""A spider on an errand: it fetches page after page for whoever surveys a site, as politely as a crawl does."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import structlog
from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from core.errors import TonleError
from core.model import Page, Skipped
from crawler.failures import skipped_for
from crawler.job import CrawlJob

log = structlog.get_logger()


class Fetch(Protocol):
    """Fetches an address; gives the page, whatever its status, or why none came."""

    async def __call__(self, url: str, kind: str = "article") -> Page | Skipped:
        """Return the answer to an address below the site's base; kind is listing, article or robots."""


Errand = Callable[[Fetch], Awaitable[None]]


class SurveySpider(Spider):
    """Runs an errand with the means of a crawl: robots.txt, delay, agent string. It hands nothing to the corpus."""

    name = "survey"

    def __init__(self, job: CrawlJob, errand: Errand, **kwargs: Any) -> None:  # noqa: ANN401  # Scrapy's own signature
        super().__init__(**kwargs)
        self.job = job
        self.failure: Exception | None = None
        self._errand = errand

    async def start(self) -> AsyncIterator[Any]:
        """Run the errand; nothing is yielded."""
        try:
            await self._errand(self.fetch)
        except TonleError as error:
            self.failure = error
        except Exception as error:
            # The rim: Scrapy would log it and end the crawl as a good one. Who asked for the survey gets it.
            log.exception("survey.failed", source=self.job.site.name)
            self.failure = error
        return
        yield

    async def fetch(self, url: str, kind: str = "article") -> Page | Skipped:
        """Return the answer to an address, after redirects, or the reason why none came."""
        meta = {"is_robots": True} if kind == "robots" else {"kind": kind}
        try:
            request = Request(url, callback=NO_CALLBACK, meta=meta, dont_filter=True)
            response = await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001  # each way in which a download fails is a reason
            return skipped_for(error)
        return self._page(response)

    def _page(self, response: Response) -> Page:
        headers = {
            name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
            for name, values in response.headers.items()
        }
        asked = response.meta.get("redirect_urls", [response.url])[0]
        return Page(response.url, response.status, headers, response.body, self.job.clock(), asked)

    def closed(self, reason: str) -> None:
        """Note how the survey ended; Scrapy calls this last."""
        self.job.closed_because = reason
