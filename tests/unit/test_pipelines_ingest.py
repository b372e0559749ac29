from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from structlog.testing import capture_logs

from core.errors import StorageError
from core.model import (
    Article,
    Copy,
    Draft,
    Lead,
    Match,
    Outcome,
    Page,
    Reason,
    Revised,
    Saved,
    Skipped,
    Unchanged,
    Visit,
)
from core.rules import Rule
from core.site import Site
from pipelines.fingerprint import fingerprint
from pipelines.ingest import Failed, Fetched, Ingest
from storage.store import Store

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AGES = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
RULES = (Rule(name="water", any=("well*",)), Rule(name="court", any=("court",)))
LEAD = "The well in Ta Prok has run dry and the women walk to the quarry."
LAST = "A truck came on two days in February."


class Desk:
    """An ingest over a real corpus, with a clock that the test sets and pages that it writes."""

    def __init__(self, store: Store, site: Site, write: Callable[..., str]) -> None:
        self.store = store
        self.site = site
        self.write = write
        self.now = START
        with store.transaction() as corpus:
            self.run_id = corpus.runs.start(site.name, "manual", self.now)
        self.ingest = Ingest(store, self.run_id, RULES, AGES, lambda: self.now)

    def lead(self, key: str = "dry-wells", section: str = "national") -> Lead:
        return Lead(self.site.name, f"https://www.phnompenhpost.com/{section}/{key}", key, "section")

    def page(
        self, *paragraphs: str, lead: Lead | None = None, title: str = "Wells run dry", status: int = 200
    ) -> Fetched:
        lead = lead or self.lead()
        body = self.write("".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or (LEAD, LAST)), title=title)
        return Fetched(Page(lead.url, status, {"content-type": "text/html"}, body.encode(), self.now), lead)

    def settle(self, item: Fetched | Failed, ingest: Ingest | None = None) -> Outcome:
        outcome = (ingest or self.ingest).settle(item, self.site)
        self.now += timedelta(minutes=10)
        return outcome

    def article(self, article_id: int = 1) -> Article:
        with self.store.reading() as corpus:
            article = corpus.articles.by_id(article_id)
        assert article is not None
        return article

    def visit(self, key: str = "dry-wells") -> Visit | None:
        with self.store.reading() as corpus:
            return corpus.sources.visit(self.site.name, key)

    def matches(self) -> tuple[Match, ...]:
        with self.store.reading() as corpus:
            return corpus.matches.newest(100)

    def owed(self) -> int:
        with self.store.reading() as corpus:
            return corpus.outbox.waiting()

    def outcomes(self) -> list[tuple[str, str]]:
        with self.store.reading() as corpus:
            return [(what, reason) for _, what, reason, _ in corpus.runs.outcomes(self.run_id)]


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path, post: Site, cms: Callable[..., str]) -> Iterator[Desk]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Desk(store, post, cms)
    store.close()


def test_a_new_article_is_saved_with_its_visit_its_matches_and_the_alert_that_is_owed(desk: Desk) -> None:
    assert desk.settle(desk.page()) == Saved(1)
    article = desk.article()
    assert (article.title, article.text) == ("Wells run dry", f"{LEAD}\n{LAST}")
    assert (article.key, article.revision, article.first_seen) == ("dry-wells", 1, START)
    assert [(match.rule, match.passage.text, match.passage.spans) for match in desk.matches()] == [
        ("water", LEAD, ((4, 8),))
    ]
    assert desk.owed() == 1
    visit = desk.visit()
    assert visit is not None
    assert (visit.visits, visit.failures, visit.article_id) == (1, 0, 1)
    assert desk.outcomes() == [("saved", "")]


def test_a_saved_article_is_due_again_at_the_first_age(desk: Desk) -> None:
    desk.settle(desk.page())
    with desk.store.reading() as corpus:
        assert corpus.sources.next_due(desk.site.name) == START + AGES[0]


def test_an_article_that_was_set_otherwise_is_unchanged(desk: Desk) -> None:
    desk.settle(desk.page())
    again = desk.page(LEAD.upper(), LAST.replace("February.", "February.\u00a0 "), title="Wells  run dry")
    assert desk.settle(again) == Unchanged(1)
    article = desk.article()
    assert (article.text, article.revision) == (f"{LEAD}\n{LAST}", 1)
    assert desk.owed() == 1
    assert desk.outcomes() == [("saved", ""), ("unchanged", "")]


