"""`tonle diff`: what became of an article from one revision to another, word by word."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from app.cli.edits import edits_json
from app.cli.options import console, desk_of, printable
from app.cli.search import named_article
from app.compared import Comparison, Fold, comparison, folded, passages_json, state_json, whereabouts
from app.compared_page import view
from app.desk import Desk
from core.errors import UsageError
from core.model import Revision
from notify.phrases import Reader
from pipelines.edits_comparison import Op, Passage

_STYLES = {Op.GONE: "red strike", Op.NEW: "bold green underline", Op.KEPT: ""}
_MARKS = {Op.GONE: ("[-", "-]"), Op.NEW: ("{+", "+}"), Op.KEPT: ("", "")}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("diff")(diff)


def diff(  # each is an option of the command
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="The number of an article, or one of its addresses.")],
    older: Annotated[int | None, typer.Option("--from", min=1, help="The older revision; else the one before.")] = None,
    newer: Annotated[int | None, typer.Option("--to", min=1, help="The newer revision; else the newest.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page of HTML into this file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what was edited between two revisions of an article, the newest two unless told otherwise."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        found = named_article(desk, corpus, article)
        revisions = corpus.articles.revisions(found.id)
    before, after = _chosen(revisions, older, newer, found.id)
    told = comparison(found, before, after, revisions[before.number : after.number])
    if html:
        reader = Reader(desk.titles, desk.zone)
        _write(html, view(told, reader.title(found.source), reader.when, reader.date))
    if as_json:
        typer.echo(json.dumps(_json(told), ensure_ascii=False, indent=2))
    elif not html:
        _print(console(), desk, told)


def _chosen(
    revisions: Sequence[Revision], older: int | None, newer: int | None, article: int
) -> tuple[Revision, Revision]:
    """Return the revisions that are asked for. Raises UsageError where there are no such two."""
    count = len(revisions)
    if count == 1:
        raise UsageError(f"Article {article} has one revision: there is nothing to hold it against.")
    last = newer or count
    first = older or last - 1
    for number in (last, first):
        if not 1 <= number <= count:
            raise UsageError(f"Article {article} has no revision {number}; it has {count}.")
    if first >= last:
        raise UsageError(f"--from {first} --to {last}: name the older revision first.")
    return revisions[first - 1], revisions[last - 1]


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error


def _json(told: Comparison) -> dict[str, object]:
    return {
        "id": told.article.id,
        "source": told.article.source,
        "from": state_json(told.before),
        "to": state_json(told.after),
        "corrections": list(told.corrections),
        "edits": edits_json(told.changes),
        "title": passages_json(told.title),
        "paragraphs": passages_json(told.text),
        "notes": passages_json(told.notes),
    }


def _print(out: Console, desk: Desk, told: Comparison) -> None:
    # What is struck out and underlined is told by marks where there are no colours, and where output is no terminal.
    is_marked = out.color_system is None or out.no_color
    reader = Reader(desk.titles, desk.zone)
    out.print(Text(f"{told.article.source} · {printable(told.after.url)}", style="dim"), soft_wrap=True)
    for sign, revision in (("−", told.before), ("+", told.after)):
        out.print(Text(f"{sign} {_state(revision, reader)}", style="yellow"), soft_wrap=True)
    for number in told.corrections:
        words = f"Revision {number} is a correction by tonle, from the archived page: no edit of the publisher."
        out.print(Text(words, style="magenta"), soft_wrap=True)
    _print_changes(out, told, is_marked=is_marked)
    for title in told.title:
        out.print(Padding(_line(title, "bold", is_marked=is_marked), (1, 0, 0, 0)))
    _print_text(out, told.text, is_marked=is_marked)
    if told.notes:
        out.print(Padding(Text("Notes", style="dim"), (1, 0, 0, 0)))
        _print_text(out, told.notes, is_marked=is_marked)


def _state(revision: Revision, reader: Reader) -> str:
    published = f"published {reader.date(revision.published_at)}" if revision.published_at else "no date given"
    whose = ", corrected by tonle" if revision.is_correction else ""
    return f"revision {revision.number}{whose}: {published}, read {reader.when(revision.fetched_at)}"


def _print_changes(out: Console, told: Comparison, *, is_marked: bool) -> None:
    if not told.changes:
        out.print(Text("No edit: both read the same." if told.is_same else "No edit that has a name."))
    for change in told.changes:
        line = Text.assemble((f"{change.label.value}: ", "bold"))
        sides = [(op, words) for op, words in ((Op.GONE, change.before), (Op.NEW, change.after)) if words]
        for place, (op, words) in enumerate(sides):
            line.append(" → " if place else "")
            _lay(line, op, words, is_marked=is_marked)
        out.print(Padding(line, (0, 0, 0, 2)))


def _print_text(out: Console, passages: Iterable[Passage], *, is_marked: bool) -> None:
    for block in folded(passages):
        line = Text(f"… {block.words}", style="dim") if isinstance(block, Fold) else _line(block, is_marked=is_marked)
        out.print(Padding(line, (1, 0, 0, 0)))


def _line(passage: Passage, style: str = "", *, is_marked: bool) -> Text:
    line = Text(style=style)
    if place := whereabouts(passage):
        line.append(f"({place}) ", style="dim")
    for number, span in enumerate(passage.spans):
        if span.is_spaced and number:
            line.append(" ")
        _lay(line, span.op, span.text, is_marked=is_marked)
    return line


def _lay(line: Text, op: Op, words: str, *, is_marked: bool) -> None:
    opening, closing = _MARKS[op] if is_marked else ("", "")
    line.append(f"{opening}{printable(words)}{closing}", style=_STYLES[op])
