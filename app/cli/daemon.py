"""`tonle daemon`: everything on schedule."""

from typing import Annotated

import typer

from app.child import Children
from app.cli.options import desk_of, follow
from app.daemon import Daemon
from app.memory import keep_memory_together


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("daemon")(daemon)


def daemon(
    context: typer.Context,
    wait: Annotated[bool, typer.Option(help="Where another daemon works this corpus: wait, and take over.")] = True,
) -> None:
    """Crawl, alert and send digests on the schedules of the settings until SIGTERM.

    With --no-wait exit code 6 if another daemon works this corpus.
    """
    keep_memory_together()
    desk = desk_of(context)
    children = Children(desk.config.crawl.stop_grace)
    Daemon(desk, children, waits=wait, heed=lambda read: follow(context, read)).run()
