"""Listing pages: cards in a section, page by page."""

from datetime import datetime, tzinfo
from urllib.parse import quote

from lxml import html

from core.model import Page, Reason, Skipped
from core.site import DateFormat, Search, Section, Site
from core.text import tidy
from core.urls import absolute
from crawler.discovery.listing import Entry, Listing, is_crowded, leads_of
from pipelines.blocks import own_blocks
from pipelines.classify import refused
from pipelines.dates import found_date
from pipelines.decode import decoded, parsed
from pipelines.selecting import selected

_MOST_TAGS = 200_000  # read in half a second; a large front page has ten thousand


def section_address(site: Site, setting: Section | Search, name: str, number: int) -> str:
    """Return the address of a page of a section; number counts from 0, whatever the site counts from."""
    return _address(site, setting, name, str(setting.first_page + number))


def listing_name(site: Site, setting: Section | Search, name: str) -> str:
    """Return the name under which the pages of a section are remembered as one listing."""
    return _address(site, setting, name, "*")


def _address(site: Site, setting: Section | Search, name: str, page: str) -> str:
    part = quote(name, safe="") if isinstance(setting, Search) else name
    return site.base + setting.url.replace("{section}", part).replace("{keyword}", part).replace("{page}", page)


def read_section(page: Page, site: Site, setting: Section | Search, name: str) -> Listing | Skipped:
    """Return the leads on a listing page; follow holds its next page where the layout has such a link.

    A page without a single card is no error: a section may be empty, and the last page is followed by such a one.
    """
    if refusal := refused(page):
        return refusal
    if is_crowded(page.body, _MOST_TAGS):
        return Skipped(Reason.TOO_LARGE, f"more than {_MOST_TAGS} tags")
    tree = parsed(decoded(page))
    if tree is None:
        return Skipped(Reason.EMPTY)
    entries = [entry for card in selected(tree, setting.card) if (entry := _entry(card, page, site, setting))]
    # What a person searched for is wanted, whatever the words of the item are.
    is_relevant = setting.is_relevant or isinstance(setting, Search)
    following = selected(tree, setting.next) if setting.next else []
    follow = tuple(absolute(str(link.get("href")), page.url) for link in following[:1] if link.get("href"))
    return Listing(leads_of(site, entries, setting.via, name, is_relevant=is_relevant), follow)


def _entry(card: html.HtmlElement, page: Page, site: Site, setting: Section | Search) -> Entry | None:
    links = [card] if card.get("href") else selected(card, setting.link or "a[href]")
    if not links:
        return None
    title = _text(card, setting.title) if setting.title else ""
    return Entry(
        link=absolute(str(links[0].get("href") or ""), page.url),
        title=title or tidy(links[0].text_content()),
        summary=_text(card, setting.summary) if setting.summary else "",
        published=_date(card, setting.date, site.tz) if setting.date else None,
    )


def _date(card: html.HtmlElement, form: DateFormat, zone: tzinfo) -> datetime | None:
    """Return the date of a card: a line that is nothing else, before one within a line (a headline may name a day)."""
    found = selected(card, form.select) if form.select else [card]
    lines = [line for element in found[:1] for line in own_blocks(element)]
    alone = (found_date(line, form.formats, zone, whole=True) for line in lines)
    return next(filter(None, alone), None) or found_date(" ".join(lines), form.formats, zone)


def _text(card: html.HtmlElement, selector: str) -> str:
    found = selected(card, selector) if selector else [card]
    return tidy(found[0].text_content()) if found else ""
