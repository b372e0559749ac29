"""One article as a message tells of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model import Article
from core.stories import Relation
from core.text import shortened
from notify.lead import lead
from notify.phrases import Reader, Words, link, visible, words
from notify.versions import Other

NO_DATE = "no date given"

# Bounds on what the web may put into one entry, so that one odd page cannot fill a message.
TITLE = 300
_AUTHORS = 160
_URL = 2000
COPIES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """An address and what it is called; url is empty where it is no address to follow."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, ready to be written. when is a time in the reader's zone, a day, or says that no date was given.

    copies are the other places that carry the text or a version of it, more_copies counts those left out; notices tell
    what became of the article since it was first read.
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


def entry(article: Article, rules: Iterable[str], reader: Reader, others: Sequence[Other] = ()) -> Entry:
    """Return how an article is told of; rules are the names of the alert rules that it met.

    others are the other versions of its story: they are named behind the copies.
    """
    carriers = [place(Other(copy.source, copy.url, Relation.SAME), article.source, reader) for copy in article.copies]
    carriers += [place(other, article.source, reader) for other in others]
    return Entry(
        article_id=article.id,
        source=reader.title(article.source),
        title=words(shortened(visible(article.label), TITLE), article.language),
        url=bounded(article.url),
        when=reader.date(article.published_at) if article.published_at else NO_DATE,
        authors=shortened(", ".join(map(visible, article.authors)), _AUTHORS),
        kind="" if article.kind == "news" else visible(article.kind),
        lead=words(lead(article.text), article.language),
        rules=tuple(sorted(rules)),
        copies=tuple(carriers[:COPIES]),
        more_copies=max(0, len(carriers) - COPIES),
        notices=tuple(_notices(article, reader)),
    )


def bounded(url: str) -> str:
    """Return the address to follow; none where it is longer than mail programs and browsers carry."""
    address = link(url)
    return address if len(address) <= _URL else ""


def place(other: Other, beside: str, reader: Reader) -> Place:
    """Return another place that carries a text as it is named beside an article of the source `beside`."""
    words = _WORDS.get(other.relation) if other.relation else "another version"
    if not words and other.source == beside:
        words = "another address" if other.relation is Relation.SAME else "another version"
    title = reader.title(other.source)
    return Place(f"{title} ({words})" if words else title, bounded(other.url))


_WORDS = {Relation.EXCERPT: "excerpt", Relation.EXTENDED: "longer", Relation.REWRITE: "told anew"}


def _notices(article: Article, reader: Reader) -> Iterable[str]:
    if article.edits:
        yield f"Revised since it was first read: this is revision {article.revision}."
    if article.gone_since:
        since = reader.when(article.missing_since or article.gone_since)
        yield f"Withdrawn: no visit since {since} found its page; the text is kept."
    elif article.missing_since:
        yield f"Its page has been missing since {reader.when(article.missing_since)}; the text is kept."
