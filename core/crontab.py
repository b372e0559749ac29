"""Crontab lines as crontab(5) means them, by APScheduler, which means something else in three places.

It counts weekdays from Monday = 0, where crontab counts from Sunday = 0; and of a line that names days of the month
and weekdays it takes the days that are both, where crontab takes those that are either. On the night on which clocks
are set back its trigger for 02:30 is due twice and then for ever: after the second 02:30 it names that moment again and
again (3.11.3), and its scheduler collects moments until memory is full. So it is asked about calendars alone, and which
moment a calendar's time is on the clocks of a zone is said here.
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
_MOMENT, _A_DAY = timedelta(microseconds=1), timedelta(days=1)


class ZonedCrontab(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """When a crontab line is due on the clocks of a zone, each time of each day once.

    A time that clocks leave out is due as much later as they were set forward. One that comes twice is due the first
    time. A line of every hour goes by the hours that there are: none for one left out, two for one that comes twice.
    """

    def __init__(self, calendar: CronTrigger, zone: ZoneInfo, *, is_hourly: bool) -> None:
        self._calendar, self._zone, self._is_hourly = calendar, zone, is_hourly

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return when it is due after the time before, from now on where there was none; in UTC.

        Two times of a zone on the night of a change are compared by Python as its clocks show them.
        """
        return self.after(now - _MOMENT if previous_fire_time is None else previous_fire_time)

    def after(self, moment: datetime) -> datetime:
        """Return when it is due next after a moment."""
        here = moment.astimezone(self._zone)
        # Around a change of the clocks, times that are still to come may have names that lie behind.
        around = [(moment.astimezone(UTC) + days).astimezone(self._zone) for days in (-_A_DAY, _A_DAY)]
        back = max(abs(_offset(here) - _offset(other)) for other in around)
        named = here.replace(tzinfo=UTC, fold=0) - back
        coming: list[datetime] = []
        while True:
            named = self._calendar.get_next_fire_time(named, named + _MOMENT)
            first, second = (named.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1))
            is_left_out = second < first
            if not is_left_out:
                coming += [each for each in (first, second if self._is_hourly else first) if each > moment]
                if first > moment:
                    return min(coming)
            elif first > moment and not self._is_hourly:
                coming.append(first)  # moved, maybe beyond those after it


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta(0)


def cron_trigger(line: str, zone: str) -> ZonedCrontab:
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
    return ZonedCrontab(CronTrigger(**values, timezone=UTC), ZoneInfo(zone), is_hourly=values["hour"] == "*")


def interval_trigger(every: timedelta) -> IntervalTrigger:
    """Return what is due every so often."""
    return IntervalTrigger(seconds=every.total_seconds(), timezone=UTC)


def following(trigger: BaseTrigger, moment: datetime) -> datetime:
    """Return when a trigger is due next after a moment at which it was; an interval counts from that moment."""
    if isinstance(trigger, IntervalTrigger):
        interval: timedelta = trigger.interval
        return moment + interval
    due: datetime = trigger.get_next_fire_time(moment, moment + _MOMENT)
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
