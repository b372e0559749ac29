"""Fine print: text that is set small or slanted throughout."""

import re
from collections.abc import Iterator

from lxml import html

_FINE = frozenset({"small", "em", "i", "figcaption", "cite"})
_FINE_STYLE = re.compile(
    r"(?i)font-size\s*:\s*(?:\dpx|1[0-2](?:\.\d+)?px|0?\.\d+r?em|\dpt|(?:x-)?small|smaller)|font-style\s*:\s*italic"
)
_FINE_SIZES = frozenset({"1", "-1", "-2"})
_FINE_CLASS = re.compile(r"(?i)(?:^|[\s_-])(?:x{0,2}small|smaller|text-(?:xs|sm)|fine-?print)(?:$|[\s_-])")


def is_fine(element: html.HtmlElement) -> bool:
    """Return whether all words of an element are set small or slanted."""
    return all(any(map(_is_fine_print, _up_to(holder, element))) for holder in _holders_of_words(element))


def has_words(text: str | None) -> bool:
    """Return whether a text holds more than marks and white space."""
    return any(character.isalnum() for character in text or "")


def _holders_of_words(element: html.HtmlElement) -> Iterator[html.HtmlElement]:
    for node in element.iter():
        if isinstance(node.tag, str) and has_words(node.text):
            yield node
        if node is not element and has_words(node.tail):
            yield node.getparent()


def _up_to(inner: html.HtmlElement, outer: html.HtmlElement) -> Iterator[html.HtmlElement]:
    node = inner
    while node is not None:
        yield node
        if node is outer:
            return
        node = node.getparent()


def _is_fine_print(element: html.HtmlElement) -> bool:
    if element.tag in _FINE or _FINE_STYLE.search(element.get("style") or ""):
        return True
    if element.tag == "font":
        return (element.get("size") or "") in _FINE_SIZES
    return bool(_FINE_CLASS.search(element.get("class") or ""))
