"""What each element of a page holds: characters, those in links, those in sentences, and its blocks.

Each block is counted once, where it stands, and each element passes on to the one around it: a page may hold a hundred
thousand blocks, two hundred elements deep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from lxml import html

from pipelines.blocks import Block


@dataclass(slots=True, eq=False)
class Weight:
    """What an element and all in it hold: characters, those in links, those in sentences.

    page are the blocks of the whole page: those of the element are `count` of them, between first and last.
    """

    element: html.HtmlElement
    page: Sequence[Block]
    first: int
    last: int
    text: int = 0
    linked: int = 0
    prose: int = 0
    count: int = 0
    depth: int = 0
    inner: list[html.HtmlElement] = field(default_factory=list)
    """The elements right within it that hold text, in document order."""

    def __iter__(self) -> Iterator[Block]:
        """Yield the blocks, in document order."""
        span = map(self.page.__getitem__, range(self.first, self.last + 1))
        if self.count == self.last + 1 - self.first:
            return span
        # Text between blocks that stand in a link, say, is not the link's: it is a block of what is around.
        return (block for block in span if self.element in (block.element, *block.element.iterancestors()))

    @property
    def blocks(self) -> list[Block]:
        """The blocks, in document order."""
        return list(self)

    def add(self, block: Block, index: int) -> None:
        """Count a block of the element itself."""
        self.text += len(block.text)
        self.linked += block.linked
        self.prose += len(block.text) if block.is_prose else 0
        self.count += 1
        self.last = index

    def join(self, inner: "Weight") -> None:
        """Count all that an element within holds."""
        self.text += inner.text
        self.linked += inner.linked
        self.prose += inner.prose
        self.count += inner.count
        self.inner.append(inner.element)
        self.first, self.last = min(self.first, inner.first), max(self.last, inner.last)


def weights_of(blocks: Sequence[Block]) -> dict[html.HtmlElement, Weight]:
    """Return the weight of each element with text: for each block its own element first, then those around it."""
    found: dict[html.HtmlElement, Weight] = {}
    for index, block in enumerate(blocks):
        chain: list[Weight] = []
        element: html.HtmlElement | None = block.element
        while element is not None and element not in found:
            chain.append(Weight(element, blocks, index, index))
            found[element] = chain[-1]
            element = element.getparent()
        depth = found[element].depth if element is not None else 0
        for weight in reversed(chain):
            depth = weight.depth = depth + 1
        found[block.element].add(block, index)
    for weight in sorted(found.values(), key=attrgetter("depth"), reverse=True):
        holder = weight.element.getparent()
        if holder is not None:
            found[holder].join(weight)
    return found
