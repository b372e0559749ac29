"""Carrying out what the outbox owes.

    plan → claim → write → send → mark

What is due to a subscriber is planned first: what waits for the end of quiet hours or of a full hour, and what is
gathered into one message. A delivery is claimed in a transaction of its own, for as long as the longest sending can
last; it is marked in another after it left, for which whoever holds the corpus is waited for as long as the claim may
last. Whoever dies between the two leaves a claim that runs out: the message then leaves once more, under the same
Message-ID or into the same file.

A channel that cannot be reached costs each message its time-out: after the first that meets this, the others that
are due over it are put off until that one is tried again. Theirs was no attempt, and is not counted as one.

What the operator is owed is tried for ever: a trouble is told once, and a message that was given up would never say it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from core.audience import Subscriber
from core.clock import Clock
from core.config import Config
from core.errors import DeliveryError, DeliveryRefusedError, StorageBusyError
from core.owed import Delivery
from core.trouble import OPERATOR_KINDS
from notify.channels import (
    KINDS,
    Channel,
    ChannelMaker,
    FileChannel,
    SmtpChannel,
    UnreachableError,
    channel_for,
    folder_of,
)
from notify.letters import Letters
from notify.planning import HOUR, plan
from storage.store import Corpus, Store

_log = structlog.get_logger()

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
)
"""How long to wait after the first failure, the second, …; the last one from then on."""
ATTEMPTS = 12
"""After so many a message to a reader is given up: three days and a half after the first."""

# An SMTP session is some twenty exchanges, each of which may take as long as the time-out.
_EXCHANGES = 20
_RENDERING = timedelta(minutes=5)
_LONGEST = timedelta(days=1)
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of the deliveries that were due; files are the paths that the file channel wrote."""

    sent: int
    postponed: int
    given_up: int
    files: tuple[Path, ...]


@dataclass(slots=True)
class _Round:
    """One look through the outbox, and what came of it; hourly is how many messages an hour a reader may have.

    upto is the newest message that was planned: one that is committed later, though it is due, waits for the next look.
    """

    store: Store
    config: Config
    letters: Letters
    clock: Clock
    kinds: Mapping[str, ChannelMaker]
    started: datetime
    channels: dict[tuple[str, str], Channel] = field(default_factory=dict)
    hourly: dict[str, int] = field(default_factory=dict)
    upto: int = 0
    sent: int = 0
    postponed: int = 0
    given_up: int = 0
    files: list[Path] = field(default_factory=list)

    def channel(self, reader: Subscriber, kind: str) -> Channel:
        """Return the way to a reader."""
        key = (reader.name, folder_of(kind))
        if key not in self.channels:
            made = channel_for(self.config, reader, kind, self.kinds)
            mail = next((each for each in self.channels.values() if isinstance(each, SmtpChannel)), None)
            # There is one mail server: two hundred readers are written to in one session.
            self.channels[key] = mail.beside(reader.to) if mail and isinstance(made, SmtpChannel) else made
        return self.channels[key]

    def close(self) -> None:
        """Take leave of all channels."""
        for channel in self.channels.values():
            channel.close()


def deliver_due(
    store: Store,
    config: Config,
    sites_titles: Mapping[str, str],
    clock: Clock,
    kinds: Mapping[str, ChannelMaker] = KINDS,
    goes_on: Callable[[], bool] = lambda: True,
) -> DeliveryReport:
    """Send what is due, each delivery once; any number of processes may do so at once.

    goes_on is asked before each message; where it says no, the rest stays due.

    What one message does does not stop the others. Only StorageError comes out: what was claimed is then tried
    again when its claim has run out.
    """
    # What is due is decided once: a message postponed here cannot come round again before this ends.
    work = _Round(store, config, Letters(config, sites_titles), clock, kinds, started=clock())
    try:
        _prepare(work)
        while goes_on() and (claimed := _claim(work)):
            _carry_out(work, *claimed)
    finally:
        work.close()
    return DeliveryReport(work.sent, work.postponed, work.given_up, tuple(work.files))


