"""Which rules a text meets, where, and why. Pure. docs/alerts.md explains the language of rules."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from core.model import Passage
from core.rules import Rule
from core.words import Words
from pipelines.matcher import Matcher, Trees
from pipelines.matcher_explained import Explanation, explained
from pipelines.matcher_text import Text, text_of

__all__ = ["Explanation", "Matcher", "Text", "explained", "matcher", "meets", "met", "text_of"]


class _Same:
    """A tuple of rules that stands for itself alone: to compare thousands of rules takes longer than to read a text."""

    __slots__ = ("rules",)

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.rules is other.rules

    def __hash__(self) -> int:
        return id(self.rules)


def matcher(rules: Sequence[Rule]) -> Matcher:
    """Return rules made ready to be held against texts; the same tuple is made ready once."""
    return _of_same(_Same(rules)) if isinstance(rules, tuple) else _of_equal(tuple(rules))


@lru_cache(maxsize=4)
def _of_same(same: _Same) -> Matcher:
    return Matcher(same.rules)


@lru_cache(maxsize=16)
def _of_equal(rules: tuple[Rule, ...]) -> Matcher:
    return Matcher(rules)


def met(rules: Sequence[Rule], text: Text) -> Iterator[tuple[Rule, Passage]]:
    """Yield the rules that a text meets, in their order, each with the passage that shows most of it."""
    return matcher(rules).met(text) if rules else iter(())


def meets(words: Words, text: Text) -> Passage | None:
    """Return the passage that shows that a text meets words, None if it does not."""
    found = _of_words(words).met(text, lambda _number, _text: True)
    return next((passage for _, passage in found), None)


@lru_cache(maxsize=256)
def _of_words(words: Words) -> Trees:
    return Trees([words.wanted])
