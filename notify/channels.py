"""How messages leave: as files in a folder, or by SMTP. A new way is a class here and a line in KINDS."""

import contextlib
import hashlib
import re
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import structlog

from core.config import Channel as ChannelSettings
from core.config import MailSettings
from core.errors import DeliveryError, DeliveryRefusedError
from core.text import shortened
from notify.phrases import visible
from notify.whole import write_whole

_log = structlog.get_logger()

Reply = tuple[int, bytes]
_FOR_GOOD = 500
_LOG_IN_FIRST = 530


class UnreachableError(DeliveryError):
    """The channel itself does not work at present: no other message would get through it either."""


class Channel(Protocol):
    """A way out. The key names the message for ever: sent twice under one key, it is still one message."""

    def send(self, message: EmailMessage, key: str) -> None:
        """Hand a message over. Raises DeliveryError to try later, DeliveryRefusedError to try no more.

        UnreachableError, a DeliveryError, says that other messages need not be tried now.
        """
        ...


ChannelMaker = Callable[[ChannelSettings, MailSettings, Path], Channel]


class FileChannel:
    """Writes each message as an .eml file, whole or not at all; the same key is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Return the file of a key: its letters and figures, and a hash that tells apart what they do not."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[:60]
        return self._folder / f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.eml"

    def send(self, message: EmailMessage, key: str) -> None:
        """Write the message; on return it is on the disk."""
        path = self.path(key)
        try:
            write_whole(path, message.as_bytes())
        except OSError as error:
            raise DeliveryError(f"{path} could not be written: {error.strerror or error}.") from error


class SmtpChannel:
    """Hands messages to an SMTP server, all recipients in one transaction.

    A reply of 4xx to the sender, the recipients or the message, and a connection that breaks while these are told,
    may pass: DeliveryError. A reply of 5xx to them is for good: DeliveryRefusedError. When no session can be opened
    (connection, TLS, login), or the server falls silent in one, all messages meet the same: UnreachableError. A login
    that is missing (530) or refused is a setting to be put right, and must not cost the messages that wait for it.

    When the server takes the message for some recipients and refuses others, it counts as sent: sending it again
    would repeat it to those who have it. The others are named in the log, as delivery.recipient_refused. When all
    are refused, one 4xx among the replies is enough to try again.
    """

    def __init__(self, mail: MailSettings, to: tuple[str, ...], context: ssl.SSLContext | None = None) -> None:
        self._mail = mail
        self._to = to
        self._context = context

    def send(self, message: EmailMessage, key: str) -> None:
        """Hand the message over; on return the server has taken charge of it."""
        try:
            with self._session() as session:
                refused = session.send_message(message, self._mail.sender, list(self._to))
        except smtplib.SMTPRecipientsRefused as error:
            raise self._all_refused(error.recipients) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            reply = (error.smtp_code, _octets(error.smtp_error))
            raise self._refusal(f"{self._server} did not take the message", [reply]) from error
        except TimeoutError as error:
            raise UnreachableError(f"{self._server} did not answer in time.") from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self._server} could not be used: {_told(str(error))}.") from error
        for recipient, reply in refused.items():
            _log.warning("delivery.recipient_refused", key=key, recipient=recipient, reply=_said(reply))

    @property
    def _server(self) -> str:
        return f"The mail server {self._mail.host}:{self._mail.port}"

    @contextlib.contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        session = self._opened()
        try:
            yield session
            # What is said at leaving changes nothing: the message was taken, or was not, before.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                session.quit()
        finally:
            session.close()

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
        context = self._context or ssl.create_default_context()
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


def _file(settings: ChannelSettings, mail: MailSettings, folder: Path) -> Channel:
    del settings, mail
    return FileChannel(folder)


def _smtp(settings: ChannelSettings, mail: MailSettings, folder: Path) -> Channel:
    del folder
    return SmtpChannel(mail, settings.to)


KINDS: Mapping[str, ChannelMaker] = {"file": _file, "smtp": _smtp}
"""The kinds of channel by the name that config.yaml gives them."""