def _prepare(work: _Round) -> None:
    """Plan what is due to each reader: what waits, and what becomes one message."""
    now = work.started
    with work.store.transaction() as corpus:
        corpus.enrol([each.name for each in work.config.subscribers], now)
        alerts: dict[str, int] = defaultdict(int)
        for due in corpus.outbox.due(now):
            alerts[due.subscriber] += due.number if due.kind == "alert" else 0
        for name, number in alerts.items():
            reader = work.config.reader("alert", name) or work.config.reader("digest", name)
            if reader:
                _plan(work, corpus, reader, number)
        work.upto = corpus.outbox.last()


def _plan(work: _Round, corpus: Corpus, reader: Subscriber, alerts: int) -> None:
    now = work.started
    planned = plan(reader, alerts, corpus.outbox.traffic(reader.name, now - HOUR), now)
    if planned.until:
        number = corpus.outbox.put_off(reader.name, planned.until, f"Waits: {planned.reason}.", now, planned.kinds)
        _log.info("delivery.held", subscriber=reader.name, number=number, reason=planned.reason, until=planned.until)
    if planned.merges:
        number = corpus.outbox.merge(reader.name, now)
        _log.info("delivery.gathered", subscriber=reader.name, number=number)
    if reader.hourly is not None:
        work.hourly[reader.name] = reader.hourly


def _claim(work: _Round) -> tuple[Delivery, Subscriber | None] | None:
    """Return a message that is due, leased, and who reads it: None for somebody who does not, any more."""
    lease = _lease(work.config) + (work.clock() - work.started)
    with work.store.transaction() as corpus:
        delivery = _next(work, corpus, lease)
        while delivery and _has_enough(work, corpus, delivery):
            delivery = _next(work, corpus, lease)
        if delivery is None:
            return None
        is_gone = bool(delivery.subscriber) and delivery.subscriber in corpus.subscribers.gone()
    return delivery, None if is_gone else work.config.reader(delivery.kind, delivery.subscriber)


def _lease(config: Config) -> timedelta:
    return min(_RENDERING + _EXCHANGES * config.mail.timeout, _LONGEST)


def _next(work: _Round, corpus: Corpus, lease: timedelta) -> Delivery | None:
    return next(iter(corpus.outbox.claim(work.started, lease, upto=work.upto)), None)


def _has_enough(work: _Round, corpus: Corpus, delivery: Delivery) -> bool:
    """Put off what is due to the reader of a message that was claimed, where there were enough within an hour.

    What others are sending at this moment counts: it is asked where nobody else can claim.
    """
    name, now = delivery.subscriber, work.clock()
    if name not in work.hourly:
        return False
    traffic = corpus.outbox.traffic(name, now - HOUR)
    if traffic.messages + corpus.outbox.under_way(name, now) <= work.hourly[name]:  # this one is under way, too
        return False
    is_full = traffic.messages >= work.hourly[name] and traffic.first is not None
    until = traffic.first + HOUR if is_full and traffic.first else now + _SOON
    corpus.outbox.handed_back(delivery.id)
    corpus.outbox.put_off(name, until, "Waits: as many as an hour may have.", work.started)
    return True


def _carry_out(work: _Round, delivery: Delivery, reader: Subscriber | None) -> None:
    try:
        is_sent = _send(work, delivery, reader)
    except DeliveryRefusedError as error:
        _give_up(work, delivery, str(error))
    except UnreachableError as error:
        _try_later(work, delivery, error)
        _put_off_others(work, delivery, str(error))
    except DeliveryError as error:
        _try_later(work, delivery, error)
    except Exception as error:  # noqa: BLE001  # the rim: one bad message must not stop the others
        _log.exception("delivery.failed", key=delivery.key, attempts=delivery.attempts)
        _try_later(work, delivery, DeliveryError(f"{type(error).__name__}: {error}"))
    else:
        _mark(work, delivery, "" if is_sent else "Nothing to tell: nothing was sent.")
        if is_sent:
            work.sent += 1
            _log.info("delivery.sent", key=delivery.key, attempts=delivery.attempts)
        else:
            _log.info("delivery.empty", key=delivery.key)


