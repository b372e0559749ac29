"""How a site of unknown design writes its dates, and in which zone. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from pipelines.dates import found_date

_TIMES = ("%I:%M %p", "%H:%M:%S", "%H:%M")
_DAYS = (
    *("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%b %d, %Y", "%B %d %Y", "%d %B, %Y", "%b. %d, %Y"),
    *("%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%m/%d/%Y", "%Y年%m月%d日", "ថ្ងៃទី%d ខែ%B ឆ្នាំ%Y"),
)
_BETWEEN = (" | ", " ", ", ", " at ", " - ", "T")
AMBIGUOUS = frozenset({"%d/%m/%Y", "%d-%m-%Y", "%m/%d/%Y"})
"""Formats of which a person has to say whether the day or the month comes first."""
ZONES = ("Asia/Phnom_Penh", "UTC")
_NEAR = timedelta(days=1, hours=14)  # a day without a time, in whatever zone
_LONGEST = 400  # characters; a text that is longer is no place for a date


def format_in(text: str, zone: tzinfo, known: datetime | None = None) -> str:
    """Return the fullest format of a date that a text holds, empty without one.

    known is when the page says for machines that it was published: a date more than a day from it is another's.
    """
    if len(text) > _LONGEST or not any(character.isdigit() for character in text):
        return ""
    for day in _DAYS:
        if not _fits(text, day, zone, known):
            continue
        timed = (f"{day}{between}{time}" for between in _BETWEEN for time in _TIMES)
        return next((form for form in timed if _fits(text, form, zone, known)), day)
    return ""


def _fits(text: str, form: str, zone: tzinfo, known: datetime | None) -> bool:
    moment = found_date(text, [form], zone)
    return moment is not None and (known is None or abs(moment - known) <= _NEAR)


def zone_of(pairs: Sequence[tuple[datetime, datetime]], offsets: Iterable[timedelta], host: str) -> tuple[str, str]:
    """Return a zone and what speaks for it, an empty text where nothing does.

    pairs are dates as people read them (without their zone) beside the moments that the site gives machines; offsets
    are those with which it writes such moments.
    """
    scores = {zone: sum(_agrees(ZoneInfo(zone), seen, moment) for seen, moment in pairs) for zone in ZONES}
    best = max(ZONES, key=lambda zone: scores[zone])
    if len(set(scores.values())) > 1:
        return best, f"{scores[best]} of {len(pairs)} visible dates agree with their moments in it"
    told = {offset for offset in offsets if offset}
    if timedelta(hours=7) in told:
        return "Asia/Phnom_Penh", "the pages write +07:00; other zones do so too"
    if len(told) == 1:
        hours = int(next(iter(told)).total_seconds() // 3600)
        return f"Etc/GMT{-hours:+d}", f"the pages write the offset {hours:+d} hours"
    if host.endswith(".kh"):
        return "Asia/Phnom_Penh", "by the ending of its host"
    return "UTC", ""


def _agrees(zone: tzinfo, seen: datetime, moment: datetime) -> bool:
    local = moment.astimezone(zone)
    if (seen.hour, seen.minute) == (0, 0):
        return seen.date() == local.date()
    return abs(seen.replace(tzinfo=None) - local.replace(tzinfo=None)) < timedelta(minutes=2)


def moment_in(text: str) -> datetime | None:
    """Return the moment that a machine-readable date names (ISO 8601); one without a zone counts as UTC."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
