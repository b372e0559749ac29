"""Composing from the corpus: a period and a reader → the Digest; and what would be sent now, as bodies.

composer      reads a stretch of the corpus once, for any number of readers
compose       the digest of one reader; compose_alert and compose_summary: an alert, and many in one
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.audience import Subscriber
from core.config import Config
from core.model import CopyAddress, Match, Tally
from core.owed import Change, ChangeKind, DigestPeriod, Reach
from notify.alert import Alert, Occurrence, alert
from notify.archived import Archive
from notify.coverage import CoverageLine, Crawls, State, coverage_line, outages
from notify.digest import Digest
from notify.editing import Edits, Stage, stages
from notify.found import Found, digest
from notify.phrases import Reader
from notify.render import digest_bodies
from notify.silence import KNOWN_BY, Pace, pace
from notify.summary import Summary, summary
from notify.versions import Versions
from notify.view import View
from pipelines.visits import GONE
from storage.store import Corpus

# What failed is counted from the last digest on; where nobody knows when that was, from so long ago.
_A_DAY = timedelta(days=1)
Stretch = tuple[Reach, Reach]


def reader_of(config: Config, titles: Mapping[str, str], subscriber: Subscriber | None = None) -> Reader:
    """Return for whom messages are written: the sources' titles by name, and the zone of who reads them."""
    return Reader(titles, ZoneInfo(subscriber.zone if subscriber else config.digest.zone))


@dataclass(slots=True)
class Composer:
    """Makes the digests of many readers from one reading of the corpus, as it is now.

    What periods cover is read once a period, the crawls once; readers of the same view of one period get the identical
    Digest. To be thrown away with the reading that it was made in.
    """

    corpus: Corpus
    config: Config
    titles: Mapping[str, str]
    now: datetime
    _found: dict[Stretch, Found] = field(default_factory=dict)
    _crawls: dict[tuple[datetime | None, str], Crawls] = field(default_factory=dict)
    _ended: dict[datetime, dict[str, dict[str, int]]] = field(default_factory=dict)
    _digests: dict[tuple[Stretch, View, str], Digest] = field(default_factory=dict)

    def digest(self, period: DigestPeriod, subscriber: Subscriber | None = None) -> Digest:
        """Return the digest of a period for its reader; None: the reader of the section `digest`."""
        view = View.of(subscriber, (rule.name for rule in self.config.rules))
        reader = reader_of(self.config, self.titles, subscriber)
        stretch = (period.begin, period.end)
        key = (stretch, view, str(reader.zone))
        if key not in self._digests:
            found = self._read(stretch)
            lines = self.coverage(subscriber, found)
            self._digests[key] = digest(found, lines, reader, self.now, view)
        return self._digests[key]

    def coverage(self, subscriber: Subscriber | None = None, found: Found | None = None) -> list[CoverageLine]:
        """Return the coverage ledger: a line for each source that concerns the reader.

        found is what a digest tells of; without it nothing is said of what is new.
        """
        reader = reader_of(self.config, self.titles, subscriber)
        concerned = [
            name for name in self.titles if not (subscriber and subscriber.sources) or name in subscriber.sources
        ]
        return [coverage_line(self._crawled(name, found), self.config, reader, self.now) for name in concerned]

    def _read(self, stretch: Stretch) -> Found:
        if stretch not in self._found:
            self._found[stretch] = _read(self.corpus, stretch, self.config.archive.replay or "")
        return self._found[stretch]

    def _crawled(self, source: str, found: Found | None) -> Crawls:
        corpus, since = self.corpus, (found.since or self.now - _A_DAY) if found else None
        key = (since, source)
        if key not in self._crawls:
            newest = corpus.runs.last(source, whole=True)
            whole, newest = newest is not None, newest or corpus.runs.last(source)
            well = corpus.runs.last(source, "finished", whole=whole)
            tally = corpus.runs.tally([well.id]) if well else Tally()
            incidents, alarms = corpus.incidents.open(source), corpus.meters.alarms(source)
            asked = corpus.history.asked(source, GONE, whole=whole)
            of_asked = corpus.runs.tally([asked]) if asked else Tally()
            crawls = Crawls(source, well, tally, newest, incidents, alarms, asked=of_asked)
            self._crawls[key] = self._of_period(crawls, found, since) if found and since else crawls
        return self._crawls[key]

    def _of_period(self, crawls: Crawls, found: Found, since: datetime) -> Crawls:
        """Return what is known of a source's crawls, with what came of them in a period."""
        if since not in self._ended:
            self._ended[since] = self.corpus.news.ended(since)
        new = sum(1 for article in found.articles if article.source == crawls.source)
        known = self._pace(crawls.source) if not new else None
        return replace(crawls, new=new, ended=self._ended[since].get(crawls.source, {}), pace=known)

    def _pace(self, source: str) -> Pace | None:
        dates = self.corpus.news.dates(source, KNOWN_BY)
        pauses = self.corpus.history.pauses(source, dates[-1]) if dates else ()
        return pace(dates, outages(source, self.config, pauses))


def composer(corpus: Corpus, config: Config, titles: Mapping[str, str], now: datetime) -> Composer:
    """Return what makes the digests of many readers from one reading of the corpus."""
    return Composer(corpus, config, titles, now)


