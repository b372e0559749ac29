"""Whether the corpus holds a text already. Pure: what is known comes in, a verdict goes out."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from core.text import normalised
from pipelines.fingerprint import Fingerprint

_MOST = 0.5


class Verdict(Enum):
    """What a draft is to the corpus."""

    NEW = "new"
    COPY = "copy"
    SAME = "same"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Known:
    """What the corpus holds of a draft's story: content of the article at its key, and who holds its text."""

    content_at_key: str | None
    holder_of_text: int | None


def verdict(draft: Fingerprint, known: Known) -> Verdict:
    """Return what to do with a draft.

    A known key comes first: a text that changed at its own address is a revision even if its new text stands
    elsewhere too.
    """
    if known.content_at_key is not None:
        return Verdict.SAME if known.content_at_key == draft.content else Verdict.CHANGED
    return Verdict.NEW if known.holder_of_text is None else Verdict.COPY


def is_edit(before: str, now: str) -> bool:
    """Return whether a text is an edit of another: most words of both stand in both, in one order."""
    words = normalised(before).split(), normalised(now).split()
    return SequenceMatcher(None, *words, autojunk=False).ratio() > _MOST
