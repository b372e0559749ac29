"""The numbers of shingles: a corpus keeps them, so that they stay what they are, however they are made."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.shingles import SAMPLED, sampled, shared_stretches, shingles, tokens

BITS = 1 << 64
TURN, TWICE = 0x9E3779B97F4A7C15, 0xF39CC0605CEDC835
WORDS = st.lists(st.text("abcxyzéß", min_size=1, max_size=5), min_size=3, max_size=40)


@pytest.mark.parametrize(
    ("text", "lowest", "count"),
    [
        ("The village asked for its road back.", (-6629150845795453756, -6221972385868334928), 5),
        ("Two words", (3516912010364608972,), 1),
        ("It's 1,234.5 hectares – “once” more", (-5853187865707872071, -3282774015837914465), 3),
        ("ភូមិ សុំ ផ្លូវ វិញ នៅ ថ្ងៃ នេះ", (-6769409129706644308, -5253816487729207793), 4),
    ],
)
def test_the_numbers_of_scheme_1_do_not_change(text: str, lowest: tuple[int, ...], count: int) -> None:
    found = sorted(shingles(text))
    assert tuple(found[: len(lowest)]) == lowest
    assert len(found) == count


def number(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


@given(WORDS)
def test_a_run_is_the_sum_of_its_words_turned(words: list[str]) -> None:
    numbers = [number(word.casefold()) for word in words]
    runs = zip(numbers, numbers[1:], numbers[2:], strict=False)
    expected = {(TWICE * first + TURN * second + third) % BITS - (1 << 63) for first, second, third in runs}
    assert shingles(" ".join(words)) == expected
    assert sampled(expected) == sorted(each for each in expected if each % SAMPLED == 0)


@pytest.mark.parametrize("mark", ["'", "’"], ids=["ascii", "not ascii"])
def test_a_stretch_is_told_by_its_places_in_the_text(mark: str) -> None:
    shared = f"the village{mark}s 1,200 people asked"
    text = f"Nobody wrote it down. The village{mark}s 1,200 people asked; nobody answered them, and all went home."
    ((start, end),) = shared_stretches(tokens(text), shingles(shared))
    assert text[start:end] == f"The village{mark}s 1,200 people asked"


def test_stretches_that_touch_are_one_and_others_are_not() -> None:
    text = "one two three four five six and then came seven eight nine"
    shared = shingles("one two three") | shingles("four five six") | shingles("seven eight nine")
    found = shared_stretches(tokens(text), shared)
    assert [text[start:end] for start, end in found] == ["one two three four five six", "seven eight nine"]
