"""Messages as files in a folder."""

import contextlib
import hashlib
import os
import re
import threading
from pathlib import Path

from core.errors import DeliveryError
from notify.message import Message


class FileChannel:
    """Writes each message as an .eml file, whole or not at all; the same key is the same file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Return the file of a key: its letters and figures, and a hash that tells apart what they do not."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[:60]
        return self._folder / f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.eml"

    def send(self, message: Message, key: str) -> None:
        """Write the message; on return it is on the disk."""
        path = self.path(key)
        part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(message.mail.as_bytes())
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            _sync_folder(self._folder)
        except OSError as error:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise DeliveryError(f"{path} could not be written: {error.strerror or error}.") from error

    def close(self) -> None:
        """Do nothing: nothing is held."""


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
