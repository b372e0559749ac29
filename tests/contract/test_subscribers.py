"""Who reads, since when, what was sent to them last, and who does not want more."""

from datetime import datetime, timedelta

from core.owed import Reach, Subscription
from storage.store import Corpus

HERE, LATER = Reach(3, 2, 1), Reach(9, 8, 7)


def test_who_leaves_and_comes_back_hears_of_what_comes_from_then_on(corpus: Corpus, now: datetime) -> None:
    later = now + timedelta(days=1)
    assert corpus.subscribers.join("dara", HERE, now)
    assert not corpus.subscribers.join("dara", LATER, later)
    assert corpus.subscribers.leave("dara", later)
    assert not corpus.subscribers.leave("dara", later + timedelta(days=1))
    assert corpus.subscribers.gone() == {"dara"}
    assert corpus.subscribers.all() == (Subscription("dara", now, HERE, later),)
    assert corpus.subscribers.rejoin("dara", LATER, later)
    assert not corpus.subscribers.rejoin("dara", LATER, later)
    assert corpus.subscribers.by_name("dara") == Subscription("dara", later, LATER)
    assert not corpus.subscribers.leave("stranger", now)


def test_the_last_message_of_each_subscriber_is_the_last_that_was_handed_over(corpus: Corpus, now: datetime) -> None:
    for number, (name, hours) in enumerate((("dara", 1), ("dara", 3), ("dara", None), ("sokha", None), ("", 2))):
        corpus.outbox.owe("digest", number, f"key-{number}", now, name)
        state = corpus.outbox.by_key(f"key-{number}")
        assert state
        if hours:
            corpus.outbox.sent(state.id, now + timedelta(hours=hours))
    assert corpus.subscribers.last_sent() == {"dara": now + timedelta(hours=3), "": now + timedelta(hours=2)}
