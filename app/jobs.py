"""What the daemon does, and when: crawls in child processes, deliveries, digests, as the settings say.

No job is kept in a job store: each job's next time is worked out from what the corpus says was done, so that what was
missed is done once and nothing twice.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import structlog
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from app.alarms.attendance import Attendance
from app.alarms.job_notes import CRAWL
from app.alarms.watching import watch
from app.child import Children, Ended
from app.desk import Desk
from app.handover import handed_over
from app.housekeeping import prune
from app.last_words import keep_last_words
from app.memory import give_memory_back
from app.schedule import (
    SOON,
    Scattered,
    held_off_until,
    is_of_another_clock,
    made_up_for,
    next_crawl,
    next_digest,
)
from core.crontab import cron_trigger, interval_trigger
from core.errors import AlreadyRunningError, ConfigError, StorageError, TonleError
from core.model import Run
from core.timetable import DigestRound, crawl_trigger, digest_rounds
from notify.coverage import interval
from notify.delivery import deliver_due
from notify.feeds import write_feeds
from notify.life import JOB as HEARTBEAT
from notify.life import owe_heartbeat
from notify.periods import owe_digest
from storage.lock import is_held
from storage.runs import SCHEDULE
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
    attendance: Attendance = field(default_factory=Attendance)

    def crawl(self, source: str) -> datetime | None:
        """Crawl one source in a child process when its turn comes, unless it is left alone for failing.

        What it found is sent at once. Returns when to try again, where somebody is crawling it by hand.
        """
        if self._is_held_off(source):
            return None
        with self.children.turns.turn(source) as is_on:
            # The corpus may have been taken away while this one waited.
            if not (is_on and self.store.is_in_place()):
                return None
            ended = self._ended(source)
        if ended.stopped:
            return None
        if ended.code == AlreadyRunningError.exit_code:
            again = self.desk.clock() + SOON
            log.info("crawl.put_off", source=source, reason="it is being crawled by hand", until=again)
            return again
        self._looks(source)
        with self.store.reading() as corpus:
            is_owed = corpus.outbox.waiting() > 0
        if is_owed:
            self.deliver()
        return None

    def _ended(self, source: str) -> Ended:
        """Let a child crawl a source; log and return how it ended.

        Raises TonleError where the child, by another version of the program, could not use the settings in force.
        """
        # The daemon delivers what it finds: waiting for a mail server is no crawl.
        arguments = ["crawl", source, "--json", "--trigger", SCHEDULE, "--no-deliver", "--handed"]
        log.info("crawl.child_started", source=source)
        since = self.desk.clock()
        limit = self.desk.config.crawl.time_limit + _MARGIN
        ended = self.children.run(self.desk.path, arguments, limit, handed_over(self.desk))
        if ended.code == ConfigError.exit_code:
            # No fault of the source, which keeps its record: the job has failed, and of that the operator hears.
            raise TonleError(f"The crawl of {source} could not begin: {ended.told}")
        self._keep_last_words(source, ended, since)
        if ended.code == 0:
            log.info("crawl.child_ended", source=source)
        elif ended.stopped:
            log.info("crawl.child_stopped", source=source, code=ended.code)
        elif ended.code != AlreadyRunningError.exit_code:
            log.error(
                "crawl.child_failed",
                source=source,
                code=ended.code,
                timed_out=ended.timed_out,
                last_words=ended.last_words,
            )
        return ended

    def watch(self) -> None:
        """Look what is in trouble, and tell the operator of what began or is over."""
        if self._looks():
            self.deliver()

    def _looks(self, source: str | None = None) -> bool:
        """Look what is in trouble, of a source alone after its crawl; return whether the operator is owed a message."""
        since = self.attendance.noted(self.desk.clock(), self.desk.config.operator.every)
        return watch(self.desk, self.store, source, since)

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
        report = deliver_due(
            self.store,
            self.desk.config,
            self.desk.titles,
            self.desk.clock,
            goes_on=lambda: not self.children.is_stopping,
        )
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
        jobs = [*self._crawls(now, scheduler), *self._digests(now), *self._chores(now)]
        scheduler.remove_all_jobs()
        # Named for each job, for the scheduler keeps what was set when it was made.
        late = {"misfire_grace_time": int(self.desk.config.daemon.misfire_grace.total_seconds())}
        self.children.turns.allow(self.desk.config.daemon.at_once, self.desk.sites)
        for job in jobs:
            scheduler.add_job(self._in_place, args=[job.pop("func"), *job.pop("args", ())], **late | job)

    def _in_place(self, work: Callable[..., None], *args: object) -> None:
        """Do a job's work; nothing where the corpus was taken away: a crawl would begin another one in its place."""
        if self.store.is_in_place():
            work(*args)
            give_memory_back()

    def _crawls(self, now: datetime, scheduler: BackgroundScheduler) -> Iterator[dict[str, Any]]:
        most = self.desk.config.daemon.jitter
        is_first = True
        for source in self.desk.sites:
            trigger = crawl_trigger(self.desk.config, source)
            scattered = Scattered(trigger, most, self.chance)
            due = self._due(source, trigger, now)
            # Who starts tonle for the first time is to see that something is done.
            is_at_once, is_first = due <= now and is_first, is_first and due > now
            yield {
                "func": self._crawl_by,
                "trigger": scattered,
                "args": [scheduler, source],
                "id": CRAWL + source,
                "next_run_time": due if is_at_once else scattered.later(due),
            }

    def _crawl_by(self, scheduler: BackgroundScheduler, source: str) -> None:
        """Crawl a source; let a scheduler try again sooner than it would, where that is asked for."""
        again = self.crawl(source)
        job = scheduler.get_job(CRAWL + source) if again else None
        if job and job.next_run_time > again:
            with suppress(JobLookupError):  # other settings are being put in force, by which it is due anew
                job.modify(next_run_time=again)

    def _due(self, source: str, trigger: BaseTrigger, now: datetime) -> datetime:
        """Return when a source is to be crawled; soon, where its newest crawl was cut off."""
        with self.store.reading() as corpus:
            last = corpus.runs.last(source, whole=True)
        due = next_crawl(trigger, last.started_at if last else None, now)
        return made_up_for(due, now) if last and self._is_cut_off(last) else due

    def _is_cut_off(self, run: Run) -> bool:
        """Return whether a run is no crawl of its day, as it was ended from outside; a failed one has its back-off."""
        if run.status != "running":
            return run.status in {"killed", "stopped"}
        if self.children.turns.has(run.source):
            return False
        # A child of a daemon that died stops by itself: until then it holds the lock.
        return run.trigger == SCHEDULE or not is_held(self.desk.lock(run.source))

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
            failures, last = corpus.runs.failures(source), corpus.runs.last(source, whole=True)
        now = self.desk.clock()
        started = last.started_at if last else None
        until = held_off_until(interval(source, self.desk.config, now), failures, started, now)
        if until is None or until <= now:
            return False
        log.info("crawl.held_off", source=source, failures=failures, until=until)
        return True

    def _last_digest(self, round_: DigestRound) -> datetime | None:
        with self.store.reading() as corpus:
            done = corpus.jobs.last(round_.job)
            last = corpus.digests.last() if any(not reader.name for reader in round_.readers) else None
        # An older program noted no jobs, only the digests that it sent.
        return done or (last.created_at if last else None)
