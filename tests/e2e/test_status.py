"""`tonle status`: one screen that a person understands, once or for as long as it is watched."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.model import Reason
from storage.lock import held
from storage.store import Store
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place

ROOT = Path(__file__).parents[2]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture(scope="module")
def stood(build_once: Build) -> Place:
    """A place where one source is well, one failed twice, one refuses us, and nothing else was crawled."""
    place = build_once()
    place.crawl(CAMBODIA)
    now = datetime.now(UTC)
    store = Store.open(place.database)
    with store.transaction() as corpus:
        for _ in range(2):
            error = "no listing could be read: host-unknown (a.test)"
            corpus.runs.finish(corpus.runs.start(POST, "schedule", now), "failed", now, error)
        corpus.runs.finish(corpus.runs.start(OHCHR, "schedule", now), "finished", now)
        corpus.incidents.report(OHCHR, "b.test", Reason.CHALLENGE, "", now + timedelta(hours=2), now)
        corpus.outbox.owe("digest", 1, "digest:x", now)
    store.close()
    return place


def test_each_source_stands_as_it_is_judged(stood: Place) -> None:
    told = stood.tonle("status", "--json").json
    states = {row["source"]: row["state"] for row in told["sources"]}
    assert states == {CAMBODIA: "well", POST: "broken", OHCHR: "blocked"}
    reasons = {row["source"]: " ".join(row["reasons"]) for row in told["sources"]}
    assert "DNS" in reasons[POST]
    assert "b.test" in reasons[OHCHR]
    assert told["database_bytes"] == stood.database.stat().st_size
    assert {"daemon", "waiting", "given_up", "others", "away", "flickering", "stories", "wal_bytes", "at"} <= set(told)


@pytest.mark.parametrize("columns", [80, pytest.param(120, marks=pytest.mark.soak)])
def test_the_screen_fits_a_usual_terminal(stood: Place, columns: int) -> None:
    with terminal(stood, columns, "status") as shown:
        assert shown.process.wait(60) == 0
        lines = shown.text().splitlines()
    text = " ".join(shown.plain.split())
    assert max(map(len, lines)) <= columns
    assert len(lines) <= 24
    assert "no daemon is running" in text
    assert "The last 2 crawls in a row failed: its host's name is not known to the name server (DNS)." in text
    assert "it shows a challenge instead of its pages; left alone until" in text
    assert f"The corpus holds {len(stood.articles)} articles" in text


def test_a_run_under_way_and_a_daemon_are_shown(stood: Place, tmp_path: Path) -> None:
    place = stood.copy(tmp_path)
    store = Store.open(place.database)
    with store.transaction() as corpus:
        corpus.runs.start(CAMBODIA, "schedule", datetime.now(UTC))
    store.close()
    locks = place.folder / "data" / "locks"
    with held(locks / f"{CAMBODIA}.lock", "a crawl"), held(locks / "daemon.lock", "the daemon"):
        told = place.tonle("status")
        assert "the daemon is running." in told.out
        assert " now" in told.out
        assert place.tonle("status", "--json").row(CAMBODIA)["last_run"]["status"] == "running"
    row = place.tonle("status", "--json").row(CAMBODIA)
    assert (row["last_run"]["status"], row["state"]) == ("killed", "well")


def test_watching_needs_a_terminal(stood: Place) -> None:
    for options in (["--watch"], ["--watch", "--json"]):
        ended = stood.tonle("status", *options)
        assert ended.code == 2
        assert "--watch needs a terminal" in ended.only_error


@dataclass
class Shown:
    """What a terminal was shown."""

    process: "subprocess.Popen[bytes]"
    terminal: int
    seen: bytearray = field(default_factory=bytearray)
    plain: str = ""

    def read(self, seconds: float) -> bool:
        """Take what comes within so many seconds; False where nothing does."""
        ready, _, _ = select.select([self.terminal], [], [], seconds)
        try:
            came = os.read(self.terminal, 65536) if ready else b""
        except OSError:
            return False
        self.seen += came
        return bool(came)

    def until(self, words: bytes, times: int = 1) -> None:
        end = time.monotonic() + 60
        while self.seen.count(words) < times:
            self.read(1)
            assert time.monotonic() < end, bytes(self.seen[-2000:])

    def text(self) -> str:
        """Return all that was shown, without what steers the terminal."""
        while self.read(1):
            pass
        self.plain = ESCAPES.sub("", self.seen.decode().replace("\r", ""))
        return self.plain


@contextmanager
def terminal(place: Place, columns: int, *args: str) -> Iterator[Shown]:
    """Run tonle in a terminal of its own."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
    command = [sys.executable, "-m", "app", "--config", str(place.folder / "config.yaml"), *args]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    for name in ("COLUMNS", "LINES"):
        environ.pop(name, None)
    process = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True, cwd=place.folder
    )
    shown = Shown(process, ours)
    try:
        yield shown
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        os.close(theirs)
        os.close(ours)


def times_of(pid: int) -> float:
    """Return the processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads processor times in /proc")
@pytest.mark.parametrize(
    "end",
    [b"q", pytest.param(signal.SIGTERM, marks=pytest.mark.soak), pytest.param(signal.SIGINT, marks=pytest.mark.soak)],
)
def test_who_watches_sees_it_anew_until_a_key_or_a_signal_ends_it(stood: Place, end: bytes | signal.Signals) -> None:
    with terminal(stood, 80, "status", "--watch") as shown:
        before = termios.tcgetattr(shown.terminal)
        shown.until(b"q ends", 2)
        first = times_of(shown.process.pid)
        shown.until(b"q ends", 3)
        # Reading and drawing alone: a loop that waits by looking would take the two seconds whole.
        assert times_of(shown.process.pid) - first < 0.8
        if isinstance(end, bytes):
            os.write(shown.terminal, end)
        else:
            shown.process.send_signal(end)
        assert shown.process.wait(30) == 0
        shown.text()
        assert shown.seen.count(b"\x1b[?1049h") == shown.seen.count(b"\x1b[?1049l") == 1
        assert b"\x1b[?25h" in shown.seen
        assert termios.tcgetattr(shown.terminal)[3] == before[3] | termios.ICANON | termios.ECHO
