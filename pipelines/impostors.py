"""What stands at an article's address and is none: it answers 200, and may bear the design of an article.

A page is judged by its headline, by how much text is left of it, and by what it links to. A rule that rests on words
asks for a short text and for the whole headline or line, so that an article that speaks of such pages stays one. A page
whose headline fits the slug of its address is believed to be what was asked for.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from lxml import etree, html

from core.model import Page, Reason, Skipped
from core.site import Layout, Site
from core.text import normalised, tidy
from core.urls import ArticleAddress, article_address, rebased
from pipelines.blocks import load_of
from pipelines.metadata import without_site_name
from pipelines.naming import agree, has_words
from pipelines.notices import EMPTY_LINE, NOTICES, PAYWALL_LINE
from pipelines.selecting import selected

_FRONT_LINKS = 12
"""To so many stories only a front page or a listing links that holds little else."""

_MOST_LOAD = 120_000  # elements, or fifty characters each; read in some seconds, and no article is as large
_CANONICAL = etree.XPath('//link[@rel="canonical"]/@href')
_LINKS = etree.XPath("//a/@href")
_PASSWORDS = etree.XPath('//input[@type="password"]')
_SHORT = 80  # words; a notice has fewer
_TEASER = 100  # words; what a front page says of its first story
_BEGINNING = 250  # words; what is shown of an article that costs something
_CARD = 40  # words; what a listing says of a story, with date and headline
_LAST = 3  # lines among which a page says that there would be more
# Chinese and Khmer write no spaces between words; on average a word of theirs has so many characters.
_WORD = re.compile(r"[\u4e00-\u9fff]{1,2}|[\u1780-\u17ff]{1,6}|[^\W\u4e00-\u9fff\u1780-\u17ff]+(?:['’-]\w+)*")
_POINT = r"[\s!-/:-@\[-`{-~…·•。！？，¡¿]"  # not \W: it takes the vowels of Khmer for punctuation
_MARK = re.compile(rf"^{_POINT}*(?:(?:http |error |erreur )*404\b{_POINT}*)?|{_POINT}+$")


@dataclass(frozen=True, slots=True)
class Seen:
    """A page as it was read: the address that names its story, its title, the lines of its body with the notes.

    headlines is what stands in the page's own places for one (`headlines_of`): the title may come from elsewhere.
    """

    page: Page
    tree: html.HtmlElement
    site: Site
    layout: Layout | None
    address: ArticleAddress | None
    title: str
    headlines: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def is_vouched_for(self) -> bool:
        """Whether a headline on the page says what the slug of its address says."""
        slug = self.address.slug if self.address else ""
        return has_words(slug) and any(agree(slug, headline) for headline in self.headlines)


def headlines_of(tree: html.HtmlElement, layout: Layout | None) -> tuple[str, ...]:
    """Return what stands in the places of a headline: the layout's, and an h1."""
    selectors = [layout.title] if layout and layout.title else []
    return tuple(tidy(found.text_content()) for selector in [*selectors, "h1"] for found in selected(tree, selector))


def size_of(lines: Iterable[str]) -> int:
    """Return how many words some lines hold, about, whatever their script."""
    return sum(len(_WORD.findall(line)) for line in lines)


def holds(lines: Iterable[str], least: int) -> bool:
    """Return whether lines hold so many words; no more of them are counted than it takes."""
    for line in lines:
        if least <= 0:
            break
        least -= len(_WORD.findall(line))
    return least <= 0


def impostor(seen: Seen) -> Skipped | None:
    """Return why a page that could be read holds no article; None where it does."""
    return _paywall(seen) or _notice(seen) or (None if seen.is_vouched_for else _elsewhere(seen))


def without_placeholders(lines: Sequence[str]) -> tuple[str, ...]:
    """Return lines; none of them if all only hold the place of a text (Loading…)."""
    return () if all(EMPTY_LINE.fullmatch(normalised(line)) for line in lines) else tuple(lines)


def _paywall(seen: Seen) -> Skipped | None:
    """Return PAYWALL where one of the last lines, or the markup, says that more is to be had for money."""
    layout = seen.layout
    is_layouts = layout and layout.paywall and any(layout.paywall.search(line) for line in seen.lines)
    if is_layouts:
        return Skipped(Reason.PAYWALL, "only the beginning of the article is on the page")
    is_short = not holds(seen.lines, _BEGINNING)
    is_said = is_short and any(PAYWALL_LINE.fullmatch(normalised(line)) for line in seen.lines[-_LAST:])
    return Skipped(Reason.PAYWALL, "the page says that the rest is for subscribers") if is_said else None


def _notice(seen: Seen) -> Skipped | None:
    if holds(seen.lines, _SHORT):
        return None
    headlines = {_plain(text, seen.site) for text in [seen.title, *seen.headlines, _window(seen.tree)]}
    for notice in NOTICES:
        if any(notice.headline.fullmatch(headline) for headline in headlines if headline):
            return Skipped(notice.reason, notice.detail)
    if seen.is_vouched_for:
        return None
    lines = [normalised(line) for line in seen.lines[:_LAST]]
    found = next((notice for notice in NOTICES if any(map(notice.sentence.search, lines))), None)
    return Skipped(found.reason, found.detail) if found else None


