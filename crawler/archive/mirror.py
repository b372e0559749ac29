"""A second archive, on another disk: a folder with the same files, to which each backup adds only what is new.

Files are copied and never linked: a link dies with the disk, and an open file would go on growing in the backup.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.index import index_path
from crawler.archive.manifest import Fixity, fixity_of, read_manifest, shelved, write_manifest

_STEP = 1 << 20
Told = Callable[[str], None]


@dataclass(slots=True)
class Mirrored:
    """What was copied: names and bytes; how many files were there already, and what is wrong with which others."""

    copied: list[str] = field(default_factory=list)
    size: int = 0
    present: int = 0
    faults: dict[str, str] = field(default_factory=dict)


def mirror(archive: Path, target: Path, told: Told = lambda _name: None) -> Mirrored:
    """Bring a second archive up to the first, which may be written meanwhile. Raises OSError.

    Each copy is read again and held against what was read, and a finished file against the manifest: one that is
    damaged does not take the place of a good copy. What the second has beyond the first stays.
    """
    done, known, held = Mirrored(), read_manifest(archive), read_manifest(target)
    try:
        for name, path in shelved(archive).items():
            told(name)
            if _is_there(target / name, path, held.get(name), known.get(name)):
                done.present += 1
                continue
            _take(path, target / name, known.get(name), name, done, held)
    finally:
        if done.copied:
            write_manifest(target, dict(sorted(held.items())))
    return done


def put_back(backup: Path, archive: Path, told: Told = lambda _name: None) -> Mirrored:
    """Copy from a second archive what is missing in the first, and nothing else. Raises OSError."""
    done, known, taken = Mirrored(), read_manifest(backup), dict[str, Fixity]()
    for name, path in shelved(backup).items():
        told(name)
        if (archive / name).exists():
            done.present += 1
        else:
            _take(path, archive / name, known.get(name), name, done, taken)
    return done


def _is_there(target: Path, path: Path, held: Fixity | None, known: Fixity | None) -> bool:
    """Return whether a copy is what its file is: files only grow, so that one of the same size is the same."""
    if held is None or not target.exists() or target.stat().st_size != held.size:
        return False
    return held == known if known else held.size == path.stat().st_size


def _take(  # where from, where to, what is known of it, and what to note it in
    path: Path, target: Path, known: Fixity | None, name: str, done: Mirrored, taken: dict[str, Fixity]
) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.new")
    try:
        read = _copied(path, draft)
        if known and read != known:
            done.faults[name] = "does not hold the bytes that it had when it was finished"
            return
        if fixity_of(draft) != read:
            done.faults[name] = f"was not copied faithfully (look at the disk of {target.parent})"
            return
        draft.chmod(path.stat().st_mode & 0o777)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    index = index_path(path)
    if index.exists():
        _copied(index, index_path(draft))
        index_path(draft).replace(index_path(target))
    taken[name] = read
    done.copied.append(name)
    done.size += read.size


def _copied(path: Path, draft: Path) -> Fixity:
    """Copy as much of a file as is there when it begins, to the disk; return what was read."""
    sums, left = hashlib.sha256(), path.stat().st_size
    size = left
    with path.open("rb") as source, draft.open("wb") as out:
        while left and (data := source.read(min(_STEP, left))):
            out.write(data)
            sums.update(data)
            left -= len(data)
        out.flush()
        os.fsync(out.fileno())
    return Fixity(size - left, sums.hexdigest())
