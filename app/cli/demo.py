"""`tonle demo`: the whole program at work on a replica of the sites on this machine."""

import json
import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from app.child import Children
from app.cli.digest import write_preview
from app.cli.options import console, progress
from app.cli.tables import cells, outcome_table
from app.desk import Desk, open_desk
from app.replica import ReplicaProcess, running_replica
from core.errors import CrawlError, UsageError
from core.model import Match
from core.site import load_sites
from crawler import SITES
from notify.delivery import deliver_due
from notify.periods import owe_digest, preview
from storage.store import Store

_MARK = ".tonle-demo"
_LIMIT = timedelta(minutes=5)
_GRACE = timedelta(seconds=10)
_RULES = """\
rules:
  - name: land-rights
    any: ["land activist*", "land defender*", eviction*, evicted]
  - name: civic-space
    any: ["civic space", "freedom of expression", association*, "human rights defender*"]
    none: [football]
  - name: un-experts
    any: ["UN expert*", "special rapporteur"]
    sources: [ohchr, ohchr-cambodia]
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[Path | None, typer.Option(help="Where the demo keeps its files; emptied first.")] = None,
) -> None:
    """Show tonle at work, without internet: crawl a replica of the sites, let it change, crawl again.

    The sites are replicas on 127.0.0.1 and their stories are invented.
    """
    place = _emptied(folder or Path(os.environ.get("TONLE_DATA") or ".") / "demo-data")
    out = console()
    with ExitStack() as stack:
        replica = stack.enter_context(running_replica())
        settings = _settings(place, replica)
        environ = _of_its_own(os.environ)
        desk = open_desk(settings, environ)
        children = Children(_GRACE, environ)
        out.print("[bold]tonle demo[/]: a replica of each site is running on 127.0.0.1; its stories are invented.\n")
        _round(out, desk, children, "first")
        changed = replica.advance()
        _show_changes(out, desk, changed)
        _round(out, desk, children, "second")
        with desk.corpus() as store:
            _show_noticed(out, store)
            _show_alerts(out, desk, store)
    _show_paths(out, desk)


def _of_its_own(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without settings of tonle: those of the user lead to the user's own corpus."""
    return {name: value for name, value in environ.items() if not name.startswith("TONLE_")}


def _emptied(place: Path) -> Path:
    """Return the folder, empty; raises UsageError rather than emptying a folder that is not a demo's."""
    place = place.resolve()
    if place.exists() and any(place.iterdir()):
        if not (place / _MARK).exists():
            raise UsageError(f"{place} holds something else than a demo; name another folder with --folder.")
        shutil.rmtree(place)
    place.mkdir(parents=True, exist_ok=True)
    (place / _MARK).touch()
    return place


def _settings(place: Path, replica: ReplicaProcess) -> Path:
    sources = "".join(f"  {name}: {{base_url: '{address}', delay: 0s}}\n" for name, address in replica.sites.items())
    # What the replica does not serve would be asked for live.
    sources += "".join(f"  {name}: {{enabled: false}}\n" for name in load_sites(SITES) if name not in replica.sites)
    path = place / "config.yaml"
    path.write_text(f"# Written by tonle demo.\ndata: data\ncontact: demo@localhost\nsources:\n{sources}{_RULES}")
    return path


def _round(out: Console, desk: Desk, children: Children, name: str) -> None:
    title = f"{name.capitalize()} crawl"
    with progress(title):
        ended = children.run(desk.path, ["crawl", "--json"], _LIMIT)
    if ended.code != 0:
        raise CrawlError(f"{title} ended with exit code {ended.code}: {ended.last_words}")
    table = outcome_table(title=title)
    with desk.corpus() as store:
        for row in json.loads(ended.output)["sources"]:
            with store.reading() as corpus:
                table.add_row(*cells(desk.titles[row["source"]], corpus.runs.tally([row["run"]])))
        out.print(table)
        html, text = preview(store, desk.config, desk.titles, desk.clock())
        write_preview(desk.config.data / f"digest-{name}", html, text)
        owe_digest(store, desk.config, desk.titles, desk.clock())
        deliver_due(store, desk.config, desk.titles, desk.clock)


