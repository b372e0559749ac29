"""What a text is to another: a copy, a part, a longer version, told anew, or only in part in its words. Pure.

The share of the smaller text's shingles that stand in the larger (containment: A. Broder, "On the resemblance and
containment of documents", 1997) says whether one was made of the other; numbers and names say whether both tell of the
same event, since press releases of one template share half their words. Both bounds stand in config.yaml, with the
measurement that set them in docs/dedup.md.
"""

import re
from bisect import bisect_left
from collections.abc import Collection
from dataclasses import replace
from functools import cached_property
from itertools import pairwise

from core.config import DuplicateSettings
from core.shingles import Token, shared_stretches, shingles, tokens, words_of
from core.stories import Likeness, Relation
from core.text import normalised, shortened

_NAME = re.compile(r"(?<=[^\W_][,;:]\s)[A-Z][\w'’-]+|(?<=[^\W_]\s)[A-Z][\w'’-]+")
_NUMBER = re.compile(r"\d")
_PASSAGES, _PASSAGE = 3, 300  # how many are kept as evidence, and of how many characters
_SMALL, _BEGINNING = 0.4, 0.1  # of the larger text
_LEAST = 12  # shingles; a shorter text is a line that many texts may hold

# Measured on 2,364 labelled pairs (tests/gates/pairs), of each kind the least or most that was found; docs/dedup.md.
_BOTH = 0.75
_LENGTH, _SHARED_NAMES = 0.75, 0.85  # of the larger text; of the names
_CORRECTED, _MOSTLY = 3, 0.8  # numbers that a correction changes, in a text that is mostly the same
_NEARLY = 0.9
_CERTAIN, _COVERED = 0.985, 0.955
_AGREEING = 0.75
_QUOTED = 25  # words
_LONG_WORD, _VOCABULARY = 5, 0.4  # letters; of the longer words
_REWORDED, _SAME_VOCABULARY = 0.5, 0.6


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
    def is_unspaced(self) -> bool:
        """Whether most of it is in a script that sets no spaces between words."""
        return sum(token.is_sign for token in self.tokens) * 2 > len(self.tokens)

    @cached_property
    def names(self) -> frozenset[str]:
        """The words that have a capital within a sentence."""
        return frozenset(normalised(name) for name in _NAME.findall(self.text))


def likeness(new: Print, held: Print, bounds: DuplicateSettings) -> Likeness:
    """Return what a new text is to one that is held; `evidence` adds the passages."""
    shared = new.shingles & held.shingles
    if not shared:
        return Likeness(Relation.UNRELATED)
    share, of_other = len(shared) / len(new.shingles), len(shared) / len(held.shingles)
    pair = _Pair(new, held, shared, bounds)
    # Most texts that share some words are asked for no more than that.
    is_near = max(share, of_other) >= bounds.rewrite
    return Likeness(pair.relation(), share, of_other, pair.agreement if is_near else 0.0)


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


