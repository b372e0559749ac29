"""Whether a text, in which the words were found, is what a tree of a rule looks for, and which places show it. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from core.query import AllOf, AnyOf, AtLeast, Field, Is, Near, Node, Not, Phrase, Trait, Within
from pipelines.matcher_text import Ready, Span
from pipelines.matcher_words import Found, Lexicon

Spot = tuple[int, int, tuple[Span, ...]]
"""The numbers of the first and the last word of something, and the stretches that it consists of."""


class Reading:
    """A text and where the words stand in it. A stretch of it is where to look: all of it that an answer is about."""

    def __init__(self, text: Ready, found: Found, lexicon: Lexicon) -> None:
        self.text = text
        self.found = found
        self._number = lexicon.number
        self._near: dict[tuple[int, int, int, Span], list[Spot]] = {}
        self.told = 0, text.title[1]
        """Where words are looked for that no field places: the body and the title."""

    def stretch(self, field: Field) -> Span:
        """Return where a field lies."""
        text = self.text
        return {
            Field.TITLE: text.title,
            Field.TEXT: text.body,
            Field.AUTHOR: text.authors,
            Field.SECTION: text.section,
        }[field]

    def is_met(self, node: Node, where: Span) -> bool:
        """Return whether what stands in a stretch is what a tree looks for."""
        match node:
            case AllOf(of):
                return all(self.is_met(part, where) for part in of)
            case AnyOf(of):
                return any(self.is_met(part, where) for part in of)
            case Not(of):
                return not self.is_met(of, where)
            case Within(field, of):
                return self.is_met(of, self.stretch(field))
            case _:
                return self._is_there(node, where)

    def _is_there(self, node: Node, where: Span) -> bool:
        match node:
            case AtLeast(count, of):
                return self.is_met(of, where) and self.count(of, where) >= count
            case Is(trait, value):
                return self.trait(trait) == value
            case _:
                return bool(self.hits(node, where))

    def trait(self, trait: Trait) -> str:
        """Return the value that the text has of a trait."""
        text = self.text.text
        return {Trait.SOURCE: text.source, Trait.LANGUAGE: text.language, Trait.KIND: text.kind}[trait]

    def hits(self, node: Node, where: Span) -> list[Span]:
        """Return what stands in a stretch of all that a tree looks for."""
        match node:
            case Phrase():
                return self._places(node, where)
            case AllOf(of) | AnyOf(of):
                return [span for part in of for span in self.hits(part, where)]
            case Near(one, other, within):
                return [span for spot in self.near(one, other, within, where) for span in spot[2]]
            case Within(field, of):
                return self.hits(of, self.stretch(field))
            case AtLeast(_, of):
                return self.hits(of, where)
            case _:
                return []

    def count(self, node: Node, where: Span) -> int:
        """Return how many hits of what a tree looks for a stretch holds; what stands near one another is one."""
        return disjoint(self._counted(node, where))

    def _counted(self, node: Node, where: Span) -> list[Span]:
        match node:
            case AllOf(of) | AnyOf(of):
                return [span for part in of for span in self._counted(part, where)]
            case Near(one, other, within):
                return [(min(spans)[0], max(spans)[1]) for _, _, spans in self.near(one, other, within, where)]
            case Within(field, of):
                return self._counted(of, self.stretch(field))
            case AtLeast(_, of):
                return self._counted(of, where)
            case _:
                return self.hits(node, where)

    def _places(self, phrase: Phrase, where: Span) -> list[Span]:
        spans = self.found.get(self._number(phrase))
        if spans is None:
            return []
        return spans[bisect_left(spans, (where[0],)) : bisect_left(spans, (where[1],))]

    def spots(self, node: Node, where: Span) -> list[Spot]:
        """Return where what may stand beside NEAR does, in order."""
        if isinstance(node, Near):
            return self.near(node.one, node.other, node.within, where)
        return sorted((*self.text.numbered(span), (span,)) for span in self.hits(node, where))

    def near(self, one: Node, other: Node, within: int, where: Span) -> list[Spot]:
        """Return the pairs, in order, that stand in one part with at most so many words between."""
        asked = id(one), id(other), within, where
        if asked not in self._near:  # it is asked whether, how often and where
            self._near[asked] = _pairs(self.text, self.spots(one, where), self.spots(other, where), within)
        return self._near[asked]


def _pairs(text: Ready, ones: Sequence[Spot], others: Sequence[Spot], within: int) -> list[Spot]:
    """Return the closest pairs: of those that begin, or end, with the same word the shortest.

    That leaves none out that something further could stand near, and any text is read in linear time.
    """
    pairs = [*_partners(ones, others), *_partners(others, ones)]
    near = (_pair(one, other) for one, other in pairs if _are_near(text, one, other, within))
    by_first: dict[int, Spot] = {}
    by_last: dict[int, Spot] = {}
    for spot in sorted(near, key=lambda spot: spot[1] - spot[0]):
        by_first.setdefault(spot[0], spot)
        by_last.setdefault(spot[1], spot)
    return sorted({*by_first.values(), *by_last.values()})


def _partners(ones: Sequence[Spot], others: Sequence[Spot]) -> Iterator[tuple[Spot, Spot]]:
    """Yield each of some things with those of others that may be the closest: before, after and around it."""
    firsts = [spot[0] for spot in others]
    by_end = sorted(others, key=lambda spot: spot[1])
    lasts = [spot[1] for spot in by_end]
    for one in ones:
        around = bisect_right(firsts, one[0]), bisect_right(firsts, one[1])
        for place in {around[0] - 1, *around}:
            if 0 <= place < len(others):
                yield one, others[place]
        around = bisect_left(lasts, one[0]), bisect_left(lasts, one[1])
        for place in {around[0] - 1, *around}:
            if 0 <= place < len(others):
                yield one, by_end[place]


def _are_near(text: Ready, one: Spot, other: Spot, within: int) -> bool:
    return (
        apart(one, other) <= within
        and text.part(one[2][0][0]) == text.part(other[2][0][0])
        and not any(left[0] < right[1] and right[0] < left[1] for left in one[2] for right in other[2])
    )


def _pair(one: Spot, other: Spot) -> Spot:
    return min(one[0], other[0]), max(one[1], other[1]), tuple(sorted((*one[2], *other[2])))


def apart(one: Spot, other: Spot) -> int:
    """Return how many words stand between two things; less than 0 where one lies within the other."""
    return max(one[0], other[0]) - min(one[1], other[1]) - 1


def disjoint(spans: Iterable[Span]) -> int:
    """Return how many stretches there are at most of which no two overlap."""
    count = after = 0
    for start, end in sorted(spans, key=lambda span: span[1]):
        if start >= after:
            count, after = count + 1, end
    return count


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return stretches in order, those that overlap or touch as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
