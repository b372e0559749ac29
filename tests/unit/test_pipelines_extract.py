from collections.abc import Callable

import pytest

from core.model import Draft, Page, Reason, Skipped
from core.site import Site, unknown_site
from pipelines.process import process

BuildPage = Callable[..., Page]
Html = Callable[..., str]
LEAD = "The well in Ta Prok has run dry and the women walk to the quarry for water before sunrise."
LAST = "A truck from the province came on two days in February, and the commune asks for a deeper well."


def link(number: int, host: str = "") -> str:
    return f"<a href='{host}/national/story-{number}'>Headline of story {number}</a>"


TEASER = "Courts in nine provinces have summoned activists more often than in the whole of the previous y"
RELATED = {
    "list": f"<ul><li>{link(1)}</li><li>{link(2)}</li></ul>",
    "list of other hosts": f"<ul><li>{link(1, 'http://m.phnompenhpost.com')}</li><li>{link(2)}</li></ul>",
    "list with teasers": f"<ul><li>{link(1)}<p>{TEASER}</p></li><li>{link(2)}<p>{TEASER}</p></li></ul>",
    "list with teasers on new lines": f"<ul><li>{link(1)}<br>{TEASER}</li><li>{link(2)}<br>{TEASER}</li></ul>",
    "ordered list": f"<ol><li><b>{link(1)}</b></li><li>{link(2)}</li></ol>",
    "boxes": f"<div><div>{link(1)}</div><div>{link(2)}<p>{TEASER}</p></div></div>",
    "cards": f"<div>{link(1).replace('Headline', '<h4>Headline').replace('</a>', '</h4></a>')}{link(2)}</div>",
    "bare links": f"<div>{link(1)}<br>{link(2)} | {link(3)}</div>",
    "heading above the list": f"<h4>More stories</h4><ul><li>{link(1)}</li><li>{link(2)}</li></ul>",
    "heading in the box": f"<div><h3>MOST VIEWED</h3>{link(1)}<br>{link(2)}</div>",
    "heading and cards in the box": f"<div><h3>More</h3><div>{link(1)}<p>{TEASER}</p></div><p>{link(2)}</p></div>",
    "list in a box with a heading": f"<div><h3>Most read</h3><ul><li>{link(1)}</li><li>{link(2)}</li></ul></div>",
    "paragraphs": f"<p>{link(1)}</p><p><strong>{link(2)}</strong></p>",
}


@pytest.fixture
def read(page: BuildPage, cms: Html, post: Site) -> Callable[[str], tuple[str, ...]]:
    """Return the paragraphs that are read out of a body on the Post's present site."""

    def paragraphs(body: str) -> tuple[str, ...]:
        draft = process(page(cms(body)), post)
        assert isinstance(draft, Draft)
        return draft.paragraphs

    return paragraphs


Read = Callable[[str], tuple[str, ...]]


@pytest.mark.parametrize("related", RELATED.values(), ids=RELATED.keys())
def test_a_list_of_other_stories_leaves_no_word(read: Read, related: str) -> None:
    assert read(f"<p>{LEAD}</p><p>{LAST}</p>{related}") == (LEAD, LAST)


@pytest.mark.parametrize(
    "related", [related for name, related in RELATED.items() if name != "paragraphs"], ids=lambda _: ""
)
def test_a_list_of_other_stories_amid_the_body_leaves_no_word_and_takes_none(read: Read, related: str) -> None:
    assert read(f"<p>{LEAD}</p>{related}<p>{LAST}</p>") == (LEAD, LAST)


OWN = {
    "points": ("<ul><li>First, water.</li><li>Second, a road.</li></ul>", ("First, water.", "Second, a road.")),
    "points with links to documents": (
        "<ul><li><a href='/sites/default/files/a.pdf'>The report</a></li><li><a href='https://a.example'>Map</a></li></ul>",
        ("The report", "Map"),
    ),
    "sentences that open with a link": (
        f"<ul><li>{link(1)}, and the council voted.</li><li>{link(2)}, and it voted again.</li></ul>",
        ("Headline of story 1, and the council voted.", "Headline of story 2, and it voted again."),
    ),
    "sentences that hold a link": (
        f"<ul><li>See {link(1)}.</li><li>See {link(2)}.</li></ul>",
        ("See Headline of story 1.", "See Headline of story 2."),
    ),
    "a list of which one point is no link": (
        f"<ul><li>{link(1)}</li><li>Our own point.</li></ul>",
        ("Headline of story 1", "Our own point."),
    ),
    "one paragraph that is a link": (f"<p>{link(1)}</p>", ("Headline of story 1",)),
    "words behind a heading": (
        f"<h4>June</h4>In June: <ul><li>{link(1)}</li><li>{link(2)}</li></ul>",
        ("June", "In June:"),
    ),
    "words behind links": (
        f"<p>{link(1)}</p><p>{link(2)}</p>Both were read.",
        ("Headline of story 1", "Headline of story 2", "Both were read."),
    ),
    "words between links": (
        f"<div>After {link(1)} came {link(2)}</div>",
        ("After Headline of story 1 came Headline of story 2",),
    ),
}


