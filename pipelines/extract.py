"""Finds the body on a page: the site's layout says where it stands, trafilatura reads it.

Where no layout fits, trafilatura chooses by itself in its most precise setting. A body is never shorter than what the
layout's element holds: where trafilatura drops text of an element that the layout vouches for, the element's own
blocks are taken.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import takewhile

import trafilatura
from lxml import etree, html

from core.site import Layout
from core.text import normalised, tidy

_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav"),
        *("ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
_LEAST_RELATED = 2  # entries; one link that opens a paragraph is a reference
_LEAST_SHARE = 0.97  # of the element's characters; the rest is white space that trafilatura joins otherwise


@dataclass(frozen=True, slots=True)
class Extract:
    """The lines of a body, in order, and the addresses it links to."""

    lines: tuple[str, ...]
    links: tuple[str, ...] = ()


def by_layout(tree: html.HtmlElement, layout: Layout, is_story: Callable[[str], bool]) -> Extract:
    """Return what stands in the layout's body element or elements, without what the layout drops.

    is_story tells the addresses of other items of the site: lists of them inside the body go too.
    """
    found_bodies = (tree.cssselect(selector) for selector in layout.body)
    elements = [deepcopy(element) for element in _outermost(next(filter(None, found_bodies), []))]
    for element in elements:
        element.tail = None
        furniture = [found for selector in layout.drop for found in element.cssselect(selector)]
        for found in (*furniture, *_related_lists(element, is_story)):
            is_end = layout.ends_at and layout.ends_at.fullmatch(tidy(found.text_content()))
            if found is not element and found.getparent() is not None and not is_end:
                found.drop_tree()
    lines = tuple(line for element in elements for line in _lines(element))
    links = tuple(str(link) for element in elements for link in element.xpath(".//a/@href"))
    return Extract(lines, links)


def _related_lists(element: html.HtmlElement, is_story: Callable[[str], bool]) -> list[html.HtmlElement]:
    """Return the lists of other stories, with or without teasers, each with the heading above it."""
    found = []
    for holder in (element, *element.xpath(".//ul | .//ol | .//div")):
        entries = [child for child in holder if tidy(child.text_content())]
        headings = [entry for entry in entries[:1] if entry.tag in _HEADINGS]
        if not _has_own_text(holder) and _are_related(entries[len(headings) :], is_story):
            above = holder.getprevious() if holder is not element else None
            found += [*entries, *([above] if above is not None and above.tag in _HEADINGS else [])]
        else:
            found += _trailing_links(entries, is_story)
    return found


def _has_own_text(holder: html.HtmlElement) -> bool:
    """Return whether words stand beside an element's children: its links are then part of a sentence."""
    return any(character.isalnum() for piece in holder.xpath("text()") for character in str(piece))


def _are_related(entries: Sequence[html.HtmlElement], is_story: Callable[[str], bool]) -> bool:
    return len(entries) >= _LEAST_RELATED and all(_opens_with_story(entry, is_story) for entry in entries)


def _trailing_links(entries: Sequence[html.HtmlElement], is_story: Callable[[str], bool]) -> list[html.HtmlElement]:
    """Return the paragraphs at the end that hold nothing but a link to another story, if there are several."""
    links = list(takewhile(lambda entry: entry.tag == "p" and _opens_with_story(entry, is_story), reversed(entries)))
    return links if len(links) >= _LEAST_RELATED else []


def _opens_with_story(entry: html.HtmlElement, is_story: Callable[[str], bool]) -> bool:
    """Return whether an entry opens with a headline that is a link; a sentence that opens with one is not."""
    link = entry if entry.tag == "a" else next(entry.iter("a"), None)
    if link is None or not is_story(str(link.get("href") or "")):
        return False
    return tidy(link.text_content()).startswith(next(own_blocks(entry), "\n"))


def by_guess(tree: html.HtmlElement) -> Extract:
    """Return what trafilatura takes for the article on a page of unknown design."""
    document = trafilatura.bare_extraction(
        deepcopy(tree), favor_precision=True, include_comments=False, include_tables=True, with_metadata=False
    )
    body = getattr(document, "body", None)
    return Extract(tuple(_read(body)) if body is not None else ())


def _outermost(elements: Sequence[html.HtmlElement]) -> list[html.HtmlElement]:
    found = set(elements)
    return [element for element in elements if not any(parent in found for parent in element.iterancestors())]


def _lines(element: html.HtmlElement) -> list[str]:
    own = list(own_blocks(element))
    holder = html.document_fromstring("<html><body></body></html>")
    article = etree.SubElement(holder[0], "article")
    article.append(deepcopy(element))
    document = trafilatura.bare_extraction(
        holder, favor_recall=True, include_comments=False, include_tables=True, with_metadata=False
    )
    body = getattr(document, "body", None)
    read = list(_read(body)) if body is not None else []
    # Below its least length trafilatura gives a text as one line, and text between line breaks too.
    complete = len(read) >= len(own) and _size(read) >= _LEAST_SHARE * _size(own)
    return read if complete else own


def _size(lines: Sequence[str]) -> int:
    return sum(len(normalised(line).replace(" ", "")) for line in lines)


def _read(body: etree._Element) -> Iterator[str]:
    """Yield the blocks of trafilatura's own tree as lines; a table row is one line, its cells parted by a bar."""
    for block in body:
        if block.tag in {"list", "quote", "table"} and len(block):
            yield from _read(block)
        elif block.tag == "row":
            yield " | ".join(tidy(_text(cell)) for cell in block)
        elif line := tidy(_text(block)):
            yield line


def _text(element: etree._Element) -> str:
    return str(element.xpath("string()"))


def own_blocks(element: html.HtmlElement) -> Iterator[str]:
    """Yield the text of an element block by block, in document order, with nothing left out."""
    collected: list[str] = []
    for piece in _pieces(element):
        if piece is not None:
            collected.append(piece)
        elif line := tidy("".join(collected)):
            yield line
            collected.clear()
        else:
            collected.clear()


def _pieces(element: html.HtmlElement) -> Iterator[str | None]:
    """Yield the pieces of text, and None at each border of a block; cells that hold no blocks are parted by a bar."""
    for event, node in etree.iterwalk(element, events=("start", "end")):
        is_cell = node.tag in _CELLS and not _holds_blocks(node.getparent())
        if not is_cell and (node.tag in _BLOCKS or node.tag == "br"):
            yield None
        if event == "start":
            yield " | " if is_cell and node.getprevious() is not None else ""
            yield node.text or ""
        elif node is not element:
            yield node.tail or ""
    yield None


def _holds_blocks(row: html.HtmlElement) -> bool:
    """Return whether a row of a table is there for the sake of layout: its cells hold paragraphs."""
    return any(inner.tag in _BLOCKS - _CELLS for inner in row.iterdescendants())
