"""A request as a site sees it and the answer it gives, free of sockets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
_LONGEST_NUMBER = 10


@dataclass(frozen=True)
class Request:
    """One request. `target` is path and query as sent; header names are lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def raw_path(self) -> str:
        """The path as sent, without the query."""
        return urlsplit(self.target).path

    @property
    def path(self) -> str:
        """The path with its percent escapes resolved."""
        return unquote(self.raw_path)

    @property
    def query(self) -> str:
        """The query as sent, without the question mark."""
        return urlsplit(self.target).query

    def argument(self, name: str, default: str = "") -> str:
        """Return the last value of a query argument, or `default` where it is absent."""
        return parse_qs(self.query, keep_blank_values=True).get(name, [default])[-1]

    def number(self, name: str, default: int) -> int:
        """Return a query argument as a natural number, or `default` where it is none (as the sites do)."""
        value = self.argument(name)
        return int(value) if value.isascii() and value.isdigit() and len(value) < _LONGEST_NUMBER else default


@dataclass(frozen=True)
class Answer:
    """One complete answer; `headers` does not hold the length, which the wire adds."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def html(cls, body: bytes, status: int = 200) -> "Answer":
        """Return a page."""
        return cls(status, {"Content-Type": HTML}, body)

    @classmethod
    def text(cls, text: str) -> "Answer":
        """Return plain text, as which robots.txt is served."""
        return cls(200, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())

    @classmethod
    def moved(cls, to: str, status: int = 301) -> "Answer":
        """Return a redirect."""
        return cls(status, {"Content-Type": HTML, "Location": to}, b"")

    @classmethod
    def xml(cls, body: bytes, content_type: str = XML) -> "Answer":
        """Return a feed or a sitemap."""
        return cls(200, {"Content-Type": content_type}, body)
