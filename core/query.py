"""What a rule looks for, as a tree: made of a query or of YAML, the same tree where both mean the same.

The makers (each_of, one_of, none_of, at_least) give a tree its one form: runs of AND and OR stand flat and say
nothing twice, NOT is never doubled, and what is excluded or filtered by stands outside of a count. `printed` gives the
query that a tree is read from again.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

MARKS = '"“”„'
"""Each opens and closes a phrase: people paste queries out of word processors."""

FARTHEST = 1_000
"""The most words that NEAR may leave between two terms, and the most hits that ATLEAST may ask for."""

MOST_NEAR = 7
"""So many NEAR may follow one another."""

_ACCENTS = "".join(map(chr, range(0x300, 0x370)))
_SPECIAL = re.compile(rf"([\\{MARKS}*~])")
_UNSEEN = re.compile(r"[\x00\u00ad\u200b-\u200d\u2060\ufeff]")
_WORD = re.compile(r"((?:\\.|.)*?)([*~]?)", re.DOTALL)
_BARE = re.compile(r"(?!(?:AND|OR|NOT|NEAR|ATLEAST)$)(?!(?i:and|or|not)$)\w[\w.'’-]*")


class Ending(StrEnum):
    """How a word may go on: not at all, in any way, or by inflection."""

    WHOLE = ""
    PREFIX = "*"
    INFLECTED = "~"


class Field(StrEnum):
    """Where words are looked for, if not in title and text."""

    TITLE = "title"
    TEXT = "text"
    AUTHOR = "author"
    SECTION = "section"


class Trait(StrEnum):
    """What a text has one value of."""

    SOURCE = "source"
    LANGUAGE = "language"
    KIND = "kind"


class EntryError(ValueError):
    """A word or phrase that nothing can be looked for by."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was written; punctuation within it counts."""

    text: str
    ending: Ending = Ending.WHOLE


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand in a row, with nothing but white space between them; often just one."""

    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The entries of a group of the settings, by its name; at: where the query names it."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Is:
    """Texts of which a trait has a value; at: where the query names it."""

    trait: Trait
    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these: OR."""

    of: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Each of these: AND."""

    of: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this; at: where the query says so."""

    of: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Near:
    """Both in one paragraph, in either order, with at most so many words between them."""

    one: "Node"
    other: "Node"
    within: int


@dataclass(frozen=True, slots=True)
class AtLeast:
    """So many hits of what is looked for."""

    count: int
    of: "Node"


@dataclass(frozen=True, slots=True)
class Within:
    """Looked for in this field alone."""

    field: Field
    of: "Node"


Node = Phrase | Group | Is | AnyOf | AllOf | Not | Near | AtLeast | Within


def phrase_of(text: str, *, is_escaped: bool = False) -> Phrase:
    r"""Return the phrase that an entry spells: * behind a word stands for any ending, ~ for its inflections.

    In a query a \ takes a sign its meaning (is_escaped). Raises EntryError.
    """
    words: list[Word] = []
    for raw in _UNSEEN.sub("", unicodedata.normalize("NFC", text)).split():
        word = _word(raw, is_escaped=is_escaped)
        if word.text.strip(_ACCENTS):
            words.append(word)
        elif words and words[-1].ending is Ending.WHOLE:
            words[-1] = Word(words[-1].text, word.ending)  # `activist *`
        elif words:
            raise EntryError(f"a {raw} stands alone: put it behind the letters that a word begins with, as in protest*")
    if not any(character.isalnum() for word in words for character in word.text):
        raise EntryError("holds an entry without a letter or figure")
    return Phrase(tuple(words))


def _word(raw: str, *, is_escaped: bool) -> Word:
    found = _WORD.fullmatch(raw) if is_escaped else re.fullmatch(r"(.*?)([*~]?)", raw, re.DOTALL)
    text, ending = found.groups() if found else (raw, "")
    return Word(re.sub(rf"\\([\\{MARKS}*~])", r"\1", text) if is_escaped else text, Ending(ending))


def each_of(nodes: Iterable[Node]) -> Node:
    """Return what asks for each of these."""
    parts = _flat(nodes, AllOf)
    return parts[0] if len(parts) == 1 else AllOf(parts)


