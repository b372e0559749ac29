"""Many alerts in one message: what each rule found, an article in a few lines. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.model import Match
from notify.archived import Archive, Kept
from notify.entry import NO_DATE, title_of
from notify.marked import Room, Stretch, stretches
from notify.phrases import Reader, Words, bounded, number_of, visible, words

_NAMED = 3  # rules in a subject
_ROOM = Room(before=60, after=90, within=160)  # a passage in one line, or two
_EVENTS = {"edits": "edited", "withdrawals": "withdrawn", "copies": "copied"}


@dataclass(frozen=True, slots=True)
class Item:
    """An article that met a rule; passage gives language and direction of the stretches, event what happened to it."""

    article_id: int
    title: Words
    source: str
    when: str
    url: str
    passage: Words
    stretches: tuple[Stretch, ...]
    event: str
    kept: Kept | None


@dataclass(frozen=True, slots=True)
class Group:
    """What met a rule, the latest first; number counts those left out too."""

    rule: str
    number: int
    items: tuple[Item, ...]

    @property
    def left_out(self) -> int:
        """How many alerts are only counted."""
        return self.number - len(self.items)


@dataclass(frozen=True, slots=True)
class Summary:
    """Many alerts, by rule, the rule with the most first; span says when they were met, zone whose time that is."""

    groups: tuple[Group, ...]
    span: str
    zone: str

    @property
    def number(self) -> int:
        """How many alerts these are."""
        return sum(group.number for group in self.groups)

    @property
    def left_out(self) -> int:
        """How many alerts are only counted."""
        return sum(group.left_out for group in self.groups)

    @property
    def heading(self) -> str:
        """How many alerts there are, as a heading has it."""
        return number_of(self.number, "alert")

    @property
    def totals(self) -> str:
        """How many each rule has, in a row."""
        return ", ".join(f"{group.rule} {group.number:,}" for group in self.groups)

    @property
    def subject(self) -> str:
        """What a message's subject says: how many, and of which rules."""
        counts = [f"{group.rule} {group.number:,}" for group in self.groups]
        more = "" if len(counts) <= _NAMED else ", …"
        return f"tonle: {self.heading} — {', '.join(counts[:_NAMED])}{more}"


def summary(matches: Sequence[Match], reader: Reader, archive: Archive = Archive()) -> Summary:  # noqa: B008 - frozen
    """Return many alerts as one value."""
    by_rule: dict[str, list[Match]] = {}
    for match in sorted(matches, key=lambda match: -match.id):
        by_rule.setdefault(match.rule, []).append(match)
    order = sorted(by_rule, key=lambda rule: (-len(by_rule[rule]), rule))
    groups = (
        Group(visible(rule), len(by_rule[rule]), tuple(_item(match, reader, archive) for match in by_rule[rule]))
        for rule in order
    )
    return Summary(tuple(groups), _span(matches, reader), str(reader.zone))


def abbreviated(whole: Summary, number: int) -> Summary:
    """Return a summary that names so many alerts and counts the others: of each rule the latest, in turn."""
    places = sorted((place, turn) for turn, group in enumerate(whole.groups) for place in range(len(group.items)))
    most = [0] * len(whole.groups)
    for _, turn in places[:number]:
        most[turn] += 1
    groups = (replace(group, items=group.items[:count]) for group, count in zip(whole.groups, most, strict=True))
    return replace(whole, groups=tuple(groups))


def _item(match: Match, reader: Reader, archive: Archive) -> Item:
    article = match.article
    shown = tuple(stretches(match.passage, _ROOM))
    return Item(
        article_id=article.id,
        title=title_of(article),
        source=reader.title(article.source),
        when=reader.date(article.published_at) if article.published_at else NO_DATE,
        url=bounded(article.url),
        passage=words("".join(part.text for part in shown), article.language),
        stretches=shown,
        event=_EVENTS.get(match.event, ""),
        kept=archive.kept(article.id),
    )


def _span(matches: Iterable[Match], reader: Reader) -> str:
    met = [match.at for match in matches]
    if not met:
        return ""
    first, last = reader.when(min(met)), reader.when(max(met))
    return f"Met {first}." if first == last else f"Met between {first} and {last}."
