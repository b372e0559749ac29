"""Which jobs of the daemon fail or come too late, noted in the corpus: a daemon that is started anew still knows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.background import BackgroundScheduler

from core.clock import Clock
from core.errors import TonleError
from core.text import shortened
from notify.phrases import visible
from storage.store import Store

log = structlog.get_logger()
_LONGEST = 300  # characters of an error
_TOO_LONG = timedelta(hours=1)
"""So long may a job outlast its next times: two hundred digests over a slow mail server take some minutes."""
UNSUBSCRIBE, METRICS = "unsubscribe", "metrics"
"""What a daemon does all the time, and not as a job at its times: it listens at an address."""
CRAWL = "crawl:"
"""How the names of crawls begin; the name of the source follows."""


@dataclass(slots=True)
class JobNotes:
    """Listens to a scheduler. What goes well is written down only for a job that failed before."""

    store: Store
    clock: Clock
    _failing: set[str] = field(default_factory=set)
    _outlasting: dict[str, datetime] = field(default_factory=dict)

    def listen_to(self, scheduler: BackgroundScheduler) -> None:
        """Note from now on how its jobs end."""
        with self.store.reading() as corpus:
            self._failing = {failure.name for failure in corpus.jobs.failures()}
        ends = EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_EXECUTED
        scheduler.add_listener(self._hear, ends)
        scheduler.add_listener(self._hear_of_skipped, EVENT_JOB_MAX_INSTANCES)

    def forget_others(self, scheduler: BackgroundScheduler) -> None:
        """Forget the failures of jobs that there are no more."""
        names = {UNSUBSCRIBE, METRICS, *(job.id for job in scheduler.get_jobs())}
        if self._failing - names:
            self._failing &= names
            with self.store.transaction() as corpus:
                corpus.jobs.keep_failures(names)

    def failed(self, job: str, error: str) -> None:
        """Note that work failed which is no job of a scheduler."""
        self._try(job, lambda: self._keep_failed(job, "failed", shortened(visible(error), _LONGEST)))

    def went_well(self, job: str) -> None:
        """Note that it goes well, where it failed before."""
        self._try(job, lambda: self._keep_well(job))

    def _hear(self, event: JobExecutionEvent) -> None:
        self._try(event.job_id, lambda: self._note(event))

    def _try(self, job: str, note: Callable[[], None]) -> None:
        try:
            note()
        except TonleError as error:
            # A corpus that cannot be written is told by all that look at it.
            log.error("job.not_noted", job=job, error=str(error))  # noqa: TRY400  # the reason is enough

    def _hear_of_skipped(self, event: JobSubmissionEvent) -> None:
        """Log a time that was left out because the one before goes on; it is bad only where that has no end.

        A crawl has its own time limit, and how it ended is in the record of its run.
        """
        job: str = event.job_id
        if job.startswith(CRAWL):
            log.info("crawl.skipped", source=job.removeprefix(CRAWL), reason="the one before waits or is under way")
            return
        now = self.clock()
        since = self._outlasting.setdefault(job, now)
        log.info("job.skipped", job=job, reason="the one before is under way", since=since)
        if now - since < _TOO_LONG:
            return
        hangs = f"it has not ended since {since:%Y-%m-%d %H:%M %Z}"
        self._try(job, lambda: self._keep_failed(job, "hangs", hangs))

    def _note(self, event: JobExecutionEvent) -> None:
        if event.code != EVENT_JOB_MISSED:
            self._outlasting.pop(event.job_id, None)
        if event.code == EVENT_JOB_EXECUTED:
            self._keep_well(event.job_id)
            return
        if event.code == EVENT_JOB_MISSED:
            log.warning("job.missed", job=event.job_id, at=str(event.scheduled_run_time))
            what, error = "was missed", f"it should have begun at {event.scheduled_run_time:%Y-%m-%d %H:%M %Z}"
        else:
            _tell(event.job_id, event.exception)
            what, error = "failed", shortened(visible(f"{type(event.exception).__name__}: {event.exception}"), _LONGEST)
        self._keep_failed(event.job_id, what, error)

    def _keep_well(self, job: str) -> None:
        if job in self._failing:
            self._failing.discard(job)
            with self.store.transaction() as corpus:
                corpus.jobs.went_well(job)

    def _keep_failed(self, job: str, what: str, error: str) -> None:
        self._failing.add(job)
        with self.store.transaction() as corpus:
            corpus.jobs.failed(job, what, error, self.clock())


def _tell(job: str, failed: BaseException) -> None:
    if isinstance(failed, TonleError):  # a sentence, which says all
        log.error("job.failed", job=job, error=str(failed))
    else:
        log.error("job.failed", job=job, error=repr(failed), exc_info=failed)
