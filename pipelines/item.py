"""The Scrapy item pipeline: hands pages to ingest, off the event loop, and ends the crawl where storing fails."""

import asyncio
from concurrent.futures import Executor
from typing import Protocol, Self, cast

from scrapy.crawler import Crawler

from core.errors import StorageError
from core.site import Site
from pipelines.ingest import Failed, Fetched, Ingest


class Job(Protocol):
    """What the pipeline needs of the crawl that it serves."""

    site: Site
    ingest: Ingest
    worker: Executor
    """One thread: extraction takes tens of milliseconds a page, which the event loop must not wait for."""

    def fail(self, error: StorageError) -> None:
        """Note that the corpus could not be written, so that the run ends as failed."""

    def settled(self) -> None:
        """Note that one more page has its outcome."""


class Working(Protocol):
    """A spider that carries its job."""

    job: Job


class IngestPipeline:
    """Settles each item; the item goes on unchanged."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.job = cast(Working, crawler.spider).job
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Return the pipeline of a crawler whose spider carries a job."""
        return cls(crawler)

    async def process_item(self, item: Fetched | Failed) -> Fetched | Failed:
        """Wait until the page of an item is stored; a corpus that cannot be written ends the crawl, resumably."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self.job.worker, self.job.ingest.settle, item, self.job.site)
        except StorageError as error:
            self.job.fail(error)
            self._close()
        else:
            self.job.settled()
        return item

    def _close(self) -> None:
        """End the crawl without waiting for it: closing waits for the item that asks for it."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="storage"))
