"""Who wrote it, on a page of unknown design: the names in bylines, without the words around them.

In turn: elements that are marked as the author's, lines near the headline (By A and B), JSON-LD, meta elements.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import cast

from lxml import etree, html

from core.text import normalised, tidy
from pipelines.moments import date_line, without_dates
from pipelines.months import WEEKDAY
from pipelines.structured import Structured
from pipelines.visible import MOST_CHARACTERS, Line, is_beside, short_text

_BY_WORDS = (
    r"(?:(?:written|reported|reporting|story|words|text|article|interview|report|posted|published|edited)"
    r"(?:\s+(?:and|&)\s+(?:pictures|photos|photographs|photography|images|reporting))?\s+by|by|byline"
    r"|text(?=\s*:)|words(?=\s*:)|correspondents? in [\w ]{3,30}(?=:)|reporters?|authors?|contact author"
    r"|writers?|journalists?|correspondents?|from our correspondent"
    r"|par|propos recueillis par|auteurs?|por|autora?|escrito por|redacci[oó]n|von|autoren|oleh|penulis|bởi|tác giả"
    r"|автор|текст|بقلم|كتب(?:ته)?|作者|记者|記者|文"
    r"|អត្ថបទដោយ|រាយការណ៍ដោយ|សរសេរដោយ|ដោយ|អ្នកយកព័ត៌មាន|អ្នកសរសេរ|អ្នកនិពន្ធ|ប្រភព)"
)
_LEAD = re.compile(rf"(?i)^\W*{_BY_WORDS}(?:\s*[:៖：/]\s*|\s+(?=\S)|(?<=[\u1780-\u17ff]))")
_COLON_LEAD = re.compile(rf"(?i)^\W*{_BY_WORDS}\s*[:៖：]\s*")
_SPOKEN_LEAD = re.compile(
    r"^\W*(?:(?i:(?:written|reported|reporting|story|words|text|article|interview)"
    r"(?: (?:and|&) (?:pictures|photos|photographs|photography|images|reporting))? by|from our correspondent)"
    r"|By|BY|by|Par|PAR|par|Por|POR|por|Von|Oleh|Bởi|بقلم|អត្ថបទដោយ|រាយការណ៍ដោយ|សរសេរដោយ|ដោយ)\s*[:៖：]?\s+(?=\S)"
    r"|^\W*(?:អត្ថបទដោយ|រាយការណ៍ដោយ|សរសេរដោយ|ដោយ)\s*[:៖]?\s*(?=\S)"
)
_WEEKDAY = re.compile(rf"(?i)[\s,]+(?:{WEEKDAY})[.,]?\s*(?=\|)")
_BARE_LEAD = re.compile(r"(?i)\W*(?:words|text|story|reporting|report|writer|author)(?:\s+by)?\W*")
_CARD_LABEL = re.compile(r"(?i)(?:(?:(?:story |article )?(?:written|reported) by|(?:the )?authors?|auteurs?)\s*:?)")
_AGO = re.compile(r"(?i)\b(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?) ago\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LEAST_DATE = 8  # characters of a date
_LINE_END = re.compile(r"(?i)\s*(?:\b(?:editor|edited|photo\w*|copyright|translat\w+)\b|©).*$")
_DASH = re.compile(r"^\s*(?:[—–-]|--)\s*(?=\S)")
_RIGHT = re.compile(r"(?i)^right$|align[:-]\s*right|text-(?:right|end)|signature")
_BELOW = etree.XPath("following::p | following::div[not(.//div)]")
_MOST_BELOW = 400  # elements below a headline, in which a text may be signed
_GAP = re.compile(
    r"\s*(?:[,;/|•·、،]|(?<=\s)[–—-](?=\s)|\b(?:and|AND|And)\b|&|(?<=\s)(?:et|y|e|und|dan|và|with|និង|и|و)(?=\s)|(?<=\s)و(?=\S{3})|និង)\s*"
)
_OTHER_WORK = re.compile(
    r"(?i)[,;/|]\s*(?:edit\w+|photo\w*|pictures?|images?|translat\w+|camera|videos?|graphics?)(?:\s+by\b|\s*:).*$"
)
_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]*[)\]）]")
_ADDRESS = re.compile(r"\S*@\S+|https?://\S+|www\.\S+")
_TAIL = re.compile(
    r"(?i)\s+(?:in|on|for|at|from|of the|à|en|à|pour|reporting from|special to|is an?|reports?|writes|contributed)\b.*$"
)
_ROLE = re.compile(
    r"(?i)\b(?:writers?|reporters?|reporting|correspondents?|editors?|editorial|journalists?|staff|bureau|desk"
    r"|contributors?|contributing|columnists?|analysts?|photographers?|photos?|photographs?|pictures?|images?|videos?"
    r"|directors?|producers?|professors?|researchers?|fellow|intern|chief|senior|special|r[ée]dact\w+|journaliste"
    r"|envoyée?s?|correspondante?s?|periodista|corresponsal|redactora?|reportera?|follow|view all|more (?:by|from)"
    r"|posts?|articles?|about|share|read|views?|min|minutes?|updated|published|posted|comments?|source|agenc(?:y|ies))\b"
)
_OFFICE = re.compile(
    r"(?i)\b(?:offices?|service|department|secretariat|ministry|registry|unit|newsroom|communications?|relations"
    r"|embassy|commission|committee|council|team|rédaction|direction|ministère|ambassade)$"
    r"|\bpress\b|^(?:the )?office of"
)
"""A body that signs what it publishes, and no person."""
_NOBODY = frozenset(
    normalised(word)
    for word in (
        *("admin", "administrator", "staff", "editor", "editors", "webmaster", "web master", "root", "user", "guest"),
        *(
            "anonymous",
            "unknown",
            "author",
            "authors",
            "by",
            "none",
            "null",
            "n/a",
            "newsroom",
            "news desk",
            "web desk",
        ),
        *(
            "editorial team",
            "the editors",
            "staff reporter",
            "staff writer",
            "online editor",
            "web admin",
            "web editor",
        ),
        *(
            "contributor",
            "default",
            "test",
            "super user",
            "la rédaction",
            "rédaction",
            "redacción",
            "redaction",
            "فريق التحرير",
        ),
        *("communications", "communication team", "media team", "press office", "website", "site admin"),
    )
)
_PLACES = frozenset(
    normalised(place)
    for place in (
        *("phnom penh", "siem reap", "battambang", "kampot", "kandal", "takeo", "sihanoukville", "preah sihanouk"),
        *("kampong cham", "kampong speu", "kampong thom", "kratie", "mondulkiri", "ratanakiri", "pursat", "poipet"),
        *("geneva", "genève", "bangkok", "hanoi", "vientiane", "new york", "paris", "london", "jakarta", "manila"),
        *("kuala lumpur", "singapore", "beijing", "tokyo", "washington", "the hague", "cambodia", "ភ្នំពេញ"),
    )
)
_AGENCIES = frozenset(
    normalised(name)
    for name in (
        *("afp", "agence france-presse", "reuters", "ap", "associated press", "the associated press", "xinhua"),
        *("kyodo", "kyodo news", "dpa", "efe", "ansa", "akp", "agence kampuchea presse", "bernama", "vna", "upi"),
        *("thomson reuters foundation", "bloomberg", "the nation/ann", "ann", "ips", "inter press service", "ucan"),
        *("ucanews", "antara", "yonhap", "tass", "ria novosti", "cnn", "bbc", "rfa", "rfi", "voa"),
    )
)
_ANY_AGENCY = re.compile("|".join(map(re.escape, sorted(_AGENCIES))))  # asked first: hardly any line names one
_SOURCE = re.compile(r"(?i)^\W*(?:source|agency|via|来源|источник|المصدر|ប្រភព)\s*[:៖：]\s*")
_REPORTS = re.compile(
    r"([A-Z][\w'’-]+(?: [A-Z][\w'’.-]*){1,3}) (?:reports|writes|reporting)(?: (?:from|for|in) .{2,40})?\.?"
)
_PERSON = re.compile(r"(?!The )[^\W\d_][\w'’.-]+(?: [^\W\d_][\w'’.-]*){1,3}")
_THING = re.compile(
    r"(?i)\b(?:news|rights|politics|national|world|business|opinion|land|press|release|releases|statements?|reports?"
    r"|ministry|office|section|region|asia|local|law|justice|society|sports?|culture|team|service|weekly|daily|times"
    r"|post|interview|feature|analysis|affairs|court|environment|health|education|economy|labou?r|life|latest|top"
    r"|pacific|human|breaking|story|photos?|videos?|live|featured|editors?|special|events?|program(?:me)?s?|projects?"
    r"|campaigns?|cambodia|khmer|network|cent(?:er|re)|union|council|committee|association|party|government|commission"
    r"|department|police|group|forum|institute|foundation|fund|united|nations|international|social|media|share|read|save"
    r"|print|follow|listen|comments?|subscribe|sign|log|menu|search|home|contact|about|more|help|download|watch|audio"
    r"|english|français|desk|staff|admin|newsroom|radio|tv|online|magazine|ltd|inc"
    r"|province|provincial|city|district|commune|village|page|front|digital|today|week|edition|market|street|road|river)\b"
)
_MOST_MARKED = 12  # elements; a page that marks more names the authors of others too
_FAR = 4  # lines above a date: a role and an address may stand below the name
_MOST_PLACE = 20  # characters of a place behind a name: in Phnom Penh
_MOST_BESIDE = 8  # characters beside names: a weekday
_LONGEST_NAME = 60
_MOST_WORDS = 7
_MOST_AUTHORS = 12
_LOWER_IN_NAMES = frozenset(
    normalised(word)
    for word in (
        *("de", "da", "do", "dos", "du", "del", "della", "der", "den", "di", "el", "al", "bin", "binti"),
        *("la", "le", "van", "von", "ter", "ibn", "the", "of", "for", "and", "on", "in", "to", "et", "y"),
    )
)


def authors_on(
    marked: Sequence[html.HtmlElement],
    heading: html.HtmlElement | None,
    lines: Sequence[Line],
    structured: Structured,
    is_site: Callable[[str], bool],
) -> tuple[str, ...]:
    """Return the authors of a page, each once: of the first source that names any. The site itself is none.

    marked are the elements that are marked as the author's, lines those around the headline, is_site tells
    the site's own name.
    """
    sources: tuple[Iterable[str], ...] = (
        _marked(marked, heading),
        _spoken(lines),
        structured.persons,
        structured.authors,
        _beside_dates(lines),
        _near_dates(lines, is_site),
        _signed(heading),
        structured.organisations,
    )
    ends = tuple(normalised(title) for title in structured.titles)
    for source in sources:
        names = (name for text in source for name in names_of_byline(text))
        found = dict.fromkeys(name for name in names if not (is_site(name) or _is_at_end(name, ends)))
        if found:
            return tuple(found)[:_MOST_AUTHORS]
    return ()


def _is_at_end(name: str, titles: Iterable[str]) -> bool:
    """Return whether a page's title ends with a name, as titles do with that of their site."""
    plain = normalised(name)
    return any(
        title.endswith(plain) and title[: -len(plain)].endswith((" - ", " | ", " : ", " / ", " · ")) for title in titles
    )


