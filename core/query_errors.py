"""What is wrong with a query, told with the place in it."""

import unicodedata

_SHOWN = 60  # characters of a long query to either side of the place


class QueryError(ValueError):
    """A query that cannot be read: what is wrong, at which character, and what to do about it."""

    def __init__(self, problem: str, query: str, at: int, remedy: str) -> None:
        self.problem = problem
        self.query = query
        self.at = at
        self.remedy = remedy
        super().__init__(f"{problem}\n{pointed(query, at, remedy)}")


def pointed(query: str, at: int, remedy: str) -> str:
    """Return the line of a query that holds a place, and below it a caret at the place, with a remedy."""
    at = min(at, len(query))
    first = query.rfind("\n", 0, at) + 1
    last = (query + "\n").index("\n", at)
    left, right = max(first, at - _SHOWN), min(last, at + _SHOWN)
    head = ("… " if left > first else "") + query[left:at].replace("\t", " ")
    tail = query[at:right].replace("\t", " ") + (" …" if right < last else "")
    return f"    {head}{tail}\n    {' ' * sum(map(_columns, head))}^ {remedy}"


def _columns(character: str) -> int:
    """Return how many columns of a terminal a character takes."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
