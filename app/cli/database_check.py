"""`tonle db check`: whether the corpus and its archive are whole."""

import json
from typing import Annotated

import typer

from app.cli.options import console, desk_of, progress
from app.soundness import Looked, look
from core.errors import StorageError
from notify.phrases import number_of


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("check")(check)


def check(
    context: typer.Context,
    archive: Annotated[
        bool, typer.Option("--archive", help="Read every archived page and file, not a sample.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check file, references, search index, stories and archive. Exit code 4 with what is wrong, and what to do."""
    desk = desk_of(context)
    with desk.corpus() as store, progress("reading the archive") as told:
        looked = look(desk, store, is_thorough=archive, told=told)
    if as_json:
        answer = {
            "corpus": str(desk.config.corpus),
            "sound": not looked.problems,
            "problems": list(looked.problems),
            "pages_read": looked.read,
            "pages": looked.of,
            "files": looked.files,
            "files_read": looked.files if archive else 0,
        }
        typer.echo(json.dumps(answer, ensure_ascii=False))
    if looked.problems:
        raise StorageError(f"{desk.config.corpus}: {' '.join(looked.problems)}")
    if not as_json:
        out = console()
        out.print(f"{desk.config.corpus} is sound.", markup=False, soft_wrap=True)
        for line in _archive(looked):
            out.print(line, markup=False, soft_wrap=True)


def _archive(looked: Looked) -> list[str]:
    if not looked.of and not looked.files:
        return []
    if looked.is_thorough:
        read = f"all {number_of(looked.of, 'archived page')} were read, {number_of(looked.files, 'file')} by sum"
        return [f"The archive is whole: {read}."]
    sample = f"of {number_of(looked.of, 'archived page')} the newest {looked.read:,} were read"
    return [f"The archive: {sample}, {number_of(looked.files, 'file')} by size; --archive reads everything."]