@pytest.mark.parametrize(("own", "lines"), OWN.values(), ids=OWN.keys())
def test_what_belongs_to_the_article_stays(read: Read, own: str, lines: tuple[str, ...]) -> None:
    assert read(f"<p>{LEAD}</p>{own}<p>{LAST}</p>") == (LEAD, *lines, LAST)


def test_a_body_that_is_a_sentence_full_of_links_stays_whole(read: Read) -> None:
    assert read(f"After {link(1)} came {link(2)}.") == ("After Headline of story 1 came Headline of story 2.",)


def test_words_behind_links_at_the_very_end_keep_them(read: Read) -> None:
    own, lines = OWN["words behind links"]
    assert read(f"<p>{LEAD}</p>{own}") == (LEAD, *lines)


@pytest.mark.parametrize("alone", [f"<p>{link(1)}</p>", f"<ul><li>{link(1)}</li></ul>", f"<div>{link(1)}</div>"])
def test_one_link_alone_is_a_reference_and_no_list(read: Read, alone: str) -> None:
    assert read(f"<p>{LEAD}</p>{alone}") == (LEAD, "Headline of story 1")


def test_links_to_the_story_itself_make_no_list_of_others(read: Read) -> None:
    own = "<ul><li><a href='?page=2'>Second page</a></li><li><a href='/national/dry-wells'>First page</a></li></ul>"
    assert read(f"<p>{LEAD}</p>{own}") == (LEAD, "Second page", "First page")


def test_line_breaks_part_paragraphs(read: Read) -> None:
    assert read("The well is dry.<br><br>The women walk.<br/>At four.") == (
        "The well is dry.",
        "The women walk.",
        "At four.",
    )


def test_inline_markup_parts_no_word(read: Read) -> None:
    assert read("<p>The <b>w</b>ell&nbsp;is\n<a href='/x'>dry</a>, H<sub>2</sub>O<span> too</span>.</p>") == (
        "The well is dry, H2O too.",
    )


def test_a_row_of_a_table_is_one_line(read: Read) -> None:
    table = (
        "<table><thead><tr><th>Province</th><th>Wells</th></tr></thead><tbody><tr><td>Kandal</td><td><b>14</b></td></tr>"
        "<tr><td>Takeo</td><td></td></tr></tbody></table>"
    )
    assert read(f"<p>{LEAD}</p>{table}<p>{LAST}</p>") == (LEAD, "Province | Wells", "Kandal | 14", "Takeo |", LAST)


def test_a_table_that_is_there_for_the_layout_is_read_as_paragraphs(read: Read) -> None:
    table = f"<table><tr><td><p>{LEAD}</p></td><td><p>Second.</p>Third.</td></tr></table>"
    assert read(table) == (LEAD, "Second.", "Third.")


def test_quotations_and_headings_stay_in_their_place(read: Read) -> None:
    body = (
        f"<p>{LEAD}</p><h4>‘We walk’</h4><blockquote>We walk<p>every day</p></blockquote><pre>a  b</pre><p>{LAST}</p>"
    )
    assert read(body) == (LEAD, "‘We walk’", "We walk", "every day", "a b", LAST)


def test_the_points_within_a_point_are_lines_of_their_own(read: Read) -> None:
    assert read("<ul><li>One<ul><li>One a</li><li>One b</li></ul></li><li>Two</li></ul>") == (
        "One",
        "One a",
        "One b",
        "Two",
    )


@pytest.mark.parametrize("body", ["<p>Closed.</p>", "Closed.", "<div><div><span>Closed.</span></div></div>"])
def test_the_shortest_body_counts_where_the_layout_is_known(read: Read, body: str) -> None:
    assert read(body) == ("Closed.",)


def test_a_sentence_that_is_said_twice_stands_twice(read: Read) -> None:
    assert read(f"<p>“No.”</p><p>{LEAD}</p><p>“No.”</p>") == ("“No.”", LEAD, "“No.”")


