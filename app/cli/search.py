"""`tonle search` and `tonle show`: reading the corpus."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from app.cli.absences import absence_json, absence_lines, capture_json
from app.cli.edits import edits_json, flicker_json, told_edits
from app.cli.extract import as_json as article_json
from app.cli.options import console, desk_of, printable
from app.cli.versions import Carried, carried, copy_json
from app.desk import Desk
from core.errors import UsageError
from core.model import Article, Revision
from core.stories import Absence, Flicker, Version
from core.urls import article_address, document_address, split
from notify.entry import NO_DATE
from notify.phrases import Reader, number_of
from pipelines.neighbours import SEVERAL
from storage.store import Corpus

_NAMED = 5  # versions of a story that are named below a hit


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("search")(search)
    app.command("show")(show)


def search(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(help='Words, all of which must stand in a text; "phrases" in quotes.')],
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Find articles by their words, the best first."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        check_source(desk, corpus, source)
        hits = corpus.search.find(" ".join(query), limit, source)
        ids = [hit.article.id for hit in hits]
        stories, versions = corpus.stories.ids(ids), corpus.stories.versions(ids)
    out = console()
    told: set[int] = set()
    for hit in hits:
        story = stories.get(hit.article.id)
        if as_json:
            plain = hit.snippet.replace("\x02", "").replace("\x03", "")
            typer.echo(json.dumps(_row(hit.article) | {"snippet": plain, "story": story}, ensure_ascii=False))
            continue
        if story in told:
            continue
        told |= {story} if story else set()
        marked = escape(printable(hit.snippet)).replace("\x02", "[bold yellow]").replace("\x03", "[/]")
        out.print(f"[bold cyan]{hit.article.id}[/]  [bold]{escape(printable(hit.article.label))}[/]", soft_wrap=True)
        out.print(f"   [dim]{hit.article.source} · {_when(hit.article, desk)}[/]")
        out.print(Padding(marked, (0, 0, 0 if story else 1, 3)))
        if story:
            others = [version for version in versions[hit.article.id] if version.article_id != hit.article.id]
            out.print(f"   [dim]{escape(printable(_also(others, desk)))}[/]\n", soft_wrap=True)
    if not hits and not as_json:
        out.print("Nothing found.")


def show(
    context: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID", help="The number of an article, or one of its addresses.")],
    revision: Annotated[int | None, typer.Option(min=1, help="The text as it was in this revision.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show one article: its text, where it came from, its revisions and copies."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        found = named_article(desk, corpus, article)
        revisions = corpus.articles.revisions(found.id)
        recurring = _recurring(corpus, found)
        absences = corpus.absences.of(found.id)
        flicker = corpus.flickers.of(found.id)
        versions = carried(corpus, found.id, corpus.stories.versions([found.id]).get(found.id, ()))
        story = corpus.stories.of(found.id)
    if revision is not None:
        _show_revision(desk, found, _numbered(revisions, revision, found.id), len(revisions), as_json=as_json)
        return
    if as_json:
        states = [
            _revision_json(each) | {"edits": labels} for each, labels in zip(revisions, _edits(revisions), strict=True)
        ]
        copies = [copy_json(each) for each in found.copies]
        whole = article_json(found, found.source) | _row(found) | {"revisions": states, "copies": copies}
        whole |= {"recurring": recurring, "absences": [absence_json(each) for each in absences]}
        whole |= {"flicker": flicker and flicker_json(flicker), "story": story.id if story else None}
        whole |= {"versions": [each.as_json() for each in versions]}
        whole |= {"aliases": list(found.aliases), "translations": [asdict(other) for other in found.translations]}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    _print(desk, found, _History(revisions, flicker, absences), versions)
    _print_text(found, recurring)


@dataclass(frozen=True, slots=True)
class _History:
    """The states that an article was in, whether its page shows two in turn, and when it was away."""

    revisions: Sequence[Revision]
    flicker: Flicker | None
    absences: Sequence[Absence]


def _edits(revisions: Sequence[Revision]) -> list[list[dict[str, str]]]:
    """Return of each revision what was edited in it, nothing of the first."""
    return [[], *(edits_json(told_edits(one, other)) for one, other in pairwise(revisions))] if revisions else []


def _print_history(desk: Desk, article: Article, history: _History) -> None:
    out, revisions = console(), history.revisions
    if len(revisions) > 1:
        read = _origin(revisions[-1], len(revisions), desk)
        hint = f"older texts: tonle show {article.id} --revision N"
        out.print(f"[yellow]{read}; {hint}[/]", soft_wrap=True)
    for before, after in pairwise(revisions):
        named = ", ".join(dict.fromkeys(change.label.value for change in told_edits(before, after)))
        whose = " (a correction by tonle)" if after.is_correction else ""
        when = _local(after.fetched_at, desk)
        out.print(f"[dim]revision {after.number}, {when}: {named or 'reads the same'}{whose}[/]", soft_wrap=True)
    if history.flicker:
        since = _local(history.flicker.since, desk)
        times = f"{history.flicker.times} {'time' if history.flicker.times == 1 else 'times'}"
        out.print(f"[yellow]its page shows two states in turn since {since}, seen {times}: no further revisions[/]")


def _recurring(corpus: Corpus, article: Article) -> dict[int, int]:
    """Return the paragraphs that stand on several other texts of the source, by number, each with how many."""
    lines = article.text.splitlines()
    heard = corpus.passages.heard(article.source, lines)
    others = {number: heard[line].pages - 1 for number, line in enumerate(lines) if line in heard}
    return {number: count for number, count in others.items() if count >= SEVERAL}


def named_article(desk: Desk, corpus: Corpus, name: str) -> Article:
    """Return the article of a number, or of an address as people pass it on. Raises UsageError where there is none."""
    if not split(name):
        found = corpus.articles.by_id(int(name)) if name.isascii() and name.isdigit() else None
        if found is None:
            raise UsageError(f"There is no article {name}; `tonle search` lists numbers.")
        return found
    addresses = ((site, article_address(site, name) or document_address(site, name)) for site in desk.sites.values())
    keys = [(site.name, address.key) for site, address in addresses if address]
    if alias := corpus.sources.named(name):
        keys.append(alias)
    for source, key in keys:
        visit = corpus.sources.visit(source, key)
        held = corpus.articles.by_id(visit.article_id) if visit and visit.article_id else None
        if held := held or corpus.articles.by_key(source, key):
            return held
    raise UsageError(f"No article was read at {name}.")


def _print(desk: Desk, article: Article, history: _History, versions: Sequence[Carried]) -> None:
    out = console()
    out.print(f"[bold]{escape(printable(article.label))}[/]")
    authors = f" · {', '.join(article.authors)}" if article.authors else ""
    out.print(f"[dim]{article.source} · {escape(printable(_when(article, desk) + authors))}[/]")
    out.print(f"[blue]{escape(printable(article.url))}[/]", soft_wrap=True)
    _print_history(desk, article, history)
    for line in absence_lines(history.absences, desk):
        out.print(line, soft_wrap=True)
    for copy in article.copies:
        out.print(f"[dim]also at {escape(printable(copy.url))}[/]", soft_wrap=True)
    for each in versions:
        out.print(f"[dim]{escape(printable(_version(each, desk)))}[/]", soft_wrap=True)
    for alias in article.aliases:
        out.print(f"[dim]also named {escape(printable(alias))}[/]", soft_wrap=True)
    for other in article.translations:
        title = escape(printable(other.title))
        out.print(f"[dim]in {other.language or 'another language'}: {other.article_id}  {title}[/]", soft_wrap=True)
    _print_particulars(article)


def _version(each: Carried, desk: Desk) -> str:
    """Return another version of a story on one line: its number, outlet, date and title, and what it cut or added."""
    version, reader = each.version, _reader(desk)
    when = reader.date(version.published_at) if version.published_at else NO_DATE
    return f"also as {version.article_id} at {reader.title(version.source)}, {when}: {version.title} ({each.told})"


def _also(versions: Sequence[Version], desk: Desk) -> str:
    """Return the other versions of a story on one line, of many the first."""
    shown = [f"{desk.titles.get(each.source, each.source)} {each.article_id}" for each in versions[:_NAMED]]
    more = f" and {len(versions) - _NAMED} more" if len(versions) > _NAMED else ""
    return f"also {number_of(len(versions), 'version')}: {', '.join(shown)}{more}"


def _print_particulars(article: Article) -> None:
    for name, words in (("place", [article.dateline]), ("pictures", article.credits), ("tags", article.tags)):
        if any(words):
            console().print(f"[dim]{name}: {escape(printable(', '.join(words)))}[/]", soft_wrap=True)


def _print_text(shown: Article | Revision, recurring: Mapping[int, int] | None = None) -> None:
    out = console()
    for number, paragraph in enumerate(shown.text.splitlines()):
        others = (recurring or {}).get(number)
        mark = f" [dim](stands in {others} other texts)[/]" if others else ""
        out.print(Padding(escape(printable(paragraph)) + mark, (1, 0, 0, 0)))
    if shown.notes:
        out.print(Padding("[dim]Notes[/]", (1, 0, 0, 0)))
        for note in shown.notes:
            out.print(f"[dim]{escape(printable(note))}[/]")


def _numbered(revisions: Sequence[Revision], number: int, article: int) -> Revision:
    for each in revisions:
        if each.number == number:
            return each
    raise UsageError(f"Article {article} has no revision {number}; it has {len(revisions)}.")


def _show_revision(desk: Desk, article: Article, shown: Revision, of: int, *, as_json: bool) -> None:
    if as_json:
        whole = {"id": article.id, "source": article.source, **_revision_json(shown)}
        typer.echo(json.dumps(whole, ensure_ascii=False, indent=2))
        return
    out = console()
    out.print(f"[bold]{escape(printable(shown.title or article.label))}[/]")
    published = _local(shown.published_at, desk) if shown.published_at else "no date given"
    out.print(f"[dim]{article.source} · {published}[/]")
    out.print(f"[blue]{escape(printable(shown.url))}[/]", soft_wrap=True)
    out.print(f"[yellow]{_origin(shown, of, desk)}[/]", soft_wrap=True)
    _print_text(shown)


def _origin(shown: Revision, of: int, desk: Desk) -> str:
    """Return where a revision comes from: from a page that was read then, or by reading that page anew."""
    by = ", corrected by tonle from the page" if shown.is_correction else ","
    return f"revision {shown.number} of {of}{by} read {_local(shown.fetched_at, desk)}"


def _revision_json(shown: Revision) -> dict[str, object]:
    return {
        "number": shown.number,
        "correction": shown.is_correction,
        "fetched_at": shown.fetched_at.isoformat(),
        "published_at": shown.published_at.isoformat() if shown.published_at else None,
        "url": shown.url,
        "title": shown.title,
        "text": shown.text,
        "notes": list(shown.notes),
        "evidence": capture_json(shown.capture),
    }


def check_source(desk: Desk, corpus: Corpus, source: str | None) -> None:
    """Raise UsageError for a source that is neither configured nor found in the corpus (`imported` may be)."""
    known = dict.fromkeys((*desk.sites, *desk.config.sources, *corpus.articles.counts()))
    if source is not None and source not in known:
        raise UsageError(f"Unknown source `{source}`; known: {', '.join(known)}.")


def _row(article: Article) -> dict[str, object]:
    published = article.published_at.isoformat() if article.published_at else None
    missing = article.missing_since.isoformat() if article.missing_since else None
    return {
        "id": article.id,
        "source": article.source,
        "title": article.title,
        "url": article.url,
        "published_at": published,
        "first_seen": article.first_seen.isoformat(),
        "fetched_at": article.fetched_at.isoformat(),
        "revision": article.revision,
        "missing_since": missing,
        "gone_since": article.gone_since.isoformat() if article.gone_since else None,
    }


def _when(article: Article, desk: Desk) -> str:
    """Return when an article was published; the source's own day where it gave no time."""
    return _reader(desk).date(article.published_at) if article.published_at else "no date given"


def _local(moment: datetime, desk: Desk) -> str:
    return _reader(desk).when(moment)


def _reader(desk: Desk) -> Reader:
    return Reader(desk.titles, desk.zone)
