"""Thousands of rules held against a text at once: what a text costs grows with the text, not with the rules. Pure.

All words of all rules are found in one pass. A rule is looked at only where one of the words stands without which it
cannot be met.
"""

from collections.abc import Callable, Iterator, Sequence

from core.model import Passage
from core.query import AllOf, AnyOf, AtLeast, Is, Near, Node, Not, Phrase, Trait, Within, leaves
from core.rules import Rule
from pipelines.matcher_reading import Reading, joined
from pipelines.matcher_text import Ready, Span, Text
from pipelines.matcher_words import Lexicon


class Matcher:
    """Rules, made ready to be held against any number of texts."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._trees = Trees([rule.wanted for rule in self.rules])

    def met(self, text: Text) -> Iterator[tuple[Rule, Passage]]:
        """Yield the rules that a text meets, in their order, each with the passage that shows most of it.

        Of passages that show as much the first of the body goes first, and the title last.
        """
        for number, passage in self._trees.met(text, self._is_asked):
            yield self.rules[number], passage

    def _is_asked(self, number: int, text: Text) -> bool:
        rule = self.rules[number]
        return (not rule.sources or text.source in rule.sources) and (
            not rule.languages or text.language in rule.languages
        )


Keys = tuple[Phrase | Is, ...]
"""Words, or values of the text, of which one at least must be there."""


class Trees:
    """What rules look for, each by its number."""

    def __init__(self, trees: Sequence[Node]) -> None:
        self._trees = tuple(trees)
        self.lexicon = Lexicon(leaf for tree in self._trees for leaf in leaves(tree) if isinstance(leaf, Phrase))
        self._traits: dict[Is, int] = {}
        self._needs = [[self._numbers(keys) for keys in _needs(tree)] for tree in self._trees]
        self._by_key: dict[int, list[int]] = {}
        for number, tree in enumerate(self._trees):
            for key in self._numbers(max(_needs(tree), key=_rareness)):
                self._by_key.setdefault(key, []).append(number)

    def met(self, text: Text, is_asked: Callable[[int, Text], bool]) -> Iterator[tuple[int, Passage]]:
        """Yield the numbers of the trees that a text meets, among those that are asked, each with its passage."""
        reading = self.reading(text)
        for number in self._candidates(reading):
            tree = self._trees[number]
            if is_asked(number, text) and reading.is_met(tree, reading.told):
                yield number, passage(reading, tree)

    def reading(self, text: Text) -> Reading:
        """Return a text with the places of all words."""
        ready = Ready(text)
        return Reading(ready, self.lexicon.found(ready), self.lexicon)

    def _numbers(self, keys: Keys) -> frozenset[int]:
        """Return by which numbers keys are known: phrases by their own, values by those below 0."""
        return frozenset(
            self._traits.setdefault(key, -1 - len(self._traits)) if isinstance(key, Is) else self.lexicon.number(key)
            for key in keys
        )

    def _candidates(self, reading: Reading) -> list[int]:
        """Return the trees of which every need is there, in their order."""
        there = set(reading.found)
        if self._traits:
            values = {Is(trait, reading.trait(trait)) for trait in Trait}
            there.update(number for key, number in self._traits.items() if key in values)
        found = {tree for key in there for tree in self._by_key.get(key, ())}
        return sorted(tree for tree in found if not any(map(there.isdisjoint, self._needs[tree])))


def _needs(node: Node) -> list[Keys]:
    """Return of what a text has to have one each to meet a tree."""
    match node:
        case Phrase() | Is():
            return [(node,)]
        case AnyOf(of):
            needs = [max(_needs(part), key=_rareness, default=()) for part in of]
            return [tuple(key for keys in needs for key in keys)] if all(needs) else []
        case AllOf(of):
            return [keys for part in of for keys in _needs(part)]
        case Near(one, other):
            return [*_needs(one), *_needs(other)]
        case AtLeast(_, of) | Within(_, of):
            return _needs(of)
        case _:
            return []


def _rareness(keys: Keys) -> tuple[int, int]:
    """Return what is greater for keys that fewer texts have: long words are rare."""
    return min(map(_length, keys)), -len(keys)


def _length(key: Phrase | Is) -> int:
    return sum(len(word.text) for word in key.words) if isinstance(key, Phrase) else 0


def passage(reading: Reading, tree: Node) -> Passage:
    """Return the paragraph that shows most of what a tree looks for, else the title; and in it all that shows it."""
    text, starts = reading.text, reading.text.starts
    lowest, highest = reading.told
    hits = [span for span in joined(reading.hits(tree, reading.told)) if lowest <= span[0] < highest]
    if not hits:  # met by its author or its source alone
        return Passage(text.text.title or next(iter(text.text.paragraphs), ""))
    parts = sorted({text.part(start) for start, _ in hits})
    best = (
        max(parts, key=lambda part: _shown(reading, tree, (starts[part], starts[part + 1]))) if parts[1:] else parts[0]
    )
    start, end = starts[best], starts[best + 1]
    found = tuple((first - start, last - start) for first, last in hits if start <= first < end)
    return Passage(text.of(best), found)


def _shown(reading: Reading, tree: Node, where: Span) -> tuple[int, tuple[bool, ...]]:
    """Return how much of a tree a part shows; among equals what is asked for first counts."""
    tree = tree.of if isinstance(tree, AtLeast) else tree
    scores = [_score(reading, part, where) for part in (tree.of if isinstance(tree, AllOf) else (tree,))]
    return sum(scores), tuple(map(bool, scores))


def _score(reading: Reading, node: Node, where: Span) -> int:
    match node:
        case AllOf(of):
            return sum(_score(reading, part, where) for part in of)
        case AnyOf(of):
            return max(_score(reading, part, where) for part in of)
        case AtLeast(_, of):
            return _score(reading, of, where)
        case Within(field, of):
            first, last = reading.stretch(field)
            return _score(reading, of, (max(first, where[0]), min(last, where[1])))
        case Not() | Is():
            return 0
        case _:
            return int(bool(reading.hits(node, where)))
