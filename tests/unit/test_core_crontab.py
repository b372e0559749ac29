"""Crontab lines mean what crontab(5) says: by example, and against a reading of the manual that shares no code."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.schedule import next_crawl, next_digest
from core.config import Config, DigestSettings, SourceSettings
from core.crontab import cron_trigger, following, interval_trigger
from core.timetable import crawl_trigger, digest_rounds
from notify.coverage import interval

SUNDAY = datetime(2026, 7, 12, tzinfo=UTC)
NAMES = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def days(field: str) -> list[str]:
    """Return the days of a week, from Sunday, on which a line with that weekday field is due at noon."""
    trigger = cron_trigger(f"0 12 * * {field}", "UTC")
    moment, found = SUNDAY, []
    while (moment := following(trigger, moment)) < SUNDAY + timedelta(days=7):
        found.append(NAMES[(moment - SUNDAY).days])
    return found


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("0", "sun"),
        ("1", "mon"),
        ("6", "sat"),
        ("7", "sun"),
        ("1-5", "mon tue wed thu fri"),
        ("5-7", "sun fri sat"),
        ("0-7", " ".join(NAMES)),
        ("*", " ".join(NAMES)),
        ("*/2", "sun tue thu sat"),
        ("*/7", "sun"),
        ("1-5/2", "mon wed fri"),
        ("1,3,5", "mon wed fri"),
        ("mon", "mon"),
        ("SUN", "sun"),
        ("mon-fri", "mon tue wed thu fri"),
        ("sat-sun", "sun sat"),
        ("sun-tue,6", "sun mon tue sat"),
        ("mon,thu", "mon thu"),
    ],
)
def test_weekdays_are_those_of_crontab(field: str, expected: str) -> None:
    assert days(field) == expected.split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0 7 1 * 1", "both"),
        ("0 7 */2 * 1", "both"),
        ("0 7 1 * 0-6", "both"),
        ("0 7 * * 8", "no weekday"),
        ("0 7 * * 1-9", "no weekday"),
        ("0 7 * * monday", "no weekday"),
        ("0 7 * * 1-", "no weekday"),
        ("0 7 * * 1,", "no weekday"),
        ("0 7 * * fri-mon", "ends before it begins"),
        ("0 7 * * 1/2", "a step"),
        ("0 7 * * */0", "a step"),
        ("0 7 31 2 *", "never comes"),
        ("0 7 * *", "4 fields"),
        ("@daily", "1 fields"),
        ("61 7 * * *", "61"),
    ],
)
def test_a_line_that_says_nothing_or_two_things_is_refused(line: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cron_trigger(line, "UTC")


def test_a_leap_day_and_a_day_of_the_month_are_taken() -> None:
    assert following(cron_trigger("0 0 29 2 *", "UTC"), SUNDAY) == datetime(2028, 2, 29, tzinfo=UTC)
    assert following(cron_trigger("0 0 1 * *", "UTC"), SUNDAY) == datetime(2026, 8, 1, tzinfo=UTC)


def test_hours_are_those_of_the_zone() -> None:
    due = following(cron_trigger("30 7 * * 1", "Asia/Phnom_Penh"), SUNDAY)
    assert due == datetime(2026, 7, 13, 7, 30, tzinfo=ZoneInfo("Asia/Phnom_Penh"))


def test_an_interval_counts_from_the_moment_given() -> None:
    assert following(interval_trigger(timedelta(hours=2)), SUNDAY) == SUNDAY + timedelta(hours=2)


def test_digest_crawl_and_coverage_mean_the_same_monday() -> None:
    config = Config(
        digest=DigestSettings(cron="30 7 * * 1", zone="UTC"), sources={"ohchr": SourceSettings(cron="0 6 * * 1,2")}
    )
    monday = SUNDAY + timedelta(days=1)
    assert next_digest(digest_rounds(config)[0].trigger, None, SUNDAY) == monday.replace(hour=7, minute=30)
    assert next_crawl(crawl_trigger(config, "ohchr"), SUNDAY, SUNDAY) == monday.replace(hour=6)
    assert interval("ohchr", config, SUNDAY) == timedelta(days=1)
    assert interval("ohchr", config, SUNDAY + timedelta(days=1, hours=12)) == timedelta(days=6)
