"""What people say of alerts, and how a rule has done by it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """What a person says of a match: worth the alert, or not."""

    GOOD = "good"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Record:
    """How a rule has done: how often it was met, lately too, of how many of these people were to hear, and verdicts.

    last_at is when it was last met.
    """

    rule: str
    matches: int = 0
    recent: int = 0
    told: int = 0
    good: int = 0
    noise: int = 0
    last_at: datetime | None = None

    @property
    def answers(self) -> int:
        """How many of its matches people have judged."""
        return self.good + self.noise

    @property
    def precision(self) -> float | None:
        """The part of the judged matches that were good; None where nobody judged any."""
        return self.good / self.answers if self.answers else None
