"""Many values in questions that take a limited number of them."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")

_SIZE = 1000
"""SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535."""


def in_portions(values: Iterable[Item]) -> Iterator[list[Item]]:
    """Give the values, in order, in lists short enough for one IN (…)."""
    rest = iter(values)
    while portion := list(islice(rest, _SIZE)):
        yield portion
