"""`tonle alerts`: the rules, how they have done, what they were met by, and what people say of that."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from app.cli import alerts_explain, alerts_trial
from app.cli.alerts_audience import Hearer, hearers, in_words, occasions
from app.cli.groups import Listing
from app.cli.options import console, desk_of, printable
from app.cli.passages import told
from app.desk import Desk
from core.errors import UsageError
from core.feedback import Record, Verdict
from core.model import Match
from core.query import printed
from core.rules import Event, Rule
from core.text import shortened
from notify.entry import NO_DATE
from notify.phrases import Reader, in_a_row, number_of
from storage.store import Corpus

_RECENT = timedelta(days=30)
_ENOUGH = 5
"""Of fewer answers no percentage is told: of three, one more or less moves it by a third."""
_PASSAGE, _TITLE = 300, 100
_DIGITS = 18  # of a number that the corpus can count to
_EVENTS = {"new": "", "edits": "in an edit", "withdrawals": "as it was withdrawn", "copies": "in a copy"}

group = typer.Typer(
    cls=Listing,
    invoke_without_command=True,
    help="The rules and their alerts: `tonle alerts`, `tonle alerts RULE`, and whether a rule does what it should.",
)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="alerts")


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in the list: rule is None for one that is not in the settings any more."""

    rule: Rule | None
    record: Record
    hearers: tuple[Hearer, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it for scripts."""
        rule, record = self.rule, self.record
        asked: dict[str, object] = {"name": record.rule, "in_force": rule is not None}
        if rule:
            asked |= {"query": printed(rule.wanted), "sources": list(rule.sources), "languages": list(rule.languages)}
            asked |= {"on": [event.value for event in rule.on]}
        return asked | {
            "fired": record.matches,
            "fired_30_days": record.recent,
            "last_at": record.last_at.isoformat() if record.last_at else None,
            "told": record.told,
            "good": record.good,
            "noise": record.noise,
            "precision": None if record.precision is None else round(record.precision, 3),
            "heard_by": [each.as_json() for each in self.hearers],
        }


@group.command("list")
def alerts(
    context: typer.Context,
    rule: Annotated[str | None, typer.Argument(metavar="[RULE]", help="A rule, to see what it was met by.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many matches.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the rules with how they have done; with RULE, what it was met by lately, with the numbers for feedback."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        rows = _rows(desk, corpus)
        if rule is not None:
            _of_rule(desk, corpus, _named(rows, rule), limit, as_json=as_json)
            return
    if as_json:
        typer.echo(json.dumps({"rules": [row.as_json() for row in rows]}, ensure_ascii=False))
        return
    out = console()
    for row in rows:
        _print_row(out, row, desk)
    if not rows:
        out.print(f"There are no rules: {desk.path} says what you want to hear of under `rules`.")


@group.command()
def feedback(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="ID… good|noise", help="The numbers of matches, then what you say of them."),
    ],
    undo: Annotated[bool, typer.Option("--undo", help="Take back what was said; numbers alone.")] = False,
) -> None:
    """Say whether alerts were worth it: good or noise. What is said last counts; `tonle alerts` has the totals."""
    desk = desk_of(context)
    names, verdict = (words, None) if undo else (words[:-1], _verdict(words[-1]))
    if not names:
        raise UsageError("Which matches? Name their numbers before the word: `tonle alerts feedback 12 15 good`.")
    numbers = dict.fromkeys(map(_number, names))
    with desk.corpus() as store, store.transaction() as corpus:
        found = {match.id: match for match in corpus.matches.by_ids(numbers)}
        if unknown := [str(number) for number in numbers if number not in found]:
            what = "is no match" if len(unknown) == 1 else "are no matches"
            raise UsageError(f"{in_a_row(unknown)} {what}: `tonle alerts RULE` lists numbers. Nothing was changed.")
        before = corpus.feedback.of(numbers)
        for number in numbers:
            if verdict:
                corpus.feedback.say(number, verdict, desk.clock())
            else:
                corpus.feedback.unsay(number)
        records = corpus.feedback.records(desk.clock() - _RECENT)
    out = console()
    for number in numbers:
        match = found[number]
        title = shortened(match.article.label, _TITLE)
        line = f"{number} ({match.rule}), {title}: {_changed(before.get(number), verdict)}"
        out.print(escape(printable(line)), soft_wrap=True)
    for name in dict.fromkeys(found[number].rule for number in numbers):
        out.print(f"{name}: {judged(records[name])}")


def _verdict(word: str) -> Verdict:
    try:
        return Verdict(word.lower())
    except ValueError:
        raise UsageError(f"The last word is good or noise, not `{word}`; or take back with --undo.") from None


def _number(name: str) -> int:
    plain = name.removeprefix("#")
    if not (plain.isascii() and plain.isdigit() and len(plain) <= _DIGITS):
        raise UsageError(f"`{name}` is no number of a match: `tonle alerts RULE` lists them.")
    return int(plain)


def _changed(before: Verdict | None, verdict: Verdict | None) -> str:
    if verdict is None:
        return f"{before} is taken back" if before else "nothing was said"
    return f"{verdict}, no longer {before}" if before and before != verdict else verdict.value


def judged(record: Record) -> str:
    """Return what people said of a rule's matches, in words; a percentage only where enough was said."""
    if not record.answers:
        return "no feedback yet"
    share = f"{record.good} of {record.answers} good"
    if record.answers < _ENOUGH or record.precision is None:
        return f"{share} (fewer than {_ENOUGH} answers say little)"
    return f"{share} ({record.precision:.0%})"


def _rows(desk: Desk, corpus: Corpus) -> list[RuleRow]:
    """Return the rules in force, in their order, then those that were met once and are no longer there."""
    records = corpus.feedback.records(desk.clock() - _RECENT)
    gone = corpus.subscribers.gone()
    rows = [
        RuleRow(rule, records.pop(rule.name, Record(rule.name)), hearers(desk.config, rule.name, gone))
        for rule in desk.config.rules
    ]
    return [*rows, *(RuleRow(None, record) for record in records.values())]


def _named(rows: Iterable[RuleRow], name: str) -> RuleRow:
    known = {row.record.rule: row for row in rows}
    if name not in known:
        raise UsageError(f"There is no rule `{name}`; known: {', '.join(known) or 'none'}.")
    return known[name]


def _print_row(out: Console, row: RuleRow, desk: Desk) -> None:
    record, rule = row.record, row.rule
    out.print(f"[bold cyan]{record.rule}[/]" + ("" if rule else "  [dim]no longer in the settings[/]"))
    if rule:
        out.print(Padding(escape(printable(printed(rule.wanted))), (0, 0, 0, 3)))
        if restricted := _restricted(rule):
            out.print(Padding(f"[dim]{restricted}[/]", (0, 0, 0, 3)))
    out.print(Padding(_fired(record, desk), (0, 0, 0, 3)))
    out.print(Padding(f"[dim]feedback:[/] {judged(record)}", (0, 0, 0, 3)))
    if rule:
        out.print(Padding(f"[dim]heard by:[/] {escape(in_words(row.hearers))}", (0, 0, 0, 3)))
    out.print()


def _restricted(rule: Rule) -> str:
    """Return for what a rule holds, where that is not everything."""
    parts = [f"only {in_a_row(rule.sources)}"] if rule.sources else []
    parts += [f"only in {in_a_row(rule.languages)}"] if rule.languages else []
    parts += [f"of {occasions(rule)}"] if set(rule.on) != {Event.NEW, Event.EDITS} else []
    return "; ".join(parts)


def _fired(record: Record, desk: Desk) -> str:
    if not record.last_at:
        return "[dim]never fired[/]"
    reader = Reader(desk.titles, desk.zone)
    times = "once" if record.matches == 1 else f"{record.matches:,} times"
    told_of = f"{number_of(record.told, 'alert')} told" if record.told else "no alert told"
    return f"fired {times} ({record.recent:,} in 30 days), last on {reader.when(record.last_at)}; {told_of}"


def _of_rule(desk: Desk, corpus: Corpus, row: RuleRow, limit: int, *, as_json: bool) -> None:
    found = corpus.matches.newest(limit, row.record.rule)
    said = corpus.feedback.of(match.id for match in found)
    if as_json:
        matches = [_match_json(match, said.get(match.id)) for match in found]
        typer.echo(json.dumps({"rule": row.as_json(), "matches": matches}, ensure_ascii=False))
        return
    out = console()
    _print_row(out, row, desk)
    for match in found:
        _print_match(out, match, said.get(match.id), desk)
    if row.record.matches > len(found):
        out.print(f"… and {row.record.matches - len(found):,} older; --limit shows more")
    if found:
        out.print(f"Worth an alert? tonle alerts feedback {_example(found, said)} good|noise", soft_wrap=True)


def _example(found: Sequence[Match], said: Mapping[int, Verdict]) -> int:
    """Return the newest match of which nothing was said yet, or the newest."""
    return next((match.id for match in found if match.id not in said), found[0].id)


def _print_match(out: Console, match: Match, verdict: Verdict | None, desk: Desk) -> None:
    reader = Reader(desk.titles, desk.zone)
    article = match.article
    mark = {Verdict.GOOD: "  [green]good[/]", Verdict.NOISE: "  [red]noise[/]"}.get(verdict) if verdict else ""
    out.print(f"[bold cyan]{match.id}[/]  [bold]{escape(printable(article.label))}[/]{mark}", soft_wrap=True)
    published = reader.date(article.published_at) if article.published_at else NO_DATE
    facts = [reader.title(article.source), published, f"article {article.id}", f"met {reader.when(match.at)}"]
    facts += [how] if (how := _EVENTS.get(match.event, match.event)) else []
    facts += ["late, in a correction"] if match.is_late else []
    facts += [] if match.is_told else ["no alert"]
    out.print(Padding(f"[dim]{escape(printable(' · '.join(facts)))}[/]", (0, 0, 0, 3)))
    out.print(Padding(told(out, match.passage, _PASSAGE), (0, 0, 1, 3)))


def _match_json(match: Match, verdict: Verdict | None) -> dict[str, object]:
    article = match.article
    return {
        "id": match.id,
        "rule": match.rule,
        "article": article.id,
        "source": article.source,
        "title": article.title,
        "url": article.url,
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "at": match.at.isoformat(),
        "event": match.event,
        "revision": match.revision,
        "late": match.is_late,
        "told": match.is_told,
        "passage": match.passage.text,
        "spans": [list(span) for span in match.passage.spans],
        "feedback": verdict.value if verdict else None,
    }


alerts_trial.register(group)
alerts_explain.register(group)
