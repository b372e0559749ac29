"""A source that is late because tonle was away is no alarm; one that is late while tonle works is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.alarms.attendance import Attendance
from app.child import Children
from app.desk import Desk
from app.jobs import Jobs
from core.config import Config, OperatorSettings
from core.site import Site
from storage.store import Store

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass
class Daemon:
    """The jobs of a daemon that looks at its sources every 13 hours, by a clock that is set by hand."""

    desk: Desk
    store: Store
    now: datetime = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)

    def start(self) -> None:
        desk = replace(self.desk, clock=lambda: self.now)
        self.jobs = Jobs(desk, self.store, Children(HOUR))

    def look(self, after: timedelta) -> None:
        self.now += after
        self.jobs.watch()

    def crawled(self, error: str = "") -> None:
        with self.store.transaction() as corpus:
            run = corpus.runs.start("post", "schedule", self.now)
            corpus.runs.finish(run, "failed" if error else "finished", self.now, error)
        self.jobs._looks("post")


@pytest.fixture
def daemon(tmp_path: Path, store: Store, post: Site) -> Callable[[], Daemon]:
    def made() -> Daemon:
        source = post.model_copy(update={"name": "post"})
        operator = OperatorSettings.model_validate({"every": "13h"})
        config = Config(data=tmp_path, operator=operator)
        found = Daemon(Desk(tmp_path / "config.yaml", config, {"post": source}), store)
        found.start()
        found.crawled()
        return found

    return made


def opened(here: Daemon) -> list[str]:
    """Return what is wrong with the source; that it never brought anything is true, and not asked here."""
    with here.store.reading() as corpus:
        return [each.cause for each in corpus.troubles.open() if each.subject.name and each.cause != "silent"]


def test_after_downtime_no_source_is_late_before_it_could_be_crawled(daemon: Callable[[], Daemon]) -> None:
    here = daemon()
    here.now += 5 * DAY
    here.start()
    here.jobs.watch()
    assert opened(here) == []
    here.crawled("no listing could be read: host-unknown (a.test)")
    assert opened(here) == [], "the network is not up yet when a machine wakes"
    here.crawled()
    here.look(HOUR)
    assert opened(here) == []


def test_a_daemon_that_slept_and_was_not_told_excuses_its_sources_too(daemon: Callable[[], Daemon]) -> None:
    here = daemon()
    here.look(13 * HOUR)
    here.look(2 * DAY)
    assert opened(here) == []


def test_a_source_that_is_not_crawled_while_the_daemon_works_is_late(daemon: Callable[[], Daemon]) -> None:
    here = daemon()
    here.look(13 * HOUR)
    here.look(13 * HOUR)
    assert opened(here) == []
    here.look(HOUR)
    assert opened(here) == ["late"]
    # A daemon that is started anew knows nothing better: it is no end of it.
    here.start()
    here.look(HOUR)
    here.look(HOUR)
    assert opened(here) == ["late"]
    here.crawled()
    here.look(2 * HOUR)
    assert opened(here) == []


def test_attendance_ends_with_a_break_and_with_another_clock() -> None:
    now = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    seen = Attendance()
    assert seen.noted(now, 10 * MINUTE) == now
    assert seen.noted(now + HOUR, 10 * MINUTE) == now, "a short sleep makes nobody late"
    assert seen.noted(now + 3 * HOUR, 10 * MINUTE) == now + 3 * HOUR
    assert seen.noted(now - DAY, 10 * MINUTE) == now - DAY
    assert seen.noted(now + DAY, DAY) == now - DAY, "who looks once a day is no sleeper"
