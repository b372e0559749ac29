"""The sign of life: when it is owed, and from the corpus what it tells."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.config import Config
from core.crontab import cron_trigger, following
from core.owed import Delivery
from notify.bulletin import Known, SourceNews
from storage.store import Corpus

JOB = "heartbeat"
"""By what the corpus knows when one was last owed."""
LOOK = "look at files"
"""By what it knows when everything was last looked at, as it is once a day."""
_A_DAY = timedelta(days=1)
_MOST = 1000  # newest messages among which one of yesterday is looked for
_EARLY = timedelta(minutes=1)  # a job that comes a moment early, by a clock that was put right, is not sent away


def owe_heartbeat(corpus: Corpus, config: Config, now: datetime) -> bool:
    """Owe the operator a sign of life, one for all that were missed; return whether one is owed that was not before.

    Its key is the time that it was due by the clock on the wall, so that an hour that comes twice has one. A clock that
    was put back does not hold it up. Those that still wait are owed no more: the newest says all, when a channel works
    again.
    """
    zone = config.operator.zone or config.digest.zone
    last = corpus.jobs.last(JOB)
    trigger = cron_trigger(config.operator.heartbeat or "", zone)
    due = following(trigger, last) if last and last <= now else now
    if due > now + _EARLY:
        return False
    corpus.jobs.done(JOB, now)
    waiting = [each.id for each in corpus.outbox.listed("waiting", _MOST) if each.kind == JOB]
    if not corpus.outbox.owe(JOB, 0, f"{JOB}:{due.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}", now):
        return False
    for each in waiting:
        corpus.outbox.sent(each, now, "A newer one took its place: it was not sent.")
    return True


def heart_of(corpus: Corpus, config: Config, sources: Sequence[str], delivery: Delivery, now: datetime) -> Known:
    """Return what a sign of life tells: since the one before it, or of a day."""
    before = corpus.outbox.newest((JOB,), delivery.id)
    since = before.created_at if before and before.created_at else delivery.created_at - _A_DAY
    came = corpus.history.came(since)
    zone = config.operator.zone or config.digest.zone
    trigger = cron_trigger(config.operator.heartbeat or "0 8 * * *", zone)
    return Known(
        troubles=corpus.troubles.open(),
        sources=[SourceNews(name, corpus.runs.last(name, "finished"), came.get(name, 0)) for name in sources],
        since=since,
        following=following(trigger, now),
        articles=sum(corpus.articles.counts().values()),
        # Without itself.
        waiting=max(0, corpus.outbox.waiting() - 1),
        given_up=corpus.outbox.given_up_count(),
        looked=corpus.jobs.last(LOOK),
    )
