"""Which articles and which withdrawals a digest covers, and composing it from the corpus.

owe_digest   the period since the last digest → a row in digests and a delivery owed, in one transaction;
             an empty one where nothing is new and a source is in trouble: that silence may be breakage
compose      a period → the Digest
preview      what would be sent now → HTML and text, nothing touched
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.config import Config
from core.model import Tally
from core.owed import DigestPeriod
from notify.coverage import CoverageLine, Crawls, State, coverage_line
from notify.digest import Digest, Found, digest
from notify.phrases import Reader
from notify.render import digest_bodies
from notify.versions import Versions
from storage.store import Corpus, Store

# So many articles are read at once when looking back for the first one seen since a day.
_PORTION = 500


def reader_of(config: Config, titles: Mapping[str, str]) -> Reader:
    """Return for whom messages are written: the sources' titles by name, and the zone of the digest."""
    return Reader(titles, ZoneInfo(config.digest.zone))


def owe_digest(
    store: Store, config: Config, titles: Mapping[str, str], now: datetime, since: datetime | None = None
) -> DigestPeriod | None:
    """Open the digest of what is new since the last one and owe its delivery; None when there is nothing to owe.

    When nothing is new, but the coverage ledger says that a source needs a look, a digest of no article is owed, at
    most one for each day of the digest's zone. With nothing new and no trouble nothing is owed.

    The period goes by the corpus's own sequences, of articles and of turns, never by the clock. With `since` it holds
    what was first seen and what turned from then on, told before or not, and leaves the sequence of the others as it
    was. A period is owed once, however often it is asked for.
    """
    with store.transaction() as corpus:
        due = _due(corpus, now, since)
        key, after = _key(due, since), due.after
        if due.is_empty:
            if since is not None or not _is_in_trouble(corpus, config, titles, now):
                return None
            after = due.upto
            key = f"digest:trouble:{due.upto}:{now.astimezone(ZoneInfo(config.digest.zone)):%Y-%m-%d}"
        if corpus.outbox.by_key(key) is not None:
            return None
        period = corpus.digests.open(after, due.upto, now, since, (due.turns_after, due.turns_upto))
        corpus.outbox.owe("digest", period.id, key, now)
        return period


def compose(corpus: Corpus, period: DigestPeriod, config: Config, titles: Mapping[str, str], now: datetime) -> Digest:
    """Return the digest of a period, with the texts and the crawls as the corpus knows them now."""
    reader = reader_of(config, titles)
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
    return digest(found, _coverage(corpus, config, titles, now), reader, now)


def versions_of(corpus: Corpus, article_ids: Sequence[int]) -> Versions:
    """Return what the corpus knows now of the stories of some articles."""
    of_article = corpus.stories.versions(article_ids)
    members = sorted({version.article_id for versions in of_article.values() for version in versions})
    return Versions(of_article, corpus.stories.relations(members), corpus.articles.copies(members))


def preview(
    store: Store, config: Config, titles: Mapping[str, str], now: datetime, since: datetime | None = None
) -> tuple[str, str]:
    """Return the digest that would be sent now, as HTML and as text. Nothing is written and nothing owed."""
    with store.reading() as corpus:
        bodies = digest_bodies(compose(corpus, _due(corpus, now, since), config, titles, now))
    return bodies.html, bodies.text


def _coverage(corpus: Corpus, config: Config, titles: Mapping[str, str], now: datetime) -> list[CoverageLine]:
    reader = reader_of(config, titles)
    return [coverage_line(_crawls(corpus, source), config, reader, now) for source in titles]


def _is_in_trouble(corpus: Corpus, config: Config, titles: Mapping[str, str], now: datetime) -> bool:
    return any(line.state is State.TROUBLE for line in _coverage(corpus, config, titles, now))


def _due(corpus: Corpus, now: datetime, since: datetime | None) -> DigestPeriod:
    """Return the period that a digest would have which was opened now. It is not recorded, and has no id."""
    upto, turns_upto = corpus.articles.highest_id(), corpus.absences.last_turn()
    if since is not None:
        after, turns_after = _first_seen_since(corpus, upto, since) - 1, corpus.absences.turn_before(since)
    else:
        told = _told(corpus)
        after, turns_after = (told.upto, told.turns_upto) if told else (0, 0)
    return DigestPeriod(0, after, upto, now, turns_after, turns_upto)


def _first_seen_since(corpus: Corpus, upto: int, since: datetime) -> int:
    """Return the lowest id first seen since then, upto + 1 where there is none: ids are given as articles are seen."""
    first, end = upto + 1, upto
    while end > 0:
        portion = corpus.articles.between(max(0, end - _PORTION), end)
        fresh = [article.id for article in portion if article.first_seen >= since]
        if portion and not fresh:
            break
        first = min([first, *fresh])
        end -= _PORTION
    return first


def _told(corpus: Corpus) -> DigestPeriod | None:
    """Return the period at whose end the sequences of digests have come, None before the first.

    A digest made with `since` may begin after articles that no digest told of: going on from its end would lose them.
    """
    newest = corpus.digests.last()
    for digest_id in range(newest.id if newest else 0, 0, -1):
        period = corpus.digests.by_id(digest_id)
        if period and corpus.outbox.by_key(_key(period, None)):
            return period
    return None


def _key(period: DigestPeriod, since: datetime | None) -> str:
    """Return the key of a digest's delivery. The turns stand in it where there are any: older digests had none."""
    turns = f":{period.turns_after}-{period.turns_upto}" if period.turns_upto > period.turns_after else ""
    if since is None:
        return f"digest:{period.after}-{period.upto}{turns}"
    return f"digest:since-{since.astimezone(UTC):%Y%m%dT%H%M%SZ}:{period.upto}{turns}"


def _crawls(corpus: Corpus, source: str) -> Crawls:
    well = corpus.runs.last(source, "finished")
    tally = corpus.runs.tally([well.id]) if well else Tally()
    return Crawls(
        source, well, tally, corpus.runs.last(source), corpus.incidents.open(source), corpus.meters.alarms(source)
    )
