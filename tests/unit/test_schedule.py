"""When something is done again: after failures, after a clock that was set, and not by all at once."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from app.schedule import Scattered, Steps, held_off_until, next_crawl, next_digest
from core.crontab import cron_trigger, following, interval_trigger

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("failures", [0, 1])
def test_one_failure_changes_nothing(failures: int) -> None:
    assert held_off_until(HOUR, failures, NOW, NOW) is None


@pytest.mark.parametrize(("failures", "hours"), [(2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (7, 24), (1_000_000, 24)])
def test_the_interval_doubles_with_each_failure_to_a_day_and_no_further(failures: int, hours: int) -> None:
    until = held_off_until(HOUR, failures, NOW, NOW)
    assert until
    assert until <= NOW + hours * HOUR < until + HOUR


def test_a_source_that_is_crawled_less_often_than_daily_keeps_its_interval() -> None:
    until = held_off_until(7 * DAY, 9, NOW, NOW)
    assert until
    assert NOW + 6 * DAY < until < NOW + 7 * DAY


def test_a_source_that_never_was_crawled_is_not_held_off() -> None:
    assert held_off_until(HOUR, 9, None, NOW) is None


def test_a_source_whose_failures_lie_ahead_of_the_clock_is_not_held_off() -> None:
    assert held_off_until(HOUR, 9, NOW + HOUR / 2, NOW) is not None
    assert held_off_until(HOUR, 9, NOW + DAY, NOW) is None


HOURLY, DAILY = interval_trigger(HOUR), cron_trigger("30 7 * * *", "UTC")


@pytest.mark.parametrize("ahead", [DAY, 365 * DAY])
def test_a_crawl_that_lies_far_ahead_of_the_clock_holds_none_back(ahead: timedelta) -> None:
    assert next_crawl(HOURLY, NOW + ahead, NOW) == NOW


def test_what_was_done_a_moment_ahead_of_the_clock_is_not_done_again() -> None:
    assert next_crawl(HOURLY, NOW + 10 * MINUTE, NOW) == NOW + HOUR + 10 * MINUTE
    sent = datetime(2026, 7, 14, 7, 30, 2, tzinfo=UTC)
    for back in (timedelta(seconds=10), HOUR, 11 * HOUR):
        assert next_digest(DAILY, sent, sent - back) == datetime(2026, 7, 15, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("back", [DAY, 3 * DAY, 365 * DAY])
def test_a_digest_of_a_clock_far_ahead_is_followed_by_the_next_of_this_one(back: timedelta) -> None:
    sent = datetime(2026, 7, 14, 7, 30, 2, tzinfo=UTC)
    due = next_digest(DAILY, sent, sent - back)
    assert timedelta(0) < due - (sent - back) <= DAY


def test_a_missed_digest_is_sent_at_once_and_one_that_was_sent_at_its_next_time() -> None:
    assert next_digest(DAILY, NOW - 3 * DAY, NOW) == NOW
    assert next_digest(DAILY, datetime(2026, 7, 13, 7, 30, tzinfo=UTC), NOW) == NOW + 4 * HOUR + 30 * MINUTE


def test_crawls_are_scattered_over_a_tenth_of_the_time_between_two_at_most() -> None:
    for trigger, most, bound in ((HOURLY, MINUTE, MINUTE), (HOURLY, DAY, 6 * MINUTE), (DAILY, 3 * HOUR, 2.4 * HOUR)):
        scattered = Scattered(trigger, most, Random(7))
        plain = following(trigger, NOW)
        found = {scattered.get_next_fire_time(NOW, NOW) - plain for _ in range(50)}
        assert len(found) > 40
        assert min(found) >= timedelta(0)
        assert bound / 2 < max(found) <= bound


def test_crawls_are_not_scattered_where_the_settings_say_so() -> None:
    assert Scattered(HOURLY, timedelta(0), Random(7)).get_next_fire_time(NOW, NOW) == NOW + HOUR


def test_a_time_by_a_crontab_line_that_was_scattered_is_due_once() -> None:
    moment, found = NOW, []
    scattered = Scattered(DAILY, 3 * HOUR, Random(7))
    for _ in range(30):
        moment = scattered.get_next_fire_time(moment, moment)
        found.append(moment.date())
    assert len(set(found)) == 30


def test_a_clock_that_is_set_is_noticed_and_one_that_runs_is_not() -> None:
    steps = Steps(NOW, 100.0)
    assert steps.step(NOW + 5 * SECOND, 105.0) == timedelta(0)
    assert steps.step(NOW + 5 * SECOND + DAY, 105.0) == DAY
    assert steps.step(NOW + 10 * SECOND + DAY, 110.0) == timedelta(0)
    assert steps.step(NOW, 115.0) == -DAY - 15 * SECOND
