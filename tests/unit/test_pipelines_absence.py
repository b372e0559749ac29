"""When an article's page goes and comes back: whose page it is that is missing, and what ingest makes of each visit."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from structlog.testing import capture_logs

from core.errors import StorageError
from core.model import Article, Capture, CopyAddress, Draft, Lead, Page, Reason, Revised, Skipped, Unchanged, Visit
from core.site import Site
from core.stories import Absence
from pipelines.absence import is_its_own
from pipelines.ingest import Failed, Fetched, Ingest
from storage.store import Store

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
URL = "https://www.ohchr.org/en/press-releases/2026/03/weir"
KEY = "/en/press-releases/2026/03/weir"
ARTICLE = Article(1, "ohchr", KEY, URL, "A weir", "Text.", START, START)
TEXT = ("Fishers at the weir asked the commune for the map.", "Nobody had drawn one in Cambodia since the flood.")
DRAFT = Draft("ohchr", URL, KEY, "A weir and a map", TEXT, published_at=START)
LEAD = Lead("ohchr", URL, KEY, "section")
NOT_FOUND, GONE = Skipped(Reason.NOT_FOUND, "HTTP 404"), Skipped(Reason.GONE, "HTTP 410")


def at(key: str, url: str = URL, visits: int = 1, missing: int = 0) -> Visit:
    return Visit("ohchr", url, key, visits=visits, missing=missing, article_id=1)


@pytest.mark.parametrize(
    ("visit", "own", "expected"),
    [
        (at(KEY), at(KEY), True),
        (at(KEY), None, True),
        (at("other"), at(KEY), False),
        (at("other"), at(KEY, missing=1), True),
        (at("other"), at(KEY, visits=0), True),
        (at("other"), None, True),
        (at("copy", "https://cambodia.test/weir"), at(KEY, missing=1), False),
    ],
)
def test_a_page_is_its_article_s_own_unless_it_is_a_copy_s_or_only_another_name(
    visit: Visit, own: Visit | None, expected: bool
) -> None:
    article = replace(ARTICLE, copies=(CopyAddress("cambodia", "https://cambodia.test/weir", START),))
    assert is_its_own(article, visit, own) is expected


class Desk:
    """An ingest over a real corpus that holds one article; the clock is the test's."""

    def __init__(self, store: Store, site: Site) -> None:
        self.store, self.site, self.now = store, site, START
        with store.transaction() as corpus:
            run_id = corpus.runs.start(site.name, "manual", self.now)
        self.ingest = Ingest(store, run_id, (), (timedelta(hours=1),), lambda: self.now)
        self.read()

    def read(self, draft: Draft | None = DRAFT, lead: Lead = LEAD, fetched_at: datetime | None = None) -> object:
        """Settle a page as `draft`; None: the server says that it did not change."""
        status = 200 if draft else 304
        return self.ingest.take(Fetched(Page(URL, status, {}, b"x", fetched_at or self.now), lead), draft, self.site)

    def miss(self, skipped: Skipped = NOT_FOUND, capture: Capture | None = None, lead: Lead = LEAD) -> None:
        page = Page(URL, 404, {}, b"x", self.now, capture=capture)
        self.ingest.take(Fetched(page, lead), skipped, self.site)

    def miss_for(self, days: int, skipped: Skipped = NOT_FOUND) -> None:
        """Miss the page today and on each of the days that follow; it is then the day after these."""
        for _ in range(days):
            self.miss(skipped)
            self.now += DAY

    def absences(self) -> tuple[Absence, ...]:
        with self.store.reading() as corpus:
            return corpus.absences.of(1)

    @property
    def quick(self) -> tuple[datetime | None, datetime | None]:
        with self.store.reading() as corpus:
            article = corpus.articles.by_id(1)
        assert article is not None
        return article.missing_since, article.gone_since


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path, ohchr: Site) -> Iterator[Desk]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Desk(store, ohchr)
    store.close()


def capture(number: int) -> Capture:
    return Capture("ohchr/ohchr-20260301-00001.warc.gz", 1000 * number, 900, f"sha1:{number:032}", START)


def test_each_visit_that_finds_no_page_is_counted_also_after_it_is_certain(desk: Desk) -> None:
    desk.miss_for(2)
    desk.miss_for(3, GONE)
    (away,) = desk.absences()
    assert (away.missing_since, away.last_missing, away.visits) == (START, START + 4 * DAY, 5)
    assert (away.reason, away.detail, away.gone_since) == ("gone", "HTTP 410", START + 2 * DAY)
    assert desk.quick == (START, START + 2 * DAY)


