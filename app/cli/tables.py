"""The tables that people see, and the same figures for scripts."""

from collections.abc import Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from app.cli.options import printable
from core.model import Tally
from crawler.crawl import CrawlReport
from storage.store import Store

_STATUS = {"finished": "[green]finished[/]", "stopped": "[yellow]stopped[/]", "failed": "[red]failed[/]"}
_NONE = "[dim]·[/]"
_SHOWN = (("saved", "new"), ("revised", "revised"), ("copy", "copies"), ("unchanged", "unchanged"))


def crawl_table(store: Store, reports: Sequence[CrawlReport], titles: Mapping[str, str]) -> Table:
    """Return what crawls brought: a line a source, skipped pages and unread listings with their reasons."""
    table = outcome_table("run")
    for report in reports:
        state = _STATUS.get(report.status, report.status)
        note = f"\n[dim]{escape(printable(report.error))}[/]" if report.status == "finished" and report.error else ""
        table.add_row(*cells(titles.get(report.source, report.source), tally_of(store, report)), state + note)
    return table


def outcome_table(*last: str, title: str | None = None) -> Table:
    """Return an empty table for outcomes by source, with further columns at its end."""
    table = Table(header_style="bold", title=title, title_justify="left", title_style="bold")
    table.add_column("source", no_wrap=True)
    for _, heading in _SHOWN:
        table.add_column(heading, justify="right")
    table.add_column("skipped, and why", overflow="fold")
    table.add_column("listings not read", overflow="fold")
    for heading in last:
        table.add_column(heading)
    return table


def cells(title: str, tally: Tally) -> list[str]:
    """Return the cells of a source's row in an outcome table."""
    counts = [_figure(tally.count(name)) for name, _ in _SHOWN]
    return [title, *counts, ranked(tally.reasons) or _NONE, ranked(tally.listings) or _NONE]


def ranked(reasons: Mapping[str, int]) -> str:
    """Return reasons with their numbers, the most frequent first."""
    pairs = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{number} {reason}" for reason, number in pairs)


def tally_of(store: Store, report: CrawlReport) -> Tally:
    """Return what became of the pages of a crawl."""
    with store.reading() as corpus:
        return corpus.runs.tally([report.run_id])


def tally_json(store: Store, report: CrawlReport) -> dict[str, object]:
    """Return the figures of a crawl for scripts."""
    tally = tally_of(store, report)
    counts = {name: tally.count(name) for name in ("saved", "revised", "copy", "unchanged", "skipped")}
    return {
        "source": report.source,
        "run": report.run_id,
        "status": report.status,
        "error": report.error,
        **counts,
        "reasons": dict(tally.reasons),
        "listings_not_read": dict(tally.listings),
    }


def _figure(number: int) -> str:
    return f"{number:,}" if number else _NONE
