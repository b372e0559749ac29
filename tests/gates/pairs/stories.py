"""Invented news texts on human rights in Cambodia and near it, told by chance from the plots.

An event fixes the names, places and numbers; a story is what a reporter chose of it, fact by fact; a voice is how the
reporter words each fact. Two tellings of one story in opposite voices say the same in other words and keep only what
people are quoted with.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from tests.gates.pairs import lexicon
from tests.gates.pairs.plots import Fact, Plot, Slot, Template, english, khmer, sheet, stock

# Offices that one person holds at a time take no article.
OFFICES = re.compile(
    r"^(wife|sister)\b|spokes|chief|head\b|director|governor|president|minister|secretary|chair|rapporteur|commander"
    r"|manager|founder|editor|coordinator|consul|foreman"
)
PERSONS = "ABCDFG"
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“])|(?<=[.!?]”)\s+(?=[A-Z“])|(?<=។)\s+")
SUM = re.compile(r"\$(\d{1,3})(\d{3})\b")
SAID = ("said", "said", "told reporters", "said by telephone", "added", "recalled", "told this newspaper")
SAID_BEFORE = ("said", "said", "put it this way", "had this to say", "answered", "told the crowd", "remarked")


@dataclass(frozen=True)
class Text:
    """A text as a newsroom publishes it; `names` are those of persons and places in it."""

    title: str
    paragraphs: tuple[str, ...]
    source_language: str = "en"
    outlet: str = ""
    names: tuple[str, ...] = ()

    @property
    def body(self) -> str:
        return "\n".join(self.paragraphs)


@dataclass
class Event:
    """What happened: the value of each slot of a plot, in one language, fixed when it is first asked for."""

    rng: random.Random
    plot: Plot
    language: str = "en"
    # Choices by their place in the tables, so that one event may be told in two languages.
    drawn: dict[str, int] = field(default_factory=dict)

    def number(self, name: str, low: int, high: int) -> int:
        if name not in self.drawn:
            # Thrice as fast as randint, and there are a hundred thousand of them.
            self.drawn[name] = low + int(self.rng.random() * (high - low + 1))
        return self.drawn[name]

    def _of(self, name: str, table: Sequence[str | tuple[str, ...]]) -> str:
        row = table[self.number(name, 0, 10**6) % len(table)]
        return row if isinstance(row, str) else row[self.language == "km"]

    def _place(self, name: str) -> str:
        head, tail = self._of(f"{name} head", lexicon.HEADS), self._of(f"{name} tail", lexicon.TAILS)
        return head + tail if self.language == "km" else f"{head} {tail}"

    def person(self, name: str) -> tuple[str, str]:
        """Return the full name of a person and the short one of later mentions."""
        if name in "FG":
            full = self._of(name, lexicon.FOREIGN)
            return full, full.rpartition(" ")[2]
        family, given = self._of(f"{name} family", lexicon.FAMILIES), self._of(f"{name} given", lexicon.GIVEN)
        return (family + given if self.language == "km" else f"{family} {given}"), given

    def value(self, slot: Slot) -> str:
        """Return what stands in a slot; a plain number below ten is a word in English."""
        base = slot.name.rstrip("2")
        if base in TABLES:
            return self._of(slot.name, TABLES[base])
        if base in WORDS:
            return WORDS[base](self, slot.name)
        low, high = self.plot.numbers.get(slot.name) or RANGES.get(slot.name) or RANGES.get(base, (12, 48))
        return self._figure(self.number(slot.name, low, high), slot)

    def _figure(self, number: int, slot: Slot) -> str:
        if self.language == "km":
            return str(number).translate(lexicon.KHMER_DIGITS)
        if slot.ordinal:
            ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
            return f"{number}{ending}"
        return lexicon.SMALL[number] if number < 10 and not slot.figure else f"{number:,}"

    def date(self, name: str) -> str:
        month = self._of(f"{name} month", lexicon.MONTHS)
        day = self.number(f"{name} day", 1, 28)
        if self.language == "km":
            return f"{day} ខែ{month}".translate(lexicon.KHMER_DIGITS)
        return f"{day} {month}"

    def year(self, name: str) -> str:
        year = str(self.number(name, 2025, 2034) if name == "year2" else self.number(name, 2008, 2023))
        return year.translate(lexicon.KHMER_DIGITS) if self.language == "km" else year

    def slug(self, _: str) -> str:
        return re.sub(r"[^a-z]", "", self._of("ngo", lexicon.NGOS).lower())

    def place(self, name: str) -> str:
        return self._place(name)


TABLES: dict[str, Sequence[str | tuple[str, ...]]] = {
    "prov": lexicon.PROVINCES,
    "ngo": lexicon.NGOS,
    "firm": lexicon.FIRMS,
    "union": lexicon.UNIONS,
    "outlet": lexicon.OUTLETS,
    "land": lexicon.LANDS,
    "event": lexicon.EVENTS,
    "month": lexicon.MONTHS,
    "day": lexicon.DAYS,
}
WORDS: dict[str, Callable[[Event, str], str]] = {
    "date": Event.date,
    "year": Event.year,
    "slug": Event.slug,
    "dist": Event.place,
    "com": Event.place,
    "vil": Event.place,
}
RANGES = {"n2": (28, 39), "r": (110, 940), "k": (2, 8), "m": (2, 9)}


def worded(rng: random.Random, parts: Template, event: Event, seen: set[tuple[int, str]] | None = None) -> str:
    """Return a template in words; who was `seen` before is called by the short name."""
    words = []
    for part in parts:
        if isinstance(part, str):
            words.append(part)
        elif isinstance(part, tuple):
            words.append(part[int(rng.random() * len(part))])
        elif part.name in PERSONS or part.name == "D":
            known = seen is not None and (id(event), part.name) in seen
            words.append(event.person(part.name)[known])
            if seen is not None:
                seen.add((id(event), part.name))
        else:
            words.append(event.value(part))
    text = "".join(words)
    if "$" in text:
        text = SUM.sub(r"$\1,\2", text)
    return text[0].upper() + text[1:] if event.language == "en" else text


@dataclass(frozen=True)
class Item:
    """A fact of an event, at its place in a story."""

    fact: Fact
    event: Event = field(compare=False)


@dataclass(frozen=True)
class Story:
    """What one reporter chose to tell: the facts in order, where paragraphs end, and which voice words each fact."""

    event: Event = field(compare=False)
    items: tuple[Item, ...]
    ends: tuple[int, ...]
    voices: tuple[int, ...]
    headline: int


def spoken(rng: random.Random, item: Item, voice: int, seen: set[tuple[int, str]]) -> str:
    """Return a quotation with its speaker, who is named after or before it as the voice has it."""
    fact, event = item.fact, item.event
    words = worded(rng, fact.wordings[0], event)
    first = (id(event), fact.speaker) not in seen
    name = worded(rng, (Slot(fact.speaker),), event, seen)
    role = event.plot.roles.get(fact.speaker, "")
    if event.language == "km":
        return khmer_quote(words, name, role if first else "", voice)
    if role and not OFFICES.search(role):
        role = f"{'an' if role[0] in 'aeiou' else 'a'} {role}"
    who = f"{name}, {role}" if role and first else name
    if voice:
        verb = rng.choice(SAID_BEFORE)
        return f"{who}, {verb}: “{words}”" if role and first else f"{who} {verb}: “{words}”"
    opening, _, rest = words.partition(". ")
    verb = rng.choice(SAID)
    after = f"{who}, {verb}" if role and first else f"{who} {verb}"
    if rest and rng.random() < 0.5:
        return f"“{opening},” {verb} {who}. “{rest}”" if verb == "said" else f"“{opening},” {after}. “{rest}”"
    quoted = f"{words[:-1]}," if words.endswith(".") else words
    return f"“{quoted}” {verb} {who}." if verb == "said" else f"“{quoted}” {after}."


def khmer_quote(words: str, name: str, role: str, voice: int) -> str:
    who = f"{name} ដែលជា{role}" if role else name
    return f"{who} បានថ្លែងថា៖ «{words}»។" if voice else f"«{words}» នេះជាសម្តីរបស់{who}។"


def sentences_of(rng: random.Random, story: Story, voices: Sequence[int]) -> list[str]:
    """Return each fact of a story in words, by the voices given."""
    seen: set[tuple[int, str]] = set()
    found = []
    for item, voice in zip(story.items, voices, strict=True):
        if item.fact.speaker:
            found.append(spoken(rng, item, voice, seen))
        else:
            wordings = item.fact.wordings
            found.append(worded(rng, wordings[voice % len(wordings)], item.event, seen))
    return found


def grouped(sentences: Sequence[str], ends: Sequence[int]) -> tuple[str, ...]:
    """Return sentences as paragraphs that end after the sentences of the numbers given."""
    starts = (0, *ends)
    pieces = (sentences[start:end] for start, end in zip(starts, (*ends, len(sentences)), strict=True))
    return tuple(" ".join(piece) for piece in pieces if piece)


def told(rng: random.Random, story: Story, *, flipped: bool = False) -> Text:
    """Return a story as a text; `flipped` words every fact otherwise and heads it anew."""
    voices = [1 - voice if flipped else voice for voice in story.voices]
    event = story.event
    titles = event.plot.titles
    title = worded(rng, titles[(story.headline + flipped) % len(titles)], event)
    paragraphs = grouped(sentences_of(rng, story, voices), story.ends)
    return named(Text(title, paragraphs, event.language, rng.choice(lexicon.OUTLETS)), *(i.event for i in story.items))


def named(text: Text, *events: Event) -> Text:
    """Return a text with the names of persons and provinces that stand in it."""
    body = text.body
    known: dict[str, None] = {}
    for event in {id(event): event for event in events}.values():
        persons = [key.partition(" ")[0] for key in event.drawn if key.endswith(" family") or key in {"F", "G"}]
        known |= dict.fromkeys(event.person(name)[0] for name in persons)
        known |= dict.fromkeys(event.value(Slot(name)) for name in ("prov", "prov2") if name in event.drawn)
    return replace(text, names=tuple(name for name in known if name in body))


# How many facts of the event, of the background and of other events a story has at most.
SIZES = {
    "brief": (2, 0, 0),
    "short": (5, 1, 0),
    "normal": (12, 3, 0),
    "full": (12, 6, 1),
    "feature": (12, 6, 3),
    "long": (12, 6, 7),
    # Nothing but the event itself.
    "bare": (12, 0, 0),
}


def size_of(rng: random.Random) -> str:
    """Return a size as often as newspapers print it."""
    return rng.choices(list(SIZES), (10, 14, 42, 20, 10, 4, 0))[0]


def background(rng: random.Random, topic: str, count: int, language: str = "en") -> list[Item]:
    """Return what a reporter adds that holds every day."""
    plot = sheet("khmer")["_background"] if language == "km" else sheet("background")[topic]
    event = Event(rng, plot, language)
    return [Item(fact, event) for fact in rng.sample(plot.facts, min(count, len(plot.facts)))]


def arranged(rng: random.Random, event: Event, facts: Sequence[Fact], size: str = "") -> Story:
    """Return a story of facts of an event, of the size named, with what other events it tells beside."""
    count, behind, beside = SIZES[size or size_of(rng)]
    first, *rest = facts
    kept = sorted(rng.sample(range(len(rest)), min(len(rest), max(1, count - rng.randint(0, 2)))))
    items = [Item(fact, event) for fact in (first, *(rest[number] for number in kept))]
    if beside:
        others = [plot for plot in sheet(event.plot.topic).values() if plot.name != event.plot.name and plot.facts]
        for plot in rng.sample(others, min(beside, len(others))):
            other = Event(rng, plot, event.language)
            items += [Item(fact, other) for fact in plot.facts]
    added = background(rng, event.plot.topic, rng.randint(0, behind), event.language)
    for item in added:
        items.insert(rng.randint(1, len(items)), item)
    return paragraphed(rng, event, items)


def paragraphed(rng: random.Random, event: Event, items: Sequence[Item]) -> Story:
    """Return items as a story, with paragraphs of one to three sentences and a voice for each sentence."""
    ends, at = [], 0
    while (at := at + rng.choice((1, 1, 2, 2, 3))) < len(items):
        ends.append(at)
    voices = tuple(rng.randint(0, 1) for _ in items)
    return Story(event, tuple(items), tuple(ends), voices, rng.randint(0, 2))


def story(rng: random.Random, plot: Plot | None = None, size: str = "", language: str = "en") -> Story:
    """Return a new event of a plot (any, unless one is given) as one reporter would tell it."""
    chosen = plot or rng.choice(khmer() if language == "km" else english())
    wanted = size or size_of(rng)
    if language == "km" and wanted in {"full", "feature", "long"}:
        wanted = "normal"
    event = Event(rng, chosen, language)
    return arranged(rng, event, chosen.facts, wanted)


def article(rng: random.Random, size: str = "", language: str = "en") -> Text:
    """Return a text of any plot."""
    return told(rng, story(rng, None, size, language))


def line_of(rng: random.Random, sort: str) -> str:
    """Return one of the lines that stand around stories."""
    return worded(rng, rng.choice(stock()[sort]), Event(rng, Plot("", "")))


def form_of(rng: random.Random, plot: Plot, language: str = "en") -> Text:
    """Return a form (a notice, a monthly release) filled in by chance."""
    event = Event(rng, plot, language)
    paragraphs = [worded(rng, form, event) for form in plot.forms]
    for line in rng.sample(plot.follow_ups, min(len(plot.follow_ups), rng.randint(0, 3))):
        paragraphs.insert(rng.randint(1, len(paragraphs)), worded(rng, line, event))
    return named(Text(worded(rng, plot.titles[0], event), tuple(paragraphs), language), event)


def sentences(text: str) -> list[str]:
    """Return the sentences of a paragraph."""
    return [sentence for sentence in SENTENCE.split(text) if sentence]
