"""Absences of pages: what is remembered of them, and that the article's quick answer agrees with it."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from core.errors import StorageError
from core.model import Capture, Reason, Skipped
from core.stories import Absence, Presence, Turn
from storage.store import Corpus, Store

DAY = timedelta(days=1)
NOT_FOUND, GONE = Skipped(Reason.NOT_FOUND, "HTTP 404"), Skipped(Reason.GONE, "HTTP 410")


def capture(number: int, at: datetime) -> Capture:
    return Capture("ppp/ppp-20260301-00001.warc.gz", 1000 * number, 900, f"sha1:{number:032}", at)


def test_an_absence_is_opened_prolonged_made_certain_and_ended(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    article = keep(corpus, "one")
    answers = [capture(number, now) for number in range(3)]
    first = corpus.absences.note(article, NOT_FOUND, now, answers[0])
    assert first == Absence(article, now, now, 1, "not-found", "HTTP 404", None, None, answers[0], answers[0])
    assert corpus.absences.current(article) == first
    corpus.absences.note(article, NOT_FOUND, now + DAY, answers[1])
    certain = corpus.absences.note(article, GONE, now + 2 * DAY, answers[2], is_certain=True)
    expected = replace(first, last_missing=now + 2 * DAY, visits=3, reason="gone", detail="HTTP 410")
    expected = replace(expected, gone_since=now + 2 * DAY, last_capture=answers[2])
    assert certain == expected
    ended = corpus.absences.end(article, now + 5 * DAY)
    assert ended == replace(expected, returned_at=now + 5 * DAY)
    assert corpus.absences.of(article) == (ended,)
    assert corpus.absences.current(article) is None


def test_what_was_certain_stays_so_from_that_day_on(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    article = keep(corpus, "one")
    for day, is_certain in enumerate((True, True, False)):
        corpus.absences.note(article, GONE, now + day * DAY, is_certain=is_certain)
    away = corpus.absences.current(article)
    assert away is not None
    assert (away.gone_since, away.visits) == (now, 3)
    assert [turn.presence for turn in corpus.absences.turns(0, 9)] == [Presence.GONE]


def test_answers_that_no_archive_keeps_leave_the_evidence_that_there_is(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    article = keep(corpus, "one")
    kept = capture(1, now)
    for each in (None, kept, None):
        away = corpus.absences.note(article, GONE, now, each)
    assert (away.first_capture, away.last_capture) == (kept, kept)


def test_a_page_that_goes_again_opens_another_absence(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    article = keep(corpus, "one")
    for day in (0, 2, 4):
        corpus.absences.note(article, GONE, now + day * DAY)
        corpus.absences.end(article, now + (day + 1) * DAY)
    told = [(each.missing_since - now, (each.returned_at or now) - now) for each in corpus.absences.of(article)]
    assert told == [(day * DAY, (day + 1) * DAY) for day in (0, 2, 4)]


def test_a_page_that_was_never_away_does_not_come_back(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    assert corpus.absences.end(keep(corpus, "one"), now) is None
    assert corpus.absences.changes == ()


def test_nothing_is_missing_of_an_article_that_does_not_exist(corpus: Corpus, now: datetime) -> None:
    with pytest.raises(StorageError, match="no article 7"):
        corpus.absences.note(7, GONE, now)


def test_times_do_not_run_backwards_when_a_clock_is_set_back(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    article = keep(corpus, "one")
    corpus.absences.note(article, GONE, now)
    assert corpus.absences.note(article, GONE, now - DAY).last_missing == now
    ended = corpus.absences.end(article, now - DAY)
    assert ended is not None
    assert ended.returned_at == now


def test_the_changes_of_a_transaction_are_told_by_it_alone(
    store: Store, keep: Callable[..., int], now: datetime
) -> None:
    with store.transaction() as corpus:
        article = keep(corpus, "one")
        corpus.absences.note(article, GONE, now)
        corpus.absences.note(article, GONE, now, is_certain=True)
        assert [turn.presence for turn in corpus.absences.changes] == [Presence.MISSING, Presence.GONE]
    with store.transaction() as corpus:
        ended = corpus.absences.end(article, now)
        assert ended is not None
        assert corpus.absences.changes == (Turn(Presence.BACK, ended),)


def test_the_newest_that_are_certain_come_first_and_those_that_ended_not_at_all(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    ids = [keep(corpus, str(number)) for number in range(5)]
    for number, (article, is_certain) in enumerate(zip(ids, (True, True, False, False, True), strict=True)):
        corpus.absences.note(article, GONE, now + number * DAY, is_certain=is_certain)
    corpus.absences.end(ids[4], now + 9 * DAY)
    assert [each.article_id for each in corpus.absences.recent(9)] == [ids[1], ids[0], ids[3], ids[2]]
    assert [each.article_id for each in corpus.absences.recent(1)] == [ids[1]]
    assert corpus.absences.counts() == (2, 2)


def test_turns_are_counted_through_over_all_articles_and_only_what_was_certain_turns(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    one, two, three = (keep(corpus, name) for name in ("one", "two", "three"))
    assert (corpus.absences.last_turn(), corpus.absences.turns(0, 9)) == (0, ())
    corpus.absences.note(three, GONE, now)
    corpus.absences.end(three, now)
    assert corpus.absences.last_turn() == 0
    corpus.absences.note(two, GONE, now + DAY, is_certain=True)
    corpus.absences.note(one, GONE, now + 2 * DAY, is_certain=True)
    corpus.absences.end(two, now + 3 * DAY)
    told = [(turn.presence, turn.absence.article_id) for turn in corpus.absences.turns(0, 3)]
    assert told == [(Presence.GONE, two), (Presence.GONE, one), (Presence.BACK, two)]
    assert [turn.absence.article_id for turn in corpus.absences.turns(1, 2)] == [one]
    corpus.absences.note(three, GONE, now + 3 * DAY, is_certain=True)
    assert [turn.presence for turn in corpus.absences.turns(2, 4)] == [Presence.BACK, Presence.GONE]
    assert corpus.absences.last_turn() == 4
    since = [corpus.absences.turn_before(now + days * DAY) for days in (0, 1, 2, 3)]
    assert since == [0, 0, 1, 2]
    assert corpus.absences.turn_before(now + 4 * DAY) == 4


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_visits_found_the_article_s_own_answer_agrees(
    corpus: Corpus, keep: Callable[..., int], now: datetime, seed: int
) -> None:
    visits = random.Random(seed)
    ids = [keep(corpus, str(number)) for number in range(3)]
    turned = 0
    for hour in range(60):
        article, at = visits.choice(ids), now + timedelta(hours=hour)
        before = corpus.absences.current(article)
        if visits.random() < 0.4:
            corpus.absences.end(article, at)
            turned += before is not None and before.gone_since is not None
        else:
            is_certain = visits.random() < 0.5
            corpus.absences.note(article, visits.choice((NOT_FOUND, GONE)), at, is_certain=is_certain)
            turned += is_certain and (before is None or before.gone_since is None)
        agree(corpus, ids)
    assert corpus.absences.last_turn() == len(corpus.absences.turns(0, turned)) == turned


def agree(corpus: Corpus, ids: list[int]) -> None:
    for article_id in ids:
        article, away = corpus.articles.by_id(article_id), corpus.absences.current(article_id)
        assert article is not None
        held = (article.missing_since, article.gone_since)
        assert held == ((away.missing_since, away.gone_since) if away else (None, None))
        every = corpus.absences.of(article_id)
        assert [each.returned_at is None for each in every[:-1]] == [False] * len(every[:-1])
        assert all(
            first.returned_at is not None and first.returned_at <= second.missing_since
            for first, second in pairwise(every)
        )
