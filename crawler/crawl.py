"""Crawls sites: one Scrapy crawl each, side by side in this process, each its own run in the corpus."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

import structlog
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from core.clock import Clock
from core.config import Config
from core.errors import StorageError
from core.model import Lead, Skipped
from core.site import Site
from crawler.agent import agent
from crawler.archive import Archive
from crawler.job import CrawlJob, Wish, Worker
from crawler.settings import PROCESS, settings_for
from crawler.spiders.news import NewsSpider
from pipelines.ingest import Ingest
from pipelines.visits import Gone
from pipelines.workshop import Workshop
from storage.store import Store

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """How a crawl of one site ended. status is finished, stopped or failed; found is what a dry run would fetch.

    unwritten is set where the corpus could not be written.
    """

    source: str
    run_id: int
    status: str
    error: str = ""
    found: tuple[Lead, ...] = ()
    unwritten: StorageError | None = None


@dataclass(frozen=True, slots=True)
class Crawling:
    """What every crawl needs: where texts are kept, the settings, what is asked, who started it, who watches it."""

    store: Store
    config: Config
    clock: Clock
    trigger: str = "manual"
    on_settled: Callable[[str], None] | None = None

    def crawl(self, wishes: Mapping[str, tuple[Site, Wish]]) -> tuple[CrawlReport, ...]:
        """Crawl sites, by name, each as wished, and return how each ended.

        Runs Twisted's reactor, so it can be called once a process. SIGTERM and SIGINT end it early: what was fetched
        is stored, the rest stays due.
        """
        process = AsyncCrawlerProcess(PROCESS)
        with ExitStack() as stack:
            jobs = []
            sites = {name: site for name, (site, _) in wishes.items()}
            limits = self.config.crawl
            workshop = stack.enter_context(Workshop(sites, limits.processes, most_pages=limits.max_document_pages))
            archive = self._archive(stack)
            for site, wish in wishes.values():
                worker = stack.enter_context(Worker(f"ingest-{site.name}"))
                job = self._job(site, wish, worker)
                job.workshop, job.archive = workshop, archive
                settings = Settings(settings_for(site, self.config.crawl, self.config.contact))
                process.crawl(Crawler(NewsSpider, settings), job=job)
                jobs.append(job)
            process.start()
            return tuple(self._ended(job) for job in jobs)

    def _archive(self, stack: ExitStack) -> Archive | None:
        settings = self.config.archive
        if not settings.keep:
            return None
        archive = Archive(self.config.evidence, settings.max_file, self.clock, agent(self.config.contact))
        stack.callback(archive.close)
        return archive

    def _job(self, site: Site, wish: Wish, worker: Worker) -> CrawlJob:
        run_id = 0 if wish.dry else self._started(site)
        limits = self.config.crawl
        gone = Gone(limits.gone_visits, limits.gone_after)
        ingest = Ingest(self.store, run_id, self.config.rules, limits.revisit_after, self.clock, gone=gone)
        return CrawlJob(site, self.store, ingest, run_id, worker, self.clock, wish, self.on_settled, limits)

    def _started(self, site: Site) -> int:
        log.info("crawl.started", source=site.name, base=site.base, trigger=self.trigger)
        if not self.config.contact and not site.is_stand_in:
            log.warning("crawl.without_contact", source=site.name, remedy="set `contact` in config.yaml")
        with self.store.transaction() as corpus:
            return corpus.runs.start(site.name, self.trigger, self.clock())

    def _ended(self, job: CrawlJob) -> CrawlReport:
        status, error = ended_how(job)
        if not job.wish.dry:
            self._note_end(job, status, error, self.clock())
        log.info("crawl.ended", source=job.site.name, run=job.run_id, status=status, error=error)
        return CrawlReport(job.site.name, job.run_id, status, error, tuple(job.found), job.error)

    def _note_end(self, job: CrawlJob, status: str, error: str, now: datetime) -> None:
        try:
            with self.store.transaction() as corpus:
                corpus.runs.finish(job.run_id, status, now, error)
        except StorageError as failure:
            # The next crawl of this source finds the run unfinished and says that it was killed.
            job.fail(failure)
            log.error("crawl.end_not_stored", source=job.site.name, error=str(failure))  # noqa: TRY400  # it says all


def ended_how(job: CrawlJob) -> tuple[str, str]:
    """Return the status and error with which a job's run ends."""
    if job.error:
        return "failed", str(job.error)
    if job.closed_because == "shutdown":
        return "stopped", "stopped by a signal"
    if job.closed_because != "finished":
        return "failed", f"ended early: {job.closed_because or 'the crawl did not start'}"
    if job.troubles and not job.wish.dry:
        return "failed", job.troubles[0]
    if not job.sighted and not job.wish.leads:
        return "failed", no_listing(job.unread)
    left = f"{job.left} addresses wait for a later crawl: their host is left alone" if job.left else ""
    return "finished", "; ".join(filter(None, (left, *job.troubles)))


def no_listing(unread: Sequence[Skipped]) -> str:
    """Return what is wrong when no listing of a site named a single article: a live site always shows some."""
    if not unread:
        return "no listing names an article: the site's layout may have changed, or its address patterns are wrong"
    reasons = dict.fromkeys(f"{skipped.reason} ({skipped.detail})" for skipped in unread)
    return f"no listing could be read: {'; '.join(reasons)}"[:500]
