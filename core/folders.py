"""Folders whose names are on the disk: a file outlives a power cut only where its folder, and those above it, do."""

import errno
import os
from itertools import takewhile
from pathlib import Path


def make_folder(folder: Path, within: Path | None = None) -> None:
    """Make a folder, with those above it that are missing; on return the new ones are on the disk.

    within is a folder that is not made anew: where it was taken away, nothing stands in its place when it is put back.
    A folder that is not in it is made all the same. Raises OSError; FileNotFoundError where `within` is missing.
    """
    kept = within.resolve() if within else None
    missing = list(takewhile(lambda each: not each.exists(), (folder, *folder.parents)))
    for each in reversed(missing):
        if kept and each.resolve() == kept:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(within))
        each.mkdir(exist_ok=True)
        sync_folder(each.parent)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def sync_folder(folder: Path) -> None:
    """Have on the disk what the folder's files are called. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
