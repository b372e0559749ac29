"""Crontab lines as crontab(5) means them, by APScheduler, which means something else in two places.

It counts weekdays from Monday = 0, where crontab counts from Sunday = 0; and of a line that names days of the month
and weekdays it takes the days that are both, where crontab takes those that are either.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SUNDAY_AGAIN = 7
_PART = re.compile(r"(?:\*|(?P<first>\d+|[a-z]+)(?:-(?P<last>\d+|[a-z]+))?)(?:/(?P<step>\d+))?")
# Long enough for a 29 February on any weekday, were both allowed in one line; short enough to look through at once.
_EVERY_KIND_OF_YEAR = "2000-2008"


def cron_trigger(line: str, zone: str) -> CronTrigger:
    """Return when a crontab line (minute hour day month weekday) is due, on the clocks of a zone.

    Weekdays are numbers from 0 (Sunday) to 7 (Sunday again) or English names of three letters. Raises ValueError for
    what is not such a line, for one that never comes (31 February), and for one that restricts both the day of the
    month and the weekday.
    """
    fields = line.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{len(fields)} fields where there should be five")
    values = dict(zip(_FIELDS, fields, strict=True))
    if values["day"] != "*" and values["day_of_week"] != "*":
        raise ValueError("it restricts both the day of the month and the weekday: let one of them be *")
    values["day_of_week"] = _weekdays(values["day_of_week"])
    trial = CronTrigger(year=_EVERY_KIND_OF_YEAR, **values, timezone=UTC)
    if trial.get_next_fire_time(None, datetime(2000, 1, 1, tzinfo=UTC)) is None:
        raise ValueError("that day never comes")
    return CronTrigger(**values, timezone=ZoneInfo(zone))


def interval_trigger(every: timedelta) -> IntervalTrigger:
    """Return what is due every so often."""
    return IntervalTrigger(seconds=every.total_seconds(), timezone=UTC)


def following(trigger: BaseTrigger, moment: datetime) -> datetime:
    """Return when a trigger is due next after a moment at which it was; an interval counts from that moment."""
    if isinstance(trigger, IntervalTrigger):
        interval: timedelta = trigger.interval
        return moment + interval
    due: datetime = trigger.get_next_fire_time(moment, moment + timedelta(microseconds=1))
    return due


def _weekdays(field: str) -> str:
    """Return a weekday field with each day by its name, which is the same to crontab and to APScheduler."""
    if field == "*":
        return field
    days = {number for part in field.split(",") for number in _numbers(part)}
    return ",".join(_WEEKDAYS[number] for number in sorted(days))


def _numbers(part: str) -> Iterator[int]:
    found = _PART.fullmatch(part.lower())
    if not found:
        raise ValueError(f"`{part}` is no weekday: write 0 to 7 (Sunday is 0 and 7), or sun to sat")
    step = int(found["step"] or 1)
    if step == 0 or (found["step"] and found["first"] and not found["last"]):
        raise ValueError(f"`{part}`: a step is at least 1 and stands behind * or a range")
    first = _number(found["first"]) if found["first"] else 0
    last = _number(found["last"]) if found["last"] else first if found["first"] else len(_WEEKDAYS) - 1
    if last == 0 and first > 0:
        last = _SUNDAY_AGAIN  # sat-sun
    if last < first:
        raise ValueError(f"`{part}` ends before it begins; a week begins with Sunday")
    yield from (number % len(_WEEKDAYS) for number in range(first, last + 1, step))


def _number(day: str) -> int:
    if day in _WEEKDAYS:
        return _WEEKDAYS.index(day)
    if not day.isdecimal() or int(day) > _SUNDAY_AGAIN:
        raise ValueError(f"`{day}` is no weekday: write 0 to 7 (Sunday is 0 and 7), or sun to sat")
    return int(day)
