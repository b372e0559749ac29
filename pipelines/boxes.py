"""Boxes without a telling name: what stands within the run of an article and is not made like its paragraphs.

A card of another story, a form, a link to the site's own pages, the words below a picture. Each is told by how it is
made (a link with a picture, a teaser below a headline, a button), never by what it is called.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import cast

from lxml import etree, html

from core.text import normalised, tidy
from pipelines.blocks import CELLS, HEADINGS, Block
from pipelines.fine import has_words, is_fine
from pipelines.makes import make
from pipelines.weights import Weight

_CARD = 560  # characters of a headline with kicker, teaser and date
_TEASER = 360
_MOST_PARTS = 7  # blocks of a card
_LABEL = 40  # characters of a kicker, a date, the words of a button
_HEADLINE = 12  # characters; a shorter link is a name
_MOSTLY = 0.6  # of the letters of a line that is a link and little else
_BOX = 480  # characters of a form with what it says
_MOST_PROSE = 2  # blocks of prose in a form
_OFTEN = 2  # times; what comes back more often than that is how a site makes its paragraphs
_CAPTION = 200
_LEAST_TOLD = 4  # words
_SHORT_CAPTION = 110  # what is made like no other sentence may be the lead, which is longer as a rule
_SHARE = 0.15  # of the prose around it, that boxes of one make may hold
_PANEL, _LONGEST_PANEL = 0.4, 1400  # of that prose, and characters: another story, told in a few paragraphs
_LEAST_RUN = 3  # paragraphs of one make, between which a box of another stands
_MAIN = 0.6  # of the prose of their holder, that such paragraphs hold
_ENDS = (".", "!", "?", "…", "”", '"', "»", "។", "៕", "。", "！", "？", "؟", "۔", ":", ";", "؛", ",", "៖")
_QUOTES = ("“", '"', "«", "‘", "'", "„", "—", "–")
_PICTURES = ("img", "picture", "video", "amp-img", "svg", "iframe")
_LEAD = re.compile(r"(?i)lead|intro|summary|standfirst|dek|chapo|first|abstract|excerpt")
_MOST_IN_BOX = 320  # characters of sentences
_CONTROLS = ("input", "button", "textarea", "select")
_BUTTON = re.compile(r"(?i)(?:^|[\s_-])(?:btn|button)(?:$|[\s_-])")
_DOCUMENT = re.compile(r"(?i)\.(?:pdf|docx?|xlsx?|pptx?|odt|rtf|zip|jpe?g|png|mp[34])(?:$|[?#])")
_OWN = re.compile(r"/(?!/)|\?|[\w-]+(?:/|\.(?:html?|php|aspx?))")
_BY_SCRIPT = etree.XPath(
    "descendant::*[@onclick or @data-href or @data-url or @data-link or @role='link'][not(self::a or self::button)]"
)
_AS_BUTTONS = etree.XPath("descendant::*[@role='button']")
_CARD_TAGS = frozenset({"div", "section", "aside", "article", "li", "a", "table", "tr", "center", "p", "fieldset"})
_BOX_TAGS = frozenset({"div", "section", "aside", "center", "a", "figure", "fieldset"})
_NAME = re.compile(r"(?!The |A |An )[A-Z][\w’'.-]+(?: [A-Z][\w’'.-]*){1,3}")
_WATCH = re.compile(r"[A-Z ]{4,24}[:|]\s")  # WATCH LIVE:
_ANSWERS = re.compile(
    r"(?i)(?:total )?(?:[\d,.]+ )?(?:votes?|answers|responses|people voted)(?::? [\d,.]+)?(?: so far)?"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A page as boxes are looked for in it; title is its headline, normalised."""

    tree: html.HtmlElement
    weights: Mapping[html.HtmlElement, Weight]
    blocks: Sequence[Block]
    title: str
    leads_away: Callable[[str], bool]


