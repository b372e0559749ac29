"""The leak meter: how the texts of a run came out, and whether that is worse than it used to be. Pure.

A site that was redesigned is still read, by the rules for pages of any design, and silently worse. So of each run it is
counted how many texts hold a neighbour's headline, are of unusual size, lack date or authors, fit no layout, and how
many pages held nothing to read; what jumps raises an alarm.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import comb

from core.health import Alarm, Meter

LEAKING, ODD, UNDATED, UNAUTHORED, UNLAID, UNREAD = "leaking", "odd", "undated", "unauthored", "unlaid", "unread"
LAYOUT = "layout"
"""The alarm of a layout that fits no more, or of which a selector finds nothing any more."""
_SAYINGS = {
    LEAKING: "hold the headline of another item",
    ODD: "are far shorter or longer than this source's usually are",
    UNDATED: "have no date",
    UNAUTHORED: "have no author",
    UNREAD: "held nothing to read",
}
_WINDOWS = (3, 10, 30)  # newest texts that are held against those before: one run may bring one or two
_SEVERAL = 5  # newest texts that are all well end an alarm
_BEFORE = 300  # texts that they are held against
_LEAST_BEFORE = 5
_LEAST = 3  # texts; two may be chance, whatever the figures say
_CHANCE = 0.0003  # that so many would come if nothing had changed; with three windows, a false alarm in 1,000 runs
_USUAL = 50  # texts, below which nothing is known of usual sizes
_OUTMOST = 0.01  # of the texts on either side that are unusual themselves
_FAR = 2.0  # times beyond these


@dataclass(frozen=True, slots=True)
class Text:
    """What is measured of a text: characters and paragraphs, what it lacks, and whether it holds another's headline."""

    size: tuple[int, int]
    is_leaking: bool = False
    is_dated: bool = True
    has_authors: bool = True
    has_layout: bool = True
    missed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Jump:
    """Something that is said of more texts than before: the alarm's name, and a sentence."""

    what: str
    detail: str


def measured(
    run_id: int, texts: Sequence[Text], unread: int, sizes: Sequence[tuple[int, int]], *, has_layouts: bool
) -> Meter:
    """Return the meter of a run. sizes are those of earlier texts of the source; has_layouts: the site has some."""
    usual = _usual(sizes)
    counts = {
        LEAKING: sum(text.is_leaking for text in texts),
        ODD: sum(not _is_within(text.size, usual) for text in texts),
        UNDATED: sum(not text.is_dated for text in texts),
        UNAUTHORED: sum(not text.has_authors for text in texts),
        UNLAID: sum(not text.has_layout for text in texts) if has_layouts else 0,
        UNREAD: unread,
    }
    missed = Counter(words for text in texts for words in text.missed)
    return Meter(run_id, len(texts), {name: count for name, count in counts.items() if count}, dict(missed))


def jumps(meters: Sequence[Meter], alarms: Iterable[Alarm] = ()) -> tuple[Jump, ...]:
    """Return what is worse in the newest texts of a source than in those before.

    meters are newest first. What an open alarm is about is held against the texts before it: else the new state would
    be the usual one after a while. The measure is the binomial tail: how likely so many would be, were all as before.
    """
    since = {alarm.what: alarm.run_id for alarm in alarms}
    return (*_worse(meters, since), *_dead(meters, since.get(LAYOUT)))


def _worse(meters: Sequence[Meter], since: Mapping[str, int]) -> Iterator[Jump]:
    for name, saying in _SAYINGS.items():
        if found := _jump(meters, since.get(name), partial(_share, name=name)):
            things = "pages" if name == UNREAD else "texts"
            yield Jump(name, f"{found[0]} newest {things} {saying}; before, it was {found[1]}.")


def _dead(meters: Sequence[Meter], since: int | None) -> Iterator[Jump]:
    """Yield the alarm of a layout that fits no more, naming the selectors that find nothing any more."""
    names = dict.fromkeys(words for meter in _newest(meters, _WINDOWS[-1]) for words in meter.missed)
    dead = [words for words in names if _jump(meters, since, partial(_missing, words=words))]
    found = f" Nothing is found any more by {'; '.join(dead)}." if dead else ""
    if unlaid := _jump(meters, since, partial(_share, name=UNLAID)):
        yield Jump(LAYOUT, f"{unlaid[0]} newest texts fit no layout of the source; before, it was {unlaid[1]}.{found}")
    elif dead:
        yield Jump(LAYOUT, f"Pages have changed.{found}")


@dataclass(frozen=True, slots=True)
class _Share:
    count: int
    total: int

    def __str__(self) -> str:
        return f"{self.count} of {self.total}"


def _jump(
    meters: Sequence[Meter], since: int | None, share: Callable[[Sequence[Meter]], _Share]
) -> tuple[_Share, _Share] | None:
    """Return what a share is and was, if it has jumped; since is the run with which an alarm about it began.

    An alarm begins with few texts that are all bad as well as with a part of many; it ends when several good ones came.
    """
    if since is not None and share(_newest(meters, _SEVERAL)).count == 0:
        return None
    for window in _WINDOWS if since is None else _WINDOWS[1:]:
        recent = _newest(meters, window)
        before = _newest([one for one in meters[len(recent) :] if since is None or one.run_id < since], _BEFORE)
        now, then = share(recent), share(before)
        if _is_jump(now, then):
            return now, then
    return None


def _newest(meters: Sequence[Meter], texts: int) -> list[Meter]:
    """Return as many of the newest meters as hold so many texts together."""
    found: list[Meter] = []
    for meter in meters:
        if sum(one.texts for one in found) >= texts:
            break
        found.append(meter)
    return found


def _share(meters: Sequence[Meter], *, name: str) -> _Share:
    count, texts = sum(meter.count(name) for meter in meters), sum(meter.texts for meter in meters)
    return _Share(count, texts + count if name == UNREAD else texts)


def _missing(meters: Sequence[Meter], *, words: str) -> _Share:
    return _Share(sum(meter.missed.get(words, 0) for meter in meters), sum(meter.texts for meter in meters))


def _is_jump(now: _Share, then: _Share) -> bool:
    if now.count < _LEAST or then.total < _LEAST_BEFORE:
        return False
    usual = (then.count + 1) / (then.total + 2)  # Laplace's rule of succession: none of ten is not never
    ways = range(now.count, now.total + 1)
    return sum(comb(now.total, many) * usual**many * (1 - usual) ** (now.total - many) for many in ways) < _CHANCE


_Range = tuple[float, float]


def _usual(sizes: Sequence[tuple[int, int]]) -> tuple[_Range, _Range] | None:
    """Return between which characters and paragraphs texts of a source usually are; None if too few are known."""
    if len(sizes) < _USUAL:
        return None
    outmost = int(_OUTMOST * len(sizes))
    ranges = []
    for numbers in zip(*sizes, strict=True):
        ordered = sorted(numbers)
        ranges.append((ordered[outmost] / _FAR, ordered[-1 - outmost] * _FAR))
    return ranges[0], ranges[1]


def _is_within(size: tuple[int, int], usual: tuple[_Range, _Range] | None) -> bool:
    return usual is None or all(least <= number <= most for number, (least, most) in zip(size, usual, strict=True))
