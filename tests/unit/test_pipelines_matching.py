"""Which occasions make a rule fire, and that a story is told of once a rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from core.audience import ANYBODY, Subscriber
from core.model import Draft, Lead, Reason, Skipped
from core.owed import ChangeKind
from core.rules import Rule
from pipelines.ingest import Failed, Ingest
from pipelines.visits import Gone
from storage.outbox import DeliveryState
from storage.prune import Since
from storage.store import Store

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BODY = tuple(
    f"Paragraph {number} of what the villagers said about the land of their parents and the company from abroad."
    for number in range(12)
)


def rule(name: str, *on: str) -> Rule:
    return Rule.model_validate_json(f'{{"name": "{name}", "any": ["land"], "on": {list(on)!r}}}'.replace("'", '"'))


@dataclass
class Desk:
    """A corpus that takes in drafts by rules, a day after another."""

    store: Store
    rules: tuple[Rule, ...]
    now: datetime = NOW
    readers: tuple[Subscriber, ...] = (ANYBODY,)

    def __post_init__(self) -> None:
        with self.store.transaction() as corpus:
            self.run = corpus.runs.start("post", "test", NOW)

    def ingest(self, **settings: object) -> Ingest:
        settings |= {"gone": Gone(2, DAY), "readers": self.readers}
        return Ingest(self.store, self.run, self.rules, (DAY,), lambda: self.now, **settings)  # type: ignore[arg-type]

    def take(self, key: str, *paragraphs: str, source: str = "post", tells: bool = True) -> None:
        url = f"https://{source}.example.org/{key}"
        draft = Draft(source, url, key, f"Headline {key}", paragraphs or BODY, language="en")
        self.ingest(tells=tells).keep(draft, Lead(source, url, key, "feed"), self.now)
        self.now += DAY

    def miss(self, key: str) -> None:
        lead = Lead("post", f"https://post.example.org/{key}", key, "feed")
        self.ingest().take(Failed(lead, Skipped(Reason.GONE)), None, None)  # type: ignore[arg-type]
        self.now += DAY

    @property
    def alerts(self) -> list[tuple[str, str]]:
        """The rule and event of each alert that is owed, in order."""
        with self.store.reading() as corpus:
            owed: list[DeliveryState] = list(reversed(corpus.outbox.listed("all", 99)))
            found = {match.id: match for match in corpus.matches.by_ids(each.ref for each in owed)}
            return [(found[each.ref].rule, found[each.ref].event) for each in owed]

    @property
    def keys(self) -> list[str]:
        """The key of each alert that is owed, in order."""
        with self.store.reading() as corpus:
            return [each.key for each in reversed(corpus.outbox.listed("all", 99))]

    @property
    def quiet(self) -> list[str]:
        """The rules that were met without an alert, as digests name them."""
        with self.store.reading() as corpus:
            changes = [each for each in corpus.changes.between(0, 99) if each.what is ChangeKind.MATCH]
            return [match.rule for match in corpus.matches.by_ids(each.number for each in changes)]


@pytest.fixture
def store(tmp_path: Path, empty_corpus: Path) -> Iterator[Store]:
    opened = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield opened
    opened.close()


def test_a_rule_fires_at_the_occasions_it_asks_for(store: Store) -> None:
    desk = Desk(store, (rule("new", "new"), rule("edits", "edits"), rule("both", "new", "edits")))
    desk.take("a", "Nothing of interest here.")
    desk.take("a", "A land case, after all.")
    desk.take("b", "Another land case.")
    desk.take("b", "Another land case goes on.")
    assert desk.alerts == [("edits", "edits"), ("both", "edits"), ("new", "new"), ("both", "new"), ("edits", "edits")]


def test_a_story_is_told_of_once_a_rule_whoever_carries_it_and_however_it_is_edited(store: Store) -> None:
    desk = Desk(store, (rule("land", "new", "edits"),))
    desk.take("a")
    desk.take("b", *BODY[:-1], "A last paragraph of its own.", source="ohchr")
    desk.take("a", *BODY[:-1], "Its last paragraph was corrected.")
    assert desk.alerts == [("land", "new")]


def test_a_story_is_told_of_once_though_nobody_remembers_any_more_when(store: Store) -> None:
    dara = Subscriber(name="dara", channel="file", schedule=("immediate",))
    desk = Desk(store, (rule("land", "new"),), readers=(ANYBODY, dara))
    desk.take("a")
    assert desk.keys == ["alert:1:land", "alert:1:land@dara"]
    with store.transaction() as corpus:
        for message in corpus.outbox.claim(desk.now, DAY, limit=9):
            corpus.outbox.sent(message.id, desk.now)
        assert corpus.past.forget(Since(deliveries=desk.now + DAY), 9) == {"deliveries": 2}
    desk.take("b", *BODY[:-1], "A last paragraph of its own.", source="ohchr")
    assert desk.keys == []


def test_who_reads_other_sources_hears_of_a_story_by_the_first_version_that_concerns_them(store: Store) -> None:
    post, un, everything = (
        Subscriber(name=name, channel="file", schedule=("immediate",), sources=sources)
        for name, sources in (("post", ("post",)), ("un", ("ohchr",)), ("all", ()))
    )
    desk = Desk(store, (rule("land", "new", "edits"),), readers=(post, un, everything))
    desk.take("a")
    assert desk.keys == ["alert:1:land@post", "alert:1:land@all"]
    desk.take("b", *BODY[:-1], "A last paragraph of its own.", source="ohchr")
    assert desk.keys[2:] == ["alert:2:land@un"]
    desk.take("c", *BODY[:-1], "Yet another last paragraph.", source="ohchr")
    desk.take("d", *BODY[:-1], "One more last paragraph.")
    assert len(desk.keys) == 3


def test_what_an_edit_adds_to_a_story_that_was_told_of_is_a_note_for_the_digest(store: Store) -> None:
    first, other = rule("land", "new", "edits"), Rule(name="press", any=("journalists",))
    desk = Desk(store, (first, other))
    desk.take("a", *BODY, "The journalists were there.")
    desk.take("b", *BODY, source="ohchr")
    desk.take("b", *BODY, "The journalists were there.", source="ohchr")
    assert desk.alerts == [("land", "new"), ("press", "new")]
    assert desk.quiet == ["press"]


def test_a_withdrawal_is_told_to_rules_that_ask_for_it_each_time(store: Store) -> None:
    desk = Desk(store, (rule("gone", "withdrawals"), rule("land", "new")))
    desk.take("a")
    for _ in range(2):
        desk.miss("a")
        desk.miss("a")
        desk.take("a")
    assert desk.alerts == [("land", "new"), ("gone", "withdrawals"), ("gone", "withdrawals")]


def test_new_copies_are_told_to_rules_that_ask_for_them(store: Store) -> None:
    desk = Desk(store, (rule("copies", "copies"), rule("land", "new")))
    desk.take("a")
    desk.take("same", source="ohchr")
    desk.take("near", *BODY[:-1], "A last paragraph of its own.", source="ohchr")
    assert desk.alerts == [("land", "new"), ("copies", "copies"), ("copies", "copies")]


def test_what_was_imported_silences_nothing(store: Store) -> None:
    desk = Desk(store, (rule("land", "new"),))
    desk.take("a", tells=False)
    desk.take("b", *BODY[:-1], "A last paragraph of its own.", source="ohchr")
    assert desk.alerts == [("land", "new")]
    assert desk.quiet == []
