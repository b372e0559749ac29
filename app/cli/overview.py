"""What `tonle status` tells, gathered: of each source, and of the corpus as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.cli.absences import Away, away, away_json
from app.cli.runs import run_json, true_end
from app.desk import Desk
from app.judged import Judgement, history_of, judged
from app.schedule import next_crawl
from core.health import Alarm, Incident, Meter
from core.model import Run, Tally
from core.timetable import crawl_trigger
from core.trouble import OPERATOR_KINDS, Trouble
from notify.causes import headline
from storage.condition import sizes
from storage.lock import is_held
from storage.outbox import DeliveryState
from storage.store import Corpus, Store

_FLICKERS = 5  # of which the numbers are shown


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source stands. good is the last run that came to its end, meter that of the last that brought texts."""

    source: str
    articles: int
    last: Run | None
    good: Run | None
    tally: Tally
    next_run: datetime
    incidents: tuple[Incident, ...]
    alarms: tuple[Alarm, ...]
    meter: Meter | None
    stands: Judgement


@dataclass(frozen=True, slots=True)
class Overview:
    """All that is known of a corpus and its daemon at a moment.

    others counts the articles of sources that are not enabled; flickers are the newest pages that show two states, of
    so many; database and log are the sizes of the corpus's files in bytes. troubles are those that are open, untold the
    messages to the operator that could not be handed over.
    """

    at: datetime
    daemon: bool
    rows: tuple[SourceStatus, ...]
    others: dict[str, int]
    gone: Away
    flickers: tuple[int, ...]
    flicker_count: int
    articles: int
    stories: int
    waiting: int
    given_up: int
    database: int
    log: int
    troubles: tuple[Trouble, ...] = ()
    untold: tuple[DeliveryState, ...] = ()


def overview(desk: Desk, store: Store) -> Overview:
    """Return all that is known now."""
    now = desk.clock()
    # Before the corpus: a run that lets go of its lock has noted its end there.
    with store.reading() as corpus:
        last = {source: corpus.runs.last(source) for source in desk.sites}
    ended = {source: run and true_end(desk, store, run) for source, run in last.items()}
    with store.reading() as corpus:
        counts = corpus.articles.counts()
        held = sum(counts.values())
        return Overview(
            at=now,
            daemon=is_held(desk.lock("daemon")),
            rows=tuple(_row(desk, corpus, source, ended[source], now) for source in desk.sites),
            others={name: number for name, number in counts.items() if name not in desk.sites},
            gone=away(corpus),
            flickers=tuple(flicker.article_id for flicker in corpus.flickers.newest(_FLICKERS)),
            flicker_count=corpus.flickers.count(),
            articles=held,
            stories=held - sum(corpus.stories.copies_by_source().values()),
            waiting=corpus.outbox.waiting(),
            given_up=corpus.outbox.given_up_count(),
            database=sizes(desk.config.corpus)[0],
            log=sizes(desk.config.corpus)[1],
            troubles=corpus.troubles.open(),
            untold=corpus.outbox.refused(OPERATOR_KINDS),
        )


def _row(desk: Desk, corpus: Corpus, source: str, last: Run | None, now: datetime) -> SourceStatus:
    history = history_of(desk, corpus, source, now, last)
    return SourceStatus(
        source=source,
        articles=corpus.articles.counts().get(source, 0),
        last=last,
        good=history.well,
        tally=corpus.runs.tally([last.id]) if last else Tally(),
        next_run=next_crawl(crawl_trigger(desk.config, source), last.started_at if last else None, now),
        incidents=history.incidents,
        alarms=history.alarms,
        meter=next(iter(corpus.meters.recent(source, 1)), None),
        stands=judged(history, now),
    )


def overview_json(seen: Overview) -> dict[str, object]:
    """Return all of it for scripts."""
    return {
        "at": seen.at.isoformat(),
        "daemon": seen.daemon,
        "waiting": seen.waiting,
        "given_up": seen.given_up,
        "others": seen.others,
        "away": away_json(seen.gone),
        "flickering": {"count": seen.flicker_count, "articles": list(seen.flickers)},
        "articles": seen.articles,
        "stories": seen.stories,
        "database_bytes": seen.database,
        "wal_bytes": seen.log,
        "sources": [_row_json(row) for row in seen.rows],
        "troubles": [trouble_json(trouble) for trouble in seen.troubles],
        "operator_error": seen.untold[0].error if seen.untold else "",
    }


def trouble_json(trouble: Trouble) -> dict[str, object]:
    """Return a trouble for scripts."""
    return {
        "number": trouble.id,
        "part": trouble.subject.part,
        "source": trouble.subject.name,
        "cause": trouble.cause,
        "gravity": trouble.gravity.name.lower(),
        "says": headline(trouble.subject, trouble.cause),
        "reasons": list(trouble.reasons),
        "since": trouble.opened_at.isoformat(),
        "well_since": trouble.well_since and trouble.well_since.isoformat(),
        "ended": trouble.ended_at and trouble.ended_at.isoformat(),
    }


def _row_json(row: SourceStatus) -> dict[str, object]:
    return {
        "source": row.source,
        "state": row.stands.state.value,
        "reasons": list(row.stands.reasons),
        "articles": row.articles,
        "last_run": row.last and run_json(row.last, row.tally),
        "last_good_run": row.good.started_at.isoformat() if row.good else None,
        "next_run": row.next_run.isoformat(),
        "incidents": _incidents_json(row.incidents),
        "texts": row.meter
        and {
            "run": row.meter.run_id,
            "texts": row.meter.texts,
            "counts": dict(row.meter.counts),
            "missed": dict(row.meter.missed),
        },
        "alarms": [
            {"what": alarm.what, "detail": alarm.detail, "since": alarm.opened_at.isoformat(), "times": alarm.times}
            for alarm in row.alarms
        ],
    }


def _incidents_json(incidents: Sequence[Incident]) -> list[dict[str, object]]:
    return [
        {
            "host": incident.host,
            "reason": incident.reason.value,
            "detail": incident.detail,
            "since": incident.opened_at.isoformat(),
            "until": incident.until.isoformat(),
            "times": incident.times,
        }
        for incident in incidents
    ]
