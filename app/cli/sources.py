"""`tonle sources`: the sources there are, and what it takes to add one."""

import json
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.table import Table

from app.cli.options import console, desk_of
from app.cli.sources_check import check
from app.cli.sources_golden import golden
from app.cli.sources_new import new
from app.desk import Desk
from core.model import Run
from core.site import Site

group = typer.Typer(help="The sources, and how to add one.")
group.command("check")(check)
group.command("new")(new)
group.command("golden")(golden)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="sources")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source as it is told: site as it is reached, how many articles are held, and the last run."""

    site: Site
    enabled: bool
    articles: int
    last: Run | None


@group.callback(invoke_without_command=True)
def sources(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the sources: where they are fetched, how items are found, what is held."""
    if context.invoked_subcommand:
        return
    desk = desk_of(context)
    rows = _rows(desk)
    if as_json:
        typer.echo(json.dumps({"sources": [_row_json(row) for row in rows]}, ensure_ascii=False))
        return
    table = Table(header_style="bold")
    for heading in ("source", "title", "fetched at", "found by", "articles", "last run"):
        table.add_column(heading, overflow="fold", justify="right" if heading == "articles" else "left")
    for row in rows:
        state = _last(row, desk) if row.enabled else "[dim]switched off[/]"
        found_by = ", ".join(dict.fromkeys(way.via for way in row.site.discovery))
        table.add_row(row.site.name, row.site.title, row.site.base, found_by, f"{row.articles:,}", state)
    console().print(table)


def _rows(desk: Desk) -> list[SourceRow]:
    names = dict.fromkeys((*desk.sites, *desk.known))
    if not desk.config.corpus.exists():
        # Looking at the list makes no corpus.
        return [SourceRow(_site(desk, name), name in desk.sites, 0, None) for name in names]
    with desk.corpus() as store, store.reading() as corpus:
        held = corpus.articles.counts()
        return [
            SourceRow(_site(desk, name), name in desk.sites, held.get(name, 0), corpus.runs.last(name))
            for name in names
        ]


def _site(desk: Desk, name: str) -> Site:
    return desk.sites.get(name) or desk.known[name]


def _last(row: SourceRow, desk: Desk) -> str:
    if row.last is None:
        return "never"
    return f"{row.last.started_at.astimezone(desk.zone):%Y-%m-%d %H:%M} {row.last.status}"


def _row_json(row: SourceRow) -> dict[str, object]:
    last = {"started_at": row.last.started_at.isoformat(), "status": row.last.status} if row.last else None
    return {
        "source": row.site.name,
        "title": row.site.title,
        "home": row.site.home,
        "base": row.site.base,
        "enabled": row.enabled,
        "discovery": [{"via": way.via, "url": way.url} for way in row.site.discovery],
        "articles": row.articles,
        "last_run": last,
    }
