"""One WARC file that is being written, and its index."""

import errno
import fcntl
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

import structlog

from core.errors import StorageError, StorageFullError
from core.folders import sync_folder
from crawler.archive.index import Line, index_path, lines_in, read_index, write_index
from crawler.archive.members import Gap, member_at
from crawler.archive.records import info

log = structlog.get_logger()
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Volume:
    """A WARC file, locked against other writers by the kernel until it is closed or its process ends.

    size is where its last whole record ends: what stands behind that was never promised to anybody.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self.size = 0
        self.lines: list[Line] = []
        self._is_sorted = True
        self._is_synced = True

    @classmethod
    def open(cls, path: Path) -> Self | None:
        """Return the volume of a file, made if there is none and else mended; None while another process writes it.

        A torn end, as a killed process, a power cut or a full disk leave it, is cut off; damage before it stays as it
        is, and only its records are lost. Raises StorageError.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            volume = cls(path, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                volume._mend()  # a volume is never seen before that
            except BaseException:
                os.close(descriptor)
                raise
        except BlockingIOError:
            return None
        except OSError as error:
            raise failure(path, error) from error
        return volume

    def begin(self, at: datetime, about: Mapping[str, str]) -> None:
        """Write the record that opens a file: who wrote it, and how. Raises StorageError."""
        self.write([info(self.path.name, at, about)])
        self.sync()
        try:
            sync_folder(self.path.parent)
        except OSError as error:
            raise failure(self.path, error) from error

    def write(self, members: Sequence[bytes]) -> tuple[int, ...]:
        """Append members and return where each begins; they are on the disk once `sync` has returned.

        They are there all or not at all: what a failed writing left is taken back. Raises StorageError.
        """
        offsets, place = [], self.size
        for member in members:
            offsets.append(place)
            place += len(member)
        try:
            _write_at(self._descriptor, b"".join(members), self.size)
        except OSError as error:
            self._take_back()
            raise failure(self.path, error) from error
        self.size = place
        self._is_synced = False
        return tuple(offsets)

    def sync(self) -> None:
        """Have all that was written on the disk. Raises StorageError."""
        if self._is_synced:
            return
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            raise failure(self.path, error) from error
        self._is_synced = True

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._descriptor, self.size)
        except OSError as error:
            # What is left is overwritten by the next record, or cut off when the file is next opened.
            log.warning("archive.not_taken_back", file=self.path.name, error=error.strerror)

    def note(self, line: Line) -> None:
        """Append to the index. It is not forced to the disk: what a crash takes from it the WARC file gives back."""
        path = index_path(self.path)
        self.lines.append(line)
        self._is_sorted = False
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                _append(descriptor, line.written(self.path.name).encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            raise failure(path, error) from error

    def close(self) -> None:
        """Sort the index and give the file back. An index that cannot be written is made again at the next opening."""
        try:
            self.sync()
            if not self._is_sorted:
                write_index(index_path(self.path), self.lines, self.path.name)
        except OSError as error:
            log.warning("archive.index_not_sorted", file=self.path.name, error=error.strerror)
        finally:
            os.close(self._descriptor)

    def _mend(self) -> None:
        """Find the last whole record and cut off what follows it; bring the index up to what the file holds.

        Reads the index and what stands behind the last record it knows: the whole file only where there is no index,
        or one that is not true.
        """
        with os.fdopen(os.dup(self._descriptor), "rb") as stream:
            end = os.fstat(self._descriptor).st_size
            known = read_index(index_path(self.path))
            last = max(known or (), key=lambda line: line.end, default=None)
            member = member_at(stream, last.offset) if last and last.end <= end else None
            trusted = known if known and last and member and member.end == last.end else []
            start = last.end if trusted and last else 0
            found = list(lines_in(stream, start, end))
        new = [each for each in found if isinstance(each, Line)]
        self.lines, self.size = [*trusted, *new], end
        for gap in (each for each in found if isinstance(each, Gap)):
            self._cut(gap) if gap.offset + gap.length == end else self._damaged(gap)
        if new or len(trusted) != len(known or ()) or known is None:
            write_index(index_path(self.path), self.lines, self.path.name)

    def _cut(self, gap: Gap) -> None:
        os.ftruncate(self._descriptor, gap.offset)
        os.fsync(self._descriptor)
        self.size = gap.offset
        log.warning("archive.repaired", file=self.path.name, kept=gap.offset, cut=gap.length)

    def _damaged(self, gap: Gap) -> None:
        log.error("archive.damaged", file=self.path.name, offset=gap.offset, length=gap.length)


def failure(path: Path, error: OSError) -> StorageError:
    """Return what a failed system call on the archive means to a person."""
    if error.errno in _FULL:
        return StorageFullError(f"The archive cannot be written, the disk or its quota is full: {path}.")
    return StorageError(f"The archive cannot be read or written: {path}: {error.strerror}.")


def _write_at(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _append(descriptor: int, data: bytes) -> None:
    size = os.fstat(descriptor).st_size
    try:
        _write_at(descriptor, data, size)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
