"""Which heading of a page of unknown design is its headline: the one that the page's own titles agree with.

A logo may be an h1, the next article may be on the page, and the headline may be an h2: og:title and <title> tell,
once the site's name is taken off them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import html

from core.text import normalised, tidy
from pipelines.moments import date_line
from pipelines.naming import agree, has_words
from pipelines.visible import is_in_aside, short_text

_SEPARATOR = re.compile(r"\s+[|\-–—·•»«:~/]+\s+|\s*(?:\||::|»|·|•)\s*|:\s+")
_MOST_HEADINGS = 40  # those of lists beside the article come later
_MOST_CHARACTERS = 400  # of a headline
_LEAST_CHARACTERS = 3
_LEAST_OF_LABEL = 0.7  # of a part of a host's name: a site on Cambodia has Cambodia in its own
_MOST_KICKER = 30  # characters
_LAST_RANK = 6  # of a heading that agrees with a title
_LESSER = ("h2", "h3", "h4", "h5", "h6")
_PLAIN = ("b", "strong", "font", "big", "span", "div", "p", "td", "center", "dt", "legend", "caption")
_LEAST_PLAIN = 20  # characters; a word that is a page's title may stand anywhere
_MOST_PLAIN = 3000
_LEAST_PROSE = 250  # characters of text below which no headline stands
_LEAST_WORDS = 3  # of what is called a headline; Khmer parts its phrases
_CALLED = re.compile(r"(?i)(?:^|[\s_-]|(?<=[a-z]))(?:title|headline|subject|caption_?news)|titulo|titre|tieude")
_HOME = re.compile(r"(?i)(?:https?://[^/?#]+)?/(?:index\.\w+|home)?(?:[?#].*)?|https?://[^/?#]+")
_SQUEEZED = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline, and the heading in which it stands; None where only the page's title names it."""

    text: str
    element: html.HtmlElement | None = None


def headline_on(tree: html.HtmlElement, titles: Sequence[str], names: frozenset[str], host: str) -> Headline:
    """Return the headline of a page; its text is empty where there is none.

    titles is what the page calls itself, the most trusted first; names are those of its site as far as known
    (`own_names`), and the host (`host_of`) tells one more: none of them is a headline.
    """
    wanted = {normalised(part): None for title in titles for part in _parts(title)}
    main = [one for one in _headings(tree, "h1") if not (is_site_name(one.text, names, host) or _leads_home(one))]
    best = min(_ranked(main, wanted, titles), default=None)
    if best is None or best[0] > 1:
        lesser = [one for one in _headings(tree, *_LESSER) if not is_site_name(one.text, names, host)]
        best = min([*([best] if best else []), *_ranked(lesser, wanted, titles)], default=None, key=lambda one: one[0])
    if best:
        return _without_kicker(best[2], wanted)
    if plain := _plain_headline(tree, wanted):
        return plain
    if main:
        return main[0]
    freed = filter(None, (without_names(title, names, host) for title in titles))
    if called := _called_headline(tree, names, host) or _dated_headline(tree, names, host):
        return called
    return Headline(next(freed, ""))


def _leads_home(heading: Headline) -> bool:
    """Return whether a heading is a link to the site's front page: it is the site's name then, not a headline."""
    element = heading.element
    around = () if element is None else (*element.iter("a"), *islice(element.iterancestors(), 2))
    return any(one.tag == "a" and _HOME.fullmatch(str(one.get("href") or "")[:_MOST_CHARACTERS]) for one in around)


def is_site_name(text: str, names: frozenset[str], host: str) -> bool:
    """Return whether a text is the name of a site: one that is known, or what its host is called by."""
    squeezed = _squeezed(text).removeprefix("the")
    if not squeezed or squeezed in names:
        return True
    return any(squeezed in label and len(squeezed) >= _LEAST_OF_LABEL * len(label) for label in host.split(".")[:-1])


def without_names(title: str, names: frozenset[str], host: str) -> str:
    """Return a title without the parts at either end that name the site; nothing if no more is in it."""
    spans = _spans(title)
    while spans and is_site_name(title[slice(*spans[-1])], names, host):
        spans.pop()
    while spans and is_site_name(title[slice(*spans[0])], names, host):
        spans.pop(0)
    return title[spans[0][0] : spans[-1][1]].strip() if spans else ""