def test_the_first_and_the_last_answer_are_its_evidence(desk: Desk) -> None:
    for number in range(3):
        desk.miss(capture=capture(number))
    (away,) = desk.absences()
    assert (away.first_capture, away.last_capture) == (capture(0), capture(2))


def test_a_page_that_did_not_come_brings_the_answer_that_it_failed_with(desk: Desk) -> None:
    desk.ingest.settle(Failed(LEAD, GONE, capture(7)), desk.site)
    (away,) = desk.absences()
    assert (away.reason, away.last_capture) == ("gone", capture(7))


def test_a_page_that_returns_as_it_was_is_unchanged_and_its_absence_ends(desk: Desk) -> None:
    desk.miss_for(4)
    assert desk.read() == Unchanged(1)
    (away,) = desk.absences()
    assert (away.returned_at, away.visits, desk.quick) == (desk.now, 4, (None, None))


def test_a_page_that_returns_with_another_text_is_revised_and_its_absence_ends(desk: Desk) -> None:
    desk.miss_for(4)
    assert desk.read(replace(DRAFT, paragraphs=TEXT[:1])) == Revised(1, 2)
    (away,) = desk.absences()
    assert (away.returned_at, desk.quick) == (desk.now, (None, None))


def test_the_server_s_word_that_nothing_changed_is_a_return(desk: Desk) -> None:
    desk.miss_for(4)
    assert desk.read(None) == Unchanged(1)
    (away,) = desk.absences()
    assert away.returned_at == desk.now


def test_a_page_that_goes_again_is_away_anew_and_the_first_time_is_remembered(desk: Desk) -> None:
    desk.miss_for(4)
    desk.read()
    desk.now += DAY
    desk.miss(GONE)
    first, second = desk.absences()
    assert (first.returned_at, second.missing_since, second.visits) == (desk.now - DAY, desk.now, 1)
    assert desk.quick == (desk.now, None)


@pytest.mark.parametrize(("days", "is_back"), [(0.5, False), (2.5, False), (3.5, True)])
def test_an_imported_page_is_a_return_only_if_no_later_visit_found_none(desk: Desk, days: float, is_back: bool) -> None:
    desk.miss_for(4)
    desk.read(lead=replace(LEAD, via="warc"), fetched_at=START + days * DAY)
    (away,) = desk.absences()
    assert away.returned_at == (START + days * DAY if is_back else None)


def test_an_old_answer_out_of_a_file_says_nothing_of_the_page_of_today(desk: Desk) -> None:
    desk.miss(Skipped(Reason.SOFT_404), lead=replace(LEAD, via="warc"))
    assert desk.absences() == ()
    desk.miss(Skipped(Reason.SOFT_404))
    assert len(desk.absences()) == 1


def test_a_document_goes_and_comes_back_by_the_same_rules(desk: Desk) -> None:
    url, key = "https://www.ohchr.org/sites/default/files/weir.pdf", "/sites/default/files/weir.pdf"
    lead = Lead("ohchr", url, key, "document", is_relevant=True)
    report = replace(DRAFT, url=url, key=key, kind="document", title="Report", paragraphs=("It is long.", "It is dry."))
    page = Page(url, 200, {}, b"x", desk.now)
    desk.ingest.take(Fetched(page, lead), report, desk.site)
    for _ in range(4):
        desk.miss(lead=lead)
        desk.now += DAY
    with desk.store.reading() as corpus:
        (away,) = corpus.absences.of(2)
    assert (away.visits, away.gone_since) == (4, START + 2 * DAY)
    assert desk.ingest.take(Fetched(page, lead), report, desk.site) == Unchanged(2)
    with desk.store.reading() as corpus:
        assert corpus.absences.current(2) is None
    assert desk.absences() == ()


@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.SERVER_ERROR, Reason.TIMEOUT, Reason.NO_BODY])
def test_trouble_is_no_absence(desk: Desk, reason: Reason) -> None:
    desk.miss(Skipped(reason))
    assert desk.absences() == ()


def test_what_goes_and_comes_is_logged_once_each(desk: Desk) -> None:
    with capture_logs() as logs:
        desk.miss_for(5)
        desk.read()
        desk.read()
    told = [each for each in logs if str(each["event"]).startswith("article.")]
    assert [each["event"] for each in told] == ["article.missing", "article.gone", "article.returned"]
    assert [each.get("visits") for each in told] == [None, 3, 5]
    assert told[2]["was_gone"] is True


def test_what_is_not_stored_is_not_logged(desk: Desk) -> None:
    with capture_logs() as logs:
        desk.ingest = replace(desk.ingest, run_id=99)  # no such run: the outcome cannot be stored
        with pytest.raises(StorageError):
            desk.miss()
    assert [each["event"] for each in logs] == []
    assert desk.absences() == ()
