"""What doctor says of the daemon's work and of the outbox, by the corpus alone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.alarms.symptoms import SELDOM, of_machine
from app.desk import Desk
from app.doctor import holdings
from app.doctor.examining import CHECKS, examine
from app.doctor.finding import Check, Level, Patient
from core.config import Config, SourceSettings
from core.site import Site
from core.trouble import Subject
from storage.lock import held
from storage.store import Store

FRIDAY = datetime(2026, 7, 10, 1, 0, tzinfo=UTC)  # 08:00 in Phnom Penh
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path, post: Site) -> Desk:
    return Desk(tmp_path / "config.yaml", Config(data=tmp_path), {"post": post.model_copy(update={"name": "post"})})


@pytest.fixture
def working(desk: Desk) -> Iterator[None]:
    with held(desk.lock("daemon"), "the daemon"):
        yield


def crawled(store: Store, at: datetime, status: str = "finished") -> None:
    with store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start("post", "schedule", at), status, at)


def said(desk: Desk, now: datetime, check: Check = holdings.daemon) -> str:
    patient = Patient(replace(desk, clock=lambda: now))
    return " ".join(finding.says for finding in check(patient))


@pytest.mark.usefixtures("working")
def test_a_source_that_is_left_alone_for_failing_does_not_wait(store: Store, desk: Desk) -> None:
    for number in range(8):
        crawled(store, FRIDAY + number * HOUR, "failed")
    last = FRIDAY + 7 * HOUR
    assert "no source waits" in said(desk, last + DAY)
    assert "has not crawled post" in said(desk, last + DAY + HOUR)


@pytest.mark.usefixtures("working")
def test_a_source_of_working_days_does_not_wait_at_the_weekend(store: Store, desk: Desk) -> None:
    config = desk.config.model_copy(update={"sources": {"post": SourceSettings(cron="0 8 * * 1-5")}})
    crawled(store, FRIDAY)
    assert "no source waits" in said(replace(desk, config=config), FRIDAY + 2 * DAY + HOUR)
    assert "has not crawled post" in said(replace(desk, config=config), FRIDAY + 4 * DAY + HOUR)
    assert "has not crawled post" in said(desk, FRIDAY + 3 * HOUR)


def test_messages_that_are_stuck_are_found_behind_any_number_of_newer_ones(store: Store, desk: Desk) -> None:
    with store.transaction() as corpus:
        for number in range(3):
            corpus.outbox.owe("digest", number, f"digest:{number}", FRIDAY)
        for claimed in corpus.outbox.claim(FRIDAY, HOUR, 2):
            corpus.outbox.postponed(claimed.id, f"451 later {claimed.ref}", FRIDAY + DAY)
        for number in range(3, 1005):
            corpus.outbox.owe("digest", number, f"digest:{number}", FRIDAY + HOUR)
    assert said(desk, FRIDAY + 5 * HOUR, holdings.outbox) == "1,005 messages waiting, none given up."
    stuck = "2 messages could not be handed over for 6 hours: 451 later 0"
    assert said(desk, FRIDAY + 8 * HOUR, holdings.outbox) == stuck


def test_a_corpus_that_is_locked_is_not_called_damaged(desk: Desk, empty_corpus: Path) -> None:
    desk.config.corpus.write_bytes(empty_corpus.read_bytes())
    with closing(sqlite3.connect(desk.config.corpus)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        ((_, found),) = examine(Patient(desk), checks={"database": CHECKS["database"]})
        assert found.level is Level.LOOK
        assert "is locked by another process" in found.says
        assert Subject("database") not in of_machine(desk, SELDOM), "nobody knows"
    assert of_machine(desk, SELDOM)[Subject("database")] is None
