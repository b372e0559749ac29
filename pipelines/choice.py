"""Which of a page's blocks are its article, where no layout says so: trafilatura chooses, its choice is completed.

Two things go wrong with its choice on one page of twenty: it takes the wrong container, or leaves out paragraphs within
the right one. Against the first stands a yardstick, resiliparse's main content: a choice of less than half of it is
given up for the candidate whose length is nearest to it. Against the second stand the blocks themselves: between the
first and the last that were chosen, none that looks like text is left out.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from copy import deepcopy
from functools import cache, partial
from itertools import islice
from typing import cast

from lxml import etree, html
from resiliparse.extract.html2text import extract_plain_text

from core.text import normalised, tidy
from pipelines.blocks import CELLS, Block, load_of
from pipelines.closing import without_closing

# The loads (`load_of`) above which trafilatura is not asked: it takes up to a tenth of a millisecond for each of them.
_MOST_ASKED = 15_000
_MOST_ASKED_AGAIN = 5_000  # in other settings, or with more of the page
_LEAST_SHARE = 0.5  # of the yardstick
_LEAST_PART = 12  # characters of a block that is looked for within a line
_LEAST_FOUND = 0.9  # of the characters of a choice that stand in the blocks as they are
_STEPS = 3
_OPTIONS = etree.XPath("count(descendant::option)")
_STRING = etree.XPath("string()")
_MOST_OPTIONS = 500  # resiliparse takes the square of their number: a second for ten thousand
_LEAST_HELD = 0.9  # of the sentences, by the element that an article is said to stand in
_KEPT_FIRST = frozenset({"blockquote", "h2", "h3", "li"})
_KEPT_LAST = frozenset({"blockquote", "li", "td", "th", "tr"})
_TEXT = frozenset({"p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "td", "th", "tr", "pre", "dd", "dt"})
_ENDS = (".", "!", "?", "…", "”", '"', "»", "។", "៕", "。", "！", "？", "؟", "۔", ":")


def chosen(
    tree: html.HtmlElement, blocks: Sequence[Block], gone: Collection[str] = (), *, is_again: bool = False
) -> list[str]:
    """Return the lines of the article on a page without furniture; blocks are the page's, as furniture left them.

    gone are lines of furniture that the tree holds still.

    is_again says that the page was asked about before. Of one that is too large for trafilatura, the element that holds
    nearly all sentences is taken.
    """
    if not blocks and not _text_of(tree).strip():
        return []  # which it takes trafilatura three attempts to find
    load = load_of(tree)
    if load > (_MOST_ASKED_AGAIN if is_again else _MOST_ASKED):
        return completed(densest(blocks), blocks, gone)
    choice = _read(tree, favor_precision=True)
    if yardstick := missed_yardstick(size_of_lines(choice), _LEAST_SHARE, tree):
        others = _others(tree, blocks) if load <= _MOST_ASKED_AGAIN else (lambda: densest(blocks),)
        candidates = [choice, *(candidate() for candidate in others)]
        choice = min(candidates, key=lambda lines: abs(size_of_lines(lines) - yardstick))
    return completed(choice, blocks, gone)


def _others(tree: html.HtmlElement, blocks: Sequence[Block]) -> Iterator[Callable[[], list[str]]]:
    yield lambda: _read(tree)
    yield lambda: _read(tree, favor_recall=True)
    yield lambda: densest(blocks)


def densest(blocks: Sequence[Block]) -> list[str]:
    """Return the blocks of the innermost element that holds nearly all sentences."""
    return [block.text for block in _within(blocks, holder_of(blocks))]


def holder_of(blocks: Sequence[Block]) -> html.HtmlElement | None:
    """Return the innermost element that holds nearly all sentences of some blocks; None if there are none."""
    prose: dict[html.HtmlElement, int] = {}
    for block in blocks:
        if block.is_prose:
            for element in (block.element, *block.element.iterancestors()):
                prose[element] = prose.get(element, 0) + len(block.text)
    most = max(prose.values(), default=0)
    full = [element for element, size in prose.items() if size > _LEAST_HELD * most]
    return max(full, key=lambda element: sum(1 for _ in element.iterancestors()), default=None)


def _within(blocks: Sequence[Block], holder: html.HtmlElement | None) -> list[Block]:
    return [block for block in blocks if holder in (block.element, *block.element.iterancestors())]


def _read(tree: html.HtmlElement, *, favor_precision: bool = False, favor_recall: bool = False) -> list[str]:
    document = _reader(precision=favor_precision, recall=favor_recall)(tree)
    body = getattr(document, "body", None)
    return list(lines_of(body)) if body is not None else []


@cache  # its options are read anew for each page otherwise, which is one part in fifty of reading a small one
def _reader(*, precision: bool, recall: bool) -> Callable[[html.HtmlElement], object]:
    """Return trafilatura, set up; it works on a copy of the tree that it is given."""
    # Loading it takes a quarter of a second, which a crawl that reads no page need not pay.
    import trafilatura  # noqa: PLC0415
    from trafilatura.settings import Extractor  # noqa: PLC0415

    options = Extractor(output_format="python", precision=precision, recall=recall, comments=False, tables=True)
    return partial(trafilatura.bare_extraction, options=options)


def lines_of(body: etree._Element) -> Iterator[str]:
    """Yield the blocks of trafilatura's own tree as lines; a table row is one line, its cells parted by a bar."""
    for block in body:
        if block.tag in {"list", "quote", "table"} and len(block):
            yield from lines_of(block)
        elif block.tag == "row":
            yield tidy(" | ".join(tidy(_text(cell)) for cell in block))
        elif line := tidy(_text(block)):
            yield line


