"""A page that shows two states in turn is quieted; every other change is a revision."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from structlog.testing import capture_logs

from core.model import Draft, Lead, Outcome, Reason, Revised, Skipped, Unchanged
from core.stories import Flicker
from pipelines.fingerprint import fingerprint
from pipelines.flicker import is_flicker
from pipelines.ingest import WARC, Ingest
from storage.store import Store

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
TEXT = ("The well in Ta Prok has run dry and the women walk to the quarry.", "A truck came on two days in February.")
TITLES = {"A": "Wells run dry", "B": "No water in Ta Prok", "C": "A truck came twice"}


class Page:
    """An article's page in an ingest over a real corpus; every visit is an hour after the last."""

    def __init__(self, store: Store) -> None:
        self.store, self.now = store, START
        with store.transaction() as corpus:
            self.run_id = corpus.runs.start("post", "manual", START)

    def draft(self, state: str) -> Draft:
        return Draft("post", "https://post.test/wells", "wells", TITLES[state], TEXT)

    def shows(self, state: str, via: str = "section", fetched_at: datetime | None = None) -> Outcome:
        self.now += timedelta(hours=1)
        ingest = Ingest(self.store, self.run_id, (), (timedelta(hours=1),), lambda: self.now)
        lead = Lead("post", "https://post.test/wells", "wells", via)
        return ingest.keep(self.draft(state), lead, fetched_at or self.now)

    def is_corrected(self, state: str) -> None:
        draft = self.draft(state)
        print_ = fingerprint(draft)
        with self.store.transaction() as corpus:
            corpus.articles.revise(1, draft, print_.text, print_.content, self.now, is_correction=True)

    def flicker(self) -> Flicker | None:
        with self.store.reading() as corpus:
            return corpus.flickers.of(1)

    def titles(self) -> list[str]:
        with self.store.reading() as corpus:
            return [revision.title for revision in corpus.articles.revisions(1)]


@pytest.fixture
def page(tmp_path: Path, empty_corpus: Path) -> Iterator[Page]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Page(store)
    store.close()


def kinds(page: Page, states: str) -> list[str]:
    """Return what became of each visit: s(aved), r(evised) or u(nchanged)."""
    return [type(page.shows(state)).__name__[0].lower() for state in states]


def test_a_page_that_goes_to_and_fro_makes_three_revisions_and_no_more(page: Page) -> None:
    assert "".join(kinds(page, "ABABABBA")) == "srruuuuu"
    assert page.titles() == [TITLES["A"], TITLES["B"], TITLES["A"]]
    hour = timedelta(hours=1)
    # The states that differ from the newest revision are changes that made none: the fourth, sixth and seventh visit.
    assert page.flicker() == Flicker(1, START + 4 * hour, START + 7 * hour, 3, 0)


def test_an_edit_that_is_taken_back_is_three_revisions_and_no_flicker(page: Page) -> None:
    assert "".join(kinds(page, "ABAAAA")) == "srruuu"
    assert page.flicker() is None


def test_a_third_state_is_a_revision_and_ends_it(page: Page) -> None:
    assert "".join(kinds(page, "ABABC")) == "srrur"
    assert page.flicker() is None
    assert "".join(kinds(page, "BCB")) == "rru"
    assert page.titles() == [TITLES[state] for state in "ABACBC"]


def test_edits_in_quick_succession_are_all_kept(page: Page) -> None:
    assert "".join(kinds(page, "ABCACB")) == "srrrrr"


def test_a_correction_of_ours_is_no_state_of_the_page(page: Page) -> None:
    kinds(page, "A")
    for state in "BA":
        page.is_corrected(state)
    assert page.shows("B") == Revised(1, 4)
    assert page.flicker() is None


def test_a_correction_stands_for_the_state_that_it_puts_right(page: Page) -> None:
    kinds(page, "AB")
    page.is_corrected("C")  # what the page showed at B, as it is read by better rules
    assert [page.shows(state) for state in "CAC"] == [Unchanged(1), Revised(1, 4), Unchanged(1)]
    assert page.flicker() is not None


def test_an_older_page_that_is_imported_is_outdated_and_no_flicker(page: Page) -> None:
    kinds(page, "ABA")
    outcome = page.shows("B", via=WARC, fetched_at=START)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is Reason.OUTDATED
    assert page.flicker() is None


def test_the_log_says_that_a_page_flickers(page: Page) -> None:
    kinds(page, "ABA")
    with capture_logs() as events:
        page.shows("B")
    (event,) = [event for event in events if event["event"] == "page.flickers"]
    assert (event["article"], event["times"], event["source"]) == (1, 1, "post")


@pytest.mark.parametrize(
    ("states", "now", "flickers"),
    [
        *((("A", "B", "A"), "B", True), (("A", "B", "A", "C"), "B", True), (("A", "B", "A"), "C", False)),
        *((("A", "B", "A"), "A", False), (("A", "B", "C"), "B", False), (("B", "A"), "A", False), ((), "A", False)),
    ],
)
def test_only_a_state_that_comes_again_and_again_is_a_flicker(
    states: tuple[str, ...], now: str, flickers: bool
) -> None:
    assert is_flicker(states, now) is flickers


def test_a_page_that_stays_with_the_other_state_holds_it_in_the_end(page: Page) -> None:
    assert "".join(kinds(page, "ABABBAB")) == "srruuuu"
    assert "".join(kinds(page, "BB")) == "ur"
    assert page.titles()[-1] == TITLES["B"]
    assert page.flicker() is None
