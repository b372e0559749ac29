"""One story, whichever way it comes: imported and crawled, behind a redirect, as a copy."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.model import Copy, Draft, Lead, Reason, Revised, Saved, Skipped, Unchanged
from pipelines.ingest import IMPORT, TEXT, Ingest
from storage.store import Store

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
URL = "https://www.phnompenhpost.com/national/dry-wells"
DRAFT = Draft(
    source="phnom-penh-post",
    url=URL,
    key="dry-wells",
    title="Wells run dry",
    paragraphs=("The well in Ta Prok has run dry and the women walk to the quarry at four.",),
    authors=("Keo Rathana",),
    published_at=NOW - timedelta(days=2),
)
TYPED = replace(
    DRAFT, source="imported", url="file:///notes/page.txt", key=f"{TEXT}1", title="", authors=(), published_at=None
)


def lead_to(draft: Draft, via: str = "section") -> Lead:
    return Lead(draft.source, draft.url, draft.key, via)


@pytest.fixture
def ingest(store: Store) -> Ingest:
    with store.transaction() as corpus:
        run_id = corpus.runs.start("phnom-penh-post", "manual", NOW)
    return Ingest(store, run_id, (), (timedelta(hours=1),), lambda: NOW)


def test_the_page_of_an_imported_text_takes_the_article_over(store: Store, ingest: Ingest) -> None:
    assert ingest.keep(TYPED, lead_to(TYPED, IMPORT), NOW) == Saved(1)
    assert ingest.keep(DRAFT, lead_to(DRAFT), NOW) == Revised(1, 2)
    assert ingest.keep(DRAFT, lead_to(DRAFT), NOW) == Unchanged(1)
    with store.reading() as corpus:
        (article,) = corpus.articles.newest(10)
    assert (article.source, article.url, article.authors) == (DRAFT.source, URL, DRAFT.authors)
    assert article.published_at == DRAFT.published_at


def test_an_imported_text_of_a_crawled_article_is_a_copy(ingest: Ingest) -> None:
    ingest.keep(DRAFT, lead_to(DRAFT), NOW)
    assert ingest.keep(TYPED, lead_to(TYPED, IMPORT), NOW) == Copy(1)


def test_a_page_saved_before_the_text_that_is_held_does_not_replace_it(store: Store, ingest: Ingest) -> None:
    ingest.keep(DRAFT, lead_to(DRAFT), NOW)
    older = replace(DRAFT, paragraphs=("What it said at first was wrong, and was put right later on the day.",))
    outcome = ingest.keep(older, lead_to(older, IMPORT), NOW - timedelta(days=1))
    assert isinstance(outcome, Skipped)
    assert outcome.reason is Reason.OUTDATED
    assert ingest.keep(older, lead_to(older, IMPORT), NOW + timedelta(days=1)) == Revised(1, 2)
    with store.reading() as corpus:
        assert [revision.text for revision in corpus.articles.revisions(1)] == [DRAFT.text, older.text]


def test_a_crawled_page_counts_even_if_the_clock_was_set_back(ingest: Ingest) -> None:
    ingest.keep(DRAFT, lead_to(DRAFT), NOW)
    edited = replace(DRAFT, title="Wells run dry again")
    assert ingest.keep(edited, lead_to(edited), NOW - timedelta(hours=1)) == Revised(1, 2)


def test_a_withdrawal_behind_a_redirect_is_noticed(store: Store, ingest: Ingest) -> None:
    old = Lead(DRAFT.source, "https://www.phnompenhpost.com/national/old-slug", "old-slug", "section")
    ingest.keep(DRAFT, old, NOW)
    ingest.keep(Skipped(Reason.NOT_FOUND), old, NOW)
    with store.reading() as corpus:
        (article,) = corpus.articles.newest(10)
    assert article.missing_since == NOW


def test_the_withdrawal_of_a_copy_leaves_the_article_standing(store: Store, ingest: Ingest) -> None:
    ingest.keep(DRAFT, lead_to(DRAFT), NOW)
    other = replace(
        DRAFT, source="ohchr-cambodia", url="https://cambodia.ohchr.org/en/news/wells", key="/en/news/wells"
    )
    assert ingest.keep(other, lead_to(other), NOW) == Copy(1)
    ingest.keep(Skipped(Reason.GONE), lead_to(other), NOW)
    with store.reading() as corpus:
        (article,) = corpus.articles.newest(10)
    assert article.missing_since is None


COPY = replace(DRAFT, source="ohchr-cambodia", url="https://cambodia.ohchr.org/en/news/wells", key="/en/news/wells")
SECOND = replace(DRAFT, url="https://www.phnompenhpost.com/lifestyle/wells", key="wells")
EDITED = ("The well in Ta Prok has run dry and the women walk to the quarry at five.",)


def test_an_edited_copy_of_the_same_source_is_a_revision_of_the_one_story(store: Store, ingest: Ingest) -> None:
    ingest.keep(DRAFT, lead_to(DRAFT), NOW)
    ingest.keep(SECOND, lead_to(SECOND), NOW)
    assert ingest.keep(replace(SECOND, paragraphs=EDITED, title="Dry wells"), lead_to(SECOND), NOW) == Revised(1, 2)
    with store.reading() as corpus:
        (article,) = corpus.articles.newest(10)
        revisions = corpus.articles.revisions(1)
    assert (article.url, article.title, article.text) == (URL, DRAFT.title, EDITED[0])
    assert [revision.url for revision in revisions] == [URL, SECOND.url]
    assert ingest.keep(replace(DRAFT, paragraphs=EDITED), lead_to(DRAFT), NOW) == Unchanged(1)


def test_an_original_that_does_not_follow_its_edited_copy_goes_back_once(ingest: Ingest) -> None:
    edited = replace(SECOND, paragraphs=EDITED)
    for draft in (DRAFT, SECOND, edited):
        ingest.keep(draft, lead_to(draft), NOW)
    assert ingest.keep(DRAFT, lead_to(DRAFT), NOW) == Revised(1, 3)
    for _ in range(2):
        assert ingest.keep(edited, lead_to(SECOND), NOW) == Copy(1)
        assert ingest.keep(DRAFT, lead_to(DRAFT), NOW) == Unchanged(1)


def test_a_copy_that_another_outlet_edits_becomes_a_version_of_the_story(store: Store, ingest: Ingest) -> None:
    ingest.keep(DRAFT, lead_to(DRAFT), NOW)
    ingest.keep(COPY, lead_to(COPY), NOW)
    edited = replace(COPY, paragraphs=EDITED)
    assert ingest.keep(edited, lead_to(COPY), NOW) == Saved(2)
    with store.reading() as corpus:
        original, story = corpus.articles.by_id(1), corpus.stories.of(2)
    assert original
    assert (original.text, original.copies) == (DRAFT.text, ())
    assert story
    assert (story.members, story.representative_id) == ((1, 2), 1)


def test_another_story_at_the_address_of_a_copy_is_a_story_of_its_own(ingest: Ingest) -> None:
    ingest.keep(DRAFT, lead_to(DRAFT), NOW)
    ingest.keep(COPY, lead_to(COPY), NOW)
    other = replace(
        COPY, paragraphs=("Judges from nine provinces met in the capital to hear how complaints are kept.",)
    )
    assert ingest.keep(other, lead_to(COPY), NOW) == Saved(2)


def test_two_headlines_over_one_line_that_points_elsewhere_are_two_stories(ingest: Ingest) -> None:
    line = ("Read the full news release here.",)
    one = replace(DRAFT, paragraphs=line)
    two = replace(DRAFT, paragraphs=line, key="floods", url=URL + "-and-floods", title="Floods come early")
    assert ingest.keep(one, lead_to(one), NOW) == Saved(1)
    assert ingest.keep(two, lead_to(two), NOW) == Saved(2)
