"""Invented stories: blocks of text in order, and what a site says of a story elsewhere."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from itertools import groupby
from random import Random

from tests.gates.designs.stock import TOPICS, Filler, lines, sentences

SHAPES = ("plain", "brief", "headed", "tabled", "listed", "standing", "quoting")
"""What the seven pages of a design hold, in order; in the last two a text recurs that other stories have too."""

_FIRST = datetime(2024, 2, 3)  # noqa: DTZ001  # the design says in which zone
_LENGTHS = {"brief": (3, 3), "tabled": (14, 17), "headed": (10, 13)}
_LENGTH = (8, 12)
_ROWS = 4


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a body; the cells of a row are parted by a bar.

    kind: paragraph, heading, quote, item or row; question, verse, linked (all but its last words are a link) and note
    (a correction or a footnote) are shown as paragraphs where a template knows no better.
    """

    kind: str
    text: str

    @property
    def cells(self) -> list[str]:
        return self.text.split(" | ")


@dataclass(frozen=True, slots=True)
class Story:
    """A story of a site. summary is what listings say of it; it shares no sentence with the body."""

    title: str
    summary: str
    slug: str
    at: datetime
    authors: tuple[str, ...]
    blocks: tuple[Block, ...]
    caption: str
    bio: str = ""
    comments: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    shape: str = "plain"

    @property
    def lead(self) -> str:
        return self.blocks[0].text

    @property
    def groups(self) -> list[tuple[str, list[Block]]]:
        """The blocks, with items and rows that follow one another together."""
        return [(kind, list(found)) for kind, found in groupby(self.blocks, key=lambda block: block.kind)]


@dataclass(frozen=True, slots=True)
class Desk:
    """The newsroom of an invented site."""

    name: str
    title: str
    language: str
    topics: tuple[str, ...]
    authors: tuple[int, ...] = (1,)

    def stories(self, shapes: tuple[str, ...], others: int) -> tuple[Story, ...]:
        """Return a story for each shape, and others of which only headline and summary are ever shown in lists."""
        # A chance that must repeat, and guards nothing.
        chance = Random(f"desk {self.name}")
        quote, background = self._recurring(chance)
        written: set[str] = set()
        found: list[Story] = []
        for number, shape in enumerate((*shapes, *["brief"] * others)):
            writer = _Writer(self, chance, self.topics[number % len(self.topics)], written)
            blocks = list(writer.blocks(shape))
            if shape in {"standing", "headed"}:
                blocks.insert(min(4, len(blocks)), Block("paragraph", background))
            if shape in {"standing", "quoting"}:
                blocks.insert(2, Block("paragraph", quote))
            found.append(writer.story(shape, number, blocks))
        return tuple(found)

    def _recurring(self, chance: Random) -> tuple[str, str]:
        filler = Filler(chance, self.language)
        quote = filler.fill(chance.choice(sentences(self.language, "quote")))
        return quote, filler.fill(chance.choice(lines(self.language, "background")))


