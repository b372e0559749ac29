"""What today's rules make of a page that was read before: which parts of an article come out otherwise. Pure.

A text that was read wrongly, by a layout that did not fit, is put right by reading its page again; that is a
correction of tonle's, and no edit of the publisher.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.model import Article, Draft, Revision


@dataclass(frozen=True, slots=True)
class Difference:
    """The parts that differ, by name; of the text also the paragraphs that are gone and those that were added.

    Both are empty where paragraphs only stand in another order.
    """

    parts: tuple[str, ...]
    gone: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def difference(article: Article, draft: Draft) -> Difference | None:
    """Return in what a draft differs from an article as it stands; None: nothing would be changed by taking it.

    Held against one another as they are kept: what `fingerprint` passes over (case, quotation marks) counts here. A
    draft that names no work leaves the article's.
    """
    pairs: dict[str, tuple[object, object]] = {
        "text": (article.text, draft.text),
        "title": (article.title, draft.title),
        "authors": (article.authors, draft.authors),
        "date": (_as_written(article.published_at), _as_written(draft.published_at)),
        "modified": (_as_written(article.modified_at), _as_written(draft.modified_at)),
        "language": (article.language, draft.language),
        "section": (article.section, draft.section),
        "kind": (article.kind, draft.kind),
        "notes": (article.notes, draft.notes),
        "links": (article.links, draft.links),
        "work": (article.work, draft.work or article.work),
        "remarks": (article.remarks, draft.remarks),
        "tags": (article.tags, draft.tags),
        "dateline": (article.dateline, draft.dateline),
        "credits": (article.credits, draft.credits),
    }
    parts = tuple(name for name, (was, now) in pairs.items() if was != now)
    if not parts:
        return None
    before, after = article.text.splitlines(), draft.text.splitlines()
    return Difference(parts, gone=_without(before, after), added=_without(after, before))


def as_kept(draft: Draft, article: Article, revision: Revision) -> Draft:
    """Return what a page gives as a correction of the revision that was read from it.

    The address stays: other rules make no other page of it. Of a page that only carries a copy the text alone counts.
    """
    kept = text_of_copy(draft, article) if is_of_copy(revision, article) else draft
    return replace(kept, url=revision.url)


def is_of_copy(revision: Revision, article: Article) -> bool:
    """Return whether an article's newest revision was read at the address of a copy."""
    return revision.url != article.url


def text_of_copy(draft: Draft, article: Article) -> Draft:
    """Return the draft of a copy's page as one of the article: its text, and all else as it is known.

    The place that opens the text is the text's own.
    """
    return replace(
        draft,
        title=article.title,
        authors=article.authors,
        published_at=article.published_at,
        modified_at=article.modified_at,
        language=article.language,
        section=article.section,
        kind=article.kind,
        notes=article.notes,
        links=article.links,
        work=article.work,
        tags=article.tags,
        credits=article.credits,
    )


def source_of(revision: Revision, article: Article) -> str:
    """Return the source whose rules hold for the page of an article's newest revision."""
    if not is_of_copy(revision, article):
        return article.source
    return next((copy.source for copy in article.copies if copy.url == revision.url), article.source)


def _as_written(moment: datetime | None) -> tuple[datetime, timedelta | None] | None:
    """Return what is kept of a moment: two that are the same instant may be written in two zones."""
    return (moment, moment.utcoffset()) if moment else None


def _without(paragraphs: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return the paragraphs that do not stand in others, as often as they do not."""
    left = Counter(others)
    found = []
    for paragraph in paragraphs:
        if left[paragraph]:
            left[paragraph] -= 1
        else:
            found.append(paragraph)
    return tuple(found)
