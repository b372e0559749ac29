"""A line that is a date: read whatever its form, and what else stands in it.

Works on one line without markup. A line counts only when it is nothing but dates, times, labels (Published, Mis à
jour), names and separators: prose that names a day is no date of its page.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.text import folded, tidy
from pipelines.months import MONTH, NUMBER_OF_MONTH, WEEKDAY

MOST_CHARACTERS = 100  # of a line that may be a date line; prose is longer
_FIGURES = str.maketrans(
    "០១២៣៤៥៦៧៨៩٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹๐๑๒๓๔๕๖๗๘๙໐໑໒໓໔໕໖໗໘໙၀၁၂၃၄၅၆၇၈၉０１２３４５６７８９：", "0123456789" * 7 + ":"
)
_LINK = r"(?:\s|[-/,.]|\bof\b|\bde\b|\bdel\b|ខែ|ឆ្នាំ){0,4}"
_SECOND_NAME = r"(?:[^\d/,|]{3,15}/\s*)?"  # the UN's Arabic gives months two names
_DAYS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<!\d)(?P<d>\d{{1,2}})\s?(?:st|nd|rd|th|er|º|ª|o|\.)?{_LINK}{_SECOND_NAME}(?P<b>{MONTH})\.?{_LINK}(?P<y>\d{{4}})(?!\d)",
        rf"(?P<b>{MONTH})\.?\s*(?P<d>\d{{1,2}})\s?(?:st|nd|rd|th)?\s*[,.]?\s*(?P<y>\d{{4}})(?!\d)",
        r"(?<!\d)(?P<d>\d{1,2})\s*thang\s*(?P<m>\d{1,2})\s*(?:,|nam)?\s*(?P<y>\d{4})(?!\d)",
        r"(?<!\d)(?P<y>\d{4})\s*[年년]\s*(?P<m>\d{1,2})\s*[月월]\s*(?P<d>\d{1,2})\s*[日일號号]?",
        rf"(?<!\d)(?P<y>\d{{4}})[-\s](?P<b>{MONTH})[-\s](?P<d>\d{{1,2}})(?!\d)",
        r"(?<![\d/.-])(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d|[/.-]\d)",
        r"(?<![\d/.-])(?P<d>\d{1,2})(?P<s>[-/.]|\s[-/.]\s)(?P<m>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d)(?!\d|[/.-]\d)",
        r"(?<![\d/.-])(?P<d>\d{1,2})(?P<s>[/.])(?P<m>\d{1,2})(?P=s)(?P<y>\d\d)(?![\d:]|[/.-]\d)",
    )
)
_MAY_BE_DATE = re.compile(r"(?:19|20)\d\d|\d[/.]\d\d?[/.]\d\d")  # asked first: most lines hold no year
_FIGURED = re.compile(r"\d{4}|\d[/.]\d\d?[/.]\d\d")  # what each pattern of a day holds
_BARS = re.compile(r"\|[\s|]*\|")
_HALF = r"(?P<p>[ap])\.?\s?m\b\.?"
_KHMER_HALF = r"(?P<k>ព្រឹក|រសៀល|ល្ងាច|យប់)"
_TIME = re.compile(
    rf"(?<![\d:])(?P<c>上午|下午|晚上|凌晨)?\s*(?P<h>\d{{1,2}})\s?(?:[:h時时點点]|នាទី)\s?(?P<m>\d{{2}})(?!\d)"
    rf"(?:\s?[:mn分]\s?(?P<s>\d{{2}})(?!\d)(?:\.\d+)?|\s?(?:分|នាទី|min\b))?\s*(?:{_HALF}|{_KHMER_HALF})?"
    rf"|(?<![\d:])(?P<h2>\d{{1,2}})(?:\.(?P<m2>\d{{2}}))?\s*(?:(?P<p2>[ap])\.?\s?m\b\.?)"
    rf"|(?<![\d:])(?P<h3>\d{{1,2}})(?:\s?h(?:rs)?\b|\.(?P<m3>\d{{2}})(?=\s?(?:gmt|utc|ict|wib|uhr|h|hrs)\b))"
)
_NAMED_ZONES: dict[str, tzinfo] = {
    name: timezone(timedelta(hours=hours))
    for names, hours in (
        ("utc gmt z", 0),
        ("bst cet", 1),
        ("cest sast", 2),
        ("msk eat", 3),
        ("ict wib", 7),
        ("hkt sgt pht myt pst8", 8),
        ("jst kst", 9),
        ("aest", 10),
        ("aedt", 11),
        ("edt", -4),
        ("est", -5),
        ("pdt", -7),
        ("pst", -8),
    )
    for name in names.split()
} | {"et": ZoneInfo("America/New_York"), "ict": timezone(timedelta(hours=7), "ICT")}
_ZONE = re.compile(
    r"\s*[|,(]?\s*(?:(?:utc|gmt)\s*(?P<g>[+-]\s?\d{1,2}(?::?\d{2})?)(?!\d)|(?P<o>[+-]\d{2}:?\d{2})(?!\d)"
    rf"|(?P<n>{'|'.join(_NAMED_ZONES)})\b)\s*\)?"
)
_MODIFIED = re.compile(
    r"updat|modifi|\bedited\b|\brevised\b|mis(?:e)? a jour|actualiz|atualiz|обновлен|измен|تحديث|تعديل|更新|修改"
    r"|កែប្រែ|កែសម្រួល|បច្ចុប្បន្នភាព|aktualisiert|diperbarui|cap nhat"
)
_SITES_OWN = re.compile(
    r"\b(?:printed|accessed|retrieved|downloaded|deadline|closing|expires?|born|died|since|until|copyright|archived?"
    r"|filed under|event|venue|today)\b|©|\(c\)|=|@"
)
_LABEL = re.compile(
    r"\b(?:first |date |originally )?(?:published|publication|posted|submitted|released?|issued|created|uploaded)"
    r"(?: date)?(?: (?:on|at|date))?\b"
    r"|\b(?:last |date )?(?:updated?|modified|edited|revised)(?: date)?(?: (?:on|at))?\b"
    r"|\b(?:date de )?publi(?:e|ee|cation|cado|cada|shed)\b(?: (?:le|el))?"
    r"|\bmis(?:e)? (?:a jour|en ligne)\b|\bmodifie\b|\bultima\b|\bderniere\b|\bdate\b|\btime\b"
    r"|\b(?:fecha|data)(?: de publica\w+)?\b|\b(?:ultima )?a(?:c)?tuali[sz]a\w+"
    r"|опубликовано|обновлено|изменено|дата(?: публикации)?|آخر تحديث|تاريخ النشر|تاريخ|نشر|تحديث|发布(?:时间|日期|于)?"
    r"|更新(?:时间|日期|于)?|时间|日期|ចុះផ្សាយ|ផ្សាយ|កាលបរិច្ឆេទ|ថ្ងៃទី|ថ្ងៃ|ឆ្នាំ|ខែ|ម៉ោង|នាទី|ធ្វើបច្ចុប្បន្នភាព"
    r"|បច្ចុប្បន្នភាព|កែប្រែ"
    r"|\bveroffentlicht\b|\baktualisiert\b|\bditerbitkan\b|\bdiperbarui\b|\bdang\b|\bcap nhat\b"
    r"|\bngay\b|\bluc\b|\bstand\b"
)
_CHAFF = re.compile(
    rf"(?:{WEEKDAY})|\b\d+ ?-?(?:min(?:ute)?s?|mn)(?:\.| de)?(?: read(?:ing)?| lectura| lecture| time)?\b"
    r"|\bread(?:ing)? time\b"
    r"|\b\d[\d,.]*k? (?:views?|comments?|shares?|reads?|vues?|commentaires?|comentarios?|visitas|hits)\b"
    r"|\b(?:no comments?|leave a comment|share|print|listen|save|email|facebook|twitter|whatsapp|telegram|hits|views)\b"
    r"|\b(?:on|at|a|as|le|la|el|les|las|the|of|de|du|um|uhr|hrs|hours|h|г|в|local time)\b|[年月日时時分]"
)
_SEPARATORS = re.compile(r"[\s|,.:;/()\[\]{}<>·•∙●▪►‣»«–—―_~*+៖។،、。：-]+")
_PARTICLES = frozenset(
    [
        "by",
        "admin",
        "administrator",
        "webmaster",
        "editor",
        "staff",
        "team",
        "desk",
        "agencies",
        "and",
        "for",
        "in",
        "with",
        "par",
        "et",
        "por",
        "y",
        "e",
        "von",
        "und",
        "da",
        "dos",
        "van",
        "der",
        "den",
        "bin",
        "al",
        "el",
        "di",
        "del",
        "oleh",
        "para",
    ]
)
_LONGEST_KEPT = 300  # characters of a line that is remembered
_MOST_PARTS, _PART = 4, 60  # of a line with bars: parts, and characters of each
_MOST_NAMES = 7  # words; a headline in capitals is longer
_MOST_UNSPACED = 40  # characters of names in a script that parts no words
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_YEARS_OF_TWO_FIGURES = 2000


@dataclass(frozen=True, slots=True)
class Moment:
    """A day that a line names, with time and zone as far as it names them.

    swapped is the day that figures name as well if the month stands first (03/04/2026); start and end tell where the
    day stands in the line.
    """

    day: date
    clock: time | None = None
    zone: tzinfo | None = None
    swapped: date | None = None
    is_modified: bool = False
    start: int = 0
    end: int = 0

    def at(self, zone: tzinfo) -> datetime:
        """Return the moment, in the zone where the line names none, at midnight where it names no time."""
        return datetime.combine(self.day, self.clock or time(), self.zone or zone)


def readable(text: str) -> str:
    """Return a line as dates are looked for in it: folded, with European figures, every character at its place."""
    return folded(text.translate(_FIGURES))


def date_line(text: str, *, is_modified: bool = False, is_month_first: bool = False) -> tuple[Moment, ...]:
    """Return the moments that a line is there to name; none where it is more than dates, labels and names.

    is_modified says what a label in front of the line said. Two days without a label that differ are a stretch of
    time, and no date.
    """
    line = tidy(text)
    if len(line) > MOST_CHARACTERS or not any(map(str.isdigit, line)):
        return ()
    return _date_line(line, is_modified=is_modified, is_month_first=is_month_first)


@lru_cache(maxsize=1024)  # the lines around a headline are asked for authors as well as for dates
def _date_line(line: str, *, is_modified: bool, is_month_first: bool) -> tuple[Moment, ...]:
    plain = readable(line)
    days = list(_days(plain, is_month_first=is_month_first)) if _MAY_BE_DATE.search(plain) else []
    if not days or _SITES_OWN.search(plain):
        return ()
    moments, rest = _with_times(plain, days, is_modified=is_modified)
    if not is_names(_blanked(line, plain, rest)):
        parts = line.split("|")
        if not 1 < len(parts) <= _MOST_PARTS or any(len(part) > _PART for part in parts):
            return ()
        # An office, or how often it was read, may stand behind a bar.
        found = (date_line(part, is_modified=is_modified, is_month_first=is_month_first) for part in parts)
        return next(filter(None, found), ())
    published = {moment.day for moment in moments if not moment.is_modified}
    return tuple(moments) if len(published) <= 1 else ()


def first_moment(text: str, *, is_month_first: bool = False) -> Moment | None:
    """Return the first day that a text holds, with the time and zone beside it, whatever else stands there."""
    plain = readable(tidy(text)[:MOST_CHARACTERS])
    days = list(_days(plain, is_month_first=is_month_first))
    return _with_times(plain, days, is_modified=False)[0][0] if days else None


def time_line(text: str) -> tuple[time, tzinfo | None] | None:
    """Return the time and zone that a line is there to name (14:30 ICT), or None."""
    line = tidy(text)
    plain = readable(line)
    found = _TIME.search(plain) if len(line) <= MOST_CHARACTERS else None
    moment = _time_of(found) if found else None
    if found is None or moment is None:
        return None
    zone = _ZONE.match(plain, found.end())
    end = zone.end() if zone else found.end()
    if bare(line[: found.start()] + " " + line[end:]):
        return None
    return moment, _zone_of(zone)


def bare(text: str) -> str:
    """Return what is left of a line without labels of dates, weekdays and separators: nothing, for a label alone."""
    return _SEPARATORS.sub(" ", _CHAFF.sub(" ", _LABEL.sub(" ", readable(tidy(text))))).strip()


def says_modified(label: str) -> bool:
    """Return whether a label speaks of a later change (Updated, Mis à jour, 更新)."""
    return bool(_MODIFIED.search(readable(label)))


def without_dates(text: str) -> str:
    """Return a line with a bar in place of each day, time, zone and label of a date."""
    return _without_dates(text) if len(text) <= _LONGEST_KEPT else _without_dates.__wrapped__(text)


@lru_cache(maxsize=1024)  # as for `_date_line`
def _without_dates(text: str) -> str:
    line = tidy(text)
    plain = readable(line)
    kept = line
    if days := list(_days(plain, is_month_first=False)):
        rest = _with_times(plain, days, is_modified=False)[1]
        kept = "".join([line[index] if rest[index] != "\0" else "|" for index in range(len(line))])
        plain = readable(kept)
    for found in reversed(list(_LABEL.finditer(plain))):
        kept = f"{kept[: found.start()]}|{kept[found.end() :]}"
    return _BARS.sub("|", kept)


def is_names(text: str) -> bool:
    """Return whether what is left of a date line can be names and places, or nothing: no sentence, no figures."""
    left = _SEPARATORS.sub(" ", text).strip()
    if not left:
        return True
    if any(character.isdigit() for character in left) or re.search(r"[!?؟？]", text):
        return False
    if _UNSPACED.search(left):
        return len(left) <= _MOST_UNSPACED
    words = left.split()
    labelled = words[0].casefold() in _PARTICLES
    return len(words) <= _MOST_NAMES * (2 if labelled else 1) and all(
        not word[0].islower() or word.casefold() in _PARTICLES for word in words
    )


def _days(plain: str, *, is_month_first: bool) -> Iterator[Moment]:
    taken: list[Moment] = []
    for pattern in _DAYS if _FIGURED.search(plain) else ():
        for found in pattern.finditer(plain):
            if any(found.start() < other.end and other.start < found.end() for other in taken):
                continue
            if moment := _day_of(found, is_month_first=is_month_first):
                taken.append(moment)
    yield from sorted(taken, key=lambda moment: moment.start)


def _day_of(found: re.Match[str], *, is_month_first: bool) -> Moment | None:
    parts = found.groupdict()
    year = int(parts["y"]) + (_YEARS_OF_TWO_FIGURES if len(parts["y"]) == len("26") else 0)
    if name := parts.get("b"):
        day = _day(year, NUMBER_OF_MONTH.get(name, 0), int(parts["d"]))
        return Moment(day, start=found.start(), end=found.end()) if day else None
    first, second = int(parts["m"]), int(parts["d"])
    plain, swapped = _day(year, first, second), _day(year, second, first)
    is_open = bool(parts.get("s")) and found.start("d") < found.start("m")
    if not is_open:
        return Moment(plain, start=found.start(), end=found.end()) if plain else None
    wanted, other = (swapped, plain) if is_month_first else (plain, swapped)
    day = wanted or other
    other = other if wanted and other != wanted else None
    return Moment(day, swapped=other, start=found.start(), end=found.end()) if day else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _with_times(plain: str, days: list[Moment], *, is_modified: bool) -> tuple[list[Moment], str]:
    """Return days with their labels and times, and the line with a NUL for each character of what was read."""
    rest = list(plain)
    for moment in days:
        rest[moment.start : moment.end] = "\0" * (moment.end - moment.start)
    moments = []
    for index, moment in enumerate(days):
        before = days[index - 1].end if index else 0
        label = "".join(rest[before : moment.start])
        later = bool(_MODIFIED.search(label)) or (is_modified and not index and not _LABEL.search(label))
        moments.append(replace(moment, is_modified=later))
    for found in _TIME.finditer("".join(rest)):
        moment_time = _time_of(found)
        if moment_time is None:
            continue
        zone = _ZONE.match(plain, found.end())
        end = zone.end() if zone else found.end()
        rest[found.start() : end] = "\0" * (end - found.start())
        owner = max((index for index, one in enumerate(days) if one.end <= found.start()), default=0)
        between = "".join(rest[days[owner].end : found.start()])
        if moments[owner].clock is None and not _MODIFIED.search(between):
            moments[owner] = replace(moments[owner], clock=moment_time, zone=_zone_of(zone))
    return moments, "".join(rest)


def _time_of(found: re.Match[str]) -> time | None:
    parts = found.groupdict()
    hour = int(parts["h"] or parts["h2"] or parts["h3"])
    minute = int(parts["m"] or parts["m2"] or parts["m3"] or 0)
    half = parts["p"] or parts["p2"] or _half_of(parts["k"] or parts["c"])
    if half and 1 <= hour <= 12:  # noqa: PLR2004  # the hours of a clock's face
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute, int(parts["s"] or 0))
    except ValueError:
        return None


def _half_of(word: str | None) -> str:
    return ("a" if word in {"ព្រឹក", "上午", "凌晨"} else "p") if word else ""


def _zone_of(found: re.Match[str] | None) -> tzinfo | None:
    if found is None:
        return None
    if found["n"]:
        return _NAMED_ZONES[found["n"]]
    figures = re.sub(r"[\s:]", "", found["g"] or found["o"])
    hours, minutes = (figures[1:], "0") if len(figures) <= len("+07") else (figures[1:-2], figures[-2:])
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if figures[0] == "-" else offset) if offset < timedelta(hours=15) else None


def _blanked(line: str, plain: str, rest: str) -> str:
    """Return the words of a line that are neither read nor a label, as they were written."""
    left = "".join(" " if taken == "\0" else character for taken, character in zip(rest, plain, strict=True))
    for pattern in (_LABEL, _CHAFF):
        left = pattern.sub(lambda found: " " * len(found[0]), left)
    return "".join(
        written if kept != " " or written.isspace() else " " for kept, written in zip(left, line, strict=True)
    )
