"""Messages as MIME: text and HTML in one multipart/alternative, with headers that nothing from the web can break.

The Message-ID is made from the delivery's key alone: a message that leaves twice, because its sender died before it
could note the first time, is one message to whoever receives it. Its domain is tonle.invalid, which RFC 2606
reserves so that it is nobody's.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from core.errors import DeliveryError
from core.text import shortened
from notify.alert import Alert
from notify.digest import Digest
from notify.phrases import visible
from notify.render import Bodies, alert_bodies, digest_bodies, summary_bodies
from notify.summary import Summary

_SUBJECT = 150
_PLAIN = bytes(range(127))
_NOBODY_NAMED = "undisclosed-recipients:;"


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom, to whom and when a message goes; key is the delivery's. No addresses: the recipients go unnamed.

    foot is a line for the foot of both bodies: who gets this, and how to get no more.
    """

    key: str
    sender: str
    to: tuple[str, ...]
    date: datetime
    foot: str = ""


def digest_message(told: Digest, envelope: Envelope) -> EmailMessage:
    """Return a digest as a message whose subject counts what is new at each source, or says what is in trouble."""
    return _message(told.subject, "digest", digest_bodies(told).footed(envelope.foot), envelope)


def alert_message(told: Alert, envelope: Envelope) -> EmailMessage:
    """Return an alert as a message whose subject names the rule, the title and the source."""
    title = shortened(told.entry.title.text, 100)
    event = f", {told.event}" if told.event else ""
    subject = f"tonle alert: {told.rule}{event} — {title} ({told.entry.source})"
    return _message(subject, "alert", alert_bodies(told).footed(envelope.foot), envelope)


def summary_message(told: Summary, envelope: Envelope) -> EmailMessage:
    """Return many alerts as one message whose subject counts them by rule."""
    return _message(told.subject, "alert", summary_bodies(told).footed(envelope.foot), envelope)


def message_id(key: str) -> str:
    """Return the Message-ID of a delivery: the same key, the same id."""
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@tonle.invalid>"


def header_text(text: str, length: int = _SUBJECT) -> str:
    """Return text as a header may carry it: on one line, nothing unseen in it, and no encoded word of its own.

    The email package would decode `=?utf-8?q?=0D=0A…?=` in a title into a line break (RFC 2047).
    """
    return shortened(visible(text).replace("=?", "= ?"), length)


def _message(subject: str, topic: str, bodies: Bodies, envelope: Envelope) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = header_text(subject)
    message["From"] = _address(envelope.sender, "tonle")
    message["To"] = [_address(address) for address in envelope.to] or _NOBODY_NAMED
    message["Date"] = envelope.date
    message["Message-ID"] = message_id(envelope.key)
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = f"tonle {topic} <{topic}.tonle.invalid>"
    message.set_content(bodies.text, cte=_encoding(bodies.text))
    message.add_alternative(bodies.html, subtype="html", cte=_encoding(bodies.html))
    return message


def _address(address: str, name: str = "") -> Address:
    try:
        return Address(display_name=name, addr_spec=address)
    except (ValueError, MessageError, IndexError) as error:
        raise DeliveryError(f"No message can be made: {address!r} in config.yaml is not an e-mail address.") from error


def _encoding(text: str) -> str:
    """Return the shorter encoding; neither asks the server for 8BITMIME, and no line is too long for it."""
    octets = text.encode()
    return "quoted-printable" if len(octets.translate(None, _PLAIN)) * 6 < len(octets) else "base64"
