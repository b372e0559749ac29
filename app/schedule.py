"""When what is due. Pure: triggers, the last time and the time now give the next time."""

from datetime import datetime, timedelta

from apscheduler.triggers.base import BaseTrigger

from core.crontab import following

_PATIENT = 2
_DOUBLINGS = 20
_A_DAY = timedelta(days=1)


def next_crawl(trigger: BaseTrigger, last_started: datetime | None, now: datetime) -> datetime:
    """Return when a source is next crawled: at once if it never was, or should have been while nobody was there."""
    return now if last_started is None else max(following(trigger, last_started), now)


def held_off_until(interval: timedelta, failures: int, last_started: datetime | None) -> datetime | None:
    """Return until when a source is left alone whose crawls fail; None: it is not.

    After the second failure in a row the interval doubles with each, to a day at most; it is never given up.
    """
    if last_started is None or failures < _PATIENT:
        return None
    longest = max(_A_DAY, interval)
    doubled = interval * (1 << min(failures - 1, _DOUBLINGS))
    # A job that comes a moment early, by a clock that was put right, is not sent away for another interval.
    return last_started + min(doubled, longest) - interval / 10


def next_digest(trigger: BaseTrigger, last_sent: datetime | None, now: datetime) -> datetime:
    """Return when a digest is next sent: at its time; at once if its time passed since the last one was sent."""
    return max(following(trigger, last_sent or now), now)
