"""Folders whose names are on the disk: a file outlives a power cut only where its folder, and those above it, do."""

import os
from itertools import takewhile
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder, with those above it that are missing; on return the new ones are on the disk. Raises OSError."""
    missing = list(takewhile(lambda each: not each.exists(), (folder, *folder.parents)))
    folder.mkdir(parents=True, exist_ok=True)
    for each in reversed(missing):
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Have on the disk what the folder's files are called. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
