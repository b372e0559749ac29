"""Words that a text is held against: what of a source is wanted at all."""

from typing import Self

from pydantic import model_validator

from core.query import Node, each_of, none_of, one_of, phrase_of
from core.strict import Strict


class Words(Strict):
    """A text meets them when it holds one of `any`, each of `all` and none of `none`.

    Entries are words or phrases, found as whole words, whatever their case and accents; a trailing * stands for
    any ending.
    """

    any: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.any and not self.all:
            raise ValueError("needs at least one entry in `any` or `all`")
        for entry in (*self.any, *self.all, *self.none):
            phrase_of(entry)
        return self

    @property
    def wanted(self) -> Node:
        """What they look for, as the tree of a rule."""
        parts = [one_of(map(phrase_of, self.any))] if self.any else []
        parts += map(phrase_of, self.all)
        return each_of([*parts, none_of(one_of(map(phrase_of, self.none)))] if self.none else parts)
