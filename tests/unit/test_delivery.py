"""Carrying out the outbox, on a real corpus, against a real SMTP server: each message once, whatever goes wrong."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from shutil import copyfile

import pytest
from aiosmtpd import smtp
from aiosmtpd.controller import Controller

from core.config import AlertSettings, Config, DigestSettings, MailSettings
from core.errors import StorageBusyError
from core.model import Draft, Passage
from notify.channels import KINDS, Channel, ChannelMaker, SmtpChannel
from notify.delivery import WAITS, DeliveryReport, deliver_due
from notify.message import Message, message_id
from notify.periods import owe_digest
from storage.outbox import DeliveryState
from storage.store import Store

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
TITLES = {"post": "Phnom Penh Post"}
ROOT = Path(__file__).parents[2]


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class Postbox:
    """Keeps what arrives and answers the next message with the next of `replies`, or breaks the connection."""

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []
        self.replies: deque[str] = deque()

    async def handle_DATA(self, server: smtp.SMTP, _session: smtp.Session, envelope: smtp.Envelope) -> str:  # noqa: N802
        reply = self.replies.popleft() if self.replies else "250 OK"
        if reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            parsed = message_from_bytes(envelope.content, policy=default)
            assert isinstance(parsed, EmailMessage)
            self.arrived.append(parsed)
        if reply.endswith("then gone"):
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return reply

    @property
    def ids(self) -> list[str]:
        return [message["Message-ID"] for message in self.arrived]


class Loopback(Controller):
    """A server on a free port of 127.0.0.1."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd does not say that it returns nothing


@dataclass
class Office:
    """A corpus, a postbox behind SMTP, a clock, and the settings that bring them together."""

    folder: Path
    store: Store
    postbox: Postbox
    port: int
    clock: Clock = field(default_factory=Clock)

    def config(self, channel: str = "smtp", port: int | None = None) -> Config:
        to = ("reader@example.org",)
        return Config(
            data=self.folder,
            alerts=AlertSettings.model_validate({"channel": channel, "to": to}),
            digest=DigestSettings.model_validate({"channel": channel, "to": to}),
            mail=MailSettings(host="127.0.0.1", port=port or self.port, timeout=timedelta(seconds=5)),
        )

    def owe_alert(self, name: str) -> str:
        """Save an article that met a rule, owe the alert, and return its key."""
        text = f"The land case {name} goes on."
        url = f"https://www.example.org/{name}"
        draft = Draft("post", url, name, f"Headline {name}", (text,), published_at=NOW)
        with self.store.transaction() as corpus:
            article = corpus.articles.add(draft, f"t-{name}", f"c-{name}", NOW, NOW)
            match = corpus.matches.add(article, 1, "land", Passage(text, ((4, 8),)), NOW)
            assert match is not None
            corpus.outbox.owe("alert", match, f"alert:{match}", NOW)
        return f"alert:{match}"

    def deliver(
        self, channel: str = "smtp", kinds: Mapping[str, ChannelMaker] = KINDS, port: int | None = None
    ) -> DeliveryReport:
        return deliver_due(self.store, self.config(channel, port), TITLES, self.clock, kinds)

    def state(self, key: str) -> DeliveryState:
        with self.store.reading() as corpus:
            state = corpus.outbox.by_key(key)
        assert state is not None
        return state


@pytest.fixture
def office(tmp_path: Path, empty_corpus: Path) -> Iterator[Office]:
    postbox = Postbox()
    server = Loopback(postbox, hostname="127.0.0.1", port=0)
    server.start()
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Office(tmp_path, store, postbox, server.port)
    store.close()
    server.stop()


def only(channel: Channel) -> Mapping[str, ChannelMaker]:
    """Return kinds of channel that all lead to this one."""
    return {"smtp": lambda *_: channel, "file": lambda *_: channel}


def test_with_nothing_owed_nothing_is_done(office: Office) -> None:
    assert office.deliver() == DeliveryReport(sent=0, postponed=0, given_up=0, files=())


def test_an_alert_and_a_digest_are_rendered_from_the_corpus_and_sent_once(office: Office) -> None:
    office.owe_alert("a")
    owe_digest(office.store, office.config(), TITLES, NOW)
    assert office.deliver() == DeliveryReport(sent=2, postponed=0, given_up=0, files=())
    assert office.deliver().sent == 0
    subjects = [message["Subject"] for message in office.postbox.arrived]
    assert subjects == ["tonle alert: land — Headline a (Phnom Penh Post)", "tonle: 1 new — Phnom Penh Post 1"]
    assert office.postbox.ids == [message_id("alert:1"), message_id("digest:0-1")]
    assert office.state("alert:1").sent_at == NOW


