"""One spelling for what is written in many ways: the host, path and query of an address (RFC 3986 §6.2)."""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9_~!$&'()*+,=:@.-]*)*/?")
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9_~!$'()*+,=:@/?&.-]*")
_KEEP_IN_SEGMENT = ":@!$&'()*+,;=~-._"
_KEEP_IN_QUERY = "%/?:@!$&'()*+,;=~-._[]"
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_SESSION = re.compile(r"(?i);(jsessionid|phpsessid|sid)=[^/;]*")
# What mail programs, advertisers and networks hang on to a link, and what a server writes there for want of cookies.
_TRACKING = re.compile(
    r"(?i)^(utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igsh|igshid|mc_cid|mc_eid"
    r"|mkt_tok|_hsenc|_hsmi|_ga|_gl|vero_id|oly_enc_id|oly_anon_id|ref_src|ref_url|jsessionid|phpsessid)$"
)
_LISTING = re.compile(r"(?i)^(page|items_per_page|sort_by|sort_order)$")


@lru_cache(maxsize=1024)
def host_of(name: str) -> str:
    """Return a host's name as it goes over the wire: lower case, an international name in its ASCII form."""
    host = name.rstrip(".").casefold()
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def path_of(path: str) -> str:
    """Return a path with one percent-encoding, without `//`, `/./`, `/../` and without the number of a session.

    Only what must be encoded is, in upper case, as UTF-8 in Unicode's composed form. An encoded slash or percent sign
    stays encoded, and so do bytes that are no UTF-8, since decoding them would name something else.
    """
    if _PLAIN_PATH.fullmatch(path):
        return path or "/"
    segments: list[str] = []
    *folders, last = (_segment(segment) for segment in _SESSION.sub("", path).split("/"))
    for segment in folders:
        if segment == "..":
            del segments[-1:]
        elif segment not in {"", "."}:
            segments.append(segment)
    if last == "..":
        del segments[-1:]
    end = "" if last in {"", ".", ".."} else last
    return "/" + "".join(f"{segment}/" for segment in segments) + end


def _segment(segment: str) -> str:
    raw = unquote_to_bytes(segment.encode("utf-8", errors="replace"))
    try:
        return quote(unicodedata.normalize("NFC", raw.decode()), safe=_KEEP_IN_SEGMENT)
    except UnicodeDecodeError:
        return quote(raw, safe=_KEEP_IN_SEGMENT)


def query_of(query: str) -> str:
    """Return a query with its escapes in upper case, letters of other scripts encoded, and nothing decoded."""
    if _PLAIN_QUERY.fullmatch(query):
        return query
    written = _ESCAPE.sub(lambda found: found[0].upper(), unicodedata.normalize("NFC", query))
    return quote(written, safe=_KEEP_IN_QUERY, errors="replace")


def without_tracking(query: str) -> str:
    """Return a query without the marks that only say where a reader came from."""
    # A feed may escape its ampersands once too often.
    parts = (part.removeprefix("amp;") for part in query.split("&"))
    return "&".join(part for part in parts if part and not _TRACKING.match(part.partition("=")[0]))


def without_listing(query: str) -> str:
    """Return a query without the marks that a link inherits from the listing it stands on."""
    return "&".join(part for part in query.split("&") if part and not _LISTING.match(part.partition("=")[0]))
