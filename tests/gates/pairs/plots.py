"""The plots of invented stories, read from the sheets in the folder of the same name.

A sheet holds sections that open with `@ name`. `# n=120-480` gives the range of a number, `R A farmer` what a person
does, `T` the headlines. A fact of the story is a line that opens with `-`, and told in wholly other words the line
after it that opens with `=`. `Q A` is what a person says, `F` a lead of the next day, `S` a sentence of a statement,
`P` a paragraph of a form. `{n}` is a slot and `[a|b]` a choice of words.
"""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SHEETS = Path(__file__).parent / "plots"
TOPICS = ("land", "courts", "labour", "politics", "press", "rights", "rivers", "region")
PART = re.compile(r"\{(\w+)\}(th)?|\[([^\[\]|]*(?:\|[^\[\]|]*)+)\]")
# Where a number is never spelled out: before a digit, in sums of money, in hours and numbered roads.
FIGURE_BEFORE = re.compile(r"(?:[$.\d/}:–-]|Road |No\. |at |grade |\+\d+ )$")
FIGURE_AFTER = re.compile(r"[,.]?\d|[,/–]\{|,000|\.\d|\{| [ap]\.m|[,.]\{")


@dataclass(frozen=True)
class Slot:
    """A place for a name or number; `figure` keeps a small number in digits, `ordinal` counts."""

    name: str
    figure: bool = False
    ordinal: bool = False


Part = str | Slot | tuple[str, ...]
Template = tuple[Part, ...]


@dataclass(frozen=True)
class Fact:
    """One thing that a story says: wordings that share few words, or the words of a speaker."""

    wordings: tuple[Template, ...]
    speaker: str = ""


@dataclass
class Plot:
    """A section of a sheet."""

    name: str
    topic: str
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    titles: tuple[Template, ...] = ()
    facts: list[Fact] = field(default_factory=list)
    follow_ups: list[Template] = field(default_factory=list)
    sentences: list[Template] = field(default_factory=list)
    forms: list[Template] = field(default_factory=list)


def template(text: str) -> Template:
    """Return a text as its words, slots and choices of words."""
    parts: list[Part] = []
    at = 0
    for found in PART.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[1]:
            before, after = text[: found.start()], text[at:]
            figure = bool(FIGURE_BEFORE.search(before) or FIGURE_AFTER.match(after))
            parts.append(Slot(found[1], figure, bool(found[2])))
        else:
            parts.append(tuple(found[3].split("|")))
    return tuple(part for part in (*parts, text[at:]) if part)


def _titles(text: str) -> tuple[Template, ...]:
    return tuple(template(title) for title in re.split(r"\|(?![^\[]*\])", text))


def _ranges(text: str) -> dict[str, tuple[int, int]]:
    found = re.findall(r"(\w+)=(\d+)-(\d+)", text)
    return {name: (int(low), int(high)) for name, low, high in found}


def _add(plot: Plot, sign: str, text: str) -> None:
    match sign:
        case "#":
            plot.numbers = _ranges(text)
        case "R":
            plot.roles[text[0]] = text[2:]
        case "T":
            plot.titles = _titles(text)
        case "-":
            plot.facts.append(Fact((template(text),)))
        case "=":
            plot.facts[-1] = Fact((*plot.facts[-1].wordings, template(text)))
        case "Q":
            plot.facts.append(Fact((template(text[2:]),), text[0]))
        case _:
            {"F": plot.follow_ups, "S": plot.sentences, "P": plot.forms}[sign].append(template(text))


@cache
def sheet(name: str) -> dict[str, Plot]:
    """Return the sections of a sheet by name."""
    plots: dict[str, Plot] = {}
    current = Plot("", name)
    for line in (SHEETS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        sign, _, text = line.partition(" ")
        if sign == "@":
            current = plots[text] = Plot(text, name)
        elif line:
            _add(current, sign, text)
    return plots


@cache
def stock() -> dict[str, tuple[Template, ...]]:
    """Return what stands around stories (credits, disclaimers, who an organisation is) by sort, a line each."""
    found: dict[str, list[str]] = {}
    for line in (SHEETS / "boilerplate.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@ "):
            found[line[2:]] = []
        else:
            found[list(found)[-1]].append(line)
    return {sort: tuple(template(line) for line in lines) for sort, lines in found.items()}


@cache
def english() -> tuple[Plot, ...]:
    """Return the plots of all topics."""
    return tuple(plot for topic in TOPICS for plot in sheet(topic).values())


@cache
def khmer() -> tuple[Plot, ...]:
    """Return the plots told in Khmer; each bears the name of the English plot that tells the same."""
    return tuple(plot for plot in sheet("khmer").values() if not plot.name.startswith("_"))


@cache
def khmer_forms() -> tuple[Plot, ...]:
    """Return the forms that ministries and courts fill in, in Khmer."""
    return tuple(plot for plot in sheet("khmer").values() if plot.forms)
