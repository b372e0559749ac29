"""How far an article reaches on its page, once its paragraphs are known: for what stands with it and is not its text.

Its own are the blocks within the innermost element that holds headline and paragraphs. Where that is the whole page,
they are those from the headline to a little below the last paragraph.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import html

from pipelines.blocks import Block, blocks_of

_BELOW = 8  # blocks behind the last paragraph of a page without structure; chosen, not measured
_ASIDES = frozenset({"nav", "aside", "form"})
_ASIDE_NAMES = re.compile(
    r"(?i)(?:^|[\s_-])(?:aside|sidebar|widget|related|recommend\w*|comments?|respond|cloud|most|popular|trending|latest"
    r"|teasers?|cards?|promo|newsletter|read-?more|next|previous|nav|menu|more|share|social|author|bio)(?:$|[\s_-])"
)
_LONGEST = 200  # characters of an attribute


@dataclass(frozen=True, slots=True)
class Extent:
    """The blocks of a page that belong to its article, in order, each with whether it stands above the text's end.

    kept are the article's paragraphs; below are the blocks behind the last of them.
    """

    holder: html.HtmlElement
    above: tuple[Block, ...]
    below: tuple[Block, ...]
    kept: frozenset[str]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All of them."""
        return (*self.above, *self.below)

    def is_beside(self, element: html.HtmlElement) -> bool:
        """Return whether an element stands in a list, a bar or a box of its own, within the article's element."""
        for around in (element, *element.iterancestors()):
            if around is self.holder or around.tag in {"body", "html"}:
                return False
            names = f"{around.get('class') or ''} {around.get('id') or ''}"[:_LONGEST]
            if around.tag in _ASIDES or around.get("role") in {"complementary", "navigation"}:
                return True
            if _ASIDE_NAMES.search(names):
                return True
        return False


def extent_of(tree: html.HtmlElement, heading: html.HtmlElement | None, paragraphs: Sequence[str]) -> Extent | None:
    """Return how far the article on a page reaches; None where none of its paragraphs is found as it stands."""
    body = tree.find("body")
    blocks = list(blocks_of(tree if body is None else body))
    wanted = frozenset(paragraphs)
    found = [index for index, block in enumerate(blocks) if block.text in wanted]
    if not found:
        return None
    heads = [heading] if heading is not None else []
    holder = _holder([*heads, *(blocks[index].element for index in found)])
    if holder is None:
        return None
    first, last = found[0], found[-1]
    if holder.tag in {"body", "html"}:
        first = next((index for index, block in enumerate(blocks[:first]) if block.element in heads), first)
        below = blocks[last + 1 : last + 1 + _BELOW]
    else:
        first = next(index for index, block in enumerate(blocks) if _holds(holder, block.element))
        end = next(index for index in range(len(blocks), 0, -1) if _holds(holder, blocks[index - 1].element))
        below = blocks[last + 1 : end]
    return Extent(holder, tuple(blocks[first : last + 1]), tuple(below), wanted)


def _holder(elements: Iterable[html.HtmlElement]) -> html.HtmlElement | None:
    """Return the innermost element around all of some elements, which is none of them."""
    common: list[html.HtmlElement] | None = None
    for parent in dict.fromkeys(element.getparent() for element in elements):
        around = [parent, *parent.iterancestors()] if parent is not None else []
        if common is None:
            common = around
        else:
            there = set(around)
            common = [one for one in common if one in there]
    return common[0] if common else None


def _holds(holder: html.HtmlElement, element: html.HtmlElement) -> bool:
    return element is holder or holder in element.iterancestors()
