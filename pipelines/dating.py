"""When it was published and changed, on a page of unknown design: what is visible first, then what machines are told.

In turn: date lines near the headline, date lines in elements that are named for dates, structured data, the address.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from lxml import html

from core.text import tidy
from pipelines.dates import foreign_date
from pipelines.moments import Moment, bare, date_line, first_moment, says_modified, time_line
from pipelines.structured import Structured
from pipelines.visible import Line, is_beside, names_of, short_text

_PATH_DAY = re.compile(r"[/_-]((?:19|20)\d\d)([/_-]?)(\d{1,2})\2(\d{1,2})(?=[/_.-]|$)")
_DOTS = re.compile(r"\s+[·•|]\s+")  # between a date and what else its line says: how long the reading takes
_MOST_NAMED = 25  # elements; more is a listing
_CLASS_MODIFIED = re.compile(r"(?i)updat|modif")
_CLASS_PUBLISHED = re.compile(r"(?i)publish|created|posted|submitted")
_LABEL = 100  # characters of a label or a value
_MOST_FOREIGN = 2  # lines that dateparser is asked about; each takes milliseconds
_OWN_READING = frozenset({"en", "fr", "es", "pt", "de", "id", "it", "km", "ru", "ar", "zh", "ja", "vi", ""})
_WEST, _EAST, _ZONES = timedelta(hours=-11), timedelta(hours=13), timedelta(hours=1)  # clocks, apart from UTC
_MONTH_FIRST = re.compile(r"(?:America|US)/")  # zones where figures name the month first, in English


@dataclass(frozen=True, slots=True)
class Found:
    """The dates of a page by how they are known; each is aware, at midnight where no time is named.

    disagrees says that the visible day is another than the day that the page tells machines.
    """

    visible: datetime | None = None
    structured: tuple[datetime, ...] = ()
    address: datetime | None = None
    modified: datetime | None = None
    disagrees: bool = False


@dataclass(frozen=True, slots=True)
class _Sight:
    moment: Moment
    is_marked_modified: bool = False  # by a class only; themes call the one date of a page `updated`


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is from, as far as it matters for dates."""

    url: str
    language: str
    zone: tzinfo

    @property
    def is_month_first(self) -> bool:
        """Whether 03/04/2026 is the fourth of March here."""
        return self.language in {"en", ""} and bool(_MONTH_FIRST.match(str(self.zone)))


def dates_on(
    named: Sequence[html.HtmlElement],
    heading: html.HtmlElement | None,
    lines: Sequence[Line],
    structured: Structured,
    place: Place,
) -> Found:
    """Return the dates of a page. named are the elements that are named for dates, lines those around its headline."""
    sights = list(_near(lines, place))
    if not any(_is_publication(sight) for sight in sights):
        sights += _in_named_elements(named, heading, place)
    seen = _published(sights)
    told = _told(structured.published, place) + _told(_times(named, heading), place)
    changed = [one.moment for one in sights if one.moment.is_modified or (one.is_marked_modified and one is not seen)]
    modified = _told(structured.modified, place)
    return Found(
        visible=_completed(seen.moment, told, place) if seen else None,
        structured=tuple(one.at(place.zone) for one in told),
        address=address_day(place.url, place.zone),
        modified=_completed(changed[0], modified, place)
        if changed
        else next((one.at(place.zone) for one in modified), None),
        disagrees=_disagree(seen, told, place),
    )


def address_day(url: str, zone: tzinfo) -> datetime | None:
    """Return the day that an address names (/2026/03/12/, /20260312-), at midnight in the zone."""
    for found in _PATH_DAY.finditer(url.partition("?")[0]):
        if not found[2] and len(found[3] + found[4]) != len("0312"):
            continue
        try:
            return datetime(int(found[1]), int(found[3]), int(found[4]), tzinfo=zone)
        except ValueError:
            continue
    return None


def _near(lines: Sequence[Line], place: Place) -> Iterator[_Sight]:
    """Yield the moments of the lines near a headline; a label or a time may stand in the line beside."""
    foreign = _MOST_FOREIGN if place.language not in _OWN_READING else 0
    for index, line in enumerate(lines):
        if not any(map(str.isdigit, line.text)):
            continue
        found = list(_read(line, _label(lines, index), place))
        if not found and foreign and re.search(r"\d{4}", line.text):
            foreign -= 1
            day = foreign_date(line.text, place.language, place.zone)
            found = [_Sight(Moment(day.date()))] if day else []
        if len(found) == 1 and found[0].moment.clock is None:
            found = [_with_time(found[0], lines, index)]
        yield from found


def _beside(lines: Sequence[Line], index: int, step: int) -> str:
    """Return the text of the line after (1) or before (-1) another on the page; those above stand in reverse."""
    other = index - step if lines[index].is_above else index + step
    is_there = 0 <= other < len(lines) and lines[other].is_above == lines[index].is_above
    return lines[other].text if is_there else ""


def _label(lines: Sequence[Line], index: int) -> str:
    before = _beside(lines, index, -1)
    return before if before and not bare(before) else ""


def _with_time(sight: _Sight, lines: Sequence[Line], index: int) -> _Sight:
    following = time_line(_beside(lines, index, 1))
    if following is None:
        return sight
    return replace(sight, moment=replace(sight.moment, clock=following[0], zone=following[1]))


