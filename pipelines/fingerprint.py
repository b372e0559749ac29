"""Fingerprints: by what two texts are known to be the same."""

from dataclasses import dataclass

from core.model import Draft
from core.text import digest


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """text names the normalised body alone (SHA-256), content the title, body and notes: what a reader is shown."""

    text: str
    content: str


def fingerprint(draft: Draft) -> Fingerprint:
    """Return the fingerprint of a draft. White space, quotation marks, dashes and case do not count."""
    return Fingerprint(digest(draft.text), digest(draft.title, draft.text, *draft.notes))
