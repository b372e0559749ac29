"""Which addresses of an unknown site are articles: a pattern that is generalised from examples. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.spelling import path_of

_YEAR = re.compile(r"(19|20)\d{2}")
_DAY = re.compile(r"\d{1,2}")
_SLUG = re.compile(r"[^/]*[^/\d.-][^/]*[-_][^/]*[-_][^/]*|[^/]{25,}|[^/]*\d{4,}[^/]*|.*\.s?html?|.*%[0-9A-F]{2}.*")
_ENDING = re.compile(r"\.(s?html?|php|aspx?)$")
_LANGUAGES = frozenset("en km fr es ru ar zh th vi lo my de pt id".split())  # noqa: SIM905  # read more easily
_LEAST_SHARE = 0.1  # of the examples; a shape that fewer have is an advertisement or a page about the site
_MOST_PATTERNS = 3
EXCLUDED = (
    *("about", "author", "authors", "category", "categories", "contact", "feed", "galleries", "gallery", "job", "jobs"),
    *("login", "page", "photo", "photos", "search", "sites", "tag", "tags", "topic", "topics", "user", "users"),
    *("video", "videos", "wp-admin", "wp-content", "wp-includes", "wp-json"),
)
"""First parts of addresses that name no article on most sites."""
Shape = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that a whole path must match, and two of the addresses that it was made from."""

    text: str
    examples: tuple[str, ...]


def patterns_of(urls: Iterable[str], *, are_articles: bool) -> tuple[Pattern, ...]:
    """Return patterns for the addresses of articles, the one with the most examples first.

    are_articles tells whether all of urls are articles (a feed's are); of a page's links only those count that have a
    date, a number or a slug.
    """
    groups: dict[Shape, list[list[str]]] = defaultdict(list)
    for path in dict.fromkeys(path_of(urlsplit(url).path).rstrip("/") for url in urls):
        segments = path.split("/")[1:]
        shape = shape_of(segments)
        if are_articles and shape[-1] == "word":
            shape = (*shape[:-1], "slug")
        if path and (are_articles or _is_telling(shape)):
            groups[shape].append(segments)
    total = sum(len(found) for found in groups.values())
    ranked = sorted(groups.items(), key=lambda pair: -len(pair[1]))
    least = max(2 if not are_articles else 1, _LEAST_SHARE * total)
    return tuple(_pattern(shape, found) for shape, found in ranked if len(found) >= least)[:_MOST_PATTERNS]


def shape_of(segments: Sequence[str]) -> Shape:
    """Return the kinds of the parts of a path: year, day, number, slug, language or word."""
    kinds: list[str] = []
    for place, segment in enumerate(segments):
        is_last = place == len(segments) - 1
        if is_last or not segment.isdigit():
            is_language = place == 0 and segment in _LANGUAGES and not is_last
            kinds.append("language" if is_language else _kind(segment))
        elif _YEAR.fullmatch(segment):
            kinds.append("year")
        else:
            kinds.append("day" if "year" in kinds and _DAY.fullmatch(segment) else "number")
    return tuple(kinds)


def _kind(segment: str) -> str:
    if segment.isdigit():
        return "number"
    return "slug" if _SLUG.fullmatch(segment) else "word"


def _is_telling(shape: Shape) -> bool:
    return shape[-1] in {"slug", "number"} or "year" in shape


def _pattern(shape: Shape, found: Sequence[Sequence[str]]) -> Pattern:
    columns = list(zip(*found, strict=True))
    parts, has_section = [], False
    for place, (kind, column) in enumerate(zip(shape, columns, strict=True)):
        is_last = place == len(shape) - 1
        is_section = kind in {"word", "slug"} and not is_last and len(set(column)) > 1 and not has_section
        parts.append(_part(kind, column, is_last=is_last, is_section=is_section))
        has_section = has_section or is_section
    examples = tuple("/" + "/".join(path) for path in found[:2])
    return Pattern("/" + "/".join(parts), examples)


def _part(kind: str, column: Sequence[str], *, is_last: bool, is_section: bool) -> str:
    if is_last:
        endings = Counter(ending[0] if (ending := _ENDING.search(value)) else "" for value in column)
        body = r"\d+" if kind == "number" else "[^/]+"
        return f"(?P<slug>{body}){re.escape(next(iter(endings))) if len(endings) == 1 else ''}"
    if is_section:
        return "(?P<section>[^/]+)"
    if kind in {"word", "slug"}:
        return re.escape(column[0]) if len(set(column)) == 1 else "[^/]+"
    day = r"\d{2}" if {len(value) for value in column} == {2} else r"\d{1,2}"
    languages = f"(?P<language>{'|'.join(sorted(set(column)))})"
    return {"year": r"\d{4}", "day": day, "number": r"\d+", "language": languages}[kind]


def excluded_for(patterns: Sequence[Pattern]) -> tuple[str, ...]:
    """Return the first parts of addresses to leave out: none that an example begins with."""
    begun = {example.split("/")[1] for pattern in patterns for example in pattern.examples}
    return tuple(name for name in EXCLUDED if name not in begun)
