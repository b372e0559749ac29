"""What a publisher's edit is called, and the words that show it."""

from dataclasses import dataclass
from enum import StrEnum


class Edit(StrEnum):
    """A kind of edit, in the words that people are shown; every one is explained in docs/dedup.md."""

    REWRITE = "full rewrite"
    CORRECTION = "correction note"
    HEADLINE = "headline"
    NUMBER = "number changed"
    NAME = "name changed"
    QUOTATION_ADDED = "quotation added"
    QUOTATION_REMOVED = "quotation removed"
    PARAGRAPH_ADDED = "paragraph added"
    PARAGRAPH_REMOVED = "paragraph removed"
    WORDING = "wording"
    TYPO = "typo"


@dataclass(frozen=True, slots=True)
class State:
    """What a page shows of an article at one time."""

    title: str
    paragraphs: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One edit: what it is called, and the words before and after; one of them is empty where words came or went."""

    label: Edit
    before: str
    after: str