def _mark(work: _Round, delivery: Delivery, note: str) -> None:
    """Record that a message left. Each try waits for the corpus for the busy time-out; in all as long as a claim lasts.

    `tonle db reindex` and an upgrade hold a large corpus for longer than one. Raises StorageBusyError after the last.
    """
    patience = work.config.storage.busy_timeout
    for _ in range(_lease(work.config) // patience if patience else 0):
        try:
            return _marked(work, delivery, note)
        except StorageBusyError as error:
            _log.warning("delivery.not_marked", key=delivery.key, error=str(error))
    return _marked(work, delivery, note)


def _marked(work: _Round, delivery: Delivery, note: str) -> None:
    with work.store.transaction() as corpus:
        corpus.outbox.sent(delivery.id, work.clock(), note)


def _send(work: _Round, delivery: Delivery, reader: Subscriber | None) -> bool:
    """Send a message; return False where there is nothing to tell."""
    if reader is None:
        raise _unread(work, delivery)
    with work.store.reading() as corpus:
        message = work.letters.write(corpus, delivery, reader, work.clock())
    if message is None:
        return False
    channel = work.channel(reader, delivery.kind)
    try:
        channel.send(message, delivery.name)
    except DeliveryRefusedError as error:
        if delivery.kind not in OPERATOR_KINDS:
            raise
        # A box that is closed for good is opened again, or another one named.
        raise DeliveryError(str(error), retry_after=_LONGEST) from error
    if isinstance(channel, FileChannel):
        work.files.append(channel.path(delivery.name))
    return True


def _unread(work: _Round, delivery: Delivery) -> DeliveryError:
    """Return why nobody reads a message.

    Who was added after this process began is not in its settings: others may owe them messages already.
    """
    name = delivery.subscriber
    with work.store.reading() as corpus:
        if name in corpus.subscribers.gone():
            return DeliveryRefusedError(f"Nobody reads it: {name} wants no more.")
    if not name:
        section = {"digests": "digest"}.get(folder := folder_of(delivery.kind), folder)
        return DeliveryRefusedError(f"Nobody reads it: the channel of `{section}` is none.")
    what = "a digest" if delivery.kind == "digest" else "alerts"
    return DeliveryError(
        f"Nobody reads it: {name} is not in config.yaml, or not for {what}. A daemon that was started before the "
        "settings were changed does not know of it: start it again."
    )


def _try_later(work: _Round, delivery: Delivery, error: DeliveryError) -> None:
    if delivery.attempts >= ATTEMPTS and delivery.kind not in OPERATOR_KINDS:
        _give_up(work, delivery, str(error))
        return
    next_attempt = _next_attempt(work, delivery, error.retry_after)
    with work.store.transaction() as corpus:
        corpus.outbox.postponed(delivery.id, str(error), next_attempt)
    work.postponed += 1
    _log.warning(
        "delivery.postponed", key=delivery.key, attempts=delivery.attempts, error=str(error), until=next_attempt
    )


def _next_attempt(work: _Round, delivery: Delivery, asked: timedelta | None = None) -> datetime:
    """Return when a message is tried again: later than its turn if the other side asked for that, by a day at most."""
    wait = WAITS[min(delivery.attempts, len(WAITS)) - 1]
    return work.clock() + max(wait, min(asked or wait, _LONGEST))


def _put_off_others(work: _Round, delivery: Delivery, error: str) -> None:
    """Put off what else is due over the same channel, until the delivery that failed is tried again."""
    until = _next_attempt(work, delivery)
    put_off = 0
    with work.store.transaction() as corpus:
        here = work.config.reader(delivery.kind, delivery.subscriber)
        for due in corpus.outbox.due(work.started):
            there = work.config.reader(due.kind, due.subscriber)
            if here and there and there.channel == here.channel:
                put_off += corpus.outbox.put_off(due.subscriber, until, error, work.started, (due.kind,))
    work.postponed += put_off
    if put_off:
        _log.warning("delivery.put_off", channel=here.channel if here else "", number=put_off, error=error, until=until)


def _give_up(work: _Round, delivery: Delivery, error: str) -> None:
    with work.store.transaction() as corpus:
        corpus.outbox.given_up(delivery.id, error, work.clock())
    work.given_up += 1
    _log.error("delivery.given_up", key=delivery.key, attempts=delivery.attempts, error=error)
