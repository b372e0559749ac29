"""The daemon: APScheduler wakes it, the corpus's own tables say what is due, child processes crawl.

One works a corpus: another waits until the kernel has freed the lock of the first, however that ended, and takes over.
"""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from queue import Empty, SimpleQueue
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app.alarms.job_notes import JobNotes
from app.alarms.vitals import Vitals
from app.child import Children
from app.desk import Desk, open_desk
from app.jobs import Jobs
from app.listeners import Listeners
from app.schedule import Steps
from core.clock import Stopwatch, stopwatch
from core.errors import AlreadyRunningError, ConfigError, StorageError
from storage.store import Store

log = structlog.get_logger()
_LOOKS = 1.0  # seconds between two looks whether another daemon has ended
_GLANCES = 2.0  # seconds between two looks whether the clock was set, and whether the corpus is where it was
_STEP = timedelta(seconds=5)
"""A clock that is put right bit by bit stays far below that; what is less makes nobody wait."""
_THREADS = 1_000
"""Each source has one while it is crawled or waits for its turn; what else is to be done never waits for these."""


@dataclass(slots=True)
class Daemon:
    """Crawls, alerts and sends digests on schedule until it is told to stop.

    waits: where another daemon works the corpus, wait for its end, and do not give up. heed is called whenever settings
    were read anew, with those that are in force then: the log is set up by them. again is after how many seconds it is
    tried once more to listen where that could not be.
    """

    desk: Desk
    children: Children
    waits: bool = True
    heed: Callable[[Desk], None] = lambda _desk: None
    stopwatch: Stopwatch = stopwatch
    again: float = 600.0
    _store: Store = field(init=False)
    _signalled: SimpleQueue[signal.Signals] = field(default_factory=SimpleQueue)
    _is_stopping: bool = False
    _told: bool = False

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises AlreadyRunningError if another works this corpus, and it does not wait.

        SIGHUP makes it read the settings anew; wrong ones are refused, and the old ones stay in force. Where the corpus
        is taken away meanwhile, it ends with a StorageError.
        """
        alone = self.desk.alone("daemon", "The daemon's work on this corpus", self._waits)
        with self._noting_signals():
            try:
                with alone:
                    self._begin()
            except AlreadyRunningError:
                if not self._is_stopping:
                    raise
                log.info("daemon.stopped")

    def _begin(self) -> None:
        """Open the corpus, and work. While another worked, settings, corpus and log file may have been replaced."""
        if self._told:
            # There was one: who waited for its end begins no other in its place.
            self.desk = self.desk.without_beginning()
            desk, problem = self._read_anew()
            self._follow(desk or self.desk)
            if desk is None:
                log.error("config.refused", error=problem)
        with self.desk.corpus() as self._store:
            self.desk = self.desk.without_beginning()
            self._work()

    def _work(self) -> None:
        scheduler = self.scheduler()
        try:
            self._keep_time(scheduler)
        finally:
            # Whatever ended it: no job and no crawl goes on when the lock is let go.
            log.info("daemon.stopping")
            self.children.stop()
            if scheduler.running:
                scheduler.shutdown(wait=True)
            log.info("daemon.stopped")
        if not self._store.is_in_place():
            raise StorageError(
                f"The corpus {self.desk.config.corpus} was moved, replaced or taken away while the daemon worked; "
                "put it back where it was, then start the daemon again."
            )

    def _keep_time(self, scheduler: BackgroundScheduler) -> None:
        notes = JobNotes(self._store, self.desk.clock)
        Jobs(self.desk, self._store, self.children).put_into(scheduler)
        notes.listen_to(scheduler)
        notes.forget_others(scheduler)
        vitals = Vitals(lambda: self.desk, self._store, self.stopwatch)
        vitals.listen_to(scheduler)

        def ails() -> str:
            return vitals.ails() if scheduler.running else "The scheduler of the daemon does no work."

        listeners = Listeners(lambda: self.desk, self._store, notes, ails)
        scheduler.start()
        log.info("daemon.started", sources=list(self.desk.sites), corpus=str(self.desk.config.corpus))
        while not self._is_stopping:
            # Whoever unsubscribes is answered by the settings that are in force.
            with listeners.open() as all_listen:
                is_asked = self._is_asked_to_reload(scheduler, None if all_listen else self.stopwatch() + self.again)
            if is_asked and self._is_reloaded(scheduler):
                _forget_others(notes, scheduler)

    def _is_asked_to_reload(self, scheduler: BackgroundScheduler, until: float | None) -> bool:
        """Wait for a signal, until then at most. Where the clock is set or the machine sleeps, put the jobs anew.

        APScheduler works out when to wake up, and waits for so long; it does not look at the clock again. Where the
        corpus is taken away, that is the end: what is written to a file without a name is lost.
        """
        steps, is_stale = Steps(self.desk.clock(), self.stopwatch()), False
        while not self._hears_or_ends():
            step = steps.step(self.desk.clock(), self.stopwatch())
            if abs(step) >= _STEP:
                log.warning("clock.stepped", seconds=round(step.total_seconds()))
                is_stale = True
            if is_stale:
                is_stale = not self._is_put_anew(scheduler)
            if not is_stale and until is not None and self.stopwatch() >= until:
                return False
        return not self._is_stopping

    def _hears_or_ends(self) -> bool:
        """Take the time between two looks at the clock, or until a signal comes; return whether that ends the wait."""
        heard = self._hears(_GLANCES)
        if not self._store.is_in_place():
            self._is_stopping = True
        return heard or self._is_stopping

    def _is_put_anew(self, scheduler: BackgroundScheduler) -> bool:
        try:
            Jobs(self.desk, self._store, self.children).put_into(scheduler)
        except StorageError as error:
            log.error("daemon.jobs_not_put", error=str(error))  # noqa: TRY400  # it says all
            return False
        return True

    def _waits(self, holder: str) -> bool:
        """Take the time between two looks for another daemon's end; return whether to look again."""
        if not self.waits:
            return False
        if not self._told:
            log.info("daemon.waiting", for_process=holder)
            self._told = True
        self._hears(_LOOKS)
        return not self._is_stopping

    def _hears(self, patience: float) -> bool:
        """Wait for a signal, so many seconds at most; return whether one came."""
        heard = set()
        with suppress(Empty):
            heard.add(self._signalled.get(timeout=patience))
            while True:
                heard.add(self._signalled.get_nowait())
        for number in heard - {signal.SIGHUP}:
            log.info("daemon.signalled", signal=number.name)
            self._is_stopping = True
        return bool(heard)

    def _is_reloaded(self, scheduler: BackgroundScheduler) -> bool:
        desk, problem = self._read_anew()
        if desk is None:
            log.error("config.refused", error=problem)
            return False
        before = self.desk
        self._follow(desk)
        if not self._is_put_anew(scheduler):
            self._follow(before)
            log.error("config.refused", error="The corpus cannot be asked what is due: try again.")
            return False
        log.info("config.reloaded", sources=list(self.desk.sites), rules=len(self.desk.config.rules))
        return True

    def _follow(self, desk: Desk) -> None:
        """Put settings in force: before the jobs, for what they log must not hold a secret that is new."""
        self.desk = desk
        self.children.grace = desk.config.crawl.stop_grace
        self.heed(desk)

    def _read_anew(self) -> tuple[Desk | None, str]:
        """Return the settings as they are now; None, and why, where they cannot be used."""
        try:
            desk = open_desk(self.desk.path)
        except ConfigError as error:
            return None, str(error)
        if desk.config.data != self.desk.config.data:
            return None, "`data` has changed: start the daemon anew for another corpus."
        return replace(desk, clock=self.desk.clock, begins=self.desk.begins), ""

    def scheduler(self) -> BackgroundScheduler:
        """Return what wakes the daemon, without jobs."""
        # A job that fails is told by JobNotes; APScheduler would tell it once more, with a traceback whatever it was.
        logging.getLogger("apscheduler.executors").setLevel(logging.CRITICAL)
        settings = self.desk.config.daemon
        return BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(_THREADS)},
            # The default grace of one second skips a daily job in silence after a three-second stop.
            job_defaults={
                "misfire_grace_time": int(settings.misfire_grace.total_seconds()),
                "coalesce": True,
                "max_instances": 1,
            },
        )

    @contextmanager
    def _noting_signals(self) -> Iterator[None]:
        """Note signals, and no more: a handler runs in the midst of anything, a line of the log half written."""

        def note(number: int, _frame: FrameType | None) -> None:
            self._signalled.put(signal.Signals(number))  # which may be called in the midst of itself

        before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _forget_others(notes: JobNotes, scheduler: BackgroundScheduler) -> None:
    try:
        notes.forget_others(scheduler)
    except StorageError as error:
        log.warning("job.not_noted", error=str(error))  # the next reload or start does it
