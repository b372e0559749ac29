"""`tonle extract`: what tonle reads off one page; nothing is stored."""

import json
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.options import console, desk_of, printable
from app.desk import Desk
from app.files import article_in, explained_in, read_saved
from app.memory import bound_memory
from core.errors import CrawlError, UsageError
from core.model import Article, Draft, Reason, Skipped
from core.site import Site
from core.urls import split
from crawler.crawl import Crawling
from crawler.job import Wish
from crawler.spiders.news import leads_for
from pipelines.explain import Explained
from storage.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("extract")(extract)


def extract(
    context: typer.Context,
    page: Annotated[str, typer.Argument(help="A saved page (HTML or text), or an address.")],
    source: Annotated[str, typer.Option(help="The source whose layouts apply.")],
    url: Annotated[str | None, typer.Option(help="The address that a saved page came from.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Each block or line of a saved page: kept or dropped, and why.")
    ] = False,
) -> None:
    """Print what is read off one page as a JSON object; store nothing. Exit code 1 if there is no article on it."""
    desk = desk_of(context)
    bound_memory(desk.config.crawl.memory)
    site = desk.named([source])[source]
    if explain:
        _explain(Path(page), site, desk, url)
        return
    if split(page):
        result: Article | Draft | Skipped = _fetched(desk, site, page)
    else:
        result, _ = article_in(read_saved(Path(page)), site, (), desk.clock(), url)
    typer.echo(json.dumps(as_json(result, source), ensure_ascii=False, indent=2))
    if isinstance(result, Skipped):
        raise typer.Exit(1)


def _explain(path: Path, site: Site, desk: Desk, url: str | None) -> None:
    if split(str(path)):
        raise UsageError("--explain reads a saved page; `tonle page ID --annotated` explains one that is held.")
    found = explained_in(read_saved(path), site, desk.clock(), url, partial(desk.heard, site.name))
    show(found)
    if isinstance(found.result, Skipped):
        raise typer.Exit(1)


def show(found: Explained) -> None:
    """Print what became of each block of a page."""
    out = console()
    if isinstance(found.result, Skipped):
        out.print(f"[yellow]no article:[/] {found.result.reason.value} {escape(found.result.detail)}")
    table = Table(box=None, padding=(0, 1), show_header=False)
    for verdict in found.verdicts:
        mark, style = ("[green]+[/]", "") if verdict.is_kept else ("[red]-[/]", "dim")
        mark, style = ("[blue]=[/]", "bold") if verdict.is_headline else (mark, style)
        why = f"[dim]{escape(verdict.layer)}: {escape(verdict.rule)}[/]" if not verdict.is_kept else ""
        table.add_row(
            mark, f"[{style}]{escape(printable(verdict.text))}[/]" if style else escape(printable(verdict.text)), why
        )
    out.print(table)
    what = ("block" if found.blocks else "line") + ("" if found.kept == 1 else "s")
    dropped = sum(not verdict.is_kept and not verdict.is_headline for verdict in found.verdicts)
    out.print(f"{found.kept} {what} kept, {dropped} dropped")


def as_json(result: Draft | Article | Skipped, source: str) -> dict[str, object]:
    """Return what was read off a page, or why nothing was, for scripts; the text has one paragraph a line."""
    if isinstance(result, Skipped):
        return {"source": source, "skipped": result.reason.value, "detail": result.detail}
    return {
        "source": result.source,
        "url": result.url,
        "title": result.title,
        "authors": list(result.authors),
        "published_at": _iso(result.published_at),
        "modified_at": _iso(result.modified_at),
        "language": result.language,
        "section": result.section,
        "kind": result.kind,
        "text": result.text,
        "notes": list(result.notes),
        "links": list(result.links),
        "tags": list(result.tags),
        "dateline": result.dateline,
        "credits": list(result.credits),
        "remarks": list(result.remarks),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _fetched(desk: Desk, site: Site, url: str) -> Article | Skipped:
    """Fetch one address as a crawl does, robots.txt and all, into a corpus that is thrown away."""
    leads = leads_for(site, [url])
    if not leads:
        raise UsageError(f"{url} is not an address of {site.name} ({site.base}).")
    with TemporaryDirectory(prefix="tonle-") as folder:
        config = desk.config.model_copy(update={"data": Path(folder)})
        store = Store.open(config.corpus)
        try:
            (report,) = Crawling(store, config, desk.clock).crawl({site.name: (site, Wish(leads=leads))})
            return _stored(store, report.run_id, report.error)
        finally:
            store.close()


def _stored(store: Store, run_id: int, error: str) -> Article | Skipped:
    with store.reading() as corpus:
        for article in corpus.articles.newest(1):
            return article
        for _, _, reason, detail in corpus.runs.outcomes(run_id):
            return Skipped(Reason(reason), detail)
    raise CrawlError(error or "The page was not fetched.")
