"""Pairs of news texts with what a careful newsroom librarian would call the relation of the second to the first.

The texts are invented and the same for a seed. `left` is the text that is held, `right` the one that comes in. Kinds
say how a pair came about and labels what it is: a copy, an excerpt (either way round), a rewrite, texts that share a
long quotation, or unrelated texts.
"""

import random
from dataclasses import dataclass

from tests.gates.pairs.copies import COPIES, Maker
from tests.gates.pairs.excerpts import BILINGUAL, EXCERPTS
from tests.gates.pairs.retellings import QUOTATIONS, RETELLINGS
from tests.gates.pairs.stories import Text
from tests.gates.pairs.strangers import STRANGERS

LABELS: dict[str, dict[str, Maker]] = {
    "copy": COPIES,
    "excerpt": EXCERPTS,
    "rewrite": RETELLINGS,
    "quotation": QUOTATIONS,
    "unrelated": STRANGERS,
}
EACH = 60
# Kinds that are met most often, or that tell most about where a detector errs.
MORE = {"same form, other event": 120, "same event, other story": 80, "different subjects": 80}
KHMER = {
    "same text, set anew": 20,
    "appended update": 12,
    "corrected number": 20,
    "changed headline": 8,
    "first half": 12,
    "last half": 10,
    "abridged": 10,
    "teaser": 8,
    "same form, other event": 24,
    "different subjects": 20,
}
MIXED_PAGES = 10


@dataclass(frozen=True)
class Pair:
    """Two texts; `language` is en, km, or mixed where English meets Khmer."""

    kind: str
    label: str
    left: Text
    right: Text
    language: str


def some(seed: int, label: str, kind: str, language: str, count: int) -> list[Pair]:
    """Return the first pairs of a kind.

    Each kind has its own chance, so that a change of one leaves the others as they were.
    """
    rng = random.Random(f"{seed} {kind} {language}")
    make = LABELS[label][kind]
    shown = "mixed" if kind == "translation" else language
    return [Pair(kind, label, *make(rng, language), shown) for _ in range(count)]


def _bilingual(seed: int) -> list[Pair]:
    rng = random.Random(f"{seed} pages in two languages")
    made = [(kind, make(rng)) for kind, make in BILINGUAL.items() for _ in range(MIXED_PAGES)]
    return [Pair(kind, "excerpt", left, right, "mixed") for kind, (left, right) in made]


def pairs(seed: int) -> list[Pair]:
    """Return all pairs of a seed, kind after kind."""
    found = []
    for label, kinds in LABELS.items():
        for kind in kinds:
            found += some(seed, label, kind, "en", MORE.get(kind, EACH))
            found += some(seed, label, kind, "km", KHMER.get(kind, 0))
    return found + _bilingual(seed)
