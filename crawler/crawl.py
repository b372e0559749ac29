"""Crawls sites: one Scrapy crawl each, side by side in this process, each its own run in the corpus."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from scrapy.core.downloader import Slot
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import AsyncCrawlerProcess, Crawler

from core.clock import Clock
from core.config import Config
from core.errors import StorageError
from core.model import Lead, Reason, Skipped
from core.site import Site
from crawler.agent import agent
from crawler.archive import Archive
from crawler.failures import RefusedError
from crawler.job import CrawlJob, Wish, Worker
from crawler.settings import PROCESS, OwnSettings, load_downloader, settings_for
from crawler.spiders.news import NewsSpider
from pipelines.ingest import Ingest
from pipelines.relate import Kinship
from pipelines.visits import Gone
from pipelines.workshop import Workshop
from storage.store import Corpus, Store

log = structlog.get_logger()
_LOOK = 0.1  # seconds
_NEWS = timedelta(days=30)
"""Published longer ago, a story that history brings is no news."""


class Process(AsyncCrawlerProcess):
    """Scrapy's process, which when told to stop does not first ask for what waits out a delay: that stays due."""

    was_told = False
    """Whether a signal told it to stop."""

    async def stop(self) -> None:
        """End every crawl with the requests that are on the wire."""
        self.was_told = True
        letting_go = asyncio.ensure_future(self._let_go())
        try:
            await super().stop()
        finally:
            letting_go.cancel()

    async def _let_go(self) -> None:
        while True:
            for slot in (slot for crawler in self.crawlers for slot in _slots(crawler)):
                while slot.queue:
                    slot.queue.popleft()[1].errback(RefusedError(Reason.BLOCKED, "the crawl was stopped"))
            # Requests that were still being judged join the queue later, and Scrapy tells nobody of that.
            await asyncio.sleep(_LOOK)


@dataclass(slots=True)
class Early:
    """Signals that came before Scrapy hears them, which is from when its reactor runs: a run has begun by then."""

    _come: list[int] = field(default_factory=list)

    def note(self, number: int, _frame: object) -> None:
        """Keep one, as a handler of signals."""
        self._come.append(number)

    def pass_on(self) -> None:
        """Raise those that came once more, for whoever handles them now."""
        while self._come:
            signal.raise_signal(self._come.pop())


