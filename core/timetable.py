"""What the settings say of when something is done, as triggers."""

from dataclasses import dataclass

from apscheduler.triggers.base import BaseTrigger

from core.audience import Subscriber
from core.config import Config
from core.crontab import cron_trigger, interval_trigger


def crawl_trigger(config: Config, source: str) -> BaseTrigger:
    """Return when a source is crawled: its own crontab line or interval, else the daemon's interval."""
    settings = config.source(source)
    if settings.cron:
        return cron_trigger(settings.cron, config.digest.zone)
    return interval_trigger(settings.every or config.daemon.every)


@dataclass(frozen=True, slots=True)
class DigestRound:
    """The readers whose digests are sent at the same times."""

    cron: str
    zone: str
    readers: tuple[Subscriber, ...]

    @property
    def job(self) -> str:
        """By what the corpus knows when it was last done."""
        return f"digest {self.cron} {self.zone}"

    @property
    def trigger(self) -> BaseTrigger:
        """When it is due."""
        return cron_trigger(self.cron, self.zone)


def digest_rounds(config: Config) -> tuple[DigestRound, ...]:
    """Return the readers of digests by when these are sent."""
    rounds: dict[tuple[str, str], list[Subscriber]] = {}
    for reader in config.digest_readers:
        if reader.cron is not None:
            rounds.setdefault((reader.cron, reader.zone), []).append(reader)
    return tuple(DigestRound(*when, tuple(readers)) for when, readers in rounds.items())
