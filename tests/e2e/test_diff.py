"""`tonle diff`: what was edited, for people at a terminal, in a browser, and for scripts."""

import re
from contextlib import closing
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from core.model import Draft
from storage.store import Store
from tests.e2e.places import Place

THEN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FIRST = (
    "The court in Kandal sentenced twelve villagers on Monday.",
    "The dam has been under construction since 2019.",
    "It is to be finished in 2027, the ministry says.",
    "The villagers had recieved compensation, said Chan Thy.",
    "Three hundred families live there.",
)
SECOND = (
    "The court in Kandal sentenced 13 villagers on Monday.",
    *FIRST[1:3],
    "The villagers had received compensation, said Chan Thy.",
    "Nobody answered <script>alert(1)</script> & \x1b[31mletters\u202e of the office in Geneva.",
)
NOTE = "Correction: an earlier version of this article gave a wrong number."


def keep(place: Place, *, is_correction: bool = False) -> None:
    def draft(title: str, paragraphs: tuple[str, ...], notes: tuple[str, ...] = ()) -> Draft:
        values = ("imported", "https://www.example.org/dam", "dam", title, paragraphs)
        return Draft(*values, notes=notes, published_at=THEN, language="en")

    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        number = corpus.articles.add(draft("Twelve sentenced", FIRST), "t1", "c1", THEN, THEN)
        corpus.articles.revise(number, draft("Dam trial ends", SECOND, (NOTE,)), "t2", "c2", THEN.replace(day=2))
        if is_correction:
            last = draft("Dam trial ends", SECOND[:-1], (NOTE,))
            corpus.articles.revise(number, last, "t3", "c3", THEN.replace(day=3), is_correction=True)


def test_words_that_came_and_went_are_marked_and_the_rest_is_folded(place: Place) -> None:
    keep(place)
    shown = place.tonle("diff", "1")
    assert shown.code == 0
    for words in (
        "revision 1: published 1 March 2026, 15:00, read 1 March 2026, 15:00",
        "revision 2: published 1 March 2026, 15:00, read 2 March 2026, 15:00",
        "number changed: [-twelve villagers-] → {+13 villagers+}",
        "typo: [-recieved-] → {+received+}",
        "headline: [-Twelve sentenced-] → {+Dam trial ends+}",
        "correction note: {+Correction: an earlier version",
        "The court in Kandal sentenced [-twelve-] {+13+} villagers on Monday.",
        "… 2 paragraphs as they were",
        "The villagers had [-recieved-] {+received+} compensation, said Chan Thy.",
        "[-Three hundred families live there.-]",
    ):
        assert words in shown.out
    assert "under construction" not in shown.out
    assert "\x1b" not in shown.out
    assert "\u202e" not in shown.out


def test_a_correction_of_ours_is_said_to_be_none_of_the_publisher(place: Place) -> None:
    keep(place, is_correction=True)
    shown = place.tonle("diff", "1").out
    assert "revision 3, corrected by tonle" in shown
    assert "Revision 3 is a correction by tonle, from the archived page: no edit of the publisher." in shown
    assert "correction by tonle" not in place.tonle("diff", "1", "--to", "2").out
    assert "Revision 3 is a correction by tonle" in place.tonle("diff", "1", "--from", "1").out


def test_scripts_get_runs_of_words_from_which_both_texts_can_be_joined(place: Place) -> None:
    keep(place)
    told = place.tonle("diff", "https://www.example.org/dam", "--json")
    assert told.code == 2  # an imported text has no address to be found by
    found = place.tonle("diff", "1", "--json").json
    assert (found["from"]["number"], found["to"]["number"], found["corrections"]) == (1, 2, [])
    assert found["from"]["fetched_at"] == THEN.isoformat()
    assert {each["label"] for each in found["edits"]} >= {"number changed", "typo", "headline", "correction note"}
    for index, op in ((0, "gone"), (3, "gone"), (0, "new"), (3, "new")):
        runs = next(
            each["runs"]
            for each in found["paragraphs"]
            if {"kept", op} <= {run["what"] for run in each["runs"]}
            and FIRST[index][:9] in "".join(run["text"] for run in each["runs"])
        )
        joined = "".join(run["text"] for run in runs if run["what"] in {"kept", op})
        assert joined == (FIRST if op == "gone" else SECOND)[index]


class Outline(HTMLParser):
    """The elements of a page in order, and the words within each ins and del."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: dict[str, list[str]] = {"ins": [], "del": []}
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._open.append(tag)
        assert not any(name.startswith("on") or name in {"src", "style"} for name, _ in attrs)
        if tag in self.words:
            self.words[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag, words in self.words.items():
            if tag in self._open:
                words[-1] += data


def test_a_page_of_html_stands_alone_and_says_what_it_shows_without_colours(place: Place) -> None:
    keep(place, is_correction=True)
    path = place.folder / "dam.html"
    ended = place.tonle("diff", "1", "--from", "1", "--html", str(path))
    assert (ended.code, ended.out) == (0, "")
    page = path.read_text(encoding="utf-8")
    outline = Outline()
    outline.feed(page)
    assert "removed: twelve (end)" in outline.words["del"]
    assert "added: 13 (end)" in outline.words["ins"]
    assert {"details", "summary", "main", "h1"} <= set(outline.tags)
    assert not {"script", "img", "iframe", "link"} & set(outline.tags)
    assert re.findall(r"url\(|@import|https?://[^\"<]+", page) == ["https://www.example.org/dam"] * 2
    for words in ("prefers-color-scheme:dark", "width=device-width", "default-src 'none'", "Correction by tonle"):
        assert words in page


def test_words_from_the_web_are_no_part_of_the_page(place: Place) -> None:
    keep(place)
    path = place.folder / "dam.html"
    place.tonle("diff", "1", "--html", str(path))
    page = path.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in page
    assert not {"\x1b", "\u202e"} & set(page)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--to", "9"), "no revision 9; it has 2"),
        (("--from", "9"), "no revision 9; it has 2"),
        (("--to", "1"), "no revision 0; it has 2"),
        (("--from", "2", "--to", "1"), "name the older revision first"),
        (("--html", "/nowhere/page.html"), "/nowhere/page.html: No such file"),
    ],
)
def test_what_cannot_be_compared_is_exit_code_2(place: Place, options: tuple[str, ...], words: str) -> None:
    keep(place)
    ended = place.tonle("diff", "1", *options)
    assert ended.code == 2
    assert words in ended.only_error


def test_a_text_that_was_never_edited_has_nothing_to_show(place: Place) -> None:
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        corpus.articles.add(Draft("imported", "file:a", "a", "A", FIRST), "t", "c", THEN, THEN)
    ended = place.tonle("diff", "1")
    assert ended.code == 2
    assert "has one revision" in ended.only_error