def test_other_tags_and_credits_alone_are_no_edit(desk: Desk) -> None:
    desk.settle(again := desk.page())
    body = again.page.body.replace(b"<p>", b"<figure><figcaption>A well. Photo: AFP</figcaption></figure><p>", 1)
    body = body.replace(b"</head>", b"<meta property='article:tag' content='Water'></head>")
    assert body.count(b"Water") == body.count(b"AFP") == 1
    assert desk.settle(replace(again, page=replace(again.page, body=body))) == Unchanged(1)
    assert (desk.article().tags, desk.article().credits, desk.article().revision) == ((), (), 1)


@pytest.mark.parametrize(
    ("paragraphs", "title"), [((LEAD, "Two trucks came."), "Wells run dry"), ((LEAD, LAST), "Well is dry")]
)
def test_a_changed_text_or_title_is_a_revision_and_the_old_one_is_kept(
    desk: Desk, paragraphs: tuple[str, ...], title: str
) -> None:
    desk.settle(desk.page())
    assert desk.settle(desk.page(*paragraphs, title=title)) == Revised(1, 2)
    with desk.store.reading() as corpus:
        first, second = corpus.articles.revisions(1)
    assert (first.title, first.text) == ("Wells run dry", f"{LEAD}\n{LAST}")
    assert (second.title, second.text) == (title, "\n".join(paragraphs))
    assert desk.article().text == second.text
    assert desk.article().first_seen == START


def test_an_alert_is_owed_once_however_often_the_article_is_revised(desk: Desk) -> None:
    desk.settle(desk.page())
    for number in range(2, 5):
        assert desk.settle(desk.page(LEAD, f"Truck {number} came.")) == Revised(1, number)
    assert len(desk.matches()) == 1
    assert desk.owed() == 1


def test_a_revision_that_meets_another_rule_is_told_of_that_one(desk: Desk) -> None:
    desk.settle(desk.page())
    desk.settle(desk.page(LEAD, "The court was asked."))
    assert {match.rule for match in desk.matches()} == {"water", "court"}
    assert desk.owed() == 2


def test_a_text_that_is_changed_back_is_a_revision_of_its_own(desk: Desk) -> None:
    for paragraphs in ((LEAD, LAST), (LEAD,), (LEAD, LAST)):
        desk.settle(desk.page(*paragraphs))
    assert desk.article().revision == 3
    assert desk.article().text == f"{LEAD}\n{LAST}"


def test_the_text_of_an_article_under_another_address_is_a_copy_and_tells_nobody(desk: Desk) -> None:
    desk.settle(desk.page())
    other = desk.page(lead=desk.lead("wells-of-kandal", "post-depth"), title="Another title")
    assert desk.settle(other) == Copy(1)
    (copy,) = desk.article().copies
    assert (copy.url, copy.seen_at) == (
        "https://www.phnompenhpost.com/post-depth/wells-of-kandal",
        START + timedelta(minutes=10),
    )
    assert desk.owed() == 1
    visit = desk.visit("wells-of-kandal")
    assert visit is not None
    assert visit.article_id == 1


def test_a_copy_seen_again_is_a_copy_again_and_listed_once(desk: Desk) -> None:
    desk.settle(desk.page())
    for _ in range(2):
        assert desk.settle(desk.page(lead=desk.lead("wells-of-kandal"))) == Copy(1)
    assert len(desk.article().copies) == 1


def test_the_same_story_in_two_sections_is_one_article(desk: Desk) -> None:
    desk.settle(desk.page())
    assert desk.settle(desk.page(lead=desk.lead(section="national-politics"))) == Unchanged(1)
    assert desk.article().copies == ()


