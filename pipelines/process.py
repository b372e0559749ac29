"""page | refused | decoded | parsed | layout | extract | boilerplate | impostors | metadata -> Draft, or why not.

Pure: the same page, site and lead always give the same answer.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import cast
from urllib.parse import SplitResult

from lxml import etree, html

from core.model import Draft, Lead, Page, Reason, Skipped
from core.site import Layout, Site
from core.text import tidy
from core.urls import ArticleAddress, absolute, article_address, is_listing, split
from pipelines.blocks import own_blocks
from pipelines.boilerplate import Body, after_date_line, before_end, split_notes, without_furniture, without_leavings
from pipelines.classify import refused
from pipelines.credits import credits_on
from pipelines.datelines import dateline_of
from pipelines.decode import decoded, parsed
from pipelines.document import Limits, is_document, read_document
from pipelines.extent import Extent, extent_of
from pipelines.extract import Extract, by_guess, by_layout
from pipelines.impostors import Seen, headlines_of, holds, impostor, not_an_article, without_placeholders
from pipelines.leads import is_item, item_of_query
from pipelines.metadata import (
    Reading,
    authors_of,
    dates_of,
    kind_of,
    language_of,
    title_of,
    with_language,
    without_site_name,
)
from pipelines.misses import misses
from pipelines.selecting import selected
from pipelines.signs import signs_of
from pipelines.tags import tags_of
from pipelines.works import aliases_of, documents_in, is_another, work_of

_CANONICAL = etree.XPath('//link[@rel="canonical"]/@href')
_LOG_IN = re.compile(r"(?i)/(log-?in|sign-?in|user/login|account|auth)\b")
_MOST_TITLES = 6  # the headings of lists beside the article come later
_LIMITS = Limits()
_LEAST_WORDS_GUESSED = 40  # fewer on a page of unknown design is a cookie notice or a list of links, not an article


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page opened up, on its way to a draft."""

    page: Page
    tree: html.HtmlElement
    reading: Reading
    address: ArticleAddress | None
    extract: Extract
    text: str = ""


def process(page: Page, site: Site, lead: Lead | None = None, limits: Limits = _LIMITS) -> Draft | Skipped:
    """Return the article on a page of a site, or the document at an address of one, or the reason why there is none.

    lead is what a listing said of it, used where the page itself is silent.
    """
    if is_document(page, site, lead):
        return read_document(page, site, lead, limits)
    if refusal := refused(page):
        return refusal
    text = decoded(page)
    tree = parsed(text)
    if tree is None:
        return Skipped(Reason.EMPTY)
    address = _address(tree, site, page)
    if refusal := misled(tree, site, page, lead):
        return refusal
    layout = layout_for(tree, site, page.fetched_at.date())
    if layout is None and (refusal := not_an_article(page, tree, site)):
        return refusal
    signs = None if layout else signs_of(page, text, tree, site)
    reading = Reading(site, layout, language_of(tree, site, address), lead, signs)
    extract = _extract(tree, layout, reading, page)
    reading = with_language(reading, tree, address, extract.lines)
    return _drafted(_Sheet(page, tree, reading, address, extract, text))


def _extract(tree: html.HtmlElement, layout: Layout | None, reading: Reading, page: Page) -> Extract:
    site = reading.site
    if layout:
        return by_layout(tree, layout, lambda url: names_story(site, url, page))
    return by_guess(
        tree, title_of(tree, None, site, reading.lead, reading.signs), lambda url: is_neighbour(site, url, page)
    )


def layout_for(tree: html.HtmlElement, site: Site, day: date) -> Layout | None:
    """Return the layout whose mark a page bears: those of its day first, then any, since old pages stay online."""
    of_the_day = [layout for layout in site.layouts if layout.from_ <= day < layout.until]
    others = [layout for layout in site.layouts if layout not in of_the_day]
    return next((layout for layout in [*of_the_day, *others] if _fits(tree, layout)), None)


def _fits(tree: html.HtmlElement, layout: Layout) -> bool:
    if not selected(tree, layout.when):
        return False
    lines = list(own_blocks(tree)) if layout.when_text else []
    return all(any(wanted.fullmatch(line) for line in lines) for wanted in layout.when_text)


def _drafted(sheet: _Sheet) -> Draft | Skipped:
    site, layout = sheet.reading.site, sheet.reading.layout
    title = title_of(sheet.tree, layout, site, sheet.reading.lead, sheet.reading.signs)
    body = _body(sheet, title)
    if refusal := impostor(_seen(sheet, title, body)) or _without_body(layout, body):
        return refusal
    dates = dates_of(sheet.page, sheet.tree, sheet.extract.lines, sheet.reading)
    section = _section(sheet)
    extent = extent_of(sheet.tree, _heading(sheet), body.paragraphs)
    return Draft(
        source=site.name,
        url=sheet.address.url if sheet.address else sheet.page.url,
        key=sheet.address.key if sheet.address else sheet.page.url,
        title=title,
        paragraphs=body.paragraphs,
        authors=authors_of(sheet.tree, sheet.extract.lines, layout, sheet.reading.signs),
        published_at=dates.published,
        modified_at=dates.modified,
        language=sheet.reading.language,
        section=section,
        kind=kind_of(site, sheet.address.section if sheet.address else section),
        notes=body.notes,
        links=_links(sheet, body),
        remarks=(*dates.remarks, *([] if layout else ["no-layout"])),
        layout=layout.name if layout else "",
        work=work_of(sheet.tree, site, sheet.page, sheet.address),
        documents=documents_in(site, sheet.page, _kept_links(sheet, body)),
        aliases=aliases_of(sheet.tree, site, sheet.page, sheet.address) if sheet.address else (),
        missed=misses(sheet.tree, site, layout, sheet.page.fetched_at.date()),
        tags=_tags(sheet, extent),
        dateline=dateline_of(body.paragraphs),
        credits=credits_on(extent, lambda url: is_neighbour(site, url, sheet.page)),
    )


