"""`tonle config`: whether the settings are right, and letting the daemon read them anew."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import console, desk_of
from core.errors import UsageError
from storage.lock import holder_of, may_hold

group = typer.Typer(help="The settings.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="config")


@group.callback()
def config() -> None:
    """Hold the group together."""


@group.command("reload")
def reload(context: typer.Context) -> None:
    """Let the daemon read the settings anew, if they are right; crawls that are running go on as they are."""
    desk = desk_of(context)
    process = holder_of(desk.lock("daemon"))
    if process is None:
        raise UsageError("No daemon works this corpus: the next one to start reads the settings.")
    ask(process, desk.lock("daemon"))
    typer.echo(f"Process {process} reads {desk.path} anew.")


def ask(process: int, lock: Path, send: Callable[[int, int], None] = os.kill) -> None:
    """Tell a process that signed a lock to read the settings anew. Raises UsageError where it is not to be had."""
    elsewhere = UsageError(
        f"The daemon of this corpus is process {process} in another container or on another machine, and not here: ask "
        "it where it runs."
    )
    if not may_hold(process, lock):
        raise elsewhere
    try:
        send(process, signal.SIGHUP)
    except ProcessLookupError as error:
        raise elsewhere from error
    except PermissionError as error:
        raise UsageError(
            f"The daemon (process {process}) is another user's: ask it as the user that it runs as, or as root."
        ) from error


@group.command()
def check(
    context: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing if all is well.")] = False,
) -> None:
    """Read the settings and the sites as every command does; exit code 2, with file and line, if one is wrong."""
    desk = desk_of(context)
    if quiet:
        return
    out = console()
    out.print(f"{desk.path}: the settings are right.", markup=False, soft_wrap=True)
    for name, site in desk.sites.items():
        out.print(f"  {name}: {site.base}, one request every {site.politeness.delay.total_seconds():g} s", markup=False)
    out.print(f"  corpus: {desk.config.corpus}", markup=False, soft_wrap=True)
    out.print(f"  rules: {', '.join(rule.name for rule in desk.config.rules) or 'none'}", markup=False)
    if not desk.config.contact:
        out.print("  note: no `contact` is set; a live crawl should tell the sites whom to write to.", markup=False)
