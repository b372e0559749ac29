"""Troubles of operation: something that is wrong with a source or a part of the machine, from its begin to its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

SOURCE = "source"
"""The part that a source is; the others are parts of the machine, and have no name."""

OPERATOR_KINDS = ("trouble", "heartbeat")
"""The kinds of message that the operator reads."""


class Gravity(IntEnum):
    """How bad it is: worth a look, or tonle does not do what it is for."""

    LOOK = 1
    WRONG = 2


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """What is in trouble: a part (source, disk, outbox, …), and of a source its name."""

    part: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Symptom:
    """What looks wrong at a moment: the cause by its name (notify/causes.py), how bad it is, and why, in sentences.

    marks are names of what in particular is wrong, where there may be several things: jobs, files. None of them is the
    name of a cause. One that was not told before is news.
    """

    cause: str
    gravity: Gravity
    reasons: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trouble:
    """One incident of a subject; one is open for each at most.

    cause, gravity and reasons are of the newest look. told are the causes and marks that were reported, worst the
    gravity that was, reported_at when the last was; what has been away for long is forgotten there. away: since when
    those of them were not seen that the newest look did not find. well_since: nothing was wrong in any look since then.
    ended_at: it is over. id is 0 for one that the corpus does not hold yet.
    """

    subject: Subject
    cause: str
    gravity: Gravity
    reasons: tuple[str, ...]
    opened_at: datetime
    told: tuple[str, ...]
    worst: Gravity
    reported_at: datetime
    well_since: datetime | None = None
    ended_at: datetime | None = None
    id: int = 0
    away: tuple[tuple[str, datetime], ...] = ()


class Event(StrEnum):
    """What is reported of a trouble."""

    OPENED = "opened"
    WORSE = "worse"
    CHANGED = "changed"
    GREW = "grew"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Report:
    """What the operator is told of a trouble at one time. trouble is as it is now, the rest as it was then.

    told_at is when it was put into a message, None as long as it waits for one; message is the number of that message,
    0 where nobody was to be told.
    """

    id: int
    trouble: Trouble
    event: Event
    cause: str
    reasons: tuple[str, ...]
    at: datetime
    told_at: datetime | None = None
    message: int | None = None
