"""Trying again, waiting and giving up, on a real corpus with channels that fail as they are told."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from core.config import Config, MailSettings
from core.errors import DeliveryError, DeliveryRefusedError
from core.model import CopyAddress, Draft, Passage
from core.stories import Likeness, Relation
from core.trouble import Event, Gravity, Subject, Trouble
from notify.channels import FileChannel
from notify.delivery import ATTEMPTS, DeliveryReport, deliver_due
from notify.message import Message, message_id
from storage.outbox import DeliveryState
from storage.store import Corpus, Store

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


class Broken:
    """A channel that raises what it is told for the messages it is told of; `clock` moves by `takes` at each."""

    def __init__(
        self, errors: Mapping[str, BaseException], clock: Clock | None = None, takes: timedelta = timedelta(0)
    ) -> None:
        self.errors = errors
        self.clock = clock or Clock()
        self.takes = takes
        self.tried: list[str] = []

    def send(self, message: Message, key: str) -> None:
        assert message.mail["Message-ID"] == message_id(key)
        self.tried.append(key)
        self.clock.now += self.takes
        if key in self.errors:
            raise self.errors[key]

    def close(self) -> None:
        pass


class Kept:
    """A channel that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, message: Message, key: str) -> None:
        del key
        self.messages.append(message.mail)

    def close(self) -> None:
        pass


@dataclass
class Desk:
    """A corpus that owes alerts, and a clock."""

    store: Store
    clock: Clock = field(default_factory=Clock)

    def owe_alert(self, name: str) -> str:
        """Save an article that met a rule, owe the alert, and return its key."""
        draft = Draft("post", f"https://www.example.org/{name}", name, f"Headline {name}", ("A land case.",))
        with self.store.transaction() as corpus:
            article = corpus.articles.add(draft, f"t-{name}", f"c-{name}", NOW, NOW)
            match = corpus.matches.add(article, 1, "land", Passage("A land case.", ((2, 6),)), NOW)
            assert match is not None
            corpus.outbox.owe("alert", match, f"alert:{match}", NOW)
        return f"alert:{match}"

    def deliver(self, channel: Broken | None = None, timeout: timedelta = timedelta(seconds=5)) -> DeliveryReport:
        config = Config(mail=MailSettings(timeout=timeout))
        way = channel or Broken({})
        return deliver_due(self.store, config, {"post": "Phnom Penh Post"}, self.clock, {"file": lambda *_: way})

    def state(self, key: str) -> DeliveryState:
        with self.store.reading() as corpus:
            state = corpus.outbox.by_key(key)
        assert state is not None
        return state


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path) -> Iterator[Desk]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Desk(store)
    store.close()


def test_the_waits_grow_and_after_twelve_attempts_it_is_given_up(desk: Desk) -> None:
    key = desk.owe_alert("a")
    broken = Broken({key: DeliveryError("The server is away.")})
    waits = []
    for _ in range(ATTEMPTS - 1):
        assert desk.deliver(broken).postponed == 1
        waits.append(desk.state(key).next_attempt - desk.clock.now)
        desk.clock.now = desk.state(key).next_attempt
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    assert waits == [minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, *[12 * hour] * 6]
    assert desk.deliver(broken) == DeliveryReport(sent=0, postponed=0, given_up=1, files=())
    assert desk.state(key).attempts == 12
    assert desk.state(key).error == "The server is away."


class Released(Store):
    """A corpus that another process has locked since a message left, until so many tries to write it have failed."""

    left: ExitStack | None = None
    tries = 0

    @contextmanager
    def transaction(self) -> Iterator[Corpus]:
        self.tries += self.left is not None
        if self.left and self.tries > 3:
            self.left.close()
        with super().transaction() as corpus:
            yield corpus


def test_a_message_that_left_is_marked_once_the_corpus_can_be_written(desk: Desk, tmp_path: Path) -> None:
    key = desk.owe_alert("a")
    released = Released.open(tmp_path / "corpus.sqlite", busy_timeout=timedelta(milliseconds=5))

    class Locking(Broken):
        def send(self, message: Message, key: str) -> None:
            super().send(message, key)
            released.left = ExitStack()
            released.left.enter_context(desk.store.transaction())

    with capture_logs() as logs:
        report = deliver_due(released, Config(), {}, desk.clock, {"file": lambda *_: Locking({})})
    released.close()
    assert report.sent == 1
    assert desk.state(key).sent_at == NOW
    assert [each["event"] for each in logs].count("delivery.not_marked") == 3


def test_a_lease_outlasts_the_longest_session(desk: Desk) -> None:
    key = desk.owe_alert("a")
    long = timedelta(minutes=10)
    with pytest.raises(KeyboardInterrupt):
        desk.deliver(Broken({key: KeyboardInterrupt()}), long)
    desk.clock.now += timedelta(minutes=199)
    assert desk.deliver(timeout=long).sent == 0
    desk.clock.now += timedelta(minutes=10)
    assert desk.deliver(timeout=long).sent == 1


def test_a_message_that_comes_late_in_a_long_round_is_leased_for_as_long_as_the_first(desk: Desk) -> None:
    desk.owe_alert("a")
    last = desk.owe_alert("b")

    slow = Broken({last: KeyboardInterrupt()}, desk.clock, timedelta(hours=1))
    with pytest.raises(KeyboardInterrupt):
        desk.deliver(slow)
    desk.clock.now -= timedelta(hours=1)
    assert desk.deliver() == DeliveryReport(0, 0, 0, ())
    desk.clock.now += timedelta(hours=1)
    assert desk.deliver().sent == 1


