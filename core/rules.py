"""Rules: what someone wants to hear of, as a query or in YAML, and the groups of words that rules share.

Both forms become one tree (core/query.py). docs/alerts.md explains the language.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Self

from pydantic import AfterValidator, Discriminator, Field, PrivateAttr, Tag, model_validator
from pydantic_core import PydanticCustomError

from core.query import (
    FARTHEST,
    Group,
    Is,
    Near,
    Node,
    Trait,
    Within,
    at_least,
    each_of,
    first,
    leaves,
    looks_for_nothing,
    none_of,
    one_of,
    phrase_of,
    unfit_for_near,
)
from core.query import Field as Place
from core.query_errors import QueryError
from core.query_groups import filled, inflected
from core.strict import Strict

_CODE = re.compile(r"[a-z]{2,3}")

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


class Event(StrEnum):
    """What may happen to a text that a rule is told of."""

    NEW = "new"
    EDITS = "edits"
    WITHDRAWALS = "withdrawals"
    COPIES = "copies"


def _tag(value: object) -> str:
    return "<words>" if isinstance(value, str) else "<clause>" if isinstance(value, dict | Clause) else "<words>"


Entry = Annotated[Annotated[str, Tag("<words>")] | Annotated["Clause", Tag("<clause>")], Discriminator(_tag)]
"""Words, a phrase or @group, or a clause of its own."""

Entries = tuple[Entry, ...]


class Nearness(Strict):
    """Several entries, each in one paragraph with the next and at most `within` words from it, in either order."""

    within: int = Field(ge=0, le=FARTHEST)
    of: Entries = Field(min_length=2, max_length=8)


class Clause(Strict):
    """What a text has to hold: one of `any`, each of `all`, none of `none`, and what else is named.

    Entries of title, text, author and section are alternatives, found there alone. at_least asks for so many hits.
    """

    any: Entries = ()
    all: Entries = ()
    none: Entries = ()
    near: Nearness | None = None
    title: Entries = ()
    text: Entries = ()
    author: Entries = ()
    section: Entries = ()
    source: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    at_least: int | None = Field(default=None, ge=1, le=FARTHEST)

    def tree(self) -> Node | None:
        """Return what it looks for, its groups not yet put in; None if it says nothing. Raises ValueError."""
        parts = [one_of(map(_node, self.any))] if self.any else []
        parts += map(_node, self.all)
        if self.near:
            parts.append(_near(self.near))
        parts += [_within(place, entries) for place in Place if (entries := getattr(self, place.value))]
        parts += [
            one_of(Is(trait, value) for value in values) for trait in Trait if (values := getattr(self, trait.value))
        ]
        if self.none:
            parts.append(none_of(one_of(map(_node, self.none))))
        whole = each_of(parts) if parts else None
        return at_least(self.at_least, whole) if whole and self.at_least else whole


def _node(entry: str | Clause) -> Node:
    if isinstance(entry, Clause):
        node = entry.tree()
        if node is None:
            raise ValueError("holds an entry that says nothing")
        return node
    return Group(entry.strip()[1:]) if entry.strip().startswith("@") else phrase_of(entry)


def _within(place: Place, entries: Entries) -> Node:
    node = one_of(map(_node, entries))
    if first(node, lambda each: isinstance(each, Within | Is)):
        raise ValueError(f"holds a field within the field `{place}`")
    return Within(place, node)


def _near(near: Nearness) -> Node:
    nodes = [_node(entry) for entry in near.of]
    if any(map(unfit_for_near, nodes)):
        raise ValueError("`near` takes words, phrases, groups and `any` of them, no `none`, no `all` and no field")
    whole = nodes[0]
    for other in nodes[1:]:
        whole = Near(whole, other, near.within)
    return whole


def _query(text: str) -> str:
    try:
        _tree_of_query(text)
    except QueryError as error:
        raise PydanticCustomError("query", "{told}", {"told": str(error)}) from error
    return text


@lru_cache(maxsize=64)  # a query is read when it is checked, and used a moment later
def _tree_of_query(text: str) -> Node:
    # Loading the parser takes a tenth of a second, which settings without a query need not pay.
    from core.query_parser import parsed  # noqa: PLC0415

    return parsed(text)


def is_language(code: str) -> bool:
    """Return whether that may be the code of a language, as texts have it (ISO 639)."""
    return _CODE.fullmatch(code) is not None


def _language(code: str) -> str:
    if not is_language(code):
        raise ValueError("not the code of a language: write two or three letters, as en, km or fr")
    return code


class RuleBody(Clause):
    """A rule but for its name: a query or a clause, and for which texts and events it holds.

    inflect asks for the inflections of its English words. Empty sources or languages mean all.
    """

    query: Annotated[str, AfterValidator(_query)] | None = None
    inflect: bool = False
    sources: tuple[str, ...] = ()
    languages: tuple[Annotated[str, AfterValidator(_language)], ...] = ()
    on: tuple[Event, ...] = Field(default=(Event.NEW, Event.EDITS), min_length=1)

    _wanted: Node = PrivateAttr()

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        node = self.tree()
        if self.query is not None and node:
            raise ValueError("`query` excludes any, all, none, near and fields: write all of it in one of the two ways")
        if self.query is not None:
            node = _tree_of_query(self.query)
            node = at_least(self.at_least, node) if self.at_least else node
        if node is None or looks_for_nothing(node):
            raise ValueError("needs something to look for: a `query`, or at least one entry in `any` or `all`")
        self._wanted = inflected(node) if self.inflect else node
        return self

    @property
    def wanted(self) -> Node:
        """What the rule looks for."""
        return self._wanted


class Rule(RuleBody):
    """What someone wants to hear of."""

    name: Name

    def filled(self, groups: Mapping[str, Node]) -> Self:
        """Return the rule with the entries of the groups that it names; all must be known."""
        if not any(isinstance(leaf, Group) for leaf in leaves(self._wanted)):
            return self
        node = filled(self._wanted, groups)
        copy = self.model_copy()
        copy._wanted = inflected(node) if self.inflect else node  # noqa: SLF001  # its own kind
        return copy
