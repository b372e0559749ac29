"""The place that opens a text: `GENEVA (3 May 2024) –`, `PHNOM PENH, 3 May (OHCHR) —`. The paragraph stays as it is.

A place in capitals counts where a day or an agency follows it, any other where it is known and a day with its year
follows; where nothing does, it must be both. Too few is better than wrong: NATO, BREAKING and HUMAN RIGHTS WATCH open
sentences as well, with a dash behind them.
"""

import re
from collections.abc import Sequence

from core.text import normalised, tidy
from pipelines.moments import date_line, readable
from pipelines.months import MONTH

_LONGEST = 60  # characters of a place
_MOST_WORDS = 6
_HEAD = 3  # lines within which the first sentence stands, below a short title or a summary
_LEAST = 40  # characters of a paragraph; a heading is shorter
_DASH = r"(?:--|[—–―‒-])"
_NAME = r"[^\W\d_](?:[\w.'’-]|\s(?=[^\W\d_])|\s?/\s?)*"
_PLACE = rf"(?P<place>{_NAME}(?:, {_NAME})?)"
_BRACKETED = re.compile(
    rf"{_PLACE},?\s?[(（\[](?P<inner>[^()（）\[\]]{{2,60}})[)）\]]\s?(?:{_DASH}|[:：៖.])\s?(?P<rest>\S.*)"
)
_DATED = re.compile(
    rf"{_PLACE}, (?P<day>[^()—–,]{{3,20}}(?:, \d{{4}})?)\s?(?:[(（][^()（）]{{2,40}}[)）]\s?)?(?:\s{_DASH}|[—–])\s?"
    r"(?P<rest>\S.*)"
)
_BARE = re.compile(rf"{_PLACE}(?:\s{_DASH}\s|[—–])\s?(?P<rest>\S.*)")
_DAY = re.compile(rf"\d{{1,2}}\D{{0,6}}\b(?:{MONTH})\b|\b(?:{MONTH})\.? \d{{1,2}}\b|\d月")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SENTENCE_END = re.compile(r"[.!?…។៕។。！？؟]")
_SMALL = frozenset(("de", "du", "del", "la", "le", "el", "of", "and", "et", "y", "am", "an", "da", "do", "in"))
_NO_PLACES = frozenset(
    (
        *("the", "a", "an", "this", "that", "his", "her", "its", "their", "our", "on", "in", "at", "by", "since"),
        *("breaking", "update", "updated", "live", "exclusive", "opinion", "analysis", "watch", "video", "news"),
        *("correction", "statement", "press", "release", "note", "report", "law", "article", "court", "ministry"),
        *("mr", "mrs", "ms", "dr", "samdech", "day", "date", "deadline", "committee", "council", "nato", "asean"),
    )
)
_WIRES = frozenset(
    (
        *("reuters", "afp", "ap", "xinhua", "ohchr", "akp", "upi", "kyodo", "efe", "dpa", "ansa", "bernama", "rfa"),
        *("voa", "rfi", "un news", "ips", "ucan", "ucanews", "ann", "cna", "bbc", "cnn", "tass", "yonhap", "antara"),
        *("the post", "khmer times", "camboja", "cambojanews", "licadho", "cchr", "unhcr", "unicef", "undp", "ilo"),
        *("thomson reuters foundation", "associated press", "the associated press", "agence france-presse", "vna"),
        *("agence kampuchea presse", "bloomberg", "the nation", "phnom penh post", "kyodo news", "unesco", "iom"),
        *("amnesty international", "human rights watch", "ifex", "fidh", "rsf", "irin", "the new humanitarian"),
    )
)
# Where the news that is watched comes from: the seats of the United Nations, the capitals around, Cambodia's towns.
_KNOWN = frozenset(
    (
        *("phnom penh", "siem reap", "battambang", "sihanoukville", "preah sihanouk", "kampot", "kep", "kandal"),
        *("takeo", "pursat", "kratie", "poipet", "pailin", "bavet", "koh kong", "stung treng", "svay rieng"),
        *("prey veng", "kampong cham", "kampong chhnang", "kampong speu", "kampong thom", "mondulkiri", "ratanakiri"),
        *("preah vihear", "oddar meanchey", "banteay meanchey", "tbong khmum", "ta khmau", "sen monorom", "banlung"),
        *("geneva", "genève", "ginebra", "new york", "united nations", "nairobi", "vienna", "the hague", "brussels"),
        *("bangkok", "hanoi", "ho chi minh city", "vientiane", "yangon", "naypyidaw", "kuala lumpur", "singapore"),
        *("jakarta", "manila", "bandar seri begawan", "dili", "beijing", "shanghai", "hong kong", "taipei", "tokyo"),
        *("seoul", "new delhi", "dhaka", "kathmandu", "colombo", "islamabad", "canberra", "sydney", "wellington"),
        *("washington", "washington, d.c.", "ottawa", "london", "paris", "berlin", "rome", "madrid", "stockholm"),
        *("moscow", "istanbul", "cairo", "johannesburg", "женева", "пномпень", "нью-йорк"),
        *("جنيف", "بنوم بنه", "نيويورك", "日内瓦", "金边", "纽约"),
    )
)
_PROVINCES = (
    r"(?:រាជធានី|ខេត្ត|ក្រុង)?(?:ភ្នំពេញ|បន្ទាយមានជ័យ|បាត់ដំបង|កំពង់ចាម|កំពង់ឆ្នាំង|កំពង់ស្ពឺ|កំពង់ធំ|កំពត|កណ្តាល|កណ្ដាល|កែប|កោះកុង"
    r"|ក្រចេះ|មណ្ឌលគិរី|ឧត្តរមានជ័យ|ឧត្ដរមានជ័យ|ប៉ៃលិន|ព្រះសីហនុ|ព្រះវិហារ|ព្រៃវែង|ពោធិ៍សាត់|រតនគិរី|សៀមរាប|ស្ទឹងត្រែង|ស្វាយរៀង"
    r"|តាកែវ|ត្បូងឃ្មុំ)"
)
_KHMER = re.compile(rf"[(（]?(?P<place>{_PROVINCES})[)）]?\s*(?:[៖:]|{_DASH})\s*(?=\S)")


