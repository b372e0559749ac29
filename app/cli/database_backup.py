"""`tonle db backup` and `tonle db restore`: copies of the corpus, and putting them back."""

import json
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from app.cli.options import console, desk_of, progress
from app.desk import Desk
from app.safekeeping import (
    Evidence,
    archive_beside,
    evidence_of,
    make_backup,
    put_back_archive,
    put_back_backup,
    refuse_faults,
)
from crawler.archive.mirror import Mirrored
from notify.phrases import number_of
from storage.restore import Restored

_FEW = 3
_ANOTHER = "Put these files back from another backup of the archive."


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("backup")(backup)
    group.command("restore")(restore)


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where the copy is written.", show_default=False)],
    archive: Annotated[
        bool, typer.Option("--archive", help="Also copy what is new of the WARC files, to `archive` beside FILE.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE if it is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Copy the corpus, while whatever else is running goes on, and check the copy."""
    desk, began = desk_of(context), monotonic()
    with progress("copying") as told:
        made = make_backup(desk, file, replace=force, with_archive=archive, told=told)
    seconds = monotonic() - began
    if as_json:
        answer = {
            "file": str(file),
            "bytes": made.copy.size,
            "schema": made.copy.revision,
            "seconds": round(seconds, 1),
        }
        answer |= {"articles": made.copy.rows.get("articles", 0), "archive": _mirrored_json(made.archive)}
        typer.echo(json.dumps(answer, ensure_ascii=False))
        return
    out = console()
    held = number_of(made.copy.rows.get("articles", 0), "article")
    out.print(f"{file}: {_megabytes(made.copy.size)}, {held}, sound.", markup=False, soft_wrap=True)
    if made.archive:
        out.print(_copied(made.archive, archive_beside(file)), markup=False, soft_wrap=True)
    out.print(f"Took {seconds:,.1f} s.")


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy that `tonle db backup` made.", show_default=False)],
    archive: Annotated[
        bool,
        typer.Option(
            "--archive", help="Also put back WARC files that are missing or damaged, from `archive` beside FILE."
        ),
    ] = False,
    archive_only: Annotated[
        bool,
        typer.Option("--archive-only", help="Put back these alone; the corpus stays. FILE may be their folder."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Put a backup in the place of the corpus, which is kept beside it. Nothing else of tonle may be running."""
    desk, began = desk_of(context), monotonic()
    if archive_only:
        _restore_archive(desk, file, as_json=as_json)
        return
    with progress("putting back") as told:
        restored, files = put_back_backup(desk, file, with_archive=archive, told=told)
    with desk.corpus() as store:
        evidence = evidence_of(desk, store)
        schema = store.version()
    seconds = monotonic() - began
    if as_json:
        answer: dict[str, object] = {"corpus": str(desk.config.corpus), "bytes": restored.copy.size, "schema": schema}
        answer |= {"kept": str(restored.kept) if restored.kept else None, "seconds": round(seconds, 1)}
        answer |= {"articles": restored.copy.rows.get("articles", 0), "archive": _mirrored_json(files)}
        answer |= {"missing": list(evidence.missing), "unknown": list(evidence.unknown)}
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _show_restored(desk, restored, file, files, evidence)
    if files:
        refuse_faults(files, "The corpus was put back, and of the archive what is sound", _ANOTHER)


def _restore_archive(desk: Desk, place: Path, *, as_json: bool) -> None:
    with progress("putting back") as told:
        files = put_back_archive(desk, place, told)
    if as_json:
        typer.echo(json.dumps({"archive": _mirrored_json(files)}, ensure_ascii=False))
    else:
        out = console()
        for line in _put_back(desk, files):
            out.print(line, markup=False, soft_wrap=True)
    refuse_faults(files, "Of the archive what is sound was put back; the corpus is as it was", _ANOTHER)


def _show_restored(desk: Desk, restored: Restored, file: Path, files: Mirrored | None, evidence: Evidence) -> None:
    out = console()
    held = number_of(restored.copy.rows.get("articles", 0), "article")
    lines = [f"{desk.config.corpus} is {file} now: {_megabytes(restored.copy.size)}, {held}."]
    lines += [f"What stood there is {restored.kept}: remove it when all is well."] if restored.kept else []
    lines += _put_back(desk, files) if files else []
    for line in (*lines, *_advice(desk, file, evidence)):
        out.print(line, markup=False, soft_wrap=True)


def _put_back(desk: Desk, files: Mirrored) -> list[str]:
    lines = [_copied(files, desk.config.evidence)]
    if files.kept:
        names = ", ".join(f"{name.rpartition('/')[0]}/{kept}" for name, kept in sorted(files.kept.items()))
        lines.append(f"What was damaged is kept beside it: {names}.")
    return lines


def _advice(desk: Desk, file: Path, evidence: Evidence) -> list[str]:
    """Return what to do about WARC files that the corpus misses, and about those that it does not know."""
    found = []
    if evidence.missing:
        pages = number_of(evidence.pages, "revision")
        found.append(
            f"The archive misses {number_of(len(evidence.missing), 'file')} with the pages of {pages}"
            f" ({_named(evidence.missing)}): put them back into {desk.config.evidence}, or run"
            f" tonle db restore {file} --archive-only"
        )
    if evidence.unknown:
        found.append(
            f"{number_of(len(evidence.unknown), 'file')} of the archive may hold pages that came after the backup"
            f" ({_named(evidence.unknown)}): take them in with tonle import"
            f" {' '.join(str(desk.config.evidence / name) for name in evidence.unknown)}"
        )
    return found


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(names[:_FEW]) + (", …" if len(names) > _FEW else "")


def _copied(files: Mirrored, where: Path) -> str:
    copied = number_of(len(files.copied), "file")
    return f"{where}: {copied} copied ({_megabytes(files.size)}), {files.present:,} there already."


def _mirrored_json(files: Mirrored | None) -> dict[str, object] | None:
    if files is None:
        return None
    return {"copied": files.copied, "bytes": files.size, "present": files.present, "kept": files.kept}


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
