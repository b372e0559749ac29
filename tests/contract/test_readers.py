"""Who reads and since when, what happened to articles, and when jobs were done."""

from collections.abc import Callable
from datetime import datetime, timedelta

from core.model import Article, CopyAddress, Draft
from core.owed import Change, ChangeKind, Reach, Subscription
from storage.store import Corpus

HOUR = timedelta(hours=1)


def test_a_subscriber_joins_once_and_keeps_where_the_corpus_was_then(corpus: Corpus, now: datetime) -> None:
    assert corpus.subscribers.join("ann", Reach(7, 2, 3), now)
    assert not corpus.subscribers.join("ann", Reach(9, 9, 9), now + HOUR)
    assert corpus.subscribers.by_name("ann") == Subscription("ann", now, Reach(7, 2, 3))
    assert corpus.subscribers.by_name("bob") is None


def test_who_leaves_is_known_to_have_left_until_they_come_back_to_what_is_new_then(
    corpus: Corpus, now: datetime
) -> None:
    for name in ("bob", "ann"):
        corpus.subscribers.join(name, Reach(), now)
    assert corpus.subscribers.leave("ann", now + HOUR)
    assert not corpus.subscribers.leave("ann", now + 2 * HOUR)
    assert not corpus.subscribers.leave("eve", now)
    assert corpus.subscribers.gone() == {"ann"}
    assert [each.left_at for each in corpus.subscribers.all()] == [now + HOUR, None]
    assert not corpus.subscribers.rejoin("bob", Reach(5), now)
    assert corpus.subscribers.rejoin("ann", Reach(5), now + 3 * HOUR)
    assert corpus.subscribers.by_name("ann") == Subscription("ann", now + 3 * HOUR, Reach(5))
    assert corpus.subscribers.gone() == frozenset()


def test_an_edit_and_a_copy_are_changes_in_the_order_they_came_and_a_correction_is_none(
    corpus: Corpus, now: datetime, draft: Callable[..., Draft], kept: Callable[..., Article]
) -> None:
    article = kept(corpus, "one")
    edited = draft("one", text="Villagers were evicted again.")
    assert corpus.changes.last() == 0
    corpus.articles.revise(article.id, edited, "t", "c", now + HOUR)
    corpus.articles.revise(article.id, edited, "t", "c", now + HOUR, is_correction=True)
    copy = CopyAddress("ohchr", "https://ohchr.test/one", now + 2 * HOUR)
    assert corpus.articles.add_copy(article.id, copy)
    assert not corpus.articles.add_copy(article.id, copy)
    corpus.changes.add(ChangeKind.MATCH, article.id, 5, now + 3 * HOUR)
    assert corpus.changes.between(0, 9) == (
        Change(1, ChangeKind.EDIT, article.id, 2, now + HOUR),
        Change(2, ChangeKind.COPY, article.id, 1, now + 2 * HOUR),
        Change(3, ChangeKind.MATCH, article.id, 5, now + 3 * HOUR),
    )
    assert [change.id for change in corpus.changes.between(1, 2)] == [2]
    assert [corpus.changes.before(now + hours * HOUR) for hours in (0, 2, 4)] == [0, 1, 3]


def test_a_job_is_remembered_by_the_last_time_it_was_done(corpus: Corpus, now: datetime) -> None:
    assert corpus.jobs.last("digest") is None
    corpus.jobs.done("digest", now)
    corpus.jobs.done("digest", now + HOUR)
    corpus.jobs.done("other", now)
    assert corpus.jobs.last("digest") == now + HOUR
