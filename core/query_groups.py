"""Putting the entries of groups, and inflections, into the tree of a rule."""

import re
from collections.abc import Callable, Mapping

from core.query import (
    AllOf,
    AnyOf,
    AtLeast,
    Ending,
    EntryError,
    Group,
    Is,
    Near,
    Node,
    Not,
    Phrase,
    Within,
    Word,
    at_least,
    each_of,
    none_of,
    one_of,
    phrase_of,
)

# English is what inflections are known of.
_INFLECTS = re.compile(r"[A-Za-z]{3,}")


class GroupError(ValueError):
    """A group that is wrong, with its name, or the entry of it."""

    def __init__(self, problem: str, name: str, entry: int | None = None) -> None:
        self.name = name
        self.entry = entry
        super().__init__(problem)


def filled(node: Node, groups: Mapping[str, Node]) -> Node:
    """Return a tree with each group's entries in its place; all groups in it must be known."""
    return _rebuilt(node, lambda leaf: groups[leaf.name] if isinstance(leaf, Group) else leaf)


def inflected(node: Node) -> Node:
    """Return a tree that asks for the inflections of each English word in it that has no ending of its own."""
    return _rebuilt(node, lambda leaf: _inflected(leaf) if isinstance(leaf, Phrase) else leaf)


def _inflected(phrase: Phrase) -> Phrase:
    return Phrase(
        tuple(
            Word(word.text, Ending.INFLECTED)
            if word.ending is Ending.WHOLE and _INFLECTS.fullmatch(word.text)
            else word
            for word in phrase.words
        )
    )


def _rebuilt(node: Node, change: Callable[[Phrase | Group | Is], Node]) -> Node:
    match node:
        case AllOf(of):
            return each_of(_rebuilt(part, change) for part in of)
        case AnyOf(of):
            return one_of(_rebuilt(part, change) for part in of)
        case Near(one, other, within):
            return Near(_rebuilt(one, change), _rebuilt(other, change), within)
        case Not() | AtLeast() | Within():
            return _around(node, _rebuilt(node.of, change))
        case _:
            return change(node)


def _around(node: Not | AtLeast | Within, inner: Node) -> Node:
    match node:
        case Not(_, at):
            return none_of(inner, at)
        case AtLeast(count):
            return at_least(count, inner)
        case Within(field):
            return Within(field, inner)


def group_trees(groups: Mapping[str, tuple[str, ...]]) -> dict[str, Node]:
    """Return what each group stands for: one of its entries and of those of the groups that it names.

    Raises GroupError for an empty group, an entry that nothing can be looked for by, an unknown group, and a circle.
    """
    done: dict[str, Node] = {}
    for name in groups:
        _fill(name, groups, done, ())
    return done


def _fill(name: str, groups: Mapping[str, tuple[str, ...]], done: dict[str, Node], path: tuple[str, ...]) -> Node:
    if name in path:
        raise GroupError(f"a circle of groups: {' → '.join((*path[path.index(name) :], name))}", name)
    if name not in done:
        if not groups[name]:
            raise GroupError("a group without entries: name at least one", name)
        nodes = [_entry(name, number, groups, done, path) for number in range(len(groups[name]))]
        done[name] = one_of(nodes)
    return done[name]


def _entry(
    name: str, number: int, groups: Mapping[str, tuple[str, ...]], done: dict[str, Node], path: tuple[str, ...]
) -> Node:
    entry = groups[name][number].strip()
    if not entry.startswith("@"):
        try:
            return phrase_of(entry)
        except EntryError as error:
            raise GroupError(str(error), name, number) from error
    if entry[1:] not in groups:
        raise GroupError(unknown_group(entry[1:], groups), name, number)
    return _fill(entry[1:], groups, done, (*path, name))


def unknown_group(name: str, groups: Mapping[str, object]) -> str:
    """Return what is said of a group that is not in the settings."""
    known = f"known: {', '.join(sorted(groups))}" if groups else "`groups` names none"
    return f"unknown group `{name}`; {known}"
