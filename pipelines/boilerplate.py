"""Furniture by text: lines that are the page's and not the article's, whatever the markup around them.

Works on lists of lines, so that pages and texts without markup go through the same rules.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from core.site import Layout, PlainText
from core.text import normalised
from pipelines.dates import foreign_date, found_date
from pipelines.phrases import LEAVINGS

_HEAD = 12  # lines within which a page's title, date and eyebrow stand above the body
_REPEATED_TITLE = 4  # lines at the head of a body within which a repeated title ends the furniture above it
_PROSE = re.compile(r".{40,}[.。।۔។][\"”’»)]?")  # a headline is shorter, or ends without a full stop
_LONGEST_LEAVING = 400  # characters


@dataclass(frozen=True, slots=True)
class Body:
    """A body cut out of its lines: its paragraphs, and the notes that follow them."""

    paragraphs: tuple[str, ...]
    notes: tuple[str, ...] = ()


def after_date_line(lines: Sequence[str], layout: Layout, language: str, zone: tzinfo) -> list[str]:
    """Return the lines below the date line that ends a page's head; all of them where there is none.

    Some pages print the date twice in a row: both go. The head ends with the first sentence: a date below it is the
    body's own.
    """
    formats = layout.date.formats if layout.date else ()
    last = -1
    for index, line in enumerate(lines[:_HEAD]):
        if found_date(line, formats, zone, whole=True) or foreign_date(line, language, zone):
            last = index
        elif last >= 0 or _PROSE.fullmatch(line):
            break
    return list(lines[last + 1 :])


def without_furniture(lines: Sequence[str], title: str, drop: Sequence[re.Pattern[str]]) -> list[str]:
    """Return lines without those that a pattern matches as a whole, and without what stands above a repeated title.

    Pages that print picture, caption and then the title again above the body (the Post's Drupal theme) lose all
    three, and no line of the body, even where the caption equals the lead.
    """
    heading = normalised(title)
    body = [line for line in lines if not fits(line, drop)]
    repeats = [index for index, line in enumerate(body[:_REPEATED_TITLE]) if heading and normalised(line) == heading]
    return body[repeats[-1] + 1 :] if repeats else body


def without_leavings(lines: Sequence[str], title: str) -> list[str]:
    """Return lines without the headline, and without those that pages of many sites print within their articles."""
    heading = normalised(title)
    return [line for line in lines if normalised(line) != heading and not _is_leaving(line)]


def _is_leaving(line: str) -> bool:
    return len(line) <= _LONGEST_LEAVING and LEAVINGS.fullmatch(line) is not None


def before_end(lines: Sequence[str], end: re.Pattern[str] | None) -> list[str]:
    """Return the lines above the first that an end marker matches as a whole."""
    below = (index for index, line in enumerate(lines) if end and end.fullmatch(line))
    return list(lines[: next(below, len(lines))])


def split_notes(lines: Sequence[str], marker: re.Pattern[str] | None) -> Body:
    """Return the body above a line that is the marker (ENDS) and the notes below it; the marker itself goes."""
    if marker:
        for index, line in enumerate(lines):
            if marker.fullmatch(line):
                return Body(tuple(lines[:index]), tuple(lines[index + 1 :]))
    return Body(tuple(lines))


def headline_of(lines: Sequence[str], style: PlainText) -> str:
    """Return the headline that a masthead line names (its group `title`), or an empty text."""
    for line in lines[:_HEAD]:
        for pattern in style.masthead:
            if found := pattern.fullmatch(line):
                return found.groupdict().get("title") or ""
    return ""


def fits(line: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    """Return whether one of some patterns matches a line as a whole."""
    return any(pattern.fullmatch(line) for pattern in patterns)
