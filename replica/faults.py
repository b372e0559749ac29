"""Faults: which requests they hit, and what the client gets instead of the page."""

import gzip
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from replica.challenge import challenge
from replica.exchange import HTML, XML, Answer, Request
from replica.pages import Pages
from replica.wire import Wire

Option = str | int | float
_PARAGRAPH = b"<p>The commune has asked the ministry to answer the letter it sent before the rains began.</p>\n"
_HTML_HEAD = b"<!DOCTYPE html>\n<html><head><title>Archive</title></head><body>\n"
_CHUNK = 65536
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Fault:
    """A fault set on a path of one site; `times` counts down, None means until cleared."""

    site: str
    path: str
    kind: str
    times: int | None = None
    options: Mapping[str, Option] = field(default_factory=dict)

    def hits(self, site: str, request: Request) -> bool:
        """Tell whether the fault is set on that request."""
        if site != self.site:
            return False
        if self.path.startswith("^"):
            return re.search(self.path, request.target) is not None
        return self.path in (request.path, request.raw_path)

    def number(self, name: str, default: float) -> float:
        """Return an option as a number."""
        return float(self.options.get(name, default))

    def text(self, name: str, default: str) -> str:
        """Return an option as text."""
        return str(self.options.get(name, default))


class Faults:
    """The faults in force. The first that hits is used; not thread-safe, the replica holds its lock."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def set(self, fault: Fault) -> None:
        """Put a fault in force; raises ValueError on a kind that does not exist."""
        if fault.kind not in ANSWERS and fault.kind not in MANNERS:
            raise ValueError(f"no such fault: {fault.kind!r}; known are {sorted([*ANSWERS, *MANNERS])}")
        self._faults.append(fault)

    def clear(self) -> None:
        """Put none in force."""
        self._faults.clear()

    def take(self, site: str, request: Request) -> Fault | None:
        """Return the fault that hits a request, counted down, or None."""
        for position, fault in enumerate(self._faults):
            if fault.hits(site, request):
                if fault.times is not None:
                    left = [replace(fault, times=fault.times - 1)] if fault.times > 1 else []
                    self._faults[position : position + 1] = left
                return fault
        return None


def _status(fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    headers = {"Content-Type": HTML}
    if "retry_after" in fault.options:
        headers["Retry-After"] = fault.text("retry_after", "")
    return Answer(int(fault.number("status", 500)), headers, b"<html><body><h1>Error</h1></body></html>")


def _redirect(fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    return Answer(int(fault.number("status", 302)), {"Location": fault.text("to", "/"), "Content-Type": HTML}, b"")


def _redirect_loop(_fault: Fault, _original: Answer, _pages: Pages, request: Request) -> Answer:
    return Answer(302, {"Location": request.target, "Content-Type": HTML}, b"")


def _challenge(fault: Fault, _original: Answer, pages: Pages, _request: Request) -> Answer:
    return challenge(pages, int(fault.number("status", 403)))


def _html_for_xml(_fault: Fault, _original: Answer, pages: Pages, _request: Request) -> Answer:
    return Answer.html(pages.render("post-cms-front.html", cards=[]))


def _truncated_xml(_fault: Fault, original: Answer, _pages: Pages, _request: Request) -> Answer:
    return replace(original, body=original.body[: len(original.body) * 2 // 3])


def _entity_bomb(_fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    entities = ['<!ENTITY a0 "ha">']
    entities += [f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 11)]
    text = (
        f'<?xml version="1.0"?>\n<!DOCTYPE rss [{"".join(entities)}]>\n'
        '<rss version="2.0"><channel><title>&a10;</title><link>https://www.ohchr.org/en</link>'
        "<description>x</description><item><title>&a10;</title><link>https://www.ohchr.org/en/a</link></item>"
        "</channel></rss>"
    )
    return Answer(200, {"Content-Type": XML}, text.encode())


def _gzip_bomb(fault: Fault, original: Answer, _pages: Pages, _request: Request) -> Answer:
    headers = {"Content-Type": original.headers.get("Content-Type", HTML), "Content-Encoding": "gzip"}
    return Answer(200, headers, _bomb(int(fault.number("size", 200 * _MEGABYTE))))


@lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    """Return gzip data that inflates to about `size` bytes.

    A fully flushed deflate block may be repeated as it is, so that only one megabyte is ever compressed.
    """
    block = (_HTML_HEAD + _PARAGRAPH * (_MEGABYTE // len(_PARAGRAPH) + 1))[:_MEGABYTE]
    count = max(1, size // _MEGABYTE)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(count):
        checksum = zlib.crc32(block, checksum)
    head = gzip.compress(b"", mtime=0)[:10]
    tail = packer.flush(zlib.Z_FINISH)
    footer = checksum.to_bytes(4, "little") + (count * _MEGABYTE % 2**32).to_bytes(4, "little")
    return head + packed * count + tail + footer


def _wrong_charset(_fault: Fault, original: Answer, _pages: Pages, _request: Request) -> Answer:
    return replace(original, body=original.body.decode(errors="replace").encode("windows-1252", "xmlcharrefreplace"))


def _empty(_fault: Fault, original: Answer, _pages: Pages, _request: Request) -> Answer:
    return replace(original, status=200, body=b"")


def _binary(_fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    return Answer(200, {"Content-Type": HTML}, bytes(range(256)) * 64)


def _login_wall(_fault: Fault, _original: Answer, pages: Pages, _request: Request) -> Answer:
    return Answer.html(pages.render("login-wall.html"))


def _reset(fault: Fault, original: Answer, wire: Wire) -> None:
    sent = original.body[: int(fault.number("after", 100))]
    wire.head(original.status, original.headers, max(len(original.body), len(sent) + 1))
    wire.write(sent)
    wire.cut()


def _hang(fault: Fault, _original: Answer, wire: Wire) -> None:
    wire.wait(fault.number("seconds", 3600))
    wire.cut()


def _slow(fault: Fault, original: Answer, wire: Wire) -> None:
    step = int(fault.number("bytes", 16))
    wire.head(original.status, original.headers, len(original.body))
    for start in range(0, len(original.body), step):
        wire.write(original.body[start : start + step])
        if wire.wait(fault.number("seconds", 0.05)):
            wire.cut()
            return


def _huge(fault: Fault, _original: Answer, wire: Wire) -> None:
    size = int(fault.number("size", 200 * _MEGABYTE))
    wire.head(200, {"Content-Type": HTML}, size)
    chunk = _PARAGRAPH * (_CHUNK // len(_PARAGRAPH))
    wire.write(_HTML_HEAD[:size])
    left = size - len(_HTML_HEAD)
    while left > 0:
        wire.write(chunk[:left])
        left -= len(chunk)
        if wire.wait(0):
            wire.cut()
            return


# What is answered instead of the page, as a whole.
ANSWERS: Mapping[str, Callable[[Fault, Answer, Pages, Request], Answer]] = {
    "status": _status,
    "redirect": _redirect,
    "redirect-loop": _redirect_loop,
    "challenge": _challenge,
    "html-for-xml": _html_for_xml,
    "truncated-xml": _truncated_xml,
    "entity-bomb": _entity_bomb,
    "gzip-bomb": _gzip_bomb,
    "wrong-charset": _wrong_charset,
    "empty": _empty,
    "binary": _binary,
    "login-wall": _login_wall,
}
# Faults that never send a status line.
SILENT = frozenset({"hang"})
# How it is sent, where that is the fault.
MANNERS: Mapping[str, Callable[[Fault, Answer, Wire], None]] = {
    "reset": _reset,
    "hang": _hang,
    "slow": _slow,
    "huge": _huge,
}
