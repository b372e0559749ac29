"""The way out by SMTP, to a real server on loopback with replies of our choosing."""

import asyncio
import base64
import socketserver
import ssl
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from pathlib import Path

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller
from structlog.testing import capture_logs

from core.config import MailSettings
from core.errors import DeliveryError, DeliveryRefusedError
from notify.channels import SmtpChannel
from notify.message import Message
from notify.render import Bodies
from tests.rigs.certificates import certificate_in, server_context

PASSWORD = "s3cret-password"


def letter(text: str = "Hello") -> Message:
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = "tonle: 1 new"
    mail["Message-ID"] = "<1@tonle.invalid>"
    mail.set_content(text)
    return Message("k", "digest", "tonle: 1 new", Bodies("", text), {}, mail)


class Postbox:
    """Keeps what arrives; answers the next message with the next of `replies`, a recipient as `refused` says."""

    def __init__(self) -> None:
        self.arrived: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.replies: deque[str] = deque()
        self.refused: dict[str, str] = {}
        self.users: list[bytes] = []

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it so
        self, _server: smtp.SMTP, _session: smtp.Session, envelope: smtp.Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: smtp.SMTP, _session: smtp.Session, envelope: smtp.Envelope) -> str:  # noqa: N802
        reply = self.replies.popleft() if self.replies else "250 OK"
        if reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.arrived.append(envelope.content)
            self.recipients.append(list(envelope.rcpt_tos))
        return reply

    def authenticate(
        self, _server: smtp.SMTP, _session: smtp.Session, _envelope: smtp.Envelope, _mechanism: str, given: object
    ) -> smtp.AuthResult:
        assert isinstance(given, smtp.LoginPassword)
        self.users.append(given.login)
        return smtp.AuthResult(success=given.password == PASSWORD.encode(), handled=False)


