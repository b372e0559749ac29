"""What elements of one make have in common, whatever they are called."""

import re

from lxml import html

_NAMES = ("class", "data-component", "data-type", "type")
_FIGURES = re.compile(r"\d+")


def make(element: html.HtmlElement) -> tuple[str, str]:
    """Return the tag of an element and the names it bears, figures apart: pages number what they repeat."""
    names = " ".join([element.get(name) or "" for name in _NAMES])
    return str(element.tag), _FIGURES.sub("", names)
