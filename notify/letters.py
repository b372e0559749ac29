"""From what is owed to the message that tells it, as the corpus knows things when it leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from core.audience import Subscriber
from core.config import Config
from core.errors import DeliveryRefusedError
from core.owed import Delivery, Reach
from notify.bulletin import bulletin, heartbeat
from notify.composing import compose_alert, compose_summary, composer, reader_of
from notify.digest import Digest
from notify.life import heart_of
from notify.message import (
    Envelope,
    Message,
    alert_message,
    bulletin_message,
    digest_message,
    heartbeat_message,
    summary_message,
)
from notify.unsubscribe import headers, line
from storage.store import Corpus

Stretch = tuple[Reach, Reach]


@dataclass(frozen=True, slots=True)
class Letters:
    """Writes messages. Of a stretch of the corpus the digests of all its readers are made in one go."""

    config: Config
    titles: Mapping[str, str]
    _digests: dict[tuple[Stretch, str], Digest] = field(default_factory=dict)

    def write(self, corpus: Corpus, delivery: Delivery, reader: Subscriber, now: datetime) -> Message | None:
        """Return the message that is owed to a reader, None where there is nothing to tell.

        Raises DeliveryRefusedError where nobody could ever write it.
        """
        if delivery.kind not in _WRITERS:
            raise DeliveryRefusedError(f"Nobody knows how to write a message of kind {delivery.kind!r}.")
        envelope = Envelope(
            key=delivery.name,
            sender=self.config.mail.sender,
            to=reader.to,
            date=now,
            format=reader.format,
            unsubscribe=headers(self.config, reader),
            foot=line(self.config, reader),
        )
        return _WRITERS[delivery.kind](self, corpus, delivery, reader, envelope)

    def _alert(self, corpus: Corpus, delivery: Delivery, reader: Subscriber, envelope: Envelope) -> Message | None:
        match = corpus.matches.by_id(delivery.ref)
        if match is None:
            raise DeliveryRefusedError(f"The corpus holds no match {delivery.ref}.")
        return alert_message(compose_alert(corpus, match, self.config, self.titles, reader), envelope)

    def _summary(self, corpus: Corpus, delivery: Delivery, reader: Subscriber, envelope: Envelope) -> Message | None:
        matches = corpus.matches.by_ids(corpus.outbox.members(delivery.id))
        if not matches:
            raise DeliveryRefusedError(f"The corpus holds no match of which message {delivery.id} could tell.")
        return summary_message(compose_summary(corpus, matches, self.config, self.titles, reader), envelope)

    def _digest(self, corpus: Corpus, delivery: Delivery, reader: Subscriber, envelope: Envelope) -> Message | None:
        period = corpus.digests.by_id(delivery.ref)
        if period is None:
            raise DeliveryRefusedError(f"The corpus holds no digest {delivery.ref}.")
        key = ((period.begin, period.end), reader.name)
        if key not in self._digests:
            make = composer(corpus, self.config, self.titles, envelope.date)
            # Who is told of another stretch has no use for this one: two hundred stretches would be read 200² times.
            together = corpus.digests.readers_of(period)
            others = (other for other in self.config.digest_readers if other.name in together)
            for each in {other.name: other for other in (*others, reader)}.values():
                self._digests[key[0], each.name] = make.digest(period, each)
        told = self._digests[key]
        if told.is_empty and reader.empty == "silent" and not (told.trouble and _is_first(corpus, reader, envelope)):
            return None
        return digest_message(told, envelope)

    def _bulletin(self, corpus: Corpus, delivery: Delivery, reader: Subscriber, envelope: Envelope) -> Message | None:
        reports = corpus.troubles.message(delivery.ref)
        if not reports:
            raise DeliveryRefusedError(f"The corpus holds no report {delivery.ref}.")
        return bulletin_message(bulletin(reports, reader_of(self.config, self.titles, reader)), envelope)

    def _heartbeat(self, corpus: Corpus, delivery: Delivery, reader: Subscriber, envelope: Envelope) -> Message | None:
        known = heart_of(corpus, self.config, tuple(self.titles), delivery, envelope.date)
        return heartbeat_message(heartbeat(known, reader_of(self.config, self.titles, reader), envelope.date), envelope)


def _is_first(corpus: Corpus, reader: Subscriber, envelope: Envelope) -> bool:
    """Return whether a reader was sent no digest yet today: trouble alone is told once a day."""
    local = envelope.date.astimezone(ZoneInfo(reader.zone))
    begin = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return not corpus.outbox.digests_since(reader.name, begin)


Writer = Callable[[Letters, Corpus, Delivery, Subscriber, Envelope], Message | None]
_WRITERS: Mapping[str, Writer] = {
    "alert": Letters._alert,  # noqa: SLF001  # its own
    "summary": Letters._summary,  # noqa: SLF001  # its own
    "digest": Letters._digest,  # noqa: SLF001  # its own
    "trouble": Letters._bulletin,  # noqa: SLF001  # its own
    "heartbeat": Letters._heartbeat,  # noqa: SLF001  # its own
}
