"""Dates as pages write them: found by the site's own formats, placed in the site's zone."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache

from core.text import tidy

_KHMER_MONTHS = {
    "មករា": "January",
    "កុម្ភៈ": "February",
    "មីនា": "March",
    "មេសា": "April",
    "ឧសភា": "May",
    "មិថុនា": "June",
    "កក្កដា": "July",
    "សីហា": "August",
    "កញ្ញា": "September",
    "តុលា": "October",
    "វិច្ឆិកា": "November",
    "ធ្នូ": "December",
}
_KHMER_MONTH = re.compile("|".join(_KHMER_MONTHS))
_KHMER_FIGURES = str.maketrans("០១២៣៤៥៦៧៨៩", "0123456789")
_DIRECTIVES = {
    "%d": r"\d{1,2}",
    "%m": r"\d{1,2}",
    "%Y": r"\d{4}",
    "%y": r"\d{2}",
    "%H": r"\d{1,2}",
    "%I": r"\d{1,2}",
    "%M": r"\d{2}",
    "%S": r"\d{2}",
    "%p": r"[AaPp][Mm]",
    "%B": rf"(?:[A-Za-z]+|{'|'.join(_KHMER_MONTHS)})",
    "%b": r"[A-Za-z]{3}",
    "%a": r"[A-Za-z]{3}",
    "%A": r"[A-Za-z]+",
}
_SECOND_NAME = re.compile(r"[^\d/]+/")  # the UN's Arabic gives months two names, the Levantine one before the slash
LEAST_YEAR = 1945  # the United Nations' first; nothing on these sites is older
_MOST_AHEAD = timedelta(days=1)  # an embargoed release may be stamped for tomorrow


@lru_cache(maxsize=256)
def pattern_of(date_format: str) -> re.Pattern[str]:
    """Return the regular expression that finds what a strptime format writes; white space matches any run of it."""
    parts = re.split(r"(%[a-zA-Z])", tidy(date_format))
    return re.compile("".join(_DIRECTIVES.get(part, re.escape(part).replace(r"\ ", r"\s*")) for part in parts))


def found_date(text: str, formats: Iterable[str], zone: tzinfo, *, whole: bool = False) -> datetime | None:
    """Return the first date that a text holds in one of the formats, in the zone.

    With whole, the text must be that date and nothing else. A date without a time is midnight in the zone. %B stands
    for the English and the Khmer month, and figures may be Khmer: strptime knows neither.
    """
    line = tidy(text)
    for date_format in formats:
        pattern = pattern_of(date_format)
        for match in [pattern.fullmatch(line)] if whole else pattern.finditer(line):
            moment = _read(match[0], date_format) if match else None
            if moment:
                return moment.replace(tzinfo=zone)
    return None


def _read(text: str, date_format: str) -> datetime | None:
    english = _KHMER_MONTH.sub(lambda month: _KHMER_MONTHS[month[0]], text.translate(_KHMER_FIGURES))
    squeezed = re.sub(r"\s+", "", english)
    try:
        return datetime.strptime(squeezed, re.sub(r"\s+", "", date_format))  # noqa: DTZ007  # the caller knows the zone
    except ValueError:
        return None


def foreign_date(text: str, language: str, zone: tzinfo) -> datetime | None:
    """Return the day that a line in another language names (25 septembre 2013), at midnight in the zone, or None.

    Only a line that is hardly more than a date is read: dateparser finds dates in almost anything.
    """
    line = tidy(text)
    if not language or len(line) > 40 or not re.search(r"\d{4}", line):  # noqa: PLR2004
        return None
    if language == "ar":
        line = _SECOND_NAME.sub("", line)
    import dateparser  # noqa: PLC0415  # most pages name their date in the site's own form, and it takes long to load

    try:
        moment = dateparser.parse(line, languages=[language], settings={"REQUIRE_PARTS": ["day", "month", "year"]})
    except (ValueError, OverflowError):
        return None
    return moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone) if moment else None


def believable(moment: datetime, fetched_at: datetime) -> bool:
    """Return whether something fetched at a time can have been published at a moment."""
    return moment.year >= LEAST_YEAR and moment <= fetched_at + _MOST_AHEAD
