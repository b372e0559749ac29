"""`tonle deliveries`: what is owed to people and could not be handed over, and sending it again."""

import json
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.groups import Listing
from app.cli.options import console, desk_of, printable
from app.desk import Desk
from core.errors import DeliveryError, UsageError
from notify.causes import headline
from notify.delivery import deliver_due
from notify.phrases import Reader, number_of
from storage.outbox import DeliveryState
from storage.store import Corpus

_SHOWN = 20


class State(StrEnum):
    """Which messages are listed."""

    OPEN = "open"
    WAITING = "waiting"
    DEAD = "dead"
    SENT = "sent"
    ALL = "all"


_Ids = Annotated[list[int] | None, typer.Argument(help="Numbers from `tonle deliveries`.", show_default=False)]
_Every = Annotated[bool, typer.Option("--all", help="All that were given up.")]

group = typer.Typer(cls=Listing, invoke_without_command=True, help="Messages owed to people, and what became of them.")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(group, name="deliveries")


@group.command("list")
def listed(
    context: typer.Context,
    state: Annotated[State, typer.Option(help="open is what waits and what was given up.")] = State.OPEN,
    subscriber: Annotated[str | None, typer.Option(help="Only what is owed to one.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="So many of each state, the newest.")] = _SHOWN,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List what waits to be sent and why, and what was given up; or what was sent."""
    desk = desk_of(context)
    states = ("dead", "waiting") if state is State.OPEN else (state.value,)
    with desk.corpus() as store, store.reading() as corpus:
        found = {each: corpus.outbox.listed(each, limit, subscriber) for each in states}
        numbers = {each: corpus.outbox.number(each, subscriber) for each in states}
        named = {each.id: _named(corpus, each) for rows in found.values() for each in rows}
    if as_json:
        rows = [_json(each, named[each.id]) for state_rows in found.values() for each in state_rows]
        typer.echo(json.dumps({"numbers": numbers, "deliveries": rows}, ensure_ascii=False, indent=2))
        return
    _print(desk, found, numbers, named)


@group.command("send")
def send(context: typer.Context) -> None:
    """Send what is due now, as the daemon does each minute. Exit code 5 if a message could not be handed over."""
    desk = desk_of(context)
    with desk.corpus() as store:
        report = deliver_due(store, desk.config, desk.titles, desk.clock)
        with store.reading() as corpus:
            waiting = corpus.outbox.number("waiting")
    typer.echo(f"{number_of(report.sent, 'message')} sent, {waiting:,} waiting.")
    if report.postponed or report.given_up:
        raise DeliveryError(
            f"{number_of(report.postponed, 'message')} will be tried again, {report.given_up:,} given up: "
            "tonle deliveries says why."
        )


@group.command("resend")
def resend(context: typer.Context, ids: _Ids = None, every: _Every = False) -> None:
    """Owe messages again that were given up: due at once, with the same Message-ID, so that none arrives twice."""
    desk = desk_of(context)
    with desk.corpus() as store, store.transaction() as corpus:
        again = corpus.outbox.resend(_given_up(corpus, ids, every=every), desk.clock())
    typer.echo(f"{number_of(len(again), 'message')} due again: the daemon sends what is due, or tonle deliveries send.")


@group.command("dismiss")
def dismiss(context: typer.Context, ids: _Ids = None, every: _Every = False) -> None:
    """Let go of messages that were given up: they are never sent, and no longer named as trouble."""
    desk = desk_of(context)
    now = desk.clock()
    with desk.corpus() as store, store.transaction() as corpus:
        gone = corpus.outbox.dismissed(_given_up(corpus, ids, every=every), "dismissed by hand: never sent", now)
    typer.echo(f"{number_of(len(gone), 'message')} dismissed: tonle deliveries --state sent still names them.")


def _given_up(corpus: Corpus, ids: Sequence[int] | None, *, every: bool) -> Sequence[int]:
    """Return the messages that are meant, if all of them were given up."""
    if bool(ids) == every:
        raise UsageError("Name the numbers of messages that were given up (tonle deliveries lists them), or say --all.")
    dead = {each.id for each in corpus.outbox.listed("dead", corpus.outbox.number("dead") + 1)}
    if unknown := sorted(set(ids or ()) - dead):
        raise UsageError(f"Not given up: {', '.join(map(str, unknown))}. tonle deliveries --state dead lists these.")
    return ids or sorted(dead)


def _named(corpus: Corpus, delivery: DeliveryState) -> str:
    """Return what a message tells of."""
    if delivery.kind == "alert":
        match = corpus.matches.by_id(delivery.ref)
        return f"{match.rule}: {match.article.label}" if match else f"match {delivery.ref}"
    if delivery.kind == "summary":
        return f"{len(corpus.outbox.members(delivery.id)):,} alerts in one"
    if delivery.kind == "trouble":
        told = [headline(report.trouble.subject, report.cause) for report in corpus.troubles.message(delivery.ref)]
        return f"alarm: {'; '.join(told)}"
    if delivery.kind == "heartbeat":
        return "heartbeat"
    period = corpus.digests.by_id(delivery.ref)
    return f"digest of {number_of(max(0, period.upto - period.after), 'article')}" if period else "digest"


def _print(
    desk: Desk, found: Mapping[str, Sequence[DeliveryState]], numbers: Mapping[str, int], named: Mapping[int, str]
) -> None:
    out, reader = console(), Reader(desk.titles, desk.zone)
    if not any(numbers.values()):
        out.print("Nothing waits and nothing was given up." if "dead" in found else "None.")
        return
    for state, rows in found.items():
        if not rows:
            continue
        table = Table(header_style="bold", title=_title(state, numbers[state]), title_justify="left")
        for heading in ("no.", "to", "what", "since", "tries", _LAST[state]):
            table.add_column(heading, justify="right" if heading in {"no.", "tries"} else "left", overflow="fold")
        for each in rows:
            since = reader.when(each.created_at) if each.created_at else ""
            cells = (each.subscriber or "(config.yaml)", named[each.id], since)
            text = [escape(printable(cell)) for cell in cells]
            table.add_row(str(each.id), *text, str(each.attempts), escape(printable(_last(each, state, reader))))
        out.print(table)
        if (more := numbers[state] - len(rows)) > 0:
            out.print(f"[dim]and {number_of(more, 'other')}: --limit shows more[/]")
    if numbers.get("dead"):
        out.print("[dim]tonle deliveries resend NO., or resend --all, tries these again; dismiss lets go of them.[/]")


_LAST = {"waiting": "next try, and why", "dead": "given up", "sent": "sent", "all": "what became of it"}


def _title(state: str, number: int) -> str:
    words = {"waiting": "Waiting", "dead": "Given up", "sent": "Sent", "all": "All"}
    return f"{words[state]}: {number:,}"


def _last(delivery: DeliveryState, state: str, reader: Reader) -> str:
    told = f": {delivery.error}" if delivery.error else ""
    if delivery.given_up_at:
        return f"{reader.when(delivery.given_up_at)}{told}"
    if delivery.sent_at:
        within = f" in no. {delivery.merged_id}" if delivery.merged_id else ""
        return f"{reader.when(delivery.sent_at)}{within}{told}"
    if delivery.merged_id:
        return f"part of no. {delivery.merged_id}"
    return f"{'waits, ' if state == 'all' else ''}{reader.when(delivery.next_attempt)}{told}"


def _json(delivery: DeliveryState, what: str) -> dict[str, object]:
    moments = {
        name: moment.isoformat() if moment else None
        for name, moment in (
            ("created_at", delivery.created_at),
            ("next_attempt", delivery.next_attempt),
            ("sent_at", delivery.sent_at),
            ("given_up_at", delivery.given_up_at),
        )
    }
    return {
        "id": delivery.id,
        "key": delivery.key,
        "kind": delivery.kind,
        "subscriber": delivery.subscriber,
        "what": what,
        "attempts": delivery.attempts,
        "part_of": delivery.merged_id,
        "error": delivery.error,
        **moments,
    }
