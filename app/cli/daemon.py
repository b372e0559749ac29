"""`tonle daemon`: everything on schedule."""

from typing import Annotated

import typer

from app.child import Children
from app.cli.options import desk_of
from app.daemon import Daemon


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
    desk = desk_of(context)
    with desk.corpus() as store:
        Daemon(desk, store, Children(desk.config.crawl.stop_grace), waits=wait).run()
