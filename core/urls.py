"""Addresses: what belongs to a site, where it is fetched, and which story or document an address names."""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit, urlunsplit

from core.site import Search, Section, Site
from core.spelling import host_of, path_of, query_of, without_listing, without_tracking

_PORTS = {None, 80, 443}
# Links that urljoin, which takes both addresses apart, returns as they are written, or behind the server's address.
_WHOLE = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?(?:/[^\s?#;]*)?(?:\?[^\s?#]+)?", re.ASCII)
_SEGMENT = r"[^\s?#;/.][^\s?#;/]*"
_ROOTED = re.compile(rf"/(?:{_SEGMENT}/)*(?:{_SEGMENT})?(?:\?[^\s?#]+)?", re.ASCII)
# How the United Nations' older sites name their languages in LangID.
_LETTERS = {"e": "en", "f": "fr", "s": "es", "r": "ru", "a": "ar", "c": "zh"}


@dataclass(frozen=True, slots=True)
class ArticleAddress:
    """What the address of an article or document tells: url without fragment, and the key of what it names.

    slug is what the pattern's group of that name holds. work is the key with a star for the language, so that it is
    the same for all translations whose addresses differ in nothing else; empty where the pattern knows no languages.
    """

    url: str
    key: str
    language: str = ""
    section: str = ""
    slug: str = ""
    work: str = ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an address stands: its path below the site's base; host is empty but on a server of documents."""

    scheme: str
    host: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class _Base:
    """A site's base taken apart; port is None for the usual ones, folder has no slash at its end."""

    scheme: str
    netloc: str
    host: str
    port: int | None
    folder: str


def split(url: str) -> SplitResult | None:
    """Return the parts of an http(s) address, or None for anything else (mailto:, javascript:, nonsense)."""
    try:
        parts = urlsplit(url.strip())
        host, port = _server(parts.netloc)
    except ValueError:
        return None
    return parts if parts.scheme in {"http", "https"} and host and (port is None or port > 0) else None


def absolute(url: str, page_url: str) -> str:
    """Return the address of a link as written on a page; empty for one that cannot be read (https://[::1)."""
    link = url.strip()
    if _WHOLE.fullmatch(link):
        return link
    try:
        return _root(page_url) + link if _ROOTED.fullmatch(link) and split(page_url) else urljoin(page_url, link)
    except ValueError:
        return ""


def rebased(site: Site, url: str, page_url: str = "") -> str | None:
    """Return the address under which `url`, as written on `page_url`, is fetched; None if it is not of the site.

    An address on any of the site's public hosts is mapped onto the site's base, so that a mirror or a replica
    that repeats the real site's links stays inside itself. A document on a server of its own is fetched there, and at
    the base where something stands in for the site.
    """
    place = _place(site, url, page_url)
    if place is None:
        return None
    if place.host and _named(site.documents.include, place.path, place.query) is None:
        return None
    return _fetched(site, place, place.query)


def article_address(site: Site, url: str, page_url: str = "") -> ArticleAddress | None:
    r"""Return what `url` names if it is the address of an article of the site, else None.

    The query is dropped: on these sites it never names the story (tracking marks, listing parameters,
    ?LangID&NewsID, ?sub-site), except where an `include` pattern holds `\?` and so asks for it. The address of a
    listing names no article, whatever the patterns say.
    """
    if not site.addresses.include:
        return None  # a site of which nothing is known: asked of every link of a page
    place = _place(site, url, page_url)
    if place is None or place.host or any(pattern.match(place.path) for pattern in site.addresses.exclude):
        return None
    named = _named(site.addresses.include, place.path, place.query)
    if named is None or (not named[1] and _at_listing(site, place.path)):
        return None
    match, query = named
    groups = {name: value or "" for name, value in match.groupdict().items()}
    is_slug = site.addresses.identity == "slug"
    return ArticleAddress(
        _fetched(site, place, query),
        groups["slug"] if is_slug else _key(place.path, query),
        _letter(query) or groups.get("language", "").casefold(),
        groups.get("section", ""),
        groups.get("slug", ""),
        "" if is_slug or "language" not in groups else _work(match),
    )


def document_address(site: Site, url: str, page_url: str = "") -> ArticleAddress | None:
    """Return what `url` names if it is the address of a document of the site (`Site.documents`), else None.

    The key is the path, with the query where the pattern asks for it, behind the host where that is not the site's.
    At a stand-in a document of another host has the address of the base: its link on a page tells the host, the
    address that it is fetched at does not.
    """
    place = _place(site, url, page_url)
    named = _named(site.documents.include, place.path, place.query) if place else None
    if place is None or named is None:
        return None
    query = "&".join(sorted(named[1].split("&")))
    key = f"{place.host}{place.path}{'?' if query else ''}{query}"
    return ArticleAddress(_fetched(site, place, named[1]), key)


def is_listing(site: Site, url: str) -> bool:
    """Return whether an address is one of the site's feeds, sitemaps and listings, on any of their pages."""
    place = _place(site, url, "")
    return place is not None and not place.host and _at_listing(site, place.path)


def alias_of(site: Site, url: str, own: str = "") -> str:
    """Return an absolute address of the site as an alias: as written, but in one spelling and without passing marks.

    Fragment, tracking marks and what is inherited from a listing go. own is the address under which the story is
    fetched, that of `url` itself if not given: empty is returned where the alias would be that, or its public form.
    """
    parts = split(url)
    if parts is None or rebased(site, url) is None:
        return ""
    if not own:
        address = document_address(site, url) or article_address(site, url)
        own = address.url if address else ""
    host = _bracketed(host_of(parts.hostname or ""))
    port = "" if parts.port in {None, 443 if parts.scheme == "https" else 80} else f":{parts.port}"
    query = without_listing(without_tracking(query_of(parts.query)))
    written = urlunsplit((parts.scheme, host + port, path_of(parts.path), query, ""))
    return "" if written in {own, public_form(site, own)} else written


def public_form(site: Site, url: str) -> str:
    """Return an address at the site's base as it is at its home."""
    return site.home + url[len(site.base) :] if url.startswith(f"{site.base}/") else url


def is_private(host: str) -> bool:
    """Return whether a host is a literal address that is not on the public internet, or localhost by name."""
    name = host.strip("[]").rstrip(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return False


def _place(site: Site, url: str, page_url: str) -> _Place | None:
    # A page that was read from a file links as it did at its site.
    parts = split(_from_the_base(site, absolute(url, page_url if split(page_url) else site.base + "/"), url))
    if parts is None:
        return None
    (name, port), path, query = _server(parts.netloc), path_of(parts.path), parts.query
    base, host = _base(site.base), host_of(name)
    if host == base.host and _unusual(port) == base.port:
        is_inside = path == base.folder or path.startswith(base.folder + "/")
        return _Place(base.scheme, "", path[len(base.folder) :] or "/", query_of(query)) if is_inside else None
    if port not in _PORTS:
        return None
    if host in _hosts(site.hosts):
        return _Place(base.scheme, "", path, query_of(query))
    return _Place(parts.scheme, host, path, query_of(query)) if host in _hosts(site.documents.hosts) else None


def _from_the_base(site: Site, link: str, written: str) -> str:
    """Return a link that a mirror in a folder repeats as the site wrote it, from its root, inside that folder."""
    path = written.strip()
    base = _base(site.base)
    if not (site.is_stand_in and base.folder and path.startswith("/") and not path.startswith("//")):
        return link
    parts = split(link)
    host, port = _server(parts.netloc) if parts else ("", None)
    is_here = host_of(host) == base.host and _unusual(port) == base.port
    is_inside = path == base.folder or path.startswith(f"{base.folder}/")
    return site.base + path if is_here and not is_inside else link


def _fetched(site: Site, place: _Place, query: str) -> str:
    if place.host and not site.is_stand_in:
        return urlunsplit((place.scheme, _bracketed(place.host), place.path, query, ""))
    base = _base(site.base)
    return urlunsplit((base.scheme, base.netloc, base.folder + place.path, query, ""))


def _named(patterns: Iterable[re.Pattern[str]], path: str, query: str) -> tuple[re.Match[str], str] | None:
    r"""Return how the first pattern that asks for them matches path and query, and what of the query names something.

    A slash at the end means nothing, unless a pattern asks for it.
    """
    bare = without_tracking(query)
    for pattern in patterns:
        asks = r"\?" in pattern.pattern
        for wanted in dict.fromkeys((without_listing(bare), bare)) if asks else ("",):
            tail = f"?{wanted}" if asks else ""
            if found := pattern.fullmatch((path.rstrip("/") or "/") + tail) or pattern.fullmatch(path + tail):
                return found, wanted
    return None


def _key(path: str, query: str) -> str:
    """Return what a story is known by that no slug names: its path, with the query whatever its case and order."""
    bare = path.rstrip("/")
    return f"{bare}?{'&'.join(sorted(query.split('&')))}".casefold() if query else bare


def _work(match: re.Match[str]) -> str:
    """Return the key of what a pattern matched, with a star for the language and without ?LangID."""
    start, end = match.span("language")
    path, _, query = (match.string if start < 0 else f"{match.string[:start]}*{match.string[end:]}").partition("?")
    named = (part for part in query.split("&") if part.partition("=")[0].casefold() != "langid")
    return _key(path, "&".join(named))


def _letter(query: str) -> str:
    """Return the language that ?LangID=F names, empty without one."""
    named = (value for name, value in parse_qsl(query) if name.casefold() == "langid")
    return _LETTERS.get(next(named, "").casefold(), "")


def _at_listing(site: Site, path: str) -> bool:
    ways = tuple((way.url, way.names if isinstance(way, Section | Search) else ()) for way in site.discovery)
    return _listing_path(ways).fullmatch(path) is not None


@lru_cache(maxsize=256)
def _listing_path(ways: tuple[tuple[str, tuple[str, ...]], ...]) -> re.Pattern[str]:
    patterns = []
    for url, names in ways:
        written = re.escape(path_of(url.partition("?")[0].replace("{", "\0").replace("}", "\1")))
        sections = "|".join(re.escape(path_of(f"/{name}")[1:]) for name in names)
        filled = written.replace("%00section%01", f"(?:{sections})").replace("%00page%01", r"\d+")
        patterns.append(re.sub(r"%00\w+%01", "[^/]+", filled).rstrip("/") + "/?")
    return re.compile("|".join(patterns) or "(?!)")


@lru_cache(maxsize=256)
def _hosts(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(host_of(name) for name in names)


@lru_cache(maxsize=64)
def _base(url: str) -> _Base:
    parts = urlsplit(url)
    host, port = _server(parts.netloc)
    return _Base(parts.scheme, parts.netloc, host_of(host), _unusual(port), parts.path.rstrip("/"))


@lru_cache(maxsize=64)
def _root(url: str) -> str:
    """Return scheme and server of an address, as they are written."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@lru_cache(maxsize=1024)
def _server(netloc: str) -> tuple[str, int | None]:
    """Return host and port of an address; raises ValueError for a port that is no number.

    Kept, since a page's links lead to few servers and taking one apart is most of reading a link.
    """
    parts = SplitResult("", netloc, "", "", "")
    return parts.hostname or "", parts.port


def _unusual(port: int | None) -> int | None:
    return None if port in _PORTS else port


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
