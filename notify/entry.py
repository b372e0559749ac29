"""One article as a message tells of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.model import Article, Passage
from core.stories import Relation
from core.text import shortened
from notify.archived import Kept
from notify.lead import LENGTH, lead
from notify.marked import Room, Stretch, stretches
from notify.phrases import Reader, Words, bounded, in_a_row, visible, words
from notify.versions import Other

NO_DATE = "no date given"

# Bounds on what the web may put into one entry, so that one odd page cannot fill a message.
TITLE = 300
_AUTHORS = 160
COPIES = 3
# A passage takes the place of a lead, and is about as long.
_ROOM = Room(before=120, after=LENGTH - 120, within=LENGTH)


@dataclass(frozen=True, slots=True)
class Place:
    """An address and what it is called; url is empty where it is no address to follow."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One article, ready to be written. when is a time in the reader's zone, a day, or says that no date was given.

    copies are the other places that carry the text or a version of it, more_copies counts those left out; notices tell
    what became of the article since it was first read. stretches are the passage that matched, of a reader who asked
    for what meets some rules: it stands in place of the lead, and its language and direction with it. rules are those
    that are named; where it stands under one, that are only the others (stands_under).
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
    stretches: tuple[Stretch, ...] = ()
    stands_under: str = ""
    kept: Kept | None = None

    @property
    def why(self) -> str:
        """Why it is here: what it met, in words that the names of the rules follow; empty where it met none."""
        if not self.rules:
            return ""
        return "Met too:" if self.stands_under else "Met:"


@dataclass(frozen=True, slots=True)
class Beside:
    """What is told of an article that it does not hold itself: rules met, its story's other versions, what came of it.

    passage is shown in place of the lead.
    """

    rules: tuple[str, ...] = ()
    others: Sequence[Other] = ()
    passage: Passage | None = None
    stands_under: str = ""
    notices: tuple[str, ...] = ()
    kept: Kept | None = None


def entry(article: Article, reader: Reader, beside: Beside = Beside()) -> Entry:
    """Return how an article is told of. Other versions of its story are named behind the copies."""
    carriers = [place(Other(copy.source, copy.url, Relation.SAME), article.source, reader) for copy in article.copies]
    carriers += [place(other, article.source, reader) for other in beside.others]
    shown = tuple(stretches(beside.passage, _ROOM)) if beside.passage else ()
    return Entry(
        article_id=article.id,
        source=reader.title(article.source),
        title=title_of(article),
        url=bounded(article.url),
        when=reader.date(article.published_at) if article.published_at else NO_DATE,
        authors=shortened(", ".join(map(visible, article.authors)), _AUTHORS),
        kind="" if article.kind == "news" else visible(article.kind),
        lead=words("".join(part.text for part in shown) if shown else lead(article.text), article.language),
        rules=tuple(map(visible, beside.rules)),
        copies=tuple(carriers[:COPIES]),
        more_copies=max(0, len(carriers) - COPIES),
        notices=(*_notices(article, reader), *beside.notices),
        stretches=shown,
        stands_under=beside.stands_under,
        kept=beside.kept,
    )


def title_of(article: Article) -> Words:
    """Return what an article is called in messages."""
    return words(shortened(visible(article.label), TITLE), article.language)


def place(other: Other, beside: str, reader: Reader) -> Place:
    """Return another place that carries a text as it is named beside an article of the source `beside`."""
    words = _WORDS.get(other.relation) if other.relation else "another version"
    if not words and other.source == beside:
        words = "another address" if other.relation is Relation.SAME else "another version"
    title = reader.title(other.source)
    return Place(f"{title} ({words})" if words else title, bounded(other.url))


_WORDS = {Relation.EXCERPT: "excerpt", Relation.EXTENDED: "longer", Relation.REWRITE: "told anew"}


def unheard(rules: Iterable[str], why: str) -> str:
    """Return the note on rules that were met without an alert; why is what made the article meet them."""
    return f"Met {in_a_row(map(visible, rules))} too, {why}; no alert was sent."


def _notices(article: Article, reader: Reader) -> Iterable[str]:
    if article.edits:
        yield f"Edited since it was first read: this is revision {article.revision}."
    if article.gone_since:
        since = reader.when(article.missing_since or article.gone_since)
        yield f"Withdrawn: no visit since {since} found its page; the text is kept."
    elif article.missing_since:
        yield f"Its page has been missing since {reader.when(article.missing_since)}; the text is kept."
