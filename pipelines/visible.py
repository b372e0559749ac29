"""What stands around a headline: the short lines above and below it, in the order of the page.

The walk is bounded, so that a page of a hundred thousand elements costs no more than one of a thousand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from lxml import etree, html

from core.text import tidy

MOST_CHARACTERS = 100  # of a line that names who and when
_ABOVE = 6  # lines; a date further up is the masthead's, of the day of the visit
_BELOW = 16
_PROSE = 3  # paragraphs below the headline: standfirst and caption may stand above the byline, the body does not
_UP = 4  # levels from the headline to the element in which the walk begins
_MOST_NODES = 4000
_MOST_IN_SHORT = 300  # elements in a short text; there are pages of empty ones
_MOST_IN_FORM = 60  # elements; one for a search or a letter has less
_MOST_METAS = 200
_SENTENCE = re.compile(r"(?:\S+\s+){7,}\S+[.!?…][\"”’»)]?")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_ASIDE_TAGS = frozenset(
    [
        "nav",
        "aside",
        "footer",
        "form",
        "button",
        "select",
        "option",
        "figure",
        "figcaption",
        "blockquote",
        "svg",
        "textarea",
        "script",
        "style",
    ]
)
_DATED = re.compile(r"(?i)date|time|publi|creat|issued|modif|releas")
_ASIDE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:relat\w*|recommend\w*|comments?|commentlist|disqus|sidebar|side-bar|widget-area|popular|trending"
    r"|most-?(?:read|viewed|popular)|latest-\w+|newsletter|subscri\w+|(?:wp-)?caption(?:-text)?|breadcrumbs?"
    r"|menu|nav|navbar|navigation|cookies?|footer|masthead|top-?bar|site-header|teasers?"
    r"|read-?(?:more|next|also)|more-(?:news|stories|from)|next|prev|previous|pagination|signup|promo"
    r"|(?:author|about)-?(?:bio|box|info|card|description)|bio|about-the-author|credit|today|current-date)(?:$|[\s_-])",
    re.IGNORECASE,
)
_ARTICLES_FOOT = re.compile(r"(?i)(?:^|[\s_-])(?:post|entry|article)[\s_-]?footer")  # some sign below the text
_LONGEST_NAMES = 400  # characters of class and id that are looked at; a page may hold megabytes
_HEADLINE_LINK = 25  # characters; the words of a link that leads to a story
_MOST_TEXT = 1000  # characters of one text that are looked at
_MOST_LINKS = 10
_LEAST_TEXT = 500  # characters of what stands below a headline
_CARD = 600  # characters; a card is short
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SHARE = re.compile(r"(?i)\s*(?:share|print|follow|subscribe|partager|compartir|send|listen|download|by\b)")
_AUTHORS = re.compile(
    r"(?i)/(?:authors?|people|staff|by|by-?lines?|profiles?|writers?|contributors?|reporters?|@)(?:[/\w-]|$)"
)
Pieces = list[tuple[str, html.HtmlElement]]


@dataclass(frozen=True)
class Line:
    """A line near a headline: its text, the pieces that it is made of, the names of the elements that hold them.

    names are the classes, ids and item properties of the innermost element of each piece; is_above says that it stands
    over the headline.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    is_above: bool = False

    @cached_property
    def text(self) -> str:
        """The whole line."""
        return tidy(" ".join(self.pieces))


def names_of(element: html.HtmlElement) -> str:
    """Return the class, id and item property of an element, as written, at most some hundred characters of each."""
    return " ".join(str(element.get(name) or "")[:_LONGEST_NAMES] for name in ("class", "id", "itemprop"))


def is_aside(element: html.HtmlElement) -> bool:
    """Return whether an element, by tag, class or id, is the page's and not the article's: lists, comments, menus."""
    names = names_of(element)
    if _ARTICLES_FOOT.search(names) or (element.tag == "form" and _is_page(element)):
        return False
    if (element.tag == "footer" or "footer" in names.lower()) and _goes_on(element):
        return False
    return element.tag in _ASIDE_TAGS or bool(_ASIDE_NAMES.search(names))


def _goes_on(footer: html.HtmlElement) -> bool:
    """Return whether text follows what is called a footer: it stands below a headline then, and not below a text."""
    most = (len(str(one.text_content())) for one in footer.itersiblings() if isinstance(one.tag, str))
    return any(size >= _LEAST_TEXT for size in islice(most, _MOST_LINKS))


def _is_page(form: html.HtmlElement) -> bool:
    """Return whether a form holds the whole page, as those of old portals do."""
    holder = form.getparent()
    return (
        holder is not None and holder.tag == "body" and next(islice(form.iter(), _MOST_IN_FORM, None), None) is not None
    )


def is_in_aside(element: html.HtmlElement) -> bool:
    """Return whether an element stands in furniture."""
    return any(is_aside(holder) for holder in element.iterancestors() if holder.tag not in {"body", "html"})


def is_beside(element: html.HtmlElement, heading: html.HtmlElement | None) -> bool:
    """Return whether an element stands in furniture or in the card of another story; what holds the heading is none."""
    own = {heading, *heading.iterancestors()} if heading is not None else set()
    for holder in (element, *element.iterancestors()):
        if holder in own or holder.tag in {"body", "html"}:
            return False
        if is_aside(holder) or (holder is not element and (_is_other(holder, own) or _is_card(holder))):
            return True
    return False


