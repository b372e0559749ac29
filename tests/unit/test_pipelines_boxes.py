"""Boxes without a telling name: each goes by how it is made, and its like that is the article's stays."""

import pytest

from pipelines.decode import parsed
from pipelines.furniture import Furniture, furniture_of

TITLE = "Villagers ask court to halt canal"
ONE = "Thirty families from Kandal asked a court on Monday to halt the digging of a canal through their fields."
TWO = "Their lawyer said that nobody had measured the land before the machines came."
THREE = "The company did not answer questions, and the governor promised to visit the place next week."
FOUR = "A ruling is expected in May, and until then the machines stand still beside the road to the river."
HEAD = "Teachers march for their wages"
OTHER = f"<a href='/news/teachers-march'>{HEAD}</a>"
TEASER = "Some two hundred teachers walked from the school to the ministry, and came back with a date."
ASK = "Every Saturday we send you what mattered, and no more."


def page(inside: str) -> Furniture:
    tree = parsed(f"<html><head><title>x</title></head><body>{inside}</body></html>")
    assert tree is not None
    return furniture_of(tree, TITLE, lambda link: link.startswith("/news/"))


def within(inside: str) -> str:
    return f"<div><h1>{TITLE}</h1><p>{ONE}</p><p>{TWO}</p>{inside}<p>{THREE}</p><p>{FOUR}</p></div>"


def kept(inside: str) -> list[str]:
    return [block.text for block in page(inside).kept() if block.text != TITLE]


@pytest.mark.parametrize(
    ("box", "rule"),
    [
        (f"<div class='k2'><img src='x.jpg'><div>{OTHER}<p>{TEASER}</p></div></div>", "card of another story"),
        (
            f"<div class='k2'><div>Labour</div>{OTHER}<p>{TEASER}</p><div>3 March 2026</div></div>",
            "card of another story",
        ),
        (f"<div><h4>{OTHER}</h4><p>{TEASER}</p></div>", "card of another story"),
        (f"<a href='/news/teachers-march'><div>{HEAD}</div><div>{TEASER}</div></a>", "other stories"),
        (f"<div onclick='go(1)'><div>{HEAD}</div><div>{TEASER}</div></div>", "card of another story"),
        (f"<div><p>The week</p><p>{ASK}</p><input placeholder='you'><button>Join</button></div>", "form"),
        ("<div><p>Do you believe them?</p><ul><li>Yes</li><li>No</li></ul><p>214 votes</p></div>", "poll"),
        ("<p><a href='/membership'>Read without advertising from two dollars a month</a></p>", "link to the site"),
        ("<div><img src='a.jpg'></div><p><em>A canal, seen from above.</em></p>", "caption of a picture"),
        (
            "<div><img src='a.jpg'></div><p class='c'>A canal, seen from above at dawn, by the sea.</p>",
            "caption of a picture",
        ),
        (
            "<img src='a.jpg' alt='The hall where the meeting was held'><p>The hall where the meeting was held.</p>",
            "caption of a picture",
        ),
        (f"<div class='x9'><p>{ASK}</p></div>", "unlike the text"),
        (f"<x-promo><p>{ASK}</p></x-promo>", "unlike the text"),
        (f"<div class='x9'><p>{ASK}</p></div>" + f"<div class='x9'>{OTHER}</div>" * 2, "unlike the text"),
        (
            f"<section><h3>{HEAD}</h3><p>{TEASER}</p><p><a href='/news/x'>Turn to page 4</a></p></section>",
            "unlike the text",
        ),
        (f"<div class='b'><p>{ASK}</p><div role='button'>Join</div></div>", "form"),
    ],
)
def test_a_box_goes_and_the_article_around_it_stays(box: str, rule: str) -> None:
    found = page(within(box))
    assert [block.text for block in found.kept()] == [TITLE, ONE, TWO, THREE, FOUR]
    assert rule in found.marks.values()


