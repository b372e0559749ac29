"""What leaves now, what waits and what is gathered, by the hours and the bounds that a subscriber sets."""

from datetime import UTC, datetime, timedelta

import pytest

from core.audience import Subscriber
from notify.planning import Plan, plan, quiet_until
from storage.outbox import Traffic

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)  # 10:00 in Phnom Penh
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def reader(**settings: object) -> Subscriber:
    return Subscriber.model_validate({"name": "ann", "channel": "file", "schedule": ("immediate",)} | settings)


def test_without_bounds_all_leaves() -> None:
    assert plan(reader(burst=0), 500, Traffic(), NOW) == Plan()
    assert plan(reader(), 10, Traffic(), NOW) == Plan()


def test_more_alerts_at_once_than_a_burst_become_one_message() -> None:
    assert plan(reader(), 11, Traffic(), NOW) == Plan(merges=True)
    assert plan(reader(burst=500), 500, Traffic(), NOW) == Plan()


def test_alerts_that_trickle_in_are_gathered_for_a_quarter_of_an_hour() -> None:
    sent = Traffic(8, 8, NOW - 10 * MINUTE, NOW - 2 * MINUTE)
    waits = plan(reader(), 3, sent, NOW)
    assert (waits.until, waits.kinds, waits.merges) == (NOW + 13 * MINUTE, ("alert",), False)
    assert plan(reader(), 3, sent, NOW + 13 * MINUTE) == Plan(merges=True)
    assert plan(reader(), 2, sent, NOW) == Plan(), "ten are within the bound"


def test_a_lone_alert_beyond_the_bound_is_no_summary() -> None:
    sent = Traffic(10, 10, NOW - 30 * MINUTE, NOW - 20 * MINUTE)
    assert plan(reader(), 1, sent, NOW) == Plan(merges=False)


def test_an_hour_has_no_more_messages_than_it_may() -> None:
    assert plan(reader(hourly=5), 3, Traffic(2, 2, NOW - 20 * MINUTE, NOW), NOW).most == 3
    full = plan(reader(hourly=5), 3, Traffic(5, 5, NOW - 20 * MINUTE, NOW), NOW)
    assert full.until == NOW + 40 * MINUTE
    assert "digest" in full.kinds


@pytest.mark.parametrize(
    ("quiet", "hour", "ends"),
    [
        ("22:00-06:00", 21, None),
        ("22:00-06:00", 22, 6),
        ("22:00-06:00", 3, 6),
        ("22:00-06:00", 6, None),
        ("12:00-14:00", 12, 14),
        ("12:00-14:00", 14, None),
    ],
)
def test_quiet_hours_are_those_of_the_reader_s_zone(quiet: str, hour: int, ends: int | None) -> None:
    local = datetime(2026, 7, 14, hour, 0, tzinfo=UTC) - timedelta(hours=7)
    until = quiet_until(reader(quiet=quiet), local)
    if ends is None:
        assert until is None
    else:
        assert until
        assert (until + timedelta(hours=7)).hour == ends
        assert timedelta(0) < until - local <= timedelta(hours=8)


def test_in_quiet_hours_nothing_leaves_not_even_a_digest() -> None:
    held = plan(reader(quiet="09:00-11:00"), 0, Traffic(), NOW)
    assert (held.until, held.kinds) == (NOW + HOUR, ("alert", "summary", "digest"))


@pytest.mark.parametrize("start", [datetime(2026, 3, 28, 0, tzinfo=UTC), datetime(2026, 10, 24, 0, tzinfo=UTC)])
def test_where_clocks_are_set_quiet_hours_end_at_their_time_and_never_in_the_past(start: datetime) -> None:
    """Berlin, 2026: 29 March 02:00 → 03:00, 25 October 03:00 → 02:00."""
    berlin = reader(quiet="22:00-02:30", zone="Europe/Berlin")
    for minutes in range(0, 3 * 24 * 60, 7):
        moment = start + timedelta(minutes=minutes)
        if until := quiet_until(berlin, moment):
            assert moment < until <= moment + timedelta(hours=6)
            assert quiet_until(berlin, until) is None or until - moment <= timedelta(hours=1)
