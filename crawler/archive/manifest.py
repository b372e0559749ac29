"""The manifest of an archive: size and SHA-256 of each file that nobody writes to any more, as `sha256sum -c` reads it.

A file is finished once a later one of its source is there: only the last is opened again. Of each there are two lines,
a comment with the size and the sum; what a crash tore is passed over.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.index import SUFFIX

MANIFEST = "MANIFEST"
_ENTRY = re.compile(r"^# (\d+) bytes: (.+)\n([0-9a-f]{64})  \2$", re.MULTILINE)
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Fixity:
    """What a file of the archive was when it was finished: its size in bytes, and its SHA-256."""

    size: int
    sha256: str


def shelved(folder: Path) -> dict[str, Path]:
    """Return the WARC files of an archive by their names in it (source/file), in order."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.glob(f"*/*{SUFFIX}"))}


def finished(folder: Path) -> dict[str, Path]:
    """Return those that a later file of their source follows."""
    files = shelved(folder)
    last = {name.partition("/")[0]: name for name in files}
    return {name: path for name, path in files.items() if name not in last.values()}


def fixity_of(path: Path) -> Fixity:
    """Return what a file is now. Raises OSError."""
    sums, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while data := stream.read(_STEP):
            sums.update(data)
            size += len(data)
    return Fixity(size, sums.hexdigest())


def read_manifest(folder: Path) -> dict[str, Fixity]:
    """Return what the manifest of an archive says of its files, nothing where there is none. Raises OSError."""
    try:
        # A disk that failed may have put any byte into it: that line is passed over like one that was torn.
        text = (folder / MANIFEST).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return {}
    return {name: Fixity(int(size), sha256) for size, name, sha256 in _ENTRY.findall(text)}


def note_finished(folder: Path) -> tuple[str, ...]:
    """Append the finished files that the manifest does not know, and return their names. Raises OSError.

    One that another process still writes is left for later. Any number of processes may do so at once.
    """
    files = finished(folder)
    if not files:
        return ()
    descriptor = os.open(folder / MANIFEST, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        known = read_manifest(folder)
        new = {name: fixity_of(path) for name, path in files.items() if name not in known and _is_free(path)}
        if new:
            _append(descriptor, _written(new))
    finally:
        os.close(descriptor)
    return tuple(new)


def write_manifest(folder: Path, files: Mapping[str, Fixity]) -> None:
    """Write a manifest anew, so that whoever reads it meanwhile reads the old one or the new one. Raises OSError."""
    draft = folder / f"{MANIFEST}.new"
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(_written(files))
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(folder / MANIFEST)


def faults(folder: Path, names: Iterable[str] | None = None) -> dict[str, str]:
    """Return what is wrong with finished files, by their names; nothing where all is well. Raises OSError.

    All are held against their size, the named ones against their sum too.
    """
    named = frozenset(names or ())
    found = {}
    for name, was in read_manifest(folder).items():
        if problem := _fault(folder / name, was, is_read=name in named):
            found[name] = problem
    return found


def _fault(path: Path, was: Fixity, *, is_read: bool) -> str:
    try:
        size = path.stat().st_size
        if size != was.size:
            return f"has {size:,} bytes, and had {was.size:,} when it was finished"
        if is_read and fixity_of(path) != was:
            return "does not hold the bytes that it had when it was finished"
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return ""


def _written(files: Mapping[str, Fixity]) -> str:
    return "".join(f"# {was.size} bytes: {name}\n{was.sha256}  {name}\n" for name, was in files.items())


def _append(descriptor: int, text: str) -> None:
    """Append whole lines in one piece, behind what a crash may have left of others."""
    size = os.fstat(descriptor).st_size
    is_torn = bool(size) and os.pread(descriptor, 1, size - 1) != b"\n"
    data = ("\n" * is_torn + text).encode()
    try:
        while data:
            data = data[os.write(descriptor, data) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _is_free(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