def names_of_byline(byline: str) -> Iterator[str]:
    """Yield the names that a byline holds, as they are written: without its label, dates, roles, places, addresses."""
    line = without_dates(_ADDRESS.sub(" | ", _OTHER_WORK.sub("", tidy(byline[: 10 * MOST_CHARACTERS]))))
    line = _BRACKETS.sub(" ", _LEAD.sub("", _WEEKDAY.sub(" ", line)))
    for part in _GAP.split(line):
        name = _named(part)
        if name:
            yield name


def _named(part: str) -> str:
    """Return the name in a part of a byline, empty if there is none."""
    name = _LEAD.sub("", tidy(part)).strip(" .:–—-*\"'“”៖")
    name = _TAIL.sub("", name) if name[:1].isupper() else name
    plain = normalised(name)
    if plain in _AGENCIES:
        return name
    first = name.split(" ")[0]
    if normalised(first) in _AGENCIES and plain[len(first) :].strip() in _PLACES:
        return first
    is_known = plain in _NOBODY or plain in _PLACES or bool(_ROLE.search(name)) or bool(_BARE_LEAD.fullmatch(name))
    is_known = is_known or bool(_OFFICE.search(name))
    return name if not is_known and _can_be_name(name) else ""


def _can_be_name(name: str) -> bool:
    words = name.split()
    if not 2 <= len(name) <= _LONGEST_NAME or len(words) > _MOST_WORDS:  # noqa: PLR2004  # a letter is no name
        return False
    if any(character.isdigit() or character in "@#=<>{}?!" for character in name):
        return False
    return not words[0][0].islower() and all(
        not word[0].islower() or normalised(word) in _LOWER_IN_NAMES or "'" in word or "’" in word for word in words
    )


