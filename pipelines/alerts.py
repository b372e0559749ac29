"""Which rules a text meets, and where. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.config import Rule
from core.model import Passage
from core.text import folded
from core.words import Words

# Scripts written without spaces between words: an entry in them is found anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff]")

# What is not seen between the letters of a word: accents written apart, soft hyphens, the zero-width spaces that
# Khmer pages are full of. All repeats are possessive (no backtracking), so that any text is read in linear time.
_ACCENTS = "\u0300-\u036f"
_JOINING = rf"{_ACCENTS}\u00ad\u200c\u200d\u2060\ufeff"
_UNSEEN = re.compile(rf"[{_JOINING}\u200b]")
_WITHIN = rf"[{_JOINING}\u200b]*+"
_BETWEEN = rf"(?:{_WITHIN}\s)++{_WITHIN}"


@dataclass(frozen=True, slots=True)
class Text:
    """What rules are held against: the title and the body, never the notes."""

    source: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """The paragraphs, then the title: a passage of the body tells more than the headline."""
        return (*self.paragraphs, self.title) if self.title else self.paragraphs


def met(rules: Sequence[Rule], text: Text) -> Iterator[tuple[Rule, Passage]]:
    """Yield the rules that a text meets, each with the passage that shows it: the first of the body, else the title."""
    asked = [rule for rule in rules if not rule.sources or text.source in rule.sources]
    parts = [(part, folded(part)) for part in text.parts] if asked else []
    for rule in asked:
        if passage := _passage(rule, parts):
            yield rule, passage


def meets(words: Words, text: Text) -> Passage | None:
    """Return the passage that shows that a text meets words, None if it does not."""
    return _passage(words, [(part, folded(part)) for part in text.parts])


def _passage(rule: Words, parts: Sequence[tuple[str, str]]) -> Passage | None:
    if any(_stands_in(entry, parts) for entry in rule.none):
        return None
    if not all(_stands_in(entry, parts) for entry in rule.all):
        return None
    if rule.any and not any(_stands_in(entry, parts) for entry in rule.any):
        return None
    wanted = [_pattern(entry) for entry in rule.any or rule.all]
    for part, plain in parts:
        if spans := _spans(wanted, plain):
            everything = [*wanted, *(_pattern(entry) for entry in rule.all)]
            return Passage(part, _spans(everything, plain) or spans)
    return None


def _stands_in(entry: str, parts: Sequence[tuple[str, str]]) -> bool:
    return any(_pattern(entry).search(plain) for _, plain in parts)


def _spans(patterns: Sequence[re.Pattern[str]], plain: str) -> tuple[tuple[int, int], ...]:
    """Return where the patterns stand, in order, overlapping stretches joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found.span() for pattern in patterns for found in pattern.finditer(plain)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


@lru_cache(maxsize=4096)
def _pattern(entry: str) -> re.Pattern[str]:
    plain = _UNSEEN.sub("", folded(unicodedata.normalize("NFC", entry.removesuffix("*"))))
    body = _BETWEEN.join(_WITHIN.join(map(re.escape, word)) for word in plain.split()) + rf"[{_ACCENTS}]*+"
    if _UNSPACED.search(entry):
        return re.compile(body)
    ending = rf"(?:{_WITHIN}\w)*+" if entry.endswith("*") else ""
    return re.compile(rf"(?<!\w)(?<!\w[{_JOINING}]){body}{ending}(?![{_JOINING}]*+\w)")
