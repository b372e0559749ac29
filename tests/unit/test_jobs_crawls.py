"""Crawls as jobs of the daemon: so many at once, not all in one moment, and none lost that was cut off or sent away."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Thread

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from structlog.testing import capture_logs

from app.child import Children, Ended
from app.desk import Desk
from app.jobs import Jobs
from core.config import Config, DaemonSettings, OperatorSettings
from core.errors import AlreadyRunningError
from core.site import Site
from notify.life import owe_heartbeat
from storage.lock import held
from storage.store import Store

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NAMES = tuple(f"source-{number}" for number in range(12))
WELL = Ended(0, "", "")


@dataclass(slots=True)
class Scripted(Children):
    """Children that are no processes, and end as they are told."""

    grace: timedelta = HOUR
    end: Ended = WELL
    meanwhile: Callable[[], object] = lambda: None
    asked: list[Sequence[str]] = field(default_factory=list)

    def run(self, config: Path, arguments: Sequence[str], limit: timedelta, told: str = "") -> Ended:
        del config, limit, told
        self.asked.append(arguments)
        self.meanwhile()
        return self.end


@pytest.fixture
def desk(tmp_path: Path, post: Site) -> Desk:
    daemon = DaemonSettings.model_validate({"every": DAY, "jitter": timedelta(0), "at_once": 3})
    config = Config(data=tmp_path, daemon=daemon)
    return Desk(tmp_path / "config.yaml", config, {NAMES[0]: post}, lambda: NOW)


def ran(store: Store, ago: timedelta, status: str = "finished", trigger: str = "schedule") -> None:
    with store.transaction() as corpus:
        run_id = corpus.runs.start(NAMES[0], trigger, NOW - ago)
        if status != "running":
            corpus.runs.finish(run_id, status, NOW - ago)


def due(jobs: Jobs) -> dict[str, timedelta]:
    """Return in what time each source is crawled."""
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start(paused=True)
    try:
        jobs.put_into(scheduler)
        found = {job.id: job.next_run_time - NOW for job in scheduler.get_jobs()}
    finally:
        scheduler.shutdown()
    return {name.removeprefix("crawl:"): wait for name, wait in found.items() if name.startswith("crawl:")}


@pytest.mark.parametrize("status", ["killed", "stopped", "running"])
def test_a_crawl_that_was_cut_off_is_made_up_for_soon_after_a_start(desk: Desk, store: Store, status: str) -> None:
    ran(store, HOUR, status)
    assert due(Jobs(desk, store, Scripted())) == {NAMES[0]: 5 * MINUTE}


@pytest.mark.parametrize("status", ["finished", "failed"])
def test_a_crawl_that_came_to_its_end_counts(desk: Desk, store: Store, status: str) -> None:
    ran(store, HOUR, status)
    assert due(Jobs(desk, store, Scripted())) == {NAMES[0]: DAY - HOUR}


def test_a_crawl_that_is_under_way_is_not_cut_off(desk: Desk, store: Store) -> None:
    children = Scripted()
    ran(store, HOUR, "running")
    with children.turns.turn(NAMES[0]):
        assert due(Jobs(desk, store, children)) == {NAMES[0]: DAY - HOUR}
    ran(store, HOUR, "running", "manual")
    with held(desk.lock(NAMES[0]), "a crawl by hand"):
        assert due(Jobs(desk, store, children)) == {NAMES[0]: DAY - HOUR}


def test_one_that_is_killed_again_and_again_is_left_alone_all_the_same(desk: Desk, store: Store) -> None:
    children = Scripted()
    ran(store, DAY, "killed")
    ran(store, HOUR, "killed")
    Jobs(desk, store, children).crawl(NAMES[0])
    assert children.asked == []


def test_a_crawl_of_a_part_by_hand_is_no_crawl_of_the_day_and_mends_no_failures(desk: Desk, store: Store) -> None:
    for ago in (3 * DAY, 2 * DAY):
        ran(store, ago, "failed")
    ran(store, HOUR, "finished", "part")
    assert due(Jobs(desk, store, Scripted())) == {NAMES[0]: timedelta(0)}
    with store.reading() as corpus:
        assert corpus.runs.failures(NAMES[0]) == 2
    ran(store, HOUR, "finished", "manual")
    assert due(Jobs(desk, store, Scripted())) == {NAMES[0]: DAY - HOUR}
    with store.reading() as corpus:
        assert corpus.runs.failures(NAMES[0]) == 0


def test_a_source_that_is_being_crawled_by_hand_is_tried_again_soon(desk: Desk, store: Store) -> None:
    children = Scripted(end=Ended(AlreadyRunningError.exit_code, "", "error: is being done already"))
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start(paused=True)
    try:
        Jobs(desk, store, children).put_into(scheduler)
        job = scheduler.get_job(f"crawl:{NAMES[0]}")
        for due_otherwise, then in ((DAY, 5 * MINUTE), (MINUTE, MINUTE)):
            job.modify(next_run_time=NOW + due_otherwise)
            with capture_logs() as logs:
                job.func(*job.args)
            assert [entry["event"] for entry in logs] == ["crawl.child_started", "crawl.put_off"]
            assert job.next_run_time == NOW + then
    finally:
        scheduler.shutdown()
    with store.reading() as corpus:
        assert corpus.runs.last(NAMES[0]) is None


def test_what_a_child_found_is_sent_when_it_has_ended_and_by_the_daemon(desk: Desk, store: Store) -> None:
    settings = desk.config.model_copy(update={"operator": OperatorSettings(channel="file", heartbeat="08:00")})
    desk = replace(desk, config=settings)

    def owe() -> None:
        with store.transaction() as corpus:
            owe_heartbeat(corpus, settings, NOW)

    children = Scripted(meanwhile=owe)
    jobs = Jobs(desk, store, children)
    jobs.crawl(NAMES[0])
    assert "--no-deliver" in children.asked[0]
    with store.reading() as corpus:
        assert [each.kind for each in corpus.outbox.listed("sent", 9)] == ["heartbeat"]


def test_a_daemon_that_stops_begins_no_crawl_and_no_message(desk: Desk, store: Store) -> None:
    settings = desk.config.model_copy(update={"operator": OperatorSettings(channel="file", heartbeat="08:00")})
    desk = replace(desk, config=settings)
    with store.transaction() as corpus:
        owe_heartbeat(corpus, settings, NOW)
    children = Scripted()
    children.stop()
    jobs = Jobs(desk, store, children)
    jobs.crawl(NAMES[0])
    jobs.deliver()
    assert children.asked == []
    with store.reading() as corpus:
        assert corpus.outbox.waiting() == 1


def test_what_is_due_at_a_start_is_scattered_but_for_the_first(desk: Desk, store: Store, post: Site) -> None:
    daemon = desk.config.daemon.model_copy(update={"jitter": timedelta(seconds=30)})
    config = desk.config.model_copy(update={"daemon": daemon})
    desk = replace(desk, config=config, sites=dict.fromkeys(NAMES, post))
    ran(store, HOUR)
    waits = due(Jobs(desk, store, Scripted(), Random(7)))
    assert waits.pop(NAMES[0]) >= DAY - HOUR
    assert waits.pop(NAMES[1]) == timedelta(0)
    assert len(set(waits.values())) == len(waits)
    assert timedelta(0) < min(waits.values())
    assert timedelta(seconds=15) < max(waits.values()) <= timedelta(seconds=30)


def test_as_many_crawls_run_at_once_as_the_settings_say(desk: Desk, store: Store, post: Site) -> None:
    children = Scripted()
    jobs = Jobs(replace(desk, sites=dict.fromkeys(NAMES, post)), store, children)
    due(jobs)
    waiting = Thread(target=jobs.crawl, args=(NAMES[3],))
    with ExitStack() as stack:
        for name in NAMES[:3]:
            assert stack.enter_context(children.turns.turn(name))
        waiting.start()
        while waiting.is_alive() and not children.turns.has(NAMES[3]):
            pass
        children.stop()
        waiting.join(30)
    assert (waiting.is_alive(), children.asked) == (False, [])
