"""Which jobs of the daemon fail or come too late, noted in the corpus: a daemon that is started anew still knows."""

from dataclasses import dataclass, field

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from core.clock import Clock
from core.errors import TonleError
from core.text import shortened
from notify.phrases import visible
from storage.store import Store

log = structlog.get_logger()
_LONGEST = 300  # characters of an error


@dataclass(slots=True)
class JobNotes:
    """Listens to a scheduler. What goes well is written down only for a job that failed before."""

    store: Store
    clock: Clock
    _failing: set[str] = field(default_factory=set)

    def listen_to(self, scheduler: BackgroundScheduler) -> None:
        """Note from now on how its jobs end."""
        with self.store.reading() as corpus:
            self._failing = {failure.name for failure in corpus.jobs.failures()}
        scheduler.add_listener(self._hear, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_EXECUTED)

    def forget_others(self, scheduler: BackgroundScheduler) -> None:
        """Forget the failures of jobs that there are no more."""
        names = {job.id for job in scheduler.get_jobs()}
        if self._failing - names:
            self._failing &= names
            with self.store.transaction() as corpus:
                corpus.jobs.keep_failures(names)

    def _hear(self, event: JobExecutionEvent) -> None:
        try:
            self._note(event)
        except TonleError as error:
            # A corpus that cannot be written is told by all that look at it.
            log.error("job.not_noted", job=event.job_id, error=str(error))  # noqa: TRY400  # the reason is enough

    def _note(self, event: JobExecutionEvent) -> None:
        if event.code == EVENT_JOB_EXECUTED:
            if event.job_id in self._failing:
                self._failing.discard(event.job_id)
                with self.store.transaction() as corpus:
                    corpus.jobs.went_well(event.job_id)
            return
        if event.code == EVENT_JOB_MISSED:
            log.warning("job.missed", job=event.job_id, at=str(event.scheduled_run_time))
            what, error = "was missed", f"it should have begun at {event.scheduled_run_time:%Y-%m-%d %H:%M %Z}"
        else:
            log.error("job.failed", job=event.job_id, error=repr(event.exception), traceback=event.traceback)
            what, error = "failed", shortened(visible(f"{type(event.exception).__name__}: {event.exception}"), _LONGEST)
        self._failing.add(event.job_id)
        with self.store.transaction() as corpus:
            corpus.jobs.failed(event.job_id, what, error, self.clock())
