"""Furniture by structure: what stands around and within an article on a page of any design.

Marks elements and removes none, so that what was dropped can be shown, and by which rule. A rule that rests on names
(classes, tags) holds only while what it takes is little of the page's prose: there are sites whose paragraphs stand in
elements called widget, and pages whose article stands in an aside.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import cast

from lxml import etree, html

from core.text import normalised
from pipelines.blocks import CELLS, HEADINGS, Block, blocks_of, cut
from pipelines.boxes import Run, boxes_in
from pipelines.leads import (
    HEADLINE,
    KICKER,
    MOSTLY,
    TEASER,
    has_summary,
    is_headline,
    is_headline_line,
    is_labelled,
    leads_within,
    may_lead,
    outside,
)
from pipelines.names import is_hidden, named
from pipelines.phrases import LABEL, READ_MORE
from pipelines.pointers import pointers_in
from pipelines.sequels import sequels_in
from pipelines.weights import Weight, weights_of

_MOST_PROSE = 0.3  # of a page's, that one rule of names may take
_LEAST_BELOW = 0.6  # of a page's prose, that stands below its headline
_CARD = 480  # characters of a headline with its teaser
_LEAST_CARDS = 2
_LEAST_LINKS = 3  # of a list that is nothing but links
_HOLDERS = frozenset({"ul", "ol", "div", "section", "details", "fieldset", "tbody", "tr", "table"})
_LISTED = frozenset({"other stories", "list of links", "link to the site", "card of another story"})
_PICTURE = 300  # characters of what stands with a picture
_MAY_HIDE = etree.XPath("descendant-or-self::*[@hidden or @style or @class]")


@dataclass(frozen=True, slots=True)
class Furniture:
    """The elements of a page that are not its article, each with the rule that says so, and the page's blocks."""

    blocks: tuple[Block, ...]
    marks: dict[html.HtmlElement, str]
    holders: tuple[html.HtmlElement, ...] = ()
    """Elements whose tag is a furniture's, and which hold the article all the same."""
    loose: Mapping[tuple[html.HtmlElement, str], str] = field(default_factory=dict)
    """Lines that are furniture and have no element of their own, by the element that they stand in."""

    def kept(self) -> list[Block]:
        """Return the blocks that no rule dropped."""
        return [block for block in self.blocks if self.rule(block) is None]

    def rule(self, block: Block) -> str | None:
        """Return the rule that dropped a block; None where none did."""
        if block.element in self.marks:
            return self.marks[block.element]
        if rule := self.loose.get((block.element, block.text)):
            return rule
        return next((self.marks[around] for around in block.element.iterancestors() if around in self.marks), None)


RULES = ("names", "structure", "none")
"""How far the rules go: names as well, structure alone, or nowhere."""


def furniture_of(
    tree: html.HtmlElement, title: str, is_other: Callable[[str], bool], rules: str = RULES[0]
) -> Furniture:
    """Return the furniture of a page.

    title is the page's own headline; is_other tells the addresses of other items of the site; rules is one of RULES.
    """
    body = tree.find("body")
    return _Marking(tree if body is None else body, title, is_other).found(rules)


