"""What one version of a story has less and more than another."""

from pipelines.cuts import Cut, cut

WHOLE = "The well of Ta Prok ran dry in May.\nForty families walk to the quarry.\nThe office promised a truck."


def test_a_text_has_nothing_less_or_more_than_itself_however_it_is_set() -> None:
    assert cut(WHOLE, WHOLE) == Cut(1.0, 0, 0, 0, 0)
    assert cut(WHOLE.upper().replace(" ", "  "), WHOLE) == Cut(1.0, 0, 0, 0, 0)


def test_an_excerpt_lacks_paragraphs_and_words_and_may_have_some_of_its_own() -> None:
    found = cut("The well of Ta Prok ran dry in May.\nRead more here.", WHOLE)
    assert (found.paragraphs_less, found.paragraphs_more) == (2, 1)
    assert (found.words_less, found.words_more) == (11, 3)
    assert 0.3 < found.share < 0.5


def test_the_other_way_round_less_is_more() -> None:
    short = "Forty families walk to the quarry."
    one, other = cut(short, WHOLE), cut(WHOLE, short)
    assert (one.paragraphs_less, one.words_less) == (other.paragraphs_more, other.words_more) == (2, 14)
    assert other.share == 1.0


def test_a_text_in_other_paragraphs_has_no_word_less() -> None:
    found = cut(WHOLE.replace("\n", " "), WHOLE)
    assert (found.paragraphs_less, found.paragraphs_more, found.words_less, found.words_more) == (3, 1, 0, 0)


def test_of_khmer_characters_are_counted() -> None:
    found = cut("ទឹកក្នុងអណ្តូង", "ទឹកក្នុងអណ្តូង\nរីងស្ងួត")
    assert (found.paragraphs_less, found.words_less, found.words_more) == (1, 4, 0)


def test_an_empty_text_lacks_all() -> None:
    assert cut("", WHOLE).share == 0.0
    assert cut(WHOLE, "") == Cut(1.0, 0, 3, 0, 20)
