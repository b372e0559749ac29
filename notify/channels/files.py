"""Messages as files in a folder."""

import hashlib
import re
from pathlib import Path

from core.errors import DeliveryError
from notify.message import Message
from notify.whole import write_whole


class FileChannel:
    """Writes each message as an .eml file, whole or not at all; the same key is the same file."""

    def __init__(self, folder: Path, within: Path | None = None) -> None:
        """Take the folder of the messages, made if need be, and one above it that has to be there."""
        self._folder = folder
        self._within = within

    def path(self, key: str) -> Path:
        """Return the file of a key: its letters and figures, and a hash that tells apart what they do not."""
        readable = re.sub(r"[^A-Za-z0-9]+", "-", key).strip("-")[:60]
        return self._folder / f"{readable}-{hashlib.sha256(key.encode()).hexdigest()[:8]}.eml"

    def send(self, message: Message, key: str) -> None:
        """Write the message; on return it is on the disk."""
        path = self.path(key)
        try:
            write_whole(path, message.mail.as_bytes(), within=self._within)
        except OSError as error:
            raise DeliveryError(f"{path} could not be written: {error.strerror or error}.") from error

    def close(self) -> None:
        """Do nothing: nothing is held."""
