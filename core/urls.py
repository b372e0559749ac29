"""Addresses: what belongs to a site, where it is fetched, and which story an address names."""

import ipaddress
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from core.site import Site

_TRACKING = re.compile(r"(?i)^(utm_\w+|fbclid|gclid|mc_cid|mc_eid|igshid)$")
_KEEP_IN_PATH = "/:@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class ArticleAddress:
    """What the address of an article tells: url without query or fragment, and the key of the story it names."""

    url: str
    key: str
    language: str = ""
    section: str = ""


def split(url: str) -> SplitResult | None:
    """Return the parts of an http(s) address, or None for anything else (mailto:, javascript:, nonsense)."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if usable else None


def absolute(url: str, page_url: str) -> str:
    """Return the address of a link as written on a page; empty for one that cannot be read (https://[::1)."""
    try:
        return urljoin(page_url, url.strip())
    except ValueError:
        return ""


def rebased(site: Site, url: str, page_url: str = "") -> str | None:
    """Return the address under which `url`, as written on `page_url`, is fetched; None if it is not of the site.

    An address on any of the site's public hosts is mapped onto the site's base, so that a mirror or a replica
    that repeats the real site's links stays inside itself.
    """
    # A page that was read from a file links as it did at its site.
    parts = split(absolute(url, page_url if split(page_url) else site.base + "/"))
    if parts is None:
        return None
    base = urlsplit(site.base)
    if parts.netloc.casefold() == base.netloc.casefold():
        inside = parts.path == base.path or parts.path.startswith(base.path.rstrip("/") + "/")
        path = parts.path[len(base.path.rstrip("/")) :] if inside else None
    else:
        path = parts.path if parts.hostname in site.hosts and parts.port in {None, 80, 443} else None
    if path is None:
        return None
    full_path = base.path.rstrip("/") + _clean_path(path or "/")
    return urlunsplit((base.scheme, base.netloc, full_path, parts.query, ""))


def article_address(site: Site, url: str, page_url: str = "") -> ArticleAddress | None:
    r"""Return what `url` names if it is the address of an article of the site, else None.

    The query is dropped: on these sites it never names the story (tracking marks, listing parameters,
    ?LangID&NewsID, ?sub-site), except where an `include` pattern holds `\?` and so asks for it.
    """
    fetched = rebased(site, url, page_url)
    if fetched is None:
        return None
    parts = urlsplit(fetched)
    path = parts.path[len(urlsplit(site.base).path.rstrip("/")) :]
    if any(pattern.match(path) for pattern in site.addresses.exclude):
        return None
    for pattern in site.addresses.include:
        query = f"?{without_tracking(parts.query)}" if r"\?" in pattern.pattern else ""
        if found := pattern.fullmatch((path.rstrip("/") or "/") + query):
            groups = {name: value or "" for name, value in found.groupdict().items()}
            key = _key(site, path.rstrip("/"), query, groups)
            address = urlunsplit((parts.scheme, parts.netloc, parts.path, query[1:], ""))
            return ArticleAddress(address, key, groups.get("language", ""), groups.get("section", ""))
    return None


def _key(site: Site, path: str, query: str, groups: Mapping[str, str]) -> str:
    """Return what a story is known by: its slug, its path, or its path with the query, whatever its case and order."""
    if site.addresses.identity == "slug":
        return groups["slug"]
    return f"{path}?{'&'.join(sorted(query[1:].split('&')))}".casefold() if query else path


def is_private(host: str) -> bool:
    """Return whether a host is a literal address that is not on the public internet, or localhost by name."""
    name = host.strip("[]").rstrip(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return not ipaddress.ip_address(name).is_global
    except ValueError:
        return False


def without_tracking(query: str) -> str:
    """Return a query without the marks that only say where a reader came from."""
    return "&".join(part for part in query.split("&") if part and not _TRACKING.match(part.partition("=")[0]))


def _clean_path(path: str) -> str:
    """Return a path with one percent-encoding: only what must be encoded is, in upper case UTF-8."""
    single = re.sub(r"/{2,}", "/", path)
    try:
        decoded = unquote(single, errors="strict")
    except UnicodeDecodeError:
        return single
    # An encoded slash or percent sign changes the meaning when decoded: such a path stays as it is.
    if decoded.count("/") != single.count("/") or "%" in decoded:
        return single
    return quote(unicodedata.normalize("NFC", decoded), safe=_KEEP_IN_PATH, errors="replace")
