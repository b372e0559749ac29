"""`tonle status`: what came, from where, and what is next."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.absences import away, away_json, away_lines
from app.cli.options import console, desk_of, printable
from app.cli.tables import ranked
from app.desk import Desk
from app.schedule import next_crawl
from core.health import Alarm, Incident, Meter
from core.model import Run, Tally
from core.timetable import crawl_trigger
from notify.phrases import number_of
from pipelines.meter import LEAKING, ODD, UNDATED, UNLAID, UNREAD
from storage.lock import is_held
from storage.store import Corpus, Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


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


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show each source's last run, what came of it, and when it is next crawled."""
    desk = desk_of(context)
    with desk.corpus() as store:
        with store.reading() as corpus:
            rows = [_row(desk, corpus, source) for source in desk.sites]
            others = {name: number for name, number in corpus.articles.counts().items() if name not in desk.sites}
            gone = away(corpus)
            flickering = [flicker.article_id for flicker in corpus.flickers.newest(_FLICKERS)]
            flickers = corpus.flickers.count()
            held = sum(corpus.articles.counts().values())
            stories = held - sum(corpus.stories.copies_by_source().values())
            waiting, refused = corpus.outbox.waiting(), corpus.outbox.given_up_count()
        rows = [replace(row, last=_ended(desk, store, row.last)) for row in rows]
    runs = is_held(desk.lock("daemon"))
    if as_json:
        answer = {
            "daemon": runs,
            "waiting": waiting,
            "given_up": refused,
            "others": others,
            "away": away_json(gone),
            "flickering": {"count": flickers, "articles": flickering},
            "articles": held,
            "stories": stories,
            "sources": [_json(row) for row in rows],
        }
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    out = console()
    out.print(_table(desk, rows, daemon=runs))
    out.print("The daemon is running." if runs else "No daemon is running: next runs are when one would crawl.")
    for line in (*_troubles(desk, rows), *away_lines(gone, desk)):
        out.print(line, soft_wrap=True)
    if flickers:
        out.print(_flickering(flickering, flickers), soft_wrap=True)
    for name, number in others.items():
        out.print(f"Also in the corpus: {number:,} from {name}.")
    if stories != held:
        out.print(f"The corpus holds {number_of(held, 'article')} in {stories:,} stories (`tonle duplicates`).")
    if waiting or refused:
        out.print(f"Messages waiting: {waiting}; refused for good: {refused}.")


def _troubles(desk: Desk, rows: list[SourceStatus]) -> Iterator[str]:
    """Yield which hosts refuse, then which sources' texts need a look."""
    yield from (_refused(desk, incident) for row in rows for incident in row.incidents)
    yield from (_alarmed(desk, alarm) for row in rows for alarm in row.alarms)


def _flickering(newest: list[int], count: int) -> str:
    pages = "The page of one article shows" if count == 1 else f"The pages of {count} articles show"
    numbers = ", ".join(map(str, newest)) + (", …" if count > len(newest) else "")
    return f"{pages} two states in turn, of which no further revisions are made: {numbers}."


def _row(desk: Desk, corpus: Corpus, source: str) -> SourceStatus:
    last = corpus.runs.last(source)
    return SourceStatus(
        source=source,
        articles=corpus.articles.counts().get(source, 0),
        last=last,
        good=corpus.runs.last(source, "finished"),
        tally=corpus.runs.tally([last.id]) if last else Tally(),
        next_run=next_crawl(crawl_trigger(desk.config, source), last.started_at if last else None, desk.clock()),
        incidents=corpus.incidents.open(source),
        alarms=corpus.meters.alarms(source),
        meter=next(iter(corpus.meters.recent(source, 1)), None),
    )


def _ended(desk: Desk, store: Store, run: Run | None) -> Run | None:
    """Return a run with its true end: one that is called running, and whose lock nobody holds, was killed.

    A crawl notes its end before it lets go of its lock: only what is read after that can tell the two apart.
    """
    if run is None or run.status != "running" or is_held(desk.lock(run.source)):
        return run
    with store.reading() as corpus:
        again = corpus.runs.by_id(run.id)
    return replace(again, status="killed") if again and again.status == "running" else again


