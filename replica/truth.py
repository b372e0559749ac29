"""What a perfect reader would get from the sites: the answers against which a crawl is marked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Truth:
    """One item of one site as it stands now.

    `path` is canonical; `also_at` holds further paths, and addresses on other hosts, that carry the same story.
    `published_at` is ISO with a zone and only as exact as the page: OHCHR prints a day, given as its midnight in UTC.
    `paragraphs` is the body without furniture and without the end mark (ENDS), `notes` what follows that mark.
    `places` names what an item of OHCHR is filed under (`cambodia`), empty elsewhere.
    `state` is live, withdrawn, copy (another site has the same text) or unreadable (refused to every client).
    """

    site: str
    path: str
    also_at: tuple[str, ...]
    title: str
    authors: tuple[str, ...]
    published_at: str | None
    language: str
    kind: str
    paragraphs: tuple[str, ...]
    notes: tuple[str, ...]
    state: str
    revision: int
    layout: str
    traps: tuple[str, ...]
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentTruth:
    """One file that pages of a site link: what a perfect reader would get from it.

    `url` is the address as linked; `also_at` further addresses of the same bytes. `paragraphs` is its text without
    running headers and page numbers, words that a line's end parted put together. `state` is text, scan (a PDF without
    text), page (status 200, but HTML in place of the file) or missing (404 with an HTML body); `paragraphs` is empty
    but for text.
    """

    site: str
    url: str
    also_at: tuple[str, ...]
    title: str
    paragraphs: tuple[str, ...]
    state: str
