"""Delivery to several readers: each what concerns them, when they want it, and no more once they say so."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from structlog.testing import capture_logs

from core.audience import Subscriber
from core.config import AlertSettings, Config, DigestSettings
from core.errors import DeliveryRefusedError
from core.model import Draft
from core.rules import Rule
from notify.channels import Channel
from notify.delivery import ATTEMPTS, WAITS, DeliveryReport, deliver_due
from notify.message import Message
from notify.periods import owe_digest
from pipelines.matching import Matching
from storage.store import Store

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)  # 10:00 in Phnom Penh
TITLES = {"post": "Phnom Penh Post", "ohchr": "OHCHR"}
HOUR = timedelta(hours=1)


@dataclass
class Kept:
    """A channel that keeps what it is given; closed counts how often it was taken leave of."""

    messages: list[Message] = field(default_factory=list)
    refuses: bool = False
    closed: int = 0
    meanwhile: Callable[[], None] | None = None

    def send(self, message: Message, key: str) -> None:
        assert message.key == key
        if self.refuses:
            raise DeliveryRefusedError("No such box.")
        self.messages.append(message)
        if self.meanwhile:
            self.meanwhile()

    def close(self) -> None:
        self.closed += 1


class Counted(dict[str, str]):
    """The titles of the sources; counts how often they are gone through: three times for each digest that is made."""

    times = 0

    def __iter__(self) -> Iterator[str]:
        self.times += 1
        return super().__iter__()


@dataclass
class Desk:
    """A corpus, a clock, readers, and what each of them was sent."""

    store: Store
    readers: tuple[Subscriber, ...] = ()
    now: datetime = NOW
    boxes: dict[str, Kept] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=lambda: TITLES)

    def add(self, name: str, **settings: object) -> Kept:
        values = {"name": name, "to": (f"{name}@example.org",), "schedule": ("immediate",)} | settings
        self.readers += (Subscriber.model_validate(values),)
        self.boxes[name] = Kept()
        return self.boxes[name]

    @property
    def config(self) -> Config:
        silent = {"alerts": AlertSettings(channel="none"), "digest": DigestSettings(channel="none")}
        return Config(subscribers=self.readers, rules=RULES, **silent)  # type: ignore[arg-type]

    def meet(self, key: str, source: str = "post", language: str = "en", text: str = "A land case.") -> None:
        """Take in an article, as a crawl does."""
        draft = Draft(source, f"https://www.example.org/{key}", key, f"Headline {key}", (text,), language=language)
        with self.store.transaction() as corpus:
            article = corpus.articles.add(draft, f"t-{key}", f"c-{key}", self.now, self.now)
            Matching(RULES, lambda: self.now, self.config.alert_readers).match(corpus, draft, article, 1)

    def deliver(self) -> DeliveryReport:
        def way(_settings: object, _mail: object, to: tuple[str, ...], *_folders: Path) -> Channel:
            return self.boxes[to[0].partition("@")[0]]

        return deliver_due(self.store, self.config, self.titles, lambda: self.now, {"smtp": way})

    def later(self, wait: timedelta) -> DeliveryReport:
        self.now += wait
        return self.deliver()

    def owe_digest(self, name: str) -> bool:
        reader = next(each for each in self.readers if each.name == name)
        return owe_digest(self.store, self.config, TITLES, self.now, subscriber=reader) is not None


ZONES = ("UTC", "Asia/Phnom_Penh", "Europe/Paris", "Asia/Tokyo", "America/New_York", "Asia/Bangkok")
RULES = (Rule(name="land", any=("land",)), Rule(name="press", any=("journalist*",)))


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path) -> Iterator[Desk]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Desk(store)
    store.close()


def subjects(box: Kept) -> list[str]:
    return [message.subject for message in box.messages]


def test_each_reader_is_alerted_of_their_rules_sources_and_languages_alone(desk: Desk) -> None:
    everything, press = desk.add("all"), desk.add("press", rules=("press",))
    ohchr, khmer = desk.add("un", sources=("ohchr",)), desk.add("khmer", languages=("km",))
    desk.meet("a")
    desk.meet("b", text="A journalist writes of land.")
    desk.meet("c", source="ohchr")
    desk.meet("d", language="")
    desk.deliver()
    told = {name: [subject.split(" — ")[1][9] for subject in subjects(box)] for name, box in desk.boxes.items()}
    assert told == {"all": ["a", "b", "b", "c", "d"], "press": ["b"], "un": ["c"], "khmer": ["d"]}
    assert len({message.key for box in (everything, press, ohchr, khmer) for message in box.messages}) == 8
    assert {box.closed for box in desk.boxes.values()} == {1}


def test_who_reads_digests_is_not_alerted(desk: Desk) -> None:
    daily = desk.add("daily", schedule=("30 7 * * *",))
    desk.meet("a")
    assert desk.deliver().sent == 0
    assert daily.messages == []


def test_many_alerts_at_once_are_one_message_that_counts_all_and_names_the_latest(desk: Desk) -> None:
    ann = desk.add("ann")
    for number in range(120):
        desk.meet(str(number))
    with capture_logs() as logs:
        assert desk.deliver().sent == 1
    assert [line["number"] for line in logs if line["event"] == "delivery.gathered"] == [120]
    (message,) = ann.messages
    assert "120" in message.subject
    assert "Headline 119" in message.bodies.text
    assert message.data["totals"] == {"land": 120}
    desk.now += HOUR
    assert desk.deliver().sent == 0


def test_quiet_hours_hold_alerts_and_let_them_go_when_they_end(desk: Desk) -> None:
    ann, bob = desk.add("ann", quiet="09:00-11:00"), desk.add("bob")
    desk.meet("a")
    desk.deliver()
    assert (len(ann.messages), len(bob.messages)) == (0, 1)
    desk.now += HOUR - timedelta(seconds=1)
    assert desk.deliver().sent == 0
    desk.now += timedelta(seconds=1)
    assert desk.deliver().sent == 1
    assert len(ann.messages) == 1


def test_no_more_than_so_many_messages_leave_within_an_hour_and_none_is_lost(desk: Desk) -> None:
    ann = desk.add("ann", hourly=3, burst=0)
    for number in range(7):
        desk.meet(str(number))
    assert desk.deliver().sent == 3
    desk.now += timedelta(minutes=59)
    assert desk.deliver().sent == 0
    desk.now += timedelta(minutes=1)
    assert desk.deliver().sent == 3
    desk.now += HOUR
    assert desk.deliver().sent == 1
    assert [subject.split(" — ")[1][9] for subject in subjects(ann)] == list("0123456")


def test_two_who_deliver_at_once_send_no_more_than_an_hour_may_have(desk: Desk) -> None:
    ann = desk.add("ann", hourly=2, burst=0)
    for number in range(5):
        desk.meet(str(number))

    def other() -> None:
        ann.meanwhile = None
        desk.deliver()

    ann.meanwhile = other
    desk.deliver()
    assert len(ann.messages) == 2
    assert desk.later(HOUR).sent == 2
    assert desk.later(HOUR).sent == 1
    assert len(set(subjects(ann))) == 5


def test_who_left_is_sent_nothing_and_what_was_owed_is_kept_as_given_up(desk: Desk) -> None:
    ann = desk.add("ann")
    desk.deliver()
    desk.meet("a")
    with desk.store.transaction() as corpus:
        corpus.subscribers.leave("ann", desk.now)
    desk.meet("b")
    assert desk.deliver() == DeliveryReport(sent=0, postponed=0, given_up=1, files=())
    assert ann.messages == []
    assert not desk.owe_digest("ann")


def test_what_is_committed_while_others_are_sent_to_is_held_and_gathered_like_the_rest(desk: Desk) -> None:
    ann, bob, cat = desk.add("ann", rules=("press",)), desk.add("bob", quiet="09:00-11:00"), desk.add("cat", burst=2)

    def commit() -> None:
        ann.meanwhile = None
        for key in "bcd":
            desk.meet(key)

    ann.meanwhile = commit
    desk.meet("a", source="ohchr", text="A journalist.")
    assert desk.deliver().sent == 2
    assert (len(ann.messages), len(bob.messages), len(cat.messages)) == (1, 0, 1)
    desk.now += HOUR
    desk.deliver()
    assert (len(ann.messages), len(cat.messages)) == (1, 2)
    assert "3" in cat.messages[1].subject


def test_a_daemon_that_does_not_know_a_new_subscriber_yet_keeps_what_they_are_owed(desk: Desk) -> None:
    ann = desk.add("ann")
    desk.meet("a")
    readers, desk.readers = desk.readers, ()
    assert desk.deliver() == DeliveryReport(sent=0, postponed=1, given_up=0, files=())
    desk.now += WAITS[0]
    desk.readers = readers
    assert desk.deliver().sent == 1
    assert len(ann.messages) == 1


def test_a_reader_who_is_no_longer_in_the_settings_is_a_dead_letter_that_can_be_sent_again(desk: Desk) -> None:
    ann = desk.add("ann")
    desk.meet("a")
    readers, desk.readers = desk.readers, ()
    assert sum(desk.later(WAITS[-1]).given_up for _ in range(ATTEMPTS)) == 1
    desk.readers = readers
    with desk.store.transaction() as corpus:
        (dead,) = corpus.outbox.listed("dead", 9)
        assert "ann is not in config.yaml" in dead.error
        corpus.outbox.resend([dead.id], desk.now)
    assert desk.deliver().sent == 1
    assert len(ann.messages) == 1


def test_one_reader_s_trouble_is_no_other_s(desk: Desk) -> None:
    ann, bob = desk.add("ann"), desk.add("bob")
    ann.refuses = True
    desk.meet("a")
    assert desk.deliver() == DeliveryReport(sent=1, postponed=0, given_up=1, files=())
    assert len(bob.messages) == 1


def test_a_subscriber_who_is_added_hears_of_what_comes_from_then_on(desk: Desk) -> None:
    old = desk.add("old", schedule=("30 7 * * *",))
    desk.deliver()
    desk.meet("a")
    new = desk.add("new", schedule=("30 7 * * *",))
    desk.deliver()
    desk.meet("b")
    assert desk.owe_digest("old")
    assert desk.owe_digest("new")
    assert desk.deliver().sent == 2
    assert "Headline a" in old.messages[0].bodies.text
    assert "Headline a" not in new.messages[0].bodies.text
    assert "Headline b" in new.messages[0].bodies.text
    assert not desk.owe_digest("new")


def test_a_digest_in_which_nothing_concerns_its_reader_is_not_sent_and_not_asked_for_again(desk: Desk) -> None:
    un = desk.add("un", schedule=("30 7 * * *",), sources=("ohchr",))
    desk.deliver()
    desk.meet("a")
    desk.owe_digest("un")
    assert desk.deliver().sent == 0
    assert un.messages == []
    desk.meet("b", source="ohchr")
    desk.owe_digest("un")
    assert desk.deliver().sent == 1
    assert "Headline a" not in un.messages[0].bodies.text


def test_of_a_stretch_only_the_digests_are_made_that_somebody_is_owed(desk: Desk) -> None:
    names = [f"reader-{number}" for number in range(6)]
    for number, name in enumerate(names):
        desk.add(name, schedule=("30 7 * * *",), rules=() if number % 2 else ("land",), zone=ZONES[number])
    desk.deliver()
    for name in names:
        desk.meet(name)
        assert desk.owe_digest(name)
    desk.titles = counted = Counted(TITLES)
    assert desk.deliver().sent == 6
    assert counted.times <= 3 * 6, "a digest goes through them three times; all readers' of all stretches would be 36"


def test_who_wants_to_hear_that_nothing_happened_does_once_a_day(desk: Desk) -> None:
    ann = desk.add("ann", schedule=("30 7 * * *",), empty="line")
    desk.deliver()
    assert desk.owe_digest("ann")
    assert not desk.owe_digest("ann")
    assert desk.deliver().sent == 1
    desk.now += timedelta(days=1)
    assert desk.owe_digest("ann")
    assert desk.deliver().sent == 1
    assert len({message.key for message in ann.messages}) == 2


def test_that_a_source_needs_a_look_is_said_once_a_day_however_often_others_have_news(desk: Desk) -> None:
    un = desk.add("un", schedule=("0 * * * *",), sources=("ohchr",))
    desk.deliver()
    with desk.store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start("ohchr", "schedule", desk.now), "failed", desk.now, "it broke")
    sent = []
    for hour in range(30):
        if hour % 3:
            desk.meet(f"a{hour}")  # nothing to this reader
        desk.owe_digest("un")
        sent.append(desk.deliver().sent)
        desk.now += HOUR
    # From 10:00 on in Phnom Penh: at once, and again after midnight.
    assert [hour for hour, number in enumerate(sent) if number] == [0, 14]
    assert set(subjects(un)) == {"tonle: nothing new; OHCHR needs a look"}
    desk.meet("b", source="ohchr")
    assert desk.owe_digest("un")
    assert desk.deliver().sent == 1, "news is told whatever was said before"
