"""Why a block was kept or dropped: the verdicts agree with what is read off the page."""

from collections.abc import Callable, Sequence
from datetime import datetime

from lxml import html

from app.annotated import view
from core.health import Heard
from core.model import Draft, Page, Skipped
from core.site import Site, unknown_site
from pipelines.explain import Explained, explained, explained_text
from pipelines.neighbours import HEADLINE
from pipelines.plaintext import PlainPage

ONE = "Thirty families from Kandal asked a court on Monday to halt the digging of a canal through their fields."
TWO = "Their lawyer said that nobody had measured the land before the machines came, and nobody had asked."
THREE = "The company did not answer questions, and the governor promised to visit the place next week."
BODY = f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"
LINKS = (
    "<ul><li><a href='/national/teachers-march-for-wages'>Wells run dry</a></li>"
    "<li><a href='/national/river-rises-above-dyke'>Rain</a></li></ul>"
)


def text_of(element: html.HtmlElement) -> str:
    return "".join(map(str, element.itertext()))


def told(found: Explained) -> dict[str, tuple[str, str] | None]:
    return {one.text: None if one.is_kept else (one.layer, one.rule) for one in found.verdicts}


def test_a_layout_says_what_it_dropped_and_why(page: Callable[..., Page], cms: Callable[..., str], post: Site) -> None:
    found = explained(page(cms(BODY + f"<div class='x'>{LINKS}</div>", below="<p>Below</p>")), post)
    assert isinstance(found.result, Draft)
    verdicts = told(found)
    assert [text for text, why in verdicts.items() if why is None] == list(found.result.paragraphs) == [ONE, TWO, THREE]
    layer = f"layout {found.result.layout}"
    assert verdicts["Below"] == (layer, "outside of the body")
    assert verdicts["Wells run dry"] == verdicts["Rain"] == (layer, "other stories")
    assert found.kept == 3


def test_where_no_layout_fits_structure_and_text_say_why(page: Callable[..., Page]) -> None:
    body = f"<h1>Villagers ask court to halt canal</h1><div>{BODY}<p>Advertisement</p></div>{LINKS}"
    inside = f"<nav>Menu</nav><article>{body}"
    found = explained(page(f"<html><body>{inside}</article></body></html>"), unknown_site())
    assert isinstance(found.result, Draft)
    verdicts = told(found)
    assert [text for text, why in verdicts.items() if why is None] == [ONE, TWO, THREE]
    assert verdicts["Menu"] == ("structure", "tag: navigation")
    assert verdicts["Rain"] == ("structure", "other stories")
    assert verdicts["Advertisement"] == ("text", "no line of the article")


def test_what_the_corpus_knows_of_lines_says_why_too(
    page: Callable[..., Page], cms: Callable[..., str], post: Site
) -> None:
    asked: list[str] = []
    known = {"Wells run dry in six communes": Heard(headline_of=frozenset({"wells"})), TWO: Heard(pages=9, share=0.1)}

    def ask(lines: Sequence[str]) -> dict[str, Heard]:
        asked.extend(lines)
        return known

    found = explained(page(cms(BODY + "<p>Read on: Wells run dry in six communes</p>")), post, ask, is_held=True)
    assert isinstance(found.result, Draft)
    assert found.result.paragraphs == (ONE, TWO, THREE)
    assert told(found)["Read on: Wells run dry in six communes"] == ("corpus", HEADLINE)
    assert [one.rule for one in found.verdicts if one.is_kept] == ["kept", "kept, though it recurs", "kept"]
    assert {ONE, "Wells run dry in six communes"} <= set(asked)


def test_the_headline_is_neither_kept_nor_dropped_and_the_view_does_not_strike_it_out(
    page: Callable[..., Page], cms: Callable[..., str], post: Site
) -> None:
    found = explained(page(cms(BODY, title="Villagers ask court to halt canal")), post)
    (verdict,) = (one for one in found.verdicts if one.text == "Villagers ask court to halt canal")
    assert (verdict.is_headline, verdict.is_kept) == (True, False)
    looked = html.document_fromstring(view(found))
    (shown,) = looked.cssselect(".tonle-headline")
    assert text_of(shown).strip() == verdict.text
    assert not [one for one in looked.cssselect(".tonle-dropped") if verdict.text in text_of(one)]


def test_a_page_without_an_article_has_no_verdicts(page: Callable[..., Page], post: Site) -> None:
    found = explained(page(""), post)
    assert isinstance(found.result, Skipped)
    assert found.verdicts == ()
    assert found.tree is None


def test_the_view_strikes_out_what_was_dropped_and_asks_nobody_for_anything(
    page: Callable[..., Page], cms: Callable[..., str], post: Site
) -> None:
    evil = (
        "<img src='https://elsewhere.test/a.png' onerror='alert(1)'><form action='/x'><p>Form</p></form>"
        "<a href='javascript:alert(1)' style='background:url(https://elsewhere.test/b)'>link</a><p hidden>Unseen</p>"
    )
    whole = view(explained(page(cms(BODY, below=f"<p>Below</p>{evil}<script>alert(1)</script>")), post))
    tree = html.document_fromstring(whole)
    by_class: dict[str, dict[str, str]] = {}
    for element in tree.iter("p", "div"):
        by_class.setdefault(element.get("class", ""), {})[text_of(element)] = element.get("data-tonle", "")
    kept, dropped = list(by_class["tonle-kept"]), by_class["tonle-dropped"]
    assert kept == [ONE, TWO, THREE]
    assert dropped["Below"].endswith("outside of the body")
    assert not tree.xpath("//script | //img/@src | //form | //@href | //@onerror | //body//@style")
    assert "default-src 'none'" in whole
    assert "3 blocks kept" in next(iter(by_class["tonle-head"]))


def test_each_line_of_a_copied_text_is_kept_or_dropped_with_its_rule(now: datetime) -> None:
    text = "Wells run dry\n\nBy Keo Rathana\n\nThe well in Ta Prok has run dry, the women said.\n\nShare this story\n"
    found = explained_text(PlainPage(text, "file:wells.txt", now), unknown_site())
    assert [(verdict.rule, verdict.is_kept) for verdict in found.verdicts] == [
        ("headline", False),
        ("byline", False),
        ("kept", True),
        ("furniture", False),
    ]
    assert isinstance(found.result, Draft)
    assert [verdict.text for verdict in found.verdicts if verdict.is_kept] == list(found.result.paragraphs)
    assert found.kept == 1


def test_a_text_of_which_nothing_is_kept_still_says_why(now: datetime) -> None:
    found = explained_text(PlainPage("Share this story\n", "file:wells.txt", now), unknown_site())
    assert isinstance(found.result, Skipped)
    assert [(verdict.text, verdict.rule) for verdict in found.verdicts] == [("Share this story", "furniture")]
