"""How many articles came, by day and source: a table of numbers, each with a bar on one scale that begins at nought.

A period of one day is told by source alone; longer ones by day, by week or by month, so that there are few columns.
Pure.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from notify.phrases import Reader, number_of

_ONE_DAY = timedelta(hours=36)  # a digest of yesterday's reaches over two days of the calendar
_DAYS, _WEEKS = 8, 10  # columns at most: what a telephone has room for, beside the names of the sources
_LEAST = 4  # articles that make a picture
_SOURCES = 7  # rows at most, and one of all others
_EIGHTHS = "▏▎▍▌▋▊▉█"
_WIDTH = 32  # characters of the longest bar in plain text


@dataclass(frozen=True, slots=True)
class Bar:
    """A number, and how long its bar is: in percent of the longest, and in block characters."""

    number: int
    percent: int
    blocks: str


@dataclass(frozen=True, slots=True)
class Row:
    """A source with its numbers, one a column, and their sum."""

    source: str
    bars: tuple[Bar, ...]
    total: Bar


@dataclass(frozen=True, slots=True)
class Column:
    """A stretch of time: its name in two short words (`Mon`, `6 Jul`), in full, and all that came in it."""

    head: str
    foot: str
    name: str
    total: Bar


@dataclass(frozen=True, slots=True)
class Chart:
    """What came, by source, and by columns of time; without columns by source alone. caption says what it shows."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def is_by_time(self) -> bool:
        """Whether it has columns of time."""
        return bool(self.columns)


Seen = Sequence[tuple[str, datetime]]
"""Sources and the moments at which an article of each was first seen."""


def chart(seen: Seen, reader: Reader) -> Chart | None:
    """Return the chart of what was first seen; None where there is nothing to compare."""
    if not seen:
        return None
    moments = [moment for _, moment in seen]
    is_long = max(moments) - min(moments) >= _ONE_DAY
    total = Counter(source for source, _ in seen)
    if len(seen) < _LEAST or (not is_long and len(total) < 2):  # noqa: PLR2004 - one number is no chart
        return None
    sources = _named(total, reader)
    if not is_long:
        return _by_source(total, sources, reader)
    return _by_time(seen, sources, reader)


def _named(total: Counter[str], reader: Reader) -> list[str]:
    """Return the sources that have a row, in the reader's order; where they are too many the largest."""
    order = [*reader.titles, *sorted(set(total) - set(reader.titles))]
    most = {source for source, _ in total.most_common(_SOURCES if len(total) > _SOURCES + 1 else None)}
    return [source for source in order if source in most]


def _by_source(total: Counter[str], sources: Sequence[str], reader: Reader) -> Chart:
    counts = [(reader.title(source), total[source]) for source in sources]
    if others := total.total() - sum(count for _, count in counts):
        counts.append((number_of(len(total) - len(sources), "other source"), others))
    longest = max(count for _, count in counts)
    rows = tuple(Row(name, (), _bar(count, longest)) for name, count in counts)
    return Chart("New articles by source", (), rows)


def _by_time(seen: Seen, sources: Sequence[str], reader: Reader) -> Chart:
    days = [(source, moment.astimezone(reader.zone).date()) for source, moment in seen]
    stretches, begin_of, unit = _stretches([day for _, day in days])
    known = frozenset(sources)
    counts = Counter((source if source in known else "", begin_of(day)) for source, day in days)
    longest = max(counts.values())
    rows = [_row(reader.title(source), [counts[source, begin] for begin in stretches], longest) for source in sources]
    if any(source not in known for source, _ in days):
        rest = number_of(len({source for source, _ in days} - known), "other source")
        rows.append(_row(rest, [counts["", begin] for begin in stretches], longest))
    sums = [sum(row.bars[place].number for row in rows) for place in range(len(stretches))]
    columns = tuple(
        _column(begin, unit, _bar(number, max(sums))) for begin, number in zip(stretches, sums, strict=True)
    )
    return Chart(f"New articles by {unit} and source", columns, tuple(rows))


def _stretches(days: Sequence[date]) -> tuple[list[date], Callable[[date], date], str]:
    """Return when each column begins, in which a day lies, and what a column is: as few as are readable."""
    first, last = min(days), max(days)
    if (last - first).days < _DAYS:
        return [first + timedelta(days=number) for number in range((last - first).days + 1)], _same, "day"
    if (_monday(last) - _monday(first)).days < 7 * _WEEKS:
        weeks = (_monday(last) - _monday(first)).days // 7 + 1
        return [_monday(first) + timedelta(weeks=number) for number in range(weeks)], _monday, "week"
    months = list(_months(first, last))
    if len(months) <= _WEEKS:
        return months, _month, "month"
    return (
        [date(year, 1, 1) for year in range(max(first.year, last.year - _WEEKS + 1), last.year + 1)],
        (lambda day: date(max(day.year, last.year - _WEEKS + 1), 1, 1)),
        "year",
    )


def _months(first: date, last: date) -> Iterable[date]:
    month = _month(first)
    while month <= last:
        yield month
        month = _month(month + timedelta(days=31))


def _same(day: date) -> date:
    return day


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _month(day: date) -> date:
    return day.replace(day=1)


_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _column(begin: date, unit: str, total: Bar) -> Column:
    month = _MONTH_NAMES[begin.month - 1]
    if unit == "day":
        return Column(
            _DAY_NAMES[begin.weekday()], str(begin.day), f"{_DAY_NAMES[begin.weekday()]} {begin.day} {month}", total
        )
    if unit == "week":
        return Column(str(begin.day), month, f"Week of {begin.day} {month}", total)
    if unit == "month":
        return Column(month, str(begin.year), f"{month} {begin.year}", total)
    return Column(str(begin.year), "", str(begin.year), total)


def _row(name: str, numbers: Sequence[int], longest: int) -> Row:
    total = sum(numbers)
    return Row(name, tuple(_bar(number, longest) for number in numbers), _bar(total, total))


def _bar(number: int, longest: int) -> Bar:
    """Return a bar in proportion; one of a number that is not nought can be seen."""
    if not number:
        return Bar(0, 0, "")
    percent = max(1, round(100 * number / longest))
    eighths = max(1, round(8 * _WIDTH * number / longest))
    full, rest = divmod(eighths, 8)
    return Bar(number, percent, _EIGHTHS[-1] * full + (_EIGHTHS[rest - 1] if rest else ""))
