"""What the daemon does, and when: crawls in child processes, deliveries, digests, as the settings say.

No job is kept in a job store: each job's next time is worked out from what the corpus says was done, so that what was
missed is done once and nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.child import Children, Ended
from app.desk import Desk
from app.housekeeping import prune
from app.last_words import keep_last_words
from app.schedule import held_off_until, next_crawl, next_digest
from core.crontab import interval_trigger
from core.errors import StorageError
from core.model import Run
from core.timetable import DigestRound, crawl_trigger, digest_rounds
from notify.coverage import interval
from notify.delivery import deliver_due
from notify.feeds import write_feeds
from notify.periods import owe_digest
from storage.store import Store

log = structlog.get_logger()
_TIDY = "tidy"
_MARGIN = timedelta(seconds=30)  # a child gets this much longer than its crawl to start and to report


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs by the settings of a desk."""

    desk: Desk
    store: Store
    children: Children

    def crawl(self, source: str) -> None:
        """Crawl one source in a child process and log how it ended, unless it is left alone for failing."""
        if self._is_held_off(source):
            return
        arguments = ["crawl", source, "--json", "--trigger", "schedule"]
        since = self.desk.clock()
        ended = self.children.run(self.desk.path, arguments, self.desk.config.crawl.time_limit + _MARGIN)
        self._keep_last_words(source, ended, since)
        if ended.code == 0:
            log.info("crawl.child_ended", source=source)
        elif ended.stopped:
            log.info("crawl.child_stopped", source=source, code=ended.code)
        else:
            log.error(
                "crawl.child_failed",
                source=source,
                code=ended.code,
                timed_out=ended.timed_out,
                last_words=ended.last_words,
            )

    def deliver(self) -> None:
        """Send what is due, and write the feeds."""
        report = deliver_due(self.store, self.desk.config, self.desk.titles, self.desk.clock)
        if report.sent or report.postponed or report.given_up:
            log.info("outbox.worked", sent=report.sent, postponed=report.postponed, given_up=report.given_up)
        if self.desk.config.feeds.enabled:
            feeds = write_feeds(self.store, self.desk.config, self.desk.titles, self.desk.clock())
            if feeds.written:
                log.info("feeds.written", number=len(feeds.written), folder=str(feeds.folder))

    def send_digests(self, round_: DigestRound) -> None:
        """Owe the readers of a round the digest of what is new, or of what is in trouble, and send it."""
        owed = 0
        for reader in round_.readers:
            subscriber = reader if reader.name else None
            now = self.desk.clock()
            period = owe_digest(self.store, self.desk.config, self.desk.titles, now, subscriber=subscriber)
            owed += period is not None
        with self.store.transaction() as corpus:
            corpus.jobs.done(round_.job, self.desk.clock())
        log.info("digest.due", readers=len(round_.readers), owed=owed)
        self.deliver()

    def tidy(self) -> None:
        """Forget what is older than the settings say is kept."""
        prune(self.desk, self.store)
        with self.store.transaction() as corpus:
            corpus.jobs.done(_TIDY, self.desk.clock())

    def put_into(self, scheduler: BackgroundScheduler) -> None:
        """Replace all jobs of a scheduler by these; one that is running goes on, and is not started twice."""
        scheduler.remove_all_jobs()
        now = self.desk.clock()
        for source in self.desk.sites:
            trigger = crawl_trigger(self.desk.config, source)
            due = next_crawl(trigger, self._last_started(source), now)
            scheduler.add_job(self.crawl, trigger, [source], id=f"crawl:{source}", next_run_time=due)
        with self.store.transaction() as corpus:
            corpus.enrol([each.name for each in self.desk.config.subscribers], now)
        for round_ in digest_rounds(self.desk.config):
            due = next_digest(round_.trigger, self._last_digest(round_), now)
            scheduler.add_job(self.send_digests, round_.trigger, [round_], id=round_.job, next_run_time=due)
        every = IntervalTrigger(seconds=self.desk.config.daemon.deliver_every.total_seconds(), timezone="UTC")
        scheduler.add_job(self.deliver, every, id="deliver", next_run_time=now)
        daily = interval_trigger(timedelta(days=1))
        with self.store.reading() as corpus:
            done = corpus.jobs.last(_TIDY)
        scheduler.add_job(self.tidy, daily, id=_TIDY, next_run_time=next_digest(daily, done, now))

    def _keep_last_words(self, source: str, ended: Ended, since: datetime) -> None:
        """Put how a child ended into its run; where the corpus cannot be written, the log alone will say it."""
        try:
            keep_last_words(self.desk, self.store, source, ended, since)
        except StorageError as error:
            log.warning("crawl.end_not_stored", source=source, error=str(error))

    def _is_held_off(self, source: str) -> bool:
        with self.store.reading() as corpus:
            failures, last = corpus.runs.failures(source), corpus.runs.last(source)
        now = self.desk.clock()
        until = held_off_until(interval(source, self.desk.config, now), failures, last.started_at if last else None)
        if until is None or until <= now:
            return False
        log.info("crawl.held_off", source=source, failures=failures, until=until)
        return True

    def _last_started(self, source: str) -> datetime | None:
        with self.store.reading() as corpus:
            last: Run | None = corpus.runs.last(source)
        return last.started_at if last else None

    def _last_digest(self, round_: DigestRound) -> datetime | None:
        with self.store.reading() as corpus:
            done = corpus.jobs.last(round_.job)
            last = corpus.digests.last() if any(not reader.name for reader in round_.readers) else None
        # An older program noted no jobs, only the digests that it sent.
        return done or (last.created_at if last else None)
