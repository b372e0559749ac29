"""Crontab lines on the days on which clocks are changed, held against a walk through every minute of them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.schedule import next_digest
from core.crontab import cron_trigger, following, interval_trigger

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("America/Santiago", "2026-04-04"),
    ("America/Santiago", "2026-09-06"),
    ("America/Asuncion", "2023-10-01"),
    ("America/Asuncion", "2024-03-23"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Cairo", "2026-10-29"),
    ("Australia/Lord_Howe", "2026-04-05"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Asia/Phnom_Penh", "2026-10-25"),
]
ONCE_A_DAY = ["30 2 * * *", "0 0 * * *", "15 0 * * *", "30 23 * * *", "45 1 * * *", "30 7 * * *"]


def due(line: str, zone: str, first: datetime, days: int = 3) -> list[datetime]:
    """Return when a line is due in so many days, as the scheduler asks for it."""
    trigger, found = cron_trigger(line, zone), []
    moment = trigger.get_next_fire_time(None, first)
    while moment < first + days * DAY:
        found.append(moment.astimezone(ZoneInfo(zone)))
        assert len(found) < 5000, "it stays where it is"
        moment = trigger.get_next_fire_time(moment, moment + MINUTE)
    return found


def utc(moments: Iterable[datetime]) -> list[datetime]:
    return [each.astimezone(UTC) for each in moments]


def around(day: str) -> datetime:
    """Return a noon, by whatever zone, before the change of a day."""
    return datetime.fromisoformat(f"{day}T12:00:00+00:00") - 2 * DAY


def minutes(zone: str, first: datetime, days: int) -> Iterator[datetime]:
    # All that is asked of them is at a multiple of five.
    for number in range(0, days * 24 * 60, 5):
        yield (first + number * MINUTE).astimezone(ZoneInfo(zone))


@pytest.mark.parametrize(("zone", "day"), CHANGES)
@pytest.mark.parametrize("line", ONCE_A_DAY)
def test_a_daily_time_is_due_once_a_day_whatever_clocks_do(zone: str, day: str, line: str) -> None:
    found = due(line, zone, around(day), 4)
    assert len({each.date() for each in found}) == len(found) == 4
    minute, hour = map(int, line.split()[:2])
    usual = [each for each in found if (each.hour, each.minute) == (hour, minute)]
    assert len(usual) >= 3, "only a time that clocks leave out is moved"
    assert all(timedelta(hours=22) <= after - before <= timedelta(hours=26) for before, after in pairwise(utc(found)))


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_a_line_of_every_hour_goes_on_in_an_hour_that_comes_twice(zone: str, day: str) -> None:
    first = around(day) + DAY
    shown = [each for each in minutes(zone, first, 2) if each.minute in {0, 20, 40}]
    assert utc(due("*/20 * * * *", zone, first, 2)) == utc(shown)


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_times_that_are_left_out_and_times_after_them_are_each_due_once(zone: str, day: str) -> None:
    first = around(day) + DAY
    found = due("*/15 0-3 * * *", zone, first, 2)
    assert utc(found) == sorted(utc(found))
    names = [(each.date(), each.hour, each.minute) for each in found]
    assert len(names) == len(set(names))
    shown = {(each.date(), each.hour, each.minute) for each in minutes(zone, first, 2) if each.hour < 4}
    assert {name for name in shown if name[2] % 15 == 0} <= set(names)


def test_a_day_that_a_zone_leaves_out_has_no_digest_of_its_own() -> None:
    found = due("30 7 * * *", "Pacific/Apia", datetime(2011, 12, 28, tzinfo=UTC), 4)
    assert [each.day for each in found] == [28, 29, 31, 1][: len(found)]
    assert len(found) >= 3


def test_a_time_that_comes_twice_is_not_due_again_after_a_restart_between() -> None:
    berlin = cron_trigger("30 2 * * *", "Europe/Berlin")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert following(berlin, first - HOUR) == first
    for restarted in (first + MINUTE, first + HOUR, first + HOUR + MINUTE):
        assert next_digest(berlin, first, restarted) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_an_interval_takes_no_notice_of_clocks_that_change() -> None:
    trigger, moment = interval_trigger(HOUR), datetime(2026, 10, 24, 23, 10, tzinfo=UTC)
    for _ in range(5):
        moment += HOUR
        assert following(trigger, moment - HOUR) == moment