def _marked(marked: Sequence[html.HtmlElement], heading: html.HtmlElement | None) -> list[str]:
    """Return the texts of the elements that a page marks as its author's, the outermost of each."""
    texts: list[str] = []
    taken: set[html.HtmlElement] = set()
    for element in marked[:_MOST_MARKED]:
        if any(holder in taken for holder in element.iterancestors()) or is_beside(element, heading):
            continue
        text = _text_of(element)
        if text and any(names_of_byline(text)):
            taken.add(element)
            texts.append(text)
    return texts


def _text_of(element: html.HtmlElement) -> str:
    """Return the byline of a marked element: the name inside, or the line around it that begins with By."""
    inner = next(iter(element.xpath('.//*[@itemprop="name"]')), None)
    text = short_text(inner if inner is not None else element, 2 * MOST_CHARACTERS)
    if inner is None and _SPOKEN_LEAD.match(text):
        return text
    if inner is not None and not text:
        text = tidy(str(inner.get("content") or "")[:MOST_CHARACTERS])
    holder = element.getparent()
    for _ in range(2):
        around = short_text(holder, MOST_CHARACTERS) if holder is not None else ""
        if not around:
            break
        if _SPOKEN_LEAD.match(around):
            return around
        holder = holder.getparent()
    return _parted(element, text)