def compose(
    corpus: Corpus,
    period: DigestPeriod,
    config: Config,
    titles: Mapping[str, str],
    now: datetime,
    subscriber: Subscriber | None = None,
) -> Digest:
    """Return the digest of a period for its reader, with the texts and the crawls as the corpus knows them now."""
    return composer(corpus, config, titles, now).digest(period, subscriber)


def previewed(
    corpus: Corpus,
    period: DigestPeriod,
    config: Config,
    titles: Mapping[str, str],
    now: datetime,
    subscriber: Subscriber | None = None,
) -> tuple[str, str]:
    """Return the digest of a period, which nobody needs to have owed, as HTML and as text."""
    bodies = digest_bodies(compose(corpus, period, config, titles, now, subscriber))
    return bodies.html, bodies.text


def compose_alert(
    corpus: Corpus, match: Match, config: Config, titles: Mapping[str, str], subscriber: Subscriber | None = None
) -> Alert:
    """Return the alert of a match for its reader, with what happened to the article: the edit, withdrawal or copy."""
    article = match.article
    versions = versions_of(corpus, [article.id])
    named = [(article.id, match.revision - 1), (article.id, match.revision)]
    states = corpus.news.states(named) if match.event == "edits" else {}
    before, after = (states.get(each) for each in named)
    known = Occurrence(
        others=versions.others(article.id, versions.of_article.get(article.id, ())),
        kept=_archive(corpus, config, [article.id]).kept(article.id),
        edit=(before, after) if before and after else None,
        absence=next(reversed(corpus.absences.of(article.id)), None) if match.event == "withdrawals" else None,
        copy=_copy(match) if match.event == "copies" else None,
    )
    return alert(match, reader_of(config, titles, subscriber), known=known)


def compose_summary(
    corpus: Corpus, matches: Sequence[Match], config: Config, titles: Mapping[str, str], subscriber: Subscriber | None
) -> Summary:
    """Return many alerts of a reader as one value."""
    archive = _archive(corpus, config, sorted({match.article.id for match in matches}))
    return summary(matches, reader_of(config, titles, subscriber), archive)


def _archive(corpus: Corpus, config: Config, article_ids: Sequence[int]) -> Archive:
    return Archive(corpus.news.archived(article_ids), config.archive.replay or "")


def _copy(match: Match) -> CopyAddress | None:
    """Return the copy that a rule was met by: of those that were seen by then the newest."""
    seen = [copy for copy in match.article.copies if copy.seen_at <= match.at]
    return max(seen, key=lambda copy: copy.seen_at, default=None)


def is_in_trouble(
    corpus: Corpus, config: Config, titles: Mapping[str, str], now: datetime, subscriber: Subscriber | None = None
) -> bool:
    """Return whether a source that concerns the reader needs a look."""
    lines = composer(corpus, config, titles, now).coverage(subscriber)
    return any(line.state is State.TROUBLE for line in lines)


def versions_of(corpus: Corpus, article_ids: Sequence[int]) -> Versions:
    """Return what the corpus knows now of the stories of some articles."""
    of_article = corpus.stories.versions(article_ids)
    members = sorted({version.article_id for versions in of_article.values() for version in versions})
    return Versions(of_article, corpus.stories.relations(members), corpus.articles.copies(members))


def _read(corpus: Corpus, stretch: Stretch, replay: str) -> Found:
    """Return what the corpus holds of a stretch of its sequences, for any reader."""
    begin, end = stretch
    articles = corpus.articles.between(begin.articles, end.articles)
    turns = corpus.absences.turns(begin.turns, end.turns)
    changes = corpus.changes.between(begin.changes, end.changes)
    versions = versions_of(corpus, [article.id for article in articles])
    late = corpus.matches.by_ids(_numbers(changes, ChangeKind.MATCH))
    came = corpus.news.copies(_numbers(changes, ChangeKind.COPY))
    moved = {turn.absence.article_id for turn in turns} | {change.article_id for change in changes}
    told = {article.id for article in articles} | moved
    members = {version.article_id for story in versions.of_article.values() for version in story}
    edited = stages(changes)
    return Found(
        articles=articles,
        matches=corpus.matches.of_articles(sorted(told | members)),
        kept=sum(corpus.articles.counts().values()),
        turns=turns,
        moved=corpus.articles.by_ids(moved),
        after=begin.articles,
        versions=versions,
        edits=Edits(edited, corpus.news.states(_states(edited.values(), begin.articles))),
        copies=[came[number] for number in _numbers(changes, ChangeKind.COPY) if number in came],
        late=late,
        archive=Archive(corpus.news.archived(sorted(told | {match.article.id for match in late})), replay),
        since=corpus.news.told_at(begin),
    )


def _numbers(changes: Iterable[Change], what: ChangeKind) -> list[int]:
    return [change.number for change in changes if change.what is what]


def _states(edited: Iterable[Stage], after: int) -> list[tuple[int, int]]:
    """Return the revisions that edits of articles told of before lead through."""
    old = (stage for stage in edited if stage.article_id <= after)
    return [(stage.article_id, number) for stage in old for number in range(stage.before, stage.after + 1)]
