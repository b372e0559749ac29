from datetime import datetime, timedelta

from core.owed import Delivery
from storage.outbox import DeliveryState
from storage.store import Corpus

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=5)


def keys(deliveries: tuple[Delivery, ...]) -> list[str]:
    return [delivery.key for delivery in deliveries]


def test_a_message_is_owed_once_a_key_for_ever(corpus: Corpus, now: datetime) -> None:
    assert corpus.outbox.owe("alert", 7, "alert-7", now)
    assert not corpus.outbox.owe("alert", 8, "alert-7", now + HOUR)
    (delivery,) = corpus.outbox.claim(now, LEASE, 9)
    assert delivery == Delivery(delivery.id, "alert-7", "alert", 7, 1, now)
    corpus.outbox.sent(delivery.id, now)
    assert not corpus.outbox.owe("alert", 7, "alert-7", now + HOUR)
    assert corpus.outbox.claim(now + HOUR, LEASE, 9) == ()


def test_of_keys_those_are_told_that_are_owed_or_were_sent(corpus: Corpus, now: datetime) -> None:
    for key in ("alert-7", "alert-8"):
        corpus.outbox.owe("alert", 7, key, now)
    (delivery,) = corpus.outbox.claim(now, LEASE)
    corpus.outbox.sent(delivery.id, now)
    assert corpus.outbox.owed(["alert-7", "alert-8", "alert-9"]) == {"alert-7", "alert-8"}
    assert corpus.outbox.owed([]) == frozenset()


def test_messages_are_handed_out_longest_due_first(corpus: Corpus, now: datetime) -> None:
    assert corpus.outbox.claim(now, LEASE) == ()
    corpus.outbox.owe("alert", 1, "second", now)
    corpus.outbox.owe("alert", 2, "third", now)
    corpus.outbox.owe("alert", 3, "first", now - HOUR)
    corpus.outbox.owe("alert", 4, "future", now + HOUR)
    assert keys(corpus.outbox.claim(now, LEASE)) == ["first"]
    assert keys(corpus.outbox.claim(now, LEASE, 9)) == ["second", "third"]


def test_nobody_is_given_a_message_before_its_lease_ends(corpus: Corpus, now: datetime) -> None:
    corpus.outbox.owe("alert", 1, "one", now)
    assert [delivery.attempts for delivery in corpus.outbox.claim(now, LEASE, 9)] == [1]
    assert corpus.outbox.claim(now + LEASE - timedelta(microseconds=1), LEASE, 9) == ()
    assert [delivery.attempts for delivery in corpus.outbox.claim(now + LEASE, LEASE, 9)] == [2]


def test_a_postponed_message_is_due_at_its_next_attempt_whatever_the_lease(corpus: Corpus, now: datetime) -> None:
    corpus.outbox.owe("alert", 1, "one", now)
    (delivery,) = corpus.outbox.claim(now, timedelta(days=9))
    corpus.outbox.postponed(delivery.id, "451 try later", now + HOUR)
    assert corpus.outbox.claim(now + HOUR - timedelta(microseconds=1), LEASE) == ()
    (again,) = corpus.outbox.claim(now + HOUR, LEASE)
    assert (again.id, again.attempts) == (delivery.id, 2)


def test_the_state_of_a_message_tells_how_far_it_has_come(corpus: Corpus, now: datetime) -> None:
    assert corpus.outbox.by_key("one") is None
    corpus.outbox.owe("digest", 5, "one", now)
    corpus.outbox.owe("alert", 6, "two", now)
    (delivery,) = corpus.outbox.claim(now, LEASE)
    corpus.outbox.postponed(delivery.id, "451 try later", now + HOUR)
    state = DeliveryState(delivery.id, "one", "digest", 5, 1, None, None, "451 try later", now + HOUR, "", now)
    assert corpus.outbox.by_key("one") == state
    corpus.outbox.sent(delivery.id, now + HOUR)
    state = DeliveryState(delivery.id, "one", "digest", 5, 1, now + HOUR, None, "", now + HOUR, "", now)
    assert corpus.outbox.by_key("one") == state
    (other,) = corpus.outbox.claim(now, LEASE)
    corpus.outbox.given_up(other.id, "550 no such user", now)
    state = DeliveryState(other.id, "two", "alert", 6, 1, None, now, "550 no such user", now, "", now)
    assert corpus.outbox.by_key("two") == state


def test_what_was_sent_or_given_up_is_neither_waiting_nor_handed_out(corpus: Corpus, now: datetime) -> None:
    for key in ("sent", "given-up", "postponed", "owed"):
        corpus.outbox.owe("alert", 1, key, now)
    sent, given_up, postponed = corpus.outbox.claim(now, LEASE, 3)
    assert corpus.outbox.waiting() == 4
    corpus.outbox.sent(sent.id, now)
    corpus.outbox.given_up(given_up.id, "550", now)
    corpus.outbox.postponed(postponed.id, "451", now + HOUR)
    assert (corpus.outbox.waiting(), corpus.outbox.given_up_count()) == (2, 1)
    assert keys(corpus.outbox.claim(now + 9 * HOUR, LEASE, 9)) == ["owed", "postponed"]
