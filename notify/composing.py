"""Composing a digest from the corpus: a period and a reader → the Digest; and what would be sent now, as bodies."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from core.audience import Subscriber
from core.config import Config
from core.model import Tally
from core.owed import DigestPeriod
from notify.coverage import CoverageLine, Crawls, State, coverage_line
from notify.digest import Digest, Found, digest
from notify.phrases import Reader
from notify.render import digest_bodies
from notify.versions import Versions
from storage.store import Corpus


def reader_of(config: Config, titles: Mapping[str, str], subscriber: Subscriber | None = None) -> Reader:
    """Return for whom messages are written: the sources' titles by name, and the zone of who reads them."""
    return Reader(titles, ZoneInfo(subscriber.zone if subscriber else config.digest.zone))


def compose(
    corpus: Corpus,
    period: DigestPeriod,
    config: Config,
    titles: Mapping[str, str],
    now: datetime,
    subscriber: Subscriber | None = None,
) -> Digest:
    """Return the digest of a period for its reader, with the texts and the crawls as the corpus knows them now."""
    reader = reader_of(config, titles, subscriber)
    articles = corpus.articles.between(period.after, period.upto)
    turns = corpus.absences.turns(period.turns_after, period.turns_upto)
    found = Found(
        articles=articles,
        matches=corpus.matches.of_articles([article.id for article in articles]),
        kept=sum(corpus.articles.counts().values()),
        turns=turns,
        moved=corpus.articles.by_ids({turn.absence.article_id for turn in turns}),
        after=period.after,
        versions=versions_of(corpus, [article.id for article in articles]),
    )
    return digest(found, coverage(corpus, config, titles, now, subscriber), reader, now)


def versions_of(corpus: Corpus, article_ids: Sequence[int]) -> Versions:
    """Return what the corpus knows now of the stories of some articles."""
    of_article = corpus.stories.versions(article_ids)
    members = sorted({version.article_id for versions in of_article.values() for version in versions})
    return Versions(of_article, corpus.stories.relations(members), corpus.articles.copies(members))


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


def coverage(
    corpus: Corpus, config: Config, titles: Mapping[str, str], now: datetime, subscriber: Subscriber | None = None
) -> list[CoverageLine]:
    """Return the coverage ledger: a line for each source that concerns the reader."""
    reader = reader_of(config, titles, subscriber)
    concerned = [name for name in titles if not (subscriber and subscriber.sources) or name in subscriber.sources]
    return [coverage_line(_crawls(corpus, source), config, reader, now) for source in concerned]


def is_in_trouble(
    corpus: Corpus, config: Config, titles: Mapping[str, str], now: datetime, subscriber: Subscriber | None = None
) -> bool:
    """Return whether a source that concerns the reader needs a look."""
    return any(line.state is State.TROUBLE for line in coverage(corpus, config, titles, now, subscriber))


def _crawls(corpus: Corpus, source: str) -> Crawls:
    well = corpus.runs.last(source, "finished")
    tally = corpus.runs.tally([well.id]) if well else Tally()
    return Crawls(
        source, well, tally, corpus.runs.last(source), corpus.incidents.open(source), corpus.meters.alarms(source)
    )