def boxes_in(run: Run) -> Iterator[tuple[html.HtmlElement, str]]:
    """Yield the elements of a page that are boxes, each with the rule that says so."""
    linked = (element for element, weight in run.weights.items() if weight.linked)
    yield from ((element, "card of another story") for element in linked if _is_card(run, element))
    yield from ((element, "form") for element in _forms(run))
    yield from ((element, "poll") for element in _polls(run))
    yield from ((element, "link to the site") for element in _own_links(run))
    yield from ((element, "caption of a picture") for element in _captions(run))
    yield from ((element, "card of another story") for element in _clickable(run))
    yield from ((element, "portrait") for element in _portraits(run))
    yield from ((element, "unlike the text") for element in _unlike(run))


# A headline that leads to another story, alone in the middle of an article.


def _is_card(run: Run, element: html.HtmlElement) -> bool:
    """Return whether an element shows one other story, and more of it than its headline alone."""
    weight = run.weights[element]
    if element.tag not in _CARD_TAGS or weight.text > _CARD or weight.count > _MOST_PARTS:
        return False
    blocks = weight.blocks
    heads = [block for block in blocks if _is_head(block, run.leads_away)]
    if not heads or len({link for block in blocks for link in block.links if run.leads_away(link)}) != 1:
        return False
    above = blocks[: blocks.index(heads[0])]
    below = [block for block in blocks[len(above) :] if block not in heads]
    if any(block.is_prose or len(block.text) > _LABEL for block in above):
        return False
    prose = [block for block in below if block.is_prose and not block.is_link]
    if len(prose) > 1 or sum(len(block.text) for block in below) > _TEASER + _LABEL:
        return False
    return _is_made_as_card(element, heads[0], [*above, *below])


def _is_head(block: Block, leads_away: Callable[[str], bool]) -> bool:
    is_long = bool(block.anchors) and len(block.text) >= _HEADLINE and block.linked >= _MOSTLY * block.letters
    return is_long and any(map(leads_away, block.links))


def _is_made_as_card(element: html.HtmlElement, head: Block, others: Sequence[Block]) -> bool:
    """Return whether there is a picture, a heading, a link around several lines, or a date beside the headline."""
    if next(element.iter(*_PICTURES), None) is not None or head.element.tag in HEADINGS:
        return True
    is_wrapped = any(
        around.tag == "a" for block in others for around in (block.element, *block.element.iterancestors())
    )
    return is_wrapped or any(_is_label(block) for block in others)


def _is_label(block: Block) -> bool:
    return len(block.text) <= _LABEL and not block.text.endswith(_ENDS) and block.element.tag not in {"li", *CELLS}


def _clickable(run: Run) -> Iterator[html.HtmlElement]:
    """Yield boxes that a script makes links of."""
    for element in cast(list[html.HtmlElement], _BY_SCRIPT(run.tree)):
        weight = run.weights.get(element)
        if weight is not None and weight.text <= _CARD and element.tag != "p" and not _holds_title(run, weight):
            yield element


# Fields and buttons, with the words that ask to fill and press them.


def _forms(run: Run) -> Iterator[html.HtmlElement]:
    found: dict[html.HtmlElement, None] = {}
    for control in chain(run.tree.iter(*_CONTROLS, "a"), cast(list[html.HtmlElement], _AS_BUTTONS(run.tree))):
        is_control = control.tag != "a" or _BUTTON.search(control.get("class") or "")
        if is_control and control.get("type") != "hidden" and (box := _form_around(run, control)) is not None:
            found[box] = None
    makes = Counter(map(make, found))
    yield from (box for box in found if not run.weights[box].prose or makes[make(box)] <= _OFTEN)


def _form_around(run: Run, control: html.HtmlElement) -> html.HtmlElement | None:
    """Return the largest element around a control that is a form and little else; None where there is none."""
    own = run.weights[control].text if control in run.weights else len(tidy(control.text_content()))
    box = None
    for around in control.iterancestors():
        if around.tag in {"p", "body", "main", "article", "h1", *HEADINGS, *CELLS}:
            break
        weight = run.weights.get(around)
        if weight is None:
            continue
        if weight.text > _BOX + own:  # asked first: what is around may hold the whole page
            break
        prose = sum(block.is_prose for block in weight)
        if prose > _MOST_PROSE or _holds_title(run, weight):
            break
        # A paragraph with a button in it, or with one beside it, is a paragraph.
        if around.tag in _BOX_TAGS or around.tag == "form" or "-" in around.tag:
            box = around if prose < weight.count or not prose else box
    return box


