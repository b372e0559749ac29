"""A page as blocks: the runs of text between the borders that paragraphs, headings, cells and line breaks make."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar, cast

from lxml import etree, html

from core.text import normalised, tidy

BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
CELLS = frozenset({"td", "th"})
_IN_CELLS = BLOCKS - CELLS

_SENTENCE = re.compile(r"[.!?…។៕။。！？؟۔।](?:[\"”’»)\]]|\s|$)")
_COUNT = etree.XPath("count(descendant::*)")
_LENGTH = etree.XPath("string-length(string())")
_CHARACTERS = 50
_LEVELS = 16
_MANY = 1000  # elements
_LEAST_PROSE = 40  # characters without spaces; a headline or a label is shorter, or ends no sentence
_MOST_BREAKS = 5  # line breaks in a row of figures
_MOST_LINKED = 0.5  # of the characters of a sentence


_Found = TypeVar("_Found")


class _Fact(Generic[_Found]):
    """What is found out of a block when it is first asked for, and kept.

    It is `functools.cached_property` without the lock, which Python 3.11 takes a hundred times and more for each page.
    """

    def __init__(self, ask: Callable[["Block"], _Found]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    def __get__(self, block: "Block", owner: type["Block"]) -> _Found:
        found = block.__dict__[self._ask.__name__] = self._ask(block)
        return found


@dataclass(frozen=True, eq=False)
class Block:
    """A run of text, the innermost block element around it, and the links that some of it stands in."""

    element: html.HtmlElement
    text: str
    linked: int = 0
    """Characters that stand in links."""
    anchors: tuple[html.HtmlElement, ...] = ()

    @_Fact
    def plain(self) -> str:
        """Return the text as it is compared."""
        return normalised(self.text)

    @_Fact
    def links(self) -> tuple[str, ...]:
        """Return the addresses of the links, as written; empty for one that has none."""
        return tuple(str(anchor.get("href") or "") for anchor in self.anchors)

    @_Fact
    def words(self) -> tuple[str, ...]:
        """Return the words of the links, on one line each; as many as there are links."""
        return tuple(tidy(anchor.text_content()) for anchor in self.anchors)

    @_Fact
    def letters(self) -> int:
        """How many letters and figures it holds."""
        return _letters(self.text)

    @_Fact
    def is_prose(self) -> bool:
        """Whether it is a sentence or several, and not mostly links."""
        return (
            len(self.text) >= _LEAST_PROSE
            and self.linked < _MOST_LINKED * len(self.text)
            and _SENTENCE.search(self.text) is not None
        )

    @_Fact
    def is_link(self) -> bool:
        """Whether nothing but marks stands outside of links."""
        return bool(self.anchors) and self.linked >= self.letters


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def load_of(tree: html.HtmlElement) -> int:
    """Return how much work it is to read a tree, in elements: so many characters, or levels, take as long as one more.

    Levels count in a large tree alone: much asks what is around an element.
    """
    count = int(cast(float, _COUNT(tree)))
    if count > _MANY:
        depth = 0
        for event, _ in etree.iterwalk(tree, events=("start", "end")):
            depth += 1 if event == "start" else -1
            count += depth // _LEVELS if event == "start" else 0
    return count + int(cast(float, _LENGTH(tree))) // _CHARACTERS


def cut(tree: html.HtmlElement, gone: Collection[html.HtmlElement]) -> None:
    """Take elements out of a tree; the text behind each stays.

    That text is joined once: as it is joined anew for each element, many of them take the square of the time.
    """
    if not gone:
        return
    moved: dict[tuple[html.HtmlElement, bool], list[str]] = {}
    for element in [one for one in tree.iter() if one in gone]:
        holder = element.getparent()
        if holder is None:
            continue
        if element.tail:
            before = element.getprevious()
            moved.setdefault((holder, True) if before is None else (before, False), []).append(element.tail)
        holder.remove(element)
    for (element, is_holder), tails in moved.items():
        if is_holder:
            element.text = (element.text or "") + "".join(tails)
        else:
            element.tail = (element.tail or "") + "".join(tails)


def own_blocks(element: html.HtmlElement) -> Iterator[str]:
    """Yield the text of an element block by block, in document order, with nothing left out."""
    return (block.text for block in blocks_of(element))


def blocks_of(element: html.HtmlElement) -> Iterator[Block]:
    """Yield the blocks of an element in document order; cells that hold no blocks are one with their row."""
    reader = _Reader(element)
    for event, node in etree.iterwalk(element, events=("start", "end")):
        block = reader.opened(node) if event == "start" else reader.ended(node)
        if block:
            yield block
    if block := reader.closed():
        yield block


class _Reader:
    """Collects the pieces of a block on the way through a tree."""

    def __init__(self, element: html.HtmlElement) -> None:
        self._whole = element
        self._around = [element]
        self._links: list[html.HtmlElement] = []
        self._pieces: list[str] = []
        self._linked = 0
        self._anchors: dict[html.HtmlElement, None] = {}
        self._rows: dict[html.HtmlElement | None, bool] = {}  # asked once each: a row may have ten thousand cells

    def opened(self, node: html.HtmlElement) -> Block | None:
        """Enter an element; return the block that ends in front of it."""
        tag = node.tag
        block = None
        if tag in BLOCKS:
            is_cell = self._is_cell(node, tag)
            if not is_cell:
                block = self.closed() if self._pieces else None
                self._around.append(node)
            elif node.getprevious() is not None:
                self._pieces.append(" | ")
        elif tag == "br":
            block = self.closed()
        elif tag == "a":
            self._links.append(node)
        if text := node.text:
            self._add(text)
        return block

    def ended(self, node: html.HtmlElement) -> Block | None:
        """Leave an element; return the block that ends with it."""
        tag = node.tag
        block = None
        if tag in BLOCKS:
            if not self._is_cell(node, tag):
                block = self.closed() if self._pieces else None
                self._around.pop()
        elif tag == "br":
            block = self.closed()
        elif tag == "a":
            self._links.pop()
        if node is not self._whole and (tail := node.tail):
            self._add(tail)
        return block

    def _is_cell(self, node: html.HtmlElement, tag: str) -> bool:
        """Return whether an element is a cell that is one with its row."""
        return tag in CELLS and not _holds_blocks(node.getparent(), self._rows)

    def _add(self, piece: str) -> None:
        if not self._pieces and piece.isspace():
            return  # between blocks
        self._pieces.append(piece)
        if self._links and (letters := _letters(piece)):
            self._linked += letters
            self._anchors[self._links[-1]] = None

    def closed(self) -> Block | None:
        """Return the block that ends here, if it holds anything."""
        pieces = self._pieces
        if not pieces:
            return None
        whole = "".join(pieces)
        pieces.clear()
        if whole.isspace():
            return None
        line = tidy(whole)
        found = Block(self._around[-1], line, self._linked, tuple(self._anchors)) if line else None
        self._anchors.clear()
        self._linked = 0
        return found


def _holds_blocks(row: html.HtmlElement, known: dict[html.HtmlElement | None, bool]) -> bool:
    """Return whether a row of a table is there for the sake of layout: its cells hold paragraphs, or many lines."""
    if row not in known:
        has_lines = next(islice(row.iter("br"), _MOST_BREAKS, None), None) is not None
        known[row] = has_lines or any(inner.tag in _IN_CELLS for inner in row.iterdescendants())
    return known[row]
