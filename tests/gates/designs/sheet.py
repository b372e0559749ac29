"""What a page's template sees, and the record of all that it shows which is not the article."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from random import Random

from markupsafe import Markup

from tests.gates.designs.stock import choices
from tests.gates.designs.story import Block, Story, zoned

WIRES = frozenset({"AFP", "AKP", "AP", "Agence Kampuchea Presse", "Agence France-Presse", "Kyodo", "Reuters", "Xinhua"})
"""Agencies that are authors where a byline names them."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a site shows its stories: the head of its template.

    date says what its pages tell of the time: none, day, minute (of no zone) or zoned; hours is its zone.
    """

    site: str
    title: str
    language: str = "en"
    path: str = "/{slug}"
    date: str = "day"
    hours: float = 7
    charset: str = "utf-8"

    @property
    def home(self) -> str:
        return f"https://www.{self.site}.example"


# Without a representation, so that no failing test prints a reserved page.
@dataclass(frozen=True, slots=True, repr=False)
class Truth:
    """What a perfect reader takes off a page.

    published is an ISO day, or minute where the page tells it, with the zone where it tells that; empty where it
    tells nothing. leaks are headlines, summaries and texts of other stories, furniture is whatever else must not be
    in the text, and optional are lines of which readers may think either way: notes to editors, decks, corrections.
    """

    title: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...]
    published: str
    language: str
    leaks: tuple[str, ...]
    furniture: tuple[str, ...]
    optional: tuple[str, ...]


class Sheet:
    """One page in the making: its template asks for everything here, so that what is shown is known."""

    def __init__(self, manner: Manner, story: Story, stories: tuple[Story, ...], number: int) -> None:
        self.site = manner
        self.story = story
        self.number = number
        self._chance = Random(f"sheet {manner.site} {number}")
        self._left = [other for other in stories if other is not story]
        self._chance.shuffle(self._left)
        self._dateline = ""
        self._authors = story.authors
        self._leaks: dict[str, None] = {}
        self._furniture: dict[str, None] = {}
        self._optional: dict[str, None] = {}

    @property
    def url(self) -> str:
        return self.site.home + self.path(self.story)

    def path(self, story: Story) -> str:
        """Return the path of a story's page."""
        return self.site.path.format(slug=story.slug, at=story.at, **_figures(story.at, "en"))

    def others(self, count: int) -> list[Story]:
        """Return other stories of the site, none that this page has shown already."""
        found, self._left = self._left[:count], self._left[count:]
        assert len(found) == count, "a site has too few stories for its lists"
        return found

    def headline(self, other: Story) -> str:
        return self.leak(other.title)

    def summary(self, other: Story) -> str:
        return self.leak(other.summary)

    def leak(self, text: str) -> str:
        """Return a text of another story."""
        self._leaks[text] = None
        return text

    def mark(self, text: str) -> str:
        """Return a text that is furniture."""
        self._furniture[text] = None
        return text

    def optional(self, text: str) -> str:
        """Return a line that a reader may take or leave."""
        self._optional[text] = None
        return text

    def dateline(self, text: str) -> str:
        """Return what stands before the first sentence, in its paragraph."""
        self._dateline = text
        return text

    def agency(self, name: str) -> str:
        """Return a byline that names no person: a desk, the staff, the publisher, or a wire agency.

        A wire agency wrote what its byline says that it wrote, and is the author; none of the others is.
        """
        self._authors = (name,) if name in WIRES else ()
        return name

    def chosen(self, *texts: str) -> str:
        """Return one of some texts."""
        return self._chance.choice(texts)

    def between(self, least: int, most: int) -> int:
        return self._chance.randint(least, most)

    def digest(self, length: int = 6) -> str:
        """Return letters and figures as build tools name things."""
        return "".join(self._chance.choices("abcdefghkmnpqrstuvwxyz0123456789", k=length))

    def when(self, form: str, moment: datetime | None = None, *, later: int = 0) -> str:
        """Return a moment, the story's if none is given, in a form such as `{D} {MMMM} {YYYY}, {HH}:{mm}`."""
        given = (moment or self.story.at) + timedelta(minutes=later)
        return form.format(**_figures(given, self.site.language))

    def iso(self, *, later: int = 0, utc: bool = False) -> str:
        """Return the story's moment with its zone."""
        moment = zoned(self.story.at, self.site.hours) + timedelta(minutes=later)
        if not utc:
            return moment.isoformat()
        return (self.story.at + timedelta(minutes=later, hours=-self.site.hours)).isoformat() + "Z"

    def rich(self, text: str) -> Markup:
        """Return a text with what editors put into one: here and there a link or words that stand out."""
        words = text.split(" ")
        if len(words) < 9 or self._chance.random() < 0.6:
            return Markup(escape(text, quote=False))  # noqa: S704  # escaped here
        begin = self._chance.randint(1, len(words) - 5)
        end = begin + self._chance.randint(1, 4)
        tag, attributes = self._chance.choice((("a", self._link()), ("a", self._link()), ("em", ""), ("strong", "")))
        inner = f"<{tag}{attributes}>{escape(' '.join(words[begin:end]), quote=False)}</{tag}>"
        parts = [escape(" ".join(words[:begin]), quote=False), inner, escape(" ".join(words[end:]), quote=False)]
        return Markup(" ".join(part for part in parts if part))  # noqa: S704  # as above

    def linked(self, text: str) -> Markup:
        """Return a text of the article all of which but its last words is a link to another page of the site."""
        words = text.split(" ")
        link, rest = (escape(" ".join(part), quote=False) for part in (words[:-3], words[-3:]))
        return Markup(f'<a href="{self.path(self._left[0])}">{link}</a> {rest}')  # noqa: S704  # escaped here

    def truth(self) -> Truth:
        """Return what the page holds, once its template has been filled."""
        first, *rest = self.story.blocks
        return Truth(
            self.story.title,
            (Block(first.kind, self._dateline + first.text), *rest),
            self._authors,
            self._published(),
            self.site.language,
            tuple(self._leaks),
            tuple(self._furniture),
            tuple(self._optional),
        )

    def _link(self) -> str:
        return f' href="https://records.example/{self.digest()}"'

    def _published(self) -> str:
        match self.site.date:
            case "none":
                return ""
            case "day":
                return self.story.at.date().isoformat()
            case "minute":
                return self.story.at.isoformat(timespec="minutes")
        return zoned(self.story.at, self.site.hours).isoformat(timespec="minutes")


def _figures(moment: datetime, language: str) -> dict[str, str]:
    months, days = choices(language, "month"), choices(language, "weekday")
    return {
        "D": str(moment.day),
        "DD": f"{moment.day:02}",
        "M": str(moment.month),
        "MM": f"{moment.month:02}",
        "MMMM": months[moment.month - 1],
        "MMM": months[moment.month - 1][:3],
        "YYYY": str(moment.year),
        "dddd": days[moment.weekday()],
        "ddd": days[moment.weekday()][:3],
        "HH": f"{moment.hour:02}",
        "h": str(moment.hour % 12 or 12),
        "mm": f"{moment.minute:02}",
        "A": "AM" if moment.hour < 12 else "PM",
        "a": "am" if moment.hour < 12 else "pm",
    }
