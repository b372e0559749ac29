"""Furniture by structure: what stands around and within an article on a page of any design.

Marks elements and removes none, so that what was dropped can be shown, and by which rule. A rule that rests on names
(classes, tags) holds only while what it takes is little of the page's prose: there are sites whose paragraphs stand in
elements called widget, and pages whose article stands in an aside.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml import html

from core.text import normalised, tidy
from pipelines.blocks import CELLS, HEADINGS, Block, blocks_of, cut
from pipelines.names import is_hidden, named
from pipelines.phrases import LABEL, READ_MORE
from pipelines.weights import Weight, weights_of

_MOST_PROSE = 0.3  # of a page's, that one rule of names may take
_CARD = 480  # characters of a headline with its teaser
_TEASER = 360
_KICKER = 40  # characters of a date or section above a headline
_LEAST_CARDS = 2
_LEAST_LINKS = 3  # of a list that is nothing but links
_LINKS = 0.6  # of the characters of a list that is links
_HEADLINE = 12  # characters; a shorter link is a name
_MOST_LABELLED = 100  # links of one line; there are lists of ten thousand in one
_HOLDERS = frozenset({"ul", "ol", "div", "section", "tbody", "tr", "table"})
_PICTURE = 300  # characters of what stands with a picture
_ITEM = re.compile(r"(?:[^-_]+[-_]){2}|\d{4,}|[^/]{20,}|\.(?:html?|php|aspx?)$")


@dataclass(frozen=True, slots=True)
class Furniture:
    """The elements of a page that are not its article, each with the rule that says so, and the page's blocks."""

    blocks: tuple[Block, ...]
    marks: dict[html.HtmlElement, str]

    def kept(self) -> list[Block]:
        """Return the blocks that no rule dropped."""
        return [block for block in self.blocks if self.rule(block) is None]

    def rule(self, block: Block) -> str | None:
        """Return the rule that dropped a block; None where none did."""
        if block.element in self.marks:
            return self.marks[block.element]
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
        self._is_other = is_other
        self._blocks = tuple(blocks_of(tree))
        self._weights = weights_of(self._blocks)
        self._marks: dict[html.HtmlElement, str] = {}
        self._stories: dict[html.HtmlElement, bool] = {}

    def found(self, rules: str) -> Furniture:
        whole = self._weights.get(self._tree)
        if whole is None or rules == "none":
            return Furniture(self._blocks, {})
        self._mark_next_articles()
        self._mark_lists()
        if rules == "names":
            self._mark_pictures()
            self._mark_names(whole.prose)
        self._mark_read_more()
        self._mark_labels()
        return Furniture(self._blocks, self._marks)

    def _mark(self, element: html.HtmlElement, rule: str) -> None:
        self._marks.setdefault(element, rule)

    # Articles that follow the page's own: pages that go on for ever.

    def _mark_next_articles(self) -> None:
        articles = [
            element
            for element in self._tree.iter("article")
            if self._prose(element) > 0 and not any(around.tag == "article" for around in element.iterancestors())
        ]
        if len(articles) > 1 and any(self._is_headed(element) for element in articles):
            for element in articles:
                if not self._is_headed(element):
                    self._mark(element, "another article")
        heads = [element for element in self._tree.iter("h1") if tidy(element.text_content())]
        own = next((head for head in heads if normalised(head.text_content()) == self._title), None)
        if own is not None:
            for head in heads[heads.index(own) + 1 :]:
                if normalised(head.text_content()) != self._title:
                    self._mark_from(head, own)

    def _is_headed(self, element: html.HtmlElement) -> bool:
        headings = (normalised(found.text_content()) for found in element.iter("h1", "h2"))
        return bool(self._title) and self._title in headings

    def _mark_from(self, head: html.HtmlElement, own: html.HtmlElement) -> None:
        """Mark what a second headline stands over: all around it up to the first, or all below it."""
        if head in self._marks:
            return  # with the headline before it
        around_own = set(own.iterancestors())
        top = head
        while (parent := top.getparent()) is not None and parent not in around_own:
            top = parent
        if top is not head:
            self._mark(top, "another article")
            return
        for element in (head, *head.itersiblings()):
            self._mark(element, "another article")

    # Lists of links and of other stories.

    def _mark_lists(self) -> None:
        for element, weight in self._weights.items():
            if element.tag in {"html", "body", "main", "article"} or weight.prose:
                continue
            if weight.linked >= _LINKS * weight.text and _holds_links(weight):
                self._mark(element, "list of links")
        for element in list(self._weights):
            if element.tag != "html":
                self._mark_runs(element)

    def _mark_runs(self, holder: html.HtmlElement) -> None:
        """Mark the runs of cards among the children of an element."""
        children = [child for child in holder if child in self._weights]
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
        return not weight.prose and weight.text <= _KICKER and element.tag not in HEADINGS

    def _runs(self, children: Sequence[html.HtmlElement]) -> Iterator[list[html.HtmlElement]]:
        run: list[html.HtmlElement] = []
        cards = 0
        has_teasers = False
        for child in [*children, None]:
            if child is not None and self._is_card(child):
                run.append(child)
                cards += 1
            elif child is not None and run and self._is_teaser(child, run[-1]):
                run.append(child)
                has_teasers = True
            else:
                if cards >= _LEAST_CARDS:
                    # The last teaser is one where the other headlines have theirs; else the article goes on.
                    alone = has_teasers and sum(self._is_bare_link(one) for one in run) * 2 > len(run)
                    yield run[:-1] if alone and not self._is_card(run[-1]) else run
                run, cards, has_teasers = [], 0, False

    def _is_card(self, element: html.HtmlElement) -> bool:
        """Return whether an element is a headline that leads to another story, with or without a teaser."""
        weight = self._weights[element]
        if weight.text > _CARD or element.tag in {"table", "blockquote"}:
            return False
        blocks = weight.blocks
        links = {str(anchor.get("href") or "") for block in blocks for anchor in block.anchors}
        if not any(self._leads_away(link) for link in links):
            return False
        first = next((block for block in blocks if len(block.text) > _KICKER or block.anchors), None)
        if first is None or not (first.is_link or first.element.tag in HEADINGS):
            return False
        if len(first.text) < _HEADLINE and len(blocks) == 1 and element.tag != "li":
            return False
        words = [block for block in blocks if block is not first]
        return sum(len(block.text) for block in words) <= _TEASER and not (first.is_prose and len(words) > 0)

    def _is_bare_link(self, element: html.HtmlElement) -> bool:
        return all(block.is_link for block in self._weights[element])

    def _is_teaser(self, element: html.HtmlElement, above: html.HtmlElement) -> bool:
        weight = self._weights[element]
        return (
            self._is_bare_link(above)
            and self._is_card(above)
            and element.tag not in HEADINGS
            and weight.count == 1
            and weight.text <= _TEASER
            and not weight.linked
        )

    def _leads_away(self, link: str) -> bool:
        return bool(link) and self._is_other(link)

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
            for element in outermost:
                if not (is_much and self._prose(element)):
                    self._mark(element, name)

    def _is_over_title(self, element: html.HtmlElement) -> bool:
        """Return whether an element holds the page's headline and sentences as well: a wrapper, whatever its name."""
        if not self._prose(element):
            return False
        heads = (normalised(head.text_content()) for head in element.iter("h1"))
        return bool(self._title) and self._title in heads

    def _prose(self, element: html.HtmlElement) -> int:
        weight = self._weights.get(element)
        return weight.prose if weight else 0

    def _is_within(self, element: html.HtmlElement) -> bool:
        return any(around in self._marks for around in (element, *element.iterancestors()))

    # Single lines within the body.

    def _mark_read_more(self) -> None:
        """Mark lines that lead to another story and say no more: `Read more: HEADLINE`, or the headline alone."""
        for block in self._blocks:
            if not block.anchors or self._is_within(block.element) or block.element.tag in CELLS:
                continue
            leads = any(self._leads_away(str(anchor.get("href") or "")) for anchor in block.anchors)
            is_alone = self._weights[block.element].count == 1
            if leads and is_alone and (_is_labelled(block) or _is_headline(block)):
                self._mark(block.element, "leads to another story")

    def _mark_labels(self) -> None:
        """Mark headings over what was marked: `RELATED`, `Most read`."""
        for element in [one for one, rule in self._marks.items() if rule in {"other stories", "list of links"}]:
            above = self._above(element)
            if above is None or self._is_within(above):
                continue
            weight = self._weights[above]
            text = next(iter(weight)).text
            is_short = weight.count == 1 and len(text) <= 2 * _KICKER and not weight.prose
            if is_short and normalised(text) != self._title and (above.tag in HEADINGS or LABEL.fullmatch(text)):
                self._mark(above, "heading of a list")

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


