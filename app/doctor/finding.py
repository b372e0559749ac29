"""What a check says, and what it is given."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from app.desk import Desk


class Level(StrEnum):
    """How bad a finding is: nothing to do, worth a look, or wrong: tonle does not do what it is for."""

    OK = "ok"
    LOOK = "look"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in a sentence, and what to do; about names another check that it belongs to."""

    level: Level
    says: str
    remedy: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """What checks look at: the settings in force, the environment, and for how long one check may go on."""

    desk: Desk
    environ: Mapping[str, str] = field(default_factory=dict)
    limit: timedelta = timedelta(seconds=20)


Check = Callable[[Patient], Iterator[Finding]]


def ok(says: str) -> Finding:
    """Return that nothing is to be done."""
    return Finding(Level.OK, says)


def look(says: str, remedy: str = "", about: str = "") -> Finding:
    """Return that something is worth a look."""
    return Finding(Level.LOOK, says, remedy, about)


def wrong(says: str, remedy: str = "", about: str = "") -> Finding:
    """Return that something is wrong."""
    return Finding(Level.WRONG, says, remedy, about)
