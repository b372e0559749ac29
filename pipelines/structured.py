"""What a page says of itself for machines: JSON-LD, meta elements and item properties.

Sources: schema.org (Article, author, datePublished), Open Graph (ogp.me, article:*), Dublin Core, parse.ly, Sailthru.
What is too large or no JSON is passed over; nothing here raises.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from typing import Any

from lxml import html

from core.text import tidy
from pipelines.visible import is_in_aside

_MOST_JSON = 300_000  # characters of one script; more is an application's state
_MOST_SCRIPTS = 30
_MOST_NODES = 2000
_MOST_METAS = 500
_MOST_VALUES = 12
_MOST_PROPERTIES = 50
_LONGEST = 500  # characters of a value
_OPENING = re.compile(r"<script\b", re.IGNORECASE)
_CLOSING = re.compile(r"</script", re.IGNORECASE)
_WRAPPING = re.compile(r"\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)")
_ENDS = " \t\r\n\f\v;\u00a0"
_ARTICLE = re.compile(r"(?i)article$|^blogposting$|^report$|^liveblogposting$|^pressrelease$")
_PAGE = re.compile(r"(?i)page$|^creativework$")
_TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title")
_PUBLISHED = [
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "datepublished",
    "published_time",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "publication_date",
    "dc.date",
    "dc.date.issued",
    "dc.date.created",
    "dcterms.date",
    "dcterms.issued",
    "dcterms.created",
    "parsely-pub-date",
    "sailthru.date",
    "cxenseparse:recs:publishtime",
    "date",
]
_MODIFIED = [
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "article:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "last-modified",
]
_AUTHORS = ["author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl"]
_SITE_NAMES = ["og:site_name", "application-name", "apple-mobile-web-app-title", "dc.publisher", "publisher"]
_RDFA = {
    **dict.fromkeys(("dc:date", "dc:created", "dcterms:created", "dc:issued", "schema:datePublished"), "datePublished"),
    **dict.fromkeys(("dc:modified", "dcterms:modified", "schema:dateModified"), "dateModified"),
}
Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Structured:
    """What a page says of itself, each as written and the most trusted first.

    persons and organisations are the authors that JSON-LD names; authors what meta elements call so.
    """

    titles: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    articles: list[Node] = field(default_factory=list)
    pages: list[Node] = field(default_factory=list)
    named: dict[str, Node] = field(default_factory=dict)
    site_names: list[str] = field(default_factory=list)


def structured_of(text: str, tree: html.HtmlElement, marked: Sequence[html.HtmlElement]) -> Structured:
    """Return what a page says of itself: text is the page as it came, tree what was parsed of it, without scripts.

    marked are its elements that bear dates as item properties.
    """
    metas = _metas(tree)
    titles = [*_values(metas, _TITLES), *_windows(tree)]
    found = _json_ld(text)
    article = _own(found.articles, titles)
    nodes = [*([article] if article else []), *found.pages]
    properties = _properties(marked)
    authors = list(_authors(article, found.named)) if article else []
    return Structured(
        titles=_unique([*titles, *_texts(nodes[:1], "headline", "name")]),
        published=_unique(
            [*_texts(nodes, "datePublished", "dateCreated"), *properties["datePublished"], *_values(metas, _PUBLISHED)]
        ),
        modified=_unique([*_texts(nodes, "dateModified"), *properties["dateModified"], *_values(metas, _MODIFIED)]),
        persons=_unique(name for name, is_person in authors if is_person),
        organisations=_unique(name for name, is_person in authors if not is_person),
        authors=_unique(_values(metas, _AUTHORS)),
        site_names=_unique([*_values(metas, _SITE_NAMES), *found.site_names]),
    )


def keywords_of(text: str, titles: Iterable[str]) -> list[Any]:
    """Return the keywords that JSON-LD gives the article of a page that bears some titles, as written there."""
    article = _own(_json_ld(text).articles, titles)
    return _listed(article.get("keywords")) if article else []


def _windows(tree: html.HtmlElement) -> list[str]:
    return [tidy(str(one.text or "")[:_LONGEST]) for one in islice(tree.iterfind("head/title"), 3)]


def _unique(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:_MOST_VALUES]


def _metas(tree: html.HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for meta in islice(tree.iter("meta"), _MOST_METAS):
        content = tidy(str(meta.get("content") or "")[:_LONGEST])
        for name in dict.fromkeys((str(meta.get("property") or "")[:50], str(meta.get("name") or "")[:50])):
            if name and content:
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _values(metas: Mapping[str, list[str]], names: Iterable[str]) -> list[str]:
    return [value for name in names for value in metas.get(name, ())]


def _properties(marked: Sequence[html.HtmlElement]) -> dict[str, list[str]]:
    """Return the dates among the item properties (and RDFa's) of the page that stand in no comment and no list."""
    found: dict[str, list[str]] = {"datePublished": [], "dateModified": []}
    for element in marked[:_MOST_PROPERTIES]:
        value = tidy(str(element.get("content") or element.get("datetime") or "")[:_LONGEST])
        if not value or is_in_aside(element):
            continue
        names = f"{element.get('itemprop') or ''} {element.get('property') or ''}"[:_LONGEST].split()
        for name in {_RDFA.get(name, name) for name in names} & set(found):
            found[name].append(value)
    return found


def _json_ld(text: str) -> _Found:
    found = _Found()
    for node in _nodes(text):
        kinds = [kind for kind in _listed(node.get("@type")) if isinstance(kind, str)]
        if isinstance(node.get("@id"), str) and len(node) > 1:
            found.named.setdefault(str(node["@id"]), node)
        if any(_ARTICLE.search(kind) for kind in kinds):
            found.articles.append(node)
        elif any(_PAGE.search(kind) for kind in kinds):
            found.pages.append(node)
        elif "WebSite" in kinds:
            found.site_names += _texts([node], "name", "alternateName")
        for publisher in _listed(node.get("publisher")):
            if isinstance(publisher, Mapping):
                found.site_names += _texts([publisher], "name")
    return found


def _nodes(text: str) -> Iterator[Node]:
    """Yield the objects of JSON-LD that speak of the page: lists, @graph and main entities are followed.

    Bounded in number and without recursion: a page may hold anything.
    """
    waiting: list[Any] = [*_scripts(text)]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting[:0] = node[:_MOST_NODES]
        elif isinstance(node, Mapping):
            yield node
            inner = [node[name] for name in ("@graph", "mainEntity", "mainEntityOfPage", "author") if name in node]
            waiting[:0] = [one for one in inner if isinstance(one, list | Mapping)]


def _scripts(text: str) -> Iterator[Any]:
    """Yield what each script of JSON-LD holds, parsed; those that are too large or broken are passed over."""
    position = 0
    for _ in range(_MOST_SCRIPTS * 10):
        opening = _OPENING.search(text, position)
        start = text.find(">", opening.end()) if opening else -1
        closing = _CLOSING.search(text, start) if start >= 0 else None
        if opening is None or closing is None:
            return
        position = closing.end()
        if "ld+json" in text[opening.end() : min(start, opening.end() + _LONGEST)].lower():
            content = text[start + 1 : min(closing.start(), start + 2 + _MOST_JSON)]
            yield _parsed(content) if len(content) <= _MOST_JSON else None


def _parsed(content: str) -> Any:  # noqa: ANN401  # any JSON
    try:
        return json.loads(_without_wrapping(content), strict=False)
    except (ValueError, RecursionError):
        return None


def _without_wrapping(content: str) -> str:
    """Return a script without the comment or CDATA section that hides it from old browsers, and what ends it.

    Not one pattern: looked for at each blank of a long run of them, an end takes the square of the time.
    """
    text = content.rstrip(_ENDS).removesuffix("-->").removesuffix("]]>").rstrip()
    text = text.removesuffix("//")
    opening = _WRAPPING.match(text)
    return text[opening.end() :] if opening else text


def _own(articles: list[Node], titles: Iterable[str]) -> Node | None:
    """Return the article that the page is about: the one whose headline its titles hold, else the first."""
    wanted = [title.casefold() for title in titles if title]
    for article in articles:
        headlines = [text.casefold() for text in _texts([article], "headline", "name")]
        if any(headline in title or title in headline for headline in headlines for title in wanted):
            return article
    return articles[0] if articles else None


def _texts(nodes: Iterable[Node], *names: str) -> list[str]:
    values = (value for node in nodes for name in names for value in _listed(node.get(name)))
    return [tidy(_unescaped(value[:_LONGEST])) for value in values if isinstance(value, str)]


def _unescaped(text: str) -> str:
    """Return a text with its entities read: JSON-LD is often written by code that escapes for HTML."""
    return unescape(text) if "&" in text else text


def _authors(article: Node, named: Mapping[str, Node]) -> Iterator[tuple[str, bool]]:
    """Yield the names of authors, each with whether it is a person's; a reference (@id) is looked up."""
    for author in _listed(article.get("author"))[:20]:
        if isinstance(author, str):
            yield tidy(_unescaped(author[:_LONGEST])), True
        elif isinstance(author, Mapping):
            whole = author if "name" in author else named.get(str(author.get("@id")), {})
            is_person = not any("organi" in str(kind).lower() for kind in _listed(whole.get("@type")))
            for name in _texts([whole], "name"):
                yield name, is_person


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
