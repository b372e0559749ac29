"""`tonle runs`: what was crawled when, what came of it, and all that is known of one run."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.cli.options import console, desk_of, printable
from app.cli.tables import ranked
from app.desk import Desk
from app.judged import why
from app.run_logs import read_run_log, run_log
from core.errors import UsageError
from core.health import Alarm, Meter
from core.model import Run, Tally
from core.text import shortened
from notify.phrases import number_of
from storage.lock import is_held
from storage.runs import LISTING
from storage.store import Store

_LIMIT = 20
_NOTE = 160  # characters of what a run says of itself, in the list
_WORDS = (
    ("saved", "new", "new"),
    ("revised", "revised", "revised"),
    ("copy", "copy", "copies"),
    ("unchanged", "unchanged", "unchanged"),
)
_ORDER = ("saved", "revised", "copy", "unchanged", "skipped", LISTING)
_STYLES = {"finished": "green", "running": "cyan", "stopped": "yellow", "failed": "red", "killed": "red"}
_SPEECHLESS = "its process is gone and did not say how it ended"
_FIXED = frozenset({"timestamp", "event", "level", "source", "run", "exception"})

Outcome = tuple[str, str, str, str]
"""Address, what became of it, reason and detail."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("runs")(runs)


def runs(  # one parameter an option
    context: typer.Context,
    run_id: Annotated[int | None, typer.Argument(metavar="[ID]", help="The number of a run: all of it.")] = None,
    source: Annotated[str | None, typer.Option(help="Only runs of this source.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only runs that failed or were killed.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = _LIMIT,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the newest crawls; with the number of one show its pages, its texts, its alarms and its log."""
    desk = desk_of(context)
    if run_id is not None:
        _show_one(desk, run_id, as_json=as_json)
        return
    with desk.corpus() as store:
        with store.reading() as corpus:
            listed = corpus.history.runs(limit, source, bad=failed)
            tallies = corpus.history.tallies(run.id for run in listed)
            known = source is None or source in desk.known or source in {name for name, _ in corpus.history.counts()}
        found = tuple(true_end(desk, store, run) for run in listed)
    if not known:
        raise UsageError(f"Unknown source `{source}`; known: {', '.join(sorted(desk.known))}.")
    if as_json:
        told = [run_json(run, tallies.get(run.id, Tally())) for run in found]
        typer.echo(json.dumps({"runs": told}, ensure_ascii=False))
        return
    console().print(_table(desk, found, tallies) if found else "No such run." if source or failed else "No run yet.")


def true_end(desk: Desk, store: Store, run: Run) -> Run:
    """Return a run with its true end: one that is called running, and whose lock nobody holds, was killed.

    A crawl notes its end before it lets go of its lock: only what is read after that can tell the two apart.
    """
    if run.status != "running" or is_held(desk.lock(run.source)):
        return run
    with store.reading() as corpus:
        again = corpus.runs.by_id(run.id) or run
    return replace(again, status="killed", error=again.error or _SPEECHLESS) if again.status == "running" else again


def came(tally: Tally) -> str:
    """Return in words what became of the pages of a run."""
    counts = [(tally.count(name), one, many) for name, one, many in _WORDS]
    parts = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    if skipped := tally.count("skipped"):
        parts.append(f"{skipped:,} skipped ({ranked(tally.reasons)})")
    if tally.listings:
        parts.append(f"listings not read: {ranked(tally.listings)}")
    return ", ".join(parts) or "nothing new"


def lasted(span: timedelta) -> str:
    """Return how long something took: `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    seconds = int(span.total_seconds())
    if seconds < 1:
        return f"{span // timedelta(milliseconds=1)} ms"
    minutes, rest = divmod(seconds, 60)
    if minutes == 0:
        return f"{rest} s"
    hours, left = divmod(minutes, 60)
    return f"{hours} h {left} min" if hours else f"{minutes} min {rest} s"


def run_json(run: Run, tally: Tally) -> dict[str, object]:
    """Return a run for scripts."""
    took = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    return {
        "id": run.id,
        "source": run.source,
        "trigger": run.trigger,
        "status": run.status,
        "error": run.error,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "seconds": took,
        "outcomes": dict(tally.outcomes),
        "reasons": dict(tally.reasons),
        "listings_not_read": dict(tally.listings),
    }


def _table(desk: Desk, found: tuple[Run, ...], tallies: dict[int, Tally]) -> Table:
    table = Table(header_style="bold")
    table.add_column("run", justify="right", no_wrap=True)
    for heading in ("source", "when", "status", "what came, or why not"):
        table.add_column(heading, overflow="fold")
    for run in found:
        style = _STYLES.get(run.status, "default")
        tally = tallies.get(run.id, Tally())
        table.add_row(
            str(run.id),
            run.source,
            f"{_moment(run.started_at, desk):%d %b %H:%M}\n[dim]{_took(run, desk)}, {_trigger(run)}[/]",
            f"[{style}]{run.status}[/]",
            _told(run, tally),
        )
    return table


def _told(run: Run, tally: Tally) -> str:
    """Return what came of a run; of one that failed, why, in words: what it said itself stands with the run."""
    if run.status in {"failed", "killed"}:
        reason = f"[red]{escape(why(run.error, tally))}[/]"
        return f"{came(tally)}\n{reason}" if tally.outcomes else reason
    note = shortened(printable(" ".join(run.error.split())), _NOTE)
    return f"{came(tally)}\n[dim]{escape(note)}[/]" if note else came(tally)


def _show_one(desk: Desk, run_id: int, *, as_json: bool) -> None:
    with desk.corpus() as store:
        with store.reading() as corpus:
            found = corpus.runs.by_id(run_id)
            tally, pages = corpus.runs.tally([run_id]), corpus.runs.outcomes(run_id)
            meter, alarms = corpus.history.meter(run_id), corpus.history.alarms(run_id)
        if found is None:
            raise UsageError(f"There is no run {run_id}: `tonle runs` lists them.")
        run = true_end(desk, store, found)
    events = read_run_log(desk.config.data, run_id)
    if as_json:
        told = run_json(run, tally) | {
            "pages": [dict(zip(("url", "what", "reason", "detail"), page, strict=True)) for page in pages],
            "texts": meter and {"texts": meter.texts, "counts": dict(meter.counts), "missed": dict(meter.missed)},
            "alarms": [_alarm_json(alarm) for alarm in alarms],
            "log": list(events),
        }
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    out = console()
    _head(out, desk, run, tally)
    _pages(out, pages)
    for line in (*_measured(meter), *_alarmed(alarms, desk)):
        out.print(printable(line), markup=False, soft_wrap=True)
    _log(out, desk, run_id, events)


def _head(out: Console, desk: Desk, run: Run, tally: Tally) -> None:
    title = printable(desk.titles.get(run.source, run.source))
    out.print(f"[bold]Run {run.id}[/]: {escape(title)} ({run.source}), {_trigger(run)}")
    style = _STYLES.get(run.status, "default")
    began = f"{_moment(run.started_at, desk):%d %b %Y %H:%M:%S}"
    out.print(f"  began {began}, took {_took(run, desk)}: [{style}]{run.status}[/]", soft_wrap=True)
    for line in run.error.splitlines():
        out.print(
            f"  {printable(line)}", markup=False, soft_wrap=True, style=None if run.status == "finished" else "red"
        )
    out.print(f"  {came(tally)}", markup=False, soft_wrap=True)


def _pages(out: Console, pages: tuple[Outcome, ...]) -> None:
    ranks = {what: rank for rank, what in enumerate(_ORDER)}

    def kind(page: Outcome) -> tuple[int, str, str]:
        return ranks.get(page[1], len(ranks)), page[1], page[2]

    for (_, what, reason), group in groupby(sorted(pages, key=kind), kind):
        listed = list(group)
        name = "listings not read" if what == LISTING else what
        out.print(f"[bold]{escape(name)}{f', {escape(reason)}' if reason else ''}[/]: {len(listed):,}")
        for url, _, _, detail in listed:
            told = f"  {detail}" if detail else ""
            out.print(printable(f"  {url}{told}"), markup=False, soft_wrap=True)


def _measured(meter: Meter | None) -> Iterator[str]:
    if meter is None:
        return
    counts = ", ".join(f"{count} {name}" for name, count in meter.counts.items()) or "all clean"
    yield f"texts measured: {meter.texts:,}, {counts}"
    for selector, count in meter.missed.items():
        yield f"  nothing found by {selector}: {number_of(count, 'page')}"


def _alarmed(alarms: tuple[Alarm, ...], desk: Desk) -> Iterator[str]:
    for alarm in alarms:
        over = f"over since {_moment(alarm.closed_at, desk):%d %b %H:%M}" if alarm.closed_at else "still open"
        yield f"alarm {alarm.what} ({over}): {alarm.detail}"


def _log(out: Console, desk: Desk, run_id: int, events: tuple[dict[str, Any], ...]) -> None:
    if not events:
        out.print("No log of this run is kept.")
        return
    out.print(f"[bold]log[/]: {escape(str(run_log(desk.config.data, run_id)))}", soft_wrap=True)
    for event in events:
        out.print(_line(event, desk), markup=False, soft_wrap=True)


def _line(event: dict[str, Any], desk: Desk) -> str:
    try:
        when = f"{_moment(datetime.fromisoformat(str(event.get('timestamp'))), desk):%H:%M:%S}"
    except ValueError:
        when = "        "
    rest = " ".join(
        f"{name}={value}" for name, value in event.items() if name not in _FIXED and value is not None and value != ""
    )
    level = str(event.get("level", "")).ljust(7)
    first = f"  {when} {level} {event.get('event')}  {rest}".rstrip()
    lines = [first, *(f"    {line}" for line in str(event.get("exception", "")).splitlines())]
    return "\n".join(map(printable, lines))


def _alarm_json(alarm: Alarm) -> dict[str, object]:
    closed = alarm.closed_at.isoformat() if alarm.closed_at else None
    return {"what": alarm.what, "detail": alarm.detail, "since": alarm.opened_at.isoformat(), "over": closed}


def _moment(moment: datetime, desk: Desk) -> datetime:
    return moment.astimezone(desk.zone)


def _trigger(run: Run) -> str:
    return {"schedule": "on schedule", "manual": "by hand", "part": "by hand, in part"}.get(run.trigger, run.trigger)


def _took(run: Run, desk: Desk) -> str:
    if run.finished_at:
        return lasted(run.finished_at - run.started_at)
    return f"{lasted(max(timedelta(), desk.clock() - run.started_at))} so far" if run.status == "running" else "unknown"
