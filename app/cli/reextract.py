"""`tonle reextract`: the archived pages read again by the rules of today."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from app.cli.options import console, day, desk_of, printable, progress
from app.cli.tables import ranked
from app.desk import Desk
from app.memory import bound_memory
from app.reextract import Changed, Count, Finding, Rereading, Unreadable
from core.errors import StorageError
from core.site import Site
from core.text import shortened
from pipelines.corrections import Difference
from pipelines.workshop import Workshop

_MOST_LINES = 20
_MOST_PARAGRAPHS = 5  # told of a text in JSON, each way, and of each
_LONGEST = 100  # characters
_NONE = "[dim]·[/]"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reextract")(reextract)


def reextract(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Sources; all enabled ones if none is named.")] = None,
    since: Annotated[str | None, typer.Option(help="Only articles first seen since this day.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be corrected.")] = False,
    alerts: Annotated[bool, typer.Option("--alerts", help="Alert of rules that fire in a corrected text.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read the archived pages again by the rules of today, and keep what comes out otherwise as corrections.

    Exit code 4 if a page could not be read from the archive; the others are read all the same.
    """
    desk = desk_of(context)
    bound_memory(desk.config.crawl.memory)
    sites, first = desk.named(sources), day(since, desk)
    limits = desk.config.crawl
    processes = 1 if limits.processes is None else min(1, limits.processes)
    report = _Report(list_all=as_json)
    with (
        desk.corpus() as store,
        Workshop(
            desk.sites, processes, limits.reading.total_seconds(), most_pages=limits.max_document_pages
        ) as workshop,
    ):
        rereading = Rereading(store, desk.config, desk.sites, workshop, desk.clock, dry_run, alerts)
        with store.reading() as corpus:
            total = sum(corpus.articles.count_seen(name, first) for name in sites)
        with progress("re-reading", total) as done:
            for source, finding in _findings(rereading, sites, first):
                report.add(source, finding)
                done("")
    if as_json:
        typer.echo(json.dumps(report.as_json(dry_run=dry_run), ensure_ascii=False))
    else:
        _show(desk, report, dry_run=dry_run)
    if unreadable := sum(count.unreadable for count in report.counts.values()):
        raise StorageError(
            f"Pages that the archive does not give back: {unreadable}. Restore its files from a backup; the articles "
            "are kept as they are."
        )


def _findings(rereading: Rereading, sites: Mapping[str, Site], since: datetime | None) -> Iterator[tuple[str, Finding]]:
    for source in sites:
        for finding in rereading.findings(source, since):
            yield source, finding


@dataclass(slots=True)
class _Report:
    """What is told at the end: counts by source, what changed and what could not be read.

    Of the latter two only as many are remembered as are shown, unless all are listed.
    """

    list_all: bool
    counts: dict[str, Count] = field(default_factory=dict)
    changed: list[dict[str, object]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def add(self, source: str, finding: Finding) -> None:
        """Count what became of an article."""
        self.counts.setdefault(source, Count()).add(finding)
        if isinstance(finding, Unreadable) and (self.list_all or len(self.unreadable) < _MOST_LINES):
            self.unreadable.append(finding)
        if isinstance(finding, Changed) and self.list_all:
            self.changed.append(_row(source, finding))
        elif isinstance(finding, Changed) and len(self.lines) < _MOST_LINES:
            self.lines.append(_line(finding))

    def as_json(self, *, dry_run: bool) -> dict[str, object]:
        """Return the whole for scripts."""
        sources = [
            {
                "source": source,
                "articles": count.articles,
                "unchanged": count.unchanged,
                "changed": count.changed,
                "parts": dict(count.parts),
                "skipped": dict(count.skipped),
                "no_page": count.no_page,
                "unreadable": count.unreadable,
                "late_matches": dict(count.late),
            }
            for source, count in self.counts.items()
        ]
        unreadable = [{"id": each.article_id, "why": each.why} for each in self.unreadable]
        return {"dry_run": dry_run, "sources": sources, "changed": self.changed, "unreadable": unreadable}


def _row(source: str, finding: Changed) -> dict[str, object]:
    found = finding.difference
    return {
        "id": finding.article_id,
        "source": source,
        "label": finding.label,
        "parts": list(found.parts),
        "paragraphs_gone": len(found.gone),
        "paragraphs_added": len(found.added),
        "gone": [shortened(each, _LONGEST) for each in found.gone[:_MOST_PARAGRAPHS]],
        "added": [shortened(each, _LONGEST) for each in found.added[:_MOST_PARAGRAPHS]],
        "late_matches": list(finding.late),
    }


def _line(finding: Changed) -> str:
    label = escape(printable(shortened(finding.label, _LONGEST)))
    late = f" [magenta]late: {', '.join(finding.late)}[/]" if finding.late else ""
    return f"[bold cyan]{finding.article_id}[/]  {label}: [yellow]{_told(finding.difference)}[/]{late}"


def _told(found: Difference) -> str:
    """Return the parts that differ; behind the text how many paragraphs are gone, and were added."""
    paragraphs = f" (-{len(found.gone)} +{len(found.added)} paragraphs)"
    return ", ".join(part + paragraphs if part == "text" else part for part in found.parts)


def _show(desk: Desk, report: _Report, *, dry_run: bool) -> None:
    out = console()
    table = Table(header_style="bold")
    table.add_column("source", no_wrap=True)
    corrected = "to correct" if dry_run else "corrected"
    for heading in ("articles", "unchanged", corrected):
        table.add_column(heading, justify="right")
    for heading in (f"{corrected}: what", "left as they are, and why", "late matches"):
        table.add_column(heading, overflow="fold")
    for source, count in report.counts.items():
        table.add_row(
            desk.titles.get(source, source),
            *(f"{figure:,}" if figure else _NONE for figure in (count.articles, count.unchanged, count.changed)),
            *(ranked(each) or _NONE for each in (count.parts, _left(count), count.late)),
        )
    out.print(table)
    for line in report.lines:
        out.print(line, soft_wrap=True)
    _more(sum(count.changed for count in report.counts.values()))
    for each in report.unreadable:
        out.print(f"[bold cyan]{each.article_id}[/]  [red]{escape(printable(each.why))}[/]", soft_wrap=True)
    _more(sum(count.unreadable for count in report.counts.values()))


def _left(count: Count) -> dict[str, int]:
    """Return why articles are left as they are though their pages may say otherwise, with their numbers."""
    others = {"no page": count.no_page, "unreadable": count.unreadable}
    return {**count.skipped, **{why: number for why, number in others.items() if number}}


def _more(number: int) -> None:
    if number > _MOST_LINES:
        console().print(f"… and {number - _MOST_LINES:,} more; --json lists all")