def _refused(desk: Desk, incident: Incident) -> str:
    left = f"left alone until {incident.until.astimezone(desk.zone):%d %b %H:%M}"
    then = left if incident.until > desk.clock() else "the next crawl asks again"
    since = f"{incident.opened_at.astimezone(desk.zone):%d %b %H:%M}"
    why = f"{incident.reason}{f', {escape(printable(incident.detail))}' if incident.detail else ''}"
    return f"[yellow]{incident.host} has refused tonle since {since} ({why}): {then}.[/]"


def _alarmed(desk: Desk, alarm: Alarm) -> str:
    since = f"{alarm.opened_at.astimezone(desk.zone):%d %b %H:%M}"
    title = desk.titles.get(alarm.source, alarm.source)
    return f"[yellow]The texts of {escape(title)} need a look since {since}: {escape(printable(alarm.detail))}[/]"


def _table(desk: Desk, rows: list[SourceStatus], *, daemon: bool) -> Table:
    table = Table(header_style="bold")
    for heading in ("source", "articles", "last run", "what came", "last good run", "next run"):
        table.add_column(heading, justify="right" if heading == "articles" else "left")
    now = desk.clock()
    for row in rows:
        last = f"{_ago(row.last.started_at, now)}\n{row.last.status}" if row.last else "never"
        good = _ago(row.good.started_at, now) if row.good else "never"
        soon = "due" if row.next_run <= now else row.next_run.astimezone(desk.zone).strftime("%d %b %H:%M")
        error = f"\n[red]{escape(printable(row.last.error))}[/]" if row.last and row.last.error else ""
        title = desk.titles[row.source]
        table.add_row(
            title,
            f"{row.articles:,}",
            last,
            _came(row.tally) + _measured(row.meter) + error,
            good,
            soon if daemon else f"[dim]{soon}[/]",
        )
    return table


def _came(tally: Tally) -> str:
    parts = [f"{tally.count(name)} {word}" for name, word in _WORDS if tally.count(name)]
    if skipped := tally.count("skipped"):
        parts.append(f"{skipped} skipped ({ranked(tally.reasons)})")
    if tally.listings:
        parts.append(f"listings not read: {ranked(tally.listings)}")
    return ", ".join(parts) or "nothing new"


def _measured(meter: Meter | None) -> str:
    """Return how the newest texts came out: clean, or how many of them did not."""
    if meter is None:
        return ""
    parts = [f"{word} {meter.count(name)}" for name, word in _MEASURES if meter.count(name)]
    return f"\n[dim]newest texts {meter.texts}, {', '.join(parts) or 'all clean'}[/]"


_FLICKERS = 5  # of which the numbers are shown
_MEASURES = (
    (LEAKING, "with another's headline"),
    (ODD, "of odd size"),
    (UNDATED, "undated"),
    (UNLAID, "without a layout"),
    (UNREAD, "pages unread"),
)
_WORDS = (("saved", "new"), ("revised", "revised"), ("copy", "copies"), ("unchanged", "unchanged"))


def _ago(moment: datetime, now: datetime) -> str:
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} h ago"
    return f"{passed.days} d ago"


def _json(row: SourceStatus) -> dict[str, object]:
    last = row.last
    return {
        "source": row.source,
        "articles": row.articles,
        "last_run": last
        and {
            "id": last.id,
            "status": last.status,
            "error": last.error,
            "started_at": last.started_at.isoformat(),
            "finished_at": last.finished_at.isoformat() if last.finished_at else None,
            "outcomes": dict(row.tally.outcomes),
            "reasons": dict(row.tally.reasons),
            "listings_not_read": dict(row.tally.listings),
        },
        "last_good_run": row.good.started_at.isoformat() if row.good else None,
        "next_run": row.next_run.isoformat(),
        "incidents": [
            {
                "host": incident.host,
                "reason": incident.reason.value,
                "detail": incident.detail,
                "since": incident.opened_at.isoformat(),
                "until": incident.until.isoformat(),
                "times": incident.times,
            }
            for incident in row.incidents
        ],
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
