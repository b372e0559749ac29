"""`tonle import`: saved pages and copied texts into the corpus, through the same cleaning as crawled pages."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.cli.extract import is_markup, text_of
from app.cli.options import console, desk_of, progress
from app.desk import Desk
from core.errors import CrawlError
from core.model import Draft, Lead, Outcome, Page, Reason, Skipped, outcome_name
from core.site import Site, unknown_site
from core.urls import article_address
from pipelines.decode import decoded, parsed
from pipelines.ingest import Ingest
from pipelines.plaintext import PlainPage, process_text, site_of_text
from pipelines.process import process
from storage.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_files)


def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="HTML or plain text files.")],
    source: Annotated[str | None, typer.Option(help="The source they come from; else each file is asked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Take files into the corpus, each once; rules are matched, but nobody is alerted of old texts.

    Exit code 3 if a file could not be read; the others are imported all the same.
    """
    desk = desk_of(context)
    named = desk.named([source])[source] if source else None
    results: list[tuple[Path, Outcome]] = []
    with desk.corpus() as store, progress("importing", len(files)) as bar:
        run_id = _begin(store, desk, named)
        ingest = Ingest(store, run_id, desk.config.rules, desk.config.crawl.revisit_after, desk.clock, tells=False)
        for path in files:
            results.append((path, _import(desk, ingest, path, named)))
            bar.update(bar.task_ids[0], advance=1)
        with store.transaction() as corpus:
            corpus.runs.finish(run_id, "finished", desk.clock())
    _show(results, as_json=as_json)
    unread = [str(path) for path, outcome in results if _is_unread(outcome)]
    if unread:
        raise CrawlError(f"Not read: {', '.join(unread)}.")


def _begin(store: Store, desk: Desk, site: Site | None) -> int:
    with store.transaction() as corpus:
        return corpus.runs.start(f"import-{site.name}" if site else "import", "import", desk.clock())


def _import(desk: Desk, ingest: Ingest, path: Path, named: Site | None) -> Outcome:
    address = path.resolve().as_uri()
    try:
        body = path.read_bytes()
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        name = named.name if named else unknown_site().name
        return ingest.keep(
            Skipped(Reason.FAILED, error.strerror or str(error)), Lead(name, address, address, "import"), desk.clock()
        )
    result, site = _read(desk, body, PlainPage("", address, written), named)
    key, url = (result.key, result.url) if isinstance(result, Draft) else (address, address)
    return ingest.keep(result, Lead(site.name, url, key, "import"), written)


def _read(desk: Desk, body: bytes, file: PlainPage, named: Site | None) -> tuple[Draft | Skipped, Site]:
    if not is_markup(body):
        text = text_of(body)
        site = named or site_of_text(text, desk.sites.values(), unknown_site())
        return process_text(PlainPage(text, file.url, file.written_at), site), site
    page = Page(file.url, 200, {"content-type": "text/html"}, body, file.written_at)
    site = named or _site_of_page(desk, page)
    return process(page, site), site


def _site_of_page(desk: Desk, page: Page) -> Site:
    """Return the site whose article a saved page says it is (canonical link, og:url), else the unknown site."""
    tree = parsed(decoded(page))
    said = (
        tree.xpath('//link[@rel="canonical"]/@href | //meta[@property="og:url"]/@content') if tree is not None else []
    )
    for address in said:
        for site in desk.sites.values():
            if article_address(site, str(address)):
                return site
    return unknown_site()


def _is_unread(outcome: Outcome) -> bool:
    return isinstance(outcome, Skipped) and outcome.reason is Reason.FAILED


def _show(results: list[tuple[Path, Outcome]], *, as_json: bool) -> None:
    counts = Counter(outcome_name(outcome) for _, outcome in results)
    if as_json:
        rows = [{"file": str(path), "outcome": outcome_name(outcome), **_detail(outcome)} for path, outcome in results]
        typer.echo(json.dumps({"counts": counts, "files": rows}, ensure_ascii=False))
        return
    table = Table(header_style="bold")
    for heading in ("file", "outcome", "article or reason"):
        table.add_column(heading, overflow="fold")
    for path, outcome in results:
        table.add_row(path.name, outcome_name(outcome), " ".join(str(part) for part in _detail(outcome).values()))
    console().print(table)


def _detail(outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Skipped):
        return {"reason": outcome.reason.value, "detail": outcome.detail}
    return {"article": outcome.article_id}
