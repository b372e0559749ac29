"""RSS and Atom, by feedparser."""

import re
from calendar import timegm
from datetime import UTC, datetime
from io import BytesIO
from time import struct_time

from core.model import Reason, Skipped
from core.site import Site
from core.text import tidy
from crawler.discovery.listing import Entry, Listing, leads_of, refused_xml

_HTML = re.compile(rb"(?i)^\s*(<!doctype html|<html)")
_MOST_TAGS = 100_000  # feedparser takes 0.03 to 0.05 ms for each, and meanwhile nothing else is done
# Not [^>]: a line of nothing but < would take the square of its length.
_MARKUP = re.compile(r"<[^<>]*>")


def read_feed(body: bytes, url: str, site: Site) -> Listing | Skipped:
    """Return the leads of a feed.

    A feed that breaks off gives what stands before the break. HTML, or XML that declares entities of its own
    (nobody's feed needs them, and they may be a bomb), is refused unread.
    """
    head = body[:4096].removeprefix(b"\xef\xbb\xbf")
    if not head.strip():
        return Skipped(Reason.EMPTY)
    if _HTML.match(head):
        return Skipped(Reason.NOT_A_FEED, "HTML stands in place of the feed")
    if refusal := refused_xml(body, _MOST_TAGS):
        return refusal
    # A feed that did not change, or that nobody gives away, needs no parser.
    import feedparser  # noqa: PLC0415

    # Cleaning takes the square of what a title of nothing but comments holds; of markup nothing is kept here anyway.
    parsed = feedparser.parse(BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.version and not parsed.entries:
        return Skipped(Reason.NOT_A_FEED, "neither RSS nor Atom")
    if parsed.bozo and not parsed.entries:
        return Skipped(Reason.BROKEN_XML, str(parsed.bozo_exception)[:200])
    entries = [
        Entry(
            link=entry.get("link", ""),
            title=tidy(_MARKUP.sub("", entry.get("title", ""))),
            summary=tidy(_MARKUP.sub(" ", entry.get("summary", ""))),
            published=_moment(entry.get("published_parsed")),
            modified=_moment(entry.get("updated_parsed")) if "updated" in entry else None,
        )
        for entry in parsed.entries
    ]
    return Listing(leads_of(site, entries, "feed", url), remark="breaks off" if parsed.bozo else "")


def _moment(value: struct_time | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(value), UTC) if value else None
    except (ValueError, OverflowError):
        return None
