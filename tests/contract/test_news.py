"""What messages ask of the corpus beside the articles."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.model import Capture, CopyAddress, Draft
from core.owed import Reach
from storage.store import Store

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
DAY = timedelta(days=1)
DRAFT = Draft("post", "https://www.example.org/a", "a", "Headline", ("A text.",))


def capture(number: int, days: int) -> Capture:
    return Capture("a.warc.gz", number, 9, f"sha1:{number}", NOW + days * DAY)


def test_states_are_given_by_article_and_number_and_what_is_not_there_is_left_out(store: Store) -> None:
    with store.transaction() as corpus:
        one = corpus.articles.add(DRAFT, "t", "c", NOW, NOW)
        corpus.articles.revise(one, replace(DRAFT, title="Other"), "t", "d", NOW + DAY, is_correction=True)
    with store.reading() as corpus:
        found = corpus.news.states([(one, 1), (one, 2), (one, 3), (9, 1)])
        assert {named: (state.title, state.is_correction) for named, state in found.items()} == {
            (one, 1): ("Headline", False),
            (one, 2): ("Other", True),
        }
        assert tuple(found.values()) == corpus.articles.revisions(one)
        assert corpus.news.states([]) == {}


def test_copies_are_given_by_their_own_ids_and_dropped_ones_are_left_out(store: Store) -> None:
    with store.transaction() as corpus:
        one = corpus.articles.add(DRAFT, "t", "c", NOW, NOW)
        copies = [CopyAddress("ohchr", f"https://www.example.org/{name}", NOW) for name in "xy"]
        for copy in copies:
            corpus.articles.add_copy(one, copy)
        numbers = [change.number for change in corpus.changes.between(0, 9)]
        corpus.articles.drop_copy(one, "ohchr", copies[0].url)
        assert corpus.news.copies(numbers) == {numbers[1]: (one, copies[1])}


def test_an_archived_page_is_that_of_the_newest_revision(store: Store) -> None:
    with store.transaction() as corpus:
        one = corpus.articles.add(DRAFT, "t", "c", NOW, NOW, capture(1, 0))
        two = corpus.articles.add(replace(DRAFT, key="b"), "u", "d", NOW, NOW)
        newer = replace(DRAFT, url="https://www.example.org/moved")
        corpus.articles.revise(one, newer, "v", "e", NOW + DAY, capture=capture(2, 1))
        assert corpus.news.archived([one, two]) == {one: ("https://www.example.org/moved", NOW + DAY)}


def test_dates_are_those_of_the_newest_articles_of_a_source_latest_first(store: Store) -> None:
    with store.transaction() as corpus:
        for days in (3, 1, None, 5):
            published = None if days is None else NOW - days * DAY
            draft = replace(DRAFT, key=str(days), published_at=published)
            corpus.articles.add(draft, str(days), str(days), NOW, NOW)
        corpus.articles.add(replace(DRAFT, source="ohchr"), "z", "z", NOW, NOW)
        assert corpus.news.dates("post", 3) == (NOW, NOW - DAY, NOW - 3 * DAY)


def test_runs_are_counted_by_how_they_ended_from_a_time_on(store: Store) -> None:
    with store.transaction() as corpus:
        for source, status, days in (
            ("post", "finished", 0),
            ("post", "failed", 0),
            ("post", "failed", -2),
            ("a", "killed", 0),
        ):
            corpus.runs.finish(corpus.runs.start(source, "schedule", NOW), status, NOW + days * DAY)
        corpus.runs.start("post", "schedule", NOW)
        assert corpus.news.ended(NOW - DAY) == {"post": {"finished": 1, "failed": 1}, "a": {"killed": 1}}


def test_when_a_stretch_was_told_of_is_when_the_newest_digest_was_made_that_ended_there(store: Store) -> None:
    end = Reach(4, 1, 2)
    with store.transaction() as corpus:
        corpus.digests.open(Reach(), end, NOW, None, "anna")
        corpus.digests.open(Reach(), end, NOW + DAY, None, "ben")
        corpus.digests.open(end, Reach(5, 1, 2), NOW + 2 * DAY)
        assert corpus.news.told_at(end) == NOW + DAY
        assert corpus.news.told_at(Reach(4, 1, 1)) is None
