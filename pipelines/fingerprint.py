"""Fingerprints: by what two texts are known to be the same."""

from dataclasses import dataclass

from core.model import Draft
from core.text import digest

_SHORT = 12  # words; a body of a line that only points elsewhere has fewer, a sentence of news more


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """text names the normalised body alone (SHA-256), content the title, body and notes: what a reader is shown."""

    text: str
    content: str


def fingerprint(draft: Draft) -> Fingerprint:
    """Return the fingerprint of a draft. White space, quotation marks, dashes and case do not count.

    In a text of a few words the title counts: "Read the full release here." under two headlines is two stories.
    """
    is_short = len(draft.text.split()) < _SHORT
    text = digest(draft.title, draft.text) if is_short else digest(draft.text)
    return Fingerprint(text, digest(draft.title, draft.text, *draft.notes))