def _read(line: Line, label: str, place: Place) -> Iterator[_Sight]:
    """Yield the moments of a line, else of its pieces: buttons may stand beside the date."""
    whole = date_line(line.text, is_modified=says_modified(label), is_month_first=place.is_month_first)
    if whole:
        marked = all(_is_marked(names) for names in line.names)
        yield from (_Sight(moment, marked) for moment in whole)
        return
    before = label
    parts = ((part, names) for whole, names in zip(line.pieces, line.names, strict=True) for part in _DOTS.split(whole))
    for piece, names in parts:
        later = says_modified(before)
        for moment in date_line(piece, is_modified=later, is_month_first=place.is_month_first):
            yield _Sight(moment, _is_marked(names))
        before = piece


def _disagree(seen: _Sight | None, told: Sequence[Moment], place: Place) -> bool:
    if seen is None or not told:
        return False
    return not _same_day(_settled(seen.moment, told, place), told[0], place.zone)


def _is_marked(names: str) -> bool:
    return bool(_CLASS_MODIFIED.search(names)) and not _CLASS_PUBLISHED.search(names)


def _is_publication(sight: _Sight) -> bool:
    return not sight.moment.is_modified


def _published(sights: Sequence[_Sight]) -> _Sight | None:
    """Return the first date that no label calls a change; one that only a class calls so where there is no other."""
    candidates = [one for one in sights if _is_publication(one)]
    return next((one for one in candidates if not one.is_marked_modified), candidates[0] if candidates else None)


def _in_named_elements(
    named: Sequence[html.HtmlElement], heading: html.HtmlElement | None, place: Place
) -> Iterator[_Sight]:
    """Yield the moments of the elements that are named for dates, in furniture and cards none."""
    done: set[html.HtmlElement] = set()
    for element in named[:_MOST_NAMED]:
        text = short_text(element)
        if not text or not done.isdisjoint(element.iterancestors()) or is_beside(element, heading):
            continue
        label = _label_before(element)
        moments = date_line(text, is_modified=says_modified(label), is_month_first=place.is_month_first)
        if moments:
            done.add(element)
        yield from (_Sight(moment, _is_marked(names_of(element))) for moment in moments)


def _label_before(element: html.HtmlElement) -> str:
    """Return the text right in front of an element, in the same parent."""
    previous, parent = element.getprevious(), element.getparent()
    if previous is None:
        return tidy(str(parent.text or "")[:_LABEL]) if parent is not None else ""
    return tidy(str(previous.tail or "")[:_LABEL]) or short_text(previous)


def _times(named: Sequence[html.HtmlElement], heading: html.HtmlElement | None) -> list[str]:
    """Return what the time elements of the article, and hAtom's abbr, tell machines of its publication."""
    times = [one for one in named if _value(one) and not _is_marked(names_of(one))][:_MOST_NAMED]
    own = (one for one in times if not is_beside(one, heading) and not says_modified(_label_before(one)))
    return [_value(one) for one in own]


def _value(element: html.HtmlElement) -> str:
    value = element.get("datetime") if element.tag == "time" else element.get("title") if element.tag == "abbr" else ""
    return tidy(str(value or "")[:_LABEL])


def _told(texts: Iterable[str], place: Place) -> list[Moment]:
    moments = (_moment(text, place) for text in texts)
    return [moment for moment in moments if moment]


def _moment(text: str, place: Place) -> Moment | None:
    """Return the moment that a value for machines names: ISO 8601 as a rule, and else whatever form it has."""
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        return first_moment(text, is_month_first=place.is_month_first)
    has_time = len(text.strip()) > len("2026-03-12")
    return Moment(written.date(), written.time() if has_time else None, written.tzinfo)


def _settled(moment: Moment, told: Sequence[Moment], place: Place) -> Moment:
    """Return a visible moment, figures that name two days (03/04/2026) read as what else is known of the page."""
    if moment.swapped is None:
        return moment
    address = address_day(place.url, place.zone)
    days = {one.day for one in told} | ({address.date()} if address else set())
    return replace(moment, day=moment.swapped) if moment.swapped in days and moment.day not in days else moment


def _same_day(moment: Moment, told: Moment, zone: tzinfo) -> bool:
    return moment.day in {told.day, told.at(zone).astimezone(zone).date()}


def _completed(moment: Moment, told: Sequence[Moment], place: Place) -> datetime:
    """Return a visible moment with the time, or the zone, of what machines are told of the same day."""
    moment = _settled(moment, told, place)
    if moment.clock and moment.zone is None and (zone := _zone_told(moment, told)):
        return replace(moment, zone=zone).at(place.zone)
    for other in (one for one in told if one.clock and _same_day(moment, one, place.zone)):
        if moment.clock is None:
            return other.at(place.zone)
        # Local time is often written as if it were UTC: only another zone is believed.
        is_zoned = other.zone is not None and other.at(place.zone).utcoffset()
        if moment.zone is None and is_zoned and _minute(other) == _minute(moment):
            return replace(moment, zone=other.zone).at(place.zone)
    return moment.at(place.zone)


def _zone_told(moment: Moment, told: Sequence[Moment]) -> timezone | None:
    """Return the zone of a visible moment that is the very one which machines are told in UTC; None if none is."""
    shown = datetime.combine(moment.day, moment.clock or time())
    for other in told:
        if other.clock is None or other.zone is None or other.at(UTC).utcoffset():
            continue
        ahead = shown - datetime.combine(other.day, other.clock).replace(second=0, microsecond=0)
        if ahead and _WEST <= ahead <= _EAST and ahead % _ZONES == timedelta():
            return timezone(ahead)
    return None


def _minute(moment: Moment) -> tuple[date, int, int]:
    clock = moment.clock or time()
    return moment.day, clock.hour, clock.minute
