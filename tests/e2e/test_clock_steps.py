"""The machine's clock is set while a daemon works, and between two starts, forward and back.

Left out where libfaketime is missing (Debian: apt-get install libfaketime).
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.model import Run
from tests.e2e.places import CAMBODIA, CONTACT, Build, Place
from tests.e2e.processes import until
from tests.rigs.wallclock import MISSING, WallClock, library

DAY, YEAR = timedelta(days=1), timedelta(days=365)
pytestmark = [
    pytest.mark.skipif(library() is None, reason=MISSING),
    pytest.mark.soak,
    pytest.mark.timeout(1200),
]


@dataclass
class Timed:
    """A place whose programs run by a clock that can be set. Each runs as a process of its own, which loads that."""

    place: Place
    clock: WallClock
    log: Path

    @contextmanager
    def daemon(self) -> Iterator[None]:
        """Run a daemon for the block, and end it as it should be."""
        self.log.write_text("")
        command = [sys.executable, "-m", "app", "--config", str(self.place.folder / "config.yaml")]
        environ = {**os.environ, **self.clock.environ}
        with self.log.open("a") as log:
            running = subprocess.Popen([*command, "--log-format", "json", "daemon"], env=environ, stderr=log)
        try:
            self.await_event("daemon.started")
            yield
            running.send_signal(signal.SIGTERM)
            assert running.wait(60) == 0
        finally:
            running.kill()
            running.wait()

    def events(self, name: str) -> list[dict[str, Any]]:
        whole = self.log.read_text().rpartition("\n")[0].splitlines()
        return [told for line in whole if line.startswith("{") and (told := json.loads(line))["event"] == name]

    def await_event(self, name: str, number: int = 1) -> None:
        until(lambda: len(self.events(name)) >= number, 120)

    def await_runs(self, number: int, here: int = 0) -> None:
        """Wait for the end of so many runs, and of the children that did them; here: those of this daemon."""
        until(lambda: len(self.events("crawl.child_ended")) >= (here or number), 300)
        until(lambda: len([run for run in self.runs if run.finished_at]) >= number, 300)

    @property
    def runs(self) -> list[Run]:
        """The scheduled runs, oldest first."""
        with self.place.corpus() as corpus:
            return [run for run in reversed(corpus.runs.recent(500)) if run.trigger == "schedule"]

    @property
    def digests(self) -> int:
        """How many digests lie in the folder to which they go."""
        return len(list((self.place.folder / "data" / "outbox").rglob("digests/*.eml")))


@pytest.fixture
def timed(build: Build, tmp_path: Path) -> Timed:
    loaded = library()
    assert loaded
    place = build(contact=CONTACT, daemon={"deliver_every": "1s", "jitter": "0s"})
    sources = place.settings["sources"]
    for name in sources:
        sources[name] |= {"enabled": name == CAMBODIA, "every": "6h"}
    local = datetime.now(UTC) - timedelta(hours=1)
    # Due in 23 hours by the machine's clock.
    place.configure(digest={"cron": f"{local.minute} {local.hour} * * *", "zone": "UTC"})
    return Timed(place, WallClock(tmp_path, loaded), tmp_path / "log")


def test_a_clock_that_is_set_forward_and_back_while_a_daemon_works_holds_nothing_back(timed: Timed) -> None:
    with timed.daemon():
        timed.await_runs(1)
        timed.clock.set(DAY)
        timed.await_event("clock.stepped")
        timed.await_runs(2)
        # The digest of 23 hours later is due, once.
        timed.await_event("digest.due")
        until(lambda: timed.digests == 1)
        timed.place.replica.advance()
        timed.clock.set(timedelta(0))
        timed.await_event("clock.stepped", 2)
        timed.await_runs(3)
        timed.clock.set(-YEAR)
        timed.await_event("clock.stepped", 3)
        timed.await_runs(4)
    assert [each["event"] for name in ("job.failed", "job.missed") for each in timed.events(name)] == []
    assert len(timed.runs) == 4
    assert {run.status for run in timed.runs} == {"finished"}
    assert timed.digests == len(timed.events("digest.due")) == 1


def test_a_clock_that_is_set_back_between_two_starts_holds_nothing_back(timed: Timed) -> None:
    timed.clock.set(YEAR)
    with timed.daemon():
        timed.await_runs(1)
    alerts = timed.place.alerts
    timed.clock.set(timedelta(0))
    timed.place.replica.advance()
    timed.place.replica.advance()
    with timed.daemon():
        timed.await_runs(2, here=1)
        assert timed.events("clock.rows_ahead") or not alerts
    first, second = timed.runs
    assert second.started_at < first.started_at - YEAR / 2
    # By the right clock the source is not due again before six hours have passed.
    with timed.daemon():
        timed.await_event("daemon.started")
    assert len(timed.runs) == 2
