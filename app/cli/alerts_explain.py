"""`tonle alerts explain`: why a rule fired for an article, or did not, and who hears of it."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.tree import Tree

from app.cli.alerts_audience import Hearer, hearers, occasions
from app.cli.options import console, desk_of, printable
from app.cli.passages import told
from app.cli.search import named_article
from app.desk import Desk
from app.trial_rule import rule_in_force
from core.model import Article, Match
from core.query import printed
from core.rules import Event, Rule
from notify.entry import NO_DATE
from notify.phrases import Reader, in_a_row
from pipelines.alerts import Explanation, explained, text_of
from storage.store import Corpus

_PASSAGE, _LONG = 140, 400
_LATER = (Event.WITHDRAWALS, Event.COPIES)  # by which an article may meet a rule again
_YES, _NO = "[green]✓[/]", "[red]✗[/]"


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("explain")(explain)


@dataclass(frozen=True, slots=True)
class Reasons:
    """All that decides whether somebody hears of an article by a rule.

    words are held against the text as it is now. fired are the rule's matches on this article, story those on the other
    versions of its story.
    """

    rule: Rule
    article: Article
    words: Explanation
    fired: tuple[Match, ...]
    story: tuple[Match, ...]
    hearers: tuple[Hearer, ...]

    def why_not(self, hearer: Hearer) -> str:
        """Return why somebody whom the rule concerns does not hear of this article, empty where they do."""
        reader = hearer.reader
        if hearer.has_left:
            return "wants to hear no more"
        if reader.sources and self.article.source not in reader.sources:
            return f"hears of {in_a_row(reader.sources)} only"
        if not reader.reads(self.article.source, self.article.language):
            return f"hears of texts in {in_a_row(reader.languages)} only"
        return ""


def explain(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(metavar="RULE", help="A rule.")],
    article: Annotated[str, typer.Argument(metavar="ID", help="The number of an article, or one of its addresses.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell why a rule fired for an article or did not: word by word, then what else decides, and who hears of it."""
    desk = desk_of(context)
    asked = rule_in_force(desk.config, rule)
    with desk.corpus() as store, store.reading() as corpus:
        found = _reasons(desk, corpus, asked, named_article(desk, corpus, article))
    if as_json:
        typer.echo(json.dumps(_json(found), ensure_ascii=False))
    else:
        _show(console(), desk, found)


def _reasons(desk: Desk, corpus: Corpus, rule: Rule, article: Article) -> Reasons:
    story = corpus.stories.of(article.id)
    versions = story.members if story else (article.id,)
    matches = [match for match in corpus.matches.of_articles(versions) if match.rule == rule.name]
    return Reasons(
        rule,
        article,
        explained(rule, text_of(article)),
        tuple(match for match in matches if match.article.id == article.id),
        tuple(match for match in matches if match.article.id != article.id),
        hearers(desk.config, rule.name, corpus.subscribers.gone()),
    )


def _show(out: Console, desk: Desk, found: Reasons) -> None:
    article, reader = found.article, Reader(desk.titles, desk.zone)
    out.print(f"[bold]{escape(printable(article.label))}[/]", soft_wrap=True)
    when = reader.date(article.published_at) if article.published_at else NO_DATE
    out.print(f"[dim]{escape(printable(f'{reader.title(article.source)} · {when} · article {article.id}'))}[/]\n")
    verb = "[green]fires[/]" if found.words.is_met else "[red]does not fire[/]"
    out.print(f"Rule [bold cyan]{found.rule.name}[/] {verb} for its newest text.\n")
    shown = {passage.text for passage in found.words.passages}
    for passage in found.words.passages:
        out.print(Padding(told(out, passage, _LONG), (0, 0, 1, 3)))
    out.print(_tree(out, found.words, shown))
    out.print()
    for line in (*_history(found, reader), *_audience(found)):
        out.print(line)


def _tree(out: Console, part: Explanation, shown: Collection[str]) -> Tree:
    """Return an explanation with all below it, and of each part a passage that was not shown already."""
    note = f": {escape(printable(part.note))}" if part.note else ""
    tree = Tree(f"{_YES if part.is_met else _NO} {escape(printable(part.what))}[dim]{note}[/]", guide_style="dim")
    for passage in [each for each in part.passages if each.text not in shown][:1]:
        tree.add(told(out, passage, _PASSAGE))
    for inner in part.parts:
        tree.children.append(_tree(out, inner, shown))
    return tree


def _history(found: Reasons, reader: Reader) -> Iterator[str]:
    """Yield what really happened: when it fired for this article, and for others of its story."""
    for match in found.fired:
        late = ", late, in a correction" if match.is_late else ""
        how = f"on {match.event}" if match.event in _LATER else f"in revision {match.revision}"
        became = "an alert was told" if match.is_told else "no alert was told"
        yield f"It fired on {reader.when(match.at)}, {how}{late}: match {match.id}, {became}."
    if not found.fired:
        yield "It never fired for this article."
    elif not found.words.is_met:
        yield _since(found.article, found.fired[-1])
    for match in found.story:
        became = ", and an alert was told" if match.is_told else ""
        yield (
            f"Of the same story it fired for article {match.article.id} ({reader.title(match.article.source)}) on "
            f"{reader.when(match.at)}: match {match.id}{became}."
        )
    if any(match.is_told for match in (*found.fired, *found.story)):
        yield "Of a story each reader is told once a rule: neither an edit nor another version makes a further alert."
    yield f"The rule hears of {occasions(found.rule)}."


def _since(article: Article, match: Match) -> str:
    """Return why a rule that fired does not fire now."""
    if match.revision != article.revision:
        return f"Its text was changed since: tonle diff {article.id}"
    return "The rule was changed since."


def _audience(found: Reasons) -> Iterator[str]:
    """Yield who hears of it, and who does not though the rule concerns them."""
    hear = [each for each in found.hearers if not found.why_not(each)]
    yield ""
    verb = "hears" if found.words.is_met else "would hear"
    yield f"[bold]Who {verb} of it[/]" if hear else f"[bold]Nobody {verb} of it.[/]"
    for each in hear:
        quiet = f", not within {each.reader.quiet} ({each.reader.zone})" if each.reader.quiet else ""
        yield f"  {escape(each.label)}: {each.ways}{quiet}"
    for each in found.hearers:
        if reason := found.why_not(each):
            yield f"  [dim]not {escape(each.label)}: {escape(reason)}[/]"


def _json(found: Reasons) -> dict[str, object]:
    return {
        "rule": found.rule.name,
        "query": printed(found.rule.wanted),
        "article": found.article.id,
        "fires": found.words.is_met,
        "words": _part_json(found.words),
        "on": [event.value for event in found.rule.on],
        "fired": [_match_json(match) for match in found.fired],
        "story": [_match_json(match) for match in found.story],
        "heard_by": [each.as_json() | {"why_not": found.why_not(each)} for each in found.hearers],
    }


def _part_json(part: Explanation) -> dict[str, object]:
    return {
        "what": part.what,
        "met": part.is_met,
        "note": part.note,
        "passages": [{"text": each.text, "spans": [list(span) for span in each.spans]} for each in part.passages],
        "parts": [_part_json(inner) for inner in part.parts],
    }


def _match_json(match: Match) -> dict[str, object]:
    told_of = {"id": match.id, "article": match.article.id, "at": match.at.isoformat(), "event": match.event}
    return told_of | {"revision": match.revision, "late": match.is_late, "told": match.is_told}
