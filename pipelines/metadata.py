"""Who wrote it, when, in what language: the visible text first, then structured data, then the address."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from lxml import html

from core.model import Lead, Page
from core.site import DateFormat, Layout, Site
from core.text import tidy
from core.urls import ArticleAddress
from pipelines.dates import believable, foreign_date, found_date
from pipelines.selecting import selected

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


def title_of(tree: html.HtmlElement, layout: Layout | None, site: Site, lead: Lead | None) -> str:
    """Return the headline: the layout's, else the page's h1, og:title or <title> without the site's name."""
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


def authors_of(tree: html.HtmlElement, lines: Sequence[str], layout: Layout | None) -> tuple[str, ...]:
    """Return the names in the byline, each once, without `Reporter :` or `By`."""
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

    A date that a page fetched then cannot have is refused, with the remark date-in-future or date-too-old; a month
    in the address that disagrees is remarked.
    """
    remarks: list[str] = []
    published = None
    for source, candidate in _candidates(page, tree, lines, reading):
        if not believable(candidate, page.fetched_at):
            remarks.append("date-in-future" if candidate > page.fetched_at else "date-too-old")
            continue
        published = candidate
        if source != "page":
            remarks.append(f"date-from-{source}")
        break
    if published is None:
        remarks.append("no-date")
    elif disagrees_with_path(page.url, published):
        remarks.append("date-disagrees-with-address")
    modified = _structured(tree, "dateModified", "article:modified_time", reading.site.tz)
    return Dates(published, modified, tuple(dict.fromkeys(remarks)))


@dataclass(frozen=True, slots=True)
class Reading:
    """What guides the reading of a page."""

    site: Site
    layout: Layout | None
    language: str
    lead: Lead | None = None


def _candidates(
    page: Page, tree: html.HtmlElement, lines: Sequence[str], reading: Reading
) -> Iterator[tuple[str, datetime]]:
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
    if reading.layout is None and (guess := _guess(tree, page, zone)):
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


def _guess(tree: html.HtmlElement, page: Page, zone: tzinfo) -> datetime | None:
    from htmldate import find_date  # noqa: PLC0415  # hardly any page needs it

    found = find_date(tree, original_date=True, max_date=page.fetched_at.date().isoformat(), url=page.url)
    return datetime.fromisoformat(found).replace(tzinfo=zone) if found else None


def disagrees_with_path(url: str, published: datetime) -> bool:
    """Return whether an address holds /YYYY/MM/ of another month than the date's."""
    found = _PATH_MONTH.search(url)
    return bool(found) and (int(found[1]), int(found[2])) != (published.year, published.month)  # type: ignore[index]


def language_of(tree: html.HtmlElement, site: Site, address: ArticleAddress | None) -> str:
    """Return the language: the address's, else what the page declares, else the site's; two or three letters."""
    declared = str(tree.get("lang") or "").partition("-")[0].lower()
    return (address.language.lower() if address else "") or (
        declared if re.fullmatch("[a-z]{2,3}", declared) else site.language
    )


def kind_of(site: Site, section: str) -> str:
    """Return the kind that the site's `kinds` give a section, else news."""
    return site.kinds.get(section, "news")
