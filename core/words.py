"""Words that a text is held against: for rules, and for what of a source is wanted at all."""

from typing import Self

from pydantic import model_validator

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
        if not all(any(c.isalnum() for c in entry) for entry in (*self.any, *self.all, *self.none)):
            raise ValueError("holds an entry without a letter or figure")
        return self
