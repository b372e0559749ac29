"""What is owed to several readers: who is owed what, what waits, what becomes one message, what is owed again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from storage.outbox import Due, Traffic
from storage.store import Corpus

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=5)


@pytest.fixture
def owe(corpus: Corpus, now: datetime) -> Callable[..., str]:
    def owed(name: str, number: int, kind: str = "alert", at: datetime = now) -> str:
        key = f"{kind}:{number}@{name}"
        assert corpus.outbox.owe(kind, number, key, at, name)
        return key

    return owed


def test_due_counts_by_reader_and_kind_what_could_be_claimed(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    for number in range(3):
        owe("ann", number)
    owe("ann", 9, "digest")
    owe("bob", 1)
    owe("bob", 2, at=now + HOUR)
    assert corpus.outbox.due(now) == (Due("ann", "alert", 3), Due("ann", "digest", 1), Due("bob", "alert", 1))
    corpus.outbox.claim(now, LEASE, 4)
    assert sum(due.number for due in corpus.outbox.due(now)) == 1


def test_what_is_put_off_is_of_one_reader_and_these_kinds_and_no_attempt(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    alert, digest, other = owe("ann", 1), owe("ann", 2, "digest"), owe("bob", 1)
    assert corpus.outbox.put_off("ann", now + HOUR, "quiet", now, ("alert",)) == 1
    state = corpus.outbox.by_key(alert)
    assert state
    assert (state.next_attempt, state.attempts, state.error) == (now + HOUR, 0, "quiet")
    assert {each.key for each in corpus.outbox.claim(now, LEASE, 9)} == {digest, other}


def test_what_somebody_has_claimed_is_neither_put_off_nor_gathered(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    for number in range(3):
        owe("ann", number)
    (claimed,) = corpus.outbox.claim(now, LEASE)
    assert corpus.outbox.put_off("ann", now + HOUR, "quiet", now) == 2
    assert corpus.outbox.merge("ann", now + HOUR) == 2
    assert corpus.outbox.members(4) == (1, 2)
    assert claimed.ref == 0


def test_an_alert_that_may_have_arrived_stays_a_message_of_its_own_and_so_does_a_single_one(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    tried = owe("ann", 1)
    corpus.outbox.claim(now, LEASE)
    owe("ann", 2)
    assert corpus.outbox.merge("ann", now + LEASE) == 0, "its claim has run out, and of the other there is one"
    owe("ann", 3)
    assert corpus.outbox.merge("ann", now + LEASE) == 2
    assert {each.key for each in corpus.outbox.claim(now + LEASE, LEASE, 9)} == {tried, "summary:ann:2-3:2"}


def test_a_message_that_was_owed_after_another_can_be_left_out_of_a_claim(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    assert corpus.outbox.last() == 0
    early = owe("ann", 1)
    upto = corpus.outbox.last()
    late = owe("ann", 2)
    assert [each.key for each in corpus.outbox.claim(now, LEASE, 9, upto)] == [early]
    assert [each.key for each in corpus.outbox.claim(now, LEASE, 9)] == [late]


def test_alerts_become_one_message_which_is_the_same_however_often_it_is_claimed(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    keys = [owe("ann", number) for number in range(500)]
    other = owe("bob", 7)
    assert corpus.outbox.merge("ann", now) == 500
    owe("ann", 500, at=now + HOUR)
    claimed = corpus.outbox.claim(now, LEASE, 9)
    assert {each.kind for each in claimed} == {"summary", "alert"}
    summary = next(each for each in claimed if each.kind == "summary")
    assert (summary.subscriber, corpus.outbox.members(summary.id)) == ("ann", tuple(range(500)))
    again = next(each for each in corpus.outbox.claim(now + LEASE, LEASE, 9) if each.kind == "summary")
    assert (again.key, again.attempts) == (summary.key, 2)
    assert corpus.outbox.members(again.id) == tuple(range(500))
    assert corpus.outbox.waiting() == 3, "the summary, bob's, and the one that came later"
    corpus.outbox.sent(summary.id, now + LEASE)
    states = [corpus.outbox.by_key(key) for key in keys]
    assert all(state and state.sent_at == now + LEASE and state.merged_id == summary.id for state in states)
    assert corpus.outbox.by_key(other).sent_at is None  # type: ignore[union-attr]  # it is owed
    assert corpus.outbox.merge("ann", now) == 0


def test_traffic_counts_a_summary_as_one_message_and_its_alerts_as_many(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    for number in range(4):
        owe("ann", number)
    first, second = corpus.outbox.claim(now, LEASE, 2)
    corpus.outbox.sent(first.id, now)
    corpus.outbox.sent(second.id, now + LEASE, "nothing to tell")
    corpus.outbox.merge("ann", now)
    (summary,) = corpus.outbox.claim(now, LEASE)
    corpus.outbox.sent(summary.id, now + HOUR)
    assert corpus.outbox.traffic("ann", now - LEASE) == Traffic(2, 3, now, now + HOUR)
    assert corpus.outbox.traffic("ann", now) == Traffic(1, 2, now + HOUR, now + HOUR)
    assert corpus.outbox.traffic("bob", now) == Traffic()


def test_what_was_given_up_is_owed_again_on_command_and_nothing_else_is(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    dead, sent, waiting = owe("ann", 1), owe("ann", 2), owe("ann", 3)
    for each in corpus.outbox.claim(now, LEASE, 2):
        if each.key == dead:
            corpus.outbox.given_up(each.id, "550 no such user", now)
        else:
            corpus.outbox.sent(each.id, now)
    assert [each.key for each in corpus.outbox.listed("dead", 9)] == [dead]
    assert [each.key for each in corpus.outbox.listed("waiting", 9, "ann")] == [waiting]
    assert corpus.outbox.listed("waiting", 9, "bob") == ()
    assert {name: corpus.outbox.number(name) for name in ("dead", "sent", "waiting", "all")} == {
        "dead": 1,
        "sent": 1,
        "waiting": 1,
        "all": 3,
    }
    ids = [each.id for each in corpus.outbox.listed("all", 9)]
    assert [corpus.outbox.by_key(dead).id] == list(corpus.outbox.resend(ids, now + HOUR))  # type: ignore[union-attr]
    again = next(each for each in corpus.outbox.claim(now + HOUR, LEASE, 9) if each.key == dead)
    assert again.attempts == 2, "it was tried, and is gathered into nothing"
    state = corpus.outbox.by_key(sent)
    assert state
    assert state.sent_at == now


def test_what_is_dismissed_is_settled_with_a_word_and_what_was_not_given_up_stays(
    corpus: Corpus, now: datetime, owe: Callable[..., str]
) -> None:
    dead, waiting = owe("ann", 1), owe("ann", 2)
    (claimed,) = corpus.outbox.claim(now, LEASE, 1)
    corpus.outbox.given_up(claimed.id, "550 no such user", now)
    ids = [each.id for each in corpus.outbox.listed("all", 9)]
    assert corpus.outbox.dismissed(ids, "dismissed", now + HOUR) == (claimed.id,)
    assert (corpus.outbox.number("dead"), corpus.outbox.number("waiting")) == (0, 1)
    state = corpus.outbox.by_key(dead)
    assert state
    assert (state.sent_at, state.error, state.given_up_at) == (now + HOUR, "dismissed", None)
    assert corpus.outbox.resend(ids, now + HOUR) == ()
    assert [each.key for each in corpus.outbox.claim(now + HOUR, LEASE, 9)] == [waiting]
