"""`tonle doctor`: whether everything is as it should be, and what to do where it is not."""

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.options import console, desk_of, printable
from app.doctor.examining import CHECKS, examine, findings_json
from app.doctor.finding import Finding, Level, Patient, wrong
from core.errors import ConfigError

_STYLES = {Level.OK: "green", Level.LOOK: "yellow", Level.WRONG: "bold red"}
_WRONG = 7
"""The exit code where something is wrong."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nothing of the network.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Seconds that a check may take.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check settings, machine, corpus, daemon, channels and sources, and say what to do. Exit code 7: one is wrong.

    Each source is asked for robots.txt and one listing, the mail server for a login. Nothing is sent, kept or changed.
    """
    try:
        patient = Patient(desk_of(context), os.environ, timedelta(seconds=limit))
    except ConfigError as error:
        found: Sequence[tuple[str, Finding]] = [("config", wrong(str(error), "mend that, then ask again"))]
    else:
        found = examine(patient, offline=offline)
    if as_json:
        typer.echo(json.dumps(findings_json(found), ensure_ascii=False))
    else:
        _show(found)
    if any(one.level is Level.WRONG for _, one in found):
        raise typer.Exit(_WRONG)


def _show(found: Sequence[tuple[str, Finding]]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, width=max(map(len, CHECKS)))
    table.add_column(overflow="fold")
    for name, one in found:
        remedy = f"\n[bold]→ {escape(printable(one.remedy))}[/]" if one.remedy else ""
        said = escape(printable(one.says))
        table.add_row(f"[{_STYLES[one.level]}]{one.level}[/]", name, f"{said}{remedy}")
    console().print(table)
