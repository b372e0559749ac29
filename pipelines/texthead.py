"""The head of a text that was copied without markup: mastheads, title, date, byline and captions above the article."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.site import Section, Site
from core.text import normalised
from pipelines.boilerplate import headline_of
from pipelines.bylines import names_of_byline
from pipelines.credits import is_credit
from pipelines.moments import Moment, date_line, time_line, without_dates
from pipelines.textlines import Line, is_bar, is_broken, is_caption, is_leaving

_HEAD = 16  # lines within which the first sentence of the article stands
_LEAST_LINES = 3
_MOST_OPEN = (
    0.2  # of the lines of a text without empty lines: headings; lines that were broken hardly ever end a sentence
)
_LONGEST_SUMMARY = 300
_LONGEST_BYLINE = 120
_LONGEST_LABEL = 3  # words of a section's name, or a place beside the date
_LEAST_NAMES = 3  # words of a date line in front of which a headline must stand: Human Rights Day 10 December 2024
_TOLD = frozenset(("headline", "date", "byline", "masthead"))
_SIGNED = re.compile(r"(?i)©|\(c\)|copyright|all rights reserved|^more (?:from|on) ")
_BARS = re.compile(r"\s*[|›»]\s*|\s+::\s+")
_DASHES = re.compile(r"\s+[-–—]\s+")
_BYLINE = re.compile(
    r"(?:(?:(?i:written|reported|story|text|words|article|posted|published) by|By|BY|by|Par|PAR|Por|POR)"
    r"\s+(?=[^\W\d_a-z])"
    r"|(?i:by|reporters?|authors?|writers?|contact author|byline|journalists?)\s*[:：]\s*"
    r"|(?:អត្ថបទដោយ|រាយការណ៍ដោយ|សរសេរដោយ|ដោយ|អ្នកយកព័ត៌មាន)\s*[:៖]?\s*)(?P<names>.+)"
)
_SECTIONS = frozenset(
    (
        *("national", "national politics", "politics", "business", "world", "news", "opinion", "sport", "sports"),
        *("lifestyle", "international", "local", "local news", "editorial", "features", "feature", "analysis", "asia"),
        *("environment", "economy", "law", "society", "culture", "health", "cambodia", "land", "human rights"),
        *("press release", "press releases", "statement", "statements", "regional", "education", "crime", "special"),
        *("breaking news", "latest news", "top stories", "commentary", "interview", "kr tribunal", "post depth"),
        *("post weekend", "supplements", "travel", "columns", "financial", "property", "technology", "tech", "labour"),
        *("កម្ពុជា", "ព័ត៌មាន", "ព័ត៌មានជាតិ", "ព័ត៌មានអន្តរជាតិ", "ជាតិ", "នយោបាយ", "សេដ្ឋកិច្ច", "សង្គម", "កីឡា"),
    )
)


@dataclass(slots=True)
class Head:
    """What the head of a text names, and the rule by which each of its lines goes."""

    title: str = ""
    authors: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()
    rules: dict[int, str] = field(default_factory=dict)


def head_of(lines: Sequence[Line], rules: Mapping[int, str], site: Site) -> Head:
    """Return the head of a text, of which some lines go by rules that are known already.

    The title is the one that a masthead names or that stands twice; else the first line that is no sentence, and
    set apart or above unbroken paragraphs, behind a section's name or the site's.
    """
    head = Head(headline_of([line.written for line in lines], site.plain_text))
    _Reading(lines, rules, site, head).read()
    return head


class _Reading:
    def __init__(self, lines: Sequence[Line], rules: Mapping[int, str], site: Site, head: Head) -> None:
        self._lines = lines
        self._known = dict(rules)
        self._head = head
        self._site = normalised(site.title)
        named = (name for way in site.discovery if isinstance(way, Section) for name in way.sections)
        self._sections = _SECTIONS | {normalised(name.replace("-", " ")) for name in named}

    def read(self) -> None:
        head = self._head
        self._mastheads()
        if not head.title:
            head.title = self._repeated()
        self._above_repeated()
        for index in self._region():
            self._line(index)
        if not head.title:
            self._first_line()
        heading = normalised(head.title)
        if heading:
            head.rules |= {
                index: "headline" for index in self._open() if normalised(self._lines[index].text) == heading
            }
        if any(rule in _TOLD and index < _HEAD for index, rule in head.rules.items()):
            self._labels()

    def _region(self) -> Iterator[int]:
        """Yield the lines above the first sentence of the article; what is decided on the way ends nothing."""
        for index, line in enumerate(self._lines[:_HEAD]):
            if index in self._known or index in self._head.rules:
                continue
            if line.is_prose and not line.is_question and not self._rule(index) and not self._is_summary(index):
                return
            yield index

    def _is_summary(self, index: int) -> bool:
        """Return whether a sentence stands between title and byline: a summary, which is the article's own.

        A date under a paragraph signs a speech, or dates what is told: there the article must go on for long.
        """
        below = index + 1
        if below >= len(self._lines) or len(self._lines[index].text) > _LONGEST_SUMMARY:
            return False
        goes_on = sum(line.is_prose for line in self._lines[below + 1 :]) > 1
        return self._is_byline(below) or (self._is_date(below) and goes_on)

    def _open(self) -> Iterator[int]:
        return (
            index for index in range(len(self._lines)) if index not in self._known and index not in self._head.rules
        )

    def _line(self, index: int) -> None:
        rule = self._rule(index)
        if not rule:
            return
        self._head.rules[index] = rule
        line = self._lines[index].text
        if rule == "date":
            self._head.moments += date_line(line)
        if rule == "byline" and (found := _BYLINE.fullmatch(line)):
            names = dict.fromkeys((*self._head.authors, *names_of_byline(found["names"])))
            self._head.authors = tuple(names)

    def _rule(self, index: int) -> str:
        line = self._lines[index].text
        if is_bar(line):
            return "menu"
        if self._is_byline(index):
            return "byline"
        if self._is_date(index):
            return "date"
        if is_caption(line, is_in_head=True) and not is_broken(self._lines, index):
            return "caption"
        return "furniture" if is_leaving(line) or is_credit(line) else ""

    def _is_byline(self, index: int) -> bool:
        """Return whether a line says who wrote it; as a first line it is a title (By Land and Sea)."""
        line = self._lines[index].text
        found = _BYLINE.fullmatch(line) if len(line) <= _LONGEST_BYLINE else None
        return bool(found) and any(names_of_byline(found["names"])) and self._is_below_title(index)  # type: ignore[index]

    def _is_date(self, index: int) -> bool:
        """Return whether a line is a date and no more; with names beside it a title must stand above."""
        line = self._lines[index].text
        if not date_line(line):
            return time_line(line) is not None and index > 0 and self._head.rules.get(index - 1) == "date"
        names = without_dates(line).replace("|", " ").split()
        return len(names) < _LEAST_NAMES or self._is_below_title(index)

    def _is_below_title(self, index: int) -> bool:
        above = (self._lines[each] for each in range(index) if each not in self._head.rules and each not in self._known)
        return bool(self._head.title) or any(line.is_title or line.is_question for line in above)

    def _mastheads(self) -> None:
        """Take a first line that names site and headline, parted by bars: the headline is the part with most words."""
        for index in list(self._open())[:3]:
            line = self._lines[index].text
            parts = [part for part in _BARS.split(line) if part]
            if len(parts) < 2:  # noqa: PLR2004  # no bar
                parts = [part for part in _DASHES.split(line) if part]
                if not any(normalised(part) == self._site for part in parts[:1] + parts[-1:]):
                    continue
            if title := self._headline_among(parts, index):
                self._head.rules[index] = "masthead"
                self._head.title = self._head.title or title
                return

    def _headline_among(self, parts: Sequence[str], index: int) -> str:
        if len(parts) < 2 or date_line(" ".join(parts)):  # noqa: PLR2004  # one part is a line
            return ""
        below = {normalised(line.text) for line in self._lines[index + 1 : index + _HEAD]}
        repeated = [part for part in parts if normalised(part) in below and len(part.split()) > 1]
        if repeated:
            return max(repeated, key=len)
        longest = max(parts, key=len)
        others = [part for part in parts if part is not longest]
        is_told = len(longest.split()) > 3 and all(len(part.split()) <= 4 for part in others)  # noqa: PLR2004  # words
        return longest if is_told and not self._lines[index].is_prose else ""

    def _repeated(self) -> str:
        """Return the line that stands twice in the head and can be a title."""
        seen: set[str] = set()
        for line in self._lines[:_HEAD]:
            key = normalised(line.text)
            if key in seen and line.is_title and len(line.text.split()) > 1:
                return line.text
            seen.add(key)
        return ""

    def _above_repeated(self) -> None:
        """Drop what stands above the last repetition of the title in the head: pictures with their captions.

        One sentence may be a caption, or several that stand below again; others are the article's.
        """
        heading = normalised(self._head.title)
        head = [normalised(line.text) for line in self._lines[: _HEAD // 2]]
        places = [index for index, text in enumerate(head) if heading and text == heading]
        if not places or (len(places) == 1 and "masthead" not in self._head.rules.values()):
            return
        above = [index for index in self._open() if index < places[-1]]
        told = {normalised(line.text) for line in self._lines[places[-1] : 2 * _HEAD]}
        sentences = {head[index] for index in above if self._lines[index].is_prose and not self._rule(index)}
        if len(sentences - told) > 1:
            return
        for index in above:
            self._line(index)
            self._head.rules.setdefault(index, "above the repeated headline")

    def _first_line(self) -> None:
        """Take the first line that no rule knows as the title, if it is set apart; a section's name in front goes."""
        places = list(self._open())
        while len(places) > 1 and (rule := self._label(places[0])):
            self._head.rules[places[0]] = rule
            places = places[1:]
        if not places:
            return
        first = places[0]
        line = self._lines[first]
        is_apart = line.is_followed or self._is_above_head(first + 1) or self._is_unparted()
        is_asked = line.is_question and self._head.rules.get(first + 1) in _TOLD
        if (line.is_title or is_asked) and is_apart and not line.is_bullet and first + 1 < len(self._lines):
            self._head.title = line.text
            self._head.rules[first] = "headline"

    def _label(self, index: int) -> str:
        """Return the rule by which a line above the title goes: a section's name, or the site's, as it signs itself."""
        name = normalised(self._lines[index].text)
        if name in self._sections:
            return "section"
        signed = (normalised(line.text) for line in self._lines[index + 1 :] if _SIGNED.search(line.text))
        return "masthead" if len(name.split()) <= _LONGEST_LABEL and any(name in line for line in signed) else ""

    def _is_above_head(self, index: int) -> bool:
        """Return whether lines of the head stand right below a title: a byline, a date, a name in front of either."""
        rules = self._known | self._head.rules
        return index in rules or (rules.get(index + 1) in {"date", "byline"} and self._is_label(index))

    def _is_unparted(self) -> bool:
        """Return whether no empty line parts the paragraphs, and none is broken into lines: each ends a sentence."""
        lines = self._lines[1:]
        if len(lines) < _LEAST_LINES or any(line.is_apart for line in lines) or not lines[0].is_prose:
            return False
        return sum(line.is_title for line in lines) <= _MOST_OPEN * len(lines)

    def _labels(self) -> None:
        """Drop short lines between the headline, the date and the byline: a section, a place, a bare name."""
        told = [index for index, rule in self._head.rules.items() if rule in _TOLD and index < _HEAD]
        first, last = min(told), max(told)
        for index in list(self._open()):
            if index > last + 1 or not self._is_label(index):
                continue
            text = self._lines[index].text
            if first < index < last:
                self._head.rules[index] = "beside the date"
            elif normalised(text) in self._sections:
                self._head.rules[index] = "section"
            elif index == last + 1 and self._is_name_below(index):
                self._head.rules[index] = "beside the date"

    def _is_label(self, index: int) -> bool:
        line = self._lines[index]
        is_short = all(len(part.split()) <= _LONGEST_LABEL for part in _BARS.split(line.text))
        return is_short and line.is_title and not line.is_bullet

    def _is_name_below(self, index: int) -> bool:
        """Return whether a line right under the date, with no empty line between, can be a person's name."""
        line = self._lines[index]
        is_beside = self._head.rules.get(index - 1) in {"date", "byline"} and not line.is_apart
        return is_beside and len(line.text.split()) > 1 and tuple(names_of_byline(line.text)) == (line.text,)