def _parted(element: html.HtmlElement, text: str) -> str:
    """Return a byline with commas between names that are links and that only their boxes hold apart."""
    names = [name for link in element.iter("a") if _PERSON.fullmatch(name := short_text(link))]
    return text.replace(" ".join(names), ", ".join(names)) if len(names) > 1 else text


def _spoken(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the lines near a headline that name who wrote it, in so many words, and those that name an agency."""
    for line in lines:
        text = line.text
        after = (piece for word, piece in pairwise(line.pieces) if _BARE_LEAD.fullmatch(word))
        parts = dict.fromkeys((text, *text.split("|"), *line.pieces))  # a line may be one piece
        named = (name for part in parts if (name := _said(part)))
        dated = (_said(part) for part in without_dates(text).split("|")) if date_line(text) else ()
        if name := next(chain(named, after, filter(None, dated)), ""):
            yield name


def _beside_dates(lines: Sequence[Line]) -> Iterator[str]:
    """Yield what looks like a person's name between the dots or bars of a date line (12 March · Keo Rathana)."""
    for line in lines:
        parts = re.split(r"\s+[|·•]\s+", line.text)
        if len(parts) > 1 and date_line(line.text):
            yield from (part for part in parts if _PERSON.fullmatch(part) and not _THING.search(part))


def _near_dates(lines: Sequence[Line], is_site: Callable[[str], bool]) -> Iterator[str]:
    """Yield a line of nothing but names next to the first line with a date, or names and the date with a place.

    Nothing calls them the author's but where they stand: below the headline, at the date.
    """
    dated = next((index for index, line in enumerate(lines) if _is_dated(line.text)), None)
    if dated is None:
        return
    near = [index for index in range(max(dated - _FAR, 0), dated + 3) if index < len(lines)]
    same = [index for index in near if lines[index].is_above == lines[dated].is_above]
    found = {index: names for index in same if (names := _names_alone(lines[index], is_site, is_first=index == dated))}
    first = min(found, key=lambda one: abs(one - dated), default=None)
    if first is not None:
        yield from (", ".join(found[index]) for index in range(first, dated + 3) if index in found)


def _names_alone(line: Line, is_site: Callable[[str], bool], *, is_first: bool) -> list[str]:
    """Return the names of a line that holds little else; of a dated line, is_first, those that it begins with."""
    texts = (line.text,) if _is_dated(line.text) else line.pieces
    pieces = (_BRACKETS.sub(" ", without_dates(text)) for text in texts)
    whole = [tidy(part).strip(" -–—") for piece in pieces for part in _GAP.split(piece) if part.strip(" |.:–—-")]
    parts = [part for part in whole if not (_AGO.search(part) or _ROLE.search(part) or is_site(part))]
    parts = [name if len(part) - len(name) <= _MOST_PLACE else part for part in parts if (name := _TAIL.sub("", part))]
    names = [part for part in parts if _PERSON.fullmatch(part) and _is_cased(part) and not _THING.search(part)]
    is_alone = all(part in names or len(part) <= _MOST_BESIDE for part in parts)
    return names if names and (is_alone or (is_first and names[0] == parts[0])) else []


def _signed(heading: html.HtmlElement | None) -> Iterator[str]:
    """Yield the names with which a text is signed: below it, behind a dash or on the far side (— Keo Rathana)."""
    if heading is None:
        return
    for element in islice(cast(list[html.HtmlElement], _BELOW(heading)), _MOST_BELOW):
        text = short_text(element)
        if not text:
            continue
        sides = filter(None, map(element.get, ("align", "style", "class")))
        is_right = any(map(_RIGHT.search, sides))
        card = _card_of(element, text)
        labelled = _below_label(text) if card is None else _names_like(element, card)
        # What is beside it is asked last: it looks at all that is around.
        if not (labelled or is_right or _DASH.match(text)) or _is_anothers(element, card, heading):
            continue
        if labelled:
            yield labelled
            return
        names = [tidy(part) for part in _GAP.split(_DASH.sub("", text))]
        if all(_PERSON.fullmatch(name) and _is_cased(name) and not _THING.search(name) for name in names):
            yield ", ".join(names)
            return


def _below_label(text: str) -> str:
    """Return the names behind a label below a text: `Reporter: A, B`."""
    if found := _COLON_LEAD.match(text):
        first = _LINE_END.split(text[found.end() :])[0]
        return first if any(names_of_byline(first)) else ""
    return ""


def _card_of(element: html.HtmlElement, text: str) -> html.HtmlElement | None:
    """Return the box whose label (Written by) stands above an element that is a name; None where there is none."""
    if not (_PERSON.fullmatch(text) and _is_cased(text) and not _THING.search(text)):
        return None
    holders = (holder for holder in islice(element.iterancestors(), 3) if holder[0] is not element)
    return next((holder for holder in holders if _CARD_LABEL.fullmatch(short_text(holder[0]))), None)


def _is_anothers(element: html.HtmlElement, card: html.HtmlElement | None, heading: html.HtmlElement | None) -> bool:
    # A box with a heading is a card of another story, but for the one that says who wrote this.
    place = element if card is None else card.getparent()
    return place is None or is_beside(place, heading)


def _names_like(element: html.HtmlElement, card: html.HtmlElement) -> str:
    """Return the names in a box that are made like an element."""
    alike = (each for each in card.iter(str(element.tag)) if each.get("class") == element.get("class"))
    return ", ".join(name for each in alike if _PERSON.fullmatch(name := short_text(each)))


def _is_cased(name: str) -> bool:
    """Return whether a name begins with a capital and is not all capitals, as labels are."""
    return name[0].isupper() and not name.isupper()


def _is_dated(text: str) -> bool:
    """Return whether a line names a day, or how long ago it was, beside whatever else it says."""
    if date_line(text) or _AGO.search(text):
        return True
    return bool(_YEAR.search(text)) and len(without_dates(text)) <= len(text) - _LEAST_DATE


def _said(part: str) -> str:
    """Return what follows By or Reporter: in a part of a line, or the agency that it names; empty for any other."""
    if found := _SPOKEN_LEAD.match(part) or _COLON_LEAD.match(part):
        rest = part[found.end() :]
        return "" if rest[:1].islower() else rest
    if reports := _REPORTS.fullmatch(part):
        return reports[1]
    if not _ANY_AGENCY.search(normalised(part)):
        return ""
    agency = without_dates(_SOURCE.sub("", part)).strip(" |,.–—-()")
    return agency if normalised(agency) in _AGENCIES else ""
