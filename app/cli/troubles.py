"""`tonle troubles`: what is wrong with sources and machine, since when, and what was before."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.markup import escape

from app.cli.options import console, desk_of, printable
from app.cli.overview import trouble_json
from core.errors import UsageError
from core.trouble import Gravity, Report, Trouble
from notify.bulletin import duration
from notify.causes import SECTION, cause_of, commands, headline
from notify.phrases import Reader
from storage.store import Corpus

_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("troubles")(troubles)


def troubles(
    context: typer.Context,
    number: Annotated[int | None, typer.Argument(help="One of them: all of it.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many, the newest.")] = _SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List what is wrong with sources and machine, and what was: since when, why, and what the operator was told."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        found = _one(corpus, number) if number is not None else _newest(corpus, limit)
        told = {each.id: corpus.troubles.reports_of(each.id) for each in found}
    if as_json:
        rows = [trouble_json(each) | {"told": [_report_json(report) for report in told[each.id]]} for each in found]
        typer.echo(json.dumps({"troubles": rows}, ensure_ascii=False, indent=2))
        return
    out, reader = console(), Reader(desk.titles, desk.zone)
    if not found:
        out.print("Nothing is wrong, and nothing was.")
    for each in found:
        lines = _whole(each, told[each.id], reader) if number is not None else _line(each, reader)
        for line in lines:
            out.print(line, soft_wrap=not out.is_terminal)


def _one(corpus: Corpus, number: int) -> tuple[Trouble, ...]:
    found = corpus.troubles.by_id(number)
    if found is None:
        raise UsageError(f"There is no trouble {number}: `tonle troubles` lists them.")
    return (found,)


def _newest(corpus: Corpus, limit: int) -> tuple[Trouble, ...]:
    """Return what is open, then what is over, the newest first."""
    is_open = reversed(corpus.troubles.open())
    return (*is_open, *(each for each in corpus.troubles.recent(limit) if each.ended_at))[:limit]


def _line(each: Trouble, reader: Reader) -> Iterator[str]:
    since = reader.when(each.opened_at)
    said = escape(printable(headline(each.subject, each.cause)))
    if each.ended_at:
        yield f"[dim]{each.id}  over: {said}; from {since}, for {duration(each.ended_at - each.opened_at)}[/]"
        return
    style = "bold red" if each.gravity is Gravity.WRONG else "yellow"
    calm = "; nothing was wrong in the last look" if each.well_since else ""
    yield f"{each.id}  [{style}]open:[/] {said}; since {since}{calm}"


def _whole(each: Trouble, told: tuple[Report, ...], reader: Reader) -> Iterator[str]:
    yield from _line(each, reader)
    yield from (f"  {escape(printable(reason))}" for reason in each.reasons)
    known = cause_of(each.cause)
    yield f"What it means: {known.meaning}"
    yield f"What to do: {known.remedy}"
    yield from (f"  {escape(command)}" for command in commands(each.subject, each.cause))
    for report in told:
        message = f"message {report.message}" if report.message else "nobody was to be told"
        when = f"told {reader.when(report.told_at)}, {message}" if report.told_at else "not told yet"
        yield f"{reader.when(report.at)}: {report.event}, {report.cause}; {when}."
    yield f"More: {SECTION}."


def _report_json(report: Report) -> dict[str, object]:
    return {
        "event": report.event.value,
        "cause": report.cause,
        "reasons": list(report.reasons),
        "at": report.at.isoformat(),
        "told_at": report.told_at and report.told_at.isoformat(),
        "message": report.message,
    }
