"""Lines of print put together to paragraphs."""

from collections.abc import Sequence

from core.model import Skipped
from pipelines.paragraphs import Text, text_of
from pipelines.pdf import read_pdf
from tests.unit.pdfs import Line, Pdf, column

FULL = "The guards of the old prison said in May that the water comes at dawn"  # as wide as the column


def read(*pages: Sequence[Line]) -> Text:
    found = read_pdf(Pdf(pages).bytes(), 100)
    assert not isinstance(found, Skipped)
    return text_of(found.sheets)


def test_lines_become_paragraphs_where_a_gap_parts_them() -> None:
    text = read(column([FULL, "and at dusk, and", "", FULL, "and on Mondays never."]))
    assert text.paragraphs == (f"{FULL} and at dusk, and", f"{FULL} and on Mondays never.")


def test_a_word_parted_at_the_end_of_a_line_is_whole_again() -> None:
    text = read(column([f"{FULL} for the detai-", "nees, as prom-", "ised to them."]))
    assert text.paragraphs == (f"{FULL} for the detainees, as promised to them.",)


def test_a_hyphen_that_belongs_to_its_word_stays() -> None:
    lines = [
        f"{FULL} in a long-",
        "term plan for the Asia-",
        "Pacific region; the long-term plan of Covid-",
        "19 is over.",
    ]
    (paragraph,) = read(column(lines)).paragraphs
    assert "a long-term plan for the Asia-Pacific region; the long-term plan of Covid-19" in paragraph


def test_a_paragraph_goes_on_over_the_page() -> None:
    first = column([FULL, f"{FULL} for the detai-"])
    second = column(["nees of the first wing", "and of the second."])
    assert read(first, second).paragraphs == (f"{FULL} {FULL} for the detainees of the first wing and of the second.",)
    third = column([FULL, f"{FULL} for"])
    fourth = column(["Minister Sok and his guests.", "", "Another paragraph begins here."])
    assert read(third, fourth).paragraphs == (
        f"{FULL} {FULL} for Minister Sok and his guests.",
        "Another paragraph begins here.",
    )


def test_a_paragraph_that_ends_with_its_page_does_not_go_on() -> None:
    text = read(column([FULL, "and at dusk."]), column(["The second wing has none.", "It waits."]))
    assert text.paragraphs[0] == f"{FULL} and at dusk."


def test_headings_and_points_of_a_list_stand_alone() -> None:
    head = [Line("Findings", 780, 18)]
    lines = [
        "Background",
        FULL,
        "and at dusk.",
        "(a) Water for all wings of the prison;",
        "(b) A doctor;",
        "• A library.",
    ]
    assert read([*head, *column(lines)]).paragraphs == (
        "Findings",
        "Background",
        f"{FULL} and at dusk.",
        "(a) Water for all wings of the prison;",
        "(b) A doctor;",
        "• A library.",
    )


def test_a_first_line_that_is_indented_opens_a_paragraph() -> None:
    lines = column([FULL, FULL.replace("dawn", "dusk.")])
    indented = [Line("The doctor comes on Mondays.", lines[-1].y - 14, x=100)]
    assert len(read([*lines, *indented]).paragraphs) == 2


def pages(count: int, head: str = "A/HRC/60/12", foot: str = "- {} -") -> list[list[Line]]:
    return [
        [
            Line(head.format(number), 810, 8),
            *column([f"{FULL} in wing {'abcdefghij'[number]}, says", "page one.", "", "It says no more."]),
            Line(foot.format(number + 1), 30, 9),
        ]
        for number in range(count)
    ]


def test_what_recurs_at_the_edges_of_pages_goes_with_their_numbers() -> None:
    for count in (2, 3, 9):
        text = " ".join(read(*pages(count)).paragraphs)
        assert "A/HRC" not in text
        assert "- 1 -" not in text
        assert text.count("says page one") == count


def test_heads_that_take_turns_on_left_and_right_pages_go_too() -> None:
    both = pages(8, "Prisons of the north")
    for number in range(0, 8, 2):
        both[number][0] = Line("Human Rights Council", 810, 8)
    text = " ".join(read(*both).paragraphs)
    assert "Prisons of the north" not in text
    assert "Human Rights Council" not in text


def test_what_stands_once_at_an_edge_or_often_within_the_page_stays() -> None:
    once = pages(4)
    once[2][0] = Line("Annex: the letter of the ministry", 810, 8)
    paragraphs = read(*once).paragraphs
    assert "Annex: the letter of the ministry" in paragraphs
    assert paragraphs.count("It says no more.") == 4


def test_a_number_at_the_edge_goes_and_a_year_in_the_text_stays() -> None:
    for number in ("7", "Page 7 of 12", "vii", "7/12", "– 7 –", "ទំព័រ".encode("ascii", "ignore").decode() + "7"):
        text = read([*column([FULL, "in"]), Line("2026", 400), Line(number, 30, 9)])
        assert text.paragraphs[-1].endswith("2026")


def test_small_type_in_the_head_of_an_only_page_is_its_running_head() -> None:
    text = read([Line("A/HRC/60/12", 810, 8), *column([FULL, "and at dusk."]), *column(["1 See the annex."], 60, 8)])
    assert text == Text((f"{FULL} and at dusk.",), ("1 See the annex.",))
    assert read([Line("To the ministry", 810), *column([FULL])]).paragraphs[0] == "To the ministry"


def test_footnotes_are_notes_and_small_type_above_them_is_text() -> None:
    page = [
        *column([FULL, "and at dusk.1"]),
        Line("Source: the ministry", 500, 8),
        *column([f"{FULL} again, as often as before.2"], 480),
        *column(["1 See the annex to the first report of the", "mission, page 7.", "2 Heard in May."], 130, 8, 9),
    ]
    text = read(page, page[:2])
    assert text.notes == ("1 See the annex to the first report of the mission, page 7.", "2 Heard in May.")
    assert "Source: the ministry" in text.paragraphs
    assert not any("annex" in paragraph for paragraph in text.paragraphs)


def test_small_type_at_the_foot_that_is_no_footnote_is_text() -> None:
    page = [*column([FULL, "and at dusk."]), Line("Published by the mission", 140, 8)]
    assert "Published by the mission" in read(page).paragraphs


def test_two_columns_are_read_one_after_the_other() -> None:
    left = [
        Line(text, 700 - 14 * row, x=60)
        for row, text in enumerate(("The water comes at", "dawn, and the guards", "say that it will go on"))
    ]
    right = [Line(text, 700 - 14 * row, x=320) for row, text in enumerate(("until the rains of", "October begin."))]
    assert read([*left, *right]).paragraphs == (
        "The water comes at dawn, and the guards say that it will go on until the rains of October begin.",
    )


def test_a_print_without_a_letter_has_no_text() -> None:
    assert read([], []) == Text(())