def _text(element: etree._Element) -> str:
    return str(_STRING(element))


def _text_of(tree: html.HtmlElement) -> str:
    body = tree.find("body")
    return _text(tree if body is None else body)


def missed_yardstick(size: int, share: float, tree: html.HtmlElement) -> int:
    """Return the yardstick of a page if a size is less than a share of it; else 0.

    It is no more than all text of the page, which is soon counted: mostly that is enough to know.
    """
    whole = size_of_lines([_text_of(tree)])
    yardstick = yardstick_of(tree) if size < share * whole else 0
    return yardstick if size < share * yardstick else 0


def yardstick_of(tree: html.HtmlElement) -> int:
    """Return how many characters, without spaces, resiliparse finds in a page's main content."""
    if int(cast(float, _OPTIONS(tree))) > _MOST_OPTIONS:
        tree = deepcopy(tree)
        etree.strip_elements(tree, "option", with_tail=False)
    markup = etree.tostring(tree, encoding="unicode", method="html")
    text = extract_plain_text(markup, main_content=True, alt_texts=False, list_bullets=False, comments=False)
    return size_of_lines([str(text)])


def completed(choice: Sequence[str], blocks: Sequence[Block], gone: Collection[str] = ()) -> list[str]:
    """Return a choice with the blocks that it left out between its own, and with those that go on from its ends.

    What stands before the first sentence and behind the last is no article's where it is short and no sentence.
    """
    lines = {_key(line) for line in choice}
    if gone:
        lines = set(map(_without(gone), lines)) - {""}
    keys = {block: _squeezed(block.plain) for block in blocks}
    joined = "\n".join(lines - set(keys.values()))  # what trafilatura made one line of several blocks
    wanted = [
        block for block in blocks if keys[block] in lines or (len(keys[block]) >= _LEAST_PART and keys[block] in joined)
    ]
    if not wanted or sum(len(keys[block]) for block in wanted) < _LEAST_FOUND * sum(map(len, lines)):
        return list(choice)
    held = _within(wanted, holder_of(wanted)) or wanted
    order = {block: index for index, block in enumerate(blocks)}
    first, last = order[held[0]], order[held[-1]]
    like = {_place(block) for block in held if block.is_prose} - {None}
    same = [index for block, index in order.items() if block.is_prose and _place(block) in like]
    first, last = min([first, *same]), max([last, *same])
    while (before := _before(blocks, first)) is not None:
        first = before
    chosen_ones = set(held)
    body = [block for block in blocks[first : last + 1] if block in chosen_ones or _is_text(block, like)]
    return [block.text for block in _trimmed(without_closing(body))]


def _without(gone: Collection[str]) -> Callable[[str], str]:
    """Return what takes some lines out of others."""
    keys = sorted(map(_key, gone), key=len, reverse=True)

    def bare(line: str) -> str:
        for key in keys:
            line = line.replace(key, "")
        return line

    return bare


def _before(blocks: Sequence[Block], first: int) -> int | None:
    """Return which block a body begins with that was said to begin with another; None where that is right.

    It is a paragraph right above, or one with a question between: a lead that is set apart.
    """
    for index in range(first - 1, max(first - _STEPS, -1), -1):
        block = blocks[index]
        if block.is_prose:
            return index if _is_near(block, blocks[first]) else None
        if block.is_link or not block.text.endswith(("?", ":", "؟")):
            return None
    return None


def _trimmed(body: list[Block]) -> list[Block]:
    """Return blocks without the labels above the first sentence and below the last."""
    start, end = 0, len(body)
    while start < end and not _is_sentence(body[start]) and body[start].element.tag not in _KEPT_FIRST:
        start += 1
    while end > start and not _is_sentence(body[end - 1]) and not _is_kept_last(body[end - 1], body):
        end -= 1
    return body[start:end] or body


def _is_kept_last(block: Block, body: Sequence[Block]) -> bool:
    """Return whether a block is the last of a quotation, a list or a table; a cell that holds it all is no table's."""
    is_layout = block.element.tag in CELLS and len(body) > 1 and body[0].element is block.element
    return block.element.tag in _KEPT_LAST and not is_layout


def _is_sentence(block: Block) -> bool:
    return block.is_prose or (block.text.endswith(_ENDS) and not block.is_link)


def _is_near(block: Block, other: Block) -> bool:
    """Return whether two blocks stand in one element, two or three steps up: a lead that is set apart."""
    around = list(islice(block.element.iterancestors(), _STEPS))
    return any(element in around for element in islice(other.element.iterancestors(), _STEPS))


def _place(block: Block) -> object:
    """Return what paragraphs of one article have in common: the element that they stand in, or one of the same name."""
    holder = block.element.getparent()
    name = holder.get("class") if holder is not None else None
    return (holder.tag, name) if name else holder


def _is_text(block: Block, places: set[object]) -> bool:
    if block.is_prose:
        return True
    if block.is_link:
        return False
    return block.element.tag in _TEXT or block.text.endswith(_ENDS) or _place(block) in places


def _key(text: str) -> str:
    return _squeezed(normalised(text))


def _squeezed(text: str) -> str:
    return text.replace(" ", "").replace("|", "")


def size_of_lines(lines: Sequence[str]) -> int:
    """Return how many characters lines hold, without spaces."""
    return sum(len(_key(line)) for line in lines)
