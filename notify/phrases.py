"""How a message writes times, counts and words that came from the web."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from html import escape
from urllib.parse import quote

from core.text import tidy
from core.urls import split

# Controls, lone surrogates, bidirectional embeddings and isolates, byte order marks, invisible tags: nothing a
# reader can see, and enough to turn a line round or to hide words in it. Zero-width spaces stay: Khmer needs them.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff"
    r"\U000e0000-\U000e007f]"
)
_SPACES = re.compile(r"\s+")
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_KHMER = re.compile(r"[\u1780-\u17ff]")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_STEPS = ((timedelta(days=2), "day"), (timedelta(hours=2), "hour"), (timedelta(minutes=1), "minute"))
_URL = 2000
_UNITS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}


@dataclass(frozen=True, slots=True)
class Words:
    """Words from the web on one line, with their language (empty where unknown) and direction, ltr or rtl."""

    text: str
    lang: str = ""
    dir: str = "ltr"


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a message is written: what sources are called, and the zone in which times are told."""

    titles: Mapping[str, str]
    zone: tzinfo

    def title(self, source: str) -> str:
        """Return what a source is called; its name where nobody named it."""
        return visible(self.titles.get(source, source))

    def when(self, moment: datetime) -> str:
        """Return a moment as `14 July 2026, 09:30` in the reader's zone."""
        return f"{self.day(moment)}, {moment.astimezone(self.zone):%H:%M}"

    def day(self, moment: datetime) -> str:
        """Return the day of a moment as `14 July 2026` in the reader's zone."""
        local = moment.astimezone(self.zone)
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"

    def date(self, published: datetime) -> str:
        """Return when something was published, in the reader's zone; the source's own day where it gave no time.

        A date without a time is kept as midnight where the source is: another zone's clock would falsify it.
        """
        if published.time() == time():
            return f"{published.day} {_MONTHS[published.month - 1]} {published.year}"
        return self.when(published)

    def weekday(self, moment: datetime) -> str:
        """Return the day of a moment as `Tuesday 14 July 2026` in the reader's zone."""
        return f"{_DAYS[moment.astimezone(self.zone).weekday()]} {self.day(moment)}"


def scrubbed(text: str) -> str:
    """Return text without what cannot be seen, white space folded; a space at an end stays."""
    return _SPACES.sub(" ", _UNSEEN.sub("", text))


def visible(text: str) -> str:
    """Return text on one line without what cannot be seen."""
    return tidy(scrubbed(text))


def words(text: str, declared: str = "") -> Words:
    """Return text from the web with its language and direction; `declared` is what the page said of itself."""
    shown = visible(text)
    if _KHMER.search(shown):
        return Words(shown, "km")
    lang = declared if _TAG.fullmatch(declared) and not declared.startswith("km") else ""
    strong = (unicodedata.bidirectional(character) for character in shown)
    first = next((kind for kind in strong if kind in {"L", "R", "AL"}), "L")
    return Words(shown, lang, "ltr" if first == "L" else "rtl")


def link(url: str) -> str:
    """Return an http(s) address in ASCII, fit for a line of its own; empty for anything else."""
    if split(url) is None:
        return ""
    return quote(visible(url), safe="/:?#[]@!$&'()*+,;=%~-._")


def bounded(url: str) -> str:
    """Return the address to follow; none where it is longer than mail programs and browsers carry."""
    address = link(url)
    return address if len(escape(address)) <= _URL else ""


def number_of(count: int, noun: str) -> str:
    """Return `1 article`, `1,204 articles`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def in_a_row(parts: Iterable[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def age(span: timedelta) -> str:
    """Return how long ago something was: `3 days ago`, `25 minutes ago`, `just now`."""
    for least, unit in _STEPS:
        if span >= least:
            return f"{number_of(span // _UNITS[unit], unit)} ago"
    return "just now"


def span_of(span: timedelta) -> str:
    """Return how long something takes, in one unit: `3 days`, `5 hours`, `20 minutes`; `hour` and `day` for one."""
    for unit, least in (("day", timedelta(hours=20)), ("hour", timedelta(minutes=90)), ("minute", timedelta())):
        if span >= least:
            count = max(1, round(span / _UNITS[unit]))
            return unit if count == 1 else number_of(count, unit)
    return "minute"