@pytest.mark.parametrize(
    "own",
    [
        "<div class='sub'>What the company says</div>",
        "<div class='pull'>“We were never asked, and we will not leave this place.”</div>",
        "<div class='x'><table><tr><td>Kandal</td><td>30</td></tr></table></div>",
        "<div class='x'><ul><li>a written answer;</li><li>a new map.</li></ul></div>",
        "".join(f"<div class='step'><p>{text}</p></div>" for text in (ASK, TEASER, "Nobody came.")),
        "<p><a href='/news/teachers-march'>The letter of the thirty families was read in March</a>, he says.</p>",
        "<p><a href='/files/order.pdf'>Read the whole of the court's order here</a></p>",
        f"<div><img src='a.jpg'></div><p>{ASK}</p>",
        f"<p>{ASK} <button>Copy</button></p>",
    ],
)
def test_what_is_the_articles_own_is_no_box(own: str) -> None:
    plain = kept(within(own))
    assert plain[:2] == [ONE, TWO]
    assert plain[-2:] == [THREE, FOUR]
    assert len(plain) > 4


def test_what_stands_above_the_headline_goes_and_what_is_below_stays() -> None:
    assert kept(f"<div><p>{ASK}</p></div>{within('')}") == [ONE, TWO, THREE, FOUR]
    assert kept(f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p><h1>{TITLE}</h1><p>{FOUR}</p>") == [ONE, TWO, THREE, FOUR]


def test_a_portrait_with_a_name_and_a_word_on_the_writer_goes() -> None:
    told = "<p>Keo Rathana has written on land since the year 2014.</p>"
    writer = f"<div class='w'><img src='w.jpg'><h5>Keo Rathana</h5>{told}</div>"
    assert kept(writer + within("")) == [ONE, TWO, THREE, FOUR]
    people = "".join(writer.replace("Keo", name) for name in ("Sim", "Lim", "Chan"))
    assert len(kept(within(people))) == 10


def test_a_headline_within_the_text_is_that_of_a_part() -> None:
    parts = f"<h1>{TITLE}</h1><p>{ONE}</p><h1>Two versions</h1><p>{TWO}</p><h1>After the rain</h1><p>{THREE}</p>"
    assert kept(f"<div>{parts}</div>") == [ONE, "Two versions", TWO, "After the rain", THREE]


def test_a_paragraph_between_two_lines_that_lead_elsewhere_stays() -> None:
    more = f"<p>Read more: {OTHER}</p>"
    assert kept(within(f"{more}<p>{ASK}</p>{more}")) == [ONE, TWO, ASK, THREE, FOUR]


def test_headlines_of_other_sites_with_their_teasers_are_other_stories() -> None:
    pair = f"<p><b>Hill Post</b> <a href='https://hill.example/1'>{HEAD}</a> 3 hours ago</p><p>{TEASER}</p>"
    assert kept(f"{within('')}<div>{pair}{pair}</div>") == [ONE, TWO, THREE, FOUR]


def test_list_entries_of_a_headline_and_a_sentence_are_other_stories() -> None:
    entries = f"<li><b>{OTHER}</b> {TEASER}</li>" * 2
    assert kept(within(f"<ul>{entries}</ul>")) == [ONE, TWO, THREE, FOUR]
    quoted = "<li><a href='/news/a'>Human Rights Watch</a> said that the plan must be published at once.</li>" * 2
    assert len(kept(within(f"<ul>{quoted}</ul>"))) == 6


def test_a_heading_stays_above_a_list_after_which_its_text_goes_on() -> None:
    lists = f"<h3>The view from Kandal</h3><ul><li>{OTHER}</li><li>{OTHER}</li></ul>"
    assert kept(within(lists)) == [ONE, TWO, "The view from Kandal", THREE, FOUR]
    assert kept(within("") + lists) == [ONE, TWO, THREE, FOUR]


def test_a_line_that_ends_in_a_colon_goes_with_the_links_below_it_at_the_end() -> None:
    links = f"<p>Our last posts:</p><p>{OTHER}</p><p>{OTHER}</p>"
    assert kept(within("") + links) == [ONE, TWO, THREE, FOUR]
    assert kept(within(links)) == [ONE, TWO, "Our last posts:", THREE, FOUR]
