"""The keywords that a page gives its article: what the layout names, else what machines are told, else links.

Keywords of the site are no tags of an article: they stand on every page, and hardly any of them in the text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from lxml import html

from core.text import normalised, tidy
from pipelines.extent import Extent
from pipelines.structured import keywords_of

_MOST = 20
_LONGEST = 60  # characters of a tag; a longer one is a headline
_LONGEST_LIST = 2000
_MOST_METAS = 500
_MOST_UNCHECKED = 2
_TAG_METAS = ("article:tag", "og:article:tag")
_LIST_METAS = ("news_keywords", "parsely-tags", "sailthru.tags")
_SPLIT = re.compile(r"\s*[,;|،、，；\n]\s*")
_FOR_MACHINES = re.compile(r"(?i)https?:|www\.|\w+:\S|[<>{}=]|^[\W\d_]*$")
_TAG_LINE = re.compile(r"(?i)(?:tags?|topics?|keywords?|mots[- ]clés|etiquetas)\s*:\s*(?P<tags>.{2,400})")
_EMPTY_WORDS = frozenset(
    ("news", "tags", "tag", "article", "home", "uncategorized", "uncategorised", "featured", "latest", "more", "all")
)


def tags_of(
    text: str, tree: html.HtmlElement, selected: Sequence[html.HtmlElement], extent: Extent | None, names: Iterable[str]
) -> tuple[str, ...]:
    """Return the tags of the article on a page, each once, in the order of the page: of the first source with any.

    text is the page as it was decoded, tree what was parsed of it; selected are the elements that its layout names,
    extent tells how far the article reaches; names are the site's own, which are no tags.
    """
    own = {normalised(name) for name in names} | _EMPTY_WORDS
    for source in _sources(text, tree, selected, extent):
        if tags := _cleaned(source, own):
            return tags
    return ()


def tags_in_line(line: str) -> tuple[str, ...]:
    """Return the tags that a line names which is there to name them (Tags: Land, Courts)."""
    found = _TAG_LINE.fullmatch(line)
    return _cleaned(_SPLIT.split(found["tags"]), set(_EMPTY_WORDS)) if found else ()


def _sources(
    text: str, tree: html.HtmlElement, selected: Sequence[html.HtmlElement], extent: Extent | None
) -> Iterator[list[str]]:
    yield [element.text_content() for element in selected]
    metas = _metas(tree)
    yield metas[0]
    words = _words(extent)
    yield _of_article(_parts(metas[1]), words)
    if "ld+json" in text and '"keywords"' in text:
        yield _of_article(_parts(_told(keywords_of(text, _headings(tree)))), words)
    if extent is not None:
        yield [link.text_content() for link in _links(extent)]


def _metas(tree: html.HtmlElement) -> tuple[list[str], list[str]]:
    """Return what meta elements give as a tag each, and as lists of keywords."""
    found: tuple[list[str], list[str]] = ([], [])
    for _, meta in zip(range(_MOST_METAS), tree.iter("meta"), strict=False):
        name = str(meta.get("property") or meta.get("name") or "")[:_LONGEST].strip().lower()
        content = str(meta.get("content") or "")[:_LONGEST_LIST]
        if name in _TAG_METAS:
            found[0].append(content)
        elif name in _LIST_METAS:
            found[1].append(content)
    return found[0] if len(found[0]) > 1 else _parts(found[0]), found[1]


def _headings(tree: html.HtmlElement) -> list[str]:
    return [tidy(found.text_content())[:500] for found in tree.iter("title", "h1") if found.text_content()][:4]


def _told(values: Iterable[object]) -> Iterator[str]:
    """Yield keywords of JSON-LD: texts, or terms with a name."""
    for value in values:
        name = value.get("name") if isinstance(value, dict) else value
        if isinstance(name, str):
            yield unescape(name[:_LONGEST_LIST])


def _parts(values: Iterable[str]) -> list[str]:
    return [part for value in values for part in _SPLIT.split(value)]


def _words(extent: Extent | None) -> str:
    return "\n".join(normalised(text) for text in extent.kept) if extent else ""


def _of_article(keywords: list[str], words: str) -> list[str]:
    """Return keywords, or none where they are the site's: of several, not one stands in the text.

    Without the text nothing can be told.
    """
    several = [normalised(keyword) for keyword in keywords if keyword.strip()]
    if not words or (len(several) > _MOST_UNCHECKED and not any(keyword in words for keyword in several)):
        return []
    return keywords


def _links(extent: Extent) -> Iterator[html.HtmlElement]:
    """Yield the links within an article's extent that are marked as tags and not as its category."""
    links = (link for block in extent.blocks for link in block.anchors)
    for link in links:
        rel = str(link.get("rel") or "")[:_LONGEST].lower().split()
        is_category = "category" in rel or "/category/" in str(link.get("href") or "")[:_LONGEST_LIST]
        if "tag" in rel and not is_category and not extent.is_beside(link):
            yield link


def _cleaned(texts: Iterable[str], own: set[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for text in texts:
        tag = tidy(text[:_LONGEST_LIST]).strip(' #,.;:|·•"“”')
        is_tag = 1 < len(tag) <= _LONGEST and not _FOR_MACHINES.search(tag)
        if is_tag and normalised(tag) not in own:
            found.setdefault(normalised(tag), tag)
    return tuple(found.values())[:_MOST]
