"""Why a rule is met by a text, or is not: a tree that a person can read. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.model import Passage
from core.query import AllOf, AnyOf, AtLeast, Is, Near, Node, Not, Within, printed
from core.rules import Rule
from pipelines.matcher import Trees, passage
from pipelines.matcher_reading import Reading, Spot, apart, joined
from pipelines.matcher_text import Span, Text

_MOST = 20
"""Alternatives that were not found and passages are named up to so many; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was looked for, whether it is met, in words why, the passages that show it, and the same of its parts."""

    what: str
    is_met: bool
    note: str = ""
    passages: tuple[Passage, ...] = ()
    parts: tuple["Explanation", ...] = ()

    def __str__(self) -> str:
        return "\n".join(self._lines(0))

    def _lines(self, depth: int) -> list[str]:
        line = f"{'  ' * depth}{'+' if self.is_met else '-'} {self.what}: {self.note}"
        return [line, *(line for part in self.parts for line in part._lines(depth + 1))]  # noqa: SLF001  # its own kind


def explained(rule: Rule, text: Text) -> Explanation:
    """Return why a rule is met by a text, or why it is not."""
    reading = Trees([rule.wanted]).reading(text)
    whole = _of(reading, rule.wanted, reading.told)
    filters = [*_filter("sources", rule.sources, text.source), *_filter("languages", rule.languages, text.language)]
    if filters:
        whole = _all([*filters, whole], printed(rule.wanted))
    return replace(whole, passages=(passage(reading, rule.wanted),)) if whole.is_met else whole


def _filter(what: str, values: Sequence[str], value: str) -> list[Explanation]:
    if not values:
        return []
    return [Explanation(f"{what}: {', '.join(values)}", value in values, f"the text's is {value or 'not known'}")]


def _of(reading: Reading, node: Node, where: Span) -> Explanation:
    match node:
        case AllOf(of):
            return _all([_of(reading, part, where) for part in of], printed(node))
        case AnyOf(of):
            return _any([_of(reading, part, where) for part in of], printed(node))
        case Near():
            return _near(reading, node, where)
        case Not() | AtLeast() | Within():
            return _around(reading, node, where)
        case _:
            return _leaf(reading, node, where)


def _all(parts: Sequence[Explanation], what: str) -> Explanation:
    missing = sum(not part.is_met for part in parts)
    note = f"{missing} of {len(parts)} not met" if missing else f"all {len(parts)} met"
    return Explanation(what, not missing, note, parts=tuple(parts))


def _any(parts: Sequence[Explanation], what: str) -> Explanation:
    found = [part for part in parts if part.is_met]
    rest = [part for part in parts if not part.is_met]
    note = f"{len(found)} of {len(parts)} met" if found else f"none of {len(parts)} met"
    if len(rest) > _MOST:
        more = Explanation(f"{len(rest) - _MOST:,} more", is_met=False, note="none of them met")
        rest = [*rest[:_MOST], more]
    return Explanation(what, bool(found), note, parts=(*found, *rest))


def _around(reading: Reading, node: Not | AtLeast | Within, where: Span) -> Explanation:
    what = printed(node)
    if isinstance(node, Within):
        inner = _of(reading, node.of, reading.stretch(node.field))
        return Explanation(what, inner.is_met, f"in the {node.field}: {inner.note}", inner.passages, inner.parts)
    inner = _of(reading, node.of, where)
    if isinstance(node, Not):
        note = "excluded, and found" if inner.is_met else "excluded, and not found"
        return Explanation(what, not inner.is_met, note, inner.passages, (inner,))
    count = reading.count(node.of, where)
    return Explanation(
        what, inner.is_met and count >= node.count, f"{_times(count)}, asked: {node.count}", parts=(inner,)
    )


def _leaf(reading: Reading, node: Node, where: Span) -> Explanation:
    if isinstance(node, Is):
        value = reading.trait(node.trait)
        return Explanation(printed(node), value == node.value, f"the text's is {value or 'not known'}")
    hits = reading.hits(node, where)
    note = f"found {_times(len(hits))}" if hits else "not found"
    return Explanation(printed(node), bool(hits), note, _passages(reading, hits))


def _times(count: int) -> str:
    return {0: "no hit", 1: "once", 2: "twice"}.get(count, f"{count:,} times")


def _near(reading: Reading, node: Near, where: Span) -> Explanation:
    what = printed(node)
    sides = (node.one, node.other)
    hits = reading.hits(node, where)
    if hits:
        return Explanation(what, is_met=True, note="both found, near enough", passages=_passages(reading, hits))
    ones, others = (reading.spots(side, where) for side in sides)
    note = _distance(reading, ones, others) if ones and others else "not both found"
    return Explanation(what, is_met=False, note=note, parts=tuple(_of(reading, side, where) for side in sides))


def _distance(reading: Reading, ones: Sequence[Spot], others: Sequence[Spot]) -> str:
    """Return how far apart the closest of two kinds of things in one paragraph are."""
    marked = sorted([*((spot, 0) for spot in ones), *((spot, 1) for spot in others)])
    gaps = []
    last: dict[int, Spot] = {}
    for spot, side in marked:
        before = last.get(1 - side)
        if before and reading.text.part(before[2][0][0]) == reading.text.part(spot[2][0][0]) and before[1] < spot[0]:
            gaps.append(apart(before, spot))
        last[side] = spot
    if not gaps:
        return "both found, but not in one paragraph"
    return f"both found, {min(gaps)} words apart at the closest"


def _passages(reading: Reading, hits: Sequence[Span]) -> tuple[Passage, ...]:
    """Return the parts in which hits stand, each once."""
    text = reading.text
    by_part: dict[int, list[Span]] = {}
    for start, end in joined(hits):
        by_part.setdefault(text.part(start), []).append((start, end))
    return tuple(
        Passage(text.of(part), tuple((start - text.starts[part], end - text.starts[part]) for start, end in spans))
        for part, spans in list(by_part.items())[:_MOST]
    )
