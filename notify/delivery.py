"""Carrying out what the outbox owes.

    claim → render → send → mark

A delivery is claimed in a transaction of its own, for as long as the longest sending can last; it is marked in
another after it left. Whoever dies between the two leaves a claim that runs out: the message then leaves once more,
under the same Message-ID or into the same file.

A channel that cannot be reached costs each message its time-out: after the first that meets this, the others that
are due over it are put off until that one is tried again. Theirs was no attempt, and is not counted as one.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from core.clock import Clock
from core.config import Config
from core.errors import DeliveryError, DeliveryRefusedError
from core.owed import Delivery
from notify.alert import alert
from notify.channels import KINDS, Channel, ChannelMaker, FileChannel, UnreachableError, channel_for
from notify.composing import compose, reader_of, versions_of
from notify.message import Envelope, Message, alert_message, digest_message
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
"""After so many a message is given up: three days and a half after the first."""

# An SMTP session is some twenty exchanges, each of which may take as long as the time-out.
_EXCHANGES = 20
_RENDERING = timedelta(minutes=5)
# Messages that are put off together; SQLite takes 32,766 values in one statement.
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of the deliveries that were due; files are the paths that the file channel wrote."""

    sent: int
    postponed: int
    given_up: int
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Desk:
    """All that carrying out needs; channels by the kind of delivery."""

    store: Store
    config: Config
    titles: Mapping[str, str]
    clock: Clock
    channels: Mapping[str, Channel]
    started: datetime

    @property
    def ways(self) -> dict[str, str]:
        """The kind of channel by the kind of delivery; one kind of channel is one mail server, or one disk."""
        return {"alert": self.config.alerts.channel, "digest": self.config.digest.channel}


@dataclass(slots=True)
class _Count:
    sent: int = 0
    postponed: int = 0
    given_up: int = 0
    files: list[Path] = field(default_factory=list)


def deliver_due(
    store: Store,
    config: Config,
    sites_titles: Mapping[str, str],
    clock: Clock,
    kinds: Mapping[str, ChannelMaker] = KINDS,
) -> DeliveryReport:
    """Send what is due, each delivery once; any number of processes may do so at once.

    What one message does does not stop the others. Only StorageError comes out: what was claimed is then tried
    again when its claim has run out.
    """
    readers = {kind: config.reader(kind, "") for kind in ("alert", "digest")}
    channels = {kind: channel_for(config, reader, kind, kinds) for kind, reader in readers.items() if reader}
    # What is due is decided once: a message postponed here cannot come round again before this ends.
    desk = _Desk(store, config, sites_titles, clock, channels, started=clock())
    count = _Count()
    try:
        while claimed := _claim(desk):
            _carry_out(desk, claimed, count)
    finally:
        for channel in channels.values():
            channel.close()
    return DeliveryReport(count.sent, count.postponed, count.given_up, tuple(count.files))


def _claim(desk: _Desk) -> Delivery | None:
    lease = _RENDERING + _EXCHANGES * desk.config.mail.timeout + (desk.clock() - desk.started)
    with desk.store.transaction() as corpus:
        return next(iter(corpus.outbox.claim(desk.started, lease, limit=1)), None)


def _carry_out(desk: _Desk, delivery: Delivery, count: _Count) -> None:
    try:
        channel = _send(desk, delivery)
    except DeliveryRefusedError as error:
        _give_up(desk, delivery, str(error), count)
    except UnreachableError as error:
        _try_later(desk, delivery, str(error), count)
        _put_off_others(desk, delivery, str(error), count)
    except DeliveryError as error:
        _try_later(desk, delivery, str(error), count)
    except Exception as error:  # noqa: BLE001  # the rim: one bad message must not stop the others
        _log.exception("delivery.failed", key=delivery.key, attempts=delivery.attempts)
        _try_later(desk, delivery, f"{type(error).__name__}: {error}", count)
    else:
        with desk.store.transaction() as corpus:
            corpus.outbox.sent(delivery.id, desk.clock())
        count.sent += 1
        if isinstance(channel, FileChannel):
            count.files.append(channel.path(delivery.key))
        _log.info("delivery.sent", key=delivery.key, attempts=delivery.attempts)


