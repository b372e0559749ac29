"""Lines that lead to another story, and the addresses that items have."""

import re
from collections.abc import Callable

from lxml import html

from core.text import tidy
from pipelines.blocks import Block
from pipelines.phrases import READ_MORE

HEADLINE = 12  # characters; a shorter link is a name
KICKER = 40  # characters of a date or section beside a headline
TEASER = 360
MOSTLY = 0.6  # of the letters of a line or list, that are links
_MOST_LINKS = 100  # of one line; there are lists of ten thousand in one
_STOPS = (".", "!", "?", "…", "”", '"', "»", "។", "。", "؟", ":", ",", ";")
_ITEM_QUERY = re.compile(r"(?i)(?:^|&)((?:\w*id|p|article|news|story|post|item|n)=[^&]+|article\d[^&]*)")
_OWN_PAGE = re.compile(
    r"(?i)(?!.*(?:#|\.(?:pdf|docx?|xlsx?|pptx?|odt|rtf|zip|jpe?g|png|mp[34])(?:$|\?)))"
    r"(?:/(?!/)|\?|\.\./|[\w-]+(?:/|\.(?:html?|php|aspx?)))"
)
_ABROAD = re.compile(r"(?i)https?://(?!.*\.(?:pdf|docx?|xlsx?)(?:$|[?#]))")
_ITEM = re.compile(r"(?:[^-_]+[-_]){2}|\d{4,}|[^/]{20,}|\.(?:html?|php|aspx?)$")
_LEAVES = frozenset({"", "page", "p", "paged", "pages"})  # what the pages of a listing are counted below


def is_labelled(block: Block) -> bool:
    """Return whether a block is a label and a headline that is a link: `Read more: HEADLINE`, `REPORT | HEADLINE`."""
    label = outside(block)
    if READ_MORE.fullmatch(label):
        return True
    is_parted = len(label) <= KICKER and label.endswith(("|", ":", "៖", "»", "–", "—", "：", "▶", "►", ">>"))
    return is_parted and block.text.startswith(label) and block.linked >= 2 * len(label)


def outside(block: Block) -> str:
    """Return what of a block stands outside of its links; all of it where there are too many to be a line's."""
    text = block.text
    if len(block.anchors) > _MOST_LINKS:
        return text
    for words in block.words:
        text = text.replace(words, " ", 1)
    return tidy(text)


def has_summary(block: Block) -> bool:
    """Return whether a line is a headline that is a link, with a sentence on it, which begins with a capital."""
    words = block.words[0] if len(block.anchors) == 1 else ""
    rest = block.text.removeprefix(words).lstrip(" –—:-|")
    is_headline = len(words) >= 2 * HEADLINE and block.text.startswith(words) and not words.endswith(_STOPS)
    return is_headline and rest[:1].isupper() and KICKER <= len(rest) <= TEASER


def is_headline_line(block: Block) -> bool:
    """Return whether a line is a headline that is a link, but for the name of a site or a date beside it."""
    if block.is_link or is_labelled(block):
        return block.is_link
    return block.linked >= MOSTLY * block.letters and len(outside(block)) <= KICKER and not block.text.endswith(_STOPS)


def is_headline(block: Block) -> bool:
    """Return whether a line is a link and nothing else, in words enough for a headline."""
    return block.is_link and len(block.text) >= HEADLINE


def is_own_page(link: str) -> bool:
    """Return whether an address, as written, is that of a page of the same site: no file, and no place on this page."""
    return _OWN_PAGE.match(link) is not None


def may_lead(link: str, leads_away: Callable[[str], bool]) -> bool:
    """Return whether an address, as written, may be that of another story: of the site or of any other."""
    return leads_away(link) or _ABROAD.match(link) is not None or is_own_page(link)


def leads_within(anchor: html.HtmlElement, leads_away: Callable[[str], bool]) -> bool:
    """Return whether a link leads to an item of its site: by its address, or by words enough for a headline."""
    link = str(anchor.get("href") or "")
    return leads_away(link) or (is_own_page(link) and len(tidy(anchor.text_content())) >= 2 * HEADLINE)


def is_item(path: str) -> bool:
    """Return whether a path looks like that of an item, and not of a section, tag or author."""
    holder, _, last = path.rstrip("/").rpartition("/")
    if last.isdigit():
        leaf = holder.rpartition("/")[2]
        return not (leaf in _LEAVES or leaf.isdigit())  # /2024/03 is a month's listing
    return _ITEM.search(last) is not None


def item_of_query(query: str) -> str:
    """Return what of a query names an item (`id=217`); empty where nothing does."""
    found = _ITEM_QUERY.search(query)
    return found[1] if found else ""
