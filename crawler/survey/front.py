"""What the front page of an unknown site tells: who it is, where it stands, and where it keeps its lists. Pure."""

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from lxml import html

from core.model import Page
from core.spelling import host_of, path_of
from core.text import tidy
from core.urls import absolute, is_private, split
from pipelines.decode import decoded, parsed

USUAL_FEEDS = ("/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml")
USUAL_SITEMAPS = ("/sitemap.xml", "/sitemap_index.xml")
_OWN_LINKS = 3  # fewer may lead to a network or a sister paper
TITLE_PARTS = re.compile(r"\s+[|\-–—»·]\s+")
"""What parts a page's title from the site's in <title>."""
_SITEMAP_LINE = re.compile(r"(?im)^\s*sitemap\s*:\s*(\S+)")
_MENUS = "nav a[href], header a[href], [role=navigation] a[href], [class*=menu] a[href], [id*=menu] a[href]"
_NO_LISTING = re.compile(
    r"(?i)/(about|contact|search|login|log-in|sign|register|user|account|donate|support|subscri|newsletter|privacy|terms|"
    r"cookie|jobs?|careers?|shop|cart|advert|faq|help|team|staff|submissions?|author|wp-|feed|rss|imprint|legal|sitemap)"
)
_LIKELY = re.compile(r"(?i)(news|latest|stor(y|ies)|articles?|press|archive|blog|posts?|updates?|releases?)")


@dataclass(frozen=True, slots=True)
class Front:
    """What a front page tells. home is the site's public address; hosts all names under which it may link to itself.

    feeds, sitemaps and menu hold addresses as the page writes them, made absolute; menu are the links that may lead to
    lists of articles, the likeliest first.
    """

    home: str
    hosts: tuple[str, ...]
    title: str
    language: str
    feeds: tuple[str, ...]
    menu: tuple[str, ...]
    links: tuple[str, ...]


def read_front(page: Page, base: str) -> Front:
    """Return what the front page of a site tells that is fetched at `base`.

    Where base is a stand-in on a private address, the page's own links say whose place it takes.
    """
    tree = parsed(decoded(page))
    if tree is None:
        tree = html.document_fromstring("<html><body></body></html>")
    feeds = tuple(_hrefs(tree, "link[rel~=alternate][type*=rss], link[rel~=alternate][type*=atom]", page.url))
    home = _home(tree, base, page.url, feeds)
    hosts = _names_of(host_of(urlsplit(home).hostname or ""))
    inside = {*hosts, host_of(urlsplit(base).hostname or "")}
    links = tuple(url for url in _hrefs(tree, "a[href]", page.url) if _host(url) in inside)
    menu = dict.fromkeys(url for url in _hrefs(tree, _MENUS, page.url) if _host(url) in inside)
    return Front(home, hosts, _title(tree, hosts[0]), _language(tree), feeds, _lists(menu), links)


def sitemaps_in(robots: bytes) -> tuple[str, ...]:
    """Return the sitemaps that a robots.txt names."""
    return tuple(dict.fromkeys(_SITEMAP_LINE.findall(robots.decode("utf-8", errors="replace"))))


def name_of(home: str) -> str:
    """Return a name for a site: its host without www. and without its endings."""
    parts = [part for part in host_of(urlsplit(home).hostname or "").split(".") if part != "www"]
    endings = {"com", "org", "net", "co", "gov", "edu", "info", "news", "example"}
    kept = [part for part in parts[:-1] if part not in endings] or parts
    return re.sub(r"[^a-z0-9]+", "-", "-".join(kept).lower()).strip("-") or "site"


def _home(tree: html.HtmlElement, base: str, page_url: str, feeds: tuple[str, ...]) -> str:
    here = split(base)
    if here is None or not is_private(here.hostname or ""):
        return base
    own = _hrefs(tree, "link[rel=canonical], a[rel~=home]", page_url)
    own += [absolute(str(content), page_url) for content in tree.xpath('//meta[@property="og:url"]/@content')]
    for url in (*own, *feeds):
        parts = split(url)
        if parts and not is_private(parts.hostname or ""):
            return urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    return _most_linked(tree, page_url) or base


def _most_linked(tree: html.HtmlElement, page_url: str) -> str:
    """Return the public host that a front page links to most, its own if it writes whole addresses; empty if none."""
    parts = [split(url) for url in _hrefs(tree, "a[href]", page_url)]
    public = [each for each in parts if each and not is_private(each.hostname or "")]
    for netloc, count in Counter(each.netloc for each in public).most_common(1):
        if count >= _OWN_LINKS:
            scheme = max(each.scheme for each in public if each.netloc == netloc)
            return urlunsplit((scheme, netloc, "", "", ""))
    return ""


def _names_of(host: str) -> tuple[str, ...]:
    if is_private(host) or host.count(".") == 0:
        return (host,)
    if host.startswith("www."):
        return (host, host.removeprefix("www."))
    return (host, f"www.{host}") if host.count(".") == 1 else (host,)


def _title(tree: html.HtmlElement, host: str) -> str:
    named = [tidy(str(name)) for name in tree.xpath('//meta[@property="og:site_name"]/@content')]
    whole = tidy(tree.findtext(".//title") or "")
    return next(filter(None, [*named, TITLE_PARTS.split(whole)[0]]), host)


def _language(tree: html.HtmlElement) -> str:
    declared = str(tree.get("lang") or "").replace("_", "-").partition("-")[0].lower()
    return declared if re.fullmatch("[a-z]{2,3}", declared) else ""


def _lists(menu: dict[str, None]) -> tuple[str, ...]:
    paths = {url: path_of(urlsplit(url).path) for url in menu}
    kept = [url for url, path in paths.items() if path != "/" and not _NO_LISTING.match(path)]
    return tuple(sorted(dict.fromkeys(kept), key=lambda url: not is_for_all(url)))


def is_for_all(url: str) -> bool:
    """Return whether a link in a menu seems to lead to all that is new, and not to a part of it."""
    last = path_of(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return bool(_LIKELY.search(last))


def _hrefs(tree: html.HtmlElement, selector: str, page_url: str) -> list[str]:
    links = (absolute(str(found.get("href")), page_url) for found in tree.cssselect(selector) if found.get("href"))
    return list(dict.fromkeys(link.partition("#")[0] for link in links if split(link)))


def _host(url: str) -> str:
    return host_of(urlsplit(url).hostname or "")
