"""`tonle duplicates`: the stories that several articles carry, and what a person says of two articles."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from app.cli.groups import Listing
from app.cli.options import console, desk_of, printable
from app.cli.search import check_source, named_article
from app.cli.versions import WORDS, Carried, carried, copy_json, outlets, version_json
from app.desk import Desk
from core.errors import UsageError
from core.model import Article, CopyAddress
from core.stories import ONE_STORY, Link, Relation, Ruling, Story, Version
from core.text import shortened
from notify.entry import NO_DATE
from notify.phrases import Reader, in_a_row
from pipelines import rulings
from storage.store import Corpus

_LONGEST, _PASSAGE = 90, 160
_COLUMNS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("story", "right"),
    ("article", "right"),
    ("what it is called", "left"),
    ("versions", "right"),
    ("at", "left"),
    ("the others are", "left"),
)


@dataclass(frozen=True, slots=True)
class StoryRow:
    """A story in a list; relations are those of its other versions to the one that stands for it."""

    story: Story
    versions: tuple[Version, ...]
    relations: tuple[Relation, ...]

    @property
    def title(self) -> str:
        """What the version is called that stands for it."""
        return next(version.title for version in self.versions if version.is_representative)

    def as_json(self) -> dict[str, object]:
        """Return it for scripts."""
        return {
            "id": self.story.id,
            "representative": self.story.representative_id,
            "title": self.title,
            "versions": [{"id": version.article_id, "source": version.source} for version in self.versions],
            "relations": [relation.value for relation in self.relations],
        }


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is known of an article's story: of one that stands alone it is the only version, and story None.

    compared are the other versions held against the one that stands for it; copies and compared are by article.
    """

    story: Story | None
    versions: tuple[Version, ...]
    compared: Mapping[int, Carried]
    copies: Mapping[int, tuple[CopyAddress, ...]]
    links: tuple[Link, ...]
    rulings: tuple[Ruling, ...]

    @property
    def first(self) -> int:
        """The article that stands for the story."""
        return next(version.article_id for version in self.versions if version.is_representative)

    @property
    def ties(self) -> list[Link]:
        """The links between versions."""
        return [link for link in self.links if self._is_tie(link)]

    @property
    def others(self) -> list[Link]:
        """The links to articles that are no versions: they quote it, hold a part of it among others, or are split."""
        return [link for link in self.links if not self._is_tie(link)]

    def as_json(self) -> dict[str, object]:
        """Return it for scripts."""
        return {
            "story": self.story.id if self.story else None,
            "versions": [self._version_json(version) for version in self.versions],
            "links": [_link_json(link, is_tie=self._is_tie(link)) for link in self.links],
            "rulings": [asdict(ruling) | {"at": ruling.at.isoformat()} for ruling in self.rulings],
        }

    def _is_tie(self, link: Link) -> bool:
        within = {version.article_id for version in self.versions}
        return link.likeness.relation in ONE_STORY and {link.article_id, link.other_id} <= within

    def _version_json(self, version: Version) -> dict[str, object]:
        compared = self.compared.get(version.article_id)
        copies = [copy_json(copy) for copy in self.copies.get(version.article_id, ())]
        return (compared.as_json() if compared else version_json(version)) | {"copies": copies}


def _link_json(link: Link, *, is_tie: bool) -> dict[str, object]:
    found = asdict(link.likeness) | {"relation": link.likeness.relation.value}
    return {"id": link.article_id, "other": link.other_id, "version": is_tie, **found, "at": link.at.isoformat()}


group = typer.Typer(
    cls=Listing,
    invoke_without_command=True,
    help="Stories that several articles carry: `tonle duplicates`, `tonle duplicates 12`.",
)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="duplicates")


