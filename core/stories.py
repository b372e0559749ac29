"""The values of what texts have in common: relations, their evidence, and stories, which are articles of one text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model import Capture


class Relation(StrEnum):
    """What a text is to another that the corpus holds; every value is explained in docs/dedup.md."""

    SAME = "same"
    COPY = "copy"
    EXCERPT = "excerpt"
    EXTENDED = "extended"
    REWRITE = "rewrite"
    QUOTATION = "quotation"
    UNRELATED = "unrelated"


ONE_STORY = frozenset({Relation.SAME, Relation.COPY, Relation.EXCERPT, Relation.EXTENDED, Relation.REWRITE})
"""The relations by which two articles are versions of one story."""

_INVERTED = {Relation.EXCERPT: Relation.EXTENDED, Relation.EXTENDED: Relation.EXCERPT}


def inverted(relation: Relation) -> Relation:
    """Return what the other text is to the one that has this relation to it."""
    return _INVERTED.get(relation, relation)


@dataclass(frozen=True, slots=True)
class Near:
    """An article that shares sampled shingles with a text: how many, of how many of its own."""

    article_id: int
    shared: int
    sampled: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """What a text is to another, and the evidence.

    share and share_of_other are the parts of each one's shingles that stand in the other too (0 to 1); agreement is the
    part of the numbers and names of the smaller that the larger has (0 where less is shared than of a text told anew:
    then nobody asks). passages are the longest stretches in common.
    """

    relation: Relation
    share: float = 0.0
    share_of_other: float = 0.0
    agreement: float = 1.0
    passages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A likeness of two articles as it was found then; other_id is the one that was held."""

    article_id: int
    other_id: int
    likeness: Likeness
    at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that carry one text. Its id stays whatever joins or leaves; members are in the order of their ids."""

    id: int
    representative_id: int
    members: tuple[int, ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """An article as one of its story's: where it stands, what it is called there, and how long it is.

    dated_at is published_at, or when tonle first had it; shingles counts its distinct runs of words.
    """

    article_id: int
    source: str
    url: str
    title: str
    published_at: datetime | None
    dated_at: datetime
    shingles: int
    is_representative: bool


@dataclass(frozen=True, slots=True)
class Size:
    """What decides whether an article stands for its story: when it came out, and its number of shingles."""

    article_id: int
    dated_at: datetime
    shingles: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person said of two articles: that they are one story, or that they are not."""

    low_id: int
    high_id: int
    is_one: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """A time at which an article's page was not there, from the first visit that found nothing to its return.

    gone_since is set once several visits over days made it certain; reason and detail are what the last of them got.
    first_capture and last_capture are where the archive keeps the first and the last answer, of those that it keeps.
    """

    article_id: int
    missing_since: datetime
    last_missing: datetime
    visits: int
    reason: str
    detail: str = ""
    gone_since: datetime | None = None
    returned_at: datetime | None = None
    first_capture: Capture | None = None
    last_capture: Capture | None = None


class Presence(StrEnum):
    """What a visit made of an article's page: missing, withdrawn for certain, or back again."""

    MISSING = "missing"
    GONE = "gone"
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Turn:
    """That the page of an article went, or came back, and the absence that this began, made certain or ended."""

    presence: Presence
    absence: Absence


@dataclass(frozen=True, slots=True)
class Flicker:
    """A page that shows two states of its article in turn; times counts the changes that made no revision.

    in_row counts the visits, up to the last, that all found the state which is not held.
    """

    article_id: int
    since: datetime
    last_at: datetime
    times: int
    in_row: int = 1
