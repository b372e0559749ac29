"""`tonle import`: saved pages and copied texts into the corpus, through the same cleaning as crawled pages."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.cli.options import console, desk_of, progress
from app.desk import Desk
from app.files import article_in, read_saved
from core.errors import CrawlError, UsageError
from core.model import Draft, Lead, Outcome, Reason, Skipped, outcome_name
from core.site import Site, unknown_site
from pipelines.ingest import IMPORT, Ingest
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
    try:
        saved = read_saved(path)
    except UsageError as error:
        address = path.resolve().as_uri()
        lead = Lead((named or unknown_site()).name, address, address, IMPORT)
        return ingest.keep(Skipped(Reason.FAILED, str(error)), lead, desk.clock())
    result, site = article_in(saved, named, desk.sites.values(), desk.clock())
    key, url = (result.key, result.url) if isinstance(result, Draft) else (saved.url, saved.url)
    return ingest.keep(result, Lead(site.name, url, key, IMPORT), saved.written_at)


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
