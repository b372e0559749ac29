"""`tonle db prune`: forgetting what is old, by the section `retention` of config.yaml."""

import json
from typing import Annotated

import typer

from app.cli.options import console, desk_of, progress
from app.housekeeping import prune as pruned

_WORDS = {
    "outcomes": "outcomes of pages",
    "meters": "meters of runs",
    "runs": "runs",
    "deliveries": "messages that were sent",
    "listing_marks": "marks of listings",
    "listing_failures": "failures of listings",
    "validators": "validators of pages",
    "robots": "robots.txt files",
    "preview": "previews",
    "outbox": ".eml files of the outbox",
}
"""What tables and folders are called where people read of them."""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("prune")(prune)


def prune(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Then write the file anew, without the room left.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Forget what is older than `retention` says; never articles, revisions, matches or evidence."""
    desk = desk_of(context)
    with desk.corpus() as store:
        with progress("forgetting") as told:
            gone = pruned(desk, store, is_dry=dry_run, told=told)
        before = desk.config.corpus.stat().st_size
        if compact and not dry_run:
            store.compact()
        after = desk.config.corpus.stat().st_size
    numbers = {**gone.rows, **gone.files}
    if as_json:
        answer = {
            "dry_run": dry_run,
            "rows": dict(gone.rows),
            "files": dict(gone.files),
            "before": before,
            "bytes": after,
        }
        typer.echo(json.dumps(answer))
        return
    out = console()
    would = "Would go" if dry_run else "Gone"
    for name, number in numbers.items():
        out.print(f"{would}: {number:,} {_WORDS[name]}.")
    if not numbers:
        out.print("Nothing is older than `retention` in config.yaml says.")
    if compact and not dry_run:
        out.print(f"The corpus has {after / 1e6:,.1f} MB, and had {before / 1e6:,.1f} MB.")
