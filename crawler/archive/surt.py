"""The key under which web archives sort addresses (SURT): hosts from right to left, and what seldom matters dropped.

The rules are those that replay tools apply to what they look up: lower case throughout, no `www.`, no scheme, default
port, user, fragment or closing slash, the query's parts sorted, percent-encoding done once. The one library for it is
under the AGPL; its rule for session ids in addresses is left out here, since the sites have none.
"""

import re
from posixpath import normpath
from urllib.parse import quote, unquote_to_bytes, urlsplit

_WWW = re.compile(r"www\d*\.")
_PORTS = {"http": 80, "https": 443}
_LITERAL = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in "#%")


def surt(url: str) -> str:
    """Return the key of an http(s) address: `https://www.Example.org:443/A?b=2&a=1#x` is `org,example)/a?a=1&b=2`.

    What is no such address comes back as it is, in lower case and without white space.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:
        host = ""
    if not host:
        return "".join(url.split()).lower()
    named = host if ":" in host else ",".join(reversed(host.split(".")))
    where = f":{port}" if port and port != _PORTS.get(parts.scheme) else ""
    path = _once(normpath("/" + parts.path.lstrip("/"))).lower()
    query = "&".join(sorted(_once(parts.query).lower().split("&"), key=lambda part: part.split("=", 1)))
    return f"{named}{where}){path}{f'?{query}' if query else ''}"


def _host(host: str) -> str:
    name = _WWW.sub("", host.strip(".").lower(), count=1) if _WWW.match(host.lower()) else host.strip(".").lower()
    return name if name.isascii() else name.encode("idna").decode("ascii")


def _once(text: str) -> str:
    """Return a part of an address percent-encoded once: decoded until nothing more can be, then what must be is."""
    raw = text.encode()
    while (decoded := unquote_to_bytes(raw)) != raw:
        raw = decoded
    return quote(raw, safe=_LITERAL)
