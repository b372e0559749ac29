"""Faults that give the client another answer than the page."""

import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from replica.challenge import challenge
from replica.conditional import is_conditional
from replica.exchange import HTML, XML, Answer, Request
from replica.fault import Fault
from replica.fault_manners import HTML_HEAD, MEGABYTE, PARAGRAPH
from replica.pages import Pages


def _status(fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    headers = {"Content-Type": HTML}
    if "retry_after" in fault.options:
        headers["Retry-After"] = fault.text("retry_after", "")
    return Answer(int(fault.number("status", 500)), headers, b"<html><body><h1>Error</h1></body></html>")


def _redirect(fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    return Answer(int(fault.number("status", 302)), {"Location": fault.text("to", "/"), "Content-Type": HTML}, b"")


def _redirect_loop(_fault: Fault, _original: Answer, _pages: Pages, request: Request) -> Answer:
    return Answer(302, {"Location": request.target, "Content-Type": HTML}, b"")


def _redirect_away(fault: Fault, _original: Answer, _pages: Pages, request: Request) -> Answer:
    return _moved(fault.text("to", "https://www.example.org" + request.target))


def _redirect_private(fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    # Where clouds keep the keys of the machine that asks.
    return _moved(fault.text("to", "http://169.254.169.254/latest/meta-data/"))


def _moved(to: str) -> Answer:
    return Answer(302, {"Location": to, "Content-Type": HTML}, b"")


def _stale_304(_fault: Fault, original: Answer, _pages: Pages, request: Request) -> Answer:
    # The tag is the one that the client has: this server believes that nothing changed.
    tag = request.headers.get("if-none-match")
    return Answer(304, {"ETag": tag} if tag else {}, b"") if is_conditional(request) else original


def _robots(fault: Fault, original: Answer, _pages: Pages, _request: Request) -> Answer:
    lines = fault.text("text", original.body.decode(errors="replace")).rstrip("\n").split("\n")
    if "crawl_delay" in fault.options:
        lines.insert(1, f"Crawl-delay: {fault.text('crawl_delay', '')}")
    padding = ["# The rules stand below."] * (int(fault.number("size", 0)) // len("# The rules stand below.\n"))
    text = ("\ufeff" if "bom" in fault.options else "") + "\n".join([*padding, *lines, ""])
    age = {"Cache-Control": f"max-age={fault.text('max_age', '')}"} if "max_age" in fault.options else {}
    plain = Answer.text(text)
    return replace(plain, headers={**plain.headers, **age})


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
    return Answer(200, headers, _bomb(int(fault.number("size", 200 * MEGABYTE))))


@lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    """Return gzip data that inflates to about `size` bytes.

    A fully flushed deflate block may be repeated as it is, so that only one megabyte is ever compressed.
    """
    block = (HTML_HEAD + PARAGRAPH * (MEGABYTE // len(PARAGRAPH) + 1))[:MEGABYTE]
    count = max(1, size // MEGABYTE)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 0
    for _ in range(count):
        checksum = zlib.crc32(block, checksum)
    head = gzip.compress(b"", mtime=0)[:10]
    tail = packer.flush(zlib.Z_FINISH)
    footer = checksum.to_bytes(4, "little") + (count * MEGABYTE % 2**32).to_bytes(4, "little")
    return head + packed * count + tail + footer


def _wrong_charset(_fault: Fault, original: Answer, _pages: Pages, _request: Request) -> Answer:
    return replace(original, body=original.body.decode(errors="replace").encode("windows-1252", "xmlcharrefreplace"))


def _empty(_fault: Fault, original: Answer, _pages: Pages, _request: Request) -> Answer:
    return replace(original, status=200, body=b"")


def _binary(_fault: Fault, _original: Answer, _pages: Pages, _request: Request) -> Answer:
    return Answer(200, {"Content-Type": HTML}, bytes(range(256)) * 64)


def _login_wall(_fault: Fault, _original: Answer, pages: Pages, _request: Request) -> Answer:
    return Answer.html(pages.render("login-wall.html"))


# What is answered instead of the page, as a whole.
ANSWERS: Mapping[str, Callable[[Fault, Answer, Pages, Request], Answer]] = {
    "status": _status,
    "redirect": _redirect,
    "redirect-loop": _redirect_loop,
    "redirect-away": _redirect_away,
    "redirect-private": _redirect_private,
    "stale-304": _stale_304,
    "robots": _robots,
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