class Loopback(Controller):
    """A server on a free port of 127.0.0.1."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd does not say that it returns nothing


@contextmanager
def serving(
    postbox: Postbox,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
) -> Iterator[int]:
    server = Loopback(
        postbox,
        hostname="127.0.0.1",
        port=0,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=postbox.authenticate if login else None,
        auth_required=login,
        auth_require_tls=tls is None,
    )
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@contextmanager
def scripted(replies: Mapping[str, str]) -> Iterator[int]:
    """Run a server that answers each verb as told, 250 where not, and hangs up where the answer is empty.

    `hello` is its greeting, `body` the moment when the first line of a message has come, `.` its end.
    """

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            in_data = False
            if not self.say("hello", "220 ready"):
                return
            for line in self.rfile:
                verb = line.strip().split(b" ")[0].decode().upper()
                if in_data and verb != ".":
                    if "body" in replies:
                        return
                    continue
                in_data = verb == "DATA"
                if not self.say(verb, "354 go on" if in_data else "250 OK"):
                    return

        def say(self, verb: str, usual: str) -> bool:
            reply = replies.get(verb, usual)
            self.wfile.write(reply.encode() + b"\r\n" if reply else b"")
            return bool(reply)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_in(tmp_path_factory.mktemp("tls"))


def mail(port: int, **settings: object) -> MailSettings:
    usual = {"host": "127.0.0.1", "port": port, "timeout": timedelta(seconds=5), "sender": "tonle@example.org"}
    return MailSettings.model_validate(usual | settings)


def send(port: int, *to: str, message: Message | None = None) -> None:
    """Send a message by a channel of its own."""
    with closing(SmtpChannel(mail(port), to or ("a@example.org",))) as channel:
        channel.send(message or letter(), "k")


def test_smtp_hands_over_to_all_recipients_at_once() -> None:
    postbox = Postbox()
    with serving(postbox) as port:
        send(port, "a@example.org", "b@example.org", message=letter(".\n..dots stay\n."))
    (arrived,) = postbox.arrived
    parsed = message_from_bytes(arrived, policy=default)
    assert isinstance(parsed, EmailMessage)
    assert parsed.get_content().split() == [".", "..dots", "stay", "."]
    assert postbox.recipients == [["a@example.org", "b@example.org"]]


@pytest.mark.parametrize(
    ("reply", "for_good"),
    [("450 busy", False), ("421 going down", False), ("452 full", False), ("550 never", True), ("554 spam", True)],
)
def test_4xx_after_the_message_may_pass_and_5xx_is_for_good(reply: str, for_good: bool) -> None:
    postbox = Postbox()
    postbox.replies.append(reply)
    with serving(postbox) as port, pytest.raises(DeliveryError, match=reply) as caught:
        send(port)
    assert isinstance(caught.value, DeliveryRefusedError) is for_good


@pytest.mark.parametrize(
    ("replies", "for_good"),
    [
        ({"a@example.org": "550 unknown", "b@example.org": "553 no"}, True),
        ({"a@example.org": "550 unknown", "b@example.org": "450 later"}, False),
        ({"a@example.org": "450 later", "b@example.org": "451 later"}, False),
    ],
)
def test_when_all_recipients_are_refused_one_4xx_is_worth_another_try(replies: dict[str, str], for_good: bool) -> None:
    postbox = Postbox()
    postbox.refused = replies
    with serving(postbox) as port, pytest.raises(DeliveryError, match=r"a@example\.org, b@example\.org") as caught:
        send(port, *replies)
    assert isinstance(caught.value, DeliveryRefusedError) is for_good
    assert postbox.arrived == []


def test_when_some_recipients_are_refused_it_counts_as_sent_and_the_log_names_them() -> None:
    postbox = Postbox()
    postbox.refused = {"b@example.org": "450 greylisted"}
    with serving(postbox) as port, capture_logs() as logs:
        send(port, "a@example.org", "b@example.org")
    assert postbox.recipients == [["a@example.org"]]
    assert [(line["event"], line["recipient"], line["reply"]) for line in logs] == [
        ("delivery.recipient_refused", "b@example.org", "450 greylisted")
    ]


@pytest.mark.parametrize(
    ("replies", "for_good"),
    [
        ({"hello": ""}, False),
        ({"hello": "554 no service"}, False),
        ({"hello": "421 too many"}, False),
        ({"EHLO": "550 who", "HELO": "550 who"}, False),
        ({"EHLO": ""}, False),
        ({"MAIL": "451 later"}, False),
        ({"MAIL": "550 not from you"}, True),
        ({"MAIL": "530 log in first"}, False),
        ({"MAIL": ""}, False),
        ({"RCPT": "421 going down"}, False),
        ({"DATA": "451 later"}, False),
        ({"DATA": "554 no"}, True),
        ({"DATA": ""}, False),
        ({"body": ""}, False),
        ({".": ""}, False),
        ({".": "nonsense"}, False),
    ],
    ids=str,
)
def test_wherever_a_session_breaks_it_ends_in_our_errors(replies: dict[str, str], for_good: bool) -> None:
    with scripted(replies) as port, pytest.raises(DeliveryError, match=f"127.0.0.1:{port}") as caught:
        send(port, message=letter("line\n" * 50_000))
    assert isinstance(caught.value, DeliveryRefusedError) is for_good


@pytest.mark.parametrize("goodbye", ["", "500 what", "421 bye"])
def test_a_rude_goodbye_does_not_undo_what_was_taken(goodbye: str) -> None:
    with scripted({"QUIT": goodbye}) as port:
        send(port)


def test_a_server_that_never_answers_is_left_after_the_time_out() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as silent:
        port = silent.server_address[1]
        quick = SmtpChannel(mail(port, timeout=timedelta(milliseconds=100)), ("a@example.org",))
        with pytest.raises(DeliveryError, match="timed out"):
            quick.send(letter(), "k")


def test_a_server_that_is_not_there_is_worth_trying_again() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as gone:
        port = gone.server_address[1]
    with pytest.raises(DeliveryError, match="refused") as caught:
        send(port)
    assert not isinstance(caught.value, DeliveryRefusedError)


# Where TLS comes first, aiosmtpd does not know that there is TLS.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_user_and_password_go_over_tls_alone(certificate: Path, security: str) -> None:
    postbox = Postbox()
    context = server_context(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    tls, starttls = (context, None) if security == "tls" else (None, context)
    with serving(postbox, tls=tls, starttls=starttls, login=True) as port:
        settings = mail(port, security=security, user="watcher", password=PASSWORD)
        with closing(SmtpChannel(settings, ("a@example.org",), trusting)) as way:
            way.send(letter(), "k")
    assert len(postbox.arrived) == 1
    assert postbox.users == [b"watcher"]


def test_a_certificate_that_nobody_vouches_for_ends_the_session(certificate: Path) -> None:
    postbox = Postbox()
    with serving(postbox, starttls=server_context(certificate)) as port:
        settings = mail(port, security="starttls", user="watcher", password=PASSWORD)
        with pytest.raises(DeliveryError, match="certificate verify failed") as caught:
            SmtpChannel(settings, ("a@example.org",)).send(letter(), "k")
    assert not isinstance(caught.value, DeliveryRefusedError)
    assert postbox.arrived == []


def test_a_server_without_starttls_is_not_talked_to_in_the_clear() -> None:
    postbox = Postbox()
    with serving(postbox) as port, pytest.raises(DeliveryError, match="STARTTLS"):
        SmtpChannel(mail(port, security="starttls"), ("a@example.org",)).send(letter(), "k")
    assert postbox.arrived == []


def test_a_refused_login_can_be_put_right_and_tells_no_password(certificate: Path) -> None:
    postbox = Postbox()
    trusting = ssl.create_default_context(cafile=str(certificate))
    wrong = "Wr0ng-password"
    with serving(postbox, starttls=server_context(certificate), login=True) as port:
        settings = mail(port, security="starttls", user="watcher", password=wrong)
        with pytest.raises(DeliveryError, match=r"SMTP 535") as caught:
            SmtpChannel(settings, ("a@example.org",), trusting).send(letter(), "k")
    assert not isinstance(caught.value, DeliveryRefusedError)
    assert wrong not in repr(settings)
    assert wrong not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_server_that_repeats_the_password_does_not_bring_it_into_the_error() -> None:
    echo = base64.b64encode(f"\0watcher\0{PASSWORD}".encode()).decode()
    replies = {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": f"535 bad {echo} {PASSWORD}"}
    with scripted(replies) as port, pytest.raises(DeliveryError) as caught:
        SmtpChannel(mail(port, user="watcher", password=PASSWORD), ("a@example.org",)).send(letter(), "k")
    assert "SMTP 535" in str(caught.value)
    assert not any(part in f"{caught.value!r} {caught.value.__cause__!r}" for part in (PASSWORD, echo))


def test_a_password_that_smtp_cannot_carry_is_told_without_it() -> None:
    postbox = Postbox()
    with serving(postbox) as port, pytest.raises(DeliveryError, match="TONLE_SMTP_PASSWORD") as caught:
        SmtpChannel(mail(port, user="watcher", password="pässwort"), ("a@example.org",)).send(letter(), "k")
    assert "sswort" not in f"{caught.value!r} {caught.value.__cause__!r}"
