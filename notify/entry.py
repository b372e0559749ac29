"""One article as a message tells of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.model import Article, CopyAddress
from core.text import shortened
from notify.lead import lead
from notify.phrases import Reader, Words, link, visible, words

NO_DATE = "no date given"

# Bounds on what the web may put into one entry, so that one odd page cannot fill a message.
_TITLE = 300
_AUTHORS = 160
_URL = 2000
_COPIES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """An address and what it is called; url is empty where it is no address to follow."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, ready to be written. when is a time in the reader's zone, a day, or says that no date was given.

    copies are the other places that carry the text, more_copies counts those left out; notices tell what became of
    the article since it was first read.
    """

    article_id: int
    source: str
    title: Words
    url: str
    when: str
    authors: str
    kind: str
    lead: Words
    rules: tuple[str, ...] = ()
    copies: tuple[Place, ...] = ()
    more_copies: int = 0
    notices: tuple[str, ...] = ()


def entry(article: Article, rules: Iterable[str], reader: Reader) -> Entry:
    """Return how an article is told of; rules are the names of the alert rules that it met."""
    return Entry(
        article_id=article.id,
        source=reader.title(article.source),
        title=words(shortened(visible(article.label), _TITLE), article.language),
        url=_bounded(article.url),
        when=reader.date(article.published_at) if article.published_at else NO_DATE,
        authors=shortened(", ".join(map(visible, article.authors)), _AUTHORS),
        kind="" if article.kind == "news" else visible(article.kind),
        lead=words(lead(article.text), article.language),
        rules=tuple(sorted(rules)),
        copies=tuple(_place(copy, article, reader) for copy in article.copies[:_COPIES]),
        more_copies=max(0, len(article.copies) - _COPIES),
        notices=tuple(_notices(article, reader)),
    )


def _bounded(url: str) -> str:
    """Return the address to follow; none where it is longer than mail programs and browsers carry."""
    address = link(url)
    return address if len(address) <= _URL else ""


def _place(copy: CopyAddress, article: Article, reader: Reader) -> Place:
    url = _bounded(copy.url)
    if copy.source != article.source:
        return Place(reader.title(copy.source), url)
    return Place(f"{reader.title(copy.source)} (another address)", url)


def _notices(article: Article, reader: Reader) -> Iterable[str]:
    if article.edits:
        yield f"Revised since it was first read: this is revision {article.revision}."
    if article.gone_since:
        since = reader.when(article.missing_since or article.gone_since)
        yield f"Withdrawn: no visit since {since} found its page; the text is kept."
    elif article.missing_since:
        yield f"Its page has been missing since {reader.when(article.missing_since)}; the text is kept."
