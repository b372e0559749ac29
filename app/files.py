"""Files that people hand over: saved pages and copied texts, read by the same rules as crawled pages."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.errors import UsageError
from core.model import Draft, Page, Skipped
from core.site import Site, unknown_site
from core.urls import article_address
from pipelines.classify import refused
from pipelines.decode import decoded, parsed
from pipelines.explain import Explained, explained, explained_text
from pipelines.fingerprint import fingerprint
from pipelines.ingest import TEXT
from pipelines.plaintext import PlainPage, process_text, site_of_text
from pipelines.process import process
from pipelines.stretches import Ask

_BEGINNINGS = ("<!doctype", "<?xml", "<div", "<p>", "<article", "<section", "<table", "<h1", "<!--")
_MARKUP = ("<html", "<head", "<body")


@dataclass(frozen=True, slots=True)
class SavedFile:
    """A file: its bytes, its file: address, and when it was last written."""

    body: bytes
    url: str
    written_at: datetime


def read_saved(path: Path) -> SavedFile:
    """Return a file. Raises UsageError if it cannot be read."""
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return SavedFile(path.read_bytes(), path.resolve().as_uri(), written)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error


def article_in(
    saved: SavedFile, named: Site | None, sites: Iterable[Site], now: datetime, url: str | None = None
) -> tuple[Draft | Skipped, Site]:
    """Return the article in a file, or why there is none, and the site by whose rules it was read.

    named is the site that a person says it is of; else the file is asked, by its canonical link or its masthead. url
    is where a saved page came from, if a person says so. A text of which no page is known is kept under its own words:
    file names are used again.
    """
    # When it was published is held against now: when a file was written says nothing of the page in it.
    page = Page(url or saved.url, 200, {"content-type": ""}, saved.body, now)
    if refusal := refused(page):
        return refusal, named or unknown_site()
    text = decoded(page)
    if is_markup(text):
        site = named or _site_of_page(text, sites)
        result = process(page, site)
    else:
        site = named or site_of_text(text, sites, unknown_site())
        result = process_text(PlainPage(text, page.url, now), site)
    if isinstance(result, Draft) and result.key.startswith("file:"):
        return replace(result, key=TEXT + fingerprint(result).text), site
    return result, site


def explained_in(saved: SavedFile, site: Site, now: datetime, url: str | None, ask: Ask) -> Explained:
    """Return why each block of a saved page, or line of a text, was kept or dropped by the rules of a site.

    ask tells what the corpus knows of lines.
    """
    page = Page(url or saved.url, 200, {"content-type": ""}, saved.body, now)
    if refusal := refused(page):
        return Explained(refusal, (), (), None)
    text = decoded(page)
    return explained(page, site, ask) if is_markup(text) else explained_text(PlainPage(text, page.url, now), site)


def is_markup(text: str) -> bool:
    """Return whether a text is HTML rather than plain: it begins like it, or opens a page near its beginning."""
    head = text[:4096].lstrip().lower()
    return head.startswith(_BEGINNINGS) or any(tag in head for tag in _MARKUP)


def _site_of_page(text: str, sites: Iterable[Site]) -> Site:
    tree = parsed(text)
    said = [] if tree is None else tree.xpath('//link[@rel="canonical"]/@href | //meta[@property="og:url"]/@content')
    known = (site for address in said for site in sites if article_address(site, str(address)))
    return next(known, unknown_site())
