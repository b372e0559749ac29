"""How an element is named by a selector that a person can read, and that finds the same on the next page. Pure."""

import re
from collections.abc import Iterator, Sequence

from cssselect import HTMLTranslator, SelectorError
from lxml import html

_PLAIN = re.compile(r"-?[a-zA-Z_][\w-]*")
_OF_ONE_PAGE = re.compile(
    r"\d{2,}|^(post|node|id|item|article)-?\d|^(is|has|js)-|[A-F0-9]{6,}|^(odd|even|first|last|active|current|clearfix)$"
)
_TELLING = re.compile(
    r"(?i)content|body|article|entry|text|story|title|head|date|time|publish|author|byline|card|item|post|teaser"
)


def selectors_of(element: html.HtmlElement) -> Iterator[str]:
    """Yield selectors for an element, the one that says most first: by class, id or itemprop, then by its parents'."""
    yield from _own(element)
    for parent in list(element.iterancestors())[:3]:
        yield from (f"{selector} {element.tag}" for selector in _own(parent))
    yield str(element.tag)


def _own(element: html.HtmlElement) -> list[str]:
    """Return selectors that name an element by itself, without its bare tag."""
    tag = str(element.tag)
    names = [name for name in str(element.get("class") or "").split() if _PLAIN.fullmatch(name)]
    lasting = sorted(
        (name for name in names if not _OF_ONE_PAGE.search(name)), key=lambda name: not _TELLING.search(name)
    )
    found = [f"{tag}.{name}" for name in lasting]
    found += [f"{tag}.{first}.{second}" for first in lasting[:3] for second in lasting if first != second]
    own_id = str(element.get("id") or "")
    if _PLAIN.fullmatch(own_id) and not _OF_ONE_PAGE.search(own_id):
        found.insert(0, f"{tag}#{own_id}")
    if property_ := element.get("itemprop"):
        found.append(f'{tag}[itemprop="{property_}"]')
    return [selector for selector in found if _is_selector(selector)]


def shared_selector(elements: Sequence[html.HtmlElement], *, most: int = 1) -> str:
    """Return a selector that finds, on each page, the element given of it first, and at most `most` elements there.

    elements are one a page. Returns an empty text where there is none.
    """
    if not elements:
        return ""
    for selector in selectors_of(elements[0]):
        found = [element.getroottree().getroot().cssselect(selector) for element in elements]
        if all(
            hits and hits[0] is element and len(hits) <= most for hits, element in zip(found, elements, strict=True)
        ):
            return selector
    return ""


def _is_selector(selector: str) -> bool:
    try:
        HTMLTranslator().css_to_xpath(selector)
    except SelectorError:
        return False
    return True
