from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model import Copy, Outcome, Reason, Revised, Saved, Skipped, Unchanged, Visit
from pipelines.dedup import Known, Verdict, verdict
from pipelines.fingerprint import Fingerprint
from pipelines.visits import PASSING, Gone, next_visit

SEEN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AGES = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3), timedelta(days=7))
LASTING = [reason for reason in Reason if reason not in PASSING | {Reason.IRRELEVANT}]


def visit(failures: int = 0, article_id: int | None = None, first_seen: datetime | None = SEEN) -> Visit:
    return Visit("ohchr", "https://www.ohchr.org/en/x", "x", 1, failures, first_seen, article_id)


@pytest.mark.parametrize("outcome", [Saved(1), Revised(1, 2), Unchanged(1), Copy(1)])
@pytest.mark.parametrize(
    ("age", "following"),
    [
        (timedelta(0), AGES[0]),
        (timedelta(minutes=59), AGES[0]),
        (AGES[0], AGES[1]),
        (timedelta(hours=7), AGES[2]),
        (timedelta(days=2), AGES[3]),
        (timedelta(days=6), AGES[4]),
        (AGES[4], None),
        (timedelta(days=400), None),
    ],
)
def test_an_article_is_visited_at_growing_ages_and_then_no_more(
    outcome: Outcome, age: timedelta, following: timedelta | None
) -> None:
    due = next_visit(outcome, visit(article_id=1), SEEN + age, AGES)
    assert due == (SEEN + following if following else None)


def test_the_ages_may_stand_in_any_order() -> None:
    assert next_visit(Saved(1), visit(), SEEN + timedelta(hours=2), AGES[::-1]) == SEEN + AGES[1]


def test_an_address_that_was_never_seen_before_is_as_old_as_the_visit() -> None:
    assert next_visit(Saved(1), visit(first_seen=None), SEEN, AGES) == SEEN + AGES[0]


def test_without_ages_no_article_is_visited_again() -> None:
    assert next_visit(Saved(1), visit(), SEEN, ()) is None


@pytest.mark.parametrize("reason", sorted(PASSING))
def test_waits_after_failures_that_may_pass_double_from_an_hour_to_a_day(reason: Reason) -> None:
    waits = [next_visit(Skipped(reason), visit(failures), SEEN, AGES) for failures in range(8)]
    assert waits == [SEEN + timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24, 24, 24)]


@pytest.mark.parametrize("reason", sorted(PASSING))
def test_an_address_that_fails_and_fails_is_given_up_after_about_two_weeks(reason: Reason) -> None:
    now, failures = SEEN, 0
    while due := next_visit(Skipped(reason), visit(failures), now, AGES):
        now, failures = due, failures + 1
    assert failures == 20
    assert timedelta(days=14) < now - SEEN < timedelta(days=18)


@pytest.mark.parametrize("asked", [timedelta(0), timedelta(minutes=2), timedelta(days=7)])
@pytest.mark.parametrize("article_id", [None, 1])
def test_what_the_server_asked_for_goes_before_every_plan(asked: timedelta, article_id: int | None) -> None:
    refusal = Skipped(Reason.RATE_LIMITED, retry_after=asked)
    assert next_visit(refusal, visit(5, article_id), SEEN, AGES) == SEEN + asked


@pytest.mark.parametrize("reason", sorted(LASTING))
def test_a_page_that_holds_no_article_is_asked_on_three_days(reason: Reason) -> None:
    dues = [next_visit(Skipped(reason), visit(failures), SEEN, AGES) for failures in range(4)]
    assert dues == [SEEN + timedelta(days=1), SEEN + timedelta(days=1), None, None]


@pytest.mark.parametrize("reason", [Reason.PAYWALL, Reason.NO_BODY])
def test_an_article_whose_page_holds_none_stays_on_its_plan(reason: Reason) -> None:
    now = SEEN + timedelta(hours=2)
    assert next_visit(Skipped(reason), visit(9, article_id=1), now, AGES) == SEEN + AGES[1]
    assert next_visit(Skipped(reason), visit(9, article_id=1), SEEN + timedelta(days=8), AGES) is None


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.GONE, Reason.SOFT_404])
def test_a_missing_article_is_looked_for_daily_for_a_fortnight(reason: Reason) -> None:
    old = SEEN + timedelta(days=40)
    dues = [next_visit(Skipped(reason), replace(visit(0, 1), missing=missing), old, AGES) for missing in range(16)]
    assert dues == [old + timedelta(days=1)] * 14 + [None, None]


def test_a_missing_article_is_visited_when_its_age_says_so_if_that_is_sooner() -> None:
    assert next_visit(Skipped(Reason.GONE), visit(0, 1), SEEN + timedelta(hours=2), AGES) == SEEN + AGES[1]


@pytest.mark.parametrize("article_id", [None, 1])
def test_what_is_not_wanted_is_not_visited_again(article_id: int | None) -> None:
    assert next_visit(Skipped(Reason.IRRELEVANT), visit(0, article_id), SEEN, AGES) is None


@pytest.mark.parametrize(
    ("missing", "days", "is_certain"), [(1, 30, False), (2, 30, False), (3, 1, False), (3, 2, True), (9, 2, True)]
)
def test_an_article_is_gone_after_several_visits_over_days(missing: int, days: int, is_certain: bool) -> None:
    gone = Gone(visits=3, after=timedelta(days=2))
    assert gone.is_certain(missing, SEEN, SEEN + timedelta(days=days)) is is_certain


@pytest.mark.parametrize("reason", sorted(PASSING))
def test_a_passing_failure_brings_an_articles_next_visit_forward_and_never_puts_it_off(reason: Reason) -> None:
    held = visit(0, article_id=1)
    assert next_visit(Skipped(reason), held, SEEN + timedelta(days=2), AGES) == SEEN + timedelta(days=2, hours=1)
    assert next_visit(Skipped(reason), held, SEEN + timedelta(minutes=30), AGES) == SEEN + timedelta(hours=1)


@given(
    st.sampled_from(Reason),
    st.integers(0, 100),
    st.sampled_from([None, 1]),
    st.timedeltas(timedelta(0), timedelta(days=500)),
)
def test_an_address_is_never_due_before_now(
    reason: Reason, failures: int, article_id: int | None, age: timedelta
) -> None:
    due = next_visit(Skipped(reason), visit(failures, article_id), SEEN + age, AGES)
    assert due is None or due > SEEN + age


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (Known(None, None), Verdict.NEW),
        (Known(None, 7), Verdict.COPY),
        (Known("content", None), Verdict.SAME),
        (Known("content", 7), Verdict.SAME),
        (Known("other", None), Verdict.CHANGED),
        (Known("other", 7), Verdict.CHANGED),
        (Known("", 7), Verdict.CHANGED),
    ],
)
def test_a_known_address_goes_before_a_known_text(known: Known, expected: Verdict) -> None:
    assert verdict(Fingerprint("text", "content"), known) is expected
