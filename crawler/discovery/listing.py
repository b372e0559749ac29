"""What every way of discovery gives."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.model import Lead
from core.site import Site
from core.urls import article_address


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


def leads_of(site: Site, entries: list[Entry], via: str, listing: str) -> tuple[Lead, ...]:
    """Return the entries that are articles of the site as leads, each story once, in the order of the first entries.

    Of a story with several entries (a top block and a card) the first counts; the others fill in what it left out.
    """
    leads: dict[str, Lead] = {}
    for entry in entries:
        address = article_address(site, entry.link, listing)
        if address is None:
            continue
        lead = leads.get(address.key) or Lead(site.name, address.url, address.key, via, listing)
        leads[address.key] = replace(
            lead,
            title=lead.title or entry.title,
            summary=lead.summary or entry.summary,
            published=lead.published or entry.published,
            modified=lead.modified or entry.modified,
        )
    return tuple(leads.values())
