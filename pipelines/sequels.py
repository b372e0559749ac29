"""Articles that follow the page's own: of pages that go on for ever, and of sites that are one long page."""

from collections.abc import Iterator
from itertools import islice

from lxml import html

from core.text import normalised, tidy
from pipelines.blocks import HEADINGS
from pipelines.boxes import Run
from pipelines.leads import leads_within
from pipelines.makes import make

_ENTRIES = frozenset({"div", "section", "article", "li", "td", "table"})
_MOST_UP = 3  # elements around a headline, each of which may be one of many entries
_TEXT = frozenset({"p", "ul", "ol", "blockquote", "table", "pre"})


def sequels_in(run: Run) -> Iterator[html.HtmlElement]:
    """Yield the elements of a page that hold another article than its own, or what belongs to that."""
    articles = [
        element
        for element in run.tree.iter("article")
        if _prose(run, element) > 0 and not any(around.tag == "article" for around in element.iterancestors())
    ]
    if len(articles) > 1 and any(_is_headed(run, element) for element in articles):
        yield from (element for element in articles if not _is_headed(run, element))
    heads = [element for element in run.tree.iter("h1") if tidy(element.text_content())]
    own = next((head for head in heads if normalised(head.text_content()) == run.title), None)
    if own is None:
        yield from _entries(run)
        return
    taken: set[html.HtmlElement] = set()  # with the headline before it
    for head in heads[heads.index(own) + 1 :]:
        if normalised(head.text_content()) != run.title and head not in taken:
            found = list(_from(run, head, own))
            taken.update(found)
            yield from found


def _entries(run: Run) -> Iterator[html.HtmlElement]:
    """Yield what is made like the element of the article, beside it, below a heading that leads elsewhere."""
    heads = (head for head in run.tree.iter(*HEADINGS) if normalised(head.text_content()) == run.title)
    own = next(heads, None) if run.title else None
    if own is None:
        return
    for holder in islice(own.iterancestors(*_ENTRIES), _MOST_UP):
        for other in holder.itersiblings(holder.tag):
            head = next(other.iter(str(own.tag)), None) if make(other) == make(holder) else None
            if head is not None and any(leads_within(anchor, run.leads_away) for anchor in head.iter("a")):
                yield other


def _is_headed(run: Run, element: html.HtmlElement) -> bool:
    headings = (normalised(found.text_content()) for found in element.iter("h1", "h2"))
    return bool(run.title) and run.title in headings


def _from(run: Run, head: html.HtmlElement, own: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield what a second headline stands over: all around it up to the first, or all below it."""
    around_own = set(own.iterancestors())
    top = head
    while (parent := top.getparent()) is not None and parent not in around_own:
        top = parent
    if top is not head:
        yield top
    elif not _is_section(run, head):
        yield from (head, *head.itersiblings())


def _is_section(run: Run, head: html.HtmlElement) -> bool:
    """Return whether a headline is one of a part: no link, and the paragraphs above it are its siblings."""
    above = any(one.tag in _TEXT and _prose(run, one) for one in head.itersiblings(preceding=True))
    below = next((one for one in head.itersiblings() if one in run.weights), None)
    return above and below is not None and _prose(run, below) > 0 and next(head.iter("a"), None) is None


def _prose(run: Run, element: html.HtmlElement) -> int:
    weight = run.weights.get(element)
    return weight.prose if weight else 0
