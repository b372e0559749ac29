"""`tonle import`: saved pages, copied texts and WARC files into the corpus, cleaned as crawled pages are."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.archived import Contents, Places, Unpacking
from app.cli.options import console, desk_of, progress
from app.desk import Desk
from app.files import article_in, read_saved
from app.memory import bound_memory
from core.errors import CrawlError, UsageError
from core.model import Draft, Lead, Outcome, Reason, Skipped, outcome_name
from core.site import Site, unknown_site
from crawler.agent import agent
from crawler.archive import Archive
from crawler.archive.foreign import is_warc
from pipelines.ingest import IMPORT, Ingest
from pipelines.relate import Kinship
from storage.store import Store

_MOST_HOSTS = 5  # of those left out, so many are named in the table
Result = tuple[Path, Outcome | Contents]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import")(import_files)


def import_files(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="HTML, plain text or WARC files.")],
    source: Annotated[str | None, typer.Option(help="The source they come from; else each file is asked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Take files into the corpus, each once; rules are matched, but nobody is alerted of old texts.

    Of a WARC file the pages of the configured sources are taken. Exit code 3 if a file could not be read; the others
    are imported all the same.
    """
    desk = desk_of(context)
    bound_memory(desk.config.crawl.memory)
    named = desk.named([source])[source] if source else None
    results: list[Result] = []
    folder, settings = desk.config.evidence, desk.config.archive
    archive = Archive(folder, settings.max_file, desk.clock, agent(desk.config.contact))
    with desk.corpus() as store, closing(archive), progress("importing", len(files)) as done:
        run_id = _begin(store, desk, named)
        kinship, ages = Kinship(desk.config.duplicates), desk.config.crawl.revisit_after
        ingest = Ingest(store, run_id, desk.config.rules, ages, desk.clock, tells=False, kinship=kinship)
        places = Places([named] if named else desk.sites.values())
        unpacking = Unpacking(ingest, places, desk.config.crawl, archive if settings.keep else None)
        importing = _Importing(desk, ingest, unpacking, named)
        for path in files:
            results.append((path, importing.take(path)))
            done("")
        with store.transaction() as corpus:
            corpus.runs.finish(run_id, "finished", desk.clock())
    _show(results, as_json=as_json)
    unread = [str(path) for path, result in results if _is_unread(result)]
    if unread:
        raise CrawlError(f"Not read: {', '.join(unread)}.")


def _begin(store: Store, desk: Desk, site: Site | None) -> int:
    with store.transaction() as corpus:
        return corpus.runs.start(f"import-{site.name}" if site else "import", "import", desk.clock())


@dataclass(frozen=True, slots=True)
class _Importing:
    """What every file needs; named is the site that a person says all are of."""

    desk: Desk
    ingest: Ingest
    unpacking: Unpacking
    named: Site | None

    def take(self, path: Path) -> Outcome | Contents:
        """Return what became of a file, once its pages are in the corpus."""
        try:
            if is_warc(path):
                return self.unpacking.take(path)
            return self._saved(path)
        except OSError as error:
            return self._failed(path, f"{path}: {error.strerror}.")
        except UsageError as error:
            return self._failed(path, str(error))

    def _saved(self, path: Path) -> Outcome:
        saved, now = read_saved(path), self.desk.clock()
        result, site = article_in(saved, self.named, self.desk.sites.values(), now)
        key, url = (result.key, result.url) if isinstance(result, Draft) else (saved.url, saved.url)
        return self.ingest.keep(result, Lead(site.name, url, key, IMPORT), saved.written_at)

    def _failed(self, path: Path, why: str) -> Outcome:
        address = path.resolve().as_uri()
        lead = Lead((self.named or unknown_site()).name, address, address, IMPORT)
        return self.ingest.keep(Skipped(Reason.FAILED, why), lead, self.desk.clock())


def _is_unread(result: Outcome | Contents) -> bool:
    return isinstance(result, Skipped) and result.reason is Reason.FAILED


def _show(results: list[Result], *, as_json: bool) -> None:
    if as_json:
        counts = Counter[str]()
        for _, result in results:
            counts += result.outcomes if isinstance(result, Contents) else Counter([outcome_name(result)])
        rows = [{"file": str(path), **_row(result)} for path, result in results]
        typer.echo(json.dumps({"counts": counts, "files": rows}, ensure_ascii=False))
        return
    table = Table(header_style="bold")
    for heading in ("file", "outcome", "article or reason"):
        table.add_column(heading, overflow="fold")
    for path, result in results:
        if isinstance(result, Contents):
            table.add_row(path.name, "\n".join(_listed(result.outcomes)) or "no page of a source", _remarks(result))
        else:
            words = " ".join(str(part) for part in _detail(result).values())
            table.add_row(path.name, outcome_name(result), words)
    console().print(table)


def _row(result: Outcome | Contents) -> dict[str, object]:
    if not isinstance(result, Contents):
        return {"outcome": outcome_name(result), **_detail(result)}
    return {
        "outcomes": result.outcomes,
        "reasons": result.reasons,
        "other_answers": {str(status): count for status, count in sorted(result.other.items())},
        "left_out": dict(result.left_out.most_common()),
        "broken": [{"offset": each.offset, "why": each.why} for each in result.broken],
    }


def _remarks(contents: Contents) -> str:
    lines = _listed(contents.reasons)
    if contents.other:
        lines.append(f"no pages: {', '.join(f'{count} × HTTP {status}' for status, count in contents.other.items())}")
    if contents.left_out:
        hosts = contents.left_out.most_common(_MOST_HOSTS)
        more = ", …" if len(contents.left_out) > _MOST_HOSTS else ""
        named = ", ".join(f"{host} {count}" for host, count in hosts)
        lines.append(f"left out {contents.left_out.total()}: {named}{more}")
    if contents.broken:
        lines.append(f"broken records: {len(contents.broken)}")
    return "\n".join(lines)


def _listed(counts: Counter[str]) -> list[str]:
    return [f"{count} {word}" for word, count in counts.most_common()]


def _detail(outcome: Outcome) -> dict[str, object]:
    if isinstance(outcome, Skipped):
        return {"reason": outcome.reason.value, "detail": outcome.detail}
    return {"article": outcome.article_id}
