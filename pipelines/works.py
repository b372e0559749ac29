"""What belongs together: translations of one text, other addresses of one story, documents of one article. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from lxml import html

from core.model import Link, Page
from core.site import Site
from core.urls import ArticleAddress, absolute, alias_of, article_address, document_address
from pipelines.naming import agree, has_words, same_number, slug_of

MOST_DOCUMENTS = 20
_SHORT = re.compile(r"(/|=)\d+$")


def work_of(tree: html.HtmlElement, site: Site, page: Page, address: ArticleAddress | None) -> str:
    """Return what all translations of a text share: its address with a star for the language.

    Where the page names translations (`hreflang`) at addresses that differ in more, the first of all their names in
    the order of letters counts: every page of the set that names the others comes to the same. A page that names
    another story in its own language, as some templates do on every page, is not believed.
    """
    if address is None or not address.work:
        return ""
    others = list(_alternates(tree, site, page))
    if any(other.language == address.language and other.key != address.key for other in others):
        return address.work
    return min([address.work, *(other.work for other in others if other.work)])


def _alternates(tree: html.HtmlElement, site: Site, page: Page) -> Iterator[ArticleAddress]:
    for link in tree.xpath("//link[@hreflang and @href]"):
        if "alternate" in str(link.get("rel", "")).lower().split() and link.get("hreflang") != "x-default":
            found = article_address(site, str(link.get("href")), page.url)
            if found:
                yield found


def aliases_of(tree: html.HtmlElement, site: Site, page: Page, own: ArticleAddress) -> tuple[str, ...]:
    """Return the other addresses under which a page was asked for or says that it stands, each once.

    Whether what was asked for led to its own story is for `is_another` to say. Of what the page says counts what names
    its own story, and a short link, which is a number.
    """
    said = [*tree.xpath('//link[@rel="canonical"]/@href'), *tree.xpath('//meta[@property="og:url"]/@content')]
    short = [absolute(str(link), page.url) for link in tree.xpath('//link[@rel="shortlink"]/@href')]
    named = [
        page.requested_url,
        page.url,
        *(absolute(str(link), page.url) for link in said if _key(site, str(link), page.url) == own.key),
        *(link for link in short if _SHORT.search(link)),
    ]
    return tuple(dict.fromkeys(alias for url in named if (alias := alias_of(site, url, own.url))))


def _key(site: Site, url: str, page_url: str) -> str:
    address = article_address(site, url, page_url)
    return address.key if address else ""


def is_another(site: Site, page: Page, final: ArticleAddress, titles: Sequence[str], listed: str = "") -> bool:
    """Return whether a page was asked for at the address of one story and answered at that of another.

    A story has moved where the old slug, or the title under which it was listed, speaks of the same as the new slug or
    one of the page's titles, or where the old number lives on in the new address. Anything else is what a server shows
    in place of a story that is gone. An address of figures that is no story's (/node/12) names whatever it leads to.
    """
    asked = article_address(site, page.requested_url) if page.requested_url else None
    if not page.requested_url or (asked and asked.key == final.key):
        return False
    old = asked.slug if asked and asked.slug else slug_of(page.requested_url)
    if asked is None and not has_words(old):
        return False
    pairs = ((was, now) for was in (old, listed) for now in (final.slug, *titles) if was and now)
    return not (same_number(old, page.url) or any(agree(was, now) for was, now in pairs))


def documents_in(site: Site, page: Page, links: Iterable[tuple[str, str]]) -> tuple[Link, ...]:
    """Return the documents of the site that links (words, address as written) lead to, each once, twenty at most."""
    found: dict[str, Link] = {}
    for words, written in links:
        address = document_address(site, written, page.url)
        if address and not (address.key in found and found[address.key].title):
            # On a server of its own it is known by its link, not by where a stand-in has it.
            url = address.url if address.key.startswith("/") else absolute(written, page.url)
            found[address.key] = Link(url, words)
    return tuple(found.values())[:MOST_DOCUMENTS]
