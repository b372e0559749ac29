"""What elements are called that hold no article: tags, roles, and the words of classes and ids."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from lxml import html

_TAGS = {
    "nav": "navigation",
    "menu": "navigation",
    "form": "form",
    "button": "form",
    "select": "form",
    "textarea": "form",
    "dialog": "overlay",
    "aside": "aside",
    "figcaption": "caption",
    "footer": "footer",
    "address": "address",
    "iframe": "embed",
    "template": "embed",
    "noscript": "embed",
}
_ROLES = {
    "navigation": "navigation",
    "banner": "masthead",
    "contentinfo": "footer",
    "complementary": "aside",
    "search": "form",
    "dialog": "overlay",
    "alert": "overlay",
    "menu": "navigation",
}
_NAMES = {
    "share": "share sharing sharer social socials addtoany addthis sharedaddy followus follow",
    "comments": "comment comments commentlist disqus respond",
    "related": "related recommended recommendation recommendations recirculation recirc popular trending mostread "
    "mostviewed outbrain taboola readnext upnext morefrom alsoread seealso teasers",
    "newsletter": "newsletter newsletters subscribe subscription signup optin mailchimp",
    "advertisement": "ad ads adslot adspot advert adverts advertisement adsbygoogle sponsor sponsored promo dfp",
    "navigation": "breadcrumb breadcrumbs menu nav navbar navigation pagination pager skip postnav",
    "sidebar": "sidebar widget widgets rail",
    "legal": "cookie cookies consent gdpr copyright colophon disclaimer",
    "paywall": "paywall donate donation membership regwall",
    "byline": "byline authorbox bio authorbio meta postmeta entrymeta timestamp posted dateline",
    "tags": "tags taglist tagged keywords topics categories",
    "caption": "caption credit credits",
    "picture": "image images img photo photos picture figure gallery slideshow thumbnail thumb",
    "tools": "toolbar tools print poll quiz search login modal popup overlay",
    "masthead": "masthead",
    "footer": "footer",
}
_PAIRS = {
    "read more": "related",
    "read next": "related",
    "read also": "related",
    "also read": "related",
    "see also": "related",
    "most read": "related",
    "most viewed": "related",
    "most popular": "related",
    "more stories": "related",
    "more news": "related",
    "more from": "related",
    "other news": "related",
    "latest news": "related",
    "up next": "related",
    "next article": "related",
    "author bio": "byline",
    "author box": "byline",
    "about author": "byline",
    "author info": "byline",
    "post meta": "byline",
    "entry meta": "byline",
    "sign up": "newsletter",
    "call out": "newsletter",
    "has background": "newsletter",
    "skip link": "navigation",
    "post navigation": "navigation",
    "prev next": "navigation",
}
_RULE_OF = {word.lower(): rule for rule, words in _NAMES.items() for word in words.split()}
_NAMELESS = frozenset({"html", "body", "main", "article", "a", "h1"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_UNSEEN = frozenset(
    {"hidden", "sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "element-invisible"}
)
_LONGEST_KEPT = 200  # characters of names whose rules are remembered; a page may hold megabytes
_HIDDEN = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")


def named(element: html.HtmlElement) -> Iterator[str]:
    """Yield the rules that an element's tag, role, style, class and id name: `tag: caption`, `name: share`."""
    tag = str(element.tag)
    if is_hidden(element):
        yield "style: hidden"
    if tag in _TAGS and not (tag in {"footer", "address"} and _is_quoted(element)):
        yield f"tag: {_TAGS[tag]}"
    if (role := (element.get("role") or "").lower()) in _ROLES:
        yield f"role: {_ROLES[role]}"
    if tag not in _NAMELESS:
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        yield from _rules(names) if len(names) <= _LONGEST_KEPT else _rules.__wrapped__(names)


def is_hidden(element: html.HtmlElement) -> bool:
    """Return whether no reader sees an element, by an attribute, its style, or a class that is only for this."""
    if element.get("hidden") is not None or ((style := element.get("style")) and _HIDDEN.search(style)):
        return True
    classes = element.get("class")
    return bool(classes) and not _UNSEEN.isdisjoint(classes.split())


def _is_quoted(element: html.HtmlElement) -> bool:
    return any(around.tag == "blockquote" for around in element.iterancestors())


@lru_cache(maxsize=2048)  # a page repeats its names, and a site's pages share them
def _rules(names: str) -> tuple[str, ...]:
    words = [word.lower() for word in _WORD.findall(names)]
    rules = [_RULE_OF[word] for word in words if word in _RULE_OF]
    rules += [_PAIRS[pair] for pair in map(" ".join, pairwise(words)) if pair in _PAIRS]
    return tuple(f"name: {rule}" for rule in rules)
