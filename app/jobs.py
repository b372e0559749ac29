"""What the daemon does, and when: crawls in child processes, deliveries, digests, as the settings say.

No job is kept in a job store: each job's next time is worked out from what the corpus says was done, so that what was
missed is done once and nothing twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from app.alarms.watching import watch
from app.child import Children, Ended
from app.desk import Desk
from app.housekeeping import prune
from app.last_words import keep_last_words
from app.schedule import Scattered, held_off_until, is_of_another_clock, next_crawl, next_digest
from core.crontab import cron_trigger, interval_trigger
from core.errors import StorageError
from core.model import Run
from core.timetable import DigestRound, crawl_trigger, digest_rounds
from notify.coverage import interval
from notify.delivery import deliver_due
from notify.feeds import write_feeds
from notify.life import JOB as HEARTBEAT
from notify.life import owe_heartbeat
from notify.periods import owe_digest
from storage.store import Store

log = structlog.get_logger()
_TIDY, _WATCH = "tidy", "watch"
_A_DAY = timedelta(days=1)
_MARGIN = timedelta(seconds=30)  # a child gets this much longer than its crawl to start and to report


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs by the settings of a desk.

    again holds, by job, the readers to whom a digest could not be owed: the next look through the outbox tries anew.
    """

    desk: Desk
    store: Store
    children: Children
    chance: Random = field(default_factory=Random)
    again: dict[str, DigestRound] = field(default_factory=dict)

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
        if not ended.stopped:
            self.watch(source)

    def watch(self, source: str | None = None) -> None:
        """Look what is in trouble, a source alone after its crawl, and tell the operator of what began or is over."""
        if watch(self.desk, self.store, source):
            self.deliver()

    def beat(self) -> None:
        """Give the operator a sign of life."""
        with self.store.transaction() as corpus:
            owe_heartbeat(corpus, self.desk.config, self.desk.clock())
        self.deliver()

    def deliver(self) -> None:
        """Send what is due, and write the feeds."""
        for job in tuple(self.again):
            # A digest's own job delivers too, at the same time.
            if left := self.again.pop(job, None):
                self._owe(left)
        report = deliver_due(self.store, self.desk.config, self.desk.titles, self.desk.clock)
        if report.sent or report.postponed or report.given_up:
            log.info("outbox.worked", sent=report.sent, postponed=report.postponed, given_up=report.given_up)
        if self.desk.config.feeds.enabled:
            feeds = write_feeds(self.store, self.desk.config, self.desk.titles, self.desk.clock())
            if feeds.written:
                log.info("feeds.written", number=len(feeds.written), folder=str(feeds.folder))

    def send_digests(self, round_: DigestRound) -> None:
        """Owe the readers of a round the digest of what is new, or of what is in trouble, and send it."""
        self._owe(round_)
        self.deliver()

    def _owe(self, round_: DigestRound) -> None:
        """Owe a round. A corpus that cannot be written for one reader's digest keeps nobody else's."""
        owed, left = 0, []
        for reader in round_.readers:
            subscriber = reader if reader.name else None
            now = self.desk.clock()
            try:
                period = owe_digest(self.store, self.desk.config, self.desk.titles, now, subscriber=subscriber)
            except StorageError as error:
                log.error("digest.put_off", subscriber=reader.name, error=str(error))  # noqa: TRY400  # it says all
                left.append(reader)
            else:
                owed += period is not None
        log.info("digest.due", readers=len(round_.readers), owed=owed)
        if left or not self._is_noted(round_.job):
            self.again[round_.job] = replace(round_, readers=tuple(left))

    def _is_noted(self, job: str) -> bool:
        """Note that a job was done; return whether the corpus could be written."""
        try:
            with self.store.transaction() as corpus:
                corpus.jobs.done(job, self.desk.clock())
        except StorageError as error:
            log.error("job.not_noted", job=job, error=str(error))  # noqa: TRY400  # it says all
            return False
        return True

    def tidy(self) -> None:
        """Forget what is older than the settings say is kept."""
        prune(self.desk, self.store)
        with self.store.transaction() as corpus:
            corpus.jobs.done(_TIDY, self.desk.clock())

    def put_into(self, scheduler: BackgroundScheduler) -> None:
        """Replace all jobs of a scheduler by these; one that is running goes on, and is not started twice.

        Raises StorageError where the corpus cannot be asked when they are due; the jobs that were there stay.
        """
        now = self.desk.clock()
        with self.store.transaction() as corpus:
            held = corpus.ahead.settle(now)
            corpus.enrol([each.name for each in self.desk.config.subscribers], now)
        if held:
            log.warning("clock.rows_ahead", number=held)
        jobs = [*self._crawls(now), *self._digests(now), *self._chores(now)]
        scheduler.remove_all_jobs()
        for job in jobs:
            scheduler.add_job(**job)

    def _crawls(self, now: datetime) -> Iterator[dict[str, Any]]:
        most = self.desk.config.daemon.jitter
        for source in self.desk.sites:
            trigger = crawl_trigger(self.desk.config, source)
            scattered = Scattered(trigger, most, self.chance)
            due = next_crawl(trigger, self._last_started(source), now)
            due = scattered.later(due) if due > now else due
            yield {
                "func": self.crawl,
                "trigger": scattered,
                "args": [source],
                "id": f"crawl:{source}",
                "next_run_time": due,
            }

    def _digests(self, now: datetime) -> Iterator[dict[str, Any]]:
        for round_ in digest_rounds(self.desk.config):
            due = self._next(round_.trigger, round_.job, self._last_digest(round_), now)
            job = {"func": self.send_digests, "trigger": round_.trigger, "args": [round_], "id": round_.job}
            # However late it is, whoever waits for it gets it.
            yield {**job, "next_run_time": due, "misfire_grace_time": None}

    def _chores(self, now: datetime) -> Iterator[dict[str, Any]]:
        settings = self.desk.config
        every = interval_trigger(settings.daemon.deliver_every)
        yield {"func": self.deliver, "trigger": every, "id": "deliver", "next_run_time": now}
        looks = interval_trigger(settings.operator.every)
        yield {"func": self.watch, "trigger": looks, "id": _WATCH, "next_run_time": now}
        chores: list[tuple[str, Callable[[], None], BaseTrigger]] = [(_TIDY, self.tidy, interval_trigger(_A_DAY))]
        if settings.operator.heartbeat:
            beats = cron_trigger(settings.operator.heartbeat, settings.operator.zone or settings.digest.zone)
            chores.append((HEARTBEAT, self.beat, beats))
        for name, work, trigger in chores:
            with self.store.reading() as corpus:
                done = corpus.jobs.last(name)
            due = self._next(trigger, name, done, now)
            yield {"func": work, "trigger": trigger, "id": name, "next_run_time": due, "misfire_grace_time": None}

    def _next(self, trigger: BaseTrigger, job: str, done: datetime | None, now: datetime) -> datetime:
        """Return when a job is due.

        One that was done by another clock, far ahead, counts as done now: what is then missed is seen to be missed.
        """
        if done is not None and is_of_another_clock(trigger, done, now):
            with self.store.transaction() as corpus:
                corpus.jobs.done(job, now)
        return next_digest(trigger, done, now)

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
        started = last.started_at if last else None
        until = held_off_until(interval(source, self.desk.config, now), failures, started, now)
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
