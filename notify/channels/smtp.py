"""Messages by SMTP."""

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import structlog

from core.config import MailSettings
from core.errors import DeliveryError, DeliveryRefusedError
from core.text import shortened
from notify.channels.way import UnreachableError
from notify.message import Message
from notify.phrases import visible

_log = structlog.get_logger()

Reply = tuple[int, bytes]
_OK = 250
_CLOSING = 421
_FOR_GOOD = 500
_LOG_IN_FIRST = 530


@dataclass(slots=True)
class _Line:
    """The session with the server, if one is open, and by which authorities it is trusted."""

    context: ssl.SSLContext | None = None
    session: smtplib.SMTP | None = None


class SmtpChannel:
    """Hands messages to an SMTP server, all recipients in one transaction.

    A reply of 4xx to the sender, the recipients or the message, and a connection that breaks while these are told,
    may pass: DeliveryError. A reply of 5xx to them is for good: DeliveryRefusedError. When no session can be opened
    (connection, TLS, login), or the server falls silent in one, all messages meet the same: UnreachableError. A login
    that is missing (530) or refused is a setting to be put right, and must not cost the messages that wait for it.

    When the server takes the message for some recipients and refuses others, it counts as sent: sending it again
    would repeat it to those who have it. The others are named in the log, as delivery.recipient_refused. When all
    are refused, one 4xx among the replies is enough to try again.

    One session serves all messages until `close`. A session that the server ended between two of them is opened anew;
    one that breaks within a message is given up, and the message, which may have arrived, is not sent a second time:
    whoever keeps count of attempts does that.
    """

    def __init__(self, mail: MailSettings, to: tuple[str, ...], context: ssl.SSLContext | None = None) -> None:
        self._mail = mail
        self._to = to
        self._line = _Line(context)

    def beside(self, to: tuple[str, ...]) -> Self:
        """Return a channel to other addresses that uses the same session; to close one of them closes it for all."""
        other = type(self)(self._mail, to)
        other._line = self._line  # noqa: SLF001  # of its own class
        return other

    def send(self, message: Message, key: str) -> None:
        """Hand the message over; on return the server has taken charge of it."""
        if not self._to:
            raise DeliveryError("There is no address to send to: put one into `to` in config.yaml.")
        try:
            refused = self._handed_over(message)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._all_refused(error.recipients) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            reply = (error.smtp_code, _octets(error.smtp_error))
            raise self._refusal(f"{self._server} did not take the message", [reply]) from error
        except (smtplib.SMTPException, OSError) as error:
            # smtplib makes a broken connection of a time-out, too.
            if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
                raise UnreachableError(f"{self._server} did not answer in time.") from error
            raise DeliveryError(f"{self._server} could not be used: {_told(str(error))}.") from error
        for recipient, reply in refused.items():
            _log.warning("delivery.recipient_refused", key=key, recipient=recipient, reply=_said(reply))

    def close(self) -> None:
        """Take leave of the server. What it says to that changes nothing: a message was taken, or was not, before."""
        if self._line.session is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self._line.session.quit()
            self._drop()

    @property
    def _server(self) -> str:
        return f"The mail server {self._mail.host}:{self._mail.port}"

    def _handed_over(self, message: Message) -> Mapping[str, Reply]:
        """Return the recipients that were refused, of several."""
        was_used = self._line.session is not None
        try:
            return self._in_session(message)
        except smtplib.SMTPSenderRefused as error:
            # A server that takes so many messages in a session says so before the next one; nothing of it was sent.
            if not (was_used and error.smtp_code == _CLOSING):
                raise
            self._drop()
            return self._in_session(message)

    def _in_session(self, message: Message) -> Mapping[str, Reply]:
        session = self._ready()
        try:
            return session.send_message(message.mail, self._mail.sender, list(self._to))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError):
            raise
        except BaseException:
            # Nobody knows how far the server is in it: it must not take the next command for a line of the message.
            self._drop()
            raise

    def _ready(self) -> smtplib.SMTP:
        """Return a session that answers: the one that there is, or a new one."""
        if self._line.session is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                code, _ = self._line.session.rset()
                if code == _OK:
                    return self._line.session
            self._drop()
        self._line.session = self._opened()
        return self._line.session

    def _drop(self) -> None:
        if self._line.session is not None:
            self._line.session.close()
            self._line.session = None

    def _opened(self) -> smtplib.SMTP:
        try:
            session = self._connected()
            try:
                self._log_in(session)
            except BaseException:
                session.close()
                raise
        except smtplib.SMTPResponseException as error:
            # Without its words and without its cause: a server may repeat what it was told, a password included.
            raise UnreachableError(f"{self._server} did not let us in (SMTP {error.smtp_code}).") from None
        except (smtplib.SMTPException, OSError) as error:
            raise UnreachableError(f"{self._server} could not be used: {_told(str(error))}.") from error
        return session

    def _connected(self) -> smtplib.SMTP:
        timeout = self._mail.timeout.total_seconds()
        # Reading the certificates of all authorities takes longer than a session.
        context = self._line.context = self._line.context or ssl.create_default_context()
        if self._mail.security == "tls":
            return smtplib.SMTP_SSL(self._mail.host, self._mail.port, timeout=timeout, context=context)
        session = smtplib.SMTP(self._mail.host, self._mail.port, timeout=timeout)
        if self._mail.security == "starttls":
            try:
                session.starttls(context=context)
            except BaseException:
                session.close()
                raise
        return session

    def _log_in(self, session: smtplib.SMTP) -> None:
        user, password = self._mail.user, self._mail.password
        if not user:
            return
        if not (user.isascii() and password.isascii()):
            raise UnreachableError("TONLE_SMTP_USER and TONLE_SMTP_PASSWORD may hold ASCII characters only.")
        session.login(user, password)

    def _all_refused(self, replies: Mapping[str, Reply]) -> DeliveryError:
        named = ", ".join(replies)
        return self._refusal(f"{self._server} takes nothing for {named}", list(replies.values()))

    @staticmethod
    def _refusal(problem: str, replies: list[Reply]) -> DeliveryError:
        for_good = all(code >= _FOR_GOOD and code != _LOG_IN_FIRST for code, _ in replies)
        kind = DeliveryRefusedError if for_good else DeliveryError
        return kind(f"{problem}: {'; '.join(map(_said, replies))}.")


def _octets(said: bytes | str) -> bytes:
    return said.encode() if isinstance(said, str) else said


def _said(reply: Reply) -> str:
    code, text = reply
    return f"{code} {_told(text.decode(errors='replace'))}"


def _told(text: str) -> str:
    return shortened(visible(text).rstrip("."), 200)
