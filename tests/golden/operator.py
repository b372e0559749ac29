"""Invented troubles of an invented installation, and what its operator is told of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core.model import Run
from core.trouble import SOURCE, Event, Gravity, Report, Subject, Trouble
from notify.bulletin import Known, SourceNews, bulletin, heartbeat
from notify.phrases import Reader
from notify.render import Bodies, bulletin_bodies, heartbeat_bodies

NOW = datetime(2026, 7, 14, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
READER = Reader({"post": "Phnom Penh Post", "ohchr": "OHCHR"}, ZoneInfo("Asia/Phnom_Penh"))
POST, DISK = Subject(SOURCE, "post"), Subject("disk")
ROBOTS = ("The last 2 crawls in a row failed: its robots.txt cannot be read, so nothing may be asked.",)
LOW = ("1.9 GB of 40 GB are free where /srv/tonle/data is.",)
HOSTILE = "<script>alert('x')</script> \u202egnp.exe\u202c & https://evil.example/"


def trouble(subject: Subject, cause: str, *reasons: str, ago: float = 2, well: datetime | None = None) -> Trouble:
    at = NOW - ago * HOUR
    return Trouble(subject, cause, Gravity.WRONG, reasons, at, (cause,), Gravity.WRONG, at, well)


def report(event: Event, about: Trouble) -> Report:
    return Report(1, about, event, about.cause, about.reasons, NOW)


def told(*reports: Report) -> Bodies:
    return bulletin_bodies(bulletin(reports, READER))


OVER = replace(trouble(POST, "robots-unreachable", *ROBOTS, ago=29), ended_at=NOW - HOUR)


def several() -> Bodies:
    """Return a message of much at once."""
    return told(
        report(Event.OPENED, trouble(Subject(SOURCE, "ohchr"), "host-unknown", HOSTILE)),
        report(Event.WORSE, trouble(DISK, "disk-full", "0.1 GB of 40 GB are free where /srv/tonle/data is.", ago=50)),
        report(Event.CHANGED, trouble(Subject("outbox"), "outbox-stuck", "3 messages wait.", ago=30)),
        report(Event.ENDED, OVER),
    )


def alive(*open_: Trouble, waiting: int = 0) -> Bodies:
    """Return a sign of life."""
    good = Run(7, "post", "schedule", NOW - HOUR, NOW - HOUR, "finished")
    sources = [SourceNews("post", good, 12), SourceNews("ohchr", None)]
    known = Known(open_, sources, NOW - 24 * HOUR, NOW + 24 * HOUR, 4213, waiting, waiting // 3)
    return heartbeat_bodies(heartbeat(known, READER, NOW))


OPERATORS: Mapping[str, Callable[[], Bodies]] = {
    "alarm": lambda: told(report(Event.OPENED, trouble(POST, "robots-unreachable", *ROBOTS, ago=0))),
    "alarm-all-clear": lambda: told(report(Event.ENDED, OVER)),
    "alarm-several": several,
    "heartbeat": alive,
    "heartbeat-trouble": lambda: alive(
        trouble(POST, "robots-unreachable", *ROBOTS), trouble(DISK, "disk-low", *LOW, well=NOW), waiting=3
    ),
}
"""The messages by name."""
