"""Finds the body on a page: the site's layout says where it stands, trafilatura reads it.

Where no layout fits, trafilatura chooses by itself in its most precise setting. A body is never shorter than what the
layout's element holds: where trafilatura drops text of an element that the layout vouches for, the element's own
blocks are taken.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import islice, takewhile

from lxml import etree, html

from core.site import Layout
from core.text import normalised, tidy
from pipelines.blocks import HEADINGS, Block, cut, load_of, own_blocks
from pipelines.choice import chosen, lines_of, missed_yardstick, size_of_lines
from pipelines.furniture import RULES, drop_hidden, furniture_of
from pipelines.selecting import selected

LEAST_LEFT = 0.08
"""The share of a page's main content, by the yardstick, below which furniture has taken the article as well."""
OTHER_STORIES = "other stories"
_MOST_LINKS = 2000  # of an article; each is looked for in its text
_MOST_TRIED = 30_000  # the load (`load_of`) of a page that is looked at again with fewer rules
_LEAST_RELATED = 2  # entries; one link that opens a paragraph is a reference
_LEAST_SHARE = 0.97  # of the element's characters; the rest is white space that trafilatura joins otherwise


@dataclass(frozen=True, slots=True)
class Extract:
    """The lines of a body, in order, and its links: the words and the address, as written."""

    lines: tuple[str, ...]
    links: tuple[tuple[str, str], ...] = ()


def by_layout(tree: html.HtmlElement, layout: Layout, is_story: Callable[[str], bool]) -> Extract:
    """Return what stands in the layout's body element or elements, without what the layout drops.

    is_story tells the addresses of other items of the site: lists of them inside the body go too.
    """
    elements = [deepcopy(element) for element in bodies_of(tree, layout)]
    for element in elements:
        element.tail = None
        for found, rule in marked(element, layout, is_story).items():
            if rule == OTHER_STORIES:
                found.tail = None  # the bars and dots between links
            if found.getparent() is not None:
                found.drop_tree()
    lines = tuple(line for element in elements for line in _lines(element))
    anchors = (anchor for element in elements for anchor in element.iter("a"))
    links = tuple((tidy(anchor.text_content()), str(anchor.get("href"))) for anchor in anchors if anchor.get("href"))
    return Extract(lines, links)


def bodies_of(tree: html.HtmlElement, layout: Layout) -> list[html.HtmlElement]:
    """Return the elements in which a layout's body stands: those of the first selector that finds any."""
    return _outermost(next(filter(None, (selected(tree, selector) for selector in layout.body)), []))


def marked(element: html.HtmlElement, layout: Layout, is_story: Callable[[str], bool]) -> dict[html.HtmlElement, str]:
    """Return what of a body goes, each with the rule that says so: a selector of the layout, or other stories."""
    marks = dict.fromkeys(_related_lists(element, is_story), OTHER_STORIES)
    for selector in layout.drop:
        for found in selected(element, selector):
            marks.setdefault(found, selector)

    def goes(found: html.HtmlElement) -> bool:
        is_end = layout.ends_at and layout.ends_at.fullmatch(tidy(found.text_content()))
        return found is not element and not is_end

    return {found: rule for found, rule in marks.items() if goes(found)}


def _related_lists(element: html.HtmlElement, is_story: Callable[[str], bool]) -> list[html.HtmlElement]:
    """Return the lists of other stories, with or without teasers, each with the heading above it.

    No word stands between what is returned and the next element.
    """
    found = []
    for holder in (element, *element.xpath(".//ul | .//ol | .//div")):
        entries = [child for child in holder if tidy(child.text_content())]
        headings = [entry for entry in entries[:1] if entry.tag in HEADINGS]
        if _is_bare(holder.text, *(child.tail for child in holder)) and _are_related(
            entries[len(headings) :], is_story
        ):
            above = holder.getprevious() if holder is not element else None
            is_heading = above is not None and above.tag in HEADINGS and _is_bare(above.tail)
            found += [*entries, *([above] if is_heading else [])]
        else:
            found += _trailing_links(entries, is_story)
    return found


def _is_bare(*texts: str | None) -> bool:
    """Return whether texts hold no word, so that the links beside them are not part of a sentence."""
    return not any(character.isalnum() for text in texts for character in text or "")


