"""The digest as a value: what is new by source and by time, and how the crawls went. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.model import Article, Match
from core.stories import Turn
from notify.coverage import CoverageLine, State
from notify.entry import Entry, entry
from notify.phrases import Reader, in_a_row, number_of
from notify.withdrawals import Moves, moves


@dataclass(frozen=True, slots=True)
class Section:
    """What is new at one source, newest first, undated last.

    entries are told in full, titled by title alone; number is how many there are, those left out included.
    """

    source: str
    number: int
    entries: tuple[Entry, ...]
    titled: tuple[Entry, ...] = ()

    @property
    def left_out(self) -> int:
        """How many articles are only counted."""
        return self.number - len(self.entries) - len(self.titled)


@dataclass(frozen=True, slots=True)
class Digest:
    """All that a digest says. Times are in the reader's zone; span and rules may be empty.

    rules counts the articles that met each rule, most first; kept is the number of articles in the corpus. moves are
    the articles that were withdrawn, and those that are back.
    """

    day: str
    made: str
    zone: str
    span: str
    sections: tuple[Section, ...]
    rules: tuple[tuple[str, int], ...]
    matched: int
    coverage: tuple[CoverageLine, ...]
    kept: int
    moves: Moves = field(default_factory=Moves)

    @property
    def number(self) -> int:
        """How many articles are new."""
        return sum(section.number for section in self.sections)

    @property
    def titled(self) -> int:
        """How many articles are named by title alone."""
        return sum(len(section.titled) for section in self.sections)

    @property
    def left_out(self) -> int:
        """How many articles are only counted."""
        return sum(section.left_out for section in self.sections)

    @property
    def summary(self) -> str:
        """The totals in a sentence."""
        if not self.sections:
            if self.moves.lists:
                return "No new article since the last digest."
            return f"Nothing new since the last digest{f'; {self.trouble}' if self.trouble else ''}."
        of_each = in_a_row(f"{section.source} {section.number:,}" for section in self.sections)
        return f"{number_of(self.number, 'new article')}: {of_each}."

    @property
    def watched(self) -> str:
        """What met an alert rule, in a sentence; empty where nothing did."""
        of_each = ", ".join(f"{rule} {count:,}" for rule, count in self.rules)
        return f"{self.matched:,} of them met an alert rule: {of_each}." if self.rules else ""

    @property
    def trouble(self) -> str:
        """Which sources need a look (`OHCHR needs a look`), no whole sentence; empty where all is well."""
        if not self._troubled:
            return ""
        return f"{in_a_row(self._troubled)} {'needs' if len(self._troubled) == 1 else 'need'} a look"

    @property
    def _troubled(self) -> list[str]:
        return [line.source for line in self.coverage if line.state is State.TROUBLE]

    @property
    def caution(self) -> str:
        """Which sources may have more than is told, in a sentence; empty where all is well."""
        if not self._troubled:
            return ""
        return f"{in_a_row(self._troubled)} may have more than is told here: see how the crawls went, at the end."


@dataclass(frozen=True, slots=True)
class Found:
    """What the corpus gives for one digest: the articles of its period, their matches, and its size in all.

    turns are the withdrawals and returns of its period, moved the articles that these are of, by id.
    """

    articles: Sequence[Article]
    matches: Sequence[Match]
    kept: int
    turns: Sequence[Turn] = ()
    moved: Mapping[int, Article] = field(default_factory=dict)


def digest(found: Found, coverage: Iterable[CoverageLine], reader: Reader, made_at: datetime) -> Digest:
    """Return the digest of what was found. Sources come in the order of the reader's titles, others after them."""
    rules = defaultdict[int, set[str]](set)
    for match in found.matches:
        rules[match.article.id].add(match.rule)
    by_source = defaultdict[str, list[Article]](list)
    for article in found.articles:
        by_source[article.source].append(article)
    order = [name for name in (*reader.titles, *sorted(set(by_source) - set(reader.titles))) if by_source.get(name)]
    counts = Counter(rule for article in found.articles for rule in rules[article.id])
    return Digest(
        day=reader.weekday(made_at),
        made=reader.when(made_at),
        zone=str(reader.zone),
        span=_span(found.articles, reader),
        sections=tuple(
            Section(reader.title(name), len(by_source[name]), tuple(_entries(by_source[name], rules, reader)))
            for name in order
        ),
        rules=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        matched=sum(1 for article in found.articles if rules[article.id]),
        coverage=tuple(coverage),
        kept=found.kept,
        moves=moves(found.turns, found.moved, reader),
    )


def _entries(articles: Iterable[Article], rules: dict[int, set[str]], reader: Reader) -> Iterable[Entry]:
    def newest_first(article: Article) -> tuple[bool, float, int]:
        published = article.published_at
        return published is None, -(published or article.first_seen).timestamp(), -article.id

    return (entry(article, rules[article.id], reader) for article in sorted(articles, key=newest_first))


def _span(articles: Sequence[Article], reader: Reader) -> str:
    if not articles:
        return ""
    seen = [article.first_seen for article in articles]
    first, last = reader.when(min(seen)), reader.when(max(seen))
    return f"First seen {first}." if first == last else f"First seen between {first} and {last}."


def abridged(whole: Digest, full: int, titled: int) -> Digest:
    """Return a digest that tells `full` articles in full, `titled` by title, and counts the rest.

    Those that met an alert rule go first; then each source's newest, in turn, so that no source crowds out another.
    """
    places = [
        (not item.rules, index, number)
        for number, section in enumerate(whole.sections)
        for index, item in enumerate(section.entries)
    ]
    ranks = {(number, index): rank for rank, (_, index, number) in enumerate(sorted(places))}
    sections = []
    for number, section in enumerate(whole.sections):
        ranked = [(ranks[number, index], item) for index, item in enumerate(section.entries)]
        told = tuple(item for rank, item in ranked if rank < full)
        named = tuple(item for rank, item in ranked if full <= rank < full + titled)
        sections.append(replace(section, entries=told, titled=named))
    return replace(whole, sections=tuple(sections))
