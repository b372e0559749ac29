"""What is known of a source is read from the corpus: since when it is crawled, and when it was not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.desk import Desk
from app.judged import Judgement, State, history_of, judged
from core.config import Config
from core.model import Draft, Reason, Skipped
from core.site import Site
from storage.store import Store

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path, post: Site) -> Desk:
    return Desk(tmp_path / "config.yaml", Config(data=tmp_path), {"post": post.model_copy(update={"name": "post"})})


def crawled(store: Store, *ends: datetime) -> int:
    """Record good crawls; return the last one."""
    with store.transaction() as corpus:
        for end in ends:
            run = corpus.runs.start("post", "schedule", end - HOUR / 60)
            corpus.runs.finish(run, "finished", end)
    return run


def published(store: Store, *dates: datetime) -> None:
    with store.transaction() as corpus:
        for number, date in enumerate(dates):
            draft = Draft("post", f"https://a.test/{number}", str(number), f"Headline {number}", (f"Text {number}.",))
            corpus.articles.add(replace(draft, published_at=date), f"t{number}", f"c{number}", NOW, NOW)


def stands(store: Store, desk: Desk) -> Judgement:
    with store.reading() as corpus:
        return judged(history_of(desk, corpus, "post", NOW), NOW)


def test_a_source_crawled_each_hour_that_never_brought_anything_is_silent_after_a_day(store: Store, desk: Desk) -> None:
    crawled(store, *(NOW - hours * HOUR for hours in range(24, -1, -1)))
    assert stands(store, desk).cause == ""
    with store.reading() as corpus:
        assert judged(history_of(desk, corpus, "post", NOW + HOUR), NOW + HOUR).cause == "silent"


def test_an_outage_of_tonle_s_own_is_no_pace_of_the_source(store: Store, desk: Desk) -> None:
    published(store, *(NOW - days * DAY for days in (10, 11, 12, 72, 73, 74, 75)))
    crawled(store, *(NOW - days * DAY for days in range(80, 71, -1)), *(NOW - days * DAY for days in range(12, -1, -1)))
    assert stands(store, desk).cause == "silent"
    crawled(store, *(NOW - days * DAY for days in range(71, 12, -1)), NOW)
    assert stands(store, desk).cause == "", "crawled all the time, and it rested for sixty days"


def test_far_fewer_articles_after_an_outage_are_no_trouble(store: Store, desk: Desk) -> None:
    published(store, NOW - HOUR, *(NOW - 8 * DAY - number * 8 * HOUR for number in range(140)))
    crawled(store, NOW - 20 * DAY, NOW - 2 * HOUR)
    assert stands(store, desk).cause == ""
    crawled(store, *(NOW - days * DAY for days in range(20, -1, -1)))
    assert stands(store, desk).cause == "fewer"


def test_who_refuses_pages_refuses_them_while_none_is_asked_for(store: Store, desk: Desk) -> None:
    run = crawled(store, NOW - 2 * HOUR)
    with store.transaction() as corpus:
        corpus.runs.record(run, "https://a.test/1", Skipped(Reason.FORBIDDEN), NOW)
    crawled(store, NOW - HOUR)
    assert stands(store, desk).cause == "forbidden"


def part(store: Store, end: datetime, error: str = "", skipped: Reason | None = None) -> None:
    """Record a crawl of an address alone, by hand."""
    with store.transaction() as corpus:
        run = corpus.runs.start("post", "part", end - HOUR / 60)
        if skipped:
            corpus.runs.record(run, "https://a.test/gone", Skipped(skipped), end)
        corpus.runs.finish(run, "failed" if error else "finished", end, error)


def test_a_crawl_of_a_part_by_hand_says_nothing_of_its_source(store: Store, desk: Desk) -> None:
    crawled(store, *(NOW - hours * HOUR for hours in range(5, 0, -1)))
    before = stands(store, desk)
    part(store, NOW - HOUR / 2, skipped=Reason.FORBIDDEN)
    part(store, NOW - HOUR / 3, error="interrupted")
    part(store, NOW - HOUR / 4, error="interrupted")
    assert stands(store, desk) == before
    with store.transaction() as corpus:
        for _ in range(2):
            corpus.runs.finish(corpus.runs.start("post", "schedule", NOW - HOUR / 5), "failed", NOW, "no answer")
    part(store, NOW)
    assert stands(store, desk).state is State.BROKEN, "an address that can be read does not mend the rest"


def test_a_source_that_was_crawled_in_parts_alone_is_judged_by_these(store: Store, desk: Desk) -> None:
    part(store, NOW - HOUR)
    assert stands(store, desk).state is State.QUIET
    for minutes in (2, 1):
        part(store, NOW - minutes * HOUR / 60, error="no answer")
    assert stands(store, desk).state is State.BROKEN
