"""Texts that somebody copied from a page earlier, without markup: the same cleaning by text alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.model import Draft, Reason, Skipped
from core.site import Site
from core.text import tidy
from pipelines.boilerplate import headline_of, plain_body

_LONGEST_TITLE = 140
_SENTENCE_ENDS = (".", "!", "?", "”", '"', ":", ";", ",", "។")


@dataclass(frozen=True, slots=True)
class PlainPage:
    """A text file: its content, the address under which it is kept (file:…), and when it was last written."""

    text: str
    url: str
    written_at: datetime


def site_of_text(text: str, sites: Iterable[Site], default: Site) -> Site:
    """Return the site whose masthead a text bears, else the default."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for site in sites:
        fits = any(pattern.fullmatch(line) for pattern in site.plain_text.masthead for line in lines[:3])
        if fits:
            return site
    return default


def process_text(page: PlainPage, site: Site) -> Draft | Skipped:
    """Return the article in a text file, or the reason why there is none.

    The title is the masthead's, else a first line that is set apart and does not end like a sentence, else empty.
    No date is guessed: the file says when it was copied, not when it was published.
    """
    raw_lines = page.text.splitlines()
    lines = [tidy(line) for line in raw_lines if line.strip()]
    if not lines:
        return Skipped(Reason.EMPTY)
    title = headline_of(lines, site.plain_text) or _first_line_title(raw_lines)
    paragraphs = plain_body(raw_lines, site.plain_text, title)
    if not paragraphs:
        return Skipped(Reason.NO_BODY, "nothing but furniture")
    return Draft(
        source=site.name,
        url=page.url,
        key=page.url,
        title=title,
        paragraphs=tuple(paragraphs),
        language=site.language,
        remarks=("no-date", "plain-text"),
    )


def _first_line_title(raw_lines: list[str]) -> str:
    stripped = [tidy(line) for line in raw_lines]
    first = next((index for index, line in enumerate(stripped) if line), 0)
    line = stripped[first]
    set_apart = first + 1 < len(stripped) and not stripped[first + 1]
    return line if set_apart and len(line) <= _LONGEST_TITLE and not line.endswith(_SENTENCE_ENDS) else ""
