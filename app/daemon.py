"""The daemon: APScheduler wakes it, the corpus's own table of runs says what is due, child processes crawl.

No job is kept in a job store: at the start each job's next time is worked out from what the corpus says was done, so
that what was missed is done once and nothing twice.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app.child import Children
from app.desk import Desk
from app.schedule import next_crawl, next_digest
from core.model import Run
from core.timetable import DigestRound, crawl_trigger, digest_rounds
from notify.delivery import deliver_due
from notify.feeds import write_feeds
from notify.periods import owe_digest
from storage.lock import held
from storage.store import Store

log = structlog.get_logger()
_MARGIN = timedelta(seconds=30)  # a child gets this much longer than its crawl to start and to report


@dataclass(frozen=True, slots=True)
class Daemon:
    """Crawls, alerts and sends digests on schedule until it is told to stop."""

    desk: Desk
    store: Store
    children: Children
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises AlreadyRunningError if another daemon works this corpus."""
        alone = held(self.desk.lock("daemon"), "The daemon's work on this corpus")
        with alone, self._signals(), self._receiving():
            scheduler = self._scheduler()
            scheduler.start()
            log.info("daemon.started", sources=list(self.desk.sites), corpus=str(self.desk.config.corpus))
            self.stopping.wait()
            log.info("daemon.stopping")
            self.children.stop()
            scheduler.shutdown(wait=True)
            log.info("daemon.stopped")

    def crawl(self, source: str) -> None:
        """Crawl one source in a child process and log how it ended."""
        arguments = ["crawl", source, "--json", "--trigger", "schedule"]
        ended = self.children.run(self.desk.path, arguments, self.desk.config.crawl.time_limit + _MARGIN)
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

    def _scheduler(self) -> BackgroundScheduler:
        settings = self.desk.config.daemon
        pool = ThreadPoolExecutor(len(self.desk.sites) + 2)
        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": pool},
            # The default grace of one second skips a daily job in silence after a three-second stop.
            job_defaults={
                "misfire_grace_time": int(settings.misfire_grace.total_seconds()),
                "coalesce": True,
                "max_instances": 1,
            },
        )
        scheduler.add_listener(_note_trouble, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
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
        every = IntervalTrigger(seconds=settings.deliver_every.total_seconds(), timezone="UTC")
        scheduler.add_job(self.deliver, every, id="deliver", next_run_time=now)
        return scheduler

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

    @contextmanager
    def _receiving(self) -> Iterator[None]:
        """Wait for those who unsubscribe, where there is a public address that leads here."""
        config = self.desk.config
        if not config.unsubscribe.url:
            yield
            return
        # A web server is nothing that most daemons need.
        from notify.receiver import Receiver, application  # noqa: PLC0415

        receiver = Receiver(application(self.store, config, self.desk.clock), config.unsubscribe.place)
        receiver.start()
        try:
            yield
        finally:
            receiver.stop()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(number: int, _frame: FrameType | None) -> None:
            log.info("daemon.signalled", signal=signal.Signals(number).name)
            self.stopping.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _note_trouble(event: JobExecutionEvent) -> None:
    if event.code == EVENT_JOB_MISSED:
        log.warning("job.missed", job=event.job_id, at=str(event.scheduled_run_time))
    else:
        log.error("job.failed", job=event.job_id, error=repr(event.exception), traceback=event.traceback)
