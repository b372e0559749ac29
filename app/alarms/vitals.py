"""Whether the daemon does what it is for, by how its jobs end; and who is told where the corpus can take no alarm.

An alarm is a row of the corpus before it is a message. Where the corpus cannot be written, or the look for trouble
itself fails, there is no such row: the operator is then written to straight, beside the outbox, at most once a day, and
once more when it is over. What was told is in this process's memory alone: a daemon that is started anew may tell it
again.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from app.desk import Desk
from core.audience import Subscriber
from core.clock import Stopwatch, stopwatch
from core.errors import StorageError, TonleError
from core.text import shortened
from core.trouble import Event, Gravity, Report, Subject, Trouble
from notify.bulletin import bulletin, duration
from notify.channels import KINDS, ChannelMaker, channel_for
from notify.composing import reader_of
from notify.message import Envelope, bulletin_message
from notify.phrases import visible
from storage.store import Store

log = structlog.get_logger()
_LOOK, _DELIVERY, _WRITE = "watch", "deliver", "write"
_WORK = {_LOOK: "look for trouble", _DELIVERY: "look through the outbox"}
_UNWRITTEN, _UNWATCHED = "unwritten", "unwatched"
_PARTS = {_UNWRITTEN: "database", _UNWATCHED: "jobs"}
_PATIENCE = {_UNWRITTEN: timedelta(minutes=5), _UNWATCHED: timedelta(0)}
"""For how long it has to last: a check of a large corpus holds its lock for minutes."""
_AGAIN, _RETRY = timedelta(days=1), timedelta(minutes=15)
_INTERVALS, _LEAST = 3, timedelta(minutes=30)
"""After so many without an end work counts as stuck, never sooner: two hundred digests take some minutes."""
_LONGEST = 300  # characters of an error


@dataclass(slots=True)
class _Outcry:
    """Something wrong that can be no row: since when, when it was last told, and when that was last tried."""

    trouble: Trouble
    since: float
    tried: float | None = None
    told: float | None = None


@dataclass(slots=True)
class Vitals:
    """Listens to a scheduler, and tells /healthz and the operator what the corpus cannot. desk: those in force."""

    desk: Callable[[], Desk]
    store: Store
    stopwatch: Stopwatch = stopwatch
    kinds: Mapping[str, ChannelMaker] = field(default_factory=lambda: KINDS)
    _ended: dict[str, float] = field(default_factory=dict)
    _open: dict[str, _Outcry] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def listen_to(self, scheduler: BackgroundScheduler) -> None:
        """Note from now on how its jobs end."""
        self._ended = dict.fromkeys(_WORK, self.stopwatch())
        scheduler.add_listener(self._hear, EVENT_JOB_ERROR | EVENT_JOB_EXECUTED)

    def ails(self) -> str:
        """Return in a sentence what keeps the daemon from its work; empty where nothing does."""
        now, config = self.stopwatch(), self.desk().config
        with self._lock:
            outcry = self._open.get(_UNWRITTEN)
            if outcry and now - outcry.since >= _PATIENCE[_UNWRITTEN].total_seconds():
                return outcry.trouble.reasons[0]
            for job, every in ((_LOOK, config.operator.every), (_DELIVERY, config.daemon.deliver_every)):
                since = timedelta(seconds=now - self._ended.get(job, now))
                if since > max(_INTERVALS * every, _LEAST):
                    return f"No {_WORK[job]} has ended well for {duration(since)}."
        return ""

    def _hear(self, event: JobExecutionEvent) -> None:
        if event.code == EVENT_JOB_EXECUTED:
            self._note_end(event.job_id)
        elif isinstance(event.exception, StorageError):
            self._cry(_UNWRITTEN, str(event.exception))
        elif event.job_id == _LOOK:
            self._cry(_UNWATCHED, _said(event.exception))

    def _note_end(self, job: str) -> None:
        with self._lock:
            self._ended[job] = self.stopwatch()
            is_doubtful = _UNWRITTEN in self._open
        if job == _LOOK:
            self._calm(_UNWATCHED)
        if is_doubtful:
            self._try_to_write()

    def _try_to_write(self) -> None:
        """Write something: what had nothing to write went well on a full disk too."""
        try:
            with self.store.transaction() as corpus:
                corpus.jobs.done(_WRITE, self.desk().clock())
        except StorageError as error:
            self._cry(_UNWRITTEN, str(error))
        else:
            self._calm(_UNWRITTEN)

    def _cry(self, cause: str, said: str) -> None:
        now, at = self.stopwatch(), self.desk().clock()
        with self._lock:
            outcry = self._open.get(cause)
            if outcry is None:
                subject, wrong = Subject(_PARTS[cause]), Gravity.WRONG
                trouble = Trouble(subject, cause, wrong, (said,), at, (cause,), wrong, at)
                outcry = self._open[cause] = _Outcry(trouble, now)
            outcry.trouble = replace(outcry.trouble, reasons=(said,))
            if not _is_due(outcry, now):
                return
            outcry.tried = now
            trouble = outcry.trouble
        if self._tell(trouble, Event.OPENED):
            outcry.told = now

    def _calm(self, cause: str) -> None:
        with self._lock:
            outcry = self._open.pop(cause, None)
        if outcry and outcry.told is not None:
            self._tell(replace(outcry.trouble, ended_at=self.desk().clock()), Event.ENDED)

    def _tell(self, trouble: Trouble, event: Event) -> bool:
        """Write to the operator straight; return whether nobody has to be told any more."""
        readers = self.desk().config.operator_readers
        told = tuple(self._is_told(reader, trouble, event) for reader in readers)  # each of them, whoever fails
        return all(told)

    def _is_told(self, reader: Subscriber, trouble: Trouble, event: Event) -> bool:
        desk = self.desk()
        now, config = desk.clock(), desk.config
        key = f"straight:{trouble.cause}:{event}:{now:%Y-%m-%dT%H:%M}"
        told = bulletin(
            (Report(0, trouble, event, trouble.cause, trouble.reasons, now),), reader_of(config, desk.titles, reader)
        )
        try:
            channel = channel_for(config, reader, "trouble", self.kinds)
            try:
                channel.send(
                    bulletin_message(told, Envelope(key, config.mail.sender, reader.to, now, reader.format)), key
                )
            finally:
                channel.close()
        except Exception as error:  # noqa: BLE001  # the rim: the scheduler would swallow it
            log.error("operator.not_told", cause=trouble.cause, reasons=list(trouble.reasons), error=_said(error))  # noqa: TRY400
            return False
        log.warning("operator.told", what=event.value, cause=trouble.cause, reasons=list(trouble.reasons))
        return True


def _is_due(outcry: _Outcry, now: float) -> bool:
    """Return whether somebody is to be told now."""
    if now - outcry.since < _PATIENCE[outcry.trouble.cause].total_seconds():
        return False
    if outcry.tried is not None and now - outcry.tried < _RETRY.total_seconds():
        return False
    return outcry.told is None or now - outcry.told >= _AGAIN.total_seconds()


def _said(error: BaseException) -> str:
    said = str(error) if isinstance(error, TonleError) else f"{type(error).__name__}: {error}"
    return shortened(visible(said), _LONGEST)
