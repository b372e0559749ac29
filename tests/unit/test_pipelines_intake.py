"""What a page brings with it beside its text: evidence, validators, documents, other names, whether it is wanted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest

from core.model import Capture, Copy, Draft, Lead, Link, Page, Reason, Saved, Skipped, Unchanged, Validators, Visit
from core.rules import Rule
from core.site import Relevance, Site
from crawler.spiders.news import leads_for
from pipelines.ingest import Fetched, Ingest
from storage.store import Store

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
AGES = (timedelta(hours=1),)
TEXT = ("Fishers at the weir asked the commune for the map.", "Nobody had drawn one in Cambodia since the flood.")
HOME = "https://www.ohchr.org/en/press-releases/2026/03"


class Desk:
    """An ingest over a real corpus; the clock is the test's."""

    def __init__(self, store: Store, site: Site) -> None:
        self.store, self.site, self.now = store, site, START
        with store.transaction() as corpus:
            self.run_id = corpus.runs.start(site.name, "manual", self.now)
        self.ingest = Ingest(store, self.run_id, (), AGES, lambda: self.now)

    def lead(self, slug: str = "weir", **changes: object) -> Lead:
        key = f"/en/press-releases/2026/03/{slug}"
        return replace(Lead(self.site.name, f"{HOME}/{slug}", key, "section"), **changes)  # type: ignore[arg-type]

    def draft(self, lead: Lead, **changes: object) -> Draft:
        made = Draft(lead.source, lead.url, lead.key, "A weir and a map", TEXT, published_at=START)
        return replace(made, **changes)  # type: ignore[arg-type]

    def item(self, lead: Lead, status: int = 200, **changes: object) -> Fetched:
        page = Page(lead.url, status, {"etag": '"one"'}, b"<p>x</p>", self.now)
        return Fetched(replace(page, **changes), lead)  # type: ignore[arg-type]

    def visit(self, key: str) -> Visit | None:
        with self.store.reading() as corpus:
            return corpus.sources.visit(self.site.name, key)


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path, ohchr: Site) -> Iterator[Desk]:
    store = Store.open(Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite")))
    yield Desk(store, ohchr)
    store.close()


def capture(number: int) -> Capture:
    return Capture("ohchr/ohchr-20260301-00001.warc.gz", 1000 * number, 900, f"sha1:{number:032}", START)


def test_a_revision_points_to_the_record_it_was_read_from(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead, capture=capture(1)), desk.draft(lead), desk.site)
    changed = desk.draft(lead, title="A weir, a map, a flood")
    desk.ingest.take(desk.item(lead, capture=capture(2)), changed, desk.site)
    with desk.store.reading() as corpus:
        assert [revision.capture for revision in corpus.articles.revisions(1)] == [capture(1), capture(2)]


def test_a_text_that_was_held_without_evidence_gets_it_at_the_next_visit(desk: Desk) -> None:
    lead = desk.lead()
    for found in (None, capture(1), capture(2)):
        desk.ingest.take(desk.item(lead, capture=found), desk.draft(lead), desk.site)
    with desk.store.reading() as corpus:
        assert [revision.capture for revision in corpus.articles.revisions(1)] == [capture(1)]


def test_what_a_server_gave_to_ask_again_with_is_kept_with_the_page(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), desk.draft(lead), desk.site)
    with desk.store.reading() as corpus:
        kept = corpus.validators.get(desk.site.name, lead.url)
    assert kept == Validators('"one"', "", START, desk.site.fingerprint)


def test_what_a_redirect_led_to_is_not_asked_for_conditionally(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead, url=f"{HOME}/weir-moved"), desk.draft(lead), desk.site)
    with desk.store.reading() as corpus:
        assert corpus.validators.get(desk.site.name, lead.url) is None


def test_a_page_that_held_no_article_is_asked_for_in_full_again(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), Skipped(Reason.NO_BODY), desk.site)
    with desk.store.reading() as corpus:
        assert corpus.validators.get(desk.site.name, lead.url) is None


def test_a_page_that_did_not_change_is_unchanged_and_no_longer_missing(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), desk.draft(lead), desk.site)
    desk.ingest.take(desk.item(lead, 404), Skipped(Reason.NOT_FOUND), desk.site)
    assert desk.ingest.take(desk.item(lead, 304), None, desk.site) == Unchanged(1)
    with desk.store.reading() as corpus:
        article = corpus.articles.by_id(1)
    visit = desk.visit(lead.key)
    assert article is not None
    assert visit is not None
    assert (article.missing_since, visit.missing, visit.failures) == (None, 0, 0)


