"""`tonle digest`: what is new since the last digest, shown or sent."""

from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import console, day, desk_of
from app.desk import Desk
from core.audience import Subscriber
from core.errors import DeliveryError, StorageError, UsageError
from core.owed import DigestPeriod
from notify.delivery import deliver_due
from notify.periods import owe_digest, preview
from notify.phrases import number_of
from storage.store import Store


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("digest")(digest)


def digest(  # each is an option of the command
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="All that came since this day, sent before or not.")] = None,
    subscriber: Annotated[str | None, typer.Option(metavar="NAME", help="The digest of this subscriber.")] = None,
    show: Annotated[bool, typer.Option("--preview", help="Write it as HTML and text; nothing is sent.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send it, and remember what was sent.")] = False,
) -> None:
    """Show the digest as text; write it with --preview; send it with --send.

    Sending twice sends nothing new. With nothing new one is sent only when a source needs a look, once a day, or where
    the subscriber wants a line then. Exit code 5 if a message could not be handed over.
    """
    if show and send:
        raise UsageError("--preview and --send exclude one another: choose one.")
    desk = desk_of(context)
    reader = _reader(desk, subscriber)
    with desk.corpus() as store:
        if send:
            _send(desk, store, since, reader)
        else:
            html, text = preview(store, desk.config, desk.titles, desk.clock(), day(since, desk), reader)
            if show:
                name = f"digest-{reader.name}" if reader else "digest"
                for path in write_preview(desk.config.data / "preview", html, text, name):
                    typer.echo(path)
            else:
                typer.echo(text)


def _reader(desk: Desk, name: str | None) -> Subscriber | None:
    """Return the subscriber of a name; None where none is named: the reader of the section `digest`."""
    if name is None:
        return None
    for subscriber in desk.config.subscribers:
        if subscriber.name == name:
            return subscriber
    known = ", ".join(each.name for each in desk.config.subscribers) or "there are none"
    raise UsageError(f"Unknown subscriber `{name}`; in {desk.path}: {known}.")


def write_preview(folder: Path, html: str, text: str, name: str = "digest") -> tuple[Path, Path]:
    """Write both forms of a digest into a folder, under a name, and return their paths. Raises StorageError."""
    paths = folder / f"{name}.html", folder / f"{name}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in zip(paths, (html, text), strict=True):
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"The preview cannot be written into {folder}: {error.strerror}.") from error
    return paths


def _send(desk: Desk, store: Store, since: str | None, reader: Subscriber | None) -> None:
    if reader:
        _refuse_unread(store, reader)
    period = owe_digest(store, desk.config, desk.titles, desk.clock(), day(since, desk), reader)
    report = deliver_due(store, desk.config, desk.titles, desk.clock)
    out = console()
    if period is None:
        out.print("Nothing new since the last digest: none is sent.")
    elif waits := _waiting(store, period):
        out.print(f"It is not sent yet. {waits}", markup=False, soft_wrap=True)
    for path in report.files:
        out.print(str(path), markup=False, soft_wrap=True)
    if report.sent and not report.files:
        out.print(f"{number_of(report.sent, 'message')} handed over.")
    if report.postponed or report.given_up:
        raise DeliveryError(
            f"{report.postponed} messages will be tried again, {report.given_up} were refused for good; "
            "see the log for why (tonle --log-level info)."
        )


def _refuse_unread(store: Store, reader: Subscriber) -> None:
    """Raise UsageError for a subscriber whom no digest would reach."""
    if reader.cron is None:
        raise UsageError(f"{reader.name} gets no digest: name a time for it in `schedule`, beside `immediate`.")
    with store.reading() as corpus:
        if reader.name in corpus.subscribers.gone():
            raise UsageError(f"{reader.name} wants no more: tonle subscribers rejoin {reader.name} changes that.")


def _waiting(store: Store, period: DigestPeriod) -> str:
    """Return why a digest that was owed waits, empty where it does not."""
    with store.reading() as corpus:
        waiting = corpus.outbox.listed("waiting", corpus.outbox.waiting() + 1, period.subscriber)
    return next((each.error for each in waiting if (each.kind, each.ref) == ("digest", period.id)), "")
