"""Finds the body on a page: the site's layout says where it stands, trafilatura reads it.

Where no layout fits, trafilatura chooses by itself in its most precise setting. A body is never shorter than what the
layout's element holds: where trafilatura drops text of an element that the layout vouches for, the element's own
blocks are taken.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import takewhile

from lxml import etree, html

from core.site import Layout
from core.text import normalised, tidy
from pipelines.selecting import selected

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
    """The lines of a body, in order, and its links: the words and the address, as written."""

    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


def by_layout(tree: html.HtmlElement, layout: Layout, is_story: Callable[[str], bool]) -> Extract:
    """Return what stands in the layout's body element or elements, without what the layout drops.

    is_story tells the addresses of other items of the site: lists of them inside the body go too.
    """
    found_bodies = (selected(tree, selector) for selector in layout.body)
    elements = [deepcopy(element) for element in _outermost(next(filter(None, found_bodies), []))]
    for element in elements:
        element.tail = None
        related = _related_lists(element, is_story)
        for found in related:
            found.tail = None  # the bars and dots between links
        furniture = [found for selector in layout.drop for found in selected(element, selector)]
        for found in (*furniture, *related):
            is_end = layout.ends_at and layout.ends_at.fullmatch(tidy(found.text_content()))
            if found is not element and found.getparent() is not None and not is_end:
                found.drop_tree()
    lines = tuple(line for element in elements for line in _lines(element))
    anchors = (anchor for element in elements for anchor in element.iter("a"))
    links = tuple((tidy(anchor.text_content()), str(anchor.get("href"))) for anchor in anchors if anchor.get("href"))
    return Extract(lines, links)


def _related_lists(element: html.HtmlElement, is_story: Callable[[str], bool]) -> list[html.HtmlElement]:
    """Return the lists of other stories, with or without teasers, each with the heading above it.

    No word stands between what is returned and the next element.
    """
    found = []
    for holder in (element, *element.xpath(".//ul | .//ol | .//div")):
        entries = [child for child in holder if tidy(child.text_content())]
        headings = [entry for entry in entries[:1] if entry.tag in _HEADINGS]
        if _is_bare(holder.text, *(child.tail for child in holder)) and _are_related(
            entries[len(headings) :], is_story
        ):
            above = holder.getprevious() if holder is not element else None
            is_heading = above is not None and above.tag in _HEADINGS and _is_bare(above.tail)
            found += [*entries, *([above] if is_heading else [])]
        else:
            found += _trailing_links(entries, is_story)
    return found


def _is_bare(*texts: str | None) -> bool:
    """Return whether texts hold no word, so that the links beside them are not part of a sentence."""
    return not any(character.isalnum() for text in texts for character in text or "")


def _are_related(entries: Sequence[html.HtmlElement], is_story: Callable[[str], bool]) -> bool:
    return len(entries) >= _LEAST_RELATED and all(_opens_with_story(entry, is_story) for entry in entries)


def _trailing_links(entries: Sequence[html.HtmlElement], is_story: Callable[[str], bool]) -> list[html.HtmlElement]:
    """Return the paragraphs at the end that hold nothing but a link to another story, if there are several."""

    def is_link(entry: html.HtmlElement) -> bool:
        return entry.tag == "p" and _is_bare(entry.tail) and _opens_with_story(entry, is_story)

    links = list(takewhile(is_link, reversed(entries)))
    return links if len(links) >= _LEAST_RELATED else []


def _opens_with_story(entry: html.HtmlElement, is_story: Callable[[str], bool]) -> bool:
    """Return whether an entry opens with a headline that is a link; a sentence that opens with one is not."""
    link = entry if entry.tag == "a" else next(entry.iter("a"), None)
    if link is None or not is_story(str(link.get("href") or "")):
        return False
    return tidy(link.text_content()).startswith(next(own_blocks(entry), "\n"))


def by_guess(tree: html.HtmlElement) -> Extract:
    """Return what trafilatura takes for the article on a page of unknown design."""
    # Loading it takes a quarter of a second, which a crawl that reads no page need not pay.
    import trafilatura  # noqa: PLC0415

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
    import trafilatura  # noqa: PLC0415  # as in by_guess

    document = trafilatura.bare_extraction(
        holder, favor_recall=True, include_comments=False, include_tables=True, with_metadata=False
    )
    body = getattr(document, "body", None)
    read = list(_read(body)) if body is not None else []
    # Below its least length trafilatura gives a text as one line, and text between line breaks too; and it parts a word
    # where markup begins within it.
    complete = len(read) >= len(own) and _size(read) >= _LEAST_SHARE * _size(own)
    return read if complete and _words(read) <= _words(own) else own


def _words(lines: Sequence[str]) -> set[str]:
    return {word for line in lines for word in normalised(line).split()}


def _size(lines: Sequence[str]) -> int:
    return sum(len(normalised(line).replace(" ", "")) for line in lines)


def _read(body: etree._Element) -> Iterator[str]:
    """Yield the blocks of trafilatura's own tree as lines; a table row is one line, its cells parted by a bar."""
    for block in body:
        if block.tag in {"list", "quote", "table"} and len(block):
            yield from _read(block)
        elif block.tag == "row":
            yield tidy(" | ".join(tidy(_text(cell)) for cell in block))
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