def test_a_server_that_says_unchanged_of_what_is_not_held_is_not_believed(desk: Desk) -> None:
    lead = desk.lead()
    with desk.store.transaction() as corpus:
        corpus.validators.keep(desk.site.name, lead.url, Validators('"x"', "", START, ""))
    outcome = desk.ingest.take(desk.item(lead, 304), None, desk.site)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is Reason.HTTP_ERROR
    with desk.store.reading() as corpus:
        assert corpus.validators.get(desk.site.name, lead.url) is None


def test_the_documents_of_a_text_are_due_with_what_is_known_of_it(desk: Desk) -> None:
    lead = desk.lead()
    link = Link("https://www.ohchr.org/sites/default/files/2026-03/weir.pdf", "Report on the weir")
    desk.ingest.take(desk.item(lead), desk.draft(lead, documents=(link,)), desk.site)
    visit = desk.visit("/sites/default/files/2026-03/weir.pdf")
    assert visit is not None
    assert (visit.url, visit.title, visit.published, visit.listing) == (link.url, link.title, START, lead.url)
    assert visit.is_relevant
    with desk.store.reading() as corpus:
        assert visit in corpus.sources.due(desk.site.name, START)


def test_the_documents_of_a_text_that_is_not_wanted_are_not_fetched(desk: Desk) -> None:
    lead = desk.lead()
    link = Link("https://www.ohchr.org/sites/default/files/2026-03/weir.pdf", "Report on the weir")
    elsewhere = desk.draft(lead, paragraphs=("Nothing of the country.",), documents=(link,))
    outcome = desk.ingest.take(desk.item(lead), elsewhere, desk.site)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is Reason.IRRELEVANT
    assert desk.visit("/sites/default/files/2026-03/weir.pdf") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Cambodia: a weir and a map"},
        {"summary": "A release on Cambodia"},
        {"is_relevant": True},
        {"via": "manual"},
        {"via": "search"},
        {"via": "import"},
    ],
)
def test_an_item_is_wanted_for_what_its_listing_says_or_because_somebody_asked_for_it(
    desk: Desk, changes: dict[str, object]
) -> None:
    lead = replace(desk.lead(), **changes)  # type: ignore[arg-type]
    draft = desk.draft(lead, paragraphs=("Nothing of the country.",))
    assert desk.ingest.take(desk.item(lead), draft, desk.site) == Saved(1)


def test_a_country_that_only_the_notes_name_is_not_what_a_text_is_about(desk: Desk) -> None:
    lead = desk.lead()
    draft = desk.draft(lead, paragraphs=("The dam broke.",), notes=("UN Human Rights, country page: Cambodia",))
    outcome = desk.ingest.take(desk.item(lead), draft, desk.site)
    assert isinstance(outcome, Skipped)
    assert outcome.reason is Reason.IRRELEVANT


def test_a_source_without_relevance_is_taken_whole(desk: Desk) -> None:
    lead = desk.lead()
    site = desk.site.asking({}, (), None)
    draft = desk.draft(lead, paragraphs=("The dam broke.",))
    assert desk.ingest.take(desk.item(lead), draft, site) == Saved(1)


def test_a_text_that_is_held_is_revised_though_it_no_longer_says_what_was_asked(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), desk.draft(lead), desk.site)
    outcome = desk.ingest.take(desk.item(lead), desk.draft(lead, paragraphs=TEXT[:1]), desk.site)
    assert not isinstance(outcome, Skipped)


def test_another_rule_of_relevance_is_another_form_of_the_site(desk: Desk) -> None:
    other = desk.site.asking({}, (), Relevance(any=("Laos",)))
    assert other.fingerprint != desk.site.fingerprint
    assert (
        desk.site.asking({}, (), desk.site.relevance).fingerprint
        == desk.site.asking({}, (), desk.site.relevance).fingerprint
    )


def test_an_article_is_gone_once_several_visits_over_days_found_no_page(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), desk.draft(lead), desk.site)
    states = []
    for hours in (1, 25, 49, 73):
        desk.now = START + timedelta(hours=hours)
        desk.ingest.take(desk.item(lead, 404), Skipped(Reason.NOT_FOUND), desk.site)
        with desk.store.reading() as corpus:
            article = corpus.articles.by_id(1)
        assert article is not None
        states.append((article.missing_since, article.gone_since))
    missing = START + timedelta(hours=1)
    gone = START + timedelta(hours=49)
    assert states == [(missing, None), (missing, None), (missing, gone), (missing, gone)]


