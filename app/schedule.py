"""When what is due. Pure: triggers, the last time and the time now give the next time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.config import Config


def crawl_trigger(config: Config, source: str) -> BaseTrigger:
    """Return when a source is crawled: its own crontab line or interval, else the daemon's interval."""
    settings = config.source(source)
    if settings.cron:
        return CronTrigger.from_crontab(settings.cron, timezone=ZoneInfo(config.digest.zone))
    every = settings.every or config.daemon.every
    return IntervalTrigger(seconds=every.total_seconds(), timezone=ZoneInfo("UTC"))


def digest_trigger(config: Config) -> BaseTrigger:
    """Return when the digest is sent: its crontab line, in its zone."""
    return CronTrigger.from_crontab(config.digest.cron, timezone=ZoneInfo(config.digest.zone))


def next_crawl(trigger: BaseTrigger, last_started: datetime | None, now: datetime) -> datetime:
    """Return when a source is next crawled: at once if it never was, or should have been while nobody was there."""
    return now if last_started is None else max(_following(trigger, last_started), now)


def next_digest(trigger: BaseTrigger, last_sent: datetime | None, now: datetime) -> datetime:
    """Return when a digest is next sent: at its time; at once if its time passed since the last one was sent."""
    return max(_following(trigger, last_sent or now), now)


def _following(trigger: BaseTrigger, last: datetime) -> datetime:
    if isinstance(trigger, IntervalTrigger):
        interval: timedelta = trigger.interval
        return last + interval
    following: datetime = trigger.get_next_fire_time(last, last + timedelta(microseconds=1))
    return following
