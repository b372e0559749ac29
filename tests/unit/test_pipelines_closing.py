"""What follows the end of an article goes, and what an article ends with stays."""

import pytest

from pipelines.blocks import Block, blocks_of
from pipelines.closing import without_closing
from pipelines.decode import parsed

ONE = "Thirty families from Kandal asked a court on Monday to halt the digging of a canal through their fields."
TWO = "Their lawyer said that nobody had measured the land before the machines came."
THREE = "The company did not answer questions, and the governor promised to visit the place next week."
TEXT = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"


def left(inside: str) -> list[str]:
    tree = parsed(f"<html><body>{inside}</body></html>")
    assert tree is not None
    found: list[Block] = without_closing(list(blocks_of(tree)))
    return [block.text for block in found]


@pytest.mark.parametrize(
    "closing",
    [
        "<p>Comments (2)</p><p>Ly</p><p>Always the same story, change the name and the year and it fits.</p>",
        "<p>© 2026 The Courier. All rights reserved.</p><p>Support comes from the people who listen to us.</p>",
        "<p><strong>About Witness Cambodia</strong></p><p>Witness Cambodia has documented abuses since 1994.</p>",
        "<p><em>Keo Rathana is a reporter with The Courier and a former teacher.</em></p>",
        "<p><small>This feature appears in the next number, on paper.</small></p>",
        "<p>If you liked this, clap and follow me for more of my stories.</p>",
        "<p>The views expressed in this commentary are those of the author.</p>",
        "<p>This commentary may be republished under a Creative Commons licence.</p>",
        "<p>Additional reporting by Sim Dara in Sydney</p>",
        "<p>Did you like this post? Share it with your friends!</p>",
        "<p>Comments are open to subscribers for two weeks after a piece appears.</p>",
        "<p>Was this forwarded to you? Sign up, and read it before your chief does.</p>",
        "<p>For questions write to desk@courier.example, please.</p>",
        "<p style='text-align:center'>Got a question about your own school? The desk looks for an answer.</p>",
    ],
)
def test_what_follows_the_end_goes(closing: str) -> None:
    assert left(TEXT + closing) == [ONE, TWO, THREE]


def test_a_last_paragraph_of_a_class_of_its_own_goes_below_a_lead_of_another_make() -> None:
    lead, last = "<div class='lead'>Nobody had told the thirty families of the canal.</div>", "It binds nobody at all."
    assert left(f"{lead}{TEXT}{TEXT}<p class='discreet'>{last}</p>")[-1] == THREE
    assert left(f"{lead}{TEXT}{TEXT}<p class='bodytext'>{last}</p>")[-1] == last


@pytest.mark.parametrize(
    "own",
    [
        "<p><em>Correction: An earlier version gave another number of families.</em></p>",
        "<p><small>[1] Interview with a villager, Kandal, 3 March 2026.</small></p>",
        "<p><em>“We will not leave,” he said.</em></p>",
        "<p>The report was published in March, and the office has not answered it.</p>",
        "<p>Your Excellency, we ask our government to share what it knows of the canal.</p>",
        "<h2>About the canal</h2><p>It was planned in 2019, and nobody was asked about it.</p>",
        "<p>Nobody came.</p>",
    ],
)
def test_what_an_article_ends_with_stays(own: str) -> None:
    assert len(left(TEXT + own)) > 3


def test_a_last_paragraph_of_a_class_of_its_own_goes_below_paragraphs_that_are_all_alike() -> None:
    ask = "<p class='tag'>The Courier is an independent paper, and its newsroom is kept by subscribers.</p>"
    alike = TEXT + f"<p>{TWO}</p>"
    assert left(alike + ask) == [ONE, TWO, THREE, TWO]
    assert len(left(alike + ask.replace("tag", "last"))) == 5
    assert len(left(alike.replace("<p>", "<p class='lead'>", 1) + ask)) == 5


def test_a_text_in_italics_keeps_its_end() -> None:
    slanted = "".join(f"<p><em>{text}</em></p>" for text in (ONE, TWO, THREE))
    assert left(slanted) == [ONE, TWO, THREE]


def test_what_stands_outside_of_the_element_with_the_text_goes_unless_it_is_made_like_it() -> None:
    outside = "<div class='foot'>The Courier, No. 62 River Road. Tel: 023 555 088</div>"
    assert left(f"<div class='text'>{TEXT}</div>{outside}") == [ONE, TWO, THREE]
    again = "<div class='text'><p>The governor came on Friday and left before noon.</p></div>"
    assert len(left(f"<div class='text'>{TEXT}</div>{again}")) == 4


def test_a_heading_called_comments_in_the_first_half_ends_nothing() -> None:
    assert left(f"<p>{ONE}</p><h2>Comments</h2><p>{TWO}</p><p>{THREE}</p>") == [ONE, "Comments", TWO, THREE]
