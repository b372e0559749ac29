"""`tonle subscribers`: who is told, since when, and who does not want more."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.options import console, desk_of
from app.desk import Desk
from core.audience import Subscriber
from core.errors import UsageError
from core.owed import Subscription
from storage.store import Corpus

group = typer.Typer(help="Who is told, and who does not want more.")
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_CRON = re.compile(r"(\d+) (\d+) \* \* (\*|1-5|[0-6])")
_NONE = "[dim]·[/]"
_NAME = Annotated[str, typer.Argument(help="The subscriber's name in config.yaml.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="subscribers")


@dataclass(frozen=True, slots=True)
class Row:
    """One subscriber as it is told: settings are None for one that config.yaml has no more.

    known is None for one that nothing was owed to yet.
    """

    name: str
    settings: Subscriber | None
    known: Subscription | None
    last_sent: datetime | None


@group.callback(invoke_without_command=True)
def subscribers(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the subscribers: channel, rules, schedule, since when, the last message, and who does not want more."""
    if context.invoked_subcommand:
        return
    desk = desk_of(context)
    rows = _rows(desk)
    if as_json:
        typer.echo(json.dumps({"subscribers": [_row_json(row) for row in rows]}, ensure_ascii=False))
    else:
        _show(rows, desk)


def _show(rows: Sequence[Row], desk: Desk) -> None:
    out = console()
    out.print(_table(rows, desk) if rows else "There are no subscribers: `subscribers` in config.yaml is empty.")
    if former := [row.name for row in rows if row.settings is None]:
        out.print(f"Not in config.yaml any more: {', '.join(former)}.", markup=False, soft_wrap=True)


@group.command()
def leave(context: typer.Context, name: _NAME) -> None:
    """Send a subscriber nothing more, as if they had unsubscribed. config.yaml stays as it is."""
    desk = desk_of(context)
    with desk.corpus() as store, store.transaction() as corpus:
        now = desk.clock()
        if _found(corpus, desk, name) is None:
            corpus.subscribers.join(name, corpus.reach(), now)
        has_left = corpus.subscribers.leave(name, now)
    told = f"{name} gets nothing more." if has_left else f"{name} had left before."
    console().print(told, markup=False, soft_wrap=True)


@group.command()
def rejoin(context: typer.Context, name: _NAME) -> None:
    """Send a subscriber who left messages again, of what comes from now on."""
    desk = desk_of(context)
    with desk.corpus() as store, store.transaction() as corpus:
        _found(corpus, desk, name)
        is_back = corpus.subscribers.rejoin(name, corpus.reach(), desk.clock())
    told = f"{name} hears of what comes from now on." if is_back else f"{name} had not left."
    console().print(told, markup=False, soft_wrap=True)
    if all(each.name != name for each in desk.config.subscribers):
        console().print("config.yaml names no such subscriber: nothing is sent until it does.", soft_wrap=True)


def _found(corpus: Corpus, desk: Desk, name: str) -> Subscription | None:
    """Return what is known of a subscriber, None for one of config.yaml alone. Raises UsageError for anybody else."""
    known = corpus.subscribers.by_name(name)
    names = [each.name for each in desk.config.subscribers]
    if known is None and name not in names:
        raise UsageError(f"Unknown subscriber `{name}`; in {desk.path}: {', '.join(names) or 'none'}.")
    return known


def _rows(desk: Desk) -> list[Row]:
    """Return the subscribers of config.yaml in its order, then those that were once there."""
    settings = {each.name: each for each in desk.config.subscribers}
    known: Mapping[str, Subscription] = {}
    sent: Mapping[str, datetime] = {}
    if desk.config.corpus.exists():  # looking at the list makes no corpus
        with desk.corpus() as store, store.reading() as corpus:
            known = {each.name: each for each in corpus.subscribers.all()}
            sent = corpus.subscribers.last_sent()
    names = dict.fromkeys((*settings, *known))
    return [Row(name, settings.get(name), known.get(name), sent.get(name)) for name in names]


def _table(rows: Sequence[Row], desk: Desk) -> Table:
    table = Table(header_style="bold")
    for heading in ("name", "channel", "rules", "schedule", "since", "last message", "left"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "rules")
    for row in rows:
        since = row.known.joined_at if row.known else None
        left = row.known.left_at if row.known else None
        table.add_row(
            escape(row.name),
            *_settings(row.settings),
            _moment(since, desk) or "[dim]not yet[/]",
            _moment(row.last_sent, desk) or _NONE,
            f"[yellow]{_moment(left, desk)}[/]" if left else _NONE,
        )
    return table


def _settings(settings: Subscriber | None) -> tuple[str, str, str]:
    if settings is None:
        return _NONE, _NONE, _NONE
    rules = ", ".join(settings.rules) or "all"
    return escape(settings.channel), escape(rules), escape("\n".join(map(_told_when, settings.schedule)))


def _told_when(when: str) -> str:
    """Return when a subscriber is told, as people write it: `daily 07:30`."""
    found = _CRON.fullmatch(when)
    if not found:
        return when
    minute, hour, days = found.groups()
    named = {"*": "daily", "1-5": "weekdays"}.get(days) or f"weekly {_DAYS[int(days)].lower()}"
    return f"{named} {int(hour):02}:{int(minute):02}"


def _moment(moment: datetime | None, desk: Desk) -> str:
    return f"{moment.astimezone(desk.zone):%Y-%m-%d %H:%M}" if moment else ""


def _row_json(row: Row) -> dict[str, object]:
    known, settings = row.known, row.settings
    return {
        "name": row.name,
        "channel": settings.channel if settings else None,
        "rules": list(settings.rules) if settings else None,
        "schedule": list(settings.schedule) if settings else None,
        "joined_at": known.joined_at.isoformat() if known else None,
        "last_sent": row.last_sent.isoformat() if row.last_sent else None,
        "left_at": known.left_at.isoformat() if known and known.left_at else None,
    }
