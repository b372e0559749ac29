"""What people say of matches, and how rules have done by it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.errors import StorageError
from core.feedback import Record, Verdict
from core.model import Passage
from core.owed import Occasion
from storage.store import Corpus, Store

PASSAGE = Passage("Villagers were evicted.", ((15, 22),))
Met = Callable[..., int]


@pytest.fixture
def met(corpus: Corpus, keep: Callable[..., int], now: datetime) -> Met:
    """Keep an article of that key and a match of a rule; return the match's id."""

    def build(key: str, rule: str = "land", at: datetime = now, *, is_told: bool = False) -> int:
        made = corpus.matches.add(keep(corpus, key), 1, rule, PASSAGE, at, is_told=is_told)
        assert made is not None
        return made

    return build


def test_of_a_match_the_last_word_counts(corpus: Corpus, met: Met, now: datetime) -> None:
    one, two = met("one"), met("two")
    corpus.feedback.say(one, Verdict.NOISE, now)
    corpus.feedback.say(one, Verdict.GOOD, now + timedelta(hours=1))
    corpus.feedback.say(two, Verdict.NOISE, now)
    assert corpus.feedback.of([two, one, 99]) == {one: Verdict.GOOD, two: Verdict.NOISE}
    assert corpus.feedback.of([]) == {}


def test_what_was_said_can_be_taken_back_once(corpus: Corpus, met: Met, now: datetime) -> None:
    one = met("one")
    corpus.feedback.say(one, Verdict.GOOD, now)
    assert corpus.feedback.unsay(one)
    assert not corpus.feedback.unsay(one)
    assert corpus.feedback.of([one]) == {}


def test_a_verdict_on_no_match_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(StorageError, match="contradicts"), store.transaction() as corpus:
        corpus.feedback.say(7, Verdict.GOOD, now)


def test_the_record_of_a_rule_counts_matches_alerts_and_verdicts(corpus: Corpus, met: Met, now: datetime) -> None:
    old = met("one", at=now - timedelta(days=40), is_told=True)
    new = met("two", at=now - timedelta(days=2), is_told=True)
    newest = met("three", at=now)
    press = met("four", "press", at=now - timedelta(days=30))
    corpus.feedback.say(old, Verdict.GOOD, now)
    corpus.feedback.say(new, Verdict.NOISE, now)
    corpus.feedback.say(newest, Verdict.GOOD, now)
    since = now - timedelta(days=30)
    records = corpus.feedback.records(since)
    assert records == {
        "land": Record("land", matches=3, recent=2, told=2, good=2, noise=1, last_at=now),
        "press": Record("press", matches=1, recent=1, told=0, last_at=since),
    }
    assert records["land"].answers == 3
    assert records["land"].precision == pytest.approx(2 / 3)
    assert records["press"].precision is None
    assert press not in corpus.feedback.of([press])


def test_no_rule_was_met_in_an_empty_corpus(corpus: Corpus, now: datetime) -> None:
    assert corpus.feedback.records(now) == {}


def test_matches_are_asked_for_by_rule(corpus: Corpus, met: Met) -> None:
    first, _, third = met("one"), met("two", "press"), met("three")
    assert [match.id for match in corpus.matches.newest(9, "land")] == [third, first]
    assert [match.id for match in corpus.matches.newest(1, "land")] == [third]
    assert corpus.matches.newest(9, "none") == ()


def test_what_fired_is_known_by_article_and_whether_anybody_was_to_hear(
    corpus: Corpus, met: Met, now: datetime
) -> None:
    made = [met("one"), met("two", is_told=True), met("three", "press", is_told=True)]
    one, two, three = (match.article.id for match in corpus.matches.by_ids(made))
    withdrawn = Occasion("withdrawals", "turn:1")
    corpus.matches.add(one, 1, "land", PASSAGE, now, occasion=withdrawn, is_told=True)
    assert corpus.matches.fired([one, two, three, 99], "land") == {one: False, two: True}
    assert corpus.matches.fired([one, two, three, 99]) == {one: False, two: True, three: True}
    assert corpus.matches.fired([]) == {}
