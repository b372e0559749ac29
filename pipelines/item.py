"""The Scrapy item pipeline: has pages read, hands them to ingest, and ends the crawl where storing fails.

How many pages are under way is bounded by Scrapy: it fetches no more while the answers whose items are not settled
yet hold more than SCRAPER_SLOT_MAX_ACTIVE_SIZE (5 MB).
"""

import asyncio
from concurrent.futures import Executor
from typing import Protocol, Self, cast

from scrapy.crawler import Crawler

from core.errors import StorageError
from core.model import Draft, Skipped
from core.site import Site
from pipelines.ingest import NOT_MODIFIED, Failed, Fetched, Ingest
from pipelines.workshop import Workshop


class Job(Protocol):
    """What the pipeline needs of the crawl that it serves."""

    site: Site
    ingest: Ingest
    workshop: Workshop
    worker: Executor
    """One thread, which writes: the event loop must not wait for a disk."""

    def secure(self) -> None:
        """Have what was fetched so far on the disk."""

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
        result = await self._read(item)
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self.job.worker, self._store, item, result)
        except StorageError as error:
            self.job.fail(error)
            self._close()
        else:
            self.job.settled()
        return item

    def _store(self, item: Fetched | Failed, result: Draft | Skipped | None) -> None:
        self.job.secure()
        self.job.ingest.take(item, result, self.job.site)

    async def _read(self, item: Fetched | Failed) -> Draft | Skipped | None:
        """Return what stands on a page; None where there is nothing to read: none came, or the old one stands (304)."""
        if isinstance(item, Failed) or item.page.status == NOT_MODIFIED:
            return None
        return await asyncio.wrap_future(self.job.workshop.submit(item.page, self.job.site.name, item.lead))

    def _close(self) -> None:
        """End the crawl without waiting for it: closing waits for the item that asks for it."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="storage"))
