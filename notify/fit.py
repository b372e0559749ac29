"""Keeping a digest below the size at which mail programs cut it off."""

from collections.abc import Callable

from notify.digest import Digest, abridged

# Gmail clips a message above 102 kB of HTML and hides the rest behind a link.
LIMIT = 100_000
# This many articles are told in full before any place is given to titles alone.
_IN_FULL_FIRST = 20


def fitted(whole: Digest, size: Callable[[Digest], int], limit: int = LIMIT) -> Digest:
    """Return the fullest form of a digest whose size, in bytes, stays below the limit.

    The forms are in one row, each no shorter than the one before it: first some articles in full, then the others
    by title, then more and more of those in full. If even the shortest is too long, it is returned.
    """
    if size(whole) < limit:
        return whole
    low, high = 0, _forms(whole.number) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if size(_form(whole, middle)) < limit:
            low = middle
        else:
            high = middle - 1
    return _form(whole, low)


def _forms(number: int) -> int:
    first = min(number, _IN_FULL_FIRST)
    return first + 2 * (number - first) + 1


def _form(whole: Digest, step: int) -> Digest:
    first = min(whole.number, _IN_FULL_FIRST)
    rest = whole.number - first
    full = min(step, first) + max(0, step - first - rest)
    titled = min(max(0, step - first), rest) - max(0, step - first - rest)
    return abridged(whole, full, titled)
