"""Since when a daemon has been at work: what was not done before then is no fault of a source."""

from dataclasses import dataclass
from datetime import datetime, timedelta

_BREAK = timedelta(hours=1)
"""A machine that sleeps for less makes no source late."""


@dataclass(slots=True)
class Attendance:
    """Knows a daemon's looks at its sources, from its start on or since its settings were read anew."""

    _since: datetime | None = None
    _last: datetime | None = None

    def noted(self, now: datetime, often: timedelta) -> datetime:
        """Note a look; return since when they came about every `often`, with no sleep and no other clock between."""
        if self._since is None or self._last is None or abs(now - self._last) > max(2 * often, _BREAK):
            self._since = now
        self._last = now
        return self._since
