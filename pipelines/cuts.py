"""What one version of a story has less and more than another. Pure."""

from collections import Counter
from dataclasses import dataclass

from core.shingles import shingles, words_of
from core.text import normalised


@dataclass(frozen=True, slots=True)
class Cut:
    """How a version differs from another that it is held against; share is what it has of that one's text, 0 to 1.

    Words are counted wherever they stand, so that a text in other paragraphs has none less. Of scripts that set no
    spaces between words characters are counted.
    """

    share: float
    paragraphs_less: int
    paragraphs_more: int
    words_less: int
    words_more: int


def cut(version: str, other: str) -> Cut:
    """Return what a version has less and more than another; both hold one paragraph a line."""
    mine, its = shingles(version), shingles(other)
    paragraphs = tuple(Counter(normalised(line) for line in text.splitlines()) for text in (version, other))
    words = tuple(Counter(word for part in words_of(text) for word in part) for text in (version, other))
    return Cut(
        share=len(mine & its) / len(its) if its else 1.0,
        paragraphs_less=(paragraphs[1] - paragraphs[0]).total(),
        paragraphs_more=(paragraphs[0] - paragraphs[1]).total(),
        words_less=(words[1] - words[0]).total(),
        words_more=(words[0] - words[1]).total(),
    )
