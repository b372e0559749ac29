"""Sitemaps and their indexes (sitemaps.org protocol 0.9)."""

import zlib
from datetime import UTC, datetime
from itertools import islice

from lxml import etree

from core.model import Reason, Skipped
from core.site import Site, Sitemap
from core.text import tidy
from core.urls import rebased
from crawler.discovery.listing import Entry, Listing, leads_of, refused_xml

_GZIP = b"\x1f\x8b"
_LARGEST = 50_000_000  # bytes unpacked, the protocol's own limit
_MOST_ENTRIES = 50_000  # the protocol's own limit too; each takes a tenth of a millisecond
# 2,500,000 tags in 115 kB, packed, took 2.4 GB and a minute. A full sitemap has some ten tags an entry, with pictures
# twenty.
_MOST_MARKS = 1_500_000


def read_sitemap(
    body: bytes, url: str, site: Site, setting: Sitemap, since: datetime | None = None
) -> Listing | Skipped:
    """Return the leads of a sitemap, newest first, or the sub-sitemaps to follow of an index.

    Without since the newest `most` entries are taken; with it, all that were modified since or name no time.
    """
    unpacked = _unpacked(body)
    if unpacked is None:
        return Skipped(Reason.TOO_LARGE, "unpacks to more than a sitemap may hold")
    if not unpacked.strip():
        return Skipped(Reason.EMPTY)
    if refusal := refused_xml(unpacked, _MOST_MARKS, counts_attributes=True):
        return refusal
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, recover=True, remove_comments=True, remove_pis=True
    )
    root = _root(unpacked, parser)
    name = etree.QName(root).localname.lower() if root is not None else ""
    remark = "breaks off" if parser.error_log else ""
    if root is not None and len(root) > _MOST_ENTRIES:
        remark = f"only the first {_MOST_ENTRIES} of its entries are read"
    if root is None or name not in {"sitemapindex", "urlset"}:
        return Skipped(Reason.NOT_A_FEED, f"a <{name}> stands in place of the sitemap" if name else "not XML")
    if name == "sitemapindex":
        return Listing((), _followed(root, url, site, setting), remark=remark)
    return _listed(_entries(root), url, site, setting, since, remark)


def _root(text: bytes, parser: etree.XMLParser) -> etree._Element | None:
    try:
        return etree.fromstring(text, parser)
    except etree.XMLSyntaxError:  # nothing at all that could be recovered
        return None


def _listed(
    entries: list[Entry], url: str, site: Site, setting: Sitemap, since: datetime | None, remark: str
) -> Listing:
    oldest = datetime.min.replace(tzinfo=UTC)
    newest_first = sorted(entries, key=lambda entry: entry.modified or oldest, reverse=True)
    leads = leads_of(site, newest_first, "sitemap", url)
    if since:
        wanted = tuple(lead for lead in leads if lead.modified is None or lead.modified >= since)
    else:
        wanted = leads[: setting.most]
    return Listing(wanted, complete=len(wanted) == len(leads) and not remark, remark=remark)


def _unpacked(body: bytes) -> bytes | None:
    if not body.startswith(_GZIP):
        return body
    inflater = zlib.decompressobj(wbits=31)
    try:
        unpacked = inflater.decompress(body, _LARGEST)
    except zlib.error:
        return b""
    return None if inflater.unconsumed_tail else unpacked


def _followed(root: etree._Element, url: str, site: Site, setting: Sitemap) -> tuple[str, ...]:
    follow = []
    for entry in islice(root.iterchildren("{*}sitemap"), _MOST_ENTRIES):
        location = _child(entry, "loc")
        address = rebased(site, location, url) if setting.follow.search(location) else None
        if address:
            follow.append(address)
    return tuple(dict.fromkeys(follow))


def _entries(root: etree._Element) -> list[Entry]:
    # Not `for entry in root`: a child that is no entry costs as much there as one that is.
    entries = [(_child(entry, "loc"), entry) for entry in islice(root.iterchildren("{*}url"), _MOST_ENTRIES)]
    return [Entry(link=link, modified=_moment(_child(entry, "lastmod"))) for link, entry in entries if link]


def _child(entry: etree._Element, name: str) -> str:
    for child in entry:
        if etree.QName(child).localname == name:
            return tidy(child.text or "")
    return ""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
