"""Dates as the sites print them, and the moments a story may name."""

import re
from datetime import UTC, datetime, timedelta, timezone

PHNOM_PENH = timezone(timedelta(hours=7), "ICT")

_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "km": "មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
}
_KHMER_DIGITS = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")
_AGO = re.compile(r"(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")


def long_date(day: datetime, language: str = "en") -> str:
    """Return the date as an OHCHR page of that language prints it: `25 September 2013`, `2015年5月27日`."""
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[language].split()[day.month - 1]} {day.year}"


def khmer_date(day: datetime) -> str:
    """Return the date in words and Khmer digits: `ថ្ងៃទី២៣ ខែមេសា ឆ្នាំ២០១៤`."""
    return khmer_digits(f"ថ្ងៃទី{day.day} ខែ{_MONTHS['km'].split()[day.month - 1]} ឆ្នាំ{day.year}")


def khmer_digits(text: str) -> str:
    """Return the text with its digits as Khmer writes them."""
    return text.translate(_KHMER_DIGITS)


def post_date(moment: datetime) -> str:
    """Return the Post's article form: `23 April 2014 | 00:26 ICT`."""
    return f"{long_date(moment)} | {moment:%H:%M} ICT"


def post_card_date(moment: datetime) -> str:
    """Return the Post's listing form, with its second pipe: `23 April 2014 | 00:26 | ICT`."""
    return f"{long_date(moment)} | {moment:%H:%M} | ICT"


def post_older_date(moment: datetime) -> str:
    """Return the Post's older article form: `September 12, 2017`."""
    return f"{_MONTHS['en'].split()[moment.month - 1]} {moment.day}, {moment.year}"


def drupal_card_date(moment: datetime) -> str:
    """Return the form on the Post's Drupal listing cards: `Fri, 26 August 2016`."""
    return f"{('Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun')[moment.weekday()]}, {long_date(moment)}"


def search_date(moment: datetime) -> str:
    """Return the form on the Post's search results: `12 Jul 2023`."""
    return f"{moment.day} {_MONTHS['en'].split()[moment.month - 1][:3]} {moment.year}"


def read_moment(ago: str, at: str, now: datetime) -> datetime:
    """Return the moment a story names, whole minutes, in UTC.

    `ago` is a span before `now` such as `3d4h10m` (after it with a leading minus); `at` an ISO time with its zone.

    Raises ValueError unless exactly one of the two is given and well formed.
    """
    if bool(ago) == bool(at):
        raise ValueError(f"a story needs either 'ago' or 'at', not ago={ago!r} and at={at!r}")
    if at:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(f"'at' needs a time zone: {at!r}")
    else:
        moment = now - _read_span(ago)
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _read_span(text: str) -> timedelta:
    found = _AGO.fullmatch(text)
    if found is None or text in ("", "-"):
        raise ValueError(f"not a span such as 3d4h10m: {text!r}")
    sign, days, hours, minutes = found.groups()
    span = timedelta(days=int(days or 0), hours=int(hours or 0), minutes=int(minutes or 0))
    return -span if sign else span
