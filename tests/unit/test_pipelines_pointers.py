"""Lines that point away from an article go, by how they are made; its own that look like them stay."""

import pytest

from pipelines.choice import completed
from pipelines.decode import parsed
from pipelines.furniture import Furniture, furniture_of

TITLE = "Villagers ask court to halt canal"
ONE = "Thirty families from Kandal asked a court on Monday to halt the digging of a canal through their fields."
TWO = "Their lawyer said that nobody had measured the land before the machines came."
THREE = "The company did not answer questions, and the governor promised to visit the place next week."
FOUR = "A ruling is expected in May, and until then the machines stand still beside the road to the river."
HEAD = "Teachers of the river schools march for their wages"
OTHER = f"<a href='/news/teachers-march'>{HEAD}</a>"
LED = f"<li><p><a href='https://hill.example/1'>{HEAD}</a></p></li>"
TEASER = "Some two hundred teachers walked from the school to the ministry, and came back with a date."


def page(inside: str) -> Furniture:
    tree = parsed(f"<html><head><title>x</title></head><body>{inside}</body></html>")
    assert tree is not None
    return furniture_of(tree, TITLE, lambda link: link.startswith("/news/"))


def kept(inside: str) -> list[str]:
    return [block.text for block in page(inside).kept() if block.text != TITLE]


def within(inside: str) -> str:
    return f"<div><h1>{TITLE}</h1><p>{ONE}</p><p>{TWO}</p>{inside}<p>{THREE}</p><p>{FOUR}</p></div>"


def lines(*inside: str) -> str:
    return f"<h1>{TITLE}</h1><div>{'<br><br>'.join((ONE, TWO, *inside, THREE, FOUR))}</div>"


@pytest.mark.parametrize(
    "line",
    [
        f"<p>For more on this, see {OTHER}</p>",
        f"<p>[Video: {OTHER}]</p>",
        f"<p>(Compare: {OTHER}, p. 12)</p>",
        f"<p>Voir aussi notre article&nbsp;: {OTHER}</p>",
        f"<p>&gt;&gt; {OTHER}</p>",
        f"<p>Also in this series: {OTHER} (3 March)</p>",
        f"<p><em>Editor's choice: {OTHER}.</em></p>",
        f"<details open><summary>What we wrote on this</summary><ul><li>{OTHER}</li><li>{OTHER}</li></ul></details>",
        f"<p>READ: {OTHER}<br>{OTHER}</p>",
        f"<blockquote><p>{OTHER}</p></blockquote>",
        f"<ul><li>Report, May 2025: {OTHER}</li><li>Statement, September 2025: {OTHER}</li></ul>",
        f"<p>{TEASER} <a href='/news/teachers-march'>Read on…</a></p>",
        f"<h4>{OTHER}</h4><h5>{TEASER}</h5>",
        f"<p><b>Earlier on this page</b><br>{OTHER}<br>{OTHER}</p>",
        f"<p>See also: <a href='notes?{HEAD[:3]}'>{HEAD}</a></p>",
        f"<p><strong>Read more:</strong></p><ul>{LED * 2}</ul>",
    ],
)
def test_a_line_that_ends_with_the_headline_of_another_story_goes(line: str) -> None:
    assert kept(within(line)) == [ONE, TWO, THREE, FOUR]


def test_a_frame_with_a_headline_and_its_summary_goes_and_one_of_the_articles_words_stays() -> None:
    text = f"<p>{ONE} {TWO} {THREE}</p>" * 4
    led = f"<fieldset><legend>The talk before</legend>{OTHER} {TEASER}</fieldset>"
    own = f"<fieldset>{FOUR}</fieldset>"
    assert len(kept(f"<div><h1>{TITLE}</h1>{text}{led}{text}</div>")) == 8
    assert len(kept(f"<div><h1>{TITLE}</h1>{text}{own}{text}</div>")) == 9


@pytest.mark.parametrize(
    "own",
    [
        "<p>The letter was read in March, <a href='/news/x'>as the villagers said in their petition</a>.</p>",
        "<p>The commission said: <a href='/news/x'>“Nobody told us of a canal before it was dug”</a></p>",
        "<p>The commission said: <a href='/news/x'>Nobody told us of a canal before it was dug</a>.</p>",
        "<p>What he asks for is <a href='/news/x'>a map of the fields that everybody can read</a></p>",
        "<ul><li>a map of <a href='/news/x'>The fields along the river, 2024</a></li><li>an answer</li></ul>",
        f"<p>{TEASER} <a href='/news/x'>Their letter</a></p>",
        "<p>The order is <a href='/files/order.pdf'>Order 44 of the Court of First Instance</a></p>",
    ],
)
def test_a_sentence_with_a_link_at_its_end_stays(own: str) -> None:
    assert len(kept(within(own))) > 4


