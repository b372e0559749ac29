"""The program itself, and the options that every command shares."""

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli.commands import Commands
from app.desk import Desk, open_desk
from app.handover import taken_over
from core.errors import UsageError
from core.log import Form, LogFile, set_up_logs
from core.observing import LogSettings
from crawler.agent import program_version

app = typer.Typer(
    name="tonle",
    cls=Commands,
    help="Watches what government, UN and civil society say about human rights in Cambodia.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def console() -> Console:
    """Return where a command shows its results: wide enough for a table where the output is not a terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 100)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tonle {program_version()}")
        raise typer.Exit


@app.callback()
def settings(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Settings file; TONLE_CONFIG, else ./config.yaml.")
    ] = None,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error; on standard error.")] = "",
    log_format: Annotated[str, typer.Option(help="console or json.")] = "",
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Remember where the settings are; each command reads them when it needs them."""
    if not gc.isenabled():  # as app/__main__.py left it; here the command is loaded
        gc.freeze()
        gc.enable()
    if log_level not in _LEVELS or log_format not in _FORMS:
        raise UsageError("--log-level is debug, info, warning or error; --log-format is console or json.")
    wish = LogWish(log_level, log_format, context.invoked_subcommand or "")
    wish.follow(LogSettings())  # until the settings are read, and for what goes wrong in reading them
    context.meta[_LOG] = wish
    context.obj = config


@dataclass(frozen=True, slots=True)
class LogWish:
    """What the command line says of the log; empty: nothing."""

    level: str = ""
    form: str = ""
    command: str = ""

    def follow(
        self, settings: LogSettings, data: Path | None = None, secrets: tuple[str, ...] = (), *, begins: bool = True
    ) -> None:
        """Set up the log as the command line says, else the settings; only the daemon's goes to a file.

        begins: the folder `data` may be made for it.
        """
        level = self.level or settings.level or _DEFAULTS.get(self.command, "warning")
        file = None
        if self.command == "daemon" and data and settings.file:
            file = LogFile(data / settings.file, settings.max_file, settings.keep, None if begins else data)
        set_up_logs(level, _FORMS[self.form] or settings.format, file, secrets)


_LOG = "tonle.log"
# A daemon's log is all that people see of it; a command shows its result, and a check-up all that it meets.
_DEFAULTS = {"daemon": "info", "doctor": "error"}
_LEVELS = frozenset({"", "debug", "info", "warning", "error"})
_FORMS: dict[str, Form | None] = {"": None, "console": "console", "json": "json"}


def printable(text: str) -> str:
    """Return a text from the web without characters that steer a terminal; search marks stay."""
    return "".join(c for c in text if c.isprintable() or c in "\x02\x03\n\u200b\u200c\u200d")


def desk_of(context: typer.Context) -> Desk:
    """Return the desk for the settings that the command line names."""
    path = context.obj
    desk = open_desk(path if isinstance(path, Path) else None)
    follow(context, desk)
    return desk


def desk_handed(context: typer.Context) -> Desk:
    """Return the desk with the settings that the daemon hands to this child on standard input."""
    desk = taken_over(sys.stdin.buffer.read())
    follow(context, desk)
    return desk


def follow(context: typer.Context, desk: Desk) -> None:
    """Set up the log as the command line says, else the settings of a desk."""
    wish = context.meta.get(_LOG)
    if isinstance(wish, LogWish):
        wish.follow(desk.config.log, desk.config.data, desk.config.secrets, begins=desk.begins)


def day(text: str | None, desk: Desk) -> datetime | None:
    """Return the moment that an option names: a day (midnight in the digest's zone) or an ISO time; UsageError else."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text}: write a day like 2026-03-31, or a time like 2026-03-31T07:30+07:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=desk.zone)


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator[Callable[[str], None]]:
    """Show progress on standard error while the block runs, if a person is watching.

    The block is given what counts one more done; its words become the description, none leave it as it is.
    """
    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield lambda _words: None
        return
    # Nobody else needs it, and it is one part in eighty of a crawl that finds nothing new.
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"))
    with Progress(*columns, TimeElapsedColumn(), console=errors, transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda words: bar.update(task, advance=1, description=words or None)
