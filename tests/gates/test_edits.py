"""What edits are called, held against what a person would call them.

The edits are invented (tests/gates/pairs/edits.py) by somebody who did not know the rules. The floors stand in
edits.json (floors.py says how they are pinned). `-s` prints the figures.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from core.edits import Edit, State
from pipelines.edits import edits
from tests.gates.floors import Figures, Floors
from tests.gates.pairs.edits import LABELS
from tests.gates.pairs.edits import Edit as Case
from tests.gates.pairs.edits import edits as corpus

FLOORS = Floors(Path(__file__).parent / "edits.json")
# The rules were mended by the mistakes in edits of the first seed; at those of the other nobody looked.
SEEDS = {"seen": (1,), "unseen": (101,)}
NAMED = {Edit.REWRITE: "rewrite", Edit.NUMBER: "number", Edit.NAME: "name"}
NONE = "none"
EXACT = "exact"
Named = tuple[Case, frozenset[str]]


def named(case: Case) -> frozenset[str]:
    """Return what the rules call an edit, in the words of the corpus."""
    before, after = (State(each.title, tuple(each.paragraphs)) for each in (case.before, case.after))
    found = {NAMED.get(change.label, change.label.value) for change in edits(before, after)}
    return frozenset(found or {NONE})


@pytest.fixture(scope="module")
def told() -> dict[str, list[Named]]:
    return {split: [(case, named(case)) for seed in seeds for case in corpus(seed)] for split, seeds in SEEDS.items()}


def figures_of(told: list[Named]) -> dict[str, float]:
    """Return of each label how many were found (recall) and how many finds were right (precision), and the exact."""
    right = Counter(label for case, found in told for label in case.labels & found)
    wanted = Counter(label for case, _ in told for label in case.labels)
    given = Counter(label for _, found in told for label in found)
    figures = {EXACT: sum(case.labels == found for case, found in told) / len(told)}
    for label in LABELS:
        figures[f"{label}, precision"] = right[label] / given[label] if given[label] else 1.0
        figures[f"{label}, recall"] = right[label] / wanted[label]
    # To the last place downwards: a floor that was rounded up would be above what was measured.
    return {name: int(value * 1000) / 1000 for name, value in figures.items()}


@pytest.fixture(scope="module")
def figures(told: dict[str, list[Named]]) -> Figures:
    return {split: figures_of(found) for split, found in told.items()}


def corpus_hash(told: dict[str, list[Named]]) -> str:
    """Return by what these very edits are known."""
    lines = [
        [case.what, sorted(case.labels), *((each.title, *each.paragraphs) for each in (case.before, case.after))]
        for found in told.values()
        for case, _ in found
    ]
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()


@pytest.fixture(scope="module", autouse=True)
def _pins_when_asked(figures: Figures, told: dict[str, list[Named]]) -> None:
    FLOORS.pin_when_asked(figures, corpus_hash(told))


def table(figures: Figures) -> str:
    names = next(iter(figures.values()))
    lines = [f"{'':30}" + "".join(f"{split:>10}" for split in figures)]
    return "\n".join(
        lines + [f"{name:30}" + "".join(f"{row[name]:>10.3f}" for row in figures.values()) for name in names]
    )


def test_no_figure_is_below_its_floor(figures: Figures) -> None:
    print(f"\n{table(figures)}")  # noqa: T201  # what -s is for
    assert FLOORS.below(figures) == []


def test_every_split_and_label_has_a_floor() -> None:
    wanted = {EXACT, *(f"{label}, {figure}" for label in LABELS for figure in ("precision", "recall"))}
    assert {split: set(floors) for split, floors in FLOORS.pinned()["floors"].items()} == dict.fromkeys(SEEDS, wanted)


def test_the_floors_were_measured_on_these_very_edits(told: dict[str, list[Named]]) -> None:
    assert FLOORS.pinned()["corpus"] == corpus_hash(told), "the edits changed: measure anew with TONLE_PIN_FLOORS=1"


def test_the_floors_were_written_by_the_gate_and_not_by_hand() -> None:
    assert FLOORS.is_sealed()


def test_there_are_edits_enough_of_every_label(told: dict[str, list[Named]]) -> None:
    for found in told.values():
        counts = Counter(label for case, _ in found for label in case.labels)
        assert len(found) >= 300
        assert min(counts[label] for label in LABELS) >= 10
        assert sum(case.language == "km" for case, _ in found) >= 30


def test_a_label_too_many_and_one_too_few_are_told_from_the_right_ones(told: dict[str, list[Named]]) -> None:
    right = [(case, case.labels) for case, _ in told["seen"]]
    assert set(figures_of(right).values()) == {1.0}
    none = figures_of([(case, frozenset({NONE})) for case, _ in right])
    assert (none["typo, recall"], none["none, recall"], none["typo, precision"]) == (0.0, 1.0, 1.0)
    assert none[EXACT] == none["none, precision"] < 0.2