@group.command("list")
def duplicates(
    context: typer.Context,
    article: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The number of an article, or one of its addresses.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only stories that this source carries.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many stories.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the newest stories of several versions; with ID, all of one: who carried it, when, and what was cut."""
    desk = desk_of(context)
    with desk.corpus() as store, store.reading() as corpus:
        if article is not None:
            _one(desk, corpus, named_article(desk, corpus, article), as_json=as_json)
            return
        check_source(desk, corpus, source)
        stories = corpus.stories.newest(limit, source)
        versions = corpus.stories.versions([story.representative_id for story in stories])
        rows = [_row(corpus, story, versions[story.representative_id]) for story in stories]
    if as_json:
        typer.echo(json.dumps({"stories": [row.as_json() for row in rows]}, ensure_ascii=False))
    elif rows:
        console().print(_table(desk, rows))
    else:
        console().print("No article is a version of another.")


@group.command()
def join(
    context: typer.Context,
    one: Annotated[str, typer.Argument(metavar="ID", help="An article.")],
    other: Annotated[str, typer.Argument(metavar="ID", help="Another that is the same story.")],
) -> None:
    """Say that two articles are one story: their stories become one, and stay so whatever is found later."""
    desk = desk_of(context)
    with desk.corpus() as store, store.transaction() as corpus:
        first, second = _pair(desk, corpus, one, other)
        effect = rulings.join(corpus, first, second, desk.clock())
    story_id, number = (effect.story.id, len(effect.story.members)) if effect.story else (0, 0)
    console().print(f"Articles {first} and {second} are one story, number {story_id}, of {number} versions.")
    for low, high in effect.taken_back:
        console().print(f"What was said before is taken back: that {low} and {high} are two stories.")


@group.command()
def split(
    context: typer.Context,
    one: Annotated[str, typer.Argument(metavar="ID", help="The article that is to leave.")],
    other: Annotated[str, typer.Argument(metavar="ID", help="One that is another story.")],
) -> None:
    """Say that two articles are two stories: the first leaves that of the second, and never comes back by itself."""
    desk = desk_of(context)
    with desk.corpus() as store, store.transaction() as corpus:
        first, second = _pair(desk, corpus, one, other)
        effect = rulings.split(corpus, first, second, desk.clock())
    if effect.story is None:
        console().print(f"Articles {first} and {second} are not one story; it is kept that they shall not become one.")
        return
    also = [str(each) for each in effect.articles if each != first]
    with_it = f" with {in_a_row(also)}, joined to it by hand" if also else ""
    console().print(f"Article {first} has left the story of {second}{with_it}, and will not be joined to it again.")
    for low, high in effect.taken_back:
        console().print(f"What was said before is taken back: that {low} and {high} are one story.")


def _pair(desk: Desk, corpus: Corpus, one: str, other: str) -> tuple[int, int]:
    """Return the two articles that are named. Raises UsageError for one that is unknown, or one named twice."""
    first, second = (named_article(desk, corpus, name).id for name in (one, other))
    if first == second:
        raise UsageError(f"{one} and {other} are the same article, {first}: name two; `tonle search` lists numbers.")
    return first, second


def _row(corpus: Corpus, story: Story, versions: tuple[Version, ...]) -> StoryRow:
    relations = corpus.stories.relations(story.members)
    to_it = {relations.get((each, story.representative_id)) for each in story.members}
    return StoryRow(story, versions, tuple(relation for relation in WORDS if relation in to_it))


def _table(desk: Desk, rows: list[StoryRow]) -> Table:
    table = Table(header_style="bold")
    for heading, side in _COLUMNS:
        table.add_column(heading, overflow="fold", justify=side)
    for row in rows:
        table.add_row(
            str(row.story.id),
            f"[bold cyan]{row.story.representative_id}[/]",
            escape(printable(shortened(row.title, _LONGEST))),
            str(len(row.versions)),
            escape(outlets([version.source for version in row.versions], desk.titles)),
            ", ".join(WORDS[relation] for relation in row.relations),
        )
    return table


def _one(desk: Desk, corpus: Corpus, article: Article, *, as_json: bool) -> None:
    """Tell of the story of an article."""
    found = _whole(corpus, article)
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        return
    out, reader = console(), Reader(desk.titles, desk.zone)
    if found.story is None:
        out.print(f"Article {article.id} stands alone: no other is a version of it.")
    else:
        at = escape(outlets([version.source for version in found.versions], desk.titles))
        out.print(f"[bold]Story {found.story.id}[/]: {len(found.versions)} versions at {at}")
    for version in found.versions:
        _print_version(found, version, reader)
    _print_links("Why they are one", found.ties)
    _print_links("No versions, but", found.others)
    for ruling in found.rulings:
        what = "are one story" if ruling.is_one else "are two stories"
        when = reader.when(ruling.at)
        out.print(f"[yellow]by hand: {ruling.low_id} and {ruling.high_id} {what} (said {when})[/]")


def _whole(corpus: Corpus, article: Article) -> Whole:
    story = corpus.stories.of(article.id)
    members = story.members if story else (article.id,)
    versions = corpus.stories.versions([article.id]).get(article.id) or (_alone(article),)
    first = next(version.article_id for version in versions if version.is_representative)
    held = {member: corpus.articles.by_id(member) for member in members}
    links = {(link.article_id, link.other_id): link for member in members for link in corpus.stories.links(member)}
    return Whole(
        story,
        versions,
        {each.version.article_id: each for each in carried(corpus, first, versions)},
        {member: found.copies if found else () for member, found in held.items()},
        tuple(links[pair] for pair in sorted(links)),
        corpus.stories.rulings(members),
    )


def _alone(article: Article) -> Version:
    dated_at = article.published_at or article.first_seen
    particulars = article.source, article.url, article.title, article.published_at
    return Version(article.id, *particulars, dated_at, 0, is_representative=True)


def _print_version(found: Whole, version: Version, reader: Reader) -> None:
    out = console()
    number = f"{version.article_id:>6}"
    out.print(f"\n[bold cyan]{number}[/]  [bold]{escape(printable(version.title or '(no title)'))}[/]", soft_wrap=True)
    what = [reader.title(version.source), _when(version.published_at, reader)]
    if version.is_representative and found.story:
        what.append("stands for the story")
    lines = [f"[dim]{escape(printable(' · '.join(what)))}[/]"]
    if compared := found.compared.get(version.article_id):
        lines.append(f"[yellow]{compared.told}[/]; {_part(compared.cut.share)} of {found.first} stands in it")
    lines.append(f"[blue]{escape(printable(version.url))}[/]")
    for copy in found.copies.get(version.article_id, ()):
        at = f"{reader.title(copy.source)}, {_when(copy.published_at, reader)}"
        title = f" as “{copy.title}”" if copy.title and copy.title != version.title else ""
        lines.append(f"word for word at {escape(printable(at + title))}: [blue]{escape(printable(copy.url))}[/]")
    for line in lines:
        out.print(f"{' ' * 8}{line}", soft_wrap=True)


def _print_links(heading: str, links: Sequence[Link]) -> None:
    out = console()
    if links:
        out.print(f"\n[bold]{heading}[/]")
    for link in links:
        found = link.likeness
        pair = f"[cyan]{link.article_id}[/] to [cyan]{link.other_id}[/]"
        shares = f"{_part(found.share)} of {link.article_id}, {_part(found.share_of_other)} of {link.other_id}"
        agree = f"numbers and names agree to {_part(found.agreement)}"
        out.print(f"  {pair}: {WORDS[found.relation]}; in both: {shares}; {agree}", soft_wrap=True)
        for passage in found.passages:
            out.print(Padding(f"[dim]“{escape(printable(shortened(passage, _PASSAGE)))}”[/]", (0, 0, 0, 8)))


def _part(share: float) -> str:
    return f"{share:.0%}"


def _when(published: datetime | None, reader: Reader) -> str:
    return reader.date(published) if published else NO_DATE
