"""Where the stories stand on a listing page of unknown design: the element that repeats, one a story. Pure."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import html

from core.model import Page
from core.site import Site
from core.text import tidy
from core.urls import absolute, article_address, rebased
from crawler.survey.dateforms import format_in
from crawler.survey.naming import selectors_of
from pipelines.decode import decoded, parsed

_LEAST = 3  # stories; fewer repeat by accident
_HEADINGS = "h1, h2, h3, h4, h5"
_NEXT_WORDS = re.compile(r"(?i)\b(next|older|more)\b|[»›→]|បន្ទាប់|បន្ថែម|suivant|siguiente")
_PAGE_QUERY = re.compile(r"([?&](?:page|paged|p|pg)=)(\d+)$")
_PAGE_PATH = re.compile(r"(/(?:page|p)/)(\d+)(/?)$")


@dataclass(frozen=True, slots=True)
class CardForm:
    """How the stories of a listing are found: selectors as in a site's file, and how many stories they give."""

    card: str
    link: str
    title: str
    summary: str
    date_select: str
    date_format: str
    stories: int


@dataclass(frozen=True, slots=True)
class NextPage:
    """How a listing goes on: its address with {page}, what it counts from, and the link's selector if it has one."""

    url: str
    first_page: int
    select: str


def find_cards(page: Page, site: Site) -> CardForm | None:
    """Return how the stories on a listing page are found, None where no element repeats for at least three of them.

    Of the elements that hold exactly one story each, the kind that holds the most different stories is taken; a kind
    with dates goes before one without.
    """
    tree = parsed(decoded(page))
    if tree is None:
        return None
    keys = _keys_by_card(tree, page, site)
    forms = [form for selector in _candidates(keys) if (form := _form(tree, page, site, selector))]
    # Of those that find the same, the one that is read most easily.
    return max(forms, key=lambda form: (form.stories, bool(form.date_format), -len(form.card)), default=None)


def _keys_by_card(tree: html.HtmlElement, page: Page, site: Site) -> dict[html.HtmlElement, str]:
    """Return the outermost elements that lead to one story only, each with the key of its story."""
    stories: dict[html.HtmlElement, set[str]] = defaultdict(set)
    anchors: dict[html.HtmlElement, str] = {}
    for anchor in tree.cssselect("a[href]"):
        if address := article_address(site, absolute(str(anchor.get("href")), page.url)):
            anchors[anchor] = address.key
            for element in (anchor, *anchor.iterancestors()):
                stories[element].add(address.key)
    cards = {}
    for anchor, key in anchors.items():
        around = [element for element in (anchor, *anchor.iterancestors()) if len(stories[element]) == 1]
        cards[around[-1]] = key
    return cards


def _candidates(keys: dict[html.HtmlElement, str]) -> list[str]:
    counted: Counter[str] = Counter()
    for card in keys:
        counted.update(dict.fromkeys(selectors_of(card)).keys())
    return [selector for selector, count in counted.most_common(12) if count >= _LEAST and selector not in {"a", "div"}]


def _form(tree: html.HtmlElement, page: Page, site: Site, selector: str) -> CardForm | None:
    cards: list[tuple[html.HtmlElement, html.HtmlElement]] = []
    found: set[str] = set()
    every = tree.cssselect(selector)
    for card in every:
        links = [card] if card.get("href") else card.cssselect("a[href]")
        named = [(link, article_address(site, absolute(str(link.get("href")), page.url))) for link in links]
        mine = {address.key for _, address in named if address}
        if len(mine) == 1:
            cards.append((card, next(link for link, address in named if address)))
            found |= mine
    # Some cards are advertisements; where most are no stories, the selector means something else.
    if len(found) < _LEAST or len(cards) < len(every) / 2:
        return None
    select, date_format = _date(cards, site)
    summary = "p" if sum(bool(card.cssselect("p")) for card, _ in cards) >= len(cards) / 2 else ""
    title = _title(cards)
    return CardForm(selector, _link(cards), title, summary, select, date_format, len(found))


def _link(cards: list[tuple[html.HtmlElement, html.HtmlElement]]) -> str:
    """Return how a card's link to its story is told from others in it; empty where it is the first, or the card."""
    if all(card is link or card.cssselect("a[href]")[0] is link for card, link in cards):
        return ""
    for selector in selectors_of(cards[0][1]):
        if all((hits := card.cssselect(selector)) and hits[0].get("href") == link.get("href") for card, link in cards):
            return selector
    return ""


def _title(cards: list[tuple[html.HtmlElement, html.HtmlElement]]) -> str:
    if all(card.cssselect(_HEADINGS) for card, _ in cards):
        return _HEADINGS
    first, link = cards[0]
    if tidy(link.text_content()):
        return ""
    titled = next((each for each in first.cssselect("a[href]") if tidy(each.text_content())), None)
    return next(iter(selectors_of(titled)), "") if titled is not None else ""


def _date(cards: list[tuple[html.HtmlElement, html.HtmlElement]], site: Site) -> tuple[str, str]:
    """Return the selector and the format of the cards' dates, both empty where most cards have none."""
    for selector in ("time", "[class*=date]", "[class*=time]", "[class*=meta]", "span", ""):
        texts = [
            tidy(hits[0].text_content())
            for card, _ in cards
            if (hits := card.cssselect(selector) if selector else [card])
        ]
        forms = Counter(form for text in texts if (form := format_in(text, site.tz)))
        if forms and forms.most_common(1)[0][1] >= len(cards) / 2:
            return selector, forms.most_common(1)[0][0]
    return "", ""


def find_next(page: Page, site: Site) -> NextPage | None:
    """Return how a listing goes on as the link to its next page tells, None where there is no such link."""
    tree = parsed(decoded(page))
    if tree is None:
        return None
    here = (urlsplit(page.url).path.rstrip("/") or "/")[len(urlsplit(site.base).path) :]
    for link in tree.cssselect("a[href]"):
        url = absolute(str(link.get("href")), page.url)
        around = " ".join(str(each.get("class") or "") for each in (link, *list(link.iterancestors())[:2]))
        words = f"{tidy(link.text_content())} {link.get('rel') or ''} {around.replace('-', ' ').replace('_', ' ')}"
        found = _PAGE_QUERY.search(url) or _PAGE_PATH.search(url)
        if not found or not _NEXT_WORDS.search(words) or int(found[2]) not in {1, 2}:
            continue
        inside = rebased(site, url)
        path = inside[len(site.base) :] if inside else ""
        template = path[: len(path) - len(found[0])] + found[1] + "{page}" + "".join(found.groups()[2:])
        if path and template.startswith(here):
            return NextPage(template, int(found[2]) - 1, _next_selector(tree, link))
    return None


def _next_selector(tree: html.HtmlElement, link: html.HtmlElement) -> str:
    """Return a selector of the link to the next page; empty where nothing but its words tells it from others."""
    parent = link.getparent()
    own = [*selectors_of(link), *([f"{each} > a" for each in selectors_of(parent)] if parent is not None else [])]
    telling = ["a[rel~=next]", *(selector for selector in own if re.search(r"(?i)next|older|prev|more", selector))]
    return next((selector for selector in telling if tree.cssselect(selector) == [link]), "")