def _is_labelled(block: Block) -> bool:
    """Return whether a block is a label and a headline that is a link: `Read more: HEADLINE`, `REPORT | HEADLINE`."""
    if len(block.anchors) > _MOST_LABELLED:
        return False
    label = _outside(block)
    if READ_MORE.fullmatch(label):
        return True
    is_parted = len(label) <= _KICKER and label.endswith(("|", ":", "»", "–", "—", "：", "▶", "►", ">>"))
    return is_parted and block.text.startswith(label) and block.linked >= 2 * len(label)


def _outside(block: Block) -> str:
    """Return what of a block stands outside of its links."""
    text = block.text
    for anchor in block.anchors:
        text = text.replace(tidy(anchor.text_content()), " ", 1)
    return tidy(text)


def _is_headline(block: Block) -> bool:
    return block.is_link and len(block.text) >= _HEADLINE


def drop_hidden(tree: html.HtmlElement) -> None:
    """Take out of a tree what no reader sees: text for screen readers that stands within headlines and links."""
    cut(tree, {element for element in tree.iter() if is_hidden(element)})


def is_item(path: str) -> bool:
    """Return whether a path looks like that of an item, and not of a section, tag or author."""
    last = path.rstrip("/").rpartition("/")[2]
    return _ITEM.search(last) is not None
