"""Locks between processes, kept by the kernel: a process that dies, however it dies, holds none."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import AlreadyRunningError, StorageError

LOCKS = "locks"
"""The folder of locks, beside the corpus."""

_OURS: set[Path] = set()
"""What this process holds. The number that a lock is signed with does not tell: in two containers it is the same."""

_LOOKS, _BETWEEN = 400, 0.005
"""Whoever only looks shares the lock for some microseconds, two seconds at most where the machine is held up."""


def lock_of(data: Path, name: str) -> Path:
    """Return the file that stands for the lock of a name, for the corpus in the folder `data`."""
    return data / LOCKS / f"{name}.lock"


@contextmanager
def held(path: Path, what: str, waits: Callable[[str], bool] = lambda _holder: False) -> Iterator[None]:
    """Hold the lock that a file stands for while the block runs.

    While another process holds it, `waits` is asked, with that one's number, whether to try again; it takes the time
    that lies between. Raises AlreadyRunningError, naming `what` and the other process, where it says no; StorageError
    if the file cannot be made, the folder of the corpus is not there, or either was taken away meanwhile.
    """
    try:
        path.parent.mkdir(exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except FileNotFoundError as error:
        data = path.parent.parent
        raise StorageError(f"There is no folder {data}: was it moved or taken away? Put it back.") from error
    except OSError as error:
        raise StorageError(
            f"The lock {path} cannot be made: {error.strerror}; make room on that disk, or let this user write there."
        ) from error
    try:
        while not _is_locked(handle):
            holder = _holder(handle)
            if not waits(holder):
                by = f" by process {holder}" if holder else ""
                raise AlreadyRunningError(f"{what} is being done already{by}: wait for it, or end it.")
        if not _is_file(path, os.fstat(handle)):
            raise StorageError(f"The lock {path} was moved or taken away while it was waited for; put it back.")
        _sign(handle)
        _OURS.add(path.absolute())
        try:
            yield
        finally:
            _OURS.discard(path.absolute())
    finally:
        os.close(handle)


def is_anothers(path: Path) -> bool:
    """Return whether a process that is not this one holds the lock that a file stands for."""
    return path.absolute() not in _OURS and is_held(path)


def holder_of(path: Path) -> int | None:
    """Return the process that holds the lock that a file stands for, None if none does."""
    if not is_held(path):
        return None
    number = path.read_text(encoding="ascii", errors="replace").strip()
    return int(number) if number.isdecimal() else None


def may_hold(process: int, path: Path) -> bool:
    """Return whether a process has the file open that stands for a lock; True where that cannot be told.

    Who signed it may have been in another container or on another machine, where numbers stand for other processes.
    """
    there = Path("/proc") / str(process)
    if not Path("/proc/self").exists():
        return True
    try:
        lock = path.stat()
        return any(_is_file(handle, lock) for handle in (there / "fd").iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        # Another user's. Its words everybody may read; where even they are hidden, it can hardly be signalled.
        with suppress(OSError):
            return b"daemon" in (there / "cmdline").read_bytes().split(b"\0")
        return True


def _is_file(handle: Path, file: os.stat_result) -> bool:
    with suppress(OSError):  # closed meanwhile
        return os.path.samestat(handle.stat(), file)
    return False


def _is_locked(handle: int) -> bool:
    """Lock a file for this process alone, unless another has: one that only looks (`is_held`) is waited for.

    Else a `tonle status` in the moment in which a crawl begins would send that crawl away.
    """
    for _ in range(_LOOKS):
        if _takes(handle, fcntl.LOCK_EX):
            return True
        if not _takes(handle, fcntl.LOCK_SH):
            return False
        # Given back: two that wait so would wait for each other.
        fcntl.flock(handle, fcntl.LOCK_UN)
        time.sleep(_BETWEEN)
    return False


def _takes(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sign(handle: int) -> None:
    """Write down who holds the lock. Who cannot, on a full disk, holds it all the same.

    What stands there is written over before it is cut: that takes no more room.
    """
    name = f"{os.getpid()}\n".encode()
    with suppress(OSError):
        os.pwrite(handle, name, 0)
        os.ftruncate(handle, len(name))


def _holder(handle: int) -> str:
    return os.pread(handle, 32, 0).decode("ascii", errors="replace").strip()


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock that a file stands for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _takes(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Wait until no other process or thread makes, or replaces, a corpus in the folder.

    SQLite's own locks do not do: of two processes that switch the journal at once, one is told at once to go away.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
