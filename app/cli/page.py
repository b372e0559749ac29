"""`tonle page`: the page that an article was read from, as its server sent it; or the answer that there is none."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.annotated import view
from app.cli.options import desk_of, printable
from app.desk import Desk
from core.errors import UsageError
from core.model import Revision
from crawler.archive import Exchange, read
from notify.phrases import number_of
from pipelines.explain import explained

_UNKNOWN = "There is no article {}; `tonle search` lists numbers."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("page")(page)


def page(  # noqa: PLR0913, PLR0917  # each is an option of the command
    context: typer.Context,
    article: Annotated[int, typer.Argument(metavar="ID", help="The number of an article.")],
    revision: Annotated[int | None, typer.Option(min=1, help="The page of this revision; else of the newest.")] = None,
    headers: Annotated[bool, typer.Option("--headers", help="The head of the answer instead.")] = False,
    request: Annotated[bool, typer.Option("--request", help="The head of the request instead.")] = False,
    annotated: Annotated[
        bool, typer.Option("--annotated", help="As HTML to look at: what was kept, and what was dropped by which rule.")
    ] = False,
    absence: Annotated[
        int | None, typer.Option(min=1, help="The last answer while its page was away, that time; 1 is the first.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write into this file.")] = None,
) -> None:
    """Give back the page that an article was read from, byte for byte, without its content coding (gzip…)."""
    if revision and absence:
        raise UsageError("--revision and --absence exclude one another: choose one.")
    desk = desk_of(context)
    exchange = _answer(desk, article, absence) if absence else _exchange(desk, _revision(desk, article, revision))
    if annotated:
        body = _annotated(desk, article, exchange)
    elif headers or request:
        body = _heads(exchange, headers=headers, request=request)
    else:
        body = exchange.decoded()
    if output:
        _write(output, body)
    elif sys.stdout.isatty():
        _print(body)
    else:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()


def _revision(desk: Desk, article: int, number: int | None) -> Revision:
    with desk.corpus() as store, store.reading() as corpus:
        revisions = corpus.articles.revisions(article)
    if not revisions:
        raise UsageError(_UNKNOWN.format(article))
    for each in revisions:
        if each.number == (number or len(revisions)):
            return each
    raise UsageError(f"Article {article} has no revision {number}; it has {len(revisions)}.")


def _exchange(desk: Desk, revision: Revision) -> Exchange:
    if revision.capture is None:
        which = f"revision {revision.number} of article {revision.article_id}"
        raise UsageError(
            f"The archive holds no page of {which}: it was imported as a text, or read while `archive.keep` was off."
        )
    return read(desk.config.evidence, revision.capture)


def _answer(desk: Desk, article: int, number: int) -> Exchange:
    """Return the exchange that shows that an article's page was away: the last of its absence of that number."""
    with desk.corpus() as store, store.reading() as corpus:
        if corpus.articles.by_id(article) is None:
            raise UsageError(_UNKNOWN.format(article))
        absences = corpus.absences.of(article)
    if number > len(absences):
        raise UsageError(f"The page of article {article} was away {number_of(len(absences), 'time')}.")
    capture = absences[number - 1].last_capture
    if capture is None:
        raise UsageError("The archive holds no answer of that time: it was not kept (`archive.keep`), or not noted.")
    return read(desk.config.evidence, capture)


def _annotated(desk: Desk, article: int, exchange: Exchange) -> bytes:
    with desk.corpus() as store, store.reading() as corpus:
        held = corpus.articles.by_id(article)
    source = held.source if held else ""
    if source not in desk.known:
        raise UsageError(f"The source {source} of article {article} is not configured: nobody knows its rules.")
    found = explained(exchange.page(), desk.known[source], partial(desk.heard, source), is_held=True)
    if found.tree is None:
        raise UsageError(f"Nothing is read off the page of article {article} by today's rules, or it is a document.")
    return view(found).encode()


def _heads(exchange: Exchange, *, headers: bool, request: bool) -> bytes:
    """Return the heads that are asked for as they were sent; the request comes first."""
    if request and exchange.request is None:
        raise UsageError("The request to this page was not archived: only its answer is known.")
    asked = [exchange.request.as_bytes()] if request and exchange.request else []
    return b"".join([*asked, *([exchange.response.as_bytes()] if headers else [])])


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}.") from error


def _print(body: bytes) -> None:
    """Print a page to a person. Raises UsageError for bytes that are no text: they would steer the terminal."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise UsageError(
            "This page is not UTF-8 text: name a file with --output, or send it through a pipe."
        ) from error
    typer.echo(printable(text.replace("\r\n", "\n").replace("\t", "    ")), nl=False)
