"""Whether an address and a headline speak of one story, by the words that they share. Pure."""

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from core.text import folded

_WORD = re.compile(r"[^\W_]+")
_SMALL = frozenset(
    (
        *(
            "a",
            "an",
            "and",
            "are",
            "as",
            "at",
            "be",
            "but",
            "by",
            "for",
            "from",
            "has",
            "have",
            "in",
            "into",
            "is",
            "it",
        ),
        *("its", "new", "not", "of", "off", "on", "or", "over", "says", "that", "the", "their", "this", "to", "up"),
        *("was", "were", "will", "with", "html", "aspx", "php"),
    )
)
_LEAST_SHARE = 0.6  # of the words of the shorter: headlines are edited and slugs are cut, and most of the words stay
_LEAST_ID = 4  # figures; a shorter number is a day, a count or a page


def words_of(text: str) -> frozenset[str]:
    """Return the words of a headline or slug that say what it is about, without case and accents."""
    return frozenset(word for word in _WORD.findall(folded(text)) if len(word) > 1 and word not in _SMALL)


def slug_of(url: str) -> str:
    """Return the last segment of an address's path, decoded, without its ending."""
    name = urlsplit(url).path.rstrip("/").rpartition("/")[2]
    return unquote(PurePosixPath(name).stem if re.search(r"\.[a-zA-Z]{2,5}$", name) else name)


def has_words(slug: str) -> bool:
    """Return whether a slug says what its story is about; one of figures alone does not."""
    return any(not word.isdigit() for word in words_of(slug))


def agree(one: str, other: str) -> bool:
    """Return whether a slug and a headline, or two of either, are about the same: one has most words of the other.

    Of names without words all figures must be the same.
    """
    if not has_words(one) or not has_words(other):
        return bool(one) and _WORD.findall(one) == _WORD.findall(other)
    here, there = words_of(one), words_of(other)
    return len(here & there) >= _LEAST_SHARE * min(len(here), len(there))


def same_number(asked: str, url: str) -> bool:
    """Return whether an address still holds the number by which its story was asked for (?NewsID=12147)."""
    numbers = {number for number in re.findall(r"\d+", asked) if len(number) >= _LEAST_ID}
    parts = urlsplit(url)
    return bool(numbers) and numbers <= set(re.findall(r"\d+", f"{parts.path}?{parts.query}"))
