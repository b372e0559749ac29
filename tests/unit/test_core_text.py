import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text import digest, folded, normalised, shortened, tidy


@given(st.text())
@example("ᾳ\u0345")
@example("İstanbul \u00ad x")
@example("\u037a")
def test_normalised_is_idempotent(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(st.text())
def test_normalised_does_not_tell_composed_from_decomposed(text: str) -> None:
    assert normalised(unicodedata.normalize("NFD", text)) == normalised(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“We  wait”, they\u00a0said", '"we wait", they said'),
        ("Cambodia’s", "cambodia's"),
        ("1–2 — 3", "1-2 - 3"),
        ("STRASSE", "straße"),
        ("co\u00adoperate\u200b", "cooperate"),
        ("ﬁve", "five"),
        ("\ufefftext\n", "text"),
    ],
)
def test_texts_that_read_alike_are_the_same_words(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(("one", "other"), [("résumé", "resume"), ("41 times", "47 times"), ("a b", "ab"), ("", ".")])
def test_texts_that_read_otherwise_are_not_the_same_words(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text())
@example("ǰΐßŉİﬃ…①")
def test_folded_keeps_each_character_at_its_index(text: str) -> None:
    assert len(folded(text)) == len(text)
    assert folded(text) == "".join(folded(character) for character in text)


@given(st.text())
def test_folded_is_idempotent(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Élysée", "elysee"), ("ÅNGSTRÖM", "angstrom"), ("‘a’ — “b”", "'a' - \"b\""), ("ភ្នំពេញ", "ភ្នំពេញ")],
)
def test_folded_drops_case_accents_and_kinds_of_quotes(text: str, plain: str) -> None:
    assert folded(text) == plain


@given(st.text())
@example("a \x08 b")
@example("\x1b[31m\x85x")
def test_tidy_leaves_one_line_without_double_spaces_and_loses_no_letter(text: str) -> None:
    line = tidy(text)
    assert tidy(line) == line == " ".join(line.split())
    visible = [character for character in "".join(text.split()) if unicodedata.category(character) != "Cc"]
    assert list(line.replace(" ", "")) == visible


def test_a_digest_counts_words_and_not_how_they_are_set() -> None:
    assert digest("“Open”  the\ncourts") == digest('"open" THE courts')
    assert digest("Open the courts.") != digest("Open the courts")


def test_the_parts_of_a_digest_never_run_into_one_another() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", ""), digest("", "abc")}) == 5


@given(st.text(st.sampled_from("ab ,–"), max_size=30), st.integers(2, 30))
def test_a_shortened_text_is_never_longer_than_asked(text: str, length: int) -> None:
    assert len(shortened(text, length)) <= length


@pytest.mark.parametrize(
    ("text", "length", "cut"),
    [
        ("one two", 7, "one two"),
        ("one two three", 9, "one two…"),
        ("one, two three", 6, "one…"),
        ("one – two three", 8, "one…"),
    ],
)
def test_a_text_is_shortened_after_a_whole_word(text: str, length: int, cut: str) -> None:
    assert shortened(text, length) == cut