def test_an_article_that_returns_is_neither_missing_nor_gone(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), desk.draft(lead), desk.site)
    for hours in (1, 25, 49):
        desk.now = START + timedelta(hours=hours)
        desk.ingest.take(desk.item(lead, 410), Skipped(Reason.GONE), desk.site)
    desk.ingest.take(desk.item(lead), desk.draft(lead), desk.site)
    with desk.store.reading() as corpus:
        article = corpus.articles.by_id(1)
    assert article is not None
    assert (article.missing_since, article.gone_since) == (None, None)


def test_other_addresses_of_a_page_are_kept_as_its_aliases(desk: Desk) -> None:
    lead = desk.lead(named="https://ohchr.org/en/press-releases/2026/03/weir?NewsID=7")
    with desk.store.transaction() as corpus:
        corpus.sources.sight((lead,), desk.run_id, desk.now)
    aliases = ("https://www.ohchr.org/en/statements/2026/03/weir",)
    desk.ingest.take(desk.item(lead), desk.draft(lead, aliases=aliases), desk.site)
    with desk.store.reading() as corpus:
        article = corpus.articles.by_id(1)
        assert corpus.sources.named(aliases[0]) == (lead.source, lead.key)
    assert article is not None
    assert set(article.aliases) == {lead.named, *aliases}


def test_a_copy_tells_of_its_documents_too(desk: Desk) -> None:
    first, second = desk.lead(), desk.lead("weir-again")
    link = Link("https://www.ohchr.org/sites/default/files/2026-03/weir.pdf", "Report")
    desk.ingest.take(desk.item(first), desk.draft(first), desk.site)
    assert desk.ingest.take(desk.item(second), desk.draft(second, documents=(link,)), desk.site) == Copy(1)
    assert desk.visit("/sites/default/files/2026-03/weir.pdf") is not None


def test_an_old_page_does_not_bring_back_an_article_that_is_missing_since(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), desk.draft(lead), desk.site)
    desk.now = START + timedelta(days=2)
    desk.ingest.take(desk.item(lead, 404), Skipped(Reason.NOT_FOUND), desk.site)
    old = replace(lead, via="warc")
    desk.ingest.take(desk.item(old, fetched_at=START + timedelta(days=1)), desk.draft(old), desk.site)
    with desk.store.reading() as corpus:
        article = corpus.articles.by_id(1)
    assert article is not None
    assert article.missing_since == desk.now


def test_another_name_that_was_dropped_withdraws_nothing(desk: Desk) -> None:
    own, old = desk.lead(), desk.lead("weir-old")
    desk.ingest.take(desk.item(own), desk.draft(own), desk.site)
    desk.ingest.take(desk.item(old), desk.draft(own), desk.site)
    for days in (1, 2, 3, 4):
        desk.now = START + timedelta(days=days)
        desk.ingest.take(desk.item(old, 404), Skipped(Reason.NOT_FOUND), desk.site)
    with desk.store.reading() as corpus:
        article = corpus.articles.by_id(1)
    assert article is not None
    assert (article.missing_since, article.gone_since) == (None, None)


def test_who_reads_history_is_told_of_news_alone(desk: Desk) -> None:
    told = []
    for slug, days, second in (
        ("old", 31, "It holds the water back since the flood took the old one."),
        ("new", 29, "Masons from the next district set its last stone on Friday at noon."),
    ):
        lead, published = desk.lead(slug), START - timedelta(days=days)
        rules = (Rule(name="weirs", any=("weir",)),)
        since = START - timedelta(days=30)
        ingest = Ingest(desk.store, desk.run_id, rules, AGES, lambda: START, tells_since=since)
        paragraphs = (f"The weir of Cambodia is {slug}.", second)
        ingest.take(desk.item(lead), desk.draft(lead, paragraphs=paragraphs, published_at=published), desk.site)
        with desk.store.reading() as corpus:
            told.append((len(corpus.matches.newest(9)), corpus.outbox.waiting()))
    assert told == [(1, 0), (2, 1)]


def test_a_story_that_is_old_when_it_is_found_is_not_visited_again_and_again(desk: Desk) -> None:
    lead = desk.lead()
    desk.ingest.take(desk.item(lead), desk.draft(lead, published_at=START - timedelta(days=400)), desk.site)
    with desk.store.reading() as corpus:
        assert corpus.sources.next_due(desk.site.name) is None


def test_what_somebody_named_stays_wanted_when_it_could_not_be_fetched_at_once(desk: Desk) -> None:
    (lead,) = leads_for(desk.site, [f"{HOME}/weir"])
    with desk.store.transaction() as corpus:
        corpus.sources.sight((lead,), desk.run_id, desk.now)
    again = replace(lead, via="due", is_relevant=False)
    draft = desk.draft(again, paragraphs=("Nothing of the country.",))
    assert desk.ingest.take(desk.item(again), draft, desk.site) == Saved(1)
