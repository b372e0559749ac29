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
    """What a digest covers, by the corpus's own sequence: articles with after < id <= upto."""

    id: int
    after: int
    upto: int
    created_at: datetime
