"""The only place where time is read; everybody else is handed a Clock, or a Stopwatch."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
Stopwatch = Callable[[], float]


def system_clock() -> datetime:
    """Return the time now, aware, in UTC."""
    return datetime.now(UTC)


def stopwatch() -> float:
    """Return seconds since some moment, by a clock that nobody sets."""
    return time.monotonic()
