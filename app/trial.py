"""A rule held against the texts that the corpus has: what it would have brought, beside what really fired.

    articles, the latest first, in portions → those that meet the rule → by story, week and source, the newest kept

Each portion is read in a transaction of its own, so that a crawl may go on meanwhile; what is remembered of an article
is its story and day, but of the newest few.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from core.model import Article, Passage
from core.rules import Rule
from pipelines.alerts import matcher, text_of
from storage.store import Corpus, Store

_PORTION = 200  # articles that are held at once
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hit:
    """A story that would have fired, by the latest of its versions: that version, and the passage that shows it.

    story is its number in the corpus, the negative one of the article where that stands alone. has_fired: the rule did
    fire at this version, and is_told: somebody was to hear of it.
    """

    article: Article
    passage: Passage
    story: int
    has_fired: bool
    is_told: bool


@dataclass(frozen=True, slots=True)
class Week:
    """What would have fired in the week that begins on this day: articles, and stories that began then."""

    begin: date
    stories: int = 0
    articles: int = 0


@dataclass(slots=True)
class Findings:
    """What came of a trial: so many articles were looked at, since then.

    fired counts those that meet the rule and really fired, lost those that really fired and do not meet it now: newest
    and gone hold the latest of either, at most `most`. articles and sources count what meets the rule; told are the
    stories of which somebody was to hear.
    """

    since: datetime
    zone: ZoneInfo
    most: int
    looked: int = 0
    articles: int = 0
    fired: int = 0
    lost: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    newest: list[Hit] = field(default_factory=list)
    gone: list[Article] = field(default_factory=list)
    told: set[int] = field(default_factory=set)
    _first: dict[int, date] = field(default_factory=dict)  # the week of each story, by its number
    _weeks: Counter[date] = field(default_factory=Counter)  # articles

    @property
    def stories(self) -> int:
        """How many stories would have fired."""
        return len(self._first)

    @property
    def told_stories(self) -> int:
        """How many of them people were to hear of."""
        return len(self.told & self._first.keys())

    def weeks(self, now: datetime) -> tuple[Week, ...]:
        """Return all weeks from the first day to now, those without anything too."""
        stories = Counter(self._first.values())
        begin, found = week_of(self.since, self.zone), []
        while begin <= week_of(now, self.zone):
            found.append(Week(begin, stories[begin], self._weeks[begin]))
            begin += _WEEK
        return tuple(found)

    def add(self, article: Article, passage: Passage, story: int, fired: bool | None) -> None:
        """Count an article that meets the rule; fired is whether anybody was to hear, None where it never fired."""
        week = week_of(article.published_at or article.first_seen, self.zone)
        is_new = story not in self._first
        self._first[story] = week
        self._weeks[week] += 1
        self.articles += 1
        self.fired += fired is not None
        self.sources[article.source] += 1
        if is_new and len(self.newest) < self.most:
            self.newest.append(Hit(article, passage, story, fired is not None, bool(fired)))

    def lose(self, article: Article) -> None:
        """Count an article at which the rule really fired, and which does not meet it now."""
        self.lost += 1
        if len(self.gone) < self.most:
            self.gone.append(article)


def week_of(moment: datetime, zone: ZoneInfo) -> date:
    """Return the Monday of the week in which something was published, in a zone.

    A date without a time is midnight where its source is, and that day everywhere.
    """
    day = moment.date() if moment.time() == time() else moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Trial:
    """Holds a rule against the texts that are dated since a moment, in their newest revisions.

    sources are some of those for which the rule holds; none named: all of them. known is the name under which matches
    are looked up: that of a rule that is in force, or None for those of any.
    """

    store: Store
    rule: Rule
    since: datetime
    sources: Sequence[str] = ()
    known: str | None = None

    def number(self) -> int:
        """Return how many articles will be looked at."""
        with self.store.reading() as corpus:
            return corpus.articles.count_dated(self.since, self._asked)

    def steps(self, findings: Findings) -> Iterator[int]:
        """Add to the findings what is found, yielding the number of articles looked at so far, once for each."""
        before: tuple[datetime, int] | None = None
        held = matcher((self.rule,))
        while True:
            with self.store.reading() as corpus:
                portion = corpus.articles.dated(self.since, self._asked, before, _PORTION)
                met = {article.id: passage for article in portion for _, passage in held.met(text_of(article))}
                yield from self._looked(corpus, portion, met, findings)
            if not portion:
                return
            last = portion[-1]
            before = last.published_at or last.first_seen, last.id

    @property
    def _asked(self) -> Sequence[str]:
        """The sources whose texts can meet the rule at all; all for none."""
        return self.sources or self.rule.sources

    def _looked(
        self, corpus: Corpus, portion: Sequence[Article], met: Mapping[int, Passage], findings: Findings
    ) -> Iterator[int]:
        fired = corpus.matches.fired([article.id for article in portion], self.known)
        stories = corpus.stories.ids({*met, *fired})
        findings.told.update(stories.get(each, -each) for each, is_told in fired.items() if is_told)
        for article in portion:
            findings.looked += 1
            if article.id in met:
                story = stories.get(article.id, -article.id)
                findings.add(article, met[article.id], story, fired.get(article.id))
            elif self.known is not None and article.id in fired:
                findings.lose(article)
            yield findings.looked


def ranked(sources: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return sources with their numbers, the greatest first."""
    return sorted(sources.items(), key=lambda pair: (-pair[1], pair[0]))
