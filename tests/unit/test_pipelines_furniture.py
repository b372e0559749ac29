"""Furniture by structure: what is marked on pages of any design, and by which rule; what must stay stays."""

import pytest

from pipelines.decode import parsed
from pipelines.furniture import Furniture, furniture_of

TITLE = "Villagers ask court to halt canal"
ONE = "Thirty families from Kandal asked a court on Monday to halt the digging of a canal through their fields."
TWO = "Their lawyer said that nobody had measured the land before the machines came."
THREE = "The company did not answer questions, and the governor promised to visit the place next week."
BODY = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
OTHER = "/news/teachers-march-for-their-wages"
ANOTHER = "/news/river-rises-above-the-dyke"
TEASER = "Some two hundred teachers walked from the school to the ministry, and came back with a date for talks."


def page(inside: str) -> Furniture:
    tree = parsed(f"<html><head><title>x</title></head><body>{inside}</body></html>")
    assert tree is not None
    return furniture_of(tree, TITLE, lambda link: link.startswith("/news/"))


def kept(inside: str) -> list[str]:
    return [block.text for block in page(inside).kept() if block.text != TITLE]


def story(inside: str = BODY) -> str:
    return f"<article><h1>{TITLE}</h1><div>{inside}</div></article>"


QUOTED = (
    f"<ul><li><a href='{OTHER}'>Human Rights Watch</a> said that the plan must be published.</li>"
    f"<li><a href='{ANOTHER}'>Licadho</a> said that it had seen no plan of any kind.</li></ul>"
)
CARD = "<div><a href='{0}'><img src='x.jpg'></a><h3><a href='{0}'>{1}</a></h3><p>{2}</p></div>"
CARDS = CARD.format(OTHER, "Teachers march for their wages", TEASER) + CARD.format(ANOTHER, "River rises", TEASER)
PAIRS = (
    f"<p><a href='{OTHER}'>Teachers march for their wages</a></p><p>{TEASER}</p>"
    f"<p><a href='{ANOTHER}'>River rises above the dyke</a></p><p>{TEASER}</p>"
)
LINKS = f"<ul><li><a href='{OTHER}'>Teachers march for their wages</a></li><li><a href='{ANOTHER}'>River</a></li></ul>"


@pytest.mark.parametrize(
    ("furniture", "rule"),
    [
        (f"<section>{CARDS}</section>", "other stories"),
        (f"<h4>You may also like</h4><section>{CARDS}</section>", "other stories"),
        (f"<div class='x7 kq'>{PAIRS}</div>", "other stories"),
        (PAIRS, "other stories"),
        (f"<h3>MOST VIEWED</h3>{LINKS}", "other stories"),
        (f"<p>Read more: <a href='{OTHER}'>Teachers march for their wages</a></p>", "leads to another story"),
        (f"<p><strong>ALSO READ</strong> <a href='{OTHER}'>Teachers march</a></p>", "leads to another story"),
        (f"<p><a href='{OTHER}'>Teachers march for their wages</a></p>", "leads to another story"),
        (
            "<figure><img src='a.jpg'><figcaption>A canal, seen from above.</figcaption></figure>",
            "caption of a picture",
        ),
        ("<p class='wp-caption-text'>A canal, seen from above. Chan Thy</p>", "name: caption"),
        ("<div class='post-meta'>By Sok Dara, 3 March 2026</div>", "name: byline"),
        ("<div class='sharedaddy'><span>Share this</span></div>", "name: share"),
        (f"<div id='comments'><p>Ly says: {TEASER}</p></div>", "name: comments"),
        (f"<div class='NewsletterSignUp'><p>{TEASER}</p></div>", "name: newsletter"),
        ("<nav><a href='/'>Home</a> <a href='/sport'>Sport</a></nav>", "tag: navigation"),
        ("<div><a href='/'>Home</a> | <a href='/a'>World</a> | <a href='/sport'>Sport</a></div>", "list of links"),
        (f"<footer><p>{TEASER}</p></footer>", "tag: footer"),
        (f"<div style='display: none'><p>{TEASER}</p></div>", "style: hidden"),
        (f"<aside><p>{TEASER}</p></aside>", "tag: aside"),
    ],
)
@pytest.mark.parametrize("place", ["behind", "within"])
def test_furniture_goes_and_the_article_stays(furniture: str, rule: str, place: str) -> None:
    inside = f"<p>{ONE}</p><p>{TWO}</p>{furniture}<p>{THREE}</p>" if place == "within" else BODY + furniture
    found = page(story(inside))
    assert [block.text for block in found.kept()] == [TITLE, ONE, TWO, THREE]
    assert rule in found.marks.values()


@pytest.mark.parametrize(
    "own",
    [
        "<h2>What the company says</h2>",
        "<blockquote>We were never asked, and we will not leave.</blockquote>",
        "<ul><li>Thirty families</li><li>Two villages</li></ul>",
        "<table><tr><td>Kandal</td><td>30</td></tr></table>",
        f"<p>As <a href='{OTHER}'>this newspaper reported in March</a>, the canal was planned without maps.</p>",
        f"<p><a href='{OTHER}'>Last week</a> they marched; <a href='{ANOTHER}'>the river rose</a> after that.</p>",
        QUOTED,
        "<p><a href='https://law.example/act.pdf'>Read the whole of the court's order here</a></p>",
    ],
)
def test_what_belongs_to_the_article_stays(own: str) -> None:
    plain = kept(story(f"<p>{ONE}</p>{own}<p>{TWO}</p><p>{THREE}</p>"))
    assert plain[0] == ONE
    assert plain[-2:] == [TWO, THREE]
    assert len(plain) > 3


@pytest.mark.parametrize(
    "name", ["elementor-widget", "content-with-sidebar", "has-ads", "subscribe-gate", "article-meta"]
)
def test_a_name_counts_for_nothing_where_the_article_bears_it(name: str) -> None:
    each = "".join(f"<div class='{name}'><p>{text}</p></div>" for text in (ONE, TWO, THREE))
    assert kept(story(each)) == [ONE, TWO, THREE]
    assert kept(f"<div class='{name}'>{story()}</div>") == [ONE, TWO, THREE]


def test_a_heading_goes_with_the_list_under_it_and_no_heading_of_the_article_does() -> None:
    inside = f"<p>{ONE}</p><h2>A promise</h2><p>{TWO}</p><p>{THREE}</p><h2>Related</h2><div>{CARDS}</div>"
    assert kept(story(inside)) == [ONE, "A promise", TWO, THREE]


@pytest.mark.parametrize(
    "following",
    [
        f"<article><h1>River rises above the dyke</h1><p>{TEASER}</p></article>",
        f"<div><h1>River rises above the dyke</h1><p>{TEASER}</p></div>",
        f"<h1>River rises above the dyke</h1><p>{TEASER}</p>",
    ],
)
def test_the_next_article_of_an_endless_page_is_another(following: str) -> None:
    assert kept(story() + following) == [ONE, TWO, THREE]


def test_a_page_of_nothing_has_no_furniture() -> None:
    assert page("") == Furniture((), {})


def test_a_teaser_of_the_last_headline_goes_and_the_article_after_bare_headlines_stays() -> None:
    bare = f"<p><a href='{OTHER}'>Teachers march for wages</a></p><p><a href='{ANOTHER}'>River rises again</a></p>"
    assert kept(story(f"<p>{ONE}</p>{bare}<p>{TWO}</p><p>{THREE}</p>")) == [ONE, TWO, THREE]
    assert kept(story(f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>{PAIRS}")) == [ONE, TWO, THREE]
