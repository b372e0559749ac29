"""What of a subscriber's messages leaves now, what waits, and what becomes one message. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.audience import Subscriber
from storage.outbox import Traffic

HOUR = timedelta(hours=1)
"""For so long what was sent counts, for `hourly` and for `burst`."""
_GATHERED = timedelta(minutes=15)  # when alerts are many, they are gathered for so long


@dataclass(frozen=True, slots=True)
class Plan:
    """until: nothing of these kinds leaves before then, and why. merges: the alerts that are due become one message.

    most: so many messages may leave at most; None: any number.
    """

    until: datetime | None = None
    kinds: tuple[str, ...] = ()
    reason: str = ""
    merges: bool = False
    most: int | None = None


def plan(reader: Subscriber, alerts: int, traffic: Traffic, now: datetime) -> Plan:
    """Return what is to be done with what is due to a reader, `alerts` of it alerts; traffic is that of the last hour.

    In the hours of quiet all waits. When more than `burst` alerts come within an hour they are one message: at once if
    none was sent in the last quarter of an hour, else at its end. Beyond `hourly` messages all waits until an hour has
    passed since the first of them.
    """
    if quiet := quiet_until(reader, now):
        return Plan(quiet, ("alert", "summary", "digest"), "quiet hours")
    if reader.hourly is not None and traffic.messages >= reader.hourly and traffic.first:
        return Plan(traffic.first + HOUR, ("alert", "summary", "digest"), "as many as an hour may have")
    most = None if reader.hourly is None else reader.hourly - traffic.messages
    if alerts and reader.burst and alerts + traffic.alerts > reader.burst:
        gathered = traffic.last_alert + _GATHERED if traffic.last_alert else now
        if gathered > now:
            return Plan(gathered, ("alert",), "gathered into one message", most=most)
        return Plan(merges=alerts > 1, most=most)
    return Plan(most=most)


def quiet_until(reader: Subscriber, now: datetime) -> datetime | None:
    """Return when the hours of quiet end that a moment lies in, None where it lies in none."""
    hours = reader.quiet_hours
    if hours is None:
        return None
    begin, end = hours
    zone = ZoneInfo(reader.zone)
    local = now.astimezone(zone)
    if not _is_within(local.time(), begin, end):
        return None
    ends = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0, fold=0)
    if ends <= local:
        ends = (ends + timedelta(days=1)).replace(hour=end.hour, minute=end.minute)
    # Where a clock is set back the same time comes twice: the hour of quiet has then ended, or will in a moment.
    return max(ends.astimezone(now.tzinfo), now + timedelta(minutes=1))


def _is_within(moment: time, begin: time, end: time) -> bool:
    if begin < end:
        return begin <= moment < end
    return moment >= begin or moment < end
