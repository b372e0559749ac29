"""A request and its answer as they went over the wire, before anything was decoded."""

from dataclasses import dataclass
from datetime import datetime

from core.model import Capture, Page
from crawler.archive.codings import decoded


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a message (a request line or a status line) and its header fields, in their order."""

    line: str
    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """Return a field's values, joined by commas as RFC 9110 §5.3 allows; empty where there is none."""
        return ", ".join(value for field, value in self.fields if field.casefold() == name.casefold())

    def without(self, *names: str) -> "Head":
        """Return this head without some fields."""
        dropped = {name.casefold() for name in names}
        return Head(self.line, tuple(field for field in self.fields if field[0].casefold() not in dropped))

    def as_bytes(self) -> bytes:
        """Return the head as it is sent, with the empty line that ends it."""
        lines = [self.line, *(f"{name}: {value}" for name, value in self.fields), "", ""]
        return "\r\n".join(lines).encode("latin-1", errors="replace")


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was asked and what was answered.

    body is the entity as sent: without transfer coding (chunks are put together), but still content-coded. at is when
    the answer came. request is None where only the answer is known, ip empty where nobody noted it.
    """

    url: str
    response: Head
    body: bytes
    at: datetime
    request: Head | None = None
    ip: str = ""

    @property
    def status(self) -> int:
        """The status code, 0 where the status line cannot be read."""
        parts = self.response.line.split(maxsplit=2)
        return int(parts[1]) if len(parts) > 1 and parts[1].isascii() and parts[1].isdigit() else 0

    def decoded(self, largest: int | None = None) -> bytes:
        """Return the body without its content coding. Raises TooLargeError beyond `largest` bytes."""
        return decoded(self.body, self.response.get("Content-Encoding"), largest)

    def page(self, largest: int | None = None, capture: Capture | None = None) -> Page:
        """Return the answer as the pipelines take it. Raises TooLargeError beyond `largest` bytes."""
        names = dict.fromkeys(name.lower() for name, _ in self.response.fields)
        headers = {name: self.response.get(name) for name in names}
        return Page(self.url, self.status, headers, self.decoded(largest), self.at, capture=capture)
