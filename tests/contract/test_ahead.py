"""Rows that were written before the clock was set back: none holds work back for as long."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.model import Lead, Reason, Skipped
from storage.store import Corpus

HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)
LEASE = timedelta(minutes=15)
STEPS = pytest.mark.parametrize("step", [DAY + HOUR, YEAR])


def visited(corpus: Corpus, at: datetime, then: datetime) -> None:
    corpus.sources.visited("ppp", "one", "https://ppp.test/one", None, False, then, at)  # noqa: FBT003


@STEPS
def test_pages_seen_or_visited_by_a_clock_ahead_are_due(
    corpus: Corpus, now: datetime, step: timedelta, lead: Callable[..., Lead]
) -> None:
    ahead = now + step
    corpus.sources.sight([lead("two")], corpus.runs.start("ppp", "manual", ahead), ahead)
    visited(corpus, ahead, ahead + HOUR)
    assert corpus.sources.due("ppp", now) == ()
    assert corpus.ahead.is_likely(now)
    assert corpus.ahead.settle(now) == 2
    assert [(visit.key, visit.first_seen) for visit in corpus.sources.due("ppp", now)] == [("two", now), ("one", now)]
    assert corpus.ahead.settle(now) == 0


def test_what_was_planned_by_the_right_clock_waits_for_its_time(corpus: Corpus, now: datetime) -> None:
    visited(corpus, now - HOUR, now + 30 * DAY)
    corpus.outbox.owe("alert", 1, "one", now)
    (delivery,) = corpus.outbox.claim(now, LEASE)
    corpus.outbox.postponed(delivery.id, "451 later", now + 12 * HOUR)
    corpus.incidents.report("ppp", "ppp.test", Reason.CHALLENGE, "403", now + DAY, now)
    corpus.runs.start("ppp", "manual", now)
    assert not corpus.ahead.is_likely(now - timedelta(seconds=2))
    assert corpus.ahead.settle(now) == 0
    assert not corpus.outbox.due(now)
    assert not corpus.sources.due("ppp", now)
    assert corpus.incidents.open()[0].until == now + DAY


@STEPS
def test_a_message_that_was_owed_or_put_off_by_a_clock_ahead_is_due(
    corpus: Corpus, now: datetime, step: timedelta
) -> None:
    corpus.outbox.owe("alert", 1, "new", now + step)
    corpus.outbox.owe("alert", 2, "tried", now + step)
    corpus.outbox.postponed(2, "451 later", now + step + HOUR)
    assert corpus.outbox.due(now) == ()
    assert corpus.ahead.settle(now) == 2
    assert [each.number for each in corpus.outbox.due(now)] == [2]


def test_a_lease_of_a_clock_far_ahead_has_ended_and_one_of_now_has_not(corpus: Corpus, now: datetime) -> None:
    for key in ("one", "two"):
        corpus.outbox.owe("alert", 1, key, now - HOUR)
    corpus.outbox.claim(now + YEAR, LEASE)
    corpus.outbox.claim(now, LEASE)
    assert corpus.ahead.settle(now) == 1
    assert [each.key for each in corpus.outbox.claim(now, LEASE, 9)] == ["one"]


@STEPS
def test_a_host_that_was_left_alone_by_a_clock_ahead_is_asked(corpus: Corpus, now: datetime, step: timedelta) -> None:
    corpus.incidents.report("ppp", "ppp.test", Reason.CHALLENGE, "403", now + step + DAY, now + step)
    corpus.ahead.settle(now)
    (incident,) = corpus.incidents.open()
    assert incident.until == incident.opened_at == now


def test_messages_of_a_clock_ahead_do_not_fill_an_hour(corpus: Corpus, now: datetime) -> None:
    corpus.outbox.owe("alert", 1, "one", now, "ann")
    corpus.outbox.sent(1, now + YEAR)
    assert corpus.outbox.traffic("ann", now - HOUR).messages == 0


def test_for_how_long_a_page_is_away_counts_from_now(corpus: Corpus, now: datetime, keep: Callable[..., int]) -> None:
    article_id = keep(corpus)
    corpus.absences.note(article_id, Skipped(Reason.NOT_FOUND), now + YEAR)
    corpus.ahead.settle(now)
    article = corpus.articles.by_id(article_id)
    absence = corpus.absences.current(article_id)
    assert article
    assert absence
    assert article.missing_since == absence.missing_since == absence.last_missing == now
