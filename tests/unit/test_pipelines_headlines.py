import pytest

from pipelines.decode import parsed
from pipelines.headlines import headline_on, host_of, is_site_name, own_names, without_names

TITLE = "Farmers appeal land ruling"
NAMES = own_names(["The Mekong Times"])
HOST = host_of("https://www.mekongtimes.example/news/farmers")


def headline(body: str, *titles: str) -> str:
    tree = parsed(f"<html><body>{body}</body></html>")
    assert tree is not None
    return headline_on(tree, titles, NAMES, HOST).text


@pytest.mark.parametrize(
    ("body", "titles"),
    [
        (f"<h1>{TITLE}</h1>", ()),
        (f"<h1><a href='/'>Mekong Times</a></h1><h1>{TITLE}</h1>", ()),
        (f"<h1>All the news of the river</h1><h1>{TITLE}</h1>", (TITLE,)),
        (f"<h1><a href='/'>River Notes</a></h1><h2>{TITLE}</h2>", (f"{TITLE} - River Notes",)),
        (f"<a href='https://r.example/'><h1>River Notes</h1></a><h3>{TITLE}</h3>", (f"River Notes: {TITLE}",)),
        (f"<h1><a href='/news/farmers'>{TITLE}</a></h1><h2>River Notes</h2>", (f"{TITLE} - River Notes",)),
        (f"<h1>All the news of the river</h1><h2>{TITLE}</h2>", (TITLE,)),
        (f"<h1>{TITLE}</h1><h1>Wages rise in the factories</h1>", (TITLE,)),
        (f"<h1>Wages rise in the factories</h1><h1>{TITLE}</h1>", (f"{TITLE} | Mekong Times",)),
        (f"<h4>{TITLE}</h4>", (f"Mekong Times: {TITLE}",)),
        (f"<h1>News</h1><h3>{TITLE}</h3>", (f"{TITLE} - Politics - Mekong Times",)),
        (f"<table><tr><td><font><b>{TITLE}</b></font></td></tr></table>", (f"Mekong Times :: {TITLE}",)),
        (f"<div class='related'><h2>{TITLE}</h2></div><h1>Farmers appeal the land ruling</h1>", ()),
        ("<p>Nothing here.</p>", (f"{TITLE} » Mekong Times",)),
        ("<p>Nothing here.</p>", ("Mekong Times", f"The Mekong Times — {TITLE}")),
        (f"<h1>{TITLE}</h1>", ("Mekong Times",)),
        (f"<h1><span>Exclusive</span> <span>{TITLE}</span></h1>", (f"{TITLE} – Mekong Times",)),
        (f"<aside><h2>{TITLE}</h2><p>Text.</p></aside>", (f"{TITLE} / Mekong Times",)),
        (f"<div class='TitleNews'>{TITLE}</div><p>Text.</p>", ("Mekong Times",)),
        (f"<div>{TITLE}</div><div>12 March 2026</div><p>Text.</p>", ("Mekong Times",)),
        (f"<font>Indochina Trade News</font><b>{TITLE}</b>", (f"Indochina Trade News - {TITLE}",)),
    ],
)
def test_the_headline_is_the_heading_that_the_pages_titles_agree_with(body: str, titles: tuple[str, ...]) -> None:
    assert headline(body, *titles).replace("the land", "land") == TITLE


def test_a_title_that_was_cut_still_names_its_heading() -> None:
    long = "Farmers in three provinces appeal a land ruling that took their fields"
    assert headline(f"<h1>Mekong</h1><h1>{long}</h1>", long[:40] + "…") == long


def test_a_page_that_names_nothing_but_its_site_has_no_headline() -> None:
    assert headline("<h1>Mekong Times</h1>", "The Mekong Times | mekongtimes") == ""


@pytest.mark.parametrize(
    ("title", "left"),
    [
        (f"{TITLE} | Mekong Times", TITLE),
        (f"Mekong Times - {TITLE} - The Mekong Times", TITLE),
        ("Dry | wells", "Dry | wells"),
        ("Cambodia: wells run dry", "Cambodia: wells run dry"),
        ("Post-war wells", "Post-war wells"),
        ("Mekong Times", ""),
        ("", ""),
    ],
)
def test_a_title_loses_the_sites_name_at_either_end_and_no_other_part(title: str, left: str) -> None:
    assert without_names(title, NAMES, "www.mekongtimes.example") == left


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mekong Times", True),
        ("THE MEKONG-TIMES", True),
        ("Cambodia Daily", True),
        ("Cambodia", False),
        ("Times", False),
        ("Farmers", False),
    ],
)
def test_a_site_is_known_by_its_name_or_its_host_but_not_by_a_part_of_it(text: str, *, expected: bool) -> None:
    assert is_site_name(text, NAMES, "www.cambodiadaily.example") == expected
