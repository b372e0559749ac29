"""`tonle status`: how each source stands, what came, and what is next."""

import json
import sys
from typing import Annotated

import typer
from rich.console import Group

from app.cli.options import console, desk_of
from app.cli.overview import overview, overview_json
from app.cli.status_screen import screen
from app.cli.watching import watched
from core.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with everything.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every two seconds; q ends.")] = False,
) -> None:
    """Show how each source stands, what its last run brought, and when it is next crawled."""
    desk = desk_of(context)
    if watch and (as_json or not sys.stdout.isatty()):
        raise UsageError("--watch needs a terminal; `tonle status --json` tells it once.")
    with desk.corpus() as store:
        if watch:
            watched(lambda: Group(*screen(desk, overview(desk, store))))
            return
        seen = overview(desk, store)
    if as_json:
        typer.echo(json.dumps(overview_json(seen), ensure_ascii=False))
        return
    out = console()
    for part in screen(desk, seen):
        # A terminal breaks lines between words, a file keeps them whole.
        out.print(part, soft_wrap=isinstance(part, str) and not out.is_terminal)
