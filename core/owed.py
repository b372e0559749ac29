"""What is owed to people: messages, and the stretches of the corpus that digests cover."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message owed over a channel. kind is alert or digest, ref the id of the match or digest it tells of.

    key names the message for ever: the same key is never owed twice, and makes its Message-ID.
    """

    id: int
    key: str
    kind: str
    ref: int
    attempts: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DigestPeriod:
    """What a digest covers, by the corpus's own sequences: articles with after < id <= upto, and turns likewise.

    A turn is that an article was withdrawn for certain, or came back after it was: these are counted through.
    """

    id: int
    after: int
    upto: int
    created_at: datetime
    turns_after: int = 0
    turns_upto: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return self.upto <= self.after and self.turns_upto <= self.turns_after
