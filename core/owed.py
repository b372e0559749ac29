"""What is owed to people: messages, and the stretches of the corpus that digests cover."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message owed over a channel. kind is alert, summary or digest, ref the id of the match or digest it tells of.

    key names the message within its corpus: the same key is never owed twice. origin is that corpus's identity, "" in
    messages from before corpora had one. subscriber is the name of who reads it, "" for the readers of the sections
    `alerts` and `digest`.
    """

    id: int
    key: str
    kind: str
    ref: int
    attempts: int
    created_at: datetime
    subscriber: str = ""
    origin: str = ""

    @property
    def name(self) -> str:
        """What names the message for ever and everywhere, and makes its Message-ID."""
        return name_of(self.key, self.origin)


def name_of(key: str, origin: str) -> str:
    """Return what names a message for ever, whatever other corpora owe and whatever this one owes after a restore."""
    return f"{key}#{origin}" if origin else key


@dataclass(frozen=True, slots=True)
class Occasion:
    """On what a rule was met: event is the value of a core.rules.Event; key tells withdrawals and copies apart.

    It is empty for a new text and an edit: by these an article meets a rule once.
    """

    event: str = "new"
    key: str = ""


BY_ITS_TEXT = Occasion()
"""A rule was met by a new text."""


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the corpus's own sequences have come: of articles, of turns (core.stories.Turn) and of changes."""

    articles: int = 0
    turns: int = 0
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """Since when a subscriber is known, how far the corpus had come then, and since when no more is wanted."""

    name: str
    joined_at: datetime
    reach: Reach
    left_at: datetime | None = None


class ChangeKind(StrEnum):
    """What happened to an article that is held."""

    EDIT = "edit"
    COPY = "copy"
    MATCH = "match"


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an article, by the corpus's own sequence.

    number is that of the revision (edit), the id of the copy's row (copy), or of the match that nobody was alerted of.
    """

    id: int
    what: ChangeKind
    article_id: int
    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class DigestPeriod:
    """What a digest covers, by the corpus's own sequences: articles with after < id <= upto, turns, changes likewise.

    A turn is that an article was withdrawn for certain, or came back after it was: these are counted through.
    subscriber is the name of who reads it, "" for the readers of the section `digest`.
    """

    id: int
    after: int
    upto: int
    created_at: datetime
    turns_after: int = 0
    turns_upto: int = 0
    changes_after: int = 0
    changes_upto: int = 0
    subscriber: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return (
            self.upto <= self.after and self.turns_upto <= self.turns_after and self.changes_upto <= self.changes_after
        )

    @property
    def begin(self) -> Reach:
        """How far the sequences had come before it."""
        return Reach(self.after, self.turns_after, self.changes_after)

    @property
    def end(self) -> Reach:
        """How far the sequences have come with it."""
        return Reach(self.upto, self.turns_upto, self.changes_upto)