class _Writer:
    """Writes one story; what was written before for the site is never written again."""

    def __init__(self, desk: Desk, chance: Random, topic: str, written: set[str]) -> None:
        self._desk = desk
        self._chance = chance
        self._topic = topic if desk.language == "en" else "any"
        self._written = written
        self._filler = Filler(chance, desk.language)
        self._used: set[str] = set()

    def blocks(self, shape: str) -> Iterator[Block]:
        if shape in _WHOLE:
            yield from _WHOLE[shape](self)
            return
        low, high = _LENGTHS.get(shape, _LENGTH)
        length = self._chance.randint(low, high)
        yield Block("paragraph", self._lead())
        for number in range(1, length):
            yield from self._inserts(shape, number)
            yield Block("paragraph", self._paragraph(number))
        if shape == "noted":
            yield from (Block("note", self._line("footnote")) for _ in range(2))
            yield Block("note", self._line("correction"))

    def _live(self) -> Iterator[Block]:
        """Write the entries of a live blog, each below a heading of its own."""
        yield Block("paragraph", self._lead())
        for _ in range(self._chance.randint(5, 7)):
            yield Block("heading", self._line("heading"))
            for _ in range(self._chance.randint(1, 2)):
                yield Block("paragraph", self._paragraph(self._chance.randint(1, 5)))

    def _items(self) -> Iterator[Block]:
        """Write an article that is a list and hardly more."""
        yield Block("paragraph", self._lead())
        for _ in range(self._chance.randint(7, 10)):
            yield Block("item", self._paragraph(1))

    def _interview(self) -> Iterator[Block]:
        yield Block("paragraph", self._lead())
        for number in range(self._chance.randint(5, 7)):
            yield Block("question", self._line("question"))
            yield Block("paragraph", self._new("body") if number % 2 else self._paragraph(1))

    def _terse(self) -> Iterator[Block]:
        """Write a text of short lines, and of paragraphs that begin as furniture does."""
        yield Block("paragraph", self._lead())
        for number in range(self._chance.randint(5, 6)):
            yield Block("paragraph", self._paragraph(number))
            yield Block("paragraph", self._line("warily" if number % 2 else "terse"))
            if number == 1:
                yield from (Block("verse", self._filler.fill(line)) for line in lines(self._desk.language, "verse"))
            if number in {2, 4}:
                yield Block("linked", self._line("linked") + ", " + self._chance.choice(_ENDS))
        yield Block("paragraph", self._line("terse"))

    def story(self, shape: str, number: int, blocks: list[Block]) -> Story:
        self._filler.forget_names()
        title = self._new("title")
        self._filler.forget_names()
        summary = self._new("sum")
        count = self._desk.authors[number % len(self._desk.authors)]
        authors = tuple(dict.fromkeys(self._filler.person() for _ in range(count)))
        bio = self._line("bio", A=authors[0], site=self._desk.title) if authors else ""
        self._filler.forget_names()
        comments = tuple((self._filler.person(), self._line("comment")) for _ in range(self._chance.randint(1, 4)))
        minutes = timedelta(days=9 * number + self._chance.randint(0, 700), minutes=self._chance.randint(360, 1290))
        caption, tags = self._line("caption"), tuple(self._filler.fill(slot) for slot in ("{place}", "{commune}"))
        slug = f"story-{1000 + number * 37}" if self._desk.language in {"km", "ar"} else _slug(title)
        return Story(
            title, summary, slug, _FIRST + minutes, authors, tuple(blocks), caption, bio, comments, tags, shape
        )

    def _lead(self) -> str:
        second = f" {self._new('body')}" if self._chance.random() < 0.4 else ""
        return self._new("lead") + second

    def _paragraph(self, number: int) -> str:
        if number % 3 == 2:
            return self._new("quote")
        count = self._chance.choice((1, 1, 2, 2, 2, 3))
        found = [self._new("body") for _ in range(count)]
        return " ".join([*found, self._new("quote")] if number % 5 == 4 else found)

    def _inserts(self, shape: str, number: int) -> Iterator[Block]:
        if shape in {"headed", "tabled"} and number % 4 == 3:
            yield Block("heading", self._line("heading"))
        if shape == "headed" and number == 6:
            yield Block("quote", self._new("quote"))
        if shape == "tabled" and number == 5:
            yield from self._table()
        if shape == "listed" and number == 4:
            yield Block("paragraph", self._line("listlead"))
            yield from (Block("item", self._line("item")) for _ in range(4))

    def _table(self) -> Iterator[Block]:
        head = self._line("tablehead").replace("؛", ";").split(";")
        yield Block("row", " | ".join(cell.strip() for cell in head))
        for _ in range(_ROWS):
            yield Block("row", " | ".join(self._filler.fill(slot) for slot in ("{village_last}", "{nn}", "{n}")))

    def _new(self, part: str) -> str:
        stock = sentences(self._desk.language, part, self._topic)
        while True:
            unused = [line for line in stock if line not in self._used] or list(stock)
            line = self._chance.choice(unused)
            self._used.add(line)
            text = self._filler.fill(line)
            if text not in self._written:
                self._written.add(text)
                return text

    def _line(self, part: str, **fixed: str) -> str:
        stock = lines(self._desk.language, part)
        line = self._chance.choice([line for line in stock if line not in self._used] or list(stock))
        self._used.add(line)
        return self._filler.fill(line, **fixed)


_ENDS = ("he says.", "it says.", "they say.")
_WHOLE: dict[str, Callable[[_Writer], Iterator[Block]]] = {
    "live": _Writer._live,
    "items": _Writer._items,
    "interview": _Writer._interview,
    "terse": _Writer._terse,
}


def topics_of(names: str) -> tuple[str, ...]:
    """Return the topics that a design names; all of them where it names none."""
    found = tuple(names.split())
    return found if found and set(found) <= set(TOPICS) else TOPICS


def zoned(moment: datetime, hours: float) -> datetime:
    """Return a moment with its distance from UTC."""
    return moment.replace(tzinfo=timezone(timedelta(hours=hours)))


def _slug(title: str) -> str:
    kept = "".join(character if character.isalnum() else " " for character in title.lower())
    return "-".join(kept.split())
