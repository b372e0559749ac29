"""A daemon's life: settings that change while it works, another that takes over, children that do not outlive it."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.places import CAMBODIA, OHCHR, Build, Place
from tests.e2e.processes import Running, children_of, is_alive, until

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
    pytest.mark.timeout(180),
]


def events(running: Running) -> list[dict[str, Any]]:
    whole_lines = running.err.read_text().rpartition("\n")[0].splitlines()
    return [json.loads(line) for line in whole_lines if line.startswith("{")]


def named(running: Running, event: str) -> list[dict[str, Any]]:
    return [one for one in events(running) if one["event"] == event]


def ends(running: Running) -> list[tuple[str, str]]:
    """Return how crawls ended, with the source of each."""
    known = {"crawl.child_ended", "crawl.child_failed", "crawl.child_stopped"}
    return [(each["event"], each["source"]) for each in events(running) if each["event"] in known]


@contextmanager
def daemon(place: Place) -> Iterator[Running]:
    running = place.start("--log-format", "json", "daemon")
    try:
        yield running
    finally:
        running.send(signal.SIGKILL)


def every(place: Place, **sources: str) -> None:
    settings = dict(place.settings["sources"])
    for name, known in settings.items():
        interval = sources.get(name.replace("-", "_"))
        settings[name] = known | ({"every": interval, "enabled": True} if interval else {"enabled": False})
    place.configure(sources=settings)


@pytest.fixture(scope="module")
def crawled(build_once: Build) -> Place:
    place = build_once()
    place.crawl(CAMBODIA)
    every(place, ohchr_cambodia="1d")
    return place


@pytest.fixture
def quiet(crawled: Place, tmp_path: Path) -> Place:
    """A place of which one source was crawled a moment ago, and is not due for a long time."""
    return crawled.copy(tmp_path / "place")


def test_changed_settings_are_taken_and_broken_ones_refused_while_it_works(quiet: Place) -> None:
    every(quiet, ohchr="1d")
    with daemon(quiet) as running:
        # What was never crawled is due at once, while the child that crawls it would still be loading the program.
        until(lambda: named(running, "daemon.started"), running=running)
        (quiet.folder / "config.yaml").write_text("sources: {ohchr: {evry: 1h}}\n")
        running.send(signal.SIGHUP)
        until(lambda: named(running, "config.refused"), running=running)
        assert "evry" in named(running, "config.refused")[0]["error"]
        told = quiet.tonle("config", "reload")
        assert (told.code, len(named(running, "config.refused"))) == (2, 1), "it is asked for nothing that is wrong"
        until(lambda: ends(running), 90, running)
        assert ends(running) == [("crawl.child_ended", OHCHR)], "the settings that are in force were handed to it"
        every(quiet, ohchr="1d", ohchr_cambodia="1s")
        assert quiet.tonle("config", "reload").code == 0
        until(lambda: len(ends(running)) > 1, 90, running)
        assert set(named(running, "config.reloaded")[0]["sources"]) == {OHCHR, CAMBODIA}
        assert ends(running)[1] == ("crawl.child_ended", CAMBODIA)
        running.send(signal.SIGTERM)
        assert running.wait(40).code == 0


def test_nobody_is_asked_to_reload_where_no_daemon_works(quiet: Place) -> None:
    told = quiet.tonle("config", "reload")
    assert told.code == 2
    assert "No daemon works this corpus" in told.err


def test_a_second_daemon_waits_and_takes_over_from_one_that_was_killed(quiet: Place) -> None:
    with daemon(quiet) as first, daemon(quiet) as second:
        until(lambda: named(first, "daemon.started") or named(second, "daemon.started"), running=first)
        leader, other = (first, second) if named(first, "daemon.started") else (second, first)
        until(lambda: named(other, "daemon.waiting"), running=other)
        assert named(other, "daemon.waiting")[0]["for_process"] == str(leader.pid)
        assert not named(other, "daemon.started")
        leader.send(signal.SIGKILL)
        until(lambda: named(other, "daemon.started"), 30, other)
        other.send(signal.SIGTERM)
        assert other.wait(40).code == 0


def test_one_that_waits_ends_when_it_is_told_to(quiet: Place) -> None:
    with daemon(quiet) as first:
        until(lambda: named(first, "daemon.started"), running=first)
        with daemon(quiet) as second:
            until(lambda: named(second, "daemon.waiting"), running=second)
            second.send(signal.SIGTERM)
            assert second.wait(20).code == 0


def test_a_crawl_whose_daemon_was_killed_ends_itself_and_keeps_what_it_has(build: Build) -> None:
    place = build()
    every(place, ohchr_cambodia="1d")
    place.settings["sources"][CAMBODIA]["delay"] = "1s"
    place.configure()
    with daemon(place) as running:
        until(lambda: place.database.exists() and place.articles, 90, running)
        children = children_of(running.pid, "crawl")
        assert children
        running.send(signal.SIGKILL)
        until(lambda: not any(is_alive(pid) for pid in children), 30)
    with place.corpus() as corpus:
        run = corpus.runs.last(CAMBODIA)
    assert run
    assert run.status == "stopped"
    assert place.articles
