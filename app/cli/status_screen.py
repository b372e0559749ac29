"""The one screen of `tonle status`: a line a source, then what needs a word, then the corpus as a whole."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from app.cli.absences import away_lines
from app.cli.options import printable
from app.cli.overview import Overview, SourceStatus
from app.cli.runs import came
from app.desk import Desk
from app.judged import State
from core.health import Meter
from core.text import shortened
from core.trouble import SOURCE, Gravity
from notify.causes import headline
from notify.phrases import number_of
from pipelines.meter import LEAKING, ODD, UNDATED, UNLAID, UNREAD

_MB = 1_000_000
_NOTE = 200  # characters of what a run says of itself
_STYLES = {
    State.WELL: "green",
    State.QUIET: "yellow",
    State.BROKEN: "bold red",
    State.BLOCKED: "bold red",
    State.NEVER: "cyan",
    State.OFF: "dim",
}
_MEASURES = (
    (LEAKING, "with another's headline"),
    (ODD, "of odd size"),
    (UNDATED, "undated"),
    (UNLAID, "without a layout"),
    (UNREAD, "pages unread"),
)


def screen(desk: Desk, seen: Overview) -> Iterator[RenderableType]:
    """Yield the parts of the screen, from what everybody looks at to what few need."""
    when = f"{seen.at.astimezone(desk.zone):%d %b %Y %H:%M}"
    daemon = "the daemon is running." if seen.daemon else "no daemon is running; `next` is when one would crawl."
    yield f"[bold]{when}[/]: {daemon}"
    yield _table(desk, seen)
    for row in seen.rows:
        yield from _said(desk, row)
    yield from _troubles(desk, seen)
    yield from away_lines(seen.gone, desk)
    if seen.flicker_count:
        yield _flickering(seen)
    if seen.waiting or seen.given_up:
        style = "red" if seen.given_up else "yellow"
        rest = "; `tonle deliveries` names them" if seen.given_up else ""
        yield f"[{style}]Messages waiting: {seen.waiting:,}, given up: {seen.given_up:,}{rest}.[/]"
    for name, number in seen.others.items():
        yield f"Also in the corpus: {number:,} from {escape(name)}."
    stories = f" in {seen.stories:,} stories (`tonle duplicates`)" if seen.stories != seen.articles else ""
    yield f"The corpus holds {number_of(seen.articles, 'article')}{stories}; {seen.database / _MB:,.1f} MB."


def _table(desk: Desk, seen: Overview) -> Table:
    # Without upright lines, so that a usual terminal of 80 columns has room for words.
    table = Table(header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("source", overflow="fold")
    table.add_column("stands", no_wrap=True)
    table.add_column("articles", justify="right", no_wrap=True)
    table.add_column("last run", no_wrap=True)
    table.add_column("what came", overflow="fold")
    table.add_column("next", justify="right", no_wrap=True)
    for row in seen.rows:
        state = row.stands.state
        next_run = _next(desk, row, seen.at)
        table.add_row(
            escape(printable(desk.titles[row.source])),
            f"[{_STYLES[state]}]{state}[/]",
            f"{row.articles:,}",
            _last(row, seen.at),
            came(row.tally) + _measured(row.meter),
            next_run if seen.daemon else f"[dim]{next_run}[/]",
        )
    return table


def _said(desk: Desk, row: SourceStatus) -> Iterator[str]:
    """Yield what is to be said of a source in sentences: why it stands so, and what its last run said of itself."""
    title, style = escape(printable(desk.titles[row.source])), _STYLES[row.stands.state]
    for reason in row.stands.reasons if row.last else ():
        yield f"[{style}]{title}:[/] {escape(printable(reason))}"
    if row.last and row.last.error:
        note = shortened(printable(" ".join(row.last.error.split())), _NOTE)
        yield f"[dim]{title}, run {row.last.id}: {escape(note)}[/]"


def _troubles(desk: Desk, seen: Overview) -> Iterator[str]:
    """Yield what is open, why where it is the machine's (a source's reasons stand above), and who cannot be told."""
    for trouble in seen.troubles:
        style = "bold red" if trouble.gravity is Gravity.WRONG else "yellow"
        since = f"{trouble.opened_at.astimezone(desk.zone):%d %b %Y %H:%M}"
        why = "" if trouble.subject.part == SOURCE else " ".join(trouble.reasons)
        said = f"{headline(trouble.subject, trouble.cause)}. {why}".strip()
        yield f"[{style}]Alarm since {since}:[/] {escape(printable(said))}"
    if seen.untold:
        yield f"[bold red]The operator cannot be told:[/] {escape(printable(seen.untold[0].error))}"


def _last(row: SourceStatus, now: datetime) -> str:
    if row.last is None:
        return "never"
    ago = _ago(now - row.last.started_at)
    return ago if row.last.status == "finished" else f"{ago}\n[bold]{row.last.status}[/]"


def _next(desk: Desk, row: SourceStatus, now: datetime) -> str:
    if row.last and row.last.status == "running":
        return "now"
    if row.next_run <= now:
        return "due"
    local = row.next_run.astimezone(desk.zone)
    return f"{local:%H:%M}" if row.next_run - now < timedelta(days=1) else f"{local:%d %b}"


def _measured(meter: Meter | None) -> str:
    """Return how the newest texts came out, where not all of them are clean."""
    parts = [f"{meter.count(name)} {word}" for name, word in _MEASURES if meter.count(name)] if meter else []
    return f"\n[dim]of {meter.texts} newest texts {', '.join(parts)}[/]" if meter and parts else ""


def _flickering(seen: Overview) -> str:
    count = seen.flicker_count
    pages = "The page of one article shows" if count == 1 else f"The pages of {count} articles show"
    numbers = ", ".join(map(str, seen.flickers)) + (", …" if count > len(seen.flickers) else "")
    return f"{pages} two states in turn, of which no further revisions are made: {numbers}."


def _ago(passed: timedelta) -> str:
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} h ago"
    return f"{passed.days} d ago"