def test_a_withdrawn_article_is_marked_kept_and_visited_on(desk: Desk) -> None:
    desk.settle(desk.page())
    for _ in range(2):
        assert desk.settle(desk.page(status=404)) == Skipped(Reason.NOT_FOUND, "HTTP 404")
    article = desk.article()
    assert article.missing_since == START + timedelta(minutes=10)
    assert article.text == f"{LEAD}\n{LAST}"
    with desk.store.reading() as corpus:
        assert corpus.sources.next_due(desk.site.name) == START + AGES[0]
    assert desk.outcomes()[1:] == [("skipped", "not-found")] * 2


@pytest.mark.parametrize("status", [404, 410])
def test_an_article_that_returns_is_missing_no_longer(desk: Desk, status: int) -> None:
    desk.settle(desk.page())
    desk.settle(desk.page(status=status))
    assert desk.settle(desk.page()) == Unchanged(1)
    assert desk.article().missing_since is None
    desk.settle(desk.page(status=status))
    assert desk.settle(desk.page(LEAD)) == Revised(1, 2)
    assert desk.article().missing_since is None


@pytest.mark.parametrize("status", [403, 429, 500, 503])
def test_a_refusal_withdraws_nothing(desk: Desk, status: int) -> None:
    desk.settle(desk.page())
    desk.settle(desk.page(status=status))
    assert desk.article().missing_since is None


def test_a_copy_that_disappears_does_not_withdraw_the_article(desk: Desk) -> None:
    desk.settle(desk.page())
    copy = desk.lead("wells-of-kandal")
    desk.settle(desk.page(lead=copy))
    desk.settle(desk.page(lead=copy, status=404))
    assert desk.article().missing_since is None


def test_a_page_that_never_held_an_article_is_only_counted(desk: Desk) -> None:
    assert desk.settle(desk.page(status=404)) == Skipped(Reason.NOT_FOUND, "HTTP 404")
    visit = desk.visit()
    assert visit is not None
    assert (visit.failures, visit.article_id) == (1, None)


def test_failures_are_counted_in_a_row_and_a_success_ends_the_row(desk: Desk) -> None:
    failures = []
    for item in (
        desk.page(status=500),
        Failed(desk.lead(), Skipped(Reason.TIMEOUT)),
        desk.page(),
        desk.page(status=500),
    ):
        desk.settle(item)
        visit = desk.visit()
        assert visit is not None
        failures.append(visit.failures)
    assert failures == [1, 2, 0, 1]


def test_a_page_that_did_not_come_is_one_outcome_with_its_reason(desk: Desk) -> None:
    failed = Failed(desk.lead(), Skipped(Reason.TIMEOUT, "60 s", timedelta(hours=3)))
    assert desk.settle(failed) == failed.skipped
    assert desk.outcomes() == [("skipped", "timeout")]
    with desk.store.reading() as corpus:
        assert corpus.sources.next_due(desk.site.name) == START + timedelta(hours=3)


def test_a_listing_that_did_not_come_is_counted_apart_and_is_no_address(desk: Desk) -> None:
    listing = replace(desk.lead("/rss.xml"), via="listing")
    desk.settle(Failed(listing, Skipped(Reason.FORBIDDEN)))
    with desk.store.reading() as corpus:
        tally = corpus.runs.tally([desk.run_id])
    assert (dict(tally.outcomes), dict(tally.listings)) == ({}, {"forbidden": 1})
    assert desk.visit("/rss.xml") is None


def test_an_import_keeps_matches_and_tells_nobody(desk: Desk) -> None:
    quiet = replace(desk.ingest, tells=False)
    assert desk.settle(desk.page(), quiet) == Saved(1)
    assert [match.rule for match in desk.matches()] == ["water"]
    assert desk.owed() == 0


def test_what_an_import_kept_quiet_is_not_told_when_the_crawl_meets_it(desk: Desk) -> None:
    desk.settle(desk.page(), replace(desk.ingest, tells=False))
    assert desk.settle(desk.page(LEAD, "A second truck came.")) == Revised(1, 2)
    assert desk.owed() == 0


def test_an_imported_file_is_never_due(desk: Desk) -> None:
    lead = Lead(desk.site.name, "file:wells.txt", "file:wells.txt", "import")
    draft = Draft(desk.site.name, lead.url, lead.key, "Wells", (LEAD,))
    assert desk.ingest.keep(draft, lead, START) == Saved(1)
    with desk.store.reading() as corpus:
        assert corpus.sources.next_due(desk.site.name) is None