def _holds_title(run: Run, weight: Weight) -> bool:
    return any(block.plain == run.title for block in weight)


def _polls(run: Run) -> Iterator[html.HtmlElement]:
    """Yield the elements around a count of answers: the question and the answers stand with it."""
    for block in run.blocks:
        if len(block.text) <= _LABEL and _ANSWERS.fullmatch(block.text):
            around = next((one for one in block.element.iterancestors() if one.tag in _BOX_TAGS), None)
            if around is not None and run.weights[around].text <= _BOX and not _holds_title(run, run.weights[around]):
                yield around


# Lines that are wholly a link to a page of the same site: membership, donation, the shop.


def _own_links(run: Run) -> Iterator[html.HtmlElement]:
    for block in run.blocks:
        if (
            not (block.is_link or _WATCH.match(block.text))
            or block.element.tag in {"li", *CELLS}
            or run.weights[block.element].count != 1
        ):
            continue
        links = block.links
        is_own = bool(links) and all(
            _OWN.match(link) and not _DOCUMENT.search(link) and "#" not in link for link in links
        )
        if is_own and not any(map(run.leads_away, links)) and block.plain != run.title:
            yield block.element


# Fine print right below a picture.


def _captions(run: Run) -> Iterator[html.HtmlElement]:
    """Yield what stands right below a picture and is fine print, or is made like no other sentence of the page."""
    if next(run.tree.iter(*_PICTURES), None) is None:
        return
    makes = Counter(_make_of(block) for block in run.blocks if block.is_prose)
    told = {_bare(normalised(str(one.get("alt") or ""))) for one in run.tree.iter("img", "amp-img")} - {""}
    for block in run.blocks:
        element = block.element
        if len(block.text) > _CAPTION or block.linked or element.tag in {*HEADINGS, "li", *CELLS, "body"}:
            continue
        if run.weights[element].count != 1:
            continue
        if told and _bare(block.plain) in told:
            yield element
        if not _stands_below_picture(run, element):
            continue
        is_alone = makes[_make_of(block)] <= _OFTEN and not _LEAD.search(f"{_make_of(block)}")
        is_alone = is_alone and len(block.text) <= _SHORT_CAPTION
        if is_fine(element) or (is_alone and makes.total() > _LEAST_RUN):
            yield element


def _bare(text: str) -> str:
    """Return what a picture is said to show, normalised, as it is compared; a word or two are a name."""
    plain = text.rstrip(" .")
    return plain if len(plain.split()) >= _LEAST_TOLD else ""


def _stands_below_picture(run: Run, element: html.HtmlElement) -> bool:
    """Return whether what stands right before an element, or in it before its words, is a picture without words."""
    if next(element.iter(*_PICTURES), None) is not None:
        return element.tag != "p" or is_fine(element)
    node = element
    while node is not None and node.tag != "body":
        before = node.getprevious()
        if before is not None:
            is_bare = (before not in run.weights or run.weights[before].text <= _LABEL) and not has_words(before.tail)
            return is_bare and (before.tag in _PICTURES or next(before.iter(*_PICTURES), None) is not None)
        parent = node.getparent()
        if parent is not None and has_words(parent.text):
            return False
        node = parent
    return False


def _portraits(run: Run) -> Iterator[html.HtmlElement]:
    """Yield the boxes of a picture, a name, and a sentence or two on who that is: writers, mostly."""
    found: dict[html.HtmlElement, None] = {}
    for picture in run.tree.iter("img", "picture", "amp-img"):
        around = next((one for one in picture.iterancestors() if one in run.weights), None)
        if around is None or around.tag not in _BOX_TAGS or run.weights[around].text > _BOX:
            continue
        first, *rest = run.weights[around].blocks
        if _NAME.fullmatch(first.text) and 0 < len(rest) <= _MOST_PROSE and first.plain != run.title:
            found[around] = None
    yield from (found if len(found) <= _OFTEN else ())