def test_the_file_channel_writes_digests_and_alerts_into_folders_of_their_own(office: Office) -> None:
    office.owe_alert("a")
    owe_digest(office.store, office.config(), TITLES, NOW)
    report = office.deliver("file")
    assert sorted(path.parent for path in report.files) == [
        office.folder / "outbox" / "alerts",
        office.folder / "outbox" / "digests",
    ]
    assert sorted(report.files) == sorted((office.folder / "outbox").rglob("*.*"))
    ids = {message_from_bytes(path.read_bytes(), policy=default)["Message-ID"] for path in report.files}
    assert ids == {message_id("alert:1"), message_id("digest:0-1")}


def test_a_message_refused_with_450_is_sent_later_with_the_same_message_id(office: Office) -> None:
    key = office.owe_alert("a")
    office.postbox.replies.append("450 busy")
    assert office.deliver().postponed == 1
    assert "450 busy" in office.state(key).error
    office.clock.now += timedelta(seconds=59)
    assert office.deliver() == DeliveryReport(0, 0, 0, ())
    office.clock.now += timedelta(seconds=1)
    assert office.deliver().sent == 1
    assert office.postbox.ids == [message_id(key)]
    assert office.state(key).error == ""


def test_a_message_refused_with_550_is_given_up(office: Office) -> None:
    key, other = office.owe_alert("a"), office.owe_alert("b")
    office.postbox.replies.append("550 never")
    assert office.deliver() == DeliveryReport(sent=1, postponed=0, given_up=1, files=())
    office.clock.now += timedelta(days=30)
    assert office.deliver() == DeliveryReport(0, 0, 0, ())
    assert office.state(key).given_up_at == NOW
    assert "550 never" in office.state(key).error
    assert office.postbox.ids == [message_id(other)]


