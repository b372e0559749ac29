"""What `tonle show` and `tonle status` say of pages that are away, or were."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from rich.markup import escape

from app.cli.options import printable
from app.desk import Desk
from core.model import Article, Capture
from core.stories import Absence
from notify.phrases import Reader, number_of
from storage.store import Corpus

_NEWEST = 3


@dataclass(frozen=True, slots=True)
class Away:
    """How many articles are withdrawn, of how many others the page is missing, and the newest with their absences."""

    gone: int
    missing: int
    newest: tuple[tuple[Article, Absence], ...]


def away(corpus: Corpus) -> Away:
    """Return which pages are away now."""
    gone, missing = corpus.absences.counts()
    newest = corpus.absences.recent(_NEWEST)
    articles = corpus.articles.by_ids(each.article_id for each in newest)
    return Away(gone, missing, tuple((articles[each.article_id], each) for each in newest))


def away_lines(found: Away, desk: Desk) -> Iterator[str]:
    """Yield what is said of the pages that are away; nothing where all are there."""
    counts = (
        (found.gone, f"{number_of(found.gone, 'article')} withdrawn"),
        (found.missing, f"{number_of(found.missing, 'page')} missing, not for certain yet"),
    )
    if not found.newest:
        return
    yield f"[red]{'; '.join(words for number, words in counts if number)}. The texts are kept.[/]"
    reader = Reader(desk.titles, desk.zone)
    for article, absence in found.newest:
        what = "withdrawn" if absence.gone_since else "missing"
        since = f"{desk.titles.get(article.source, article.source)}, {what} since {reader.when(absence.missing_since)}"
        yield f"  [bold cyan]{article.id}[/]  {escape(printable(article.label))} [dim]({escape(since)})[/]"
    if (others := found.gone + found.missing - len(found.newest)) > 0:
        yield f"  [dim]and {number_of(others, 'other')}[/]"


def away_json(found: Away) -> dict[str, object]:
    """Return the pages that are away as a JSON object."""
    newest = [{"id": each.id, "source": each.source, "title": each.title} | absence_json(a) for each, a in found.newest]
    return {"withdrawn": found.gone, "missing": found.missing, "newest": newest}


def absence_lines(absences: Sequence[Absence], desk: Desk) -> Iterator[str]:
    """Yield a line on each absence of an article, the newest first, and how to see what the server answered."""
    reader = Reader(desk.titles, desk.zone)
    for number, each in reversed(list(enumerate(absences, 1))):
        yield f"[{'dim' if each.returned_at else 'red'}]{escape(printable(_told(each, reader)))}[/]"
        if each.last_capture:
            shown = f"tonle page {each.article_id} --absence {number} --headers"
            yield f"[dim]  the answer is kept: {shown}[/]"


def _told(absence: Absence, reader: Reader) -> str:
    """Return one absence in a line: `withdrawn: not found since …, 3 visits, certain since …; the text is kept`."""
    answer = f" ({absence.detail or absence.reason})" if absence.detail or absence.reason else ""
    visits = number_of(absence.visits, "visit")
    certain = f", certain since {reader.when(absence.gone_since)}" if absence.gone_since else ""
    what = "withdrawn" if absence.gone_since else "missing"
    since = reader.when(absence.missing_since)
    if absence.returned_at:
        back = reader.when(absence.returned_at)
        return f"was {what}: not found since {since}, {visits}{answer}{certain}; came back {back}"
    return f"{what}: not found since {since}, {visits}{answer}{certain or ', not certain yet'}; the text is kept"


def absence_json(absence: Absence) -> dict[str, object]:
    """Return an absence as a JSON object, with the places in the archive that prove it."""
    return {
        "missing_since": absence.missing_since.isoformat(),
        "last_missing": absence.last_missing.isoformat(),
        "visits": absence.visits,
        "reason": absence.reason,
        "detail": absence.detail,
        "gone_since": absence.gone_since.isoformat() if absence.gone_since else None,
        "returned_at": absence.returned_at.isoformat() if absence.returned_at else None,
        "first_evidence": capture_json(absence.first_capture),
        "last_evidence": capture_json(absence.last_capture),
    }


def capture_json(capture: Capture | None) -> dict[str, object] | None:
    """Return where the archive keeps an exchange as a JSON object."""
    return {**asdict(capture), "at": capture.at.isoformat()} if capture else None
