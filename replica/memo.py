"""Answers that were given before, until something changes."""

from collections.abc import Callable

from replica.exchange import Answer

# Bytes; beyond them all are forgotten. Some 20,000 articles.
_MOST = 256 * 1024 * 1024


class Memo:
    """Answers by site and target. Not thread-safe: the replica holds its lock."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str], Answer] = {}
        self._size = 0

    def get(self, site: str, target: str, make: Callable[[], Answer]) -> Answer:
        """Return the answer kept for a target, made now where there is none."""
        found = self._answers.get((site, target))
        if found is None:
            found = make()
            if self._size > _MOST:
                self.clear()
            self._answers[site, target] = found
            self._size += len(found.body)
        return found

    def clear(self) -> None:
        """Forget them."""
        self._answers.clear()
        self._size = 0