def _show_changes(out: Console, desk: Desk, changed: Mapping[str, Mapping[str, list[str]]]) -> None:
    out.print("\nMeanwhile the sites changed:")
    for source, changes in changed.items():
        told = ", ".join(f"{len(paths)} {what}" for what, paths in changes.items() if paths) or "nothing"
        out.print(f"  {desk.titles[source]}: {told}")
    out.print()


def _show_noticed(out: Console, store: Store) -> None:
    with store.reading() as corpus:
        articles = corpus.articles.newest(1000)
    out.print("\n[bold]Edits and withdrawals that were noticed[/] (the older texts: tonle show NUMBER --revision 1)")
    for article in sorted(articles, key=lambda article: article.id):
        what = "its page is missing; its text is kept" if article.missing_since else f"revision {article.revision}"
        if article.missing_since or article.edits:
            out.print(f"  [cyan]{article.id:>3}[/]  [yellow]{what}:[/] {escape(article.label)}", soft_wrap=True)


def _show_alerts(out: Console, desk: Desk, store: Store) -> None:
    with store.reading() as corpus:
        found = corpus.matches.newest(1000)
    # Of a story one version is told of, whoever else carries it.
    matches = [match for match in found if match.is_told]
    out.print(f"\n[bold]Alerts that fired: {len(matches)}[/] (each with the passage that fired it; the newest)")
    for match in matches[:_SHOWN_ALERTS]:
        out.print(f"  [bold cyan]{match.rule}[/]  {escape(match.article.label)}", soft_wrap=True)
        outlet = desk.titles.get(match.article.source, match.article.source)
        out.print(Padding(f"[dim]{outlet}:[/] {_marked(match)}", (0, 0, 0, 5)))
    if len(matches) > _SHOWN_ALERTS:
        out.print(f"  … and {len(matches) - _SHOWN_ALERTS} more")


_SHOWN_ALERTS = 6
_AROUND = 60  # characters on either side of the words that matched


def _marked(match: Match) -> str:
    text = match.passage.text
    start, end = match.passage.spans[0] if match.passage.spans else (0, 0)
    first = text.rfind(" ", 0, max(0, start - _AROUND)) + 1
    last = text.find(" ", min(len(text), end + _AROUND))
    last = len(text) if last < 0 else last
    before, after = ("…" if first else "") + text[first:start], text[end:last] + ("…" if last < len(text) else "")
    return f"{escape(before)}[bold yellow]{escape(text[start:end])}[/]{escape(after)}"


def _show_paths(out: Console, desk: Desk) -> None:
    data = desk.config.data
    settings = shlex.quote(_near(desk.path))
    out.print("\n[bold]Look at[/]")
    for what, path in (
        ("digest, HTML", data / "digest-first" / "digest.html"),
        ("digest, text", data / "digest-first" / "digest.txt"),
        ("second digest", data / "digest-second" / "digest.html"),
        ("as sent", data / "outbox"),
        ("corpus", desk.config.corpus),
    ):
        out.print(f"  {what:<14} {_near(path)}", markup=False, soft_wrap=True)
    out.print("\n[bold]Try[/]")
    for command in ("search 'land activists'", "show 1", "status", "digest --since 2026-01-01"):
        out.print(f"  {_program(sys.argv[0], os.environ)} -c {settings} {command}", markup=False, soft_wrap=True)


def _near(path: Path) -> str:
    """Return a path as people type it: from here, unless the way from the root is shorter."""
    return min(os.path.relpath(path), str(path.absolute()), key=len)


def _program(called: str, environ: Mapping[str, str]) -> str:
    """Return how a person calls the program that is running, so that it works on the demo's own corpus."""
    is_path = os.sep in called and Path(called).name == "tonle"
    program = shlex.quote(_near(Path(called))) if is_path else "tonle"
    # In the environment it goes before what the demo's settings say; empty it counts for nothing.
    return f"TONLE_DATA= {program}" if environ.get("TONLE_DATA") else program
