"""Pairs of which one text is a part of the other."""

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby

from tests.gates.pairs.alterations import house_style, retypeset
from tests.gates.pairs.copies import Couple, Maker
from tests.gates.pairs.stories import Text, article, line_of, sentences, story, told

Numbered = tuple[int, str]


def numbered(text: Text) -> list[Numbered]:
    """Return the sentences of a text with the number of their paragraph."""
    return [(number, words) for number, paragraph in enumerate(text.paragraphs) for words in sentences(paragraph)]


def kept(text: Text, chosen: Iterable[Numbered]) -> Text:
    """Return the sentences chosen of a text, in its paragraphs."""
    groups = groupby(chosen, key=lambda one: one[0])
    return replace(text, paragraphs=tuple(" ".join(words for _, words in group) for _, group in groups))


def bilingual(rng: random.Random) -> Text:
    """Return a text that stands on its page in English and then in Khmer."""
    english, khmer = article(rng, "short"), article(rng, "short", "km")
    paragraphs = (*english.paragraphs, *khmer.paragraphs)
    return replace(english, title=f"{english.title} / {khmer.title}", paragraphs=paragraphs)


def part(low: float, high: float) -> Maker:
    """Return a maker of texts and the part of them between two shares of their sentences."""

    def make(rng: random.Random, language: str) -> Couple:
        left = article(rng, rng.choice(("normal", "normal", "full", "feature", "long")), language)
        found = numbered(left)
        start, end = round(low * len(found)), max(round(high * len(found)), round(low * len(found)) + 1)
        return left, _polished(rng, kept(left, found[start:end]))

    return make


def half_of_page(*, first: bool) -> Callable[[random.Random], Couple]:
    """Return a maker of pages in two languages and the half in the first, or in the second."""

    def make(rng: random.Random) -> Couple:
        left = bilingual(rng)
        khmer = next(at for at, words in enumerate(left.paragraphs) if "\u1780" <= words[-2] <= "\u17ff")
        english, other = left.title.split(" / ")
        paragraphs = left.paragraphs[:khmer] if first else left.paragraphs[khmer:]
        language = "en" if first else "km"
        title = english if first else other
        return left, replace(left, title=title, paragraphs=paragraphs, source_language=language)

    return make


def _polished(rng: random.Random, text: Text) -> Text:
    """Return a part as its outlet prints it: now and then in another style, or set anew."""
    chance = rng.random()
    if chance < 0.15 and text.source_language == "en":
        return house_style(rng, text)
    return retypeset(rng, text) if chance < 0.3 else text


def teaser(rng: random.Random, language: str) -> Couple:
    """Return a text and its title with the first 25 to 60 words, cut off in a sentence or at its end."""
    left = article(rng, rng.choice(("normal", "normal", "full", "feature")), language)
    if language == "km":
        return left, replace(left, paragraphs=(sentences(left.paragraphs[0])[0],))
    words: list[str] = []
    for _, sentence in numbered(left):
        words += sentence.split()
        if len(words) >= 25:
            break
    most = rng.randint(25, 60)
    cut = " ".join(words[:most]) + "…" if len(words) > most else " ".join(words)
    return left, replace(left, paragraphs=(cut,))


def stub(rng: random.Random, language: str) -> Couple:
    """Return a text and its first paragraph or two above a line that leads to the whole."""
    left = article(rng, rng.choice(("normal", "full", "feature")), language)
    few = kept(left, numbered(left)[: rng.randint(2, 4)])
    return left, replace(few, paragraphs=(*few.paragraphs, line_of(rng, "more")))


def abridged(rng: random.Random, language: str) -> Couple:
    """Return a text and its every second sentence."""
    left = article(rng, rng.choice(("normal", "full", "feature")), language)
    return left, _polished(rng, kept(left, numbered(left)[::2]))


def longer(rng: random.Random, language: str) -> Couple:
    """Return a text and a longer one: the whole of it, and as much again behind it or strewn in."""
    chosen = story(rng, None, rng.choice(("short", "normal", "normal", "full")), language)
    left = told(rng, chosen)
    paragraphs = list(left.paragraphs)
    strewn = rng.random() < 0.5
    while len(" ".join(paragraphs)) < 1.9 * len(left.body):
        for paragraph in article(rng, "normal", language).paragraphs:
            paragraphs.insert(rng.randint(1, len(paragraphs)) if strewn else len(paragraphs), paragraph)
    return left, replace(left, paragraphs=tuple(paragraphs))


def embedded(rng: random.Random, language: str) -> Couple:
    """Return a text and a part of it that somebody introduces in words of their own."""
    left = article(rng, rng.choice(("normal", "full", "feature")), language)
    found = numbered(left)
    length = rng.randint(len(found) // 3, len(found))
    at = rng.choice((0, 0, rng.randint(0, len(found) - length)))
    inner = kept(left, found[at : at + length])
    title = rng.choice((f"Worth reading: {left.title}", "From our mailbox", "What others write", left.title))
    return left, replace(inner, title=title, paragraphs=(line_of(rng, "intro"), *inner.paragraphs))


EXCERPTS: dict[str, Maker] = {
    "first half": part(0, 0.5),
    "last half": part(0.5, 1),
    "first quarter": part(0, 0.25),
    "middle paragraphs": part(0.3, 0.65),
    "teaser": teaser,
    "stub": stub,
    "abridged": abridged,
    "longer version": longer,
    "embedded excerpt": embedded,
}
BILINGUAL: dict[str, Callable[[random.Random], Couple]] = {
    "first half": half_of_page(first=True),
    "last half": half_of_page(first=False),
}