def sketch(tree: html.HtmlElement) -> html.HtmlElement | None:
    """Return a page of those meta elements of a page that are named for a date; None where there are none.

    They tell of the page and of no other story. The title is left out: a year in it is what the story is about.
    """
    drawn = html.document_fromstring("<html><head></head><body></body></html>")
    for meta in islice(tree.iter("meta"), _MOST_METAS):
        told = {name: str(value)[:_LONGEST_NAMES] for name, value in meta.items()}
        if any(_DATED.search(value) for name, value in told.items() if name != "content"):
            etree.SubElement(drawn[0], "meta", told)
    return drawn if len(drawn[0]) else None


def short_text(element: html.HtmlElement, most: int = MOST_CHARACTERS) -> str:
    """Return the text of an element with a space between its pieces; none if it is longer than `most` characters."""
    # Paragraphs are most of what is asked, and known by their first words.
    if len(element.text or "") > most and len(tidy((element.text or "")[: most + 1])) > most:
        return ""
    if next(islice(element.iter(), _MOST_IN_SHORT, None), None) is not None:
        return ""
    pieces: list[str] = []
    size = 0
    for piece in element.itertext():
        text = tidy(str(piece)[: most + 1])
        size += len(text) + 1
        if size > most + 1:
            return ""
        pieces.append(text)
    return tidy(" ".join(pieces))


def lines_around(heading: html.HtmlElement) -> list[Line]:
    """Return the short lines next to a headline: those below it, then those above it, the nearest first.

    Below it the body's third paragraph ends the search. Headlines of other stories are left out, each with the line
    under it, which dates it.
    """
    sides: tuple[list[Line], list[Line]] = ([], [])
    prose = 0
    own = tidy(heading.text_content())  # which may stand there twice, as a link too
    is_above, is_of_other = True, False
    for pieces in _runs(heading):
        if pieces is None:
            is_above, is_of_other = False, False
            continue
        line = _line(pieces, is_above=is_above)
        was_of_other, is_of_other = is_of_other, line.text != own and _is_story_link(pieces)
        if _is_prose(line):
            prose += not is_above
        elif not (is_of_other or was_of_other):
            sides[is_above].append(line)
        if prose >= _PROSE or len(sides[False]) >= _BELOW:
            break
    below, above = sides
    return below + above[: -_ABOVE - 1 : -1]


def _line(pieces: Pieces, *, is_above: bool) -> Line:
    holders = (f"{names_of(holder)} {names_of(holder.getparent())}" for _, holder in pieces)
    return Line(tuple(text for text, _ in pieces), tuple(holders), is_above)


def _is_prose(line: Line) -> bool:
    return len(line.text) > MOST_CHARACTERS or bool(_SENTENCE.fullmatch(line.text))


def _is_story_link(pieces: Pieces) -> bool:
    """Return whether a line holds the headline of another story: a long link."""
    for text, holder in pieces:
        link = next((one for one in (holder, *holder.iterancestors()) if one.tag == "a"), None)
        if (
            link is not None
            and _is_headline(text)
            and not _AUTHORS.search(str(link.get("href") or "")[:_LONGEST_NAMES])
        ):
            return True
    return False


def _runs(heading: html.HtmlElement) -> Iterator[Pieces | None]:
    """Yield the pieces of each line from some levels above the headline on, and None in place of the headline."""
    run: Pieces = []
    for node, text in _texts(heading):
        if node is not None and node is not heading:
            if tidied := tidy(text[:_MOST_TEXT]):
                run.append((tidied, node))
            continue
        if run:
            yield run
            run = []
        if node is heading:
            yield None


def _texts(heading: html.HtmlElement) -> Iterator[tuple[html.HtmlElement | None, str]]:
    """Yield each text with the element that holds it, and None at the borders of blocks; furniture is left out."""
    own = {heading, *heading.iterancestors()}
    left = _MOST_NODES
    for root in _onwards(_start_of(heading)):
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, node in walk:
            left -= 1
            if left < 0:
                return
            if node.tag in _BLOCKS:
                yield None, ""
            if event == "end":
                yield node.getparent(), node.tail or ""
            elif node is heading:
                yield heading, ""
                walk.skip_subtree()
            elif node not in own and is_aside(node):
                walk.skip_subtree()
            else:
                yield node, node.text or ""
        yield None, ""


def _start_of(heading: html.HtmlElement) -> html.HtmlElement:
    start = heading
    for _, holder in zip(range(_UP), heading.iterancestors(), strict=False):
        if holder.tag in {"body", "html"}:
            break
        start = holder
    return start


def _onwards(start: html.HtmlElement) -> Iterator[html.HtmlElement]:
    """Yield an element, what follows it in its parent, then what follows the parent, up to the body."""
    yield start
    node: html.HtmlElement | None = start
    while node is not None and node.tag not in {"body", "html"}:
        yield from node.itersiblings()
        node = node.getparent()


def _is_other(holder: html.HtmlElement, own: set[html.HtmlElement]) -> bool:
    """Return whether an element holds an article after the page's own, as pages do that scroll on and on."""
    if not own:
        return False
    is_article = holder.tag == "article" and any(one.tag == "article" for one in own)
    return is_article or next(holder.iter("h1"), None) is not None


def _is_card(holder: html.HtmlElement) -> bool:
    """Return whether an element shows another story: a heading or a long link in little text."""
    if next(holder.iter(*_HEADINGS), None) is not None:
        return bool(short_text(holder, _CARD))
    links = (short_text(link, _CARD) for link in islice(holder.iter("a"), _MOST_LINKS))
    return any(_is_headline(text) for text in links) and bool(short_text(holder, _CARD))


def _is_headline(text: str) -> bool:
    """Return whether the words of a link can be a headline: dates and buttons are links as well."""
    return len(text) >= _HEADLINE_LINK and not _SHARE.match(text) and not _YEAR.search(text)