class _Pair:
    """Two texts that share shingles; what a verdict does not come to is never worked out."""

    def __init__(self, new: Print, held: Print, shared: Collection[int], bounds: DuplicateSettings) -> None:
        self._new, self._held, self._shared, self._bounds = new, held, shared, bounds
        is_new_smaller = len(new.shingles) <= len(held.shingles)
        self._smaller, self._larger = (new, held) if is_new_smaller else (held, new)
        self._share = len(shared) / len(self._smaller.shingles)

    def relation(self) -> Relation:
        """Return what the new text is to the held one."""
        if len(self._smaller.shingles) < _LEAST and normalised(self._new.title) != normalised(self._held.title):
            return Relation.UNRELATED  # a line that many texts may hold
        is_one = self._share >= self._bounds.share and self._is_made_of()
        if is_one or (self._share >= _REWORDED and self._is_reworded()):
            if len(self._smaller.shingles) >= self._bounds.whole * len(self._larger.shingles):
                return Relation.COPY
            return Relation.EXCERPT if self._smaller is self._new else Relation.EXTENDED
        if self._share >= self._bounds.rewrite and self._is_told_anew():
            return Relation.REWRITE
        # So many words in a row are as many shingles, less two.
        may_quote = len(self._shared) >= self._bounds.passage - 2
        has_passage = may_quote and max(self._lengths, default=0) >= self._bounds.passage
        return Relation.QUOTATION if has_passage else Relation.UNRELATED

    @cached_property
    def agreement(self) -> float:
        """How far the larger text has the numbers and the names of the smaller: the product of both parts.

        One is added to either side of each, so that the one number of a brief does not decide. Where both miss, it is
        less: a correction changes numbers or names, another event both.
        """
        numbers, names = self._numbers, self._names
        return numbers * names * (_BOTH if numbers < 1 and names < 1 else 1)

    @cached_property
    def _numbers(self) -> float:
        return _part(self._smaller.numbers, self._larger.numbers)

    @cached_property
    def _names(self) -> float:
        return _part(self._smaller.names, self._larger.words)

    def _is_made_of(self) -> bool:
        """Return whether the smaller text is one of the same event, made of the larger, or the larger of it."""
        if self._smaller.is_unspaced:
            return self._is_made_of_signs()
        if self._share * min(1.0, self.agreement / self._bounds.agreement) >= self._bounds.share:
            return self._share >= _MOSTLY or not self._has_other_names()
        # Of a text that is nearly all the same, with the same names, numbers were put right.
        missing = len(self._smaller.numbers - self._larger.numbers)
        is_corrected = self._names == 1 and missing <= _CORRECTED and self._share >= _MOSTLY
        return is_corrected or (self._names >= _NEARLY and self._share >= _NEARLY)

    def _has_other_names(self) -> bool:
        """Return whether texts of one length have names of their own, both: then they are of one form."""
        if len(self._smaller.shingles) < _LENGTH * len(self._larger.shingles):
            return False
        return max(self._names, _part(self._larger.names, self._smaller.words)) < _SHARED_NAMES

    def _is_reworded(self) -> bool:
        """Return whether words were exchanged all through a text that says the same: no number, and hardly a name."""
        return self._numbers == 1 and self._names >= _NEARLY and self._vocabulary >= _SAME_VOCABULARY

    def _is_made_of_signs(self) -> bool:
        """Return the same of a script that has no capitals: there what stands in a name's place tells other events."""
        covered = sum(self._lengths) / len(self._smaller.tokens)
        if max(self._share, covered) >= _CERTAIN:
            return True
        return covered >= _COVERED and self._numbers >= _AGREEING and not self._has_gaps()

    def _has_gaps(self) -> bool:
        """Return whether words, and not only numbers, were exchanged amid what the texts share."""
        between = pairwise(self._stretches)
        return any(
            any(end <= token.start < start and token.is_sign for token in self._smaller.tokens)
            for (_, end), (start, _) in between
        )

    def _is_told_anew(self) -> bool:
        """Return whether the smaller text tells the same, apart from long passages, with the words of the larger."""
        if min(self._numbers, self._names) < _AGREEING or self._vocabulary < _VOCABULARY:
            return False
        # What shares half of its words is told anew by nobody who gives the other names.
        return self._share < _REWORDED or not self._has_other_names()

    @cached_property
    def _vocabulary(self) -> float:
        """The part of the smaller text's longer words that the larger has; those of long passages do not count."""
        spoken_for = [
            stretch for stretch, words in zip(self._stretches, self._lengths, strict=True) if words >= _QUOTED
        ]
        rest = {
            token.word
            for token in self._smaller.tokens
            if len(token.word) >= _LONG_WORD and not any(start <= token.start < end for start, end in spoken_for)
        } - self._smaller.numbers
        return len(rest & self._larger.words) / len(rest) if rest else 0.0

    @cached_property
    def _stretches(self) -> list[tuple[int, int]]:
        return shared_stretches(self._smaller.tokens, self._shared)

    @cached_property
    def _lengths(self) -> list[int]:
        """How many words each stretch has that both texts share."""
        starts = [token.start for token in self._smaller.tokens]
        return [bisect_left(starts, end) - bisect_left(starts, start) for start, end in self._stretches]


def _part(ones: Collection[str], others: frozenset[str]) -> float:
    return (sum(1 for each in ones if each in others) + 1) / (len(ones) + 1)
