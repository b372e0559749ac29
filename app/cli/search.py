"""`tonle search` and `tonle show`: reading the corpus."""

import json
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from app.cli.extract import as_json as article_json
from app.cli.options import console, desk_of, printable
from app.desk import Desk
from core.errors import UsageError
from core.model import Article


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("search")(search)
    app.command("show")(show)


def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(help='Words, all of which must stand in a text; "phrases" in quotes.')],
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Find articles by their words, the best first."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        hits = corpus.search.find(" ".join(query), limit, source)
    out = console()
    for hit in hits:
        if as_json:
            plain = hit.snippet.replace("\x02", "").replace("\x03", "")
            typer.echo(json.dumps(_row(hit.article) | {"snippet": plain}, ensure_ascii=False))
            continue
        marked = escape(printable(hit.snippet)).replace("\x02", "[bold yellow]").replace("\x03", "[/]")
        out.print(f"[bold cyan]{hit.article.id}[/]  [bold]{escape(printable(hit.article.label))}[/]", soft_wrap=True)
        out.print(f"   [dim]{hit.article.source} · {_when(hit.article, desk)}[/]")
        out.print(Padding(marked, (0, 0, 1, 3)))
    if not hits and not as_json:
        out.print("Nothing found.")


def show(
    context: typer.Context,
    article: Annotated[int, typer.Argument(metavar="ID", help="The number of an article.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show one article: its text, where it came from, its revisions and copies."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        found = corpus.articles.by_id(article)
        if found is None:
            raise UsageError(f"There is no article {article}; `tonle search` lists numbers.")
        revisions = corpus.articles.revisions(article)
    if as_json:
        states = [
            {"number": each.number, "fetched_at": each.fetched_at.isoformat(), "title": each.title}
            for each in revisions
        ]
        copies = [{"source": each.source, "url": each.url} for each in found.copies]
        whole = article_json(found, found.source) | _row(found) | {"revisions": states, "copies": copies}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    _print(desk, found, len(revisions))


def _print(desk: Desk, article: Article, revisions: int) -> None:
    out = console()
    out.print(f"[bold]{escape(printable(article.label))}[/]")
    authors = f" · {', '.join(article.authors)}" if article.authors else ""
    out.print(f"[dim]{article.source} · {escape(printable(_when(article, desk) + authors))}[/]")
    out.print(f"[blue]{escape(printable(article.url))}[/]", soft_wrap=True)
    if revisions > 1:
        out.print(f"[yellow]revision {article.revision} of {revisions}, read {_local(article.fetched_at, desk)}[/]")
    if article.missing_since:
        out.print(f"[red]its page has been missing since {_local(article.missing_since, desk)}; the text is kept[/]")
    for copy in article.copies:
        out.print(f"[dim]also at {escape(printable(copy.url))}[/]", soft_wrap=True)
    for paragraph in article.text.splitlines():
        out.print(Padding(escape(printable(paragraph)), (1, 0, 0, 0)))
    if article.notes:
        out.print(Padding("[dim]Notes[/]", (1, 0, 0, 0)))
        for note in article.notes:
            out.print(f"[dim]{escape(printable(note))}[/]")


def _row(article: Article) -> dict[str, object]:
    published = article.published_at.isoformat() if article.published_at else None
    missing = article.missing_since.isoformat() if article.missing_since else None
    return {
        "id": article.id,
        "source": article.source,
        "title": article.title,
        "url": article.url,
        "published_at": published,
        "first_seen": article.first_seen.isoformat(),
        "fetched_at": article.fetched_at.isoformat(),
        "revision": article.revision,
        "missing_since": missing,
    }


def _when(article: Article, desk: Desk) -> str:
    return _local(article.published_at, desk) if article.published_at else "no date given"


def _local(moment: datetime, desk: Desk) -> str:
    return moment.astimezone(desk.zone).strftime("%d %B %Y, %H:%M").lstrip("0")
