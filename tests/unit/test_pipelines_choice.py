"""A choice of trafilatura's is completed by the blocks around it; the furniture of the page is gone by then."""

from lxml import html

from pipelines.blocks import Block, blocks_of
from pipelines.choice import completed, densest
from pipelines.decode import parsed

ONE = "Thirty families from Kandal asked a court on Monday to halt the digging of a canal through their fields."
TWO = "Their lawyer said that nobody had measured the land before the machines came."
THREE = "The company did not answer questions, and the governor promised to visit the place next week."


def blocks(inside: str) -> list[Block]:
    tree = parsed(f"<html><body>{inside}</body></html>")
    assert isinstance(tree, html.HtmlElement)
    return list(blocks_of(tree))


def test_what_was_left_out_between_chosen_lines_comes_back() -> None:
    page = blocks(f"<div><p>{ONE}</p><h2>A promise</h2><p>{TWO}</p><ul><li>one field</li></ul><p>{THREE}</p></div>")
    assert completed([ONE, THREE], page) == [ONE, "A promise", TWO, "one field", THREE]


def test_an_article_goes_on_in_elements_of_the_same_name() -> None:
    page = blocks(
        f"<div class='part'><p>{ONE}</p></div><p>Elsewhere</p><div class='part'><p>{TWO}</p></div>"
        f"<div class='part'><p>{THREE}</p></div><div class='other'><p>{TWO}</p></div>"
    )
    assert completed([ONE], page) == [ONE, "Elsewhere", TWO, THREE]


def test_a_link_alone_between_chosen_lines_stays_out() -> None:
    page = blocks(f"<div><p>{ONE}</p><p><a href='/x'>Teachers march for wages</a></p><p>{TWO}</p></div>")
    assert completed([ONE, TWO], page) == [ONE, TWO]


def test_labels_above_the_first_sentence_and_below_the_last_go() -> None:
    page = blocks(f"<div><p>NATIONAL</p><p>3 March 2026</p><p>{ONE}</p><p>{TWO}</p><p>Phnom Penh 33°</p></div>")
    lines = [block.text for block in page]
    assert completed(lines, page) == [ONE, TWO]


def test_a_list_or_a_quotation_may_open_and_end_an_article() -> None:
    inside = f"<blockquote>No canal</blockquote><p>{ONE}</p><p>{TWO}</p><ul><li>Kandal</li><li>Takeo</li></ul>"
    page = blocks(f"<div>{inside}</div>")
    assert completed([ONE, TWO, "Kandal", "Takeo", "No canal"], page) == ["No canal", ONE, TWO, "Kandal", "Takeo"]


def test_lines_that_were_joined_are_parted_again() -> None:
    page = blocks(f"<table><tr><td><b>By Sok Dara</b><br>{ONE}<br><br>{TWO}</td></tr></table>")
    assert completed([f"By Sok Dara{ONE} {TWO}"], page) == [ONE, TWO]


def test_a_choice_that_the_page_does_not_hold_stands_as_it_is() -> None:
    assert completed(["Words from nowhere."], blocks(f"<p>{ONE}</p>")) == ["Words from nowhere."]
    assert completed(["Words from nowhere."], []) == ["Words from nowhere."]


def test_the_densest_element_is_the_innermost_with_nearly_all_sentences() -> None:
    page = blocks(f"<div><p>Menu</p><section><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></section></div>")
    assert densest(page) == [ONE, TWO, THREE]
    assert densest([]) == []
