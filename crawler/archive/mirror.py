"""A second archive, on another disk: a folder with the same files, to which each backup adds only what is new.

Files are copied and never linked: a link dies with the disk, and an open file would go on growing in the backup.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

from core.folders import make_folder, sync_folder
from crawler.archive.index import index_path
from crawler.archive.manifest import Fixity, fixity_of, read_manifest, shelved, write_manifest
from crawler.archive.members import Gap, scan

_STEP = 1 << 20
_CHANGED = "does not hold the bytes that it had when it was finished"
Told = Callable[[str], None]


@dataclass(slots=True)
class Mirrored:
    """What was copied: names and bytes; how many files were there already, and what is wrong with which others.

    kept says of those that took the place of another file what that one is called now.
    """

    copied: list[str] = field(default_factory=list)
    size: int = 0
    present: int = 0
    faults: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)


def mirror(archive: Path, target: Path, told: Told = lambda _name: None) -> Mirrored:
    """Bring a second archive up to the first, which may be written meanwhile. Raises OSError.

    Each copy is read again and held against what was read, and a finished file against the manifest: one that is
    damaged does not take the place of a good copy, nor does one that has lost what its copy has. What the second has
    beyond the first stays.
    """
    done, known, held = Mirrored(), read_manifest(archive), read_manifest(target)
    try:
        for name, path in shelved(archive).items():
            told(name)
            copy = _Copying(path, target / name, name, done, held)
            was = _held(target / name, held.get(name))
            if was and was == held.get(name) and _is_there(path, was, known.get(name)):
                done.present += 1
            elif was is None or _begins_with(path, was):
                copy.take(_wanted(path, known.get(name)))
            elif name in known:
                _take_other(copy, known[name])
            else:
                done.faults[name] = "has lost or changed what its copy holds; the copy was kept as it is"
    finally:
        _put_on_disk(done.copied, target)
        if done.copied:
            write_manifest(target, dict(sorted(held.items())))
            sync_folder(target)
    return done


def put_back(backup: Path, archive: Path, told: Told = lambda _name: None) -> Mirrored:
    """Copy from a second archive what is missing or damaged in the first, and nothing else. Raises OSError.

    A damaged file stays beside the copy that takes its place. Nobody may write the archive meanwhile.
    """
    done, copies, own, taken = Mirrored(), read_manifest(backup), read_manifest(archive), dict[str, Fixity]()
    try:
        for name, path in shelved(backup).items():
            told(name)
            copy = _Copying(path, archive / name, name, done, taken)
            if not (archive / name).exists():
                copy.take(copies.get(name))
            elif name in own:
                _mend(copy, own[name])
            else:
                _mend_unknown(copy, copies.get(name))
    finally:
        _put_on_disk(done.copied, archive)
    return done


@dataclass(frozen=True, slots=True)
class _Copying:
    """A file to be copied, the place where it goes, and what to note that in."""

    path: Path
    target: Path
    name: str
    done: Mirrored
    taken: dict[str, Fixity]

    def take(self, known: Fixity | None, kept: str = "") -> None:
        """Copy the file, which is to be as it is known; what stood in its place is kept beside under that ending."""
        make_folder(self.target.parent)
        draft = self.target.with_name(f"{self.target.name}.new")
        try:
            read = _copied(self.path, draft)
            if known and read != known:
                self.done.faults[self.name] = _CHANGED
                return
            if fixity_of(draft) != read:
                self.done.faults[self.name] = f"was not copied faithfully (look at the disk of {self.target.parent})"
                return
            draft.chmod(self.path.stat().st_mode & 0o777)
            if kept:
                self._keep(kept)
            draft.replace(self.target)
        finally:
            draft.unlink(missing_ok=True)
        index = index_path(self.path)
        if index.exists():
            _copied(index, index_path(draft))
            index_path(draft).replace(index_path(self.target))
        self.taken[self.name] = read
        self.done.copied.append(self.name)
        self.done.size += read.size

    def _keep(self, ending: str) -> None:
        """Give what stands in the place a second name, that no WARC file has, or rename it where there are no links."""
        first = self.target.with_name(f"{self.target.name}.{ending}")
        names = chain([first], (first.with_name(f"{first.name}-{number}") for number in count(2)))
        place = next(name for name in names if not name.exists())
        try:
            place.hardlink_to(self.target)
        except OSError:
            self.target.rename(place)
        self.done.kept[self.name] = place.name


def _held(target: Path, noted: Fixity | None) -> Fixity | None:
    """Return what a copy is, None where there is none; it is read where a kill kept the manifest from being told."""
    if not target.exists():
        return None
    return noted if noted and noted.size == target.stat().st_size else fixity_of(target)


def _is_there(path: Path, held: Fixity, known: Fixity | None) -> bool:
    """Return whether a copy is what its file is: files only grow, so that one of the same size is the same."""
    if held.size != path.stat().st_size:
        return False
    return known is None or known == held or known.size < held.size


def _wanted(path: Path, known: Fixity | None) -> Fixity | None:
    """Return what is to be read of a file; None: whatever it is, where it was written on after it was finished."""
    return None if known and path.stat().st_size > known.size and _begins_with(path, known) else known


def _take_other(copy: _Copying, known: Fixity) -> None:
    """Copy a file that is sound by its own sum and did not grow out of its copy: both are kept, and that is told."""
    copy.take(_wanted(copy.path, known), "earlier")
    if kept := copy.done.kept.get(copy.name):
        copy.done.faults[copy.name] = f"is not what its earlier copy was, which is kept as {kept}"


def _mend(copy: _Copying, own: Fixity) -> None:
    """Put a finished file back where it does not hold any more what it had when it was finished."""
    if _begins_with(copy.target, own):
        copy.done.present += 1
    elif copy.path.stat().st_size == own.size:
        copy.take(own, "damaged")
    else:
        copy.done.faults[copy.name] = f"{_CHANGED}, and its copy is of another time"


def _mend_unknown(copy: _Copying, held: Fixity | None) -> None:
    """Put a file back of which no sum is noted where it is cut short, or damaged and no longer than its copy."""
    size, its_copy = copy.target.stat().st_size, copy.path.stat().st_size
    if _begins_with(copy.target, held or fixity_of(copy.path)):
        copy.done.present += 1
    elif size < its_copy and _begins_with(copy.path, fixity_of(copy.target)):
        copy.take(held, "damaged")
    elif _is_whole(copy.target):
        copy.done.present += 1  # another file of that name, which nothing is wrong with
    elif size <= its_copy:
        copy.take(held, "damaged")
    else:
        copy.done.faults[copy.name] = "is damaged, and holds more than its copy"


def _begins_with(path: Path, what: Fixity) -> bool:
    """Return whether a file holds these bytes, and whatever behind them."""
    sums = hashlib.sha256()
    for data in _beginning(path, what.size):
        sums.update(data)
    return path.stat().st_size >= what.size and sums.hexdigest() == what.sha256


def _is_whole(path: Path) -> bool:
    with path.open("rb") as stream:
        return not any(isinstance(found, Gap) for found in scan(stream, 0, path.stat().st_size))


def _copied(path: Path, draft: Path) -> Fixity:
    """Copy as much of a file as is there when it begins, to the disk; return what was read."""
    sums, size = hashlib.sha256(), 0
    with draft.open("wb") as out:
        for data in _beginning(path, path.stat().st_size):
            out.write(data)
            sums.update(data)
            size += len(data)
        out.flush()
        os.fsync(out.fileno())
    return Fixity(size, sums.hexdigest())


def _beginning(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as source:
        while size and (data := source.read(min(_STEP, size))):
            yield data
            size -= len(data)


def _put_on_disk(names: list[str], folder: Path) -> None:
    """Have the names of copied files on the disk."""
    for each in {(folder / name).parent for name in names}:
        sync_folder(each)