class _Marking:
    def __init__(self, tree: html.HtmlElement, title: str, is_other: Callable[[str], bool]) -> None:
        self._tree = tree
        self._title = normalised(title)
        # A link is asked about by each element around it, and so is a line.
        self._leads_away = leads_away = cache(is_other)
        self._may_lead = cache(lambda block: any(may_lead(link, leads_away) for link in block.links))
        self._is_lead = cache(lambda block: any(leads_within(anchor, leads_away) for anchor in block.anchors))
        titled = (head for head in tree.iter("h1") if normalised(head.text_content()) == self._title)
        self._over_title = {around for head in titled for around in (head, *head.iterancestors())}
        self._blocks = tuple(blocks_of(tree))
        self._weights = weights_of(self._blocks)
        self._page = Run(tree, self._weights, self._blocks, self._title, self._leads_away)
        self._marks: dict[html.HtmlElement, str] = {}
        self._holders: list[html.HtmlElement] = []
        self._loose: dict[tuple[html.HtmlElement, str], str] = {}

    def found(self, rules: str) -> Furniture:
        whole = self._weights.get(self._tree)
        if whole is None or rules == "none":
            return Furniture(self._blocks, {})
        for element in sequels_in(self._page):
            self._mark(element, "another article")
        self._mark_lists()
        if rules == "names":
            self._mark_pictures()
            self._mark_names(whole.prose)
            self._mark_above_headline(whole.prose)
        self._mark_boxes(whole.prose)
        self._mark_read_more()
        self._mark_pointers()
        self._mark_labels()
        return Furniture(self._blocks, self._marks, tuple(self._holders), self._loose)

    def _mark(self, element: html.HtmlElement, rule: str) -> None:
        self._marks.setdefault(element, rule)

    # Lists of links and of other stories.

    def _mark_lists(self) -> None:
        for element, weight in self._weights.items():
            if element.tag in {"html", "body", "main", "article"} or weight.prose:
                continue
            if weight.linked >= MOSTLY * weight.text and _holds_links(weight):
                self._mark(element, "list of links")
        for element in list(self._weights):
            if element.tag != "html":
                self._mark_runs(element)

    def _mark_runs(self, holder: html.HtmlElement) -> None:
        """Mark the runs of cards among the children of an element."""
        children = self._weights[holder].inner
        if len(children) < _LEAST_CARDS:
            return
        runs = list(self._runs(children))
        for run in runs:
            for child in run:
                self._mark(child, "other stories")
        rest = [child for child in children if child not in self._marks]
        if runs and rest and holder.tag in _HOLDERS and all(self._is_label(child) for child in rest):
            self._mark(holder, "other stories")

    def _is_label(self, element: html.HtmlElement) -> bool:
        weight = self._weights[element]
        return not weight.prose and weight.text <= KICKER and element.tag not in HEADINGS

    def _runs(self, children: Sequence[html.HtmlElement]) -> Iterator[list[html.HtmlElement]]:
        run: list[html.HtmlElement] = []
        teasers: list[html.HtmlElement] = []
        for child in [*children, None]:
            if child is not None and self._is_card(child):
                run.append(child)
            elif child is not None and run and self._is_teaser(child, run[-1]):
                run.append(child)
                teasers.append(child)
            else:
                if found := self._run(run, teasers):
                    yield found
                run, teasers = [], []

    def _run(self, run: list[html.HtmlElement], teasers: Sequence[html.HtmlElement]) -> list[html.HtmlElement]:
        """Return what of some headlines and what stands below them is of other stories; nothing if they are too few.

        One teaser alone is none: the article goes on below a headline, or between two.
        """
        if len(run) < _LEAST_CARDS:  # asked at each element that is none
            return []
        cards = [one for one in run if one not in teasers]
        if len(teasers) == 1:
            run, teasers = cards, ()
        is_pair = len(teasers) >= _LEAST_CARDS or any(map(self._leads_within, cards))
        is_pair = is_pair or (len(cards) >= _LEAST_CARDS and self._is_below_label(cards[0]))
        if len(cards) < _LEAST_CARDS or not is_pair:
            return []
        alone = teasers and sum(self._is_bare_link(one) for one in run) * 2 > len(run)
        return run[:-1] if alone and run[-1] in teasers else run

    def _is_below_label(self, element: html.HtmlElement) -> bool:
        """Return whether what stands right above says that other stories follow, on whatever site."""
        above = self._above(element)
        blocks = self._weights[above].blocks if above is not None and self._weights[above].text <= KICKER else ()
        return len(blocks) == 1 and bool(LABEL.fullmatch(blocks[0].text) or READ_MORE.fullmatch(blocks[0].text))

    def _is_card(self, element: html.HtmlElement) -> bool:
        """Return whether an element is a headline that leads to another story, with or without a teaser."""
        weight = self._weights[element]
        if weight.text > _CARD or not weight.linked or element.tag in {"table", "blockquote"}:
            return False
        blocks = weight.blocks
        if not any(map(self._may_lead, blocks)):
            return False
        first = next((block for block in blocks if len(block.text) > KICKER or block.anchors), None)
        if first is None or not (is_headline_line(first) or first.element.tag in HEADINGS or has_summary(first)):
            return False
        if len(first.text) < HEADLINE and len(blocks) == 1 and element.tag != "li":
            return False
        if first.plain == self._title:
            return False
        words = [block for block in blocks if block is not first]
        return sum(len(block.text) for block in words) <= TEASER and not (first.is_prose and len(words) > 0)

    def _is_bare_link(self, element: html.HtmlElement) -> bool:
        return all(is_headline_line(block) for block in self._weights[element])

    def _is_teaser(self, element: html.HtmlElement, above: html.HtmlElement) -> bool:
        weight = self._weights[element]
        return (
            self._is_bare_link(above)
            and self._weights[above].count == 1
            and self._is_card(above)
            and element.tag not in HEADINGS
            and weight.count == 1
            and weight.text <= TEASER
            and not weight.linked
        )

    def _leads_within(self, element: html.HtmlElement) -> bool:
        """Return whether an element leads to another story of the site itself."""
        return any(map(self._is_lead, self._weights[element]))

    def _mark_pictures(self) -> None:
        """Mark what stands in one element with a picture, in an element of its own: a caption without a name."""
        for picture in self._tree.iter("img", "picture", "amp-img", "video"):
            for around in picture.iterancestors("div", "section", "figure", "span", "center"):
                weight = self._weights.get(around)
                if weight is None:
                    continue
                is_caption = weight.text <= _PICTURE and not weight.linked and weight.count <= 2  # noqa: PLR2004
                texts = {block.element for block in weight} if is_caption else set()
                if is_caption and around not in texts and not any(one.tag in HEADINGS for one in texts):
                    self._mark(around, "caption of a picture")
                break

    # What its name, role or tag says.

    def _mark_names(self, whole: int) -> None:
        found: dict[str, dict[html.HtmlElement, None]] = {}
        for element in self._weights:
            if not self._is_within(element) and not self._is_over_title(element):
                for name in named(element):
                    found.setdefault(name, {})[element] = None
        for name, elements in found.items():
            outermost = [one for one in elements if not any(around in elements for around in one.iterancestors())]
            is_much = sum(self._prose(one) for one in outermost) > _MOST_PROSE * whole
            if is_much and name.startswith("tag:"):
                self._holders += [one for one in elements if self._prose(one)]
            for element in outermost:
                if not (is_much and self._prose(element)):
                    self._mark(element, name)

    def _is_over_title(self, element: html.HtmlElement) -> bool:
        """Return whether an element holds the page's headline and sentences as well: a wrapper, whatever its name."""
        return bool(self._title) and element in self._over_title and self._prose(element) > 0

    def _prose(self, element: html.HtmlElement) -> int:
        weight = self._weights.get(element)
        return weight.prose if weight else 0

    def _is_within(self, element: html.HtmlElement) -> bool:
        return element in self._marks or not self._marks.keys().isdisjoint(element.iterancestors())

    # What stands over the headline, and boxes within the body.

    def _mark_above_headline(self, whole: int) -> None:
        """Mark what stands before the headline, where most of the page's prose comes after it."""
        below = whole
        # The length first: a page may hold a hundred thousand lines.
        longest = 2 * len(self._title)
        heads = [one for one in self._blocks if len(one.text) <= longest and one.plain == self._title]
        own = next((one for one in heads if one.element.tag == "h1"), heads[-1] if heads else None)
        if own is None or not self._title:
            return
        above = self._blocks[: self._blocks.index(own)]
        below -= sum(len(block.text) for block in above if block.is_prose)
        if below < _LEAST_BELOW * whole:
            return
        around = set(own.element.iterancestors())
        for block in above:
            if block.element not in around and block.element is not own.element:
                self._mark(block.element, "above the headline")

    def _mark_boxes(self, whole: int) -> None:
        """Mark boxes, kind by kind; a kind that would take much of the page's prose is how the page is made."""
        found: dict[str, dict[html.HtmlElement, None]] = {}
        for element, rule in boxes_in(self._page):
            if not self._is_within(element):
                found.setdefault(rule, {})[element] = None
        for rule, elements in found.items():
            outermost = [one for one in elements if not any(around in elements for around in one.iterancestors())]
            if sum(self._prose(one) for one in outermost) <= _MOST_PROSE * whole:
                for element in outermost:
                    self._mark(element, rule)

    # Single lines within the body.

    def _mark_pointers(self) -> None:
        for block, rule in pointers_in(self._page):
            if block.element in self._marks or self._is_within(block.element):
                continue
            if block.plain == self._title:
                continue
            if self._weights[block.element].count == 1:
                self._mark(block.element, rule)
            else:
                self._loose[block.element, block.text] = rule

    def _mark_read_more(self) -> None:
        """Mark lines that lead to another story and say no more: `Read more: HEADLINE`, or the headline alone."""
        for block in self._blocks:
            if not block.anchors or self._is_within(block.element) or block.element.tag in CELLS:
                continue
            leads = any(map(self._leads_away, block.links))
            is_alone = self._weights[block.element].count == 1
            says_so = leads and (is_labelled(block) or is_headline(block))
            if is_alone and (says_so or READ_MORE.fullmatch(outside(block))):
                self._mark(block.element, "leads to another story")

    def _mark_labels(self) -> None:
        """Mark headings over what was marked: `RELATED`, `Most read`."""
        listed = [one for one, rule in self._marks.items() if rule in _LISTED]
        for holder in dict.fromkeys(element.getparent() for element in listed):
            self._mark_emptied(holder)
        for element in listed:
            above = self._above(element)
            if above is None or self._is_within(above):
                continue
            weight = self._weights[above]
            text = next(iter(weight)).text
            is_short = weight.count == 1 and len(text) <= 2 * KICKER and not weight.prose
            if not LABEL.fullmatch(text) and (self._has_label(element) or self._goes_on(above)):
                continue
            is_label = above.tag in HEADINGS or LABEL.fullmatch(text) or self._is_all_but(above)
            is_label = is_label or (text.endswith((":", "៖")) and not self._goes_on(above))
            if is_short and normalised(text) != self._title and is_label:
                self._mark(above, "heading of a list")

    def _mark_emptied(self, holder: html.HtmlElement | None) -> None:
        """Mark what holds nothing but what is marked and a label, which has no element of its own."""
        weight = self._weights.get(holder) if holder is not None and holder.tag in _HOLDERS else None
        if holder is None or weight is None or weight.text > _CARD * _LEAST_LINKS:
            return
        left = [block for block in weight if block.element not in self._marks and not self._is_within(block.element)]
        if len(left) == 1 and left[0].element is holder and len(left[0].text) <= 2 * KICKER and not left[0].is_prose:
            self._mark(holder, "heading of a list")
        elif not left:
            self._mark_emptied(holder.getparent())

    def _goes_on(self, above: html.HtmlElement) -> bool:
        """Return whether the text goes on below a list, beside the heading above it: the heading may be the text's."""
        following = (block for one in above.itersiblings() if one in self._weights for block in self._weights[one])
        below = next((block for block in following if not self._is_within(block.element)), None)
        return below is not None and below.is_prose

    def _is_all_but(self, element: html.HtmlElement) -> bool:
        """Return whether nothing is left of what an element stands in but itself."""
        holder = element.getparent()
        if holder is None or holder.tag in {"body", "main", "article"} or holder not in self._weights:
            return False
        own = set(self._weights[element])
        return all(block in own or self._is_within(block.element) for block in self._weights[holder])

    def _has_label(self, element: html.HtmlElement) -> bool:
        """Return whether a list begins with a heading of its own: what stands above it is then the article's."""
        weight = self._weights[element]
        first = next(iter(weight))
        # Of cards each begins with a heading.
        is_card = first.element.tag in HEADINGS and sum(one.element.tag == first.element.tag for one in weight) > 1
        return not first.anchors and weight.count > 1 and not is_card

    def _above(self, element: html.HtmlElement) -> html.HtmlElement | None:
        """Return the element with text right above another, climbing while the other is the first in its holder."""
        while element is not None and element.tag != "body":
            for sibling in element.itersiblings(preceding=True):
                if sibling in self._weights:
                    return sibling
            element = element.getparent()
        return None


def _holds_links(weight: Weight) -> bool:
    """Return whether an element holds links enough for a list."""
    anchors: set[html.HtmlElement] = set()
    for block in weight:
        anchors.update(block.anchors[:_LEAST_LINKS])
        if len(anchors) >= _LEAST_LINKS:
            return True
    return False


def drop_hidden(tree: html.HtmlElement) -> None:
    """Take out of a tree what no reader sees: text for screen readers that stands within headlines and links."""
    cut(tree, {element for element in cast(list[html.HtmlElement], _MAY_HIDE(tree)) if is_hidden(element)})
