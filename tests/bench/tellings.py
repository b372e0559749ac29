"""Texts that are nobody's, as many as are wanted, each made of its number alone: what near copies are sought among.

50,000 invented words, as frequent as words are (G. K. Zipf, "Human Behavior and the Principle of Least Effort", 1949:
the second half as often as the first, the third a third), some of them names and numbers; turns of speech and sentences
of background that recur; texts of one template that share half; and near copies, one in ten: halves, edited, appended.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from random import Random

WORDS = 50_000
COPIED = 10
"""One text in so many is a near copy."""

_SLOTS = 20  # bits: the table that a word is drawn from has so many places
_TURNS, _BACKGROUND, _TEMPLATES = 20_000, 50_000, 400
_TEMPLATE_EVERY, _NAME_EVERY, _NUMBER_EVERY = 20, 7, 23
_COMMON = 150  # words so frequent are neither names nor numbers
_SHORT, _LONG = 9, 20  # sentences, of 21 words each
_SHAPES = 3  # of a near copy
_RECENT = 50  # a near copy is made of one of so many before it
_ONSETS = ["b", "ch", "d", "f", "g", "h", "j", "k", "kh", "l", "m", "n", "p", "r", "s", "t", "th", "v", "w", "y", "z"]
_VOWELS = ["a", "e", "i", "o", "u", "ea"]
_ENDS = ["", "n", "r", "s", "t", "l", "m", "k"]


@dataclass(frozen=True, slots=True)
class Telling:
    """A text, and the number of the one that it was made of, if it is a near copy."""

    number: int
    title: str
    sentences: tuple[str, ...]
    origin: int | None = None

    @property
    def text(self) -> str:
        """The text, a paragraph for every other sentence."""
        pairs = zip(self.sentences[::2], (*self.sentences[1::2], ""), strict=False)
        return "\n".join(" ".join(pair).rstrip() for pair in pairs)


def is_copy(number: int) -> bool:
    """Return whether the text of a number is a near copy of one before it."""
    return number % COPIED == COPIED - 1


class Tellings:
    """Makes texts; those of one seed and number are the same at all times."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed

    def __call__(self, number: int) -> Telling:
        """Return the text of a number."""
        if is_copy(number):
            origin = number - Random(self._seed << 42 | number).randrange(1, min(number, _RECENT) + 1)
            return self.variation(number, origin - is_copy(origin))
        return self._own(number)

    def several(self, first: int, beyond: int) -> Iterator[Telling]:
        """Give the texts from one number up to another."""
        return map(self, range(first, beyond))

    def _own(self, number: int) -> Telling:
        chance = Random(self._seed << 40 | number)
        sentences = [
            self._sentence(chance) for _ in range(_SHORT + int(chance.triangular(0, _LONG + _SHORT, _SHORT - 1)))
        ]
        sentences[len(sentences) // 3] = self._background[chance.randrange(_BACKGROUND)]
        sentences[-1] = self._background[chance.randrange(_BACKGROUND)]
        if number % _TEMPLATE_EVERY == 0:
            template = self._templates[chance.randrange(_TEMPLATES)]
            sentences = [line for pair in zip(template, sentences, strict=False) for line in pair]
        return Telling(number, self._line(self._drawn(chance, 8)), tuple(sentences))

    def variation(self, number: int, origin: int) -> Telling:
        """Return a near copy of a text that is none itself: a half of it, an edited or a longer one, in turn."""
        chance = Random(self._seed << 41 | number)
        of = self._own(origin)
        sentences = list(of.sentences)
        match number // COPIED % _SHAPES:
            case 0:
                sentences = sentences[: len(sentences) // 2]
            case 1:
                for _ in range(len(sentences) // 6):
                    sentences[chance.randrange(len(sentences))] = self._sentence(chance)
            case _:
                sentences += [self._sentence(chance) for _ in range(1 + len(sentences) // 3)]
        return Telling(number, of.title, tuple(sentences), origin)

    def _sentence(self, chance: Random) -> str:
        words = self._drawn(chance, 12 + int(9 * chance.random()))
        place = int(len(words) * chance.random())
        words[place:place] = self._turns[int(_TURNS * chance.random() ** 3)]
        return self._line(words) + "."

    def _line(self, words: Sequence[str]) -> str:
        first, rest = words[0], words[1:]
        return " ".join((first[0].upper() + first[1:], *rest))

    def _drawn(self, chance: Random, count: int) -> list[str]:
        slots, rest = self._slots, 32 - _SLOTS
        return [slots[each >> rest] for each in array("I", chance.randbytes(4 * count))]

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All words, the most frequent first."""
        chance = Random(self._seed)
        made: dict[str, None] = {}
        while len(made) < WORDS:
            syllables = 2 + chance.randrange(2) if len(made) > 20 * _COMMON else 1 + (len(made) > _COMMON)
            word = "".join(
                chance.choice(_ONSETS) + chance.choice(_VOWELS) + chance.choice(_ENDS) for _ in range(syllables)
            )
            if len(made) > _COMMON and len(made) % _NUMBER_EVERY == 0:
                word = str(chance.randrange(2, 100 * WORDS))
            elif len(made) > _COMMON and len(made) % _NAME_EVERY == 0:
                word = word.capitalize()
            made[word] = None
        return tuple(made)

    @cached_property
    def _slots(self) -> list[str]:
        """The words, each as often as it is frequent."""
        bounds = list(accumulate(1 / rank for rank in range(1, WORDS + 1)))
        slots: list[str] = []
        for word, bound in zip(self.words, bounds, strict=True):
            slots += [word] * (round(bound / bounds[-1] * (1 << _SLOTS)) - len(slots))
        return slots

    @cached_property
    def _turns(self) -> list[list[str]]:
        chance = Random(self._seed + 1)
        return [self._drawn(chance, 3 + chance.randrange(4)) for _ in range(_TURNS)]

    @cached_property
    def _background(self) -> list[str]:
        chance = Random(self._seed + 2)
        return [self._sentence(chance) for _ in range(_BACKGROUND)]

    @cached_property
    def _templates(self) -> list[list[str]]:
        chance = Random(self._seed + 3)
        return [[self._sentence(chance) for _ in range(_SHORT + chance.randrange(_LONG))] for _ in range(_TEMPLATES)]
