"""What stands behind the last sentence of an article and looks like one: asks, credits, comments."""

import re
from collections import Counter
from collections.abc import Sequence

from lxml import html

from pipelines.blocks import CELLS, HEADINGS, Block
from pipelines.fine import is_fine
from pipelines.makes import make
from pipelines.phrases import ABOUT, CLOSING, FOOT

_LEAST_BEFORE = 0.5  # of the characters of a body, that stand before what ends it
_MOST_CLOSING = 4  # blocks
_MOST_FINE = 0.2  # of the characters; a body set in italics has no fine print
_ALIGNED = ("align", "class", "style")
_ASIDE = re.compile(r"(?i)^center|^right|align\s*[:-]\s*(?:center|right)|text-(?:center|right)|rte(?:center|right)")
_LEAST_ALIKE = 4  # paragraphs
_LEAST_OF_ONE = 0.75  # of the paragraphs: a lead or a quotation may be of another make
_LAST = re.compile(r"(?i)last|mso|text|body|para|content|note|correct|sign|^[ps]\d+$")
_MOST_AFTER = 0.3  # of the characters, that stand below `About SOMEBODY`
_LEAST_MAIN = 0.6  # of the characters of sentences, in one element
_MOST_OUTSIDE = 0.25
_PARAGRAPHS = HEADINGS | CELLS | {"p", "li", "blockquote", "tr", "dd", "dt", "pre"}
_NOTE = re.compile(
    r"(?i)\W*(?:\d|\*|†|corrections?\b|clarifications?\b|editor|notes?\b|update|amended|an earlier version"
    r"|this (?:article|story|report|post) (?:was|has been|is) (?:updated|corrected|amended)|rectificatif|erratum)"
    r"|^[\[(\"“«‘'„—–-]"
)


def without_closing(body: Sequence[Block]) -> list[Block]:
    """Return the blocks of a body without what follows its end: comments below their heading, asks, fine print.

    Corrections, footnotes and quotations stay: they are the article's.
    """
    kept = _without_outer(body[: _end_of(body)])
    size = sum(len(block.text) for block in kept)
    is_straight = not _is_aside(kept[0]) if kept else False
    is_upright = sum(len(block.text) for block in kept if _is_fine_print(block)) <= _MOST_FINE * size
    for _ in range(_MOST_CLOSING):
        is_off = len(kept) > 1 and ((is_upright and _is_credit(kept[-1])) or (is_straight and _is_aside(kept[-1])))
        is_off = is_off or (len(kept) > 1 and _is_odd(kept[-1], kept))
        if is_off or (len(kept) > 1 and CLOSING.fullmatch(kept[-1].text)):
            kept.pop()
    return kept


def _without_outer(body: Sequence[Block]) -> list[Block]:
    """Return blocks without the last ones that stand outside the element which holds most of the text.

    An element of the same make holds text as well: articles are parted to make room for what stands between.
    """
    sizes: Counter[html.HtmlElement] = Counter()
    for block in body:
        sizes[_place(block)] += len(block.text) if block.is_prose else 0
    whole = sizes.total()
    main, size = max(sizes.items(), key=lambda one: one[1], default=(None, 0))
    if main is None or size < _LEAST_MAIN * whole:
        return list(body)
    end = len(body)
    while end and main not in (body[end - 1].element, *body[end - 1].element.iterancestors()):
        end -= 1
        if make(_place(body[end])) == make(main):
            return list(body)
    after = sum(len(block.text) for block in body[end:])
    return list(body[:end] if after <= _MOST_OUTSIDE * whole else body)


def _place(block: Block) -> html.HtmlElement:
    """Return what a paragraph stands in: the element around its own, or its own where that is no paragraph's."""
    holder = block.element.getparent()
    return block.element if block.element.tag not in _PARAGRAPHS or holder is None else holder


def _end_of(body: Sequence[Block]) -> int:
    """Return where the body ends: at the heading of its comments or of what else stands at the foot of a page."""
    whole = sum(len(block.text) for block in body)
    before = 0
    for index, block in enumerate(body):
        least = 1 - _MOST_AFTER if ABOUT.fullmatch(block.text) else _LEAST_BEFORE
        is_end = FOOT.fullmatch(block.text) or (ABOUT.fullmatch(block.text) and block.element.tag == "p")
        if before >= least * whole and is_end:
            return index
        before += len(block.text)
    return len(body)


def _is_credit(block: Block) -> bool:
    return _is_fine_print(block) and _NOTE.match(block.text) is None


def _is_odd(block: Block, body: Sequence[Block]) -> bool:
    """Return whether a paragraph bears a class of its own below paragraphs that are all of one make."""
    names = block.element.get("class") or ""
    if block.element.tag != "p" or not names or _LAST.search(names) or _NOTE.match(block.text):
        return False
    makes = Counter(make(one.element) for one in body if one.is_prose)
    most, count = max(makes.items(), key=lambda one: one[1], default=(None, 0))
    own = makes[make(block.element)]
    return most != make(block.element) and count >= max(_LEAST_ALIKE, _LEAST_OF_ONE * (makes.total() - own))


def _is_aside(block: Block) -> bool:
    """Return whether a paragraph is set to the middle or the far side, as no text is."""
    element = block.element
    return element.tag == "p" and bool(_ASIDE.search(" ".join(element.get(name) or "" for name in _ALIGNED)))


def _is_fine_print(block: Block) -> bool:
    return block.element.tag in {"p", "div", "small", "em", "i"} and is_fine(block.element)
