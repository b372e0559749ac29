"""What a way out is, whatever lies behind it."""

from typing import Protocol

from core.errors import DeliveryError
from notify.message import Message


class UnreachableError(DeliveryError):
    """The channel itself does not work at present: no other message would get through it either."""


class Channel(Protocol):
    """A way out. The key names the message for ever: sent twice under one key, it is still one message."""

    def send(self, message: Message, key: str) -> None:
        """Hand a message over. Raises DeliveryError to try later, DeliveryRefusedError to try no more.

        UnreachableError, a DeliveryError, says that other messages need not be tried now.
        """
        ...

    def close(self) -> None:
        """Let go of what is held; raises nothing. A channel that is used again opens it anew."""
        ...
