"""What every way of discovery gives."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from core.model import Lead, Page, Reason, Skipped
from core.site import Site
from core.urls import alias_of, article_address
from pipelines.classify import refused

_ENTITY = re.compile(rb"(?i)<!ENTITY")


def declares_entities(xml: bytes) -> bool:
    """Return whether XML declares entities of its own: no feed or sitemap needs them, and they may be a bomb."""
    return bool(_ENTITY.search(xml.replace(b"\0", b"")))  # in UTF-16 every other byte is zero


def is_crowded(body: bytes, most: int, *, counts_attributes: bool = False) -> bool:
    """Return whether markup holds more tags than `most`: told before it is parsed, which takes time and memory."""
    return body.count(b"<") + (body.count(b"=") if counts_attributes else 0) > most


def refused_xml(xml: bytes, most: int, *, counts_attributes: bool = False) -> Skipped | None:
    """Return why XML is not to be parsed at all, None if it may be."""
    if declares_entities(xml):
        return Skipped(Reason.BROKEN_XML, "declares entities")
    if is_crowded(xml, most, counts_attributes=counts_attributes):
        return Skipped(Reason.TOO_LARGE, f"more than {most} tags" + (" and attributes" if counts_attributes else ""))
    return None


@dataclass(frozen=True, slots=True)
class Listing:
    """The leads on a listing, in its order, each story once.

    follow are addresses to read next (sub-sitemaps; the next page). complete is False where the listing shows only
    the newest of what it holds, so that absence means nothing. remark says what was wrong but bearable.
    """

    leads: tuple[Lead, ...]
    follow: tuple[str, ...] = ()
    complete: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the listing has it, its address not yet judged."""

    link: str
    title: str = ""
    summary: str = ""
    published: datetime | None = None
    modified: datetime | None = None


def leads_of(
    site: Site, entries: list[Entry], via: str, listing: str, *, is_relevant: bool = False
) -> tuple[Lead, ...]:
    """Return the entries that are articles of the site as leads, each story once, in the order of the first entries.

    Of a story with several entries (a top block and a card) the first counts; the others fill in what it left out.
    """
    leads: dict[str, Lead] = {}
    for entry in entries:
        address = article_address(site, entry.link, listing)
        if address is None:
            continue
        named = alias_of(site, entry.link, address.url)
        lead = leads.get(address.key) or Lead(
            site.name, address.url, address.key, via, listing, named=named, is_relevant=is_relevant
        )
        leads[address.key] = replace(
            lead,
            title=lead.title or entry.title,
            summary=lead.summary or entry.summary,
            published=lead.published or entry.published,
            modified=lead.modified or entry.modified,
        )
    return tuple(leads.values())


def refused_listing(page: Page) -> Skipped | None:
    """Return why a feed or sitemap cannot be read; what type it declares does not matter."""
    plain = Page(page.url, page.status, {**page.headers, "content-type": ""}, page.body or b" ", page.fetched_at)
    found = refused(plain)
    is_packed = page.body.startswith(b"\x1f\x8b")
    return None if found and is_packed and page.status == 200 else found  # noqa: PLR2004
