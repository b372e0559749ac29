"""What two sequences have in common, in order, within bounds of time: neither is ever held against the other whole.

difflib's matching reads well but may take the product of both lengths, or more. Where that is too much, runs that stand
once in both are held fast first (the "patience" of B. Cohen's diff), and what lies between them is matched alone.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

_FEW = 20_000  # pairs of elements: 140 words against as many take difflib 3 ms
_MOST = 60_000  # pairs that difflib is given where no longer run holds fast
_DEPTH = 3  # times that what lies between fast runs is searched for more of them
_RUNS = (6, 3)  # of so many elements are the runs that hold fast, where longer ones find none
Run = tuple[int, int, int]
Keys = Sequence[Hashable]


def matching(before: Keys, after: Keys) -> list[Run]:
    """Return the runs that both have in common as (place before, place after, length), in order, the longest joined."""
    found: list[Run] = []
    waiting = [((0, len(before), 0, len(after)), 0)]
    while waiting:
        (low, high, start, end), depth = waiting.pop()
        head = _common(before, after, (low, high, start, end))
        if head:
            found.append((low, start, head))
        low, start = low + head, start + head
        size = (high - low) * (end - start)
        # In a few words difflib finds a better place for a full stop than the very end.
        tail = _common_end(before, after, (low, high, start, end)) if size > _FEW else 0
        if tail:
            found.append((high - tail, end - tail, tail))
        high, end = high - tail, end - tail
        if low == high or start == end:
            continue
        size = (high - low) * (end - start)
        places = _anchors(before[low:high], after[start:end], size) if size > _FEW and depth < _DEPTH else []
        if places:
            found += [(low + one, start + other, length) for one, other, length in places]
            waiting += [(each, depth + 1) for each in _between((low, high, start, end), places)]
        elif size <= _MOST:
            found += _by_difflib(before[low:high], after[start:end], low, start)
    return list(_joined(sorted(found)))


def _common(before: Keys, after: Keys, window: tuple[int, int, int, int]) -> int:
    low, high, start, end = window
    length = 0
    while low + length < high and start + length < end and before[low + length] == after[start + length]:
        length += 1
    return length


def _common_end(before: Keys, after: Keys, window: tuple[int, int, int, int]) -> int:
    low, high, start, end = window
    length = 0
    while high - length > low and end - length > start and before[high - length - 1] == after[end - length - 1]:
        length += 1
    return length


def _by_difflib(before: Keys, after: Keys, low: int, start: int) -> list[Run]:
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return [(low + each.a, start + each.b, each.size) for each in blocks if each.size]


def _between(window: tuple[int, int, int, int], places: list[Run]) -> Iterator[tuple[int, int, int, int]]:
    """Yield what lies between runs, the places of which count from the window's."""
    low, high, start, end = window
    at, place = low, start
    for one, other, length in places:
        yield at, low + one, place, start + other
        at, place = low + one + length, start + other + length
    yield at, high, place, end


def _anchors(before: Keys, after: Keys, size: int) -> list[Run]:
    """Return runs that stand once in both, as many as keep one order; single elements where all else costs more."""
    for length in _RUNS if size <= _MOST else (*_RUNS, 1):
        mine, theirs = _once(before, length), _once(after, length)
        pairs = [(place, theirs[run]) for run, place in mine.items() if run in theirs]
        found: list[Run] = []
        for one, other in _rising(pairs):
            if not found or (one >= found[-1][0] + length and other >= found[-1][1] + length):
                found.append((one, other, length))
        if found:
            return found
    return []


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return as many of the pairs, which are in the order of their first places, as are in that of the second, too."""
    ends: list[int] = []
    numbers: list[int] = []
    earlier: list[int] = []
    for number, (_, place) in enumerate(pairs):
        rank = bisect_left(ends, place)
        earlier.append(numbers[rank - 1] if rank else -1)
        ends[rank : rank + 1] = [place]
        numbers[rank : rank + 1] = [number]
    chosen: list[tuple[int, int]] = []
    number = numbers[-1] if numbers else -1
    while number >= 0:
        chosen.append(pairs[number])
        number = earlier[number]
    return chosen[::-1]


def _once(keys: Keys, length: int) -> dict[tuple[Hashable, ...], int]:
    seen: dict[tuple[Hashable, ...], int] = {}
    for place, run in enumerate(zip(*(keys[offset:] for offset in range(length)), strict=False)):
        seen[run] = -1 if run in seen else place
    return {run: place for run, place in seen.items() if place >= 0}


def _joined(runs: list[Run]) -> Iterator[Run]:
    kept: Run | None = None
    for each in runs:
        if kept and kept[0] + kept[2] == each[0] and kept[1] + kept[2] == each[1]:
            kept = (kept[0], kept[1], kept[2] + each[2])
            continue
        if kept:
            yield kept
        kept = each
    if kept:
        yield kept
