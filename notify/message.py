"""Messages: as MIME with headers that nothing from the web can break, and as data for channels that know no MIME.

The Message-ID is made from the delivery's name alone: a message that leaves twice, because its sender died before it
could note the first time, is one message to whoever receives it. The name holds the identity of the corpus, too: ids
within a key are given anew after a backup was put back, and by every other installation. The domain of a Message-ID is
tonle.invalid, which RFC 2606 reserves so that it is nobody's.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from typing import Literal

from core.errors import DeliveryError
from core.text import shortened
from notify.alert import Alert
from notify.bulletin import Bulletin, Heartbeat
from notify.digest import Digest
from notify.payload import alert_data, bulletin_data, digest_data, heartbeat_data, summary_data
from notify.phrases import visible
from notify.render import Bodies, alert_bodies, bulletin_bodies, digest_bodies, heartbeat_bodies, summary_bodies
from notify.summary import Summary

_SUBJECT = 150
_PLAIN = bytes(range(127))
_NOBODY_NAMED = "undisclosed-recipients:;"
# What RFC 2369 and RFC 8058 add to a message: no header of another name, and no List-Id, which is ours.
_LIST_HEADER = re.compile(r"list-(?!id$)[a-z-]+", re.IGNORECASE)
# RFC 5322: 998 octets in a line, its name among them.
_LONGEST_LINE = 900

Format = Literal["both", "html", "text"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom and when a message goes; key is the delivery's name. No addresses: the recipients go unnamed.

    format says which bodies the mail has. unsubscribe are headers by name, which tell how to hear no more
    (List-Unsubscribe, List-Unsubscribe-Post). foot is a line for the foot of both bodies that tells it, too.
    """

    key: str
    sender: str
    to: tuple[str, ...]
    date: datetime
    format: Format = "both"
    unsubscribe: Mapping[str, str] = field(default_factory=dict)
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent under a key, in the forms that channels take.

    topic is alert, digest, alarm or heartbeat. mail is the message as MIME; data is the same for programs, as JSON may
    hold it (see notify/payload.py); bodies are there for channels that send HTML or text alone. The mail is not to be
    changed.
    """

    key: str
    topic: str
    subject: str
    bodies: Bodies = field(repr=False)
    data: Mapping[str, object] = field(repr=False)
    mail: EmailMessage = field(repr=False)


class _Verbatim(UnstructuredHeader, BaseHeader):
    """A header whose text stands as it is: the email package would encode an address of more than a line (RFC 2047)."""

    def fold(self, *, policy: Policy) -> str:
        """Return its lines: each address of several on one of its own."""
        folded = str(self).replace(">, <", f">,{policy.linesep} <")
        return f"{self.name}: {folded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Verbatim)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def digest_message(told: Digest, envelope: Envelope) -> Message:
    """Return a digest as a message whose subject counts what is new at each source, or says what is in trouble."""
    bodies = digest_bodies(told).footed(envelope.foot)
    return _message(_Content("digest", told.subject, bodies, digest_data(told)), envelope)


def alert_message(told: Alert, envelope: Envelope) -> Message:
    """Return an alert as a message whose subject names the rule, the title and the source."""
    title = shortened(told.entry.title.text, 100)
    event = f", {told.event}" if told.event else ""
    subject = f"tonle alert: {told.rule}{event} — {title} ({told.entry.source})"
    return _message(_Content("alert", subject, alert_bodies(told).footed(envelope.foot), alert_data(told)), envelope)


def summary_message(told: Summary, envelope: Envelope) -> Message:
    """Return many alerts as one message whose subject counts them by rule."""
    bodies = summary_bodies(told).footed(envelope.foot)
    return _message(_Content("alert", told.subject, bodies, summary_data(told)), envelope)


def bulletin_message(told: Bulletin, envelope: Envelope) -> Message:
    """Return alarms to the operator as a message whose subject says what is wrong, or over."""
    return _message(_Content("alarm", told.subject, bulletin_bodies(told), bulletin_data(told)), envelope)


def heartbeat_message(told: Heartbeat, envelope: Envelope) -> Message:
    """Return a sign of life as a message whose subject says whether all is well."""
    return _message(_Content("heartbeat", told.subject, heartbeat_bodies(told), heartbeat_data(told)), envelope)


def message_id(key: str) -> str:
    """Return the Message-ID of a delivery: the same key, the same id."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@tonle.invalid>"


def header_text(text: str, length: int = _SUBJECT) -> str:
    """Return text as a header may carry it: on one line, nothing unseen in it, and no encoded word of its own.

    The email package would decode `=?utf-8?q?=0D=0A…?=` in a title into a line break (RFC 2047).
    """
    return shortened(visible(text).replace("=?", "= ?"), length)


@dataclass(frozen=True, slots=True)
class _Content:
    topic: str
    subject: str
    bodies: Bodies
    data: Mapping[str, object]


def _message(content: _Content, envelope: Envelope) -> Message:
    subject = header_text(content.subject)
    mail = EmailMessage(policy=_POLICY)
    mail["Subject"] = subject
    mail["From"] = _address(envelope.sender, "tonle")
    mail["To"] = [_address(address) for address in envelope.to] or _NOBODY_NAMED
    mail["Date"] = envelope.date
    mail["Message-ID"] = message_id(envelope.key)
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"tonle {content.topic} <{content.topic}.tonle.invalid>"
    for name, value in envelope.unsubscribe.items():
        mail[_list_header(name, value)] = value
    _write_bodies(mail, content.bodies, envelope.format)
    told: dict[str, object] = {"topic": content.topic, "date": envelope.date.isoformat(), "subject": subject}
    told |= {"text": content.bodies.text, **content.data}
    return Message(envelope.key, content.topic, subject, content.bodies, told, mail)


def _write_bodies(mail: EmailMessage, bodies: Bodies, wanted: Format) -> None:
    if wanted != "html":
        mail.set_content(bodies.text, cte=_encoding(bodies.text))
    if wanted == "html":
        mail.set_content(bodies.html, subtype="html", cte=_encoding(bodies.html))
    elif wanted == "both":
        mail.add_alternative(bodies.html, subtype="html", cte=_encoding(bodies.html))


def _list_header(name: str, value: str) -> str:
    """Return the name of a header that tells how to unsubscribe. Raises DeliveryError for what would break the head."""
    if not _LIST_HEADER.fullmatch(name):
        raise DeliveryError(f"No message can be made: {name!r} is no header by which people unsubscribe.")
    lines = value.split(">, <")
    if not (value.isascii() and value.isprintable() and value.strip()) or max(map(len, lines)) > _LONGEST_LINE:
        raise DeliveryError(f"No message can be made: {name} may not hold {shortened(visible(value), 100)!r}.")
    return name


def _address(address: str, name: str = "") -> Address:
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, MessageError, IndexError) as error:
        raise DeliveryError(f"No message can be made: {address!r} in config.yaml is not an e-mail address.") from error


def _encoding(text: str) -> str:
    """Return the shorter encoding; neither asks the server for 8BITMIME, and no line is too long for it."""
    octets = text.encode()
    return "quoted-printable" if len(octets.translate(None, _PLAIN)) * 6 < len(octets) else "base64"
