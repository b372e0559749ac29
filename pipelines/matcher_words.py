"""Where the words of thousands of rules stand in a text: found in one pass, whatever their number. Pure.

The letters of all words are sought at once, by an automaton (Aho and Corasick, 1975). Words that are inflected are
found by the stem of each word of the text.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum, auto
from functools import cache, lru_cache
from typing import Any

from ahocorasick_rs import AhoCorasick

from core.query import Ending, Phrase, Word
from core.text import folded
from pipelines.matcher_text import ACCENTS, JOINING, UNSEEN, Ready, Span

# Scripts written without spaces between words: an entry in them is found anywhere.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u4e00-\u9fff]")
_WITHIN = rf"[{JOINING}\u200b]*+"
_BETWEEN = rf"(?:{_WITHIN}\s)++{_WITHIN}"
_ANY_WORD = rf"\w(?:[{JOINING}]*+\w)*+"
_LETTERS = re.compile(r"\w*+")
_TOKEN = re.compile(_ANY_WORD)


class _How(Enum):
    """How what stands at a hit has to go on."""

    WHOLE = auto()
    PREFIX = auto()
    ANYWHERE = auto()
    OPENING = auto()


Found = dict[int, list[Span]]
"""Where each phrase, by its number, stands in the text: in order, and never overlapping itself."""


class Lexicon:
    """Phrases, each with a number; finds all of them in a text."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._given = tuple(phrases)
        numbers: dict[Phrase, int] = {}
        for phrase in self._given:
            numbers.setdefault(phrase, len(numbers))
        # By identity, which is asked for a hundred times a text: to compare phrases takes ten times as long.
        self._numbers = {id(phrase): numbers[phrase] for phrase in self._given}
        self._patterns: dict[int, re.Pattern[str]] = {}
        self._phrases = list(numbers)
        self._by_stem: dict[str, list[int]] = {}
        uses: dict[str, list[tuple[_How, int]]] = {}
        for phrase, number in numbers.items():
            self._enter(phrase, number, uses)
        self._uses = list(uses.values())
        self._letters = AhoCorasick(list(uses)) if uses else None

    def _enter(self, phrase: Phrase, number: int, uses: dict[str, list[tuple[_How, int]]]) -> None:
        words = phrase.words
        opening, text = words[0], " ".join(plain(word.text) for word in words)
        if _UNSPACED.search(text):
            uses.setdefault(text, []).append((_How.ANYWHERE, number))
        elif all(word.ending is Ending.WHOLE for word in words[:-1]) and words[-1].ending is not Ending.INFLECTED:
            how = _How.PREFIX if words[-1].ending is Ending.PREFIX else _How.WHOLE
            uses.setdefault(text, []).append((how, number))
        elif opening.ending is Ending.INFLECTED and _TOKEN.fullmatch(plain(opening.text)):
            self._by_stem.setdefault(stem(plain(opening.text)), []).append(number)
        else:
            uses.setdefault(plain(opening.text), []).append((_How.OPENING, number))

    def number(self, phrase: Phrase) -> int:
        """Return the number of a phrase, which must be one of those given."""
        return self._numbers[id(phrase)]

    def found(self, text: Ready) -> Found:
        """Return where the phrases stand that do."""
        found: Found = {}
        if self._letters is not None:
            ends: dict[int, int] = {}
            for pattern, start, end in self._letters.find_matches_as_indexes(text.squeezed, overlapping=True):
                is_free, is_whole = text.is_free(start), text.is_free(end)
                for how, number in self._uses[pattern]:
                    # Asked a thousand times a text, of which few are answered otherwise than here.
                    if how is _How.WHOLE and not (is_free and is_whole):
                        continue
                    if (is_free or how is _How.ANYWHERE) and start >= ends.get(number, 0):
                        span, ends[number] = self._span(text, (how, number), start, end)
                        if span:
                            found.setdefault(number, []).append(span)
        if self._by_stem:
            self._take_inflected(text, found)
        return found

    def _span(self, text: Ready, use: tuple[_How, int], start: int, end: int) -> tuple[Span | None, int]:
        """Return the place of a hit, and where in what was searched it ends."""
        how, number = use
        if how is _How.OPENING:
            return self._whole(number, text, text.span(start, end)[0]), end
        if how is _How.PREFIX:
            rest = _LETTERS.match(text.squeezed, end)
            end = rest.end() if rest else end
        return text.span(start, end), end

    def _take_inflected(self, text: Ready, found: Found) -> None:
        """Add the phrases that begin with an inflected word."""
        for token in _TOKEN.finditer(text.whole):
            for number in self._by_stem.get(stem(UNSEEN.sub("", token[0])), ()):
                before = found.get(number)
                if before and token.start() < before[-1][1]:
                    continue
                if span := self._whole(number, text, token.start()):
                    found.setdefault(number, []).append(span)

    def _whole(self, number: int, text: Ready, at: int) -> Span | None:
        """Return the stretch of a phrase that begins at a place, if all of it stands there."""
        if number not in self._patterns:
            self._patterns[number] = _pattern(self._phrases[number])
        match = self._patterns[number].match(text.whole, at)
        if not match:
            return None
        asked = [word for word in self._phrases[number].words if word.ending is Ending.INFLECTED]
        said = zip(asked, match.groups(), strict=True)
        return match.span() if all(_inflects(word, UNSEEN.sub("", each)) for word, each in said) else None


def plain(word: str) -> str:
    """Return a word as it is compared."""
    return UNSEEN.sub("", folded(unicodedata.normalize("NFC", word)))


@lru_cache(maxsize=65_536)  # the words of a few hundred texts
def stem(word: str) -> str:
    """Return the stem of an English word: what its inflections have in common."""
    return str(_stemmer().stemWord(word))


@cache
def _stemmer() -> Any:  # noqa: ANN401  # the library names no types
    # Loading it takes thirty milliseconds, which rules without inflections need not pay.
    from snowballstemmer import stemmer  # noqa: PLC0415

    return stemmer("english")


def _inflects(word: Word, said: str) -> bool:
    asked = plain(word.text)
    return asked == said or stem(asked) == stem(said)


def _pattern(phrase: Phrase) -> re.Pattern[str]:
    body = _BETWEEN.join(map(_of_word, phrase.words))
    return re.compile(rf"{body}(?![{JOINING}]*+\w)")


def _of_word(word: Word) -> str:
    letters = plain(word.text)
    if word.ending is Ending.INFLECTED:
        return rf"({_ANY_WORD})" if _TOKEN.fullmatch(letters) else rf"({_spelt(letters)})"
    return _spelt(letters) + (rf"(?:{_WITHIN}\w)*+" if word.ending is Ending.PREFIX else "")


def _spelt(letters: str) -> str:
    return _WITHIN.join(map(re.escape, letters)) + rf"[{ACCENTS}]*+"
