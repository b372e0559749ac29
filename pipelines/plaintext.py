"""Texts that somebody copied from a page earlier, without markup: the same cleaning by text alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.model import Draft, Reason, Skipped
from core.site import Site
from pipelines.copied import Copied, copied
from pipelines.datelines import dateline_of
from pipelines.metadata import refusal_of
from pipelines.moments import Moment
from pipelines.tongues import detected


@dataclass(frozen=True, slots=True)
class PlainPage:
    """A text file: its content, the address under which it is kept (file:…), and when it was read."""

    text: str
    url: str
    read_at: datetime


def site_of_text(text: str, sites: Iterable[Site], default: Site) -> Site:
    """Return the site whose masthead a text bears, else the default."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for site in sites:
        fits = any(pattern.fullmatch(line) for pattern in site.plain_text.masthead for line in lines[:3])
        if fits:
            return site
    return default


def process_text(page: PlainPage, site: Site) -> Draft | Skipped:
    """Return the article in a text file, or the reason why there is none.

    Title, authors and date are those that stand above the article in so many words, else none: the file says when it
    was copied, not when it was published.
    """
    found = copied(page.text, site)
    if not found.lines:
        return Skipped(Reason.EMPTY)
    if not found.paragraphs:
        return Skipped(Reason.NO_BODY, "nothing but furniture")
    published, remarks = _date(found, page.read_at, site)
    return Draft(
        source=site.name,
        url=page.url,
        key=page.url,
        title=found.head.title,
        paragraphs=found.paragraphs,
        authors=found.authors,
        published_at=published,
        language=site.language or detected(found.paragraphs),
        remarks=(*remarks, "plain-text"),
        tags=found.tags,
        dateline=dateline_of(found.paragraphs),
        credits=found.credits,
    )


def _date(found: Copied, read_at: datetime, site: Site) -> tuple[datetime | None, tuple[str, ...]]:
    """Return the day that the head names as the publication's, and what to remark: two that differ are none.

    Nor is a day in figures that may be month and day, or day and month.
    """
    moments = [moment for moment in found.head.moments if not moment.is_modified]
    if len({moment.day for moment in moments}) != 1 or any(moment.swapped for moment in moments):
        return None, ("no-date",)
    best: Moment = next((moment for moment in moments if moment.clock), moments[0])
    published = best.at(site.tz)
    if refusal := refusal_of(published, read_at, site):
        return None, (refusal, "no-date")
    return published, ()
