"""How the articles of an unknown site look: selectors that find title, byline, date and body on all samples. Pure."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import combinations

from lxml import html

from core.model import Page
from core.site import unknown_site
from core.text import normalised, tidy
from crawler.survey.dateforms import format_in, moment_in
from crawler.survey.front import TITLE_PARTS
from crawler.survey.naming import shared_selector
from pipelines.dates import found_date
from pipelines.decode import decoded, parsed
from pipelines.extract import by_guess
from pipelines.metadata import names_in
from pipelines.process import is_neighbour

_HOLDERS = ("div", "article", "section", "main", "td")
_LEAST_LINE = 40  # characters; shorter lines stand in menus too
_COVERED = 0.9  # of the characters that trafilatura keeps
_DATES = (
    "time, [class*=date], [class*=time], [class*=publish], [class*=posted], [class*=meta], [itemprop=datePublished]"
)
_BYLINES = (
    *("[rel~=author]", "[itemprop=author]", ".author", ".authname", ".byline", ".article-author", ".author-name"),
    *("[class*=byline] a", "[class*=author] a", "[class*=byline]", "[class*=author]"),
)
_FURNITURE = (
    *("figure", "figcaption", "aside", "nav", "form", "button", '[class*="share"]', '[class*="social"]'),
    *('[class*="related"]', '[class*="newsletter"]', '[class*="advert"]', '[class*="caption"]', ".tags"),
)
_LONGEST_BYLINE = 120
_SHORT = 80  # characters of an element that is hardly more than a date


@dataclass(frozen=True, slots=True)
class Sample:
    """An article page opened up: what its markup tells machines, and the lines that trafilatura takes for its text."""

    page: Page
    tree: html.HtmlElement
    title: str
    authors: tuple[str, ...]
    published: datetime | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Design:
    """The selectors of a layout; those that were not found are empty. has_moment: the pages tell machines when."""

    body: str
    title: str = ""
    byline: str = ""
    date_select: str = ""
    date_format: str = ""
    drop: tuple[str, ...] = ()
    has_moment: bool = False


def sample_of(page: Page, title: str = "") -> Sample | None:
    """Return an article page opened up, None if there is no text on it. title is what a listing calls it."""
    document = html.document_fromstring(decoded(page).encode() or b"<p></p>", parser=html.HTMLParser(encoding="utf-8"))
    tree = parsed(decoded(page))
    if tree is None:
        return None
    told = dict(_told(document))
    metas = [str(value) for value in tree.xpath('//meta[@property="og:title"]/@content')]
    metas.append(TITLE_PARTS.split(tidy(tree.findtext(".//title") or ""))[0])
    named = next((text for text in (title, told.get("headline", ""), *metas) if text), "")
    moments = [told.get("datePublished", "")]
    moments += [str(value) for value in tree.xpath('//meta[@property="article:published_time"]/@content')]
    moments += [str(value) for value in tree.xpath("//time/@datetime")]
    published = next(filter(None, map(moment_in, moments)), None)
    read = by_guess(tree, tidy(named), lambda link: is_neighbour(unknown_site(), link, page))
    kept = (normalised(line) for line in read.lines if len(line) >= _LEAST_LINE)
    lines = tuple(line for line in kept if line != normalised(named))
    authors = tuple(filter(None, told.get("author", "").split("\n")))
    return Sample(page, tree, tidy(named), authors, published, lines) if lines else None


def _told(document: html.HtmlElement) -> Iterator[tuple[str, str]]:
    """Yield what JSON-LD says of an article: headline, datePublished, author (a name a line)."""
    for script in document.xpath('//script[@type="application/ld+json"]/text()'):
        try:
            whole = json.loads(str(script))
        except ValueError:
            continue
        for node in _nodes(whole):
            if "Article" in str(node.get("@type")) or "headline" in node:
                yield from ((key, str(node[key])) for key in ("headline", "datePublished") if key in node)
                named = node.get("author")
                people = named if isinstance(named, list) else [named]
                yield (
                    "author",
                    "\n".join(str(each["name"]) for each in people if isinstance(each, dict) and "name" in each),
                )


def _nodes(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        for each in value:
            yield from _nodes(each)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph"))


def design_of(samples: Sequence[Sample], zone: tzinfo) -> tuple[Design | None, Sequence[Sample]]:
    """Return the selectors that hold for as many samples as possible, and these samples.

    A site has pages of several generations: where no element holds the texts of all, the first that agree count.
    """
    for size in range(len(samples), 0, -1):
        for chosen in combinations(samples, size):
            if body := _shared(chosen, _body):
                return _design(chosen, body, zone), chosen
    return None, ()


def _design(samples: Sequence[Sample], body: str, zone: tzinfo) -> Design:
    title = _shared(samples, _titled)
    select, form = _date(samples, zone)
    return Design(
        body=body,
        title=title,
        byline=_byline(samples),
        date_select=select,
        date_format=form,
        drop=tuple(_drop(samples, body)),
        has_moment=all(sample.published for sample in samples),
    )


def _shared(samples: Sequence[Sample], find: Callable[[Sample], html.HtmlElement | None]) -> str:
    found = [element for sample in samples if (element := find(sample)) is not None]
    return shared_selector(found) if len(found) == len(samples) else ""


def _body(sample: Sample) -> html.HtmlElement | None:
    """Return the smallest element that holds most of what trafilatura keeps."""
    total = sum(map(len, sample.lines))
    best: tuple[int, html.HtmlElement] | None = None
    for element in sample.tree.iter(*_HOLDERS):
        text = normalised(element.text_content())
        covered = sum(len(line) for line in sample.lines if line in text)
        if covered >= _COVERED * total and (best is None or len(text) <= best[0]):
            best = (len(text), element)
    return best[1] if best else None


def _titled(sample: Sample) -> html.HtmlElement | None:
    """Return the heading whose words are the title; without a known title the first h1."""
    wanted = normalised(sample.title)
    for element in sample.tree.iter("h1", "h2", "h3"):
        if wanted and normalised(element.text_content()) == wanted:
            return element
    first = next(sample.tree.iter("h1"), None)
    return first if first is not None and tidy(first.text_content()) else None


def _byline(samples: Sequence[Sample]) -> str:
    """Return the first usual selector of bylines that says on each page what it says for machines, or names at all."""
    for selector in _BYLINES:
        read = [_names(sample, selector) for sample in samples]
        pairs = list(zip(read, samples, strict=True))
        if any(read) and all(not sample.authors or set(names) == set(sample.authors) for names, sample in pairs):
            return selector
    return ""


def _names(sample: Sample, selector: str) -> list[str]:
    texts = [tidy(found.text_content()) for found in sample.tree.cssselect(selector)]
    return [name for text in texts if len(text) <= _LONGEST_BYLINE for name in names_in(text)]


def _date(samples: Sequence[Sample], zone: tzinfo) -> tuple[str, str]:
    form = ""
    elements = []
    for sample in samples:
        for element in _dated_elements(sample):
            text = tidy(element.text_content())
            found = format_in(text, zone, sample.published)
            if found and (not form or found_date(text, [form], zone)):
                form = form or found
                elements.append(element)
                break
    if len(elements) != len(samples):
        return "", ""
    return shared_selector(elements, most=3), form


def _dated_elements(sample: Sample) -> Iterator[html.HtmlElement]:
    """Yield the elements that may hold the date: those called after it, then any that are short, in their order."""
    # Of those that are called so, the one that says least beside the date is the date's own.
    yield from sorted(sample.tree.cssselect(_DATES), key=lambda each: len(tidy(each.text_content())))
    for element in sample.tree.iter("p", "span", "div", "li", "td"):
        if len(tidy(element.text_content())) <= _SHORT:
            yield element


def seen_beside_told(samples: Sequence[Sample], design: Design, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """Return the visible date of each sample beside the moment that it tells machines."""
    pairs = []
    for sample in samples:
        for element in sample.tree.cssselect(design.date_select) if design.date_select else ():
            seen = found_date(tidy(element.text_content()), [design.date_format], zone)
            if seen and sample.published:
                pairs.append((seen, sample.published))
                break
    return pairs


def offsets_of(samples: Sequence[Sample]) -> list[timedelta]:
    """Return the offsets with which the samples write their moments."""
    return [offset for sample in samples if sample.published and (offset := sample.published.utcoffset()) is not None]


def _drop(samples: Sequence[Sample], body: str) -> Iterator[str]:
    """Yield what inside the body is furniture: the usual, where it stands there and holds no line of the text."""
    for selector in _FURNITURE:
        hits = [
            (sample, found)
            for sample in samples
            for element in sample.tree.cssselect(body)
            for found in element.cssselect(selector)
        ]
        texts = [(sample, normalised(found.text_content())) for sample, found in hits]
        holds_text = any(line in text for sample, text in texts for line in sample.lines)
        usual = selector in {"figure", "figcaption", "aside", "nav", "form", "button"}
        if (hits and not holds_text) or (not hits and usual):
            yield selector
