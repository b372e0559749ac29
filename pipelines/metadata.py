"""Who wrote it, when, in what language: the visible text first, then structured data, then the address.

Where a layout fits, it says where to look. Where none does, what pipelines.signs finds on the page guides.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from lxml import html

from core.model import Lead, Page
from core.site import DateFormat, Layout, Site
from core.text import tidy
from core.urls import ArticleAddress
from pipelines.bylines import authors_on
from pipelines.dates import believable, foreign_date, found_date
from pipelines.dating import Found, Place, dates_on
from pipelines.selecting import selected
from pipelines.signs import Signs
from pipelines.tongues import contradicts, detected
from pipelines.visible import sketch

_HEAD = 15
_AUTHOR_LEAD = re.compile(r"(?i)^(reporter|author|contact author|writer|by)\b\s*:?\s*")
_AUTHOR_GAP = re.compile(r"(?i)\s*(?:,|;|/|\band\b|&|(?<=\s)និង(?=\s))\s*")
_DATE_IN_BYLINE = re.compile(r"(?i)(publication date|\d{1,2} \w+ \d{4}|\w+ \d{1,2}, \d{4}|\d{1,2}:\d{2})")
_DATELINE = re.compile(r"\(([^()]{6,40})\)")
_PATH_MONTH = re.compile(r"/(\d{4})/(\d{2})/")
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Dates:
    """When a page was published and modified, as far as it says so, and what to remark about it."""

    published: datetime | None
    modified: datetime | None = None
    remarks: tuple[str, ...] = ()


def title_of(
    tree: html.HtmlElement, layout: Layout | None, site: Site, lead: Lead | None, signs: Signs | None = None
) -> str:
    """Return the headline: the layout's, else the page's h1, og:title or <title> without the site's name.

    With signs, which a page without a layout has, it is the heading that agrees with the page's titles.
    """
    if signs:
        return signs.headline.text or (lead.title if lead else "")
    selectors = [layout.title] if layout and layout.title else []
    for selector in [*selectors, "h1"]:
        for element in selected(tree, selector):
            if text := tidy(element.text_content()):
                return text
    titles = [*tree.xpath('//meta[@property="og:title"]/@content'), *tree.xpath("//head/title/text()")]
    for title in (without_site_name(str(title), site) for title in titles):
        if title:
            return title
    return lead.title if lead else ""


def without_site_name(title: str, site: Site) -> str:
    """Return a <title> without ` | OHCHR` or `Phnom Penh Post - ` around it."""
    name = re.escape(site.title)
    text = re.sub(rf"(?i)\s*[|\-–—]\s*{name}\s*$", "", tidy(title))
    text = re.sub(rf"(?i)^{name}\s*[|\-–—]\s*", "", text)
    return "" if text.casefold() == site.title.casefold() else text


def authors_of(
    tree: html.HtmlElement, lines: Sequence[str], layout: Layout | None, signs: Signs | None = None
) -> tuple[str, ...]:
    """Return the names in the byline, each once, without `Reporter :` or `By`; without a layout, by signs."""
    if signs:
        return authors_on(signs.marks.authors, signs.headline.element, signs.lines, signs.structured, signs.is_site)
    names: dict[str, None] = {}
    if layout and layout.byline:
        for element in selected(tree, layout.byline):
            names.update(dict.fromkeys(names_in(element.text_content())))
    if layout and layout.byline_text:
        for line in lines[:_HEAD]:
            if found := layout.byline_text.fullmatch(line):
                names.update(dict.fromkeys(names_in(found.groupdict().get("name") or "")))
    return tuple(names)


def names_in(byline: str) -> Iterator[str]:
    """Yield the names that a byline holds; what follows a bar or names a date is no name."""
    for part in tidy(byline).split("|"):
        if _DATE_IN_BYLINE.search(part):
            continue
        for name in _AUTHOR_GAP.split(_AUTHOR_LEAD.sub("", part.strip())):
            if name and len(name) <= _LONGEST_NAME and not any(character.isdigit() for character in name):
                yield name


def dates_of(page: Page, tree: html.HtmlElement, lines: Sequence[str], reading: "Reading") -> Dates:
    """Return the dates of a page, trusting in turn its visible date, dateline, structured data, listing, htmldate.

    Without a layout the address comes before the listing. A date that a page fetched then cannot have is refused, with
    the remark date-in-future or date-too-old, and one before the site's first day with date-before-site; the next
    counts. A month in the address that disagrees is remarked, and so are visible and structured days that disagree.
    """
    remarks: list[str] = list(reading.remarks)
    signs = reading.signs
    place = Place(page.url, reading.language, reading.site.tz)
    found = dates_on(signs.marks.dates, signs.headline.element, signs.lines, signs.structured, place) if signs else None
    candidates = _signs_candidates(page, tree, found, reading) if found else _candidates(tree, lines, reading)
    published = None
    for source, candidate in candidates:
        if refusal := refusal_of(candidate, page.fetched_at, reading.site):
            remarks.append(refusal)
            continue
        published = candidate
        remarks += _source_remarks(source, found)
        break
    if published is None:
        remarks.append("no-date")
    elif disagrees_with_path(page.url, published):
        remarks.append("date-disagrees-with-address")
    return Dates(published, _modified(page, tree, found, reading), tuple(dict.fromkeys(remarks)))


def refusal_of(moment: datetime, read_at: datetime, site: Site) -> str:
    """Return the remark with which a date is refused that an article of a site, read then, cannot have; else nothing.

    The floor of all sites comes first, so that a clock that was never set (1 January 1900) is called what it is.
    """
    if not believable(moment, read_at):
        return "date-in-future" if moment > read_at else "date-too-old"
    return "" if site.may_date(moment) else "date-before-site"


def _source_remarks(source: str, found: Found | None) -> list[str]:
    if source != "page":
        return [f"date-from-{source}"]
    return ["dates-disagree"] if found and found.disagrees else []


def _modified(page: Page, tree: html.HtmlElement, found: Found | None, reading: "Reading") -> datetime | None:
    if found is None:
        return _structured(tree, "dateModified", "article:modified_time", reading.site.tz)
    return found.modified if found.modified and believable(found.modified, page.fetched_at) else None


@dataclass(frozen=True, slots=True)
class Reading:
    """What guides the reading of a page: its layout, or signs where none fits; remarks are on the language."""

    site: Site
    layout: Layout | None
    language: str
    lead: Lead | None = None
    signs: Signs | None = None
    remarks: tuple[str, ...] = ()


def _candidates(tree: html.HtmlElement, lines: Sequence[str], reading: Reading) -> Iterator[tuple[str, datetime]]:
    zone = reading.site.tz
    form = reading.layout.date if reading.layout else None
    if form:
        visible = visible_date(tree, lines, form, reading)
        if visible:
            yield "page", visible
        for found in _DATELINE.finditer(" ".join(lines[:3])):
            dateline = found_date(found[1], form.formats, zone) or foreign_date(found[1], reading.language, zone)
            if dateline:
                yield "dateline", dateline
    if structured := _structured(tree, "datePublished", "article:published_time", zone):
        yield "metadata", structured
    if reading.lead and reading.lead.published:
        yield "listing", reading.lead.published


def _signs_candidates(
    page: Page, tree: html.HtmlElement, found: Found, reading: Reading
) -> Iterator[tuple[str, datetime]]:
    if found.visible:
        yield "page", found.visible
    yield from (("metadata", moment) for moment in found.structured)
    if found.address:
        yield "address", found.address
    if reading.lead and reading.lead.published:
        yield "listing", reading.lead.published
    if guess := _guess(tree, page, reading):
        yield "guess", guess


def visible_date(tree: html.HtmlElement, lines: Sequence[str], form: DateFormat, reading: Reading) -> datetime | None:
    """Return the date in the element that the layout names, or without one in the first line that is only a date."""
    zone = reading.site.tz
    if form.select:
        texts = [element.text_content() for element in selected(tree, form.select)]
        found = [found_date(text, form.formats, zone) or foreign_date(text, reading.language, zone) for text in texts]
    else:
        head = lines[:_HEAD]
        found = [
            found_date(line, form.formats, zone, whole=True) or foreign_date(line, reading.language, zone)
            for line in head
        ]
    return next((moment for moment in found if moment), None)


def _structured(tree: html.HtmlElement, name: str, meta: str, zone: tzinfo) -> datetime | None:
    texts = [
        str(value) for value in tree.xpath(f'//meta[@property="{meta}"]/@content | //meta[@name="{meta}"]/@content')
    ]
    texts += [
        str(value) for value in tree.xpath(f'//*[@itemprop="{name}"]/@content | //*[@itemprop="{name}"]/@datetime')
    ]
    for text in texts:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return None


def _guess(tree: html.HtmlElement, page: Page, reading: Reading) -> datetime | None:
    """Return the day that htmldate finds in meta elements and the address: lines that were refused name other days."""
    drawn = sketch(tree)
    if drawn is None:
        return None
    from htmldate import find_date  # noqa: PLC0415  # hardly any page needs it

    last = page.fetched_at.date().isoformat()
    found = find_date(drawn, original_date=True, max_date=last, url=page.url)
    return datetime.fromisoformat(found).replace(tzinfo=reading.site.tz) if found else None


def disagrees_with_path(url: str, published: datetime) -> bool:
    """Return whether an address holds /YYYY/MM/ of another month than the date's."""
    found = _PATH_MONTH.search(url)
    return bool(found) and (int(found[1]), int(found[2])) != (published.year, published.month)  # type: ignore[index]


def language_of(tree: html.HtmlElement, site: Site, address: ArticleAddress | None) -> str:
    """Return the language: the address's, else what the page declares, else the site's; two or three letters."""
    return _declared(tree, address) or site.language


def _declared(tree: html.HtmlElement, address: ArticleAddress | None) -> str:
    declared = str(tree.get("lang") or "").partition("-")[0].lower()
    return (address.language.lower() if address else "") or (declared if re.fullmatch("[a-z]{2,3}", declared) else "")


def with_language(
    reading: Reading, tree: html.HtmlElement, address: ArticleAddress | None, lines: Sequence[str]
) -> Reading:
    """Return a reading with the language of the text, where no layout fits and none is declared.

    A language that is written in another script than the text is refused, with the remark language-disagrees.
    """
    if reading.layout:
        return reading
    declared = _declared(tree, address)
    if not declared:
        return replace(reading, language=detected(lines) or reading.language)
    if not contradicts(declared, lines):
        return reading
    language = detected(lines) or reading.site.language
    return replace(reading, language=language, remarks=(*reading.remarks, "language-disagrees"))


def kind_of(site: Site, section: str) -> str:
    """Return the kind that the site's `kinds` give a section, else news."""
    return site.kinds.get(section, "news")
