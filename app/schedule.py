"""When what is due. Pure: triggers, the last time and the time now give the next time.

The last time may lie ahead of now: the clock was set back. A little ahead it is believed, or what was just done would
be done twice; far ahead it is of another clock, and nothing waits for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from apscheduler.triggers.base import BaseTrigger

from core.crontab import following

_PATIENT = 2
_DOUBLINGS = 20
_A_DAY = timedelta(days=1)
SOON = timedelta(minutes=5)
"""After that a crawl is tried that was cut off, or found its source being crawled by hand."""


def next_crawl(trigger: BaseTrigger, last_started: datetime | None, now: datetime) -> datetime:
    """Return when a source is next crawled: at once if it never was, or should have been while nobody was there."""
    if last_started is None or is_of_another_clock(trigger, last_started, now):
        return now
    return max(following(trigger, last_started), now)


def made_up_for(due: datetime, now: datetime) -> datetime:
    """Return when a crawl that was cut off is done once more: soon, where the next is due later.

    Not at once: a machine that its crawls bring down would otherwise ask a site as often as it is started.
    """
    return min(due, now + SOON)


def held_off_until(interval: timedelta, failures: int, last_started: datetime | None, now: datetime) -> datetime | None:
    """Return until when a source is left alone whose crawls fail; None: it is not.

    After the second failure in a row the interval doubles with each, to a day at most; it is never given up.
    """
    if last_started is None or failures < _PATIENT or last_started > now + interval:
        return None
    longest = max(_A_DAY, interval)
    doubled = interval * (1 << min(failures - 1, _DOUBLINGS))
    # A job that comes a moment early, by a clock that was put right, is not sent away for another interval.
    return last_started + min(doubled, longest) - interval / 10


def next_digest(trigger: BaseTrigger, last_sent: datetime | None, now: datetime) -> datetime:
    """Return when a digest is next sent: at its time; at once if its time passed since the last one was sent."""
    if last_sent is None or is_of_another_clock(trigger, last_sent, now):
        return following(trigger, now)
    return max(following(trigger, last_sent), now)


def is_of_another_clock(trigger: BaseTrigger, last: datetime, now: datetime) -> bool:
    """Return whether the last time lies further ahead of now than half the time between two."""
    if last <= now:
        return False
    first = following(trigger, now)
    return last - now > (following(trigger, first) - first) / 2


class Scattered(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """A trigger that is due a little later than another, by chance: not all the world asks a site in the same second.

    The delay is at most `most`, and at most a tenth of the time between two.
    """

    def __init__(self, trigger: BaseTrigger, most: timedelta, chance: Random) -> None:
        self._trigger, self._most, self._chance = trigger, most, chance

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return when it is due after the time before; as APScheduler asks."""
        return self.later(self._trigger.get_next_fire_time(previous_fire_time, now))

    def later(self, due: datetime) -> datetime:
        """Return a moment a little after the one when the other trigger is due."""
        tenth = (following(self._trigger, due) - due) / 10
        return due + min(self._most, tenth) * self._chance.random()


@dataclass(slots=True)
class Steps:
    """Tells when the clock was set: how much further it went than a stopwatch did, from one look to the next.

    A stopwatch stands still while the machine sleeps, so that waking up is a step, too.
    """

    wall: datetime
    elapsed: float

    def step(self, wall: datetime, elapsed: float) -> timedelta:
        """Return by how much the clock was set since the last look: nothing or nearly nothing, as a rule."""
        step = (wall - self.wall) - timedelta(seconds=elapsed - self.elapsed)
        self.wall, self.elapsed = wall, elapsed
        return step
