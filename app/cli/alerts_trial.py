"""`tonle alerts test`: a rule held against what the corpus has, before or after it is in the settings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from app.cli.alerts_audience import occasions
from app.cli.options import console, desk_of, printable, progress
from app.cli.passages import told
from app.desk import Desk
from app.trial import Findings, Hit, Trial, Week, ranked
from app.trial_rule import rule_in_force, rule_of
from core.errors import UsageError
from core.model import Article
from core.query import printed
from core.rules import Event, Rule
from core.text import shortened
from notify.entry import NO_DATE
from notify.phrases import Reader, number_of
from storage.store import Store

_PASSAGE, _TITLE = 240, 90
_MOST_BAR = 40  # characters
_GONE = 5
_ALL, _ROW_OF_NONE = 27, 4  # half a year is shown week by week; of more, weeks in a row without anything are left out
_UNNAMED = "query"


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("test")(trial)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is tried; known: the rule of that name is in force, and its matches are what it is compared with."""

    rule: Rule
    known: str | None
    is_new_query: bool
    days: int


def trial(  # noqa: PLR0913, PLR0917  # each is an option of the command
    context: typer.Context,
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="A rule; not needed with --query.")] = None,
    query: Annotated[str | None, typer.Option(help="Try this query, with RULE in the place of its own.")] = None,
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Texts of so many days.")] = 90,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many passages.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what a rule would have brought: how many stories and articles, week by week, from where, with passages.

    Articles are taken by their newest text and by the day of publication, or when they were first seen where they name
    none. Nothing is changed and nobody told.
    """
    desk = desk_of(context)
    asked = _asked(desk, rule, query, days)
    now = desk.clock()
    begin = datetime.combine((now - timedelta(days=days)).astimezone(desk.zone), time(), desk.zone)
    findings = Findings(begin, desk.zone, max(limit, _GONE))
    with desk.corpus() as store:
        run = Trial(store, asked.rule, begin, _sources(desk, store, asked.rule, source), asked.known)
        with progress("trying", run.number()) as done:
            for _ in run.steps(findings):
                done("")
    if as_json:
        typer.echo(json.dumps(_json(asked, findings, now, limit), ensure_ascii=False))
    else:
        _show(console(), desk, asked, findings, now, limit)


def _asked(desk: Desk, name: str | None, query: str | None, days: int) -> _Asked:
    if name is None and query is None:
        raise UsageError("What is to be tried? Name a rule, or write a query: `tonle alerts test --query 'evict*'`.")
    known = rule_in_force(desk.config, name) if name is not None else None
    if query is None and known:
        return _Asked(known, known.name, is_new_query=False, days=days)
    rule = rule_of(query or "", known or _UNNAMED, desk.config, desk.known)
    return _Asked(rule, known.name if known else None, is_new_query=True, days=days)


def _sources(desk: Desk, store: Store, rule: Rule, named: Sequence[str] | None) -> tuple[str, ...]:
    with store.reading() as corpus:
        known = dict.fromkeys((*desk.sites, *desk.config.sources, *corpus.articles.counts()))
    for each in named or ():
        if each not in known:
            raise UsageError(f"Unknown source `{each}`; known: {', '.join(known)}.")
        if rule.sources and each not in rule.sources:
            raise UsageError(f"The rule holds only for {', '.join(rule.sources)}, not for {each}.")
    return tuple(named or ())


def _json(asked: _Asked, findings: Findings, now: datetime, limit: int) -> dict[str, object]:
    return {
        "rule": asked.known,
        "query": printed(asked.rule.wanted),
        "since": findings.since.isoformat(),
        "looked_at": findings.looked,
        "stories": findings.stories,
        "articles": findings.articles,
        "fired": findings.fired,
        "new": findings.articles - findings.fired,
        "lost": findings.lost if asked.known else None,
        "told_stories": findings.told_stories,
        "weeks": [
            {"begin": week.begin.isoformat(), "stories": week.stories, "articles": week.articles}
            for week in findings.weeks(now)
        ],
        "sources": dict(ranked(findings.sources)),
        "newest": [_hit_json(hit) for hit in findings.newest[:limit]],
        "gone": [_article_json(article) for article in findings.gone],
    }


def _hit_json(hit: Hit) -> dict[str, object]:
    shown = {"passage": hit.passage.text, "spans": [list(span) for span in hit.passage.spans]}
    return _article_json(hit.article) | shown | {"fired": hit.has_fired, "told": hit.is_told}


def _article_json(article: Article) -> dict[str, object]:
    published = article.published_at.isoformat() if article.published_at else None
    first_seen = article.first_seen.isoformat()
    told_of = {"id": article.id, "source": article.source, "title": article.title, "url": article.url}
    return told_of | {"published_at": published, "first_seen": first_seen}


def _show(out: Console, desk: Desk, asked: _Asked, findings: Findings, now: datetime, limit: int) -> None:
    reader = Reader(desk.titles, desk.zone)
    name = f"{asked.known}, another query" if asked.known and asked.is_new_query else asked.known or "a query"
    out.print(f"[bold cyan]{name}[/]")
    out.print(Padding(escape(printable(printed(asked.rule.wanted))), (0, 0, 0, 3)))
    looked = f"the newest texts of {number_of(findings.looked, 'article')} of the last {number_of(asked.days, 'day')}"
    out.print(f"[dim]Held against {looked}, since {reader.day(findings.since)} ({desk.zone}).[/]\n")
    for line in _totals(asked, findings):
        out.print(line)
    if findings.articles:
        _show_weeks(out, findings.weeks(now))
        from_where = ", ".join(f"{reader.title(source)} {number:,}" for source, number in ranked(findings.sources))
        out.print(f"[bold]Sources[/], by articles: {escape(from_where)}\n")
    if shown := findings.newest[:limit]:
        out.print("[bold]The newest[/]")
    for hit in shown:
        _show_hit(out, hit, reader, asked)
    _show_gone(out, findings, reader)


def _totals(asked: _Asked, findings: Findings) -> list[str]:
    stories = number_of(findings.stories, "story").replace("storys", "stories")
    what = f"{stories} ({number_of(findings.articles, 'article')})" if findings.articles else "nothing"
    lines = [f"[bold]It would have fired for {what}.[/]"]
    new = findings.articles - findings.fired
    whose = f"the rule {asked.known}" if asked.known else "some rule"
    if findings.articles:
        lines.append(f"Of these articles {findings.fired:,} really met {whose}; {new:,} did not.")
        told_of = f"{findings.told_stories:,}" if findings.told_stories else "none"
        lines.append(f"Alerts were told of {told_of} of these stories.")
    if asked.known and findings.lost:
        lines.append(f"[yellow]It fired for {number_of(findings.lost, 'article')} that it would not fire for now.[/]")
    if Event.NEW not in asked.rule.on:
        lines.append(f"[yellow]The rule hears of {occasions(asked.rule)} only, and counted here are new texts.[/]")
    return [*lines, ""]


def _show_weeks(out: Console, weeks: Sequence[Week]) -> None:
    most = max(week.stories for week in weeks)
    room = max(5, min(_MOST_BAR, out.width - 40))
    out.print("[bold]Stories a week[/], from Monday; by date of publication, else when first seen")
    empty = 0
    for week in weeks:
        day = f"{week.begin.day:>2} {week.begin:%b %Y}"
        bar = "█" * max(1, round(week.stories * room / most)) if week.stories else ""
        more = f" [dim]({number_of(week.articles, 'article')})[/]" if week.articles != week.stories else ""
        if week.articles:
            empty = 0
            out.print(f"  {day}  [cyan]{bar}[/]{' ' if bar else ''}{week.stories:,}{more}")
        elif (empty := empty + 1) < _ROW_OF_NONE or len(weeks) <= _ALL:
            out.print(f"  {day}  [dim]·[/]")
        elif empty == _ROW_OF_NONE:
            out.print("  [dim]…[/]")
    out.print()


def _show_hit(out: Console, hit: Hit, reader: Reader, asked: _Asked) -> None:
    article = hit.article
    out.print(f"[bold cyan]{article.id}[/]  [bold]{escape(printable(article.label))}[/]", soft_wrap=True)
    became = "told" if hit.is_told else "met, no alert" if hit.has_fired else "new"
    if asked.known is None and hit.has_fired:
        became = "told of by a rule" if hit.is_told else "met by a rule, no alert"
    out.print(Padding(f"[dim]{escape(printable(_facts(article, reader)))} · {became}[/]", (0, 0, 0, 3)))
    out.print(Padding(told(out, hit.passage, _PASSAGE), (0, 0, 1, 3)))


def _show_gone(out: Console, findings: Findings, reader: Reader) -> None:
    shown = findings.gone[:_GONE]
    if shown:
        out.print("[bold]Fired, and would not now[/] (tonle alerts explain RULE ID tells why)")
    for article in shown:
        title = escape(printable(shortened(article.label, _TITLE)))
        out.print(f"[bold cyan]{article.id}[/]  {title} [dim]{escape(_facts(article, reader))}[/]", soft_wrap=True)


def _facts(article: Article, reader: Reader) -> str:
    when = reader.date(article.published_at) if article.published_at else NO_DATE
    return f"{reader.title(article.source)} · {when}"
