"""What the settings say of when something is done, as triggers."""

from apscheduler.triggers.base import BaseTrigger

from core.config import Config
from core.crontab import cron_trigger, interval_trigger


def crawl_trigger(config: Config, source: str) -> BaseTrigger:
    """Return when a source is crawled: its own crontab line or interval, else the daemon's interval."""
    settings = config.source(source)
    if settings.cron:
        return cron_trigger(settings.cron, config.digest.zone)
    return interval_trigger(settings.every or config.daemon.every)


def digest_trigger(config: Config) -> BaseTrigger:
    """Return when the digest is sent: its crontab line, in its zone."""
    return cron_trigger(config.digest.cron, config.digest.zone)
