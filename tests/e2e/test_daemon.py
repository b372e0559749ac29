"""The daemon: on schedule, once each, one child a source, and gone when it is told to go."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.child import Children
from app.child import Ended as ChildEnded
from core.model import Run
from core.owed import Reach
from storage.store import Store
from tests.e2e.places import CAMBODIA, OHCHR, POST, Begin, Build, Place
from tests.e2e.processes import Ended, Running, children_of, is_alive, until
from tests.e2e.servers import Postbox

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
    pytest.mark.timeout(420),
]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def events(running: Running) -> list[dict[str, Any]]:
    """Return what a daemon has logged so far."""
    whole_lines = running.err.read_text().rpartition("\n")[0].splitlines()
    return [json.loads(line) for line in whole_lines if line.startswith("{")]


def count(running: Running, event: str, **fields: object) -> int:
    return sum(one["event"] == event and fields.items() <= one.items() for one in events(running))


@contextmanager
def daemon(place: Place) -> Iterator[Running]:
    """Run a daemon for the block; it is killed if the block does not end it."""
    running = place.start("--log-format", "json", "daemon")
    try:
        until(lambda: count(running, "daemon.started"), running=running)
        yield running
    finally:
        running.send(signal.SIGKILL)


def runs_of(place: Place, source: str) -> list[Run]:
    """Return the scheduled runs of a source, oldest first."""
    with place.corpus() as corpus:
        return [run for run in reversed(corpus.runs.recent(500)) if run.source == source and run.trigger == "schedule"]


def digests_in(postbox: Postbox) -> list[str]:
    """Return the Message-IDs of the digests among what was mailed."""
    return [str(message["Message-ID"]) for message in postbox.arrived if "digest" in str(message["List-Id"])]


def scheduled(place: Place, **every: str) -> None:
    """Let sources be crawled that often (_ for - in their names), the others not at all."""
    sources = place.settings["sources"]
    named = {name.replace("_", "-"): often for name, often in every.items()}
    place.configure(
        sources={name: {**sources[name], "enabled": name in named, "every": named.get(name, "1h")} for name in sources},
        daemon={"deliver_every": "1s"},
    )


@dataclass(frozen=True)
class Worked:
    """A daemon that crawled every source twice or more, was told to stop while a crawl hung, and was started again."""

    place: Place
    log: list[dict[str, Any]]
    second: Ended
    status: dict[str, Any]
    ended: Ended
    seconds_to_end: float
    children: set[int]
    runs: dict[str, list[Run]]
    mails: list[str]
    digests: list[str]
    alerts: int
    restart_asked: dict[str, set[str]]


@dataclass(frozen=True)
class Hung:
    """A child whose crawl hangs, past its limit, and the next one."""

    first: ChildEnded
    second: ChildEnded
    runs: list[Run]
    held: int


@pytest.fixture(scope="module")
def scenario(begin: Begin) -> tuple[Worked, Hung]:
    postbox = Postbox()
    postbox.start()
    try:
        # The child that hangs does little but wait, so both are run at once.
        with begin() as build, ThreadPoolExecutor(1) as pool:
            hanging = pool.submit(run_hung, build())
            place = build(**postbox.settings, crawl={"request_timeout": "1h", "stop_grace": "3s", "processes": 1})
            return run_daemon(place, postbox), hanging.result()
    finally:
        postbox.stop()


@pytest.fixture(scope="module")
def worked(scenario: tuple[Worked, Hung]) -> Worked:
    return scenario[0]


@pytest.fixture(scope="module")
def hung(scenario: tuple[Worked, Hung]) -> Hung:
    return scenario[1]


def run_hung(place: Place) -> Hung:
    place.configure(crawl={"request_timeout": "1h"})
    place.replica.fault(CAMBODIA, "^/en/news/prison", "hang")
    children = Children(timedelta(seconds=1))
    arguments = ["crawl", CAMBODIA, "--trigger", "schedule"]
    config = place.folder / "config.yaml"
    for limit in (15, 60):  # on a slow machine it may not have come so far in the time that does elsewhere
        first = children.run(config, arguments, timedelta(seconds=limit))
        if any(entry.status == 0 for entry in place.replica.log):
            break
    place.replica.clear_faults()
    second = children.run(config, arguments, timedelta(seconds=60))
    return Hung(first, second, runs_of(place, CAMBODIA), len(place.articles))


def run_daemon(place: Place, postbox: Postbox) -> Worked:
    place.crawl(CAMBODIA)
    store = Store.open(place.database)
    with store.transaction() as corpus:
        # The last digest was sent long ago, of nothing: one is due as soon as the daemon starts.
        corpus.digests.open(Reach(), Reach(), LONG_AGO)
    store.close()
    # Shorter, and the one is crawled many times while it is waited for the other.
    scheduled(place, ohchr="4s", ohchr_cambodia="4s")
    sources = (OHCHR, CAMBODIA)
    with daemon(place) as running:
        second = place.tonle("daemon", "--no-wait")
        status = place.tonle("status", "--json").json
        until(lambda: all(count(running, "crawl.child_ended", source=source) > 1 for source in sources), 180, running)
        place.replica.fault(CAMBODIA, "/en/news", "hang")
        until(lambda: any(entry.status == 0 for entry in place.replica.log), running=running)
        children = children_of(running.pid, "crawl")
        asked_to_stop = datetime.now(UTC)
        running.send(signal.SIGTERM)
        ended = running.wait(40)
        seconds = (datetime.now(UTC) - asked_to_stop).total_seconds()
        log = events(running)
    return Worked(
        place=place,
        log=log,
        second=second,
        status=status,
        ended=ended,
        seconds_to_end=seconds,
        children={pid for pid in children if is_alive(pid)},
        runs={source: runs_of(place, source) for source in sources},
        mails=list(postbox.ids),
        digests=digests_in(postbox),
        alerts=place.alerts,
        restart_asked=restarted(place),
    )


def restarted(place: Place) -> dict[str, set[str]]:
    """Start the daemon again when only one source is due; return what was asked of each until that was crawled."""
    scheduled(place, ohchr="1h", ohchr_cambodia="1s")
    place.replica.clear_faults()
    place.replica.clear_log()
    with daemon(place) as running:
        until(lambda: count(running, "crawl.child_ended", source=CAMBODIA), running=running)
        running.send(signal.SIGTERM)
        assert running.wait(40).code == 0
    return {source: set(place.replica.requests(source)) for source in (OHCHR, CAMBODIA)}


def test_each_source_is_crawled_again_and_again(worked: Worked) -> None:
    for source, runs in worked.runs.items():
        assert len([run for run in runs if run.status == "finished"]) > 1, source
        assert {run.status for run in runs[:-1]} == {"finished"}, source


def test_there_are_never_two_crawls_of_one_source_at_once(worked: Worked) -> None:
    for runs in worked.runs.values():
        for earlier, later in pairwise(runs):
            assert earlier.finished_at
            assert earlier.finished_at <= later.started_at


def test_a_missed_digest_is_sent_once(worked: Worked) -> None:
    assert len(worked.digests) == 1


def test_every_alert_is_mailed_once(worked: Worked) -> None:
    assert worked.alerts > 5
    assert len(worked.mails) == len(set(worked.mails)) == worked.alerts + len(worked.digests)


def test_a_second_daemon_on_the_same_corpus_is_exit_code_6(worked: Worked) -> None:
    assert worked.second.code == 6
    assert worked.second.err.splitlines()[-1].startswith(
        "error: The daemon's work on this corpus is being done already"
    )


def test_status_tells_that_the_daemon_runs(worked: Worked) -> None:
    assert worked.status["daemon"] is True
    assert worked.place.tonle("status", "--json").json["daemon"] is False


def test_sigterm_ends_the_daemon_and_its_children_within_the_grace(worked: Worked) -> None:
    assert worked.ended.code == 0
    assert worked.seconds_to_end < 15
    assert worked.children == set()
    assert [entry["event"] for entry in worked.log if entry["event"].startswith("daemon.")] == [
        "daemon.started",
        "daemon.signalled",
        "daemon.stopping",
        "daemon.stopped",
    ]


def test_nothing_goes_wrong_in_the_daemons_log(worked: Worked) -> None:
    names = [entry["event"] for entry in worked.log]
    # After the signal children that were under way say that they were stopped.
    before = worked.log[: names.index("daemon.signalled")]
    assert [entry for entry in before if entry["level"] not in {"info", "debug"}] == []
    assert "Traceback" not in worked.ended.err


def test_a_restart_does_not_crawl_what_is_not_due(worked: Worked) -> None:
    assert worked.restart_asked[OHCHR] == set()
    assert worked.restart_asked[CAMBODIA]


def test_a_child_that_hangs_is_killed_after_limit_and_grace(hung: Hung) -> None:
    assert hung.first.timed_out
    assert hung.first.code == -signal.SIGKILL


def test_the_run_after_a_child_that_hung_works(hung: Hung) -> None:
    assert (hung.second.code, hung.second.timed_out) == (0, False)
    assert [run.status for run in hung.runs] == ["killed", "finished"]
    assert hung.held == 8


@pytest.mark.soak
@pytest.mark.timeout(420)
def test_five_minutes_of_crawls_digests_and_a_hanging_site(build: Build) -> None:
    postbox = Postbox()
    postbox.start()
    try:
        settings = {**postbox.settings, "digest": {**postbox.settings["digest"], "cron": "* * * * *"}}
        place = build(**settings, crawl={"request_timeout": "1h", "time_limit": "1s", "stop_grace": "1s"})
        scheduled(place, phnom_penh_post="20s", ohchr="20s", ohchr_cambodia="20s")
        place.replica.fault(CAMBODIA, "^/en/news/prison", "hang", times=1)
        until_then = datetime.now(UTC) + timedelta(minutes=5)
        with daemon(place) as running:
            for minute in range(1, 6):
                at = until_then - timedelta(minutes=5 - minute)
                until(lambda at=at: datetime.now(UTC) > at, 90, running)  # type: ignore[misc]
                place.replica.advance()
            running.send(signal.SIGTERM)
            assert running.wait(40).code == 0
        for source in (POST, OHCHR, CAMBODIA):
            runs = runs_of(place, source)
            assert len([run for run in runs if run.status == "finished"]) > 4
            assert all(first.finished_at and first.finished_at <= after.started_at for first, after in pairwise(runs))
        assert [run.status for run in runs_of(place, CAMBODIA)].count("killed") == 1
        assert len(postbox.ids) == len(set(postbox.ids))
        digests = digests_in(postbox)
        assert 3 <= len(digests) <= 6
        assert len(postbox.ids) == place.alerts + len(digests)
    finally:
        postbox.stop()