def _are_related(entries: Sequence[html.HtmlElement], is_story: Callable[[str], bool]) -> bool:
    return len(entries) >= _LEAST_RELATED and all(_opens_with_story(entry, is_story) for entry in entries)


def _trailing_links(entries: Sequence[html.HtmlElement], is_story: Callable[[str], bool]) -> list[html.HtmlElement]:
    """Return the paragraphs at the end that hold nothing but a link to another story, if there are several."""

    def is_link(entry: html.HtmlElement) -> bool:
        return entry.tag == "p" and _is_bare(entry.tail) and _opens_with_story(entry, is_story)

    links = list(takewhile(is_link, reversed(entries)))
    return links if len(links) >= _LEAST_RELATED else []


def _opens_with_story(entry: html.HtmlElement, is_story: Callable[[str], bool]) -> bool:
    """Return whether an entry opens with a headline that is a link; a sentence that opens with one is not."""
    link = entry if entry.tag == "a" else next(entry.iter("a"), None)
    if link is None or not is_story(str(link.get("href") or "")):
        return False
    return tidy(link.text_content()).startswith(next(own_blocks(entry), "\n"))


def by_guess(tree: html.HtmlElement, title: str, is_other: Callable[[str], bool]) -> Extract:
    """Return the article on a page of unknown design, of which the headline is known.

    is_other tells the addresses of other items of the site. Where the rules for furniture leave next to nothing of a
    page that holds much, they are wrong about it: then only those hold that rest on structure, then none.
    """
    tried = RULES if load_of(tree) <= _MOST_TRIED else RULES[:1]
    is_other = cache(is_other)  # the same link is asked about by each rule and at each level around it
    found = Extract(())
    missed = 0
    for rules in tried:
        bare = deepcopy(tree)
        drop_hidden(bare)
        furniture = furniture_of(bare, title, is_other, rules)
        kept = furniture.kept()
        for element in furniture.holders:
            element.tag = "div"  # trafilatura reads no aside and no form
        cut(bare, furniture.marks)
        gone = [text for _, text in furniture.loose]
        found = Extract(tuple(chosen(bare, kept, gone, is_again=rules != RULES[0])), _links(kept))
        if rules == tried[-1]:
            break
        size = size_of_lines(found.lines)
        missed = missed_yardstick(size, LEAST_LEFT, tree) if not missed else missed * (size < LEAST_LEFT * missed)
        if not missed:
            break
    return found


def _links(blocks: Sequence[Block]) -> tuple[tuple[str, str], ...]:
    anchors = islice((anchor for block in blocks for anchor in block.anchors), _MOST_LINKS)
    return tuple((tidy(anchor.text_content()), str(anchor.get("href"))) for anchor in anchors if anchor.get("href"))


def _outermost(elements: Sequence[html.HtmlElement]) -> list[html.HtmlElement]:
    found = set(elements)
    return [element for element in elements if not any(parent in found for parent in element.iterancestors())]


def _lines(element: html.HtmlElement) -> list[str]:
    own = list(own_blocks(element))
    holder = html.document_fromstring("<html><body></body></html>")
    article = etree.SubElement(holder[0], "article")
    article.append(deepcopy(element))
    import trafilatura  # noqa: PLC0415  # as in by_guess

    # fast: where the body stands is known, and what other extractors would make of it is not asked for.
    document = trafilatura.bare_extraction(
        holder, favor_recall=True, fast=True, include_comments=False, include_tables=True, with_metadata=False
    )
    body = getattr(document, "body", None)
    read = list(lines_of(body)) if body is not None else []
    # Below its least length trafilatura gives a text as one line, and text between line breaks too; and it parts a word
    # where markup begins within it.
    complete = len(read) >= len(own) and _size(read) >= _LEAST_SHARE * _size(own)
    return read if complete and _words(read) <= _words(own) else own


def _words(lines: Sequence[str]) -> set[str]:
    return {word for line in lines for word in normalised(line).split()}


def _size(lines: Sequence[str]) -> int:
    return sum(len(normalised(line).replace(" ", "")) for line in lines)