def one_of(nodes: Iterable[Node]) -> Node:
    """Return what asks for one of these."""
    parts = _flat(nodes, AnyOf)
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def none_of(node: Node, at: int = 0) -> Node:
    """Return what asks that this is not so."""
    if isinstance(node, Not):
        return node.of
    if isinstance(node, AnyOf):
        return each_of(none_of(part, at) for part in node.of)
    return Not(node, at)


def at_least(count: int, node: Node) -> Node:
    """Return what asks for so many hits: of what is looked for, since what is not gives none."""
    if not isinstance(node, AllOf):
        return AtLeast(count, node)
    apart = [part for part in node.of if isinstance(part, Not | Is)]
    asked = [part for part in node.of if not isinstance(part, Not | Is)]
    return each_of([AtLeast(count, each_of(asked)), *apart]) if asked else AtLeast(count, node)


def _flat(nodes: Iterable[Node], kind: type[AnyOf | AllOf]) -> tuple[Node, ...]:
    parts: dict[Node, None] = {}
    for node in nodes:
        parts.update(dict.fromkeys(node.of if isinstance(node, kind) else (node,)))
    return tuple(parts)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes right below one."""
    if isinstance(node, AnyOf | AllOf):
        return node.of
    if isinstance(node, Near):
        return node.one, node.other
    return (node.of,) if isinstance(node, Not | AtLeast | Within) else ()


def leaves(node: Node) -> Iterator[Phrase | Group | Is]:
    """Yield what stands at the ends of the tree, in its order."""
    if isinstance(node, Phrase | Group | Is):
        yield node
    for child in children(node):
        yield from leaves(child)


def looks_for_nothing(node: Node) -> Not | None:
    """Return the NOT by which a tree, or an alternative in it, would be met by a text that holds nothing it names."""
    if isinstance(node, Not):
        return node
    if isinstance(node, AllOf):
        empty = [looks_for_nothing(part) for part in node.of]
        return empty[0] if all(empty) else None
    return next((found for found in map(looks_for_nothing, children(node)) if found), None)


def first(node: Node, is_meant: Callable[[Node], bool]) -> Node | None:
    """Return the first node of a tree, from its top, that is meant."""
    if is_meant(node):
        return node
    return next((found for found in (first(child, is_meant) for child in children(node)) if found), None)


def unfit_for_near(node: Node) -> Node | None:
    """Return what in a tree may not stand beside NEAR."""
    return first(node, lambda each: not isinstance(each, AnyOf | Phrase | Group | Near))


def near_depth(node: Node) -> int:
    """Return how many NEAR stand in one another."""
    return max(map(near_depth, children(node)), default=0) + isinstance(node, Near)


_LOOSE, _JOINED, _BOUND, _WHOLE = range(4)  # how firmly a node holds together: OR, AND, NOT and NEAR, a term


def printed(node: Node) -> str:
    """Return the query of a tree, in its one form."""
    return _printed(node, _LOOSE)


def _printed(node: Node, least: int) -> str:
    text, firmness = _form(node)
    return text if firmness >= least else f"({text})"


def _form(node: Node) -> tuple[str, int]:
    match node:
        case AnyOf(of):
            return " OR ".join(_printed(part, _JOINED) for part in of), _LOOSE
        case AllOf(of):
            return " ".join(_printed(part, _BOUND) for part in of), _JOINED
        case Near(one, other, within):
            # NEAR is read from the left, so that only what stands to its right needs parentheses.
            return f"{_printed(one, _BOUND)} NEAR/{within} {_printed(other, _WHOLE)}", _BOUND
        case _:
            return _term(node)


def _term(node: Node) -> tuple[str, int]:
    match node:
        case Not(of):
            return f"-{_printed(of, _WHOLE)}", _BOUND
        case AtLeast(count, of):
            return f"ATLEAST/{count}({_printed(of, _LOOSE)})", _WHOLE
        case Within(place, of):
            return f"{place}:{_printed(of, _WHOLE)}", _WHOLE
        case Is(trait, value):
            return f"{trait}:{value}", _WHOLE
        case Group(name):
            return f"@{name}", _WHOLE
        case _:
            return _words(cast(Phrase, node)), _WHOLE


def _words(phrase: Phrase) -> str:
    if len(phrase.words) == 1 and _BARE.fullmatch(phrase.words[0].text):
        return f"{phrase.words[0].text}{phrase.words[0].ending}"
    inner = " ".join(_SPECIAL.sub(r"\\\1", word.text) + word.ending for word in phrase.words)
    return f'"{inner}"'
