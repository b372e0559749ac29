"""How a running daemon is told to read the settings anew, and nobody else is."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.config import ask
from core.errors import UsageError
from storage.lock import held, holder_of

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="what a process has open is seen in /proc")
WAITING = [sys.executable, "-c", "import sys; sys.stdin.read()"]


@pytest.fixture
def stranger(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that has nothing to do with the lock that bears its number."""
    process = subprocess.Popen(WAITING, stdin=subprocess.PIPE)
    (tmp_path / "daemon.lock").write_text(f"{process.pid}\n")
    yield process
    process.communicate()


def test_no_other_process_is_signalled_that_bears_the_number_here(
    stranger: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"process {stranger.pid} .*, and not here"):
        ask(stranger.pid, tmp_path / "daemon.lock")
    stranger.communicate()
    assert stranger.returncode == 0


def test_a_number_that_nobody_bears_is_told_in_a_sentence(stranger: subprocess.Popen[bytes], tmp_path: Path) -> None:
    stranger.communicate()
    with pytest.raises(UsageError, match="where it runs"):
        ask(stranger.pid, tmp_path / "daemon.lock")


def test_who_holds_the_lock_is_asked_and_a_daemon_of_another_user_is_told_in_a_sentence(tmp_path: Path) -> None:
    lock, asked = tmp_path / "daemon.lock", list[tuple[int, int]]()

    def forbidden(_process: int, _number: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    with held(lock, "The work"):
        process = holder_of(lock)
        assert process
        ask(process, lock, lambda *told: asked.append(told))
        assert asked == [(process, signal.SIGHUP)]
        with pytest.raises(UsageError, match="another user's"):
            ask(process, lock, forbidden)
