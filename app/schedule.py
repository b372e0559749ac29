"""When what is due. Pure: triggers, the last time and the time now give the next time."""

from datetime import datetime

from apscheduler.triggers.base import BaseTrigger

from core.crontab import following


def next_crawl(trigger: BaseTrigger, last_started: datetime | None, now: datetime) -> datetime:
    """Return when a source is next crawled: at once if it never was, or should have been while nobody was there."""
    return now if last_started is None else max(following(trigger, last_started), now)


def next_digest(trigger: BaseTrigger, last_sent: datetime | None, now: datetime) -> datetime:
    """Return when a digest is next sent: at its time; at once if its time passed since the last one was sent."""
    return max(following(trigger, last_sent or now), now)
