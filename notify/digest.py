"""The digest as a value: what is new by source and by time, and how the crawls went. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from core.model import Article, Match
from core.stories import Turn
from core.text import shortened
from notify.coverage import CoverageLine, State
from notify.entry import COPIES, NO_DATE, TITLE, Entry, Place, bounded, entry, place
from notify.phrases import Reader, Words, in_a_row, number_of, visible, words
from notify.versions import Carried, Told, Versions, sorted_out
from notify.withdrawals import Moves, moves

_CARRIED = 20  # stories that are carried on are named so many at most


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
class Carriage:
    """A story that was told of before, and the places that carry it since, of many the first few."""

    article_id: int
    source: str
    title: Words
    url: str
    when: str
    places: tuple[Place, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Digest:
    """All that a digest says. Times are in the reader's zone; span and rules may be empty.

    rules counts the stories that met each rule, most first; kept is the number of articles in the corpus. carried are
    stories told of before, more_carried counts those left out; articles is how many articles the new stories have.
    moves are the articles that were withdrawn, and those that are back.
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
    articles: int = 0
    carried: tuple[Carriage, ...] = ()
    more_carried: int = 0

    @property
    def number(self) -> int:
        """How many stories are new; of most there is one article."""
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
        if not self.sections and self.carried:
            told = len(self.carried) + self.more_carried
            return (
                f"Nothing new since the last digest but others who carry what it told of ({told:,}){self._and_trouble}."
            )
        if not self.sections:
            if self.moves.lists:
                return "No new article since the last digest."
            return f"Nothing new since the last digest{self._and_trouble}."
        of_each = in_a_row(f"{section.source} {section.number:,}" for section in self.sections)
        if self.articles > self.number:
            stories = "1 new story" if self.number == 1 else f"{self.number:,} new stories"
            return f"{stories} in {self.articles:,} articles: {of_each}."
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
    def _and_trouble(self) -> str:
        return f"; {self.trouble}" if self.trouble else ""

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

    The ids of the articles are higher than `after`; versions are those of their stories. turns are the withdrawals and
    returns of its period, moved the articles that these are of, by id.
    """

    articles: Sequence[Article]
    matches: Sequence[Match]
    kept: int
    turns: Sequence[Turn] = ()
    moved: Mapping[int, Article] = field(default_factory=dict)
    after: int = 0
    versions: Versions = field(default_factory=Versions)


def digest(found: Found, coverage: Iterable[CoverageLine], reader: Reader, made_at: datetime) -> Digest:
    """Return the digest of what was found. Sources come in the order of the reader's titles, others after them."""
    told, carried = sorted_out(found.articles, found.versions, found.after)
    rules = _rules(told, found.matches)
    by_source = defaultdict[str, list[Told]](list)
    for story in told:
        by_source[story.article.source].append(story)
    order = [name for name in (*reader.titles, *sorted(set(by_source) - set(reader.titles))) if by_source.get(name)]
    counts = Counter(rule for met in rules.values() for rule in met)
    return Digest(
        day=reader.weekday(made_at),
        made=reader.when(made_at),
        zone=str(reader.zone),
        span=_span(found.articles, reader),
        sections=tuple(
            Section(reader.title(name), len(by_source[name]), tuple(_entries(by_source[name], rules, found, reader)))
            for name in order
        ),
        rules=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        matched=sum(1 for met in rules.values() if met),
        coverage=tuple(coverage),
        kept=found.kept,
        moves=moves(found.turns, found.moved, reader),
        articles=len(found.articles) - sum(len(story.since) for story in carried),
        carried=tuple(_carriage(story, found, reader) for story in carried[:_CARRIED]),
        more_carried=max(0, len(carried) - _CARRIED),
    )


def _rules(told: Iterable[Told], matches: Iterable[Match]) -> dict[int, set[str]]:
    """Return the rules that each new story met, by the article that is told of: those of all its versions."""
    met = defaultdict[int, set[str]](set)
    for match in matches:
        met[match.article.id].add(match.rule)
    return {
        story.article.id: set[str]().union(met[story.article.id], *(met[version.article_id] for version in story.under))
        for story in told
    }


def _entries(told: Iterable[Told], rules: dict[int, set[str]], found: Found, reader: Reader) -> Iterable[Entry]:
    def newest_first(story: Told) -> tuple[bool, float, int]:
        article = story.article
        published = article.published_at
        return published is None, -(published or article.first_seen).timestamp(), -article.id

    for story in sorted(told, key=newest_first):
        others = found.versions.others(story.article.id, story.under)
        yield entry(story.article, rules[story.article.id], reader, others)


def _carriage(story: Carried, found: Found, reader: Reader) -> Carriage:
    before = story.before
    others = found.versions.others(before.article_id, story.since)
    return Carriage(
        article_id=before.article_id,
        source=reader.title(before.source),
        title=words(shortened(visible(before.title), TITLE)),
        url=bounded(before.url),
        when=reader.date(before.published_at) if before.published_at else NO_DATE,
        places=tuple(place(other, before.source, reader) for other in others[:COPIES]),
        more=max(0, len(others) - COPIES),
    )


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
