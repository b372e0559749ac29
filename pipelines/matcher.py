"""Thousands of rules held against a text at once: what a text costs grows with the text, not with the rules. Pure.

All words of all rules are found in one pass. A rule is looked at only where one of the words stands without which it
cannot be met.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

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


class Trees:
    """What rules look for, each by its number."""

    def __init__(self, trees: Sequence[Node]) -> None:
        self._trees = tuple(trees)
        self.lexicon = Lexicon(leaf for tree in self._trees for leaf in leaves(tree) if isinstance(leaf, Phrase))
        self._by_phrase: dict[int, list[int]] = {}
        self._by_trait: dict[Is, list[int]] = {}
        for number, tree in enumerate(self._trees):
            for key in _keys(tree) or ():
                if isinstance(key, Is):
                    self._by_trait.setdefault(key, []).append(number)
                else:
                    self._by_phrase.setdefault(self.lexicon.numbers[key], []).append(number)

    def met(self, text: Text, is_asked: Callable[[int, Text], bool]) -> Iterator[tuple[int, Passage]]:
        """Yield the numbers of the trees that a text meets, among those that are asked, each with its passage."""
        reading = self.reading(text)
        for number in sorted(self._candidates(reading)):
            tree = self._trees[number]
            if is_asked(number, text) and reading.is_met(tree, reading.told):
                yield number, passage(reading, tree)

    def reading(self, text: Text) -> Reading:
        """Return a text with the places of all words."""
        ready = Ready(text)
        return Reading(ready, self.lexicon.found(ready), self.lexicon)

    def _candidates(self, reading: Reading) -> set[int]:
        found = {tree for phrase in reading.found for tree in self._by_phrase.get(phrase, ())}
        for trait in Trait if self._by_trait else ():
            found.update(self._by_trait.get(Is(trait, reading.trait(trait)), ()))
        return found


def _keys(node: Node) -> tuple[Phrase | Is, ...] | None:
    """Return words of which at least one stands in every text that meets a tree; None where there are none."""
    match node:
        case Phrase() | Is():
            return (node,)
        case AnyOf(of):
            keys = [_keys(part) for part in of]
            return None if None in keys else tuple(key for each in keys for key in each or ())
        case AllOf(of):
            return _rarest(map(_keys, of))
        case Near(one, other):
            return _rarest((_keys(one), _keys(other)))
        case AtLeast(_, of) | Within(_, of):
            return _keys(of)
        case _:
            return None


def _rarest(choices: Iterable[tuple[Phrase | Is, ...] | None]) -> tuple[Phrase | Is, ...] | None:
    """Return the keys that the fewest texts will have: long words are rare."""
    return max((keys for keys in choices if keys), key=lambda keys: (min(map(_length, keys)), -len(keys)), default=None)


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