def host_of(url: str) -> str:
    """Return the host of an address as names are compared with it; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower().replace("-", "")
    except ValueError:
        return ""


def own_names(names: Iterable[str]) -> frozenset[str]:
    """Return the names of a site as they are compared: letters and figures alone, with and without The."""
    squeezed = {_squeezed(name) for name in names}
    return frozenset(squeezed | {name.removeprefix("the") for name in squeezed}) - {""}


def _squeezed(text: str) -> str:
    return _SQUEEZED.sub("", normalised(text[:_MOST_CHARACTERS]))


def _headings(tree: html.HtmlElement, *tags: str) -> Iterator[Headline]:
    for element in islice(tree.iter(*tags), _MOST_HEADINGS):
        text = short_text(element, _MOST_CHARACTERS)
        if len(text) >= _LEAST_CHARACTERS:
            yield Headline(text, element)


def _plain_headline(tree: html.HtmlElement, wanted: Iterable[str]) -> Headline | None:
    """Return the first element that holds nothing but a title of the page: old pages have no headings."""
    long = {part for part in wanted if len(part) >= _LEAST_PLAIN}
    lengths = {len(part) for part in long}
    found: list[Headline] = []
    for element in islice(tree.iter(*_PLAIN), _MOST_PLAIN):
        text = element.text
        if not text or len(text) > _MOST_CHARACTERS or len(tidy(text)) not in lengths or normalised(text) not in long:
            continue
        if not is_in_aside(element) and all(one.tag != "a" for one in element.iterancestors()):
            found.append(Headline(short_text(element, _MOST_CHARACTERS), element))
    # The name of the site may stand there too: the headline is the longer, as a rule.
    return max(found, key=lambda one: len(one.text), default=None)


def _without_kicker(headline: Headline, wanted: Iterable[str]) -> Headline:
    """Return a headline without a word before it that stands in its heading, in an element of its own."""
    element, plain = headline.element, normalised(headline.text)
    if element is None:
        return headline
    for part in wanted:
        kicker = plain.removesuffix(part).strip()
        if len(part) < _LEAST_PLAIN or not plain.endswith(part) or not 0 < len(kicker) <= _MOST_KICKER:
            continue
        if any(normalised(child.text_content()) == kicker for child in element):
            return Headline(headline.text[len(headline.text) - len(part) :].strip(), element)
    return headline


def _called_headline(tree: html.HtmlElement, names: frozenset[str], host: str) -> Headline | None:
    """Return the first element that is called a headline, on a page whose title names the site alone."""
    for element in islice(tree.iter(*_PLAIN, *_LESSER), _MOST_PLAIN):
        if not _CALLED.search(f"{element.get('class') or ''} {element.get('id') or ''}"[:_MOST_CHARACTERS]):
            continue
        text = short_text(element, _MOST_CHARACTERS)
        is_long = len(text) >= _LEAST_PLAIN and len(text.split()) >= _LEAST_WORDS
        if is_long and not (is_in_aside(element) or _is_linked(element) or is_site_name(text, names, host)):
            return Headline(text, element)
    return None


def _dated_headline(tree: html.HtmlElement, names: frozenset[str], host: str) -> Headline | None:
    """Return the last line above the first that is a date, on a page that calls nothing a headline."""
    found = None
    for element in islice(tree.iter(*_PLAIN, *_LESSER), _MOST_PLAIN):
        text = tidy(element.text or "")[:_MOST_CHARACTERS]
        if found and date_line(text):
            return found
        if len(text) >= _LEAST_PLAIN and not (is_in_aside(element) or _is_linked(element)):
            if len(text) >= _LEAST_PROSE:
                return None
            found = None if is_site_name(text, names, host) or text in _titles(tree) else Headline(text, element)
    return None


def _titles(tree: html.HtmlElement) -> set[str]:
    return {tidy(title.text or "") for title in tree.iter("title")}


def _ranked(
    headings: Iterable[Headline], wanted: Iterable[str], titles: Sequence[str]
) -> Iterator[tuple[int, int, Headline]]:
    """Yield the headings that agree with the page's titles: how well (1 is best), their place, and themselves."""
    for index, heading in enumerate(headings):
        if rank := _rank(heading, wanted, titles):
            yield rank, index, heading


def _spans(title: str) -> list[tuple[int, int]]:
    """Return where the parts of a title stand, between its separators."""
    spans, start = [], 0
    for found in _SEPARATOR.finditer(title):
        spans.append((start, found.start()))
        start = found.end()
    return [span for span in [*spans, (start, len(title))] if title[slice(*span)].strip()]


def _parts(title: str) -> list[str]:
    """Return a title whole, and what is left of it without one or two parts at an end."""
    spans = _spans(title)
    cuts = [(first, last) for first in range(min(3, len(spans))) for last in range(len(spans), first, -1)]
    cuts = [(first, last) for first, last in cuts if len(spans) - (last - first) <= 2]  # noqa: PLR2004  # as said
    return [title[spans[first][0] : spans[last - 1][1]].strip() for first, last in cuts]


def _rank(heading: Headline, wanted: Iterable[str], titles: Sequence[str]) -> int:
    """Return how well a heading fits the page's titles, 1 for the best; 0 where it does not."""
    plain = normalised(heading.text)
    is_main = heading.element is not None and heading.element.tag == "h1"
    if plain in wanted:
        rank = 1 if is_main else 2
    elif any(_begins(plain, part) for part in wanted):
        rank = 3 if is_main else 5
    elif is_main and has_words(heading.text) and any(agree(title, heading.text) for title in titles):
        rank = 4
    else:
        return 0
    if is_main or heading.element is None or not is_in_aside(heading.element):
        return rank
    # An h1 may stand in a banner; a lesser heading in a list or a footer is another story's, or a repetition, unless
    # it says the very title and leads nowhere: there are articles within asides.
    return _LAST_RANK if rank == 2 and not _is_linked(heading.element) else 0  # noqa: PLR2004  # as above


def _is_linked(element: html.HtmlElement) -> bool:
    around = any(holder.tag == "a" for holder in element.iterancestors())
    return around or next(element.iter("a"), None) is not None


def _begins(heading: str, part: str) -> bool:
    """Return whether a title was cut (…) or a heading is part of it, in more than a few words."""
    if not heading.startswith(part[:10]):
        return False
    cut = part.rstrip(" .…")
    return len(cut.split()) > 3 and (heading.startswith(cut) or part.startswith(heading))  # noqa: PLR2004  # as said
