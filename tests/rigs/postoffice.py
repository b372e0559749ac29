"""A mail server on loopback, with STARTTLS and AUTH where wanted, that fails as it is told."""

import asyncio
import logging
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd import smtp
from aiosmtpd.controller import Controller

from tests.rigs.certificates import server_context
from tests.rigs.faults import Act, Faults, Stage

# It warns of what it calls itself.
logging.getLogger("mail.log").setLevel(logging.ERROR)

USER, PASSWORD = "watcher", "s3cret-password"


@dataclass(frozen=True)
class Letter:
    """A message that was taken: in which session of the server, and for whom."""

    message_id: str
    subject: str
    recipients: tuple[str, ...]
    session: int
    content: bytes = field(repr=False)


@dataclass
class PostOffice:
    """All that a server has taken, in order; unanswered counts, by Message-ID, what it took without being heard.

    After `limit` messages a session is closed; 0: never.
    """

    faults: Faults = field(default_factory=Faults)
    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    forbidden: int = 0
    sessions: int = 0
    over_tls: int = 0
    is_open: bool = False
    limit: int = 0

    async def handle_DATA(self, clerk: "Clerk", _session: smtp.Session, envelope: smtp.Envelope) -> str:  # noqa: N802
        return await clerk.answer(envelope)

    @property
    def ids(self) -> list[str]:
        return [letter.message_id for letter in self.letters]

    def authenticate(
        self, _server: smtp.SMTP, _session: smtp.Session, _envelope: smtp.Envelope, _mechanism: str, given: object
    ) -> smtp.AuthResult:
        assert isinstance(given, smtp.LoginPassword)
        act = self.faults.at(Stage.AUTH)
        if act is not None:
            said = "535 5.7.8 not you" if act is Act.FORBID else "454 4.7.0 not now"
            return smtp.AuthResult(success=False, handled=False, message=said)
        known = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
        return smtp.AuthResult(success=known, handled=False)


class Clerk(smtp.SMTP):
    """One session. Each command is a stage; what the faults say is done there before the usual."""

    def __init__(self, office: PostOffice, **settings: Any) -> None:  # noqa: ANN401  # aiosmtpd's own
        super().__init__(office, **settings)
        self._office = office
        self._number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._number or not self._office.is_open:  # once more, over TLS; or the server itself looks whether it is up
            self._office.over_tls += self._office.is_open
            super().connection_made(transport)
            return
        self._office.sessions += 1
        self._number = self._office.sessions
        act = self._office.faults.at(Stage.CONNECT)
        if act is None:
            super().connection_made(transport)
        elif act is Act.BREAK:
            transport.abort()
        else:
            transport.write(b"554 no service\r\n" if act is Act.FORBID else b"421 too many\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self.session is not None:
            super().connection_lost(error)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802  # aiosmtpd calls it so
        if await self._goes_well(Stage.EHLO):
            await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        taken = sum(letter.session == self._number for letter in self._office.letters) if self._office.limit else 0
        if self._office.limit and taken >= self._office.limit:
            await self.push("421 4.7.0 enough for one session")
            self._break()
        elif await self._goes_well(Stage.MAIL):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        if await self._goes_well(Stage.RCPT):
            await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        if await self._goes_well(Stage.RESET):
            await super().smtp_RSET(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if not await self._goes_well(Stage.DATA):
            return
        if self._office.faults.at(Stage.WITHIN):
            await self.push("354 go on")
            self._break()
            return
        await super().smtp_DATA(arg)

    async def answer(self, envelope: smtp.Envelope) -> str:
        """Return what is said to a message that has come whole."""
        act = self._office.faults.at(Stage.LETTER)
        if act in {None, Act.LOSE}:
            letter = self._letter(envelope)
            self._office.letters.append(letter)
            if act is Act.LOSE:
                self._office.unanswered[letter.message_id] += 1
                self._break()
        elif act is Act.BREAK:
            self._break()
        elif act is Act.HANG:
            await asyncio.Event().wait()
        elif act is Act.FORBID:
            self._office.forbidden += 1
            return "554 5.7.1 never"
        else:
            return "451 4.3.0 later"
        return "250 OK"

    def _letter(self, envelope: smtp.Envelope) -> Letter:
        assert isinstance(envelope.content, bytes)
        head = message_from_bytes(envelope.content.split(b"\r\n\r\n")[0], policy=default)
        recipients = tuple(envelope.rcpt_tos)
        return Letter(head["Message-ID"], head["Subject"], recipients, self._number, envelope.content)

    async def _goes_well(self, stage: Stage) -> bool:
        act = self._office.faults.at(stage)
        if act is Act.BREAK:
            self._break()
        elif act is Act.HANG:
            await asyncio.Event().wait()
        elif act is Act.FORBID:
            self._office.forbidden += 1
            await self.push("550 5.7.1 never")
        elif act is Act.DEFER:
            await self.push("451 4.3.0 later")
        return act is None

    def _break(self) -> None:
        assert isinstance(self.transport, asyncio.Transport)
        self.transport.abort()


class _Building(Controller):
    """The server, on a free port of 127.0.0.1."""

    def __init__(self, office: PostOffice, tls: ssl.SSLContext | None) -> None:
        super().__init__(office, hostname="127.0.0.1", port=0)
        self._office = office
        self._tls = tls

    def factory(self) -> Clerk:
        wants_tls = self._tls is not None
        return Clerk(
            self._office,
            hostname="127.0.0.1",
            tls_context=self._tls,
            require_starttls=wants_tls,
            authenticator=self._office.authenticate if wants_tls else None,
            auth_required=wants_tls,
            loop=self.loop,
        )

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self._office.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd does not say that it returns nothing


@contextmanager
def post_office(faults: Faults | None = None, certificate: Path | None = None) -> Iterator[PostOffice]:
    """Run a mail server; with a certificate it wants STARTTLS, and the user and password above."""
    office = PostOffice(faults or Faults())
    tls = server_context(certificate) if certificate else None
    server = _Building(office, tls)
    server.start()
    office.is_open = True
    try:
        yield office
    finally:
        server.stop()