def _heading(sheet: _Sheet) -> html.HtmlElement | None:
    layout, signs = sheet.reading.layout, sheet.reading.signs
    if signs:
        return signs.headline.element
    return next(iter(selected(sheet.tree, layout.title)), None) if layout and layout.title else None


def _tags(sheet: _Sheet, extent: Extent | None) -> tuple[str, ...]:
    layout, signs = sheet.reading.layout, sheet.reading.signs
    named = selected(sheet.tree, layout.tags) if layout and layout.tags else []
    names = (sheet.reading.site.title, *(signs.structured.site_names if signs else ()))
    return tags_of(sheet.text, sheet.tree, named, extent, names)


def _seen(sheet: _Sheet, title: str, body: Body) -> Seen:
    layout = sheet.reading.layout
    return Seen(
        sheet.page,
        sheet.tree,
        sheet.reading.site,
        layout,
        sheet.address,
        title,
        headlines_of(sheet.tree, layout),
        (*body.paragraphs, *body.notes),
    )


def _without_body(layout: Layout | None, body: Body) -> Skipped | None:
    least = 1 if layout else _LEAST_WORDS_GUESSED
    if holds(without_placeholders(body.paragraphs), least):
        return None
    return Skipped(Reason.NO_BODY, f"layout {layout.name}" if layout else "no layout fits")


def _body(sheet: _Sheet, title: str) -> Body:
    layout = sheet.reading.layout
    lines = list(sheet.extract.lines)
    if layout is None:
        return Body(tuple(without_leavings(lines, title)))
    if layout.starts_after_date:
        lines = after_date_line(lines, layout, sheet.reading.language, sheet.reading.site.tz)
    lines = before_end(lines, layout.ends_at)
    lines = without_furniture(lines, title, layout.drop_text)
    return split_notes(lines, layout.notes_after)


def names_story(site: Site, url: str, page: Page) -> bool:
    """Return whether an address names another story of the site than the page's."""
    other = article_address(site, url, page.url)
    if other is None:
        return False
    this = article_address(site, page.url)
    return this is None or other.key != this.key


def is_neighbour(site: Site, url: str, page: Page) -> bool:
    """Return whether an address looks like that of another item beside the page, on a site of any kind."""
    here, there = _split(page.url), split(absolute(url, page.url) or "")
    if here and there and _host(there.netloc) == _host(here.netloc) and _is_item_beside(here, there):
        return True
    return names_story(site, url, page)  # asked last: the patterns of a site take longer


@lru_cache(maxsize=16)  # asked of each link of a page
def _split(url: str) -> SplitResult | None:
    return split(url)


def _is_item_beside(here: SplitResult, there: SplitResult) -> bool:
    if there.path.rstrip("/") != here.path.rstrip("/") and is_item(there.path):
        return True
    item = item_of_query(there.query)
    return bool(item) and item != item_of_query(here.query)


def _host(netloc: str) -> str:
    return netloc.lower().removeprefix("www.").removeprefix("m.")


def _section(sheet: _Sheet) -> str:
    layout = sheet.reading.layout
    named = selected(sheet.tree, layout.section) if layout and layout.section else []
    text = tidy(named[0].text_content()) if named else ""
    return text or (sheet.address.section if sheet.address else "")


def _links(sheet: _Sheet, body: Body) -> tuple[str, ...]:
    """Return the absolute http(s) addresses that the words of the body and the notes link to, each once."""
    links = (absolute(link, sheet.page.url) for words, link in _kept_links(sheet, body) if words)
    return tuple(dict.fromkeys(link for link in links if split(link)))


def _kept_links(sheet: _Sheet, body: Body) -> list[tuple[str, str]]:
    """Return the links of which the words were kept, and those of pictures, which have none."""
    kept = "\n".join((*body.paragraphs, *body.notes))
    return [(words, link) for words, link in sheet.extract.links if words in kept]


def _address(tree: html.HtmlElement, site: Site, page: Page) -> ArticleAddress | None:
    """Return the address that names the story of a page.

    The page's canonical link counts where it names the story that was fetched, or where the address it was fetched at
    (a file's) names none: there are templates that give every page the same one.
    """
    fetched = article_address(site, page.url)
    for link in cast(list[object], _CANONICAL(tree)):
        canonical = article_address(site, str(link), page.url)
        if canonical and (fetched is None or canonical.key == fetched.key):
            return canonical
    return fetched


def misled(tree: html.HtmlElement, site: Site, page: Page, lead: Lead | None) -> Skipped | None:
    """Return why a page is not the one that was asked for: another came in its place, or a listing; else None.

    A story that has moved is read at its new address. Where the server shows another for one that is gone, nothing is
    read: it would be taken for a new text of the old story, and its own address leads to it as well.
    """
    final = article_address(site, page.url)
    if final is None:
        if page.requested_url and article_address(site, page.requested_url):
            reason = Reason.LOGIN_WALL if _LOG_IN.search(page.url) else Reason.SOFT_404
            return Skipped(reason, f"redirected to {page.url}")
        return Skipped(Reason.SOFT_404, "a listing stands at this address") if is_listing(site, page.url) else None
    titles = [without_site_name(tidy(found.text_content()), site) for found in tree.iter("h1", "h2", "title")]
    if is_another(site, page, final, titles[:_MOST_TITLES], lead.title if lead else ""):
        return Skipped(Reason.SOFT_404, f"redirected to another story: {page.url}")
    return None
