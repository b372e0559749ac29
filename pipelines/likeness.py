"""What a text is to another: a copy, a part, a longer version, told anew, or only in part in its words. Pure.

The share of the smaller text's shingles that stand in the larger (containment: A. Broder, "On the resemblance and
containment of documents", 1997) says whether one was made of the other; numbers and names say whether both tell of the
same event, since press releases of one template share half their words. Both bounds stand in config.yaml, with the
measurement that set them in docs/dedup.md.
"""

import re
from dataclasses import replace
from functools import cached_property

from core.config import DuplicateSettings
from core.shingles import Token, shared_stretches, shingles, tokens, words_of
from core.stories import Likeness, Relation
from core.text import normalised, shortened

_NAME = re.compile(r"(?<=[^\W_][,;:]\s)[A-Z][\w'’-]+|(?<=[^\W_]\s)[A-Z][\w'’-]+")
_NUMBER = re.compile(r"\d")
_PASSAGES, _PASSAGE = 3, 300  # how many are kept as evidence, and of how many characters
_SMALL, _BEGINNING = 0.4, 0.1  # of the larger text
_LEAST = 12  # shingles; a shorter text is a line that many texts may hold


class Print:
    """A text made ready to be compared; what a comparison does not come to is never worked out."""

    def __init__(self, title: str, text: str) -> None:
        self.title, self.text = title, text

    @cached_property
    def shingles(self) -> frozenset[int]:
        """The shingles of the text."""
        return shingles(self.text)

    @cached_property
    def words(self) -> frozenset[str]:
        """All words, as they are compared."""
        return frozenset(words_of(self.text)[0])

    @cached_property
    def tokens(self) -> list[Token]:
        """All words with their places."""
        return tokens(self.text)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """All numbers in digits."""
        return frozenset(word for word in self.words if _NUMBER.match(word))

    @cached_property
    def names(self) -> frozenset[str]:
        """The words that have a capital within a sentence."""
        return frozenset(normalised(name) for name in _NAME.findall(self.text))


def likeness(new: Print, held: Print, bounds: DuplicateSettings) -> Likeness:
    """Return what a new text is to one that is held, with the evidence."""
    shared = new.shingles & held.shingles
    if not shared:
        return Likeness(Relation.UNRELATED)
    share, of_other = len(shared) / len(new.shingles), len(shared) / len(held.shingles)
    smaller, larger = (new, held) if len(new.shingles) <= len(held.shingles) else (held, new)
    found = Likeness(Relation.UNRELATED, share, of_other, _agreement(smaller, larger))
    return replace(found, relation=_relation(new, held, found, bounds))


def evidence(new: Print, held: Print, found: Likeness) -> Likeness:
    """Return a likeness with the longest passages that both texts have, as the new one writes them."""
    stretches = shared_stretches(new.tokens, new.shingles & held.shingles)
    longest = sorted(stretches, key=lambda stretch: stretch[0] - stretch[1])[:_PASSAGES]
    passages = (shortened(" ".join(new.text[start:end].split()), _PASSAGE) for start, end in sorted(longest))
    return replace(found, passages=tuple(passages))


def is_part(new: Print, held: Print, found: Likeness) -> bool:
    """Return whether one text is a small part of another, not its beginning, under another title: one of a round-up.

    A teaser or stub begins as its article does, or bears its title.
    """
    if found.relation not in (Relation.EXCERPT, Relation.EXTENDED):
        return False
    smaller, larger = (new, held) if found.relation is Relation.EXCERPT else (held, new)
    if len(smaller.shingles) >= _SMALL * len(larger.shingles) or normalised(smaller.title) == normalised(larger.title):
        return False
    stretches = shared_stretches(larger.tokens, new.shingles & held.shingles)
    longest = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    return longest[0] > _BEGINNING * len(larger.text)


def _agreement(smaller: Print, larger: Print) -> float:
    """Return the lesser of the parts of the smaller text's numbers and names that the larger has.

    One is added to either side, so that the one number of a brief, corrected, does not make it another event.
    """
    numbers = (len(smaller.numbers & larger.numbers) + 1) / (len(smaller.numbers) + 1)
    names = (len(smaller.names & larger.words) + 1) / (len(smaller.names) + 1)
    return min(numbers, names)


def _relation(new: Print, held: Print, found: Likeness, bounds: DuplicateSettings) -> Relation:
    sizes = sorted((len(new.shingles), len(held.shingles)))
    share = max(found.share, found.share_of_other)
    if sizes[0] < _LEAST and normalised(new.title) != normalised(held.title):
        return Relation.UNRELATED  # a line that many texts may hold
    if share * min(1.0, found.agreement / bounds.agreement) >= bounds.share:
        if sizes[0] >= bounds.whole * sizes[1]:
            return Relation.COPY
        return Relation.EXCERPT if len(new.shingles) < len(held.shingles) else Relation.EXTENDED
    return _lesser(new, held, found, bounds)


def _lesser(new: Print, held: Print, found: Likeness, bounds: DuplicateSettings) -> Relation:
    """Return what texts are to each other that are no copies: told anew, or with a passage in common."""
    shared = new.shingles & held.shingles
    smaller = new if len(new.shingles) <= len(held.shingles) else held
    lengths = [len(smaller.text[start:end].split()) for start, end in shared_stretches(smaller.tokens, shared)]
    share = max(found.share, found.share_of_other)
    if share >= bounds.rewrite and found.agreement >= bounds.agreement and max(lengths) < bounds.passage:
        return Relation.REWRITE
    return Relation.QUOTATION if max(lengths) >= bounds.passage else Relation.UNRELATED