def test_a_page_that_the_parsers_choke_on_is_skipped_and_the_run_goes_on(desk: Desk, post: Site) -> None:
    broken = post.model_copy(update={"zone": "No/Where"})
    with capture_logs() as events:
        outcome = desk.ingest.settle(desk.page(lead=desk.lead("broken")), broken)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is Reason.FAILED
    assert outcome.detail.startswith("ZoneInfoNotFoundError: ")
    assert [(event["event"], event.get("exc_info")) for event in events] == [
        ("page.failed", True),
        ("page.settled", None),
    ]
    assert desk.settle(desk.page()) == Saved(1)
    assert desk.outcomes() == [("skipped", "failed"), ("saved", "")]


class Stopping(Rule):
    """A rule that fails when it is asked: the write of the article stands before it, all else behind."""

    @property
    def broken(self) -> str:
        raise RuntimeError("stopped between two writes")

    def __getattribute__(self, name: str) -> object:
        return super().__getattribute__("broken" if name == "sources" else name)


def test_a_failure_amid_the_transaction_leaves_nothing_behind(desk: Desk) -> None:
    stopped = replace(desk.ingest, rules=(RULES[0], Stopping(name="stop", any=("well",))))
    with pytest.raises(RuntimeError, match="stopped between two writes"):
        stopped.settle(desk.page(), desk.site)
    with desk.store.reading() as corpus:
        assert corpus.articles.highest_id() == 0
    assert desk.visit() is None
    assert (desk.matches(), desk.owed(), desk.outcomes()) == ((), 0, [])
    assert desk.settle(desk.page()) == Saved(1)


def test_a_failure_amid_a_revision_leaves_the_article_as_it_was(desk: Desk) -> None:
    desk.settle(desk.page())
    stopped = replace(desk.ingest, rules=(Stopping(name="stop", any=("well",)),))
    with pytest.raises(RuntimeError):
        stopped.settle(desk.page(LEAD), desk.site)
    article = desk.article()
    assert (article.text, article.revision) == (f"{LEAD}\n{LAST}", 1)
    visit = desk.visit()
    assert visit is not None
    assert visit.visits == 1


def test_an_outcome_that_cannot_be_stored_is_an_error_of_storage(desk: Desk) -> None:
    lost = replace(desk.ingest, run_id=999)
    with pytest.raises(StorageError):
        lost.settle(desk.page(), desk.site)
    with desk.store.reading() as corpus:
        assert corpus.articles.highest_id() == 0


def test_the_clock_is_the_one_that_was_given(desk: Desk) -> None:
    desk.settle(desk.page())
    desk.now = START + timedelta(days=30)
    desk.settle(desk.page(LEAD))
    with desk.store.reading() as corpus:
        assert corpus.sources.next_due(desk.site.name) is None


def drafted(**changes: object) -> Draft:
    values: dict[str, object] = {
        "source": "ohchr",
        "url": "https://www.ohchr.org/en/x",
        "key": "x",
        "title": "Wells",
        "paragraphs": (LEAD, LAST),
        "notes": ("See Kenya.",),
    }
    return Draft(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"paragraphs": (LEAD.upper(), f"  {LAST} ")},
        {"paragraphs": (f"{LEAD} {LAST}",)},
        {"url": "https://other.example/", "key": "y", "source": "post", "authors": ("Keo Rathana",)},
    ],
)
def test_setting_and_place_do_not_change_a_fingerprint(changes: dict[str, object]) -> None:
    assert fingerprint(drafted(**changes)) == fingerprint(drafted())


def test_title_and_notes_are_content_and_no_text() -> None:
    plain = fingerprint(drafted())
    for changes in ({"title": "Other wells"}, {"notes": ()}, {"notes": ("See Kenya.", "")}):
        other = fingerprint(drafted(**changes))
        assert other.text == plain.text
        assert other.content != plain.content


def test_a_changed_word_changes_both_fingerprints() -> None:
    plain, other = fingerprint(drafted()), fingerprint(drafted(paragraphs=(LEAD, LAST.replace("two", "three"))))
    assert plain.text != other.text
    assert plain.content != other.content
