"""`tonle daemon`: everything on schedule."""

import typer

from app.child import Children
from app.cli.options import desk_of
from app.daemon import Daemon


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("daemon")(daemon)


def daemon(context: typer.Context) -> None:
    """Crawl, alert and send digests on the schedules of the settings until SIGTERM. Exit code 6 if one runs already."""
    desk = desk_of(context)
    with desk.corpus() as store:
        Daemon(desk, store, Children(desk.config.crawl.stop_grace)).run()
