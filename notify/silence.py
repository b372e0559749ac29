"""Whether a source that brings nothing is quiet: how often it brings something, and how long it has not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from notify.phrases import Reader, span_of

KNOWN_BY = 30
"""So many of a source's newest articles say how often something new comes."""
_LEAST = 5  # gaps of which anything can be said


@dataclass(frozen=True, slots=True)
class Pace:
    """When a source's newest article came, and the gaps between the newest ones: the usual one and the longest."""

    last: datetime
    usual: timedelta | None = None
    longest: timedelta | None = None


def pace(dates: Sequence[datetime], outages: Sequence[tuple[datetime, datetime]] = ()) -> Pace | None:
    """Return the pace of a source by the dates of its newest articles, latest first; None without any.

    What comes at once, as several releases of one day, is one time: no gap is nought. outages are stretches in which
    nobody looked; a gap into which one falls counts without it, for what came then may have left the listings. Gaps
    within an outage count as they are: the listings reached as far back.
    """
    if not dates:
        return None
    times = sorted(set(dates), reverse=True)
    gaps = [later - earlier - _unseen(earlier, later, outages) for later, earlier in pairwise(times)]
    if len(gaps) < _LEAST:
        return Pace(times[0])
    return Pace(times[0], timedelta(seconds=median(gap.total_seconds() for gap in gaps)), max(gaps))


def _unseen(earlier: datetime, later: datetime, outages: Sequence[tuple[datetime, datetime]]) -> timedelta:
    return sum((min(end, later) - start for start, end in outages if earlier <= start < later), timedelta())


def quiet(known: Pace | None, reader: Reader, now: datetime) -> str:
    """Return what to say of a source that was crawled well and brought nothing."""
    if known is None:
        return "Nothing has come from it yet, and it was crawled well: it is quiet."
    last = f"the last article is of {reader.date(known.last)}"
    if known.usual is None or known.longest is None:
        return f"Nothing new, and it was crawled well: it is quiet; {last}."
    often = f"usually something comes every {span_of(known.usual)}"
    if now - known.last > max(known.longest, timedelta(days=1)):
        longest = f"no gap of late was longer than {span_of(known.longest)}"
        return f"Nothing new, though it was crawled well: {often}, {last}; {longest}."
    return f"Nothing new, and it was crawled well: it is quiet; {often}, {last}."