def test_one_bad_message_does_not_stop_the_others_and_its_traceback_is_logged(desk: Desk) -> None:
    keys = [desk.owe_alert(name) for name in "abcd"]
    errors = {keys[0]: ZeroDivisionError("oh"), keys[1]: DeliveryError("Later."), keys[2]: DeliveryRefusedError("No.")}
    broken = Broken(errors)
    with capture_logs() as logs:
        assert desk.deliver(broken) == DeliveryReport(sent=1, postponed=2, given_up=1, files=())
    assert broken.tried == keys
    assert desk.state(keys[3]).sent_at == NOW
    assert "ZeroDivisionError: oh" in desk.state(keys[0]).error
    assert [line["event"] for line in logs] == [
        "delivery.failed",
        "delivery.postponed",
        "delivery.postponed",
        "delivery.given_up",
        "delivery.sent",
    ]
    assert logs[0]["exc_info"]


def test_what_is_postponed_does_not_come_round_again_in_the_same_round_however_long_it_takes(desk: Desk) -> None:
    keys = [desk.owe_alert(name) for name in "ab"]
    slow = Broken(dict.fromkeys(keys, DeliveryError("Later.")), desk.clock, timedelta(minutes=10))
    assert desk.deliver(slow).postponed == 2
    assert slow.tried == keys


def test_a_message_is_named_after_its_corpus_in_every_channel(desk: Desk, tmp_path: Path) -> None:
    with desk.store._engine.begin() as connection:
        connection.execute(text("INSERT INTO identity VALUES ('own')"))
    key, broken = desk.owe_alert("a"), Broken({})
    assert desk.deliver(broken).sent == 1
    assert broken.tried == [f"{key}#own"], "and it is what the Message-ID is made of"
    again = desk.owe_alert("b")
    assert deliver_due(desk.store, Config(data=tmp_path), {}, desk.clock).files == (
        FileChannel(tmp_path / "outbox" / "alerts").path(f"{again}#own"),
    )


def test_a_message_about_nothing_that_exists_is_given_up(desk: Desk) -> None:
    with desk.store.transaction() as corpus:
        for kind in ("alert", "digest", "pigeon"):
            corpus.outbox.owe(kind, 99, f"{kind}:99", NOW)
    assert desk.deliver() == DeliveryReport(sent=0, postponed=0, given_up=3, files=())
    assert desk.state("alert:99").error == "The corpus holds no match 99."
    assert desk.state("digest:99").error == "The corpus holds no digest 99."
    assert "pigeon" in desk.state("pigeon:99").error


def test_an_alert_names_the_versions_that_are_known_when_it_leaves(desk: Desk) -> None:
    desk.owe_alert("one")
    came = Draft("post", "https://www.example.org/two", "two", "Headline two", ("A land case. It goes on.",))
    with desk.store.transaction() as corpus:
        other = corpus.articles.add(came, "t-two", "c-two", NOW, NOW)
        corpus.stories.make((1, other), other, NOW)
        corpus.stories.link(other, 1, Likeness(Relation.EXTENDED), NOW)
        corpus.articles.add_copy(1, CopyAddress("ohchr", "https://ohchr.example.org/one", NOW))
    told = Kept()
    deliver_due(desk.store, Config(), {"post": "Phnom Penh Post"}, desk.clock, {"file": lambda *_: told})
    (message,) = told.messages
    text = message.get_body(("plain",))
    assert text
    assert "Also at ohchr, Phnom Penh Post (longer):" in text.get_content()
    assert came.url in text.get_content()


@pytest.mark.parametrize(
    ("error", "wait"),
    [(DeliveryError("Away."), timedelta(hours=12)), (DeliveryRefusedError("No such box."), timedelta(days=1))],
)
def test_what_the_operator_is_owed_is_never_given_up(desk: Desk, error: DeliveryError, wait: timedelta) -> None:
    disk = Trouble(Subject("disk"), "disk-full", Gravity.WRONG, (), NOW, ("disk-full",), Gravity.WRONG, NOW)
    with desk.store.transaction() as corpus:
        corpus.troubles.report(disk, corpus.troubles.keep(disk), Event.OPENED, NOW)
        corpus.troubles.tell(corpus.troubles.untold(), 1, NOW)
        corpus.outbox.owe("trouble", 1, "trouble:1", NOW)
    broken = Broken({"trouble:1": error})
    for _ in range(2 * ATTEMPTS):
        assert desk.deliver(broken).postponed == 1
        waited = desk.state("trouble:1").next_attempt - desk.clock.now
        desk.clock.now += waited
    assert waited == wait
    with desk.store.reading() as corpus:
        assert [each.error for each in corpus.outbox.refused(("trouble",))] == [str(error)]
    assert desk.deliver().sent == 1


def test_a_round_that_is_to_go_on_no_more_ends_with_the_message_under_way(desk: Desk) -> None:
    keys = [desk.owe_alert(name) for name in "abc"]
    broken = Broken({})
    report = deliver_due(
        desk.store, Config(), {}, desk.clock, {"file": lambda *_: broken}, goes_on=lambda: not broken.tried
    )
    assert (report.sent, broken.tried) == (1, keys[:1])
    # What was left was no attempt, and nobody holds it: the next round sends it.
    assert [desk.state(key).attempts for key in keys] == [1, 0, 0]
    assert desk.deliver().sent == 2
