"""What goes wrong at a server, and when: told beforehand, or by seeded chance."""

import random
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from enum import StrEnum


class Stage(StrEnum):
    """Where a session is. LETTER: the message has come whole, and is answered; RESET: between two messages."""

    CONNECT = "connect"
    EHLO = "ehlo"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    WITHIN = "within"
    LETTER = "letter"
    RESET = "reset"


class Act(StrEnum):
    """What the server does instead of answering well. LOSE: it takes the message, and its answer is lost."""

    DEFER = "defer"
    FORBID = "forbid"
    BREAK = "break"
    HANG = "hang"
    LOSE = "lose"


class Faults:
    """Which acts come: those of `told` for a stage in their order, then by chance those of `odds`, at `share`.

    happened counts what was done, by stage and act.
    """

    def __init__(
        self,
        told: Mapping[Stage, Iterable[Act | None]] | None = None,
        odds: Mapping[Stage, tuple[Act, ...]] | None = None,
        share: float = 0.0,
        seed: int = 0,
    ) -> None:
        self._told = {stage: deque(acts) for stage, acts in (told or {}).items()}
        self._odds = odds or {}
        self._share = share
        self._chance = random.Random(seed)
        self.happened: Counter[tuple[Stage, Act]] = Counter()

    def at(self, stage: Stage) -> Act | None:
        """Return what is done now that a session has come to a stage; None: what is usual."""
        told = self._told.get(stage)
        act = told.popleft() if told else self._by_chance(stage)
        if act:
            self.happened[stage, act] += 1
        return act

    def _by_chance(self, stage: Stage) -> Act | None:
        acts = self._odds.get(stage)
        return self._chance.choice(acts) if acts and self._chance.random() < self._share else None


def spaced(odds: Mapping[Stage, tuple[Act, ...]], apart: int) -> dict[Stage, list[Act | None]]:
    """Return each act once, in turn, with so many good answers before each."""
    return {stage: [each for act in acts for each in (*[None] * apart, act)] for stage, acts in odds.items()}
