"""Why each block of a page, or line of a text, is kept or dropped: the same decisions as `process` takes. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lxml import html

from core.model import Draft, Page, Skipped
from core.site import Layout, Site
from core.text import normalised
from pipelines.blocks import Block, blocks_of
from pipelines.copied import copied
from pipelines.decode import decoded, parsed
from pipelines.extract import bodies_of, marked
from pipelines.furniture import drop_hidden, furniture_of
from pipelines.metadata import title_of
from pipelines.neighbours import heard_of, sifted
from pipelines.plaintext import PlainPage, process_text
from pipelines.process import is_neighbour, layout_for, names_story, process
from pipelines.signs import signs_of
from pipelines.stretches import Ask

_LONG = 25  # characters; a date or a name stands in many lines


HEADLINE = "headline"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a block or line. layer: layout NAME, structure, text, corpus, headline or body; rule: which."""

    text: str
    layer: str
    rule: str
    is_kept: bool

    @property
    def is_headline(self) -> bool:
        """Whether it is no part of the body, but was read as the headline."""
        return self.layer == HEADLINE


@dataclass(frozen=True, slots=True)
class Explained:
    """What was read off a page, what became of each of its blocks, in order, and the page itself.

    A text without markup has verdicts on its lines, and neither blocks nor a page.
    """

    result: Draft | Skipped
    verdicts: tuple[Verdict, ...]
    blocks: tuple[Block, ...]
    tree: html.HtmlElement | None

    @property
    def kept(self) -> int:
        """How many blocks were kept."""
        return sum(verdict.is_kept for verdict in self.verdicts)


def explained(page: Page, site: Site, ask: Ask = lambda _: {}, *, is_held: bool = False) -> Explained:
    """Return why each block of a page was kept or dropped; nothing of a document, which has no markup.

    is_held: the corpus holds the article of this page.
    """
    result = process(page, site)
    tree = parsed(decoded(page))
    if tree is None or not isinstance(result, Draft) or result.key.startswith("document:"):
        return Explained(result, (), (), None)
    layout = layout_for(tree, site, page.fetched_at.date())
    if layout is None:
        drop_hidden(tree)
    body = tree.find("body")
    blocks = tuple(blocks_of(tree if body is None else body))
    ruled = _by_layout(tree, layout, site, page) if layout else _by_structure(tree, site, page)
    heard = heard_of(result.paragraphs, ask)
    sieve = sifted(result, heard, page.fetched_at, is_held=is_held)
    recurring = {result.paragraphs[index] for index in sieve.recurring}
    found = _Found(_lines(sieve.draft), dict(sieve.dropped), recurring, _key(result.title))
    verdicts = tuple(_verdict(block, ruled(block), found) for block in blocks)
    return Explained(sieve.draft, verdicts, blocks, tree)


@dataclass(frozen=True, slots=True)
class _Found:
    """The lines that were kept, those that the corpus's rules dropped, those that recur, and the title."""

    left: Counter[str]
    dropped: Mapping[str, str]
    recurring: set[str]
    title: str


def explained_text(page: PlainPage, site: Site) -> Explained:
    """Return why each line of a copied text was kept or dropped."""
    found = copied(page.text, site)
    verdicts = tuple(
        Verdict(line.written, "text", found.rules[index], is_kept=False)
        if index in found.rules
        else Verdict(line.written, "body", "kept", is_kept=True)
        for index, line in enumerate(found.lines)
    )
    return Explained(process_text(page, site), verdicts, (), None)


def _lines(result: Draft) -> Counter[str]:
    """Return the lines that were kept, each as often as it stands in the text."""
    return Counter(map(_key, (*result.paragraphs, *result.notes)))


def _verdict(block: Block, ruled: tuple[str, str] | None, found: _Found) -> Verdict:
    key, left = _key(block.text), found.left
    if key == found.title and not left[key]:
        return Verdict(block.text, HEADLINE, "read as the headline", is_kept=False)
    if ruled:
        return Verdict(block.text, *ruled, is_kept=False)
    if left[key]:
        left[key] -= 1
        recurs = any(_key(line) == key for line in found.recurring)
        return Verdict(block.text, "body", "kept, though it recurs" if recurs else "kept", is_kept=True)
    if rule := next((rule for line, rule in found.dropped.items() if _key(line) == key), None):
        return Verdict(block.text, "corpus", rule, is_kept=False)
    # What trafilatura joined or parted stands in the text, but not as one line.
    if len(key) >= _LONG and any(key in line for line in left):
        return Verdict(block.text, "body", "kept within a longer line", is_kept=True)
    return Verdict(block.text, "text", "no line of the article", is_kept=False)


def _key(text: str) -> str:
    return normalised(text).replace(" ", "").replace("|", "")


def _by_layout(
    tree: html.HtmlElement, layout: Layout, site: Site, page: Page
) -> Callable[[Block], tuple[str, str] | None]:
    bodies = bodies_of(tree, layout)
    marks = {
        found: rule
        for body in bodies
        for found, rule in marked(body, layout, lambda url: names_story(site, url, page)).items()
    }

    def ruled(block: Block) -> tuple[str, str] | None:
        around = (block.element, *block.element.iterancestors())
        if rule := next((marks[element] for element in around if element in marks), None):
            return f"layout {layout.name}", rule
        return None if any(body in around for body in bodies) else (f"layout {layout.name}", "outside of the body")

    return ruled


def _by_structure(tree: html.HtmlElement, site: Site, page: Page) -> Callable[[Block], tuple[str, str] | None]:
    title = title_of(tree, None, site, None, signs_of(page, decoded(page), tree, site))
    furniture = furniture_of(tree, title, lambda url: is_neighbour(site, url, page))

    def ruled(block: Block) -> tuple[str, str] | None:
        rule = furniture.rule(block)
        return ("structure", rule) if rule else None

    return ruled
