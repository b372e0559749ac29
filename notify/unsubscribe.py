"""How a subscriber says that no more is wanted: the headers of each mail (RFC 2369, RFC 8058), and a line at its foot.

With `unsubscribe.url` an address of one's own, signed, which notify/receiver.py answers; without it a mail to write.
"""

import hashlib
import hmac
from urllib.parse import quote

from core.audience import Subscriber
from core.config import Config

PATH = "/unsubscribe/"
ONE_CLICK = "List-Unsubscribe=One-Click"


def headers(config: Config, subscriber: Subscriber) -> dict[str, str]:
    """Return the headers of a mail to a subscriber, by name, in ASCII and on one line each.

    The readers of `alerts` and `digest`, who have no name, are those who run tonle: none for them.
    """
    if not subscriber.name:
        return {}
    if address := _address(config, subscriber):
        return {"List-Unsubscribe": f"<{address}>", "List-Unsubscribe-Post": ONE_CLICK}
    subject = quote(_subject(subscriber))
    return {"List-Unsubscribe": f"<mailto:{quote(_mailto(config), safe='@')}?subject={subject}>"}


def line(config: Config, subscriber: Subscriber) -> str:
    """Return the line at the foot of a mail, empty where `headers` is."""
    if not subscriber.name:
        return ""
    if address := _address(config, subscriber):
        return f"To hear no more: {address}"
    return f"To hear no more, write to {_mailto(config)} with the subject “{_subject(subscriber)}”."


def token(name: str, secret: str) -> str:
    """Return the signature that proves an address to be ours: HMAC-SHA256 of the name, in hexadecimal."""
    return hmac.new(secret.encode(), name.encode(), hashlib.sha256).hexdigest()


def is_signed(name: str, given: str, secret: str) -> bool:
    """Return whether a token is that of a name; it takes as long for a wrong one. Without a secret none is."""
    return bool(secret) and hmac.compare_digest(token(name, secret).encode(), given.encode())


def _address(config: Config, subscriber: Subscriber) -> str:
    settings = config.unsubscribe
    if not (settings.url and settings.secret):
        return ""
    return f"{settings.url}{PATH}{subscriber.name}/{token(subscriber.name, settings.secret)}"


def _mailto(config: Config) -> str:
    return config.unsubscribe.mailto or config.mail.sender


def _subject(subscriber: Subscriber) -> str:
    return f"unsubscribe {subscriber.name}"