# Boxes of another make between paragraphs of one make.


def _unlike(run: Run) -> Iterator[html.HtmlElement]:
    for weight in run.weights.values():
        if weight.prose and len(weight.inner) > _LEAST_RUN:
            yield from _unlike_in(run, weight.inner, weight.prose)


def _unlike_in(run: Run, children: Sequence[html.HtmlElement], prose: int) -> Iterator[html.HtmlElement]:
    shares: Counter[object] = Counter()
    counts: Counter[object] = Counter()
    makes = [make(child) for child in children]
    for made, child in zip(makes, children, strict=True):
        shares[made] += run.weights[child].prose
        counts[made] += run.weights[child].prose > 0
    main = max(shares, key=lambda one: shares[one])
    if counts[main] < _LEAST_RUN or shares[main] < _MAIN * prose:
        return
    headings = {child.tag for child in children if child.tag in HEADINGS}
    every = Counter(makes)
    leading = {made for made, child in zip(makes, children, strict=True) if made != main and _leads(run, child)}
    first = next(place for place, made in enumerate(makes) if made == main)
    for made, child in zip(makes[first:], children[first:], strict=True):
        if every[made] > _OFTEN and not run.weights[child].linked and made not in leading:
            continue  # questions, subheadings: what comes back is how the article is made
        is_small = shares[made] <= _SHARE * prose and run.weights[child].text <= _BOX
        is_small = is_small or (shares[made] <= _PANEL * prose and _is_panel(run, child, headings))
        if made != main and is_small and _can_be_box(child) and _is_box(run, child, headings):
            yield child


def _leads(run: Run, element: html.HtmlElement) -> bool:
    """Return whether a box is there for another story: those that are made like it are boxes as well."""
    weight = run.weights[element]
    if weight.prose or weight.linked < _MOSTLY * weight.text or weight.text > _BOX:
        return False
    return any(run.leads_away(link) for block in weight for link in block.links)


def _is_panel(run: Run, element: html.HtmlElement, headings: set[str]) -> bool:
    """Return whether a box tells another story: a heading that is none of the article's, and a link to go on by."""
    weight = run.weights[element]
    if weight.text > _LONGEST_PANEL or weight.count < _LEAST_RUN:
        return False
    first, *_, last = weight.blocks
    is_headed = first.element.tag in HEADINGS and first.element.tag not in headings
    return is_headed and last.is_link and all(map(run.leads_away, last.links))


def _can_be_box(element: html.HtmlElement) -> bool:
    """Return whether an element is there to hold others: an element of a site's own making, a table of one cell."""
    if element.tag == "table":
        return len(element.xpath(".//td | .//th")) == 1
    return element.tag in _BOX_TAGS or "-" in element.tag


def _is_box(run: Run, element: html.HtmlElement, headings: set[str]) -> bool:
    """Return whether an element between paragraphs is set off from them, and no part of the article by what it holds.

    A heading like those of the article opens a part of it; quotations, lists and tables are the article's.
    """
    blocks = run.weights[element].blocks
    first = blocks[0]
    if _is_panel(run, element, headings):
        return True
    has_own = element.tag != "table" and next(element.iter("blockquote", "table", "pre"), None) is not None
    if has_own or first.text.startswith(_QUOTES):
        return False
    if first.element.tag in HEADINGS:
        return first.element.tag not in headings and len(blocks) > 1
    if next(element.iter("ul", "ol"), None) is not None or run.weights[element].prose > _MOST_IN_BOX:
        return False
    if len(blocks) == 1 and _is_label(first) and not first.anchors:
        return False  # a heading, whatever its tag
    return (
        bool(element.get("class"))
        or "-" in element.tag
        or any(block.anchors for block in blocks)
        or all(map(_is_label, blocks))
    )


def _make_of(block: Block) -> object:
    holder = block.element.getparent()
    return make(block.element), make(holder) if holder is not None else None
