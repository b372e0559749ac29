"""Sends spiders on errands: one a site, side by side, over a corpus that is thrown away."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from core.clock import Clock
from core.config import Config
from core.errors import CrawlError
from core.health import Incident
from core.site import Site
from crawler.job import CrawlJob, Wish, Worker
from crawler.settings import PROCESS, settings_for
from crawler.spiders.survey import Errand, SurveySpider
from pipelines.ingest import Ingest
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Asking:
    """What every errand needs: the bounds of a crawl, whom a server can write to, and the time.

    incidents are the open troubles with hosts: they are left alone by errands as they are by crawls.
    """

    config: Config
    clock: Clock
    incidents: Sequence[Incident] = ()

    def ask(self, errands: Sequence[tuple[Site, Errand]]) -> None:
        """Run an errand at each site; nothing that is fetched is kept.

        Runs Twisted's reactor, so it can be called once a process. Raises what an errand raised, and CrawlError for
        one that a signal ended.
        """
        process = AsyncCrawlerProcess(PROCESS)
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="tonle-"))
            store = Store.open(Path(folder) / "corpus.sqlite")
            stack.callback(store.close)
            self._remember(store)
            crawlers = []
            for site, errand in errands:
                crawler = Crawler(SurveySpider, Settings(settings_for(site, self.config.crawl, self.config.contact)))
                job = self._job(site, store, stack.enter_context(Worker(f"survey-{site.name}")))
                process.crawl(crawler, job=job, errand=errand)
                crawlers.append((crawler, job))
            process.start()
        for crawler, job in crawlers:
            if isinstance(crawler.spider, SurveySpider) and crawler.spider.failure:
                raise crawler.spider.failure
            if job.closed_because != "finished":
                raise CrawlError(f"{job.site.name}: ended early: {job.closed_because or 'it did not start'}.")

    def _remember(self, store: Store) -> None:
        with store.transaction() as corpus:
            for each in self.incidents:
                corpus.incidents.report(each.source, each.host, each.reason, each.detail, each.until, each.opened_at)

    def _job(self, site: Site, store: Store, worker: Worker) -> CrawlJob:
        ingest = Ingest(store, 0, (), self.config.crawl.revisit_after, self.clock)
        return CrawlJob(site, store, ingest, 0, worker, self.clock, Wish(dry=True), limits=self.config.crawl)