@contextmanager
def _handlers_kept() -> Iterator[Early]:
    """Note SIGTERM and SIGINT in the block until others handle them, and put back after it what they did before.

    Scrapy's handlers stay when its reactor has ended, and then do nothing: whatever comes after could not be ended.
    """
    early = Early()
    before = {number: signal.signal(number, early.note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield early
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        early.pass_on()


def _once_it_runs(act: Callable[[], None]) -> None:
    """Let the reactor do something first of all, when whoever is told of its start has been."""
    from twisted.internet import reactor  # noqa: PLC0415  # importing it chooses which

    reactor.callLater(0, act)  # type: ignore[arg-type]  # mypy takes the delay for the reactor


def _slots(crawler: Crawler) -> tuple[Slot, ...]:
    engine: ExecutionEngine | None = crawler.engine  # None before it begins, whatever its type says
    return tuple(engine.downloader.slots.values()) if engine else ()


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
    """What every crawl needs: where texts are kept, the settings, what is asked, who started it, who watches it.

    on_started is told the source and the number of each run that begins.
    """

    store: Store
    config: Config
    clock: Clock
    trigger: str = "manual"
    on_settled: Callable[[str], None] | None = None
    on_started: Callable[[str, int], None] | None = None

    def crawl(self, wishes: Mapping[str, tuple[Site, Wish]]) -> tuple[CrawlReport, ...]:
        """Crawl sites, by name, each as wished, and return how each ended.

        Runs Twisted's reactor, so it can be called once a process. SIGTERM and SIGINT end it early: what was fetched
        is stored, the rest stays due. When the ends of all are stored, these signals do again what they did before.
        """
        with _handlers_kept() as early:
            return self._crawled(wishes, early)

    def _crawled(self, wishes: Mapping[str, tuple[Site, Wish]], early: Early) -> tuple[CrawlReport, ...]:
        process = Process(OwnSettings(PROCESS))
        load_downloader()
        with ExitStack() as stack:
            jobs = []
            sites = {name: site for name, (site, _) in wishes.items()}
            limits = self.config.crawl
            workshop = stack.enter_context(
                Workshop(
                    sites,
                    limits.processes,
                    limits.reading.total_seconds(),
                    most_pages=limits.max_document_pages,
                    is_wary=self._is_wary(sites),
                )
            )
            archive = self._archive(stack)
            for site, wish in wishes.values():
                worker = stack.enter_context(Worker(f"ingest-{site.name}"))
                job = self._job(site, wish, worker)
                job.workshop, job.archive = workshop, archive
                settings = OwnSettings(settings_for(site, self.config.crawl, self.config.contact))
                process.crawl(Crawler(NewsSpider, settings), job=job)
                jobs.append(job)
            _once_it_runs(early.pass_on)
            process.start()
            for job in jobs:
                # A crawl that is stopped before it has begun hears of no end.
                job.closed_because = job.closed_because or ("shutdown" if process.was_told else "")
            return tuple(self._ended(job) for job in jobs)

    def _is_wary(self, sites: Iterable[str]) -> bool:
        """Return whether the last crawl of any of the sites did not come to its end: a page may have been the cause."""
        with self.store.reading() as corpus:
            last = [corpus.runs.last(site) for site in sites]
        # One that is still called running was killed as well: its lock is ours.
        died = [run.source for run in last if run and run.status in {"killed", "running"}]
        if died:
            log.info("crawl.wary", sources=died)
        return bool(died)

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
        # Who reads history is told of what is news in it, and not of each story of ten years.
        is_history = wish.since is not None or wish.until is not None
        ingest = Ingest(
            self.store,
            run_id,
            self.config.rules,
            limits.revisit_after,
            self.clock,
            tells_since=self.clock() - _NEWS if is_history else None,
            gone=gone,
            kinship=Kinship(self.config.duplicates),
            readers=self.config.alert_readers,
        )
        return CrawlJob(site, self.store, ingest, run_id, worker, self.clock, wish, self.on_settled, limits)

    def _started(self, site: Site) -> int:
        now = self.clock()
        with self.store.transaction() as corpus:
            # Before anything is fetched: what this crawl brings is new to those who subscribed since the last one.
            corpus.enrol([each.name for each in self.config.subscribers], now)
            if corpus.ahead.is_likely(now):
                corpus.ahead.settle(now)
            run_id = corpus.runs.start(site.name, self.trigger, now)
        if self.on_started:
            self.on_started(site.name, run_id)
        log.info("crawl.started", source=site.name, run=run_id, base=site.base, trigger=self.trigger)
        if not self.config.contact and not site.is_stand_in:
            log.warning("crawl.without_contact", source=site.name, remedy="set `contact` in config.yaml")
        return run_id

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
                if corpus.runs.tally([job.run_id]).outcomes:
                    from crawler.metering import note_meter  # noqa: PLC0415  # few crawls have anything to measure

                    note_meter(corpus, job.site, job.run_id, now)
                if status == "finished":
                    forget_hosts(corpus, job.site, now)
        except StorageError as failure:
            # The next crawl of this source finds the run unfinished and says that it was killed.
            job.fail(failure)
            log.error("crawl.end_not_stored", source=job.site.name, error=str(failure))  # noqa: TRY400  # it says all


def forget_hosts(corpus: Corpus, site: Site, now: datetime) -> None:
    """Close the incidents of hosts of which nothing is to be asked any more: no answer of theirs would close them."""
    asked = {urlsplit(site.base).netloc, *(urlsplit(visit.url).netloc for visit in corpus.sources.due(site.name, now))}
    for incident in corpus.incidents.open(site.name):
        if incident.until <= now and incident.host not in asked:
            corpus.incidents.close(site.name, incident.host, now)


def ended_how(job: CrawlJob) -> tuple[str, str]:
    """Return the status and error with which a job's run ends."""
    if job.error:
        return "failed", str(job.error)
    if job.closed_because == "shutdown":
        return "stopped", "stopped by a signal"
    if job.closed_because != "finished":
        return "failed", f"ended early: {job.closed_because or 'the crawl did not start'}"
    left = f"{job.left} addresses wait for a later crawl: their host is left alone" if job.left else ""
    if trouble := _trouble(job, left):
        return "failed", trouble
    return "finished", "; ".join(filter(None, (left, *job.troubles)))


def _trouble(job: CrawlJob, left: str) -> str:
    """Return why a crawl that came to its end did not do what it was for; empty if it did."""
    if job.troubles and not job.wish.dry:
        return job.troubles[0]
    if job.wish.leads:
        return left
    return "" if job.sighted else no_listing(job.unread)


def no_listing(unread: Sequence[Skipped]) -> str:
    """Return what is wrong when no listing of a site named a single article: a live site always shows some."""
    if not unread:
        return "no listing names an article: the site's layout may have changed, or its address patterns are wrong"
    reasons = dict.fromkeys(f"{skipped.reason} ({skipped.detail})" for skipped in unread)
    return f"no listing could be read: {'; '.join(reasons)}"[:500]
