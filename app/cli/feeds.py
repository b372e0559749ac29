"""`tonle feeds`: the feeds written now."""

import typer
from rich.markup import escape

from app.cli.options import console, desk_of
from notify.feeds import write_feeds
from notify.phrases import number_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("feeds")(feeds)


def feeds(context: typer.Context) -> None:
    """Write the Atom and JSON feeds now, of all stories and of each rule, and say where they are.

    A file whose feed is as it was stays untouched.
    """
    desk = desk_of(context)
    settings = desk.config.feeds.model_copy(update={"enabled": True})
    config = desk.config.model_copy(update={"feeds": settings})
    with desk.corpus() as store:
        report = write_feeds(store, config, desk.titles, desk.clock())
    out = console()
    for path in sorted((*report.written, *report.unchanged)):
        state = "written" if path in report.written else "[dim]as it was[/]"
        out.print(f"{escape(str(path))}  {state}", soft_wrap=True)
    if settings.url:
        out.print(f"Public at {escape(settings.url)}/", soft_wrap=True)
    if report.left:
        what = number_of(len(report.left), "file")
        out.print(f"Left as they are, {what} of rules that config.yaml has no more; delete what nobody reads:")
    for path in report.left:
        out.print(f"  {escape(str(path))}", soft_wrap=True)
    if not desk.config.feeds.enabled:
        out.print("The daemon does not write them: `feeds.enabled` is false.")
