"""The sentences and names of the invented stories, and how a sentence is filled.

A line of stock is one sentence with slots. People are named in full at first and by their family name after that; a
slot of the story (its place, its village) always says the same, any other is drawn anew each time.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

FOLDER = Path(__file__).with_name("sentences")
LANGUAGES = {"en": ("english", "english_topics"), "fr": ("french",), "km": ("khmer",), "ar": ("arabic",)}
TOPICS = ("court", "land", "wages", "flood", "school", "election", "rights", "river", "abroad")
_SLOT = re.compile(r"{(\w+)}")
_STANDING = ("place", "place2", "village", "commune", "org", "firm", "office")
_LATIN = {"en", "fr"}
_KHMER_FIGURES = str.maketrans("0123456789", "០១២៣៤៥៦៧៨៩")


@cache
def _parts(*names: str) -> dict[str, tuple[str, ...]]:
    parts: dict[str, list[str]] = {}
    for name in names:
        lines: list[str] = []  # what stands before the first part is for people
        for line in FOLDER.joinpath(f"{name}.txt").read_text("utf-8").splitlines():
            if line.startswith("== "):
                lines = parts.setdefault(line[3:].strip(), [])
            elif line.strip():
                lines.append(line.strip())
    return {key: tuple(found) for key, found in parts.items()}


def sentences(language: str, part: str, topic: str = "any") -> tuple[str, ...]:
    """Return the lines of a part for a topic: those of the topic first, then those of any."""
    parts = _parts(*LANGUAGES[language])
    return (*(parts.get(f"{topic} {part}", ()) if topic != "any" else ()), *parts.get(f"any {part}", ()))


def lines(language: str, part: str) -> tuple[str, ...]:
    """Return the lines of a part that has no topics."""
    return _parts(*LANGUAGES[language])[part]


@cache
def choices(language: str, slot: str) -> tuple[str, ...]:
    """Return what a slot may be filled with; French borrows the English names of villages and people."""
    parts = _parts("lists")
    found = parts.get(f"{language} {slot}") or parts[f"en {slot}"]
    return tuple(choice.strip() for choice in found[0].split(";"))


class Filler:
    """Fills sentences for one story: it remembers the places and the people of it."""

    def __init__(self, chance: Random, language: str) -> None:
        self._chance = chance
        self._language = language
        self._standing: dict[str, str] = {}
        self._people: dict[str, tuple[str, str]] = {}
        self._named: set[str] = set()
        for slot in _STANDING:
            self._standing[slot] = self._other_than(self._standing.values(), slot)

    def fill(self, sentence: str, **fixed: str) -> str:
        """Return a sentence with each of its slots filled."""
        text = _SLOT.sub(lambda found: fixed.get(found[1]) or self._filled(found[1]), sentence)
        return text[0].upper() + text[1:]

    def forget_names(self) -> None:
        """Name people in full again: what follows stands alone."""
        self._named.clear()

    def person(self) -> str:
        """Return the full name of somebody new."""
        return " ".join(self._new_person())

    def _other_than(self, taken: object, slot: str) -> str:
        while (found := self._standing_choice(slot)) in list(taken):  # type: ignore[call-overload]
            pass
        return found

    def _standing_choice(self, slot: str) -> str:
        if slot in {"village", "commune"}:
            first, last = (self._draw(f"village_{part}") for part in ("first", "last"))
            return f"{first} {last}" if self._language in {*_LATIN, "ar"} else first + last
        return self._draw(slot.removesuffix("2"))

    def _draw(self, slot: str) -> str:
        return self._chance.choice(choices(self._language, slot))

    def _filled(self, slot: str) -> str:
        if slot in self._standing:
            return self._standing[slot]
        if re.fullmatch(r"P\d", slot):
            return self._name(slot)
        number = _NUMBERS.get(slot)
        if number:
            return self._figure(number(self._chance))
        return self.fill(self._draw(slot)) if slot == "money" else self._draw(slot)

    def _name(self, slot: str) -> str:
        family, given = self._people.setdefault(slot, self._new_person())
        if slot in self._named and self._language in _LATIN:
            return family
        self._named.add(slot)
        return f"{family} {given}"

    def _new_person(self) -> tuple[str, str]:
        """Return a name whose family name nobody else in the story has."""
        taken = {family for family, _ in self._people.values()}
        free = [family for family in choices(self._language, "family") if family not in taken]
        return self._chance.choice(free), self._draw("given")

    def _figure(self, number: str) -> str:
        if self._language == "km":
            return number.replace(",", ".").translate(_KHMER_FIGURES)
        return number.replace(",", " ") if self._language in {"fr", "ar"} else number


_NUMBERS: dict[str, Callable[[Random], str]] = {
    "n": lambda chance: str(chance.randint(11, 97)),
    "nn": lambda chance: str(chance.randint(103, 968)),
    "few": lambda chance: str(chance.randint(3, 9)),
    "day": lambda chance: str(chance.randint(1, 28)),
    "d": lambda chance: str(chance.randint(0, 9)),
    "big": lambda chance: f"{chance.randint(2, 48)},{chance.randint(0, 9)}00",
    "pct": lambda chance: str(chance.randint(12, 88)),
    "age": lambda chance: str(chance.randint(23, 84)),
    "year": lambda chance: str(chance.randint(2004, 2023)),
}
