"""Files that are there whole or not at all, whoever reads them and whenever the power goes."""

import contextlib
import os
import threading
from pathlib import Path

from core.folders import make_folder, sync_folder


def write_whole(path: Path, content: bytes, mode: int | None = None, within: Path | None = None) -> None:
    """Write a file, its folder too if need be; on return it is on the disk. Raises OSError, and leaves the old file.

    mode is who may read and write it; None: what the process's umask leaves. within is a folder that is not made.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        make_folder(path.parent, within)
        with part.open("wb") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
