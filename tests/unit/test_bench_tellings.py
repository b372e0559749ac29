"""The texts that near copies are sought among in the benchmark."""

from core.shingles import shingles
from tests.bench.tellings import COPIED, Telling, Tellings, is_copy

TELLINGS = Tellings()
FEW = 3 * COPIED


def shared(one: Telling, other: Telling) -> float:
    """Return the part of the smaller text's shingles that the larger has."""
    both = shingles(one.text), shingles(other.text)
    return len(both[0] & both[1]) / min(map(len, both))


def test_a_text_is_made_of_its_number_alone() -> None:
    again = Tellings()
    assert [again(number) for number in reversed(range(COPIED))] == list(TELLINGS.several(0, COPIED))[::-1]


def test_one_text_in_ten_is_a_near_copy_of_one_that_is_none_and_others_are_not() -> None:
    made = list(TELLINGS.several(0, FEW))
    for telling in made:
        assert (telling.origin is not None) is is_copy(telling.number)
        if telling.origin is not None:
            assert not is_copy(telling.origin)
            assert shared(telling, made[telling.origin]) > 0.6
    assert shared(made[1], made[2]) < 0.2


def test_texts_are_as_long_as_articles() -> None:
    lengths = sorted(len(telling.text.split()) for telling in TELLINGS.several(0, 10 * COPIED))
    assert 100 < lengths[0] < 300
    assert 350 < lengths[len(lengths) // 2] < 500
    assert 600 < lengths[-1] < 1200