def _send(desk: _Desk, delivery: Delivery) -> Channel:
    if delivery.kind not in _RENDERED:
        raise DeliveryRefusedError(f"Nobody knows how to write a message of kind {delivery.kind!r}.")
    to = {"alert": desk.config.alerts.to, "digest": desk.config.digest.to}[delivery.kind]
    envelope = Envelope(delivery.key, desk.config.mail.sender, to, desk.clock())
    with desk.store.reading() as corpus:
        message = _RENDERED[delivery.kind](corpus, delivery, desk, envelope)
    channel = desk.channels[delivery.kind]
    channel.send(message, delivery.key)
    return channel


def _alert(corpus: Corpus, delivery: Delivery, desk: _Desk, envelope: Envelope) -> Message:
    match = corpus.matches.by_id(delivery.ref)
    if match is None:
        raise DeliveryRefusedError(f"The corpus holds no match {delivery.ref}.")
    known = versions_of(corpus, [match.article.id])
    others = known.others(match.article.id, known.of_article.get(match.article.id, ()))
    return alert_message(alert(match, reader_of(desk.config, desk.titles), others), envelope)


def _digest(corpus: Corpus, delivery: Delivery, desk: _Desk, envelope: Envelope) -> Message:
    period = corpus.digests.by_id(delivery.ref)
    if period is None:
        raise DeliveryRefusedError(f"The corpus holds no digest {delivery.ref}.")
    return digest_message(compose(corpus, period, desk.config, desk.titles, envelope.date), envelope)


_RENDERED: Mapping[str, Callable[[Corpus, Delivery, _Desk, Envelope], Message]] = {
    "alert": _alert,
    "digest": _digest,
}


def _try_later(desk: _Desk, delivery: Delivery, error: str, count: _Count) -> None:
    if delivery.attempts >= ATTEMPTS:
        _give_up(desk, delivery, error, count)
        return
    next_attempt = _next_attempt(desk, delivery)
    with desk.store.transaction() as corpus:
        corpus.outbox.postponed(delivery.id, error, next_attempt)
    count.postponed += 1
    _log.warning("delivery.postponed", key=delivery.key, attempts=delivery.attempts, error=error, until=next_attempt)


def _next_attempt(desk: _Desk, delivery: Delivery) -> datetime:
    return desk.clock() + WAITS[min(delivery.attempts, len(WAITS)) - 1]


class _UndoneError(Exception):
    """Ends a transaction whose changes are not wanted."""


def _due(desk: _Desk) -> tuple[Delivery, ...]:
    """Return what could be claimed now, as if it were; nothing is."""
    due: tuple[Delivery, ...] = ()
    with contextlib.suppress(_UndoneError), desk.store.transaction() as corpus:
        due = corpus.outbox.claim(desk.started, _RENDERING, limit=_AT_ONCE)
        raise _UndoneError
    return due


def _put_off_others(desk: _Desk, delivery: Delivery, error: str, count: _Count) -> None:
    """Put off what else is due over the same channel, until the delivery that failed is tried again."""
    until = _next_attempt(desk, delivery)
    same_way = [other for other in _due(desk) if desk.ways.get(other.kind) == desk.ways[delivery.kind]]
    put_off = 0
    with desk.store.transaction() as corpus:
        for other in same_way:
            state = corpus.outbox.by_key(other.key)
            # Another process may have claimed it meanwhile: its attempts then say so, and it is left to that one.
            if state and state.attempts == other.attempts - 1 and not (state.sent_at or state.given_up_at):
                corpus.outbox.postponed(other.id, error, until)
                put_off += 1
    count.postponed += put_off
    if put_off:
        _log.warning("delivery.put_off", channel=desk.ways[delivery.kind], number=put_off, error=error, until=until)


def _give_up(desk: _Desk, delivery: Delivery, error: str, count: _Count) -> None:
    with desk.store.transaction() as corpus:
        corpus.outbox.given_up(delivery.id, error, desk.clock())
    count.given_up += 1
    _log.error("delivery.given_up", key=delivery.key, attempts=delivery.attempts, error=error)
