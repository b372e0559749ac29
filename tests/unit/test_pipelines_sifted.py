"""Pages meet what the corpus knows of lines: on their way in, and when they are visited again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from core.model import Article, Lead, Outcome, Page, Revised, Saved, Skipped, Unchanged
from core.rules import Rule
from core.site import Site
from pipelines.ingest import Fetched, Ingest
from storage.store import Store

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
RULES = (Rule(name="dolphins", any=("dolphins",)),)
OTHER = "Ministry counts the dolphins above the rapids"
LINES = (
    "The boats came back before noon, and nobody on the pier said a word about the nets.",
    "A fisher said that the ban had been read out over a loudspeaker three days before.",
    "The commune chief promised a meeting with the ministry by the end of the month.",
)


@dataclass
class Desk:
    """An ingest over a real corpus, fed with pages that it writes."""

    store: Store
    site: Site
    write: Callable[..., str]

    def __post_init__(self) -> None:
        with self.store.transaction() as corpus:
            self.run = corpus.runs.start(self.site.name, "manual", NOW)
        self.ingest = Ingest(self.store, self.run, RULES, (timedelta(days=1),), lambda: NOW)

    def lead(self, key: str) -> Lead:
        return Lead(self.site.name, f"https://www.phnompenhpost.com/national/{key}", key, "section", "listing")

    def listed(self, key: str, title: str, summary: str = "") -> None:
        lead = self.lead(key)
        with self.store.transaction() as corpus:
            told = Lead(lead.source, lead.url, key, "section", "listing", title, summary)
            corpus.sources.sight([told], self.run, NOW)

    def read(self, key: str, *lines: str, title: str = "") -> Outcome:
        lead = self.lead(key)
        body = self.write("".join(f"<p>{line}</p>" for line in lines), title=title or f"What is said of {key}")
        page = Page(lead.url, 200, {"content-type": "text/html"}, body.encode(), NOW)
        return self.ingest.settle(Fetched(page, lead), self.site)

    def article(self, outcome: Outcome) -> Article:
        assert not isinstance(outcome, Skipped)
        with self.store.reading() as corpus:
            article = corpus.articles.by_id(outcome.article_id)
        assert article is not None
        return article

    def lines(self, outcome: Outcome) -> tuple[str, ...]:
        return tuple(self.article(outcome).text.splitlines())

    def matched(self) -> list[int]:
        with self.store.reading() as corpus:
            return [match.article.id for match in corpus.matches.newest(10)]


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path, post: Site, cms: Callable[..., str]) -> Iterator[Desk]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Desk(store, post, cms)
    store.close()


def test_a_headline_that_a_listing_has_named_stays_out_of_the_text_and_fires_no_rule(desk: Desk) -> None:
    desk.listed("dolphins", OTHER)
    assert desk.lines(desk.read("pier", *LINES[:2], OTHER, LINES[2])) == LINES
    assert desk.matched() == []


def test_a_headline_of_an_article_that_no_listing_has_named_is_known_from_its_page(desk: Desk) -> None:
    first = desk.read("dolphins", "Nobody had counted them for years.", title=OTHER)
    assert desk.lines(desk.read("pier", *LINES, OTHER)) == LINES
    assert desk.matched() == [desk.article(first).id]


def test_a_line_that_nobody_has_told_of_is_the_texts_own(desk: Desk) -> None:
    assert desk.lines(desk.read("pier", *LINES, OTHER)) == (*LINES, OTHER)


def test_what_is_learnt_after_a_visit_makes_no_edit_of_the_next(desk: Desk) -> None:
    saved = desk.read("pier", *LINES, OTHER)
    desk.listed("dolphins", OTHER)
    assert desk.read("pier", *LINES, OTHER) == Unchanged(1)
    assert desk.lines(saved) == (*LINES, OTHER)


def test_an_edit_is_one_though_the_page_holds_a_neighbours_headline(desk: Desk) -> None:
    desk.listed("dolphins", OTHER)
    assert desk.read("pier", *LINES, OTHER) == Saved(1)
    edited = desk.read("pier", LINES[0], "A fisher said nothing at all.", LINES[2], OTHER)
    assert edited == Revised(1, 2)
    assert desk.lines(edited) == (LINES[0], "A fisher said nothing at all.", LINES[2])


def test_a_neighbour_that_changes_is_no_edit(desk: Desk) -> None:
    desk.listed("dolphins", OTHER)
    desk.listed("bridge", "Bridge at Stung Meas opens a year late")
    assert desk.read("pier", *LINES, OTHER) == Saved(1)
    assert desk.read("pier", *LINES, "Bridge at Stung Meas opens a year late") == Unchanged(1)


def test_a_changed_headline_of_its_own_is_an_edit(desk: Desk) -> None:
    desk.listed("dolphins", OTHER)
    desk.read("pier", *LINES, OTHER, title="Nets stay on the pier")
    assert desk.read("pier", *LINES, OTHER, title="Nets stay on the pier again") == Revised(1, 2)


def test_copies_do_not_make_their_lines_recur(desk: Desk) -> None:
    for number in range(5):
        desk.read(f"copy-{number}", *LINES)
    with desk.store.reading() as corpus:
        heard = corpus.passages.heard(desk.site.name, LINES)
    assert {found.pages for found in heard.values()} == {1}


def test_a_standing_paragraph_is_kept_in_every_text(desk: Desk) -> None:
    background = "The fishing ban of 2016 covers the lower lake from June to the end of September."
    outcomes = [desk.read(f"k{number}", f"Story {number} of the lake began early.", background) for number in range(9)]
    assert all(background in desk.lines(outcome) for outcome in outcomes)


def test_on_pages_of_unknown_design_a_sentence_that_ends_every_text_goes_from_the_ninth_on(desk: Desk) -> None:
    desk.site = desk.site.model_copy(update={"layouts": ()})
    masthead = "This desk is kept by volunteers from four communes on the lower lake."
    body = [f"{line} And that was not all that could be heard on the pier that day." for line in LINES]
    pages = [[*(f"{number}: {line}" for line in body), masthead] for number in range(10)]
    texts = [desk.lines(desk.read(f"k{number}", *lines)) for number, lines in enumerate(pages)]
    assert [masthead in text for text in texts] == [True] * 8 + [False] * 2
    assert {len(text) - (masthead in text) for text in texts} == {3}
