"""Which stretch of the corpus a digest covers, and owing it.

owe_digest    what was not told yet → a row in digests and a delivery owed, in one transaction
preview       what would be sent now → HTML and text, nothing touched

A period goes by the corpus's own sequences, of articles, turns and changes, never by the clock: a step of it, a restart
or a failure neither loses nor repeats anything.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.audience import Subscriber
from core.config import Config
from core.owed import DigestPeriod, Reach
from notify.composing import is_in_trouble, previewed
from storage.store import Corpus, Store

# So many articles are read at once when looking back for the first one seen since a day.
_PORTION = 500


def owe_digest(
    store: Store,
    config: Config,
    titles: Mapping[str, str],
    now: datetime,
    since: datetime | None = None,
    subscriber: Subscriber | None = None,
) -> DigestPeriod | None:
    """Open a reader's digest of what is new since the last one and owe its delivery; None when there is nothing to owe.

    Without a subscriber the reader is that of `digest`. When nothing is new, but the coverage ledger says that a source
    needs a look, a digest of no article is owed, at most one for each day of the reader's zone; likewise where the
    subscriber wants to hear of nothing, too. Otherwise nothing is owed.

    With `since` the period holds what was first seen and what turned from then on, told before or not, and leaves the
    sequence of the others as it was. A period is owed once, however often it is asked for.
    """
    with store.transaction() as corpus:
        corpus.enrol([each.name for each in config.subscribers], now)
        if subscriber and subscriber.name in corpus.subscribers.gone():
            return None
        due = _due(corpus, now, since, subscriber)
        key = _key(due, since)
        if due.is_empty:
            is_wanted = subscriber is not None and subscriber.empty == "line"
            if since is not None or not (is_wanted or is_in_trouble(corpus, config, titles, now, subscriber)):
                return None
            zone = ZoneInfo(subscriber.zone if subscriber else config.digest.zone)
            key = f"digest:trouble:{_of(due)}{due.upto}:{now.astimezone(zone):%Y-%m-%d}"
        if corpus.outbox.by_key(key) is not None:
            return None
        period = corpus.digests.open(due.begin, due.end, now, since, due.subscriber)
        corpus.outbox.owe("digest", period.id, key, now, due.subscriber)
        return period


def preview(
    store: Store,
    config: Config,
    titles: Mapping[str, str],
    now: datetime,
    since: datetime | None = None,
    subscriber: Subscriber | None = None,
) -> tuple[str, str]:
    """Return the digest that would be sent now, as HTML and as text. Nothing is written and nothing owed."""
    with store.reading() as corpus:
        return previewed(corpus, _due(corpus, now, since, subscriber), config, titles, now, subscriber)


def _due(corpus: Corpus, now: datetime, since: datetime | None, subscriber: Subscriber | None) -> DigestPeriod:
    """Return the period that a digest would have which was opened now. It is not recorded, and has no id."""
    name, end = subscriber.name if subscriber else "", corpus.reach()
    begin = _told(corpus, name) if since is None else _reach_before(corpus, end, since)
    return DigestPeriod(
        id=0,
        after=min(begin.articles, end.articles),
        upto=end.articles,
        created_at=now,
        turns_after=begin.turns,
        turns_upto=end.turns,
        changes_after=begin.changes,
        changes_upto=end.changes,
        subscriber=name,
    )


def _told(corpus: Corpus, name: str) -> Reach:
    """Return how far the digests of a reader have come.

    A digest made with `since` may begin after articles that no digest told of: going on from its end would lose them.
    """
    last = corpus.digests.last_in_sequence(name)
    joined = corpus.subscribers.by_name(name) if name else None
    told, known = last.end if last else Reach(), joined.reach if joined else Reach()
    return Reach(max(told.articles, known.articles), max(told.turns, known.turns), max(told.changes, known.changes))


def _reach_before(corpus: Corpus, end: Reach, since: datetime) -> Reach:
    first = _first_seen_since(corpus, end.articles, since)
    return Reach(first - 1, corpus.absences.turn_before(since), corpus.changes.before(since))


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


def _key(period: DigestPeriod, since: datetime | None) -> str:
    """Return the key of a digest's delivery. Turns and changes stand in it where there are any: older digests had none.

    Without the reader's name it is that of the one reader of old.
    """
    turns = f":{period.turns_after}-{period.turns_upto}" if period.turns_upto > period.turns_after else ""
    changed = period.changes_upto > period.changes_after
    more = f"{turns}:c{period.changes_after}-{period.changes_upto}" if changed else turns
    if since is None:
        return f"digest:{_of(period)}{period.after}-{period.upto}{more}"
    return f"digest:{_of(period)}since-{since.astimezone(UTC):%Y%m%dT%H%M%SZ}:{period.upto}{more}"


def _of(period: DigestPeriod) -> str:
    return f"{period.subscriber}:" if period.subscriber else ""
