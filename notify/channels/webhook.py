"""Messages as JSON, posted to an address and signed after the Standard Webhooks specification (1.0.0).

docs/delivery.md gives the payload and how a receiver verifies it.
"""

import base64
import contextlib
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError, ProtocolError

from core.clock import Clock, system_clock
from core.errors import DeliveryError, DeliveryRefusedError
from notify.channels.discretion import silence
from notify.channels.way import UnreachableError
from notify.message import Message

_PREFIX = "whsec_"
# Of 4xx these alone may pass: it took too long, came too early, or is one too many.
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
# A whole answer is read where it is short: its connection then serves the next message.
_SHORT = 10_000
_LONGEST_WAIT = timedelta(days=1)


def webhook_id(key: str) -> str:
    """Return the webhook-id of a delivery: the same key, the same id."""
    return f"msg_{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def signature(key: bytes, name: str, timestamp: int, body: bytes) -> str:
    """Return the webhook-signature of a body that is sent under a webhook-id at a time."""
    signed = hmac.digest(key, f"{name}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(signed).decode()}"


def key_of(secret: str) -> bytes:
    """Return the key in a secret: of `whsec_…` what the base64 stands for, else the text itself; empty: it has none."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        return b""


class WebhookChannel:
    """Posts each message as JSON; 2xx: it was taken.

    408, 425, 429, 5xx, a redirect, which is not followed, and a connection that breaks may pass: DeliveryError, with
    the Retry-After that was asked for, a day at most. Another 4xx is for good: DeliveryRefusedError. When the host
    cannot be reached, or does not answer within the time-out, all messages meet the same: UnreachableError.

    The same key is the same webhook-id, by which receivers tell a message that comes twice. Errors name the host
    alone: the rest of an address may be a token.
    """

    def __init__(self, url: str, secret: str, timeout: timedelta, clock: Clock = system_clock) -> None:
        self._url = url
        self._secret = secret
        self._timeout = timeout.total_seconds()
        self._clock = clock
        self._session: requests.Session | None = None
        silence()

    def send(self, message: Message, key: str) -> None:
        """Post the message; on return the receiver has taken charge of it."""
        payload = {"type": f"tonle.{message.topic}", "timestamp": message.data.get("date"), "data": message.data}
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        moment, name = int(self._clock().timestamp()), webhook_id(key)
        if not key_of(self._secret):
            raise UnreachableError("The key of the webhook is empty, or begins with whsec_ and is no base64.")
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "tonle",
            "webhook-id": name,
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(key_of(self._secret), name, moment, body),
        }
        # Raised out here, so that no error carries another one with the whole address.
        if problem := self._problem(body, headers):
            raise problem

    def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            self._session.close()
            self._session = None

    @property
    def _receiver(self) -> str:
        parts = urlsplit(self._url)
        return f"The webhook at {parts.hostname}{f':{parts.port}' if parts.port else ''}"

    def _problem(self, body: bytes, headers: dict[str, str]) -> DeliveryError | None:
        """Post a body, and return what came in the way, if anything did."""
        self._session = self._session or requests.Session()
        try:
            answer = self._session.post(
                self._url, body, headers=headers, timeout=self._timeout, allow_redirects=False, stream=True
            )
        except requests.Timeout:
            return UnreachableError(f"{self._receiver} did not answer in time.")
        except requests.ConnectionError as error:
            return self._broken(error)
        except (requests.RequestException, HTTPError) as error:
            return UnreachableError(f"{self._receiver} could not be used: {type(error).__name__}.")
        with answer:
            # What it says beside its status changes nothing.
            with contextlib.suppress(requests.RequestException, HTTPError, OSError):
                answer.raw.read1(_SHORT)
            return self._judged(answer)

    def _broken(self, error: requests.ConnectionError) -> DeliveryError:
        if error.args and isinstance(error.args[0], ProtocolError):
            return DeliveryError(f"{self._receiver} broke the connection.")
        kind = type(getattr(error.args[0], "reason", error) if error.args else error).__name__
        return UnreachableError(f"{self._receiver} could not be reached: {kind}.")

    def _judged(self, answer: requests.Response) -> DeliveryError | None:
        status = answer.status_code
        problem = f"{self._receiver} answered {status}."
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return None
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _PASSING:
            return DeliveryRefusedError(problem)
        return DeliveryError(problem, asked_wait(answer.headers.get("Retry-After", ""), self._clock()))


def asked_wait(value: str, now: datetime) -> timedelta | None:
    """Return how long a Retry-After asks to wait, in seconds or until a date, a day at most; None: it does not say."""
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        wait = timedelta(seconds=int(value)) if value.strip().isdecimal() else parsedate_to_datetime(value) - now
        return min(wait, _LONGEST_WAIT) if wait > timedelta(0) else None
    return _LONGEST_WAIT if value.strip().isdecimal() else None
