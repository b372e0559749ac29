"""Two states side by side: nothing is lost or made up, and what is alike is found, however long the texts are."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.edits_comparison import Op, Passage, compared
from pipelines.edits_matching import matching
from pipelines.edits_pieces import pieces

MARKS = {Op.KEPT: "{}", Op.GONE: "[-{}-]", Op.NEW: "{{+{}+}}"}
LONG = "too long to be looked at closely"
WORDS = ("dam", "the", "The", "12", "1,200", "river", "Sok", "ភូមិ", "បាន", ",", ".", "“", "”", "-", "é")
texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join), max_size=6)


def shown(passage: Passage) -> str:
    parts = [
        " " * (span.is_spaced and place > 0) + MARKS[span.op].format(span.text)
        for place, span in enumerate(passage.spans)
    ]
    return "".join(parts)


def lines(before: list[str], after: list[str]) -> list[str]:
    return [shown(passage) for passage in compared(before, after)]


def keys(texts_: list[str]) -> list[str]:
    return [piece.folded for text in texts_ for piece in pieces(text)]


@settings(max_examples=100, deadline=None)
@given(texts, texts)
def test_both_states_can_be_read_off_a_comparison(before: list[str], after: list[str]) -> None:
    passages = compared(before, after)
    assert keys([each.text(Op.NEW) for each in passages]) == keys(after)
    assert sorted(keys([each.text(Op.GONE) for each in passages])) == sorted(keys(before))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=40), st.lists(st.integers(0, 4), max_size=40))
def test_what_is_matched_is_the_same_and_in_order(before: list[int], after: list[int]) -> None:
    at = place = 0
    for one, other, length in matching(before, after):
        assert length > 0
        assert one >= at
        assert other >= place
        assert before[one : one + length] == after[other : other + length]
        at, place = one + length, other + length


def test_the_words_of_a_changed_paragraph_are_marked_and_the_others_are_not() -> None:
    assert lines(["Twelve men sat by the river.", "It rained."], ["Ten men sat by the lake.", "It rained."]) == [
        "[-Twelve-] {+Ten+} men sat by the [-river-] {+lake+}.",
        "It rained.",
    ]


def test_a_sentence_that_came_begins_where_a_sentence_does() -> None:
    assert lines(["He said so. He said no."], ["He said so. He said maybe. He said no."]) == [
        "He said so. {+He said maybe.+} He said no."
    ]


def test_a_paragraph_that_went_stands_where_it_stood() -> None:
    before = ["One is here now.", "Two goes away from us.", "Three stays."]
    assert lines(before, ["One is there now.", "Three stays on."]) == [
        "One is [-here-] {+there+} now.",
        "[-Two goes away from us.-]",
        "Three stays {+on+}.",
    ]


def test_a_paragraph_that_moved_is_marked_as_moved() -> None:
    found = compared(["Three stays.", "One is here.", "Two went."], ["One is here.", "Two went.", "Three stays."])
    assert [(passage.is_moved, shown(passage)) for passage in found] == [
        *((True, "[-Three stays.-]"), (False, "One is here."), (False, "Two went."), (True, "{+Three stays.+}"))
    ]


def test_khmer_is_told_apart_by_its_signs() -> None:
    assert lines(["មានមនុស្ស ១២ នាក់នៅភូមិ។"], ["មានមនុស្ស ១៣ នាក់នៅភូមិ។"]) == ["មានមនុស្ស [-១២-] {+១៣+} នាក់នៅភូមិ។"]


@pytest.mark.parametrize(
    "kind", ["edited", "one paragraph", pytest.param(LONG, marks=pytest.mark.soak), "other", "monotonous"]
)
def test_texts_as_long_as_reports_are_compared(kind: str) -> None:
    rng = random.Random(7)
    words = [f"w{number}" for number in range(3000)]
    before = [" ".join(rng.choices(words, k=80)) for _ in range(60)]
    after = [" ".join("zz" if rng.random() < 0.1 else word for word in text.split()) for text in before]
    sides = {
        "edited": (before, after),
        "one paragraph": ([" ".join(before)], [" ".join(after)]),
        LONG: (
            [f"{text} {number}" for number in range(12) for text in before],
            [f"{text} {number}" for number in range(12) for text in after],
        ),
        "other": (before, [" ".join(rng.choices(words, k=80)) for _ in range(60)]),
        "monotonous": (["a b " * 2400], ["b c " * 2400]),
    }
    passages = compared(*sides[kind])
    kept, new = (sum(passage.size(op) for passage in passages) for op in (Op.KEPT, Op.NEW))
    assert (kept > 8 * new) == (kind not in {"other", "monotonous"})
