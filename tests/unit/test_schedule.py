"""When a source is crawled again that fails."""

from datetime import UTC, datetime, timedelta

import pytest

from app.schedule import held_off_until

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("failures", [0, 1])
def test_one_failure_changes_nothing(failures: int) -> None:
    assert held_off_until(HOUR, failures, NOW) is None


@pytest.mark.parametrize(("failures", "hours"), [(2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (7, 24), (1_000_000, 24)])
def test_the_interval_doubles_with_each_failure_to_a_day_and_no_further(failures: int, hours: int) -> None:
    until = held_off_until(HOUR, failures, NOW)
    assert until
    assert until <= NOW + hours * HOUR < until + HOUR


def test_a_source_that_is_crawled_less_often_than_daily_keeps_its_interval() -> None:
    until = held_off_until(7 * DAY, 9, NOW)
    assert until
    assert NOW + 6 * DAY < until < NOW + 7 * DAY


def test_a_source_that_never_was_crawled_is_not_held_off() -> None:
    assert held_off_until(HOUR, 9, None) is None