def _plain(headline: str, site: Site) -> str:
    """Return a headline as notices are written: without the site's name, marks around it and the number 404."""
    text = normalised(without_site_name(headline, site))
    return _MARK.sub("", text) or ("404" if "404" in text else "")


def _window(tree: html.HtmlElement) -> str:
    return str(tree.findtext(".//title") or "")


def _elsewhere(seen: Seen) -> Skipped | None:
    """Return SOFT_404 where the front page, a listing or another story stands in the article's place."""
    if seen.site.front_page and selected(seen.tree, seen.site.front_page):
        return Skipped(Reason.SOFT_404, "the front page stands at this address")
    if not holds(seen.lines, _TEASER) and _is_front(seen):
        return Skipped(Reason.SOFT_404, "a front page or listing stands at this address")
    if _is_list(seen):
        return Skipped(Reason.SOFT_404, "a listing stands at this address")
    other = _other_story(seen)
    return Skipped(Reason.SOFT_404, f"another story stands at this address: {other.url}") if other else None


def _is_front(seen: Seen) -> bool:
    """Return whether a page of an article's design is a front page: by two signs, for any one may be a template's."""
    name = normalised(seen.site.title)
    is_front = names_the_front_page(seen.tree, seen.site, seen.page)
    has_headline = any(normalised(text) not in {"", name} for text in seen.headlines)
    if has_headline and not is_front:
        return False
    return stories_linked(seen.page, seen.tree, seen.site) >= _FRONT_LINKS


def not_an_article(page: Page, tree: html.HtmlElement, site: Site) -> Skipped | None:
    """Return why a page on which no layout fits is not read: too large, a log-in wall, a listing; else None."""
    if load_of(tree) > _MOST_LOAD:
        return Skipped(Reason.TOO_LARGE, "more than a page of unknown design may hold")
    if _PASSWORDS(tree):
        return Skipped(Reason.LOGIN_WALL)
    is_front = bool(site.front_page and selected(tree, site.front_page)) or names_the_front_page(tree, site, page)
    if is_front or stories_linked(page, tree, site) >= _FRONT_LINKS:
        return Skipped(Reason.SOFT_404, "a front page or listing stands at this address")
    return None


def names_the_front_page(tree: html.HtmlElement, site: Site, page: Page) -> bool:
    """Return whether a page calls itself the site's front page: by its title alone, or its canonical link."""
    if normalised(_window(tree)) == normalised(site.title):
        return True
    links = (rebased(site, str(link), page.url) for link in cast(list[object], _CANONICAL(tree)))
    found = {link for link in links if link}  # mostly none, where nothing is known of the site
    return bool(found) and not found.isdisjoint({rebased(site, site.home), rebased(site, site.home + "/")})


def stories_linked(page: Page, tree: html.HtmlElement, site: Site) -> int:
    """Return to how many stories of the site the links of a page lead, the page's own among them."""
    if not site.addresses.include:
        return 0  # a site of which nothing is known has many links, too
    links = {str(link) for link in cast(list[object], _LINKS(tree))}
    addresses = (article_address(site, link, page.url) for link in links)
    return len({address.key for address in addresses if address})


def _is_list(seen: Seen) -> bool:
    """Return whether the body is links to stories and little between them."""
    links = _story_links(seen)
    if len(set(links.values())) < _FRONT_LINKS:
        return False
    size = size_of(seen.lines)
    opening = {key for words, key in links.items() if words and any(line.startswith(words) for line in seen.lines)}
    return size < _TEASER or size_of(links) > size / 2 or (len(opening) >= _FRONT_LINKS and size < _CARD * len(opening))


def _story_links(seen: Seen) -> dict[str, str]:
    """Return the links to stories in the body of a page that has a layout: their words, and the keys of the stories."""
    found = (selected(seen.tree, selector) for selector in (seen.layout.body if seen.layout else ()))
    body: list[html.HtmlElement] = next(filter(None, found), [])
    anchors = [anchor for element in body for anchor in element.iter("a")]
    named = ((anchor, article_address(seen.site, str(anchor.get("href") or ""), seen.page.url)) for anchor in anchors)
    return {tidy(anchor.text_content()): address.key for anchor, address in named if address}


def _other_story(seen: Seen) -> ArticleAddress | None:
    """Return the story that the page says it is, in the canonical link and by its headline, if another than asked."""
    if seen.address is None or not has_words(seen.address.slug):
        return None
    for link in cast(list[object], _CANONICAL(seen.tree)):
        other = article_address(seen.site, str(link), seen.page.url)
        if other and other.key != seen.address.key and any(agree(other.slug, text) for text in seen.headlines):
            return other
    return None
