"""Pairs of which the second text is the first, sent on, set anew or corrected."""

import random
from collections.abc import Callable
from dataclasses import replace

from tests.gates.pairs.alterations import (
    house_style,
    mapped,
    mistyped,
    refiled,
    renamed,
    renumbered,
    retypeset,
    reworded,
)
from tests.gates.pairs.stories import Text, article, background, line_of, sentences_of, story, told, worded
from tests.gates.pairs.stories import paragraphed as as_story

Couple = tuple[Text, Text]
Maker = Callable[[random.Random, str], Couple]


def _altered(change: Callable[[random.Random, Text], Text], *, also_set: float = 0.25) -> Maker:
    """Return a maker of articles and what became of them; some were set anew besides, as real ones are."""

    def make(rng: random.Random, language: str) -> Couple:
        left = article(rng, "", language)
        right = change(rng, left)
        return left, retypeset(rng, right) if rng.random() < also_set else right

    return make


def lightly_reworded(rng: random.Random, text: Text) -> Text:
    """Return a text of which every paragraph was gone over with a thesaurus."""
    share = rng.uniform(0.7, 1)
    return mapped(text, lambda words: reworded(rng, words, share))


def headed_anew(rng: random.Random, language: str) -> Couple:
    """Return a text under two headlines."""
    chosen = story(rng, None, "", language)
    left = told(rng, chosen)
    titles = chosen.event.plot.titles
    title = worded(rng, titles[(chosen.headline + 1) % len(titles)], chosen.event)
    right = replace(left, title=title)
    return left, retypeset(rng, right) if rng.random() < 0.3 else right


def corrected_number(rng: random.Random, text: Text) -> Text:
    return renumbered(rng, text, rng.choice((1, 1, 2, 3)))


def corrected_typos(rng: random.Random, language: str) -> Couple:
    """Return a text with typing errors, and without."""
    right = article(rng, "", language)
    return mistyped(rng, right, rng.randint(1, max(2, min(8, len(right.body) // 80)))), right


def corrected_name(rng: random.Random, language: str) -> Couple:
    """Return a text and the same with a name corrected."""
    left = article(rng, "", language)
    while not left.names:
        left = article(rng, "", language)
    right = renamed(rng, left)
    return left, retypeset(rng, right) if rng.random() < 0.25 else right


def updated(rng: random.Random, text: Text) -> Text:
    """Return a text with one to three paragraphs more at its end."""
    if text.source_language == "km":
        items = background(rng, "", rng.randint(1, 2), "km")
        added = tuple(sentences_of(rng, as_story(rng, items[0].event, items), [0] * len(items)))
    else:
        added = tuple(line_of(rng, "update") for _ in range(rng.randint(1, 3)))
    return replace(text, paragraphs=(*text.paragraphs, *dict.fromkeys(added)))


def developing(rng: random.Random, text: Text) -> Text:
    """Return a text with the lead of a developing story before it."""
    return replace(text, paragraphs=(line_of(rng, "lead"), *text.paragraphs))


def with_boilerplate(rng: random.Random, text: Text) -> Text:
    """Return a text between the credit lines, links and notices of another outlet."""
    before = [line_of(rng, "credit") for _ in range(rng.randint(0, 1))]
    sorts = rng.choices(("credit", "legal", "footer", "about"), (5, 2, 2, 1), k=rng.randint(1, 4))
    after = dict.fromkeys(line_of(rng, sort) for sort in sorts)
    styled = house_style(rng, text) if rng.random() < 0.3 else text
    return replace(styled, paragraphs=(*before, *styled.paragraphs, *after))


def reordered(rng: random.Random, language: str) -> Couple:
    """Return a text and its paragraphs in another order."""
    left = article(rng, rng.choice(("normal", "normal", "full", "feature")), language)
    first, *rest = left.paragraphs
    moved = rest[:]
    if rng.random() < 0.5:
        rng.shuffle(moved)
    else:
        at = rng.randint(1, max(1, len(rest) - 1))
        moved = rest[at:] + rest[:at]
    paragraphs = (first, *moved) if rng.random() < 0.8 and moved != rest else (*moved, first)
    return left, replace(left, paragraphs=paragraphs)


COPIES: dict[str, Maker] = {
    "same text, set anew": _altered(retypeset, also_set=0),
    "agency re-filing": _altered(refiled),
    "light rewrite": _altered(lightly_reworded, also_set=0.15),
    "changed headline": headed_anew,
    "corrected number": _altered(corrected_number),
    "corrected name": corrected_name,
    "typo fixes": corrected_typos,
    "appended update": _altered(updated),
    "developing lead": _altered(developing),
    "added boilerplate": _altered(with_boilerplate),
    "paragraphs re-ordered": reordered,
}