def test_between_line_breaks_a_line_goes_alone() -> None:
    assert kept(lines(f"<b>More:</b> {OTHER}")) == [ONE, TWO, THREE, FOUR]
    assert kept(lines(OTHER, "It rained.", OTHER)) == [ONE, TWO, "It rained.", THREE, FOUR]


def test_in_a_list_between_line_breaks_headlines_go_with_their_summaries() -> None:
    listed = f"<b>Also today</b><br>{OTHER}<br>{TEASER}<br>{OTHER}<br>{TEASER}"
    assert kept(lines(listed)) == [ONE, TWO, THREE, FOUR]


def test_a_cell_of_many_lines_is_no_row_of_figures() -> None:
    found = kept(f"<table><tr><td>{lines(OTHER)}</td><td>Menu</td></tr></table>".replace("div>", "b>"))
    assert found == [ONE, TWO, THREE, FOUR, "Menu"]
    assert kept("<table><tr><td>Kandal<br>Takeo</td><td>30<br>12</td></tr></table>")[0].startswith("Kandal")


def test_fine_print_below_a_picture_between_lines_is_its_caption() -> None:
    picture = "<img src='a.jpg'><br><font size='2' color='#777'>The canal, seen from above.</font>"
    assert kept(lines(picture)) == [ONE, TWO, THREE, FOUR]
    assert len(kept(lines("<img src='a.jpg'><br>The canal, seen from above at dawn."))) == 5


@pytest.mark.parametrize(
    "ask",
    [
        "<p><strong><em>Stand with the families. Sign our open letter today.</em></strong></p>",
        "<p><span style='color:#c00'><b>Signez la pétition et parlez-en autour de vous.</b></span></p>",
        "<p>If this matters to you, tell one friend. <a href='/donate'>Chip in $5</a></p>",
        "<hr><p><em>The paper carries no advertising, and its readers pay for the boat.</em></p><hr>",
    ],
)
def test_what_a_site_asks_of_its_readers_goes(ask: str) -> None:
    assert kept(within(ask)) == [ONE, TWO, THREE, FOUR]


@pytest.mark.parametrize(
    "own",
    [
        "<p><strong>How did your family live before the canal came?</strong></p>",
        "<p>Sign our letter, she told them, and go home before the rain.</p>",
        "<p>The family asks for help <a href='/donate/fund'>in a fund</a> that pays the hospital.</p>",
        "<p><b>“Give us our land back,” they said.”</b></p>",
        "<p><em>The families came back in May, when the rains began.</em></p>",
        "<p><strong>Support for the strike grows</strong></p>",
        "<p><strong>Stand-off at the mill</strong></p>",
        "<p><font face='Times' size='3'>Share prices did not move at the weekend, and the mill was shut.</font></p>",
    ],
)
def test_what_people_ask_of_each_other_stays(own: str) -> None:
    assert len(kept(within(own))) == 5


def digests(form: str) -> str:
    return "".join(form.format(head=f"{HEAD} {number}", teaser=TEASER) for number in range(2))


@pytest.mark.parametrize(
    "form",
    [
        "<p><a href='/news/a'>{head}</a>. {teaser}</p>",
        "<p>• <a href='/news/a'>{head}</a> — {teaser}</p>",
        "<p><strong>{head}.</strong> {teaser} <a href='/news/a'>(Hill Post)</a></p>",
    ],
)
def test_below_a_heading_paragraphs_that_are_each_another_story_go(form: str) -> None:
    assert kept(f"{within('')}<h3>Before the ferry leaves</h3>{digests(form)}") == [ONE, TWO, THREE, FOUR]


def test_an_article_that_is_made_of_such_paragraphs_stays() -> None:
    form = "<p><strong>{head}.</strong> {teaser} <a href='/news/a'>(Hill Post)</a></p>"
    assert len(kept(f"<div><h1>{TITLE}</h1><p>{ONE}</p>{digests(form) * 3}</div>")) == 7


def test_a_line_that_went_is_not_given_back_with_what_was_chosen() -> None:
    found = page(lines(OTHER))
    choice = [ONE, f"{TWO} {HEAD}", THREE, FOUR]
    assert completed(choice, found.kept(), [text for _, text in found.loose]) == [ONE, TWO, THREE, FOUR]


def test_entries_beside_the_articles_own_are_other_articles() -> None:
    own = f"<div class='entry'><h2><a href='/own'>{TITLE}</a></h2><p>{ONE}</p><p>{TWO}</p></div>"
    other = f"<div class='entry'><h2>{OTHER}</h2>{f'<p>{TEASER}</p>' * 8}</div>"
    part = f"<div class='entry'><h2>Two versions</h2><p>{THREE} {FOUR}</p></div>"
    assert kept(f"<div>{own}{other}{part}</div>") == [ONE, TWO, "Two versions", f"{THREE} {FOUR}"]
