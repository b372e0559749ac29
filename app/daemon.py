"""The daemon: APScheduler wakes it, the corpus's own tables say what is due, child processes crawl.

One works a corpus: another waits until the kernel has freed the lock of the first, however that ended, and takes over.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app.alarms.job_notes import JobNotes
from app.child import Children
from app.desk import Desk, open_desk
from app.jobs import Jobs
from app.schedule import Steps
from core.clock import Stopwatch, stopwatch
from core.config import Config
from core.errors import AlreadyRunningError, ConfigError, StorageError
from storage.lock import held
from storage.store import Store

log = structlog.get_logger()
_LOOKS = 1.0  # seconds between two looks whether another daemon has ended
_GLANCES = 2.0  # seconds between two looks whether the clock was set, and whether the corpus is where it was
_STEP = timedelta(seconds=5)
"""A clock that is put right bit by bit stays far below that; what is less makes nobody wait."""
_THREADS = 64  # each source has one while it is crawled; settings that are read anew may have more sources


@dataclass(slots=True)
class Daemon:
    """Crawls, alerts and sends digests on schedule until it is told to stop.

    waits: where another daemon works the corpus, wait for its end, and do not give up.
    """

    desk: Desk
    store: Store
    children: Children
    waits: bool = True
    stopwatch: Stopwatch = stopwatch
    _stopping: threading.Event = field(default_factory=threading.Event)
    _woken: threading.Event = field(default_factory=threading.Event)
    _told: bool = False

    def run(self) -> None:
        """Work until SIGTERM or SIGINT. Raises AlreadyRunningError if another works this corpus, and it does not wait.

        SIGHUP makes it read the settings anew; wrong ones are refused, and the old ones stay in force. Where the corpus
        is taken away meanwhile, it ends with a StorageError.
        """
        alone = held(self.desk.lock("daemon"), "The daemon's work on this corpus", self._waits)
        with self._signals():
            try:
                with alone:
                    self._work()
            except AlreadyRunningError:
                if not self._stopping.is_set():
                    raise
                log.info("daemon.stopped")

    def _work(self) -> None:
        scheduler = self._scheduler()
        notes = JobNotes(self.store, self.desk.clock)
        Jobs(self.desk, self.store, self.children).put_into(scheduler)
        notes.listen_to(scheduler)
        notes.forget_others(scheduler)
        scheduler.start()
        log.info("daemon.started", sources=list(self.desk.sites), corpus=str(self.desk.config.corpus))
        while not self._stopping.is_set():
            # Whoever unsubscribes is answered by the settings that are in force.
            with self._receiving(self.desk.config), self._answering(scheduler):
                self._await_word(scheduler)
            self._woken.clear()
            if not self._stopping.is_set():
                self._reload(scheduler)
                notes.forget_others(scheduler)
        log.info("daemon.stopping")
        self.children.stop()
        scheduler.shutdown(wait=True)
        log.info("daemon.stopped")
        if not self.store.is_in_place():
            raise StorageError(
                f"The corpus {self.desk.config.corpus} was moved, replaced or taken away while the daemon worked; "
                "put it back where it was, then start the daemon again."
            )

    def _await_word(self, scheduler: BackgroundScheduler) -> None:
        """Wait for a signal. Where the clock is set meanwhile, or the machine has slept, put the jobs anew.

        APScheduler works out when to wake up, and waits for so long; it does not look at the clock again. Where the
        corpus is taken away, that is the end: what is written to a file without a name is lost.
        """
        steps, is_stale = Steps(self.desk.clock(), self.stopwatch()), False
        while not self._woken.wait(_GLANCES):
            if not self.store.is_in_place():
                self._stopping.set()
                return
            step = steps.step(self.desk.clock(), self.stopwatch())
            if abs(step) >= _STEP:
                log.warning("clock.stepped", seconds=round(step.total_seconds()))
                is_stale = True
            if is_stale:
                is_stale = not self._is_put_anew(scheduler)

    def _is_put_anew(self, scheduler: BackgroundScheduler) -> bool:
        try:
            Jobs(self.desk, self.store, self.children).put_into(scheduler)
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
        return not self._stopping.wait(_LOOKS)

    def _reload(self, scheduler: BackgroundScheduler) -> None:
        desk, problem = self._read_anew()
        if desk is None:
            log.error("config.refused", error=problem)
            return
        before, self.desk = self.desk, desk
        if not self._is_put_anew(scheduler):
            self.desk = before
            log.error("config.refused", error="The corpus cannot be asked what is due: try again.")
            return
        log.info("config.reloaded", sources=list(self.desk.sites), rules=len(self.desk.config.rules))

    def _read_anew(self) -> tuple[Desk | None, str]:
        """Return the settings as they are now; None, and why, where they cannot be used."""
        try:
            desk = open_desk(self.desk.path)
        except ConfigError as error:
            return None, str(error)
        if desk.config.data != self.desk.config.data:
            return None, "`data` has changed: start the daemon anew for another corpus."
        return replace(desk, clock=self.desk.clock), ""

    def _scheduler(self) -> BackgroundScheduler:
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
    def _receiving(self, config: Config) -> Iterator[None]:
        """Wait for those who unsubscribe, where there is a public address that leads here."""
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
    def _answering(self, scheduler: BackgroundScheduler) -> Iterator[None]:
        """Answer those who ask for figures and health, where the settings name an address for that."""
        listen = self.desk.config.metrics.listen
        if not listen:
            yield
            return
        # A web server is nothing that most daemons need.
        from app.metrics import Endpoint  # noqa: PLC0415

        endpoint = Endpoint(listen, lambda: self.desk, self.store, lambda: scheduler.running)
        try:
            endpoint.start()
        except OSError as error:
            log.error("metrics.refused", listen=listen, error=error.strerror)  # noqa: TRY400  # who listens there knows
            yield
            return
        try:
            yield
        finally:
            endpoint.stop()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(number: int, _frame: FrameType | None) -> None:
            log.info("daemon.signalled", signal=signal.Signals(number).name)
            self._stopping.set()
            self._woken.set()

        def reload(_number: int, _frame: FrameType | None) -> None:
            self._woken.set()

        handlers = {signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
