"""Keeping a digest below the size at which mail programs cut it off.

To render a digest takes time, so its size is not asked of many forms: each entry's is estimated by its words, the
estimate put right by the forms that were rendered, and the form that is taken is one that was.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import accumulate

from notify.digest import Digest, abridged, ranked
from notify.entry import Entry

# Gmail clips a message above 102 kB of HTML and hides the rest behind a link.
LIMIT = 100_000
# This many articles are told in full before any place is given to titles alone.
_IN_FULL_FIRST = 20
# What is told beside new articles may take this much of a message that is full; else less of it is told.
_BESIDE = 0.6
_LISTED = (10, 5, 2, 0)
# A form so near to the limit is as good as the fullest.
_NEAR = 200
# Bytes of HTML in an entry beside its words, and in a title: measured, to within a tenth.
_MARKUP, _TITLE_MARKUP = 1_000, 250
_GUESSES = 6  # then halves are taken, which end for any sizes

Size = Callable[[Digest], int]


def fitted(whole: Digest, size: Size, limit: int = LIMIT) -> Digest:
    """Return the fullest form of a digest whose size, in bytes, stays below the limit, or one nearly as full.

    The forms are in one row, each no shorter than the one before it: first some articles in full, then the others
    by title, then more and more of those in full. If even the shortest is too long, the other lists are cut; if that
    does not do, it is returned.
    """
    forms = _Forms(whole)
    if forms.estimate(forms.last) < 2 * limit and size(whole) < limit:
        return whole
    base = size(forms.form(0))
    for most in _LISTED:
        if base < _BESIDE * limit or base + forms.estimate(forms.last) < limit:
            break
        forms = _Forms(_listed(whole, most))
        base = size(forms.form(0))
    return _fullest(forms, size, base, limit)


class _Forms:
    """The forms of a digest in one row, with their estimated sizes beyond the first."""

    def __init__(self, whole: Digest) -> None:
        self._whole = whole
        order = [whole.sections[number].entries[index] for number, index in ranked(whole)]
        self._full = [0, *accumulate(map(_full, order))]
        self._titled = [0, *accumulate(map(_titled, order))]
        self._number = len(order)
        self._first = min(self._number, _IN_FULL_FIRST)
        self.last = self._first + 2 * (self._number - self._first)

    def form(self, step: int) -> Digest:
        return abridged(self._whole, *self._told(step))

    def estimate(self, step: int) -> int:
        full, titled = self._told(step)
        return self._full[full] + self._titled[full + titled] - self._titled[full]

    def _told(self, step: int) -> tuple[int, int]:
        rest = self._number - self._first
        more = max(0, step - self._first - rest)
        return min(step, self._first) + more, min(max(0, step - self._first), rest) - more


def _fullest(forms: _Forms, size: Size, base: int, limit: int) -> Digest:
    """Return the fullest form that stays below the limit, by its size as it is rendered; base is that of the first."""
    best, low, high, ratio = forms.form(0), 0, forms.last + 1, 1.0
    steps = range(forms.last + 1)
    for number in range(forms.last + 1):
        if high - low <= 1:
            break
        guess = bisect_left(steps, limit, key=lambda step: base + int(ratio * forms.estimate(step))) - 1
        guess = (low + high) // 2 if number >= _GUESSES else min(max(guess, low + 1), high - 1)
        form = forms.form(guess)
        found = size(form)
        if estimated := forms.estimate(guess):
            ratio = (found - base) / estimated
        if found >= limit:
            high = guess
            continue
        low, best = guess, form
        if limit - found < limit // _NEAR:
            break
    return best


def _listed(whole: Digest, most: int) -> Digest:
    """Return a digest of which no other list than that of new articles names more than so many."""
    moves = whole.moves
    return replace(
        whole,
        carried=whole.carried[:most],
        more_carried=whole.more_carried + len(whole.carried[most:]),
        unheard=whole.unheard[:most],
        more_unheard=whole.more_unheard + len(whole.unheard[most:]),
        edited=replace(whole.edited, entries=whole.edited.entries[:most]),
        moves=replace(
            moves,
            withdrawn=replace(moves.withdrawn, entries=moves.withdrawn.entries[:most]) if moves.withdrawn else None,
            back=replace(moves.back, entries=moves.back.entries[:most]) if moves.back else None,
        ),
    )


def _full(entry: Entry) -> int:
    kept = (entry.kept.url or entry.kept.command) if entry.kept else ""
    words = (entry.title.text, entry.url, entry.when, entry.authors, entry.lead.text, kept, *entry.rules)
    return _MARKUP + _octets(
        (*words, *entry.notices, *(part for each in entry.copies for part in (each.label, each.url)))
    )


def _titled(entry: Entry) -> int:
    return _TITLE_MARKUP + _octets((entry.title.text, entry.url, entry.when))


def _octets(words: Iterable[str]) -> int:
    return sum(len(each.encode()) for each in words)
