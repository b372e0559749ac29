"""What every way of discovery gives."""

from dataclasses import dataclass
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
    """Return the entries that are articles of the site as leads, each story once, the first entry counting."""
    leads: dict[str, Lead] = {}
    for entry in entries:
        address = article_address(site, entry.link, listing)
        if address and address.key not in leads:
            leads[address.key] = Lead(
                source=site.name,
                url=address.url,
                key=address.key,
                via=via,
                listing=listing,
                title=entry.title,
                summary=entry.summary,
                published=entry.published,
                modified=entry.modified,
            )
    return tuple(leads.values())
