"""How a child ended, in the record of its run: what was asked for is no failure, what came to no end is one."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.alarms.symptoms import looked
from app.child import Ended
from app.desk import Desk
from app.last_words import keep_last_words
from core.config import Config
from core.errors import CrawlError
from core.model import Run
from core.site import Site
from core.trouble import SOURCE, Subject
from storage.store import Store

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SAID = "error: post: stopped: stopped by a signal"


@pytest.fixture
def desk(tmp_path: Path, post: Site) -> Desk:
    config = Config(data=tmp_path)
    return Desk(tmp_path / "config.yaml", config, {post.name: post}, lambda: NOW)


def kept(desk: Desk, store: Store, ended: Ended, status: str = "stopped") -> Run:
    (source,) = desk.sites
    with store.transaction() as corpus:
        run_id = corpus.runs.start(source, "schedule", NOW - HOUR)
        corpus.runs.finish(run_id, status, NOW, "stopped by a signal" if status == "stopped" else "")
    keep_last_words(desk, store, source, ended, NOW - HOUR)
    with store.reading() as corpus:
        run = corpus.runs.by_id(run_id)
    assert run
    return run


def test_a_crawl_that_is_stopped_for_its_time_limit_has_failed_and_the_operator_is_told_why(
    desk: Desk, store: Store
) -> None:
    past_its_limit = Ended(CrawlError.exit_code, "", SAID, timed_out=True)
    for failures in (1, 2):
        run = kept(desk, store, past_its_limit)
        assert run.status == "failed"
        assert "longer than its time limit" in run.error
        with store.reading() as corpus:
            assert corpus.runs.failures(run.source) == failures
            symptom = looked(desk, corpus, {}, NOW).found[Subject(SOURCE, run.source)]
    assert symptom
    assert "longer than its time limit" in symptom.reasons[0]


def test_a_crawl_that_was_stopped_by_hand_or_with_the_daemon_keeps_its_end(desk: Desk, store: Store) -> None:
    by_hand = Ended(CrawlError.exit_code, "", SAID)
    with_the_daemon = Ended(CrawlError.exit_code, "", SAID, stopped=True)
    assert {kept(desk, store, ended).status for ended in (by_hand, with_the_daemon)} == {"stopped"}


def test_a_crawl_that_came_to_its_end_past_the_limit_has_finished(desk: Desk, store: Store) -> None:
    assert kept(desk, store, Ended(-signal.SIGKILL, "", "", timed_out=True), "finished").status == "finished"