def test_a_connection_broken_in_the_middle_of_the_message_is_tried_again(office: Office) -> None:
    key = office.owe_alert("a")
    halves: list[bytes] = []

    def take_half(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as lines:
            for reply in (b"220 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
                lines.write(reply)
                lines.flush()
                halves.append(lines.readline())

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        done = pool.submit(take_half, listener)
        assert office.deliver(port=listener.getsockname()[1]).postponed == 1
        done.result()
    assert b"Subject" in halves[-1]
    office.clock.now += WAITS[0]
    assert office.deliver().sent == 1
    assert office.postbox.ids == [message_id(key)]


def test_when_the_answer_is_lost_the_message_comes_again_as_the_same_message(office: Office) -> None:
    key = office.owe_alert("a")
    office.postbox.replies.append("250 OK, then gone")
    assert office.deliver().postponed == 1
    office.clock.now += WAITS[0]
    assert office.deliver().sent == 1
    assert office.postbox.ids == [message_id(key), message_id(key)]


def test_two_deliverers_at_once_send_each_message_once(office: Office) -> None:
    keys = [office.owe_alert(str(number)) for number in range(24)]
    start = threading.Barrier(3)

    def deliver(_: int) -> DeliveryReport:
        store = Store.open(office.folder / "corpus.sqlite")
        start.wait()
        try:
            return deliver_due(store, office.config(), TITLES, office.clock)
        finally:
            store.close()

    with ThreadPoolExecutor(3) as pool:
        reports = list(pool.map(deliver, range(3)))
    assert sum(report.sent for report in reports) == 24
    assert Counter(office.postbox.ids) == Counter(message_id(key) for key in keys)


KILLED_AFTER_SENDING = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from core.config import AlertSettings, Config, MailSettings
from notify.channels import KINDS, SmtpChannel
from notify.delivery import deliver_due
from storage.store import Store

class Killed(SmtpChannel):
    def send(self, message, key):
        super().send(message, key)
        os.kill(os.getpid(), signal.SIGKILL)

folder, port, now = Path(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
alerts = AlertSettings(channel="smtp", to=("reader@example.org",))
config = Config(data=folder, alerts=alerts, mail=MailSettings(host="127.0.0.1", port=port))
store = Store.open(folder / "corpus.sqlite")
kinds = {**KINDS, "smtp": lambda settings, mail, to, *_: Killed(mail, to)}
deliver_due(store, config, {"post": "Phnom Penh Post"}, lambda: now, kinds)
"""


def test_a_process_killed_between_sending_and_marking_costs_one_duplicate_with_the_same_message_id(
    office: Office,
) -> None:
    first, second = office.owe_alert("a"), office.owe_alert("b")
    command = [sys.executable, "-c", KILLED_AFTER_SENDING, str(office.folder), str(office.port), NOW.isoformat()]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    dead = subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=60)
    assert dead.returncode == -signal.SIGKILL
    assert office.postbox.ids == [message_id(first)]
    office.deliver()
    assert office.postbox.ids == [message_id(first), message_id(second)]
    office.clock.now += timedelta(hours=1)
    assert office.deliver().sent == 1
    office.clock.now += timedelta(days=30)
    assert office.deliver().sent == 0
    assert office.postbox.ids == [message_id(first), message_id(second), message_id(first)]


@contextmanager
def hanging_up() -> Iterator[tuple[int, list[str]]]:
    """Run a mail server that hangs up on whoever comes; give its port and who came."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            with suppress(OSError):
                while True:
                    connection, (host, *_) = listener.accept()
                    came.append(host)
                    connection.close()

        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(hang_up)
            yield listener.getsockname()[1], came
            listener.shutdown(socket.SHUT_RDWR)
            done.result()


def test_a_server_that_cannot_be_reached_is_asked_once_and_the_others_keep_their_attempts(office: Office) -> None:
    keys = [office.owe_alert(str(number)) for number in range(4)]
    owe_digest(office.store, office.config(), TITLES, NOW)
    with hanging_up() as (port, came):
        assert office.deliver(port=port) == DeliveryReport(sent=0, postponed=5, given_up=0, files=())
        assert len(came) == 1
        office.clock.now += timedelta(seconds=59)
        assert office.deliver(port=port) == DeliveryReport(0, 0, 0, ())
    assert [office.state(key).attempts for key in (*keys, "digest:0-4")] == [1, 0, 0, 0, 0]
    assert "could not be used" in office.state(keys[3]).error
    office.clock.now += timedelta(seconds=1)
    assert office.deliver().sent == 5
    assert len(set(office.postbox.ids)) == 5


def test_a_mail_server_that_cannot_be_reached_does_not_stop_what_goes_into_files(office: Office) -> None:
    for name in "ab":
        office.owe_alert(name)
    owe_digest(office.store, office.config(), TITLES, NOW)
    with hanging_up() as (port, _):
        config = office.config(port=port)
        mixed = config.model_copy(update={"digest": DigestSettings(channel="file")})
        report = deliver_due(office.store, mixed, TITLES, office.clock)
    assert (report.sent, report.postponed, len(report.files)) == (1, 2, 1)


def test_what_another_process_has_claimed_is_not_put_off(office: Office) -> None:
    office.owe_alert("a")
    other = office.owe_alert("b")

    class Slow(SmtpChannel):
        def send(self, message: Message, key: str) -> None:
            with office.store.transaction() as corpus:
                (claimed,) = corpus.outbox.claim(NOW, timedelta(hours=1))
            assert claimed.key == other
            super().send(message, key)

    with hanging_up() as (port, _):
        config = office.config(port=port)
        report = deliver_due(office.store, config, TITLES, office.clock, only(Slow(config.mail, config.alerts.to)))
    assert (report.postponed, office.state(other).attempts) == (1, 1)
    office.clock.now += timedelta(minutes=59)
    assert office.deliver().sent == 1


def test_the_same_period_owed_twice_is_sent_once(office: Office) -> None:
    office.owe_alert("a")
    assert owe_digest(office.store, office.config(), TITLES, NOW) is not None
    assert office.deliver().sent == 2
    assert owe_digest(office.store, office.config(), TITLES, NOW) is None
    assert office.deliver().sent == 0
    since = NOW - timedelta(days=1)
    assert owe_digest(office.store, office.config(), TITLES, NOW, since) is not None
    assert owe_digest(office.store, office.config(), TITLES, NOW, since) is None
    assert office.deliver().sent == 1
    assert len(set(office.postbox.ids)) == 3


def test_a_digest_that_waited_tells_what_it_was_owed_for(office: Office) -> None:
    office.owe_alert("a")
    owe_digest(office.store, office.config(), TITLES, NOW)
    office.owe_alert("b")
    office.deliver()
    (digest,) = [message for message in office.postbox.arrived if "digest" in message["List-Id"]]
    text = digest.get_body(("plain",))
    assert isinstance(text, EmailMessage)
    assert "Headline a" in text.get_content()
    assert "Headline b" not in text.get_content()


def test_when_the_corpus_cannot_be_marked_the_caller_hears_and_the_message_goes_again_as_the_same(
    office: Office,
) -> None:
    key = office.owe_alert("a")
    hurried = Store.open(office.folder / "corpus.sqlite", busy_timeout=timedelta(milliseconds=50))
    with ExitStack() as held:

        class Locking(SmtpChannel):
            def send(self, message: Message, key: str) -> None:
                super().send(message, key)
                held.enter_context(office.store.transaction())

        config = office.config()
        locking = Locking(config.mail, config.alerts.to)
        with pytest.raises(StorageBusyError):
            deliver_due(hurried, config, TITLES, office.clock, only(locking))
    hurried.close()
    office.clock.now += timedelta(hours=1)
    assert office.deliver().sent == 1
    assert office.postbox.ids == [message_id(key), message_id(key)]