def dateline_of(paragraphs: Sequence[str]) -> str:
    """Return the place that opens a text's first sentence, as it is written there; empty where it is doubtful."""
    first = next((line for line in paragraphs[:_HEAD] if _is_sentence(line)), "")
    line = tidy(first[:400])
    found = _KHMER.match(line)
    place = found["place"] if found else _bracketed(line) or _dated(line) or _bare(line)
    return place if len(place) <= _LONGEST else ""


def is_known_place(name: str) -> bool:
    """Return whether a name is one of the places that news of Cambodia comes from, or several of them with strokes."""
    plain = normalised(name)
    towns = [town.strip() for town in plain.partition(",")[0].split("/")]
    return plain in _KNOWN or all(town in _KNOWN for town in towns)


def _is_sentence(line: str) -> bool:
    return len(line) >= _LEAST and _SENTENCE_END.search(line) is not None


def _bracketed(line: str) -> str:
    """Return the place in front of a date or an agency in brackets: GENEVA (3 May 2024) –, PHNOM PENH (Reuters) -."""
    found = _BRACKETED.match(line)
    if found is None or not _is_place(found["place"]):
        return ""
    inner, is_shouted = found["inner"], _is_shouted(found["place"])
    is_dated = _names_day(inner) if is_shouted else is_known_place(found["place"]) and date_line(inner)
    if is_dated:
        return found["place"]
    return found["place"] if is_shouted and normalised(inner) in _WIRES else ""


def _dated(line: str) -> str:
    """Return the place in front of a day: PHNOM PENH, 3 May (OHCHR) —, Geneva, 3 May 2024 –."""
    found = _DATED.match(line)
    if found is None or not _names_day(found["day"]) or not _is_place(found["place"]):
        return ""
    is_written = is_known_place(found["place"]) and _YEAR.search(found["day"])
    return found["place"] if is_written or _is_shouted(found["place"]) else ""


def _bare(line: str) -> str:
    """Return the known place in capitals that nothing but a dash follows."""
    found = _BARE.match(line)
    if found is None or not _is_shouted(found["place"]):
        return ""
    land = found["place"].partition(",")[2]
    # GENEVA – the city – is dear: a second dash ends what the first began.
    is_aside = re.search(rf"\s{_DASH}\s|[—–]", _SENTENCE_END.split(found["rest"], maxsplit=1)[0])
    return found["place"] if is_known_place(found["place"]) and not is_aside and len(land.split()) <= 2 else ""  # noqa: PLR2004  # words


def _names_day(text: str) -> bool:
    return _DAY.search(readable(text)) is not None


def _is_shouted(place: str) -> bool:
    """Return whether a place is in capitals, or known where its script has none.

    The country or state behind a comma need not be.
    """
    town = place.partition(",")[0]
    if town.upper() == town.lower():
        return is_known_place(town)
    return town.isupper() and len(town) > 2  # noqa: PLR2004  # UN, EU


def _is_place(text: str) -> bool:
    """Return whether words can be a place's name: none that says otherwise, and none in small letters but of and de."""
    words = re.split(r"[\s,/]+", text)
    is_low = any(word[:1].islower() and word not in _SMALL for word in words)
    return not is_low and len(words) <= _MOST_WORDS and not _NO_PLACES & set(normalised(text).split())