def test_a_long_body_keeps_every_paragraph_in_order(read: Read) -> None:
    paragraphs = tuple(
        f"Witness {number} said that the guards came from the side street at noon." for number in range(80)
    )
    assert read("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)) == paragraphs


def test_bodies_within_one_another_are_read_once(read: Read) -> None:
    assert read(f"<div class='article-text'><p>{LEAD}</p></div><p>{LAST}</p>") == (LEAD, LAST)


def test_bodies_side_by_side_are_read_in_order(read: Read) -> None:
    assert read(f"<p>{LEAD}</p></div><div class='article-text'><p>{LAST}</p>") == (LEAD, LAST)


def test_text_behind_the_body_is_none_of_it(page: BuildPage, cms: Html, post: Site) -> None:
    draft = process(page(cms(f"<p>{LEAD}</p>", below="Stray words <p>Furniture</p>")), post)
    assert isinstance(draft, Draft)
    assert draft.paragraphs == (LEAD,)


def test_what_the_layout_drops_goes_with_its_contents(read: Read) -> None:
    furniture = (
        "<figure><img src='x'><figcaption>A caption</figcaption></figure><form><p>Search</p></form>"
        "<div class='social-share'>Share</div><div class='tags'>Tags</div><p>Read more: another story</p>"
        "<p>Contact author: Keo Rathana</p><button>Load</button>"
    )
    assert read(f"{furniture}<p>{LEAD}</p>{furniture}<p>{LAST}</p>") == (LEAD, LAST)


def test_words_behind_a_dropped_element_stay(read: Read) -> None:
    assert read("<p>The well <img src='x'> is dry<button>Share</button> now.</p>") == ("The well is dry now.",)


def test_a_body_of_which_nothing_is_left_is_no_article(page: BuildPage, cms: Html, post: Site) -> None:
    result = process(page(cms("<p>Contact author: Keo Rathana</p>")), post)
    assert result == Skipped(Reason.NO_BODY, "layout cms")


@pytest.mark.parametrize("day", ["2014-04-23", "2026-03-01"])
def test_old_pages_keep_their_layout_whenever_they_are_fetched(
    page: BuildPage, drupal: Html, post: Site, day: str
) -> None:
    answer = page(drupal(f"<p>{LEAD}</p>"))
    fetched = answer.fetched_at.fromisoformat(f"{day}T05:00:00+00:00")
    draft = process(page(answer.body, fetched_at=fetched), post)
    assert isinstance(draft, Draft)
    assert (draft.layout, draft.paragraphs) == ("drupal", (LEAD,))


def test_of_two_layouts_that_fit_the_one_of_the_day_is_taken(page: BuildPage, cms: Html, post: Site) -> None:
    both = page(cms(f"<p>{LEAD}</p>", below="<div id='ArticleBody'><p>Old.</p></div>"))
    today = process(both, post)
    then = process(page(both.body, fetched_at=both.fetched_at.replace(year=2014)), post)
    assert isinstance(today, Draft)
    assert isinstance(then, Draft)
    assert (today.layout, then.layout) == ("cms", "drupal")


def test_a_page_of_unknown_design_is_read_by_guess_with_a_remark(page: BuildPage) -> None:
    body = "".join(f"<p>{LEAD} It was day {number} of the drought.</p>" for number in range(6))
    html = (
        f"<html><head><title>Dry wells</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Dry wells</h1>"
        f"{body}</article><footer>Copyright</footer></body></html>"
    )
    draft = process(page(html, "https://unknown.example/2026/dry-wells"), unknown_site())
    assert isinstance(draft, Draft)
    assert draft.title == "Dry wells"
    assert [line for line in draft.paragraphs if "day" in line] == [
        f"{LEAD} It was day {number} of the drought." for number in range(6)
    ]
    assert "Copyright" not in draft.text
    assert "no-layout" in draft.remarks
    assert draft.key == draft.url == "https://unknown.example/2026/dry-wells"


def test_a_few_words_on_a_page_of_unknown_design_are_no_article(page: BuildPage) -> None:
    html = "<html><body><article><p>Follow us for more stories such as this one.</p></article></body></html>"
    assert process(page(html, "https://unknown.example/"), unknown_site()) == Skipped(Reason.NO_BODY, "no layout fits")


def test_the_same_page_always_gives_the_same_draft(page: BuildPage, cms: Html, post: Site) -> None:
    answer = page(cms(f"<p>{LEAD}</p>{RELATED['list']}"))
    assert process(answer, post) == process(answer, post)
