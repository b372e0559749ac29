"""CSS selectors, each made ready once: a page is asked for twenty, and making them costs more than finding."""

from functools import lru_cache
from typing import cast

from lxml import html
from lxml.cssselect import CSSSelector


def selected(element: html.HtmlElement, selector: str) -> list[html.HtmlElement]:
    """Return what a CSS selector finds in an element, itself included, in document order (as lxml's own cssselect)."""
    return cast(list[html.HtmlElement], _ready(selector)(element))


@lru_cache(maxsize=4096)
def _ready(selector: str) -> CSSSelector:
    return CSSSelector(selector, translator="html")
