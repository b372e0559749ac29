"""Which elements a page marks by class, id, item property or rel as its author's or its date's: found in one pass.

Expressions that look for words in attributes take ten times as long as this, since every element is asked each word.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import cast

from lxml import etree, html

_ANY = etree.XPath("descendant::*[@class or @id or @itemprop or @rel or @property or self::time]")
_MOST_ELEMENTS = 20_000
_LONGEST = 400  # characters of an attribute that are looked at; a page may hold megabytes
_AUTHOR = re.compile(
    r"(?:^|[\s_-]|[a-z](?=[AB]))(?:author|authors|by-?line|bylines|writer|writers|reporter|reporters|Author|Byline)"
    r"(?:[\s_-]?(?:name|link|vcard|url|fn|text|info|meta|wrapper|container|line|row|item)s?){0,4}"
    r"(?:__\w+|--\w+)?(?:$|\s)"
)
_NOT_AUTHOR = re.compile(
    r"(?i)bio|avatar|box|comment|image|photo|img|about|social|email|mail|twitter|follow|desc|title|role|position|job|icon"
)
_DATE = re.compile(r"(?i)date|publish|posted|time|meta|byline|submitted")
_NOT_MARKS = frozenset({"meta", "link", "body", "html", "img", "script", "head"})


@dataclass(slots=True)
class Marked:
    """Elements in the order of the page: marked as the author's, named for dates, bearing machine-readable dates.

    Those are item properties, and any RDFa property.
    """

    authors: list[html.HtmlElement] = field(default_factory=list)
    dates: list[html.HtmlElement] = field(default_factory=list)
    properties: list[html.HtmlElement] = field(default_factory=list)


def marked(tree: html.HtmlElement) -> Marked:
    """Return the elements that a page marks."""
    found = Marked()
    for element in cast(list[html.HtmlElement], _ANY(tree))[:_MOST_ELEMENTS]:
        item = str(element.get("itemprop") or "")[:_LONGEST]
        if "date" in item or (element.tag != "meta" and element.get("property")):
            found.properties.append(element)
        if element.tag in _NOT_MARKS:
            continue
        names = str(element.get("class") or "")[:_LONGEST], str(element.get("id") or "")[:_LONGEST]
        is_author, is_date = _kinds(*names)
        if is_author or "author" in item.split() or "author" in str(element.get("rel") or "")[:_LONGEST].split():
            found.authors.append(element)
        if is_date or element.tag in {"time", "abbr"} or "date" in item:
            found.dates.append(element)
    return found


@lru_cache(maxsize=1024)  # a site's pages share their names
def _kinds(classes: str, name: str) -> tuple[bool, bool]:
    both = f"{classes} {name}"
    return bool(_AUTHOR.search(both)) and not _NOT_AUTHOR.search(both), bool(_DATE.search(both))
