"""A clock for other processes that can be set while they run: libfaketime between them and the machine's own."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from tests.e2e.processes import ROOT

_PLACES = ("/usr/lib/*/faketime", "/usr/lib/faketime", "/usr/local/lib/faketime", "/opt/homebrew/lib/faketime")
_NAME = "libfaketimeMT.so.1"
_SLEEP = "import threading, time\ntime.sleep = lambda seconds: threading.Event().wait(seconds)\n"
"""libfaketime 0.9.10 moves the end of Python's sleep by as much as the clock was set, and the kernel refuses that."""
MISSING = "libfaketime is not installed (Debian: apt-get install libfaketime)"


def library() -> Path | None:
    """Return where the library is, None where it is missing."""
    found = [path for place in _PLACES for path in Path("/").glob(f"{place[1:]}/{_NAME}")]
    return found[0] if found else None


class WallClock:
    """The time of day of whatever runs with its environment; what runs on, runs on by the machine's stopwatch."""

    def __init__(self, folder: Path, loaded: Path) -> None:
        self._told = folder / "wall-clock"
        self._loaded = loaded
        self._started = folder / "started"
        self._started.mkdir()
        (self._started / "sitecustomize.py").write_text(_SLEEP)
        self.set(timedelta(0))

    def set(self, ahead: timedelta) -> None:
        """Let the clock go so far ahead of the true time from now on; behind it, where that is negative."""
        told = self._told.with_suffix(".new")
        told.write_text(f"{ahead.total_seconds():+.0f}\n")
        told.replace(self._told)

    @property
    def environ(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": str(self._loaded),
            "PYTHONPATH": os.pathsep.join(map(str, (self._started, ROOT))),
            "FAKETIME_TIMESTAMP_FILE": str(self._told),
            # Looked up each second of the true time, and not each time that somebody asks for the time.
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            # What a file system says of its files is of the true time.
            "NO_FAKE_STAT": "1",
        }
