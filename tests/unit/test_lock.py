"""The locks between processes; threads stand for processes, since each opening of a file holds a lock of its own."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import AlreadyRunningError, StorageError
from storage.lock import held, is_held


@contextmanager
def looking(path: Path) -> Iterator[None]:
    """Be in the midst of looking whether a lock is held."""
    handle = os.open(path, os.O_RDONLY | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def test_a_lock_is_held_by_one_alone_and_free_again_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "a.lock"
    with held(path, "The work"):
        assert is_held(path)
        with pytest.raises(AlreadyRunningError, match=f"The work is being done already by process {os.getpid()}"):
            held(path, "The work").__enter__()
    assert not is_held(path)


def test_a_lock_that_was_taken_away_while_it_was_waited_for_is_none(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    leader = held(data / "locks" / "a.lock", "The work")
    leader.__enter__()

    def waits(_holder: str) -> bool:
        data.rename(tmp_path / "elsewhere")
        leader.__exit__(None, None, None)
        return True

    with pytest.raises(StorageError, match="taken away"):
        held(data / "locks" / "a.lock", "The work", waits).__enter__()
    assert not data.exists()
    with pytest.raises(StorageError, match="There is no folder"):
        held(data / "locks" / "a.lock", "The work").__enter__()


def test_whoever_only_looks_sends_nobody_away(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    begun, got = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        with held(path, "The work"):
            got.set()

    working = threading.Thread(target=work)
    with looking(path):
        working.start()
        assert begun.wait(10)
        # Time enough for a first try: it neither has the lock nor gives up.
        assert not got.wait(0.05)
        assert working.is_alive()
    assert got.wait(10)
    working.join(10)


def test_many_who_look_all_the_time_keep_nobody_from_it(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    path.touch()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            is_held(path)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for each in lookers:
        each.start()
    try:
        for _ in range(50):
            with held(path, "The work"):
                assert is_held(path)
    finally:
        over.set()
        for each in lookers:
            each.join(10)
