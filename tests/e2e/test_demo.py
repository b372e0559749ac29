"""`tonle demo`: everything at work on replicas in a process of their own."""

import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.places import Begin, Place
from tests.e2e.processes import Ended, Running, Starter, children_of, is_alive, until

pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
    pytest.mark.timeout(420),
]


@dataclass(frozen=True)
class Demos:
    """A demo that was killed in its first crawl, and another in the same folder; what was left of each."""

    folder: Path
    killed: Ended
    orphans: set[int]
    whole: Ended
    replicas: set[int]


@pytest.fixture(scope="module")
def demos(begin: Begin) -> Demos:
    with begin() as build:
        place = build()
        killed, orphans = run_killed(place)
        running = started(place)
        replicas = children_of(running.pid, "replica")
        whole = running.wait(200)
        return Demos(place.folder, killed, orphans, whole, set(filter(is_alive, replicas)))


def started(place: Place) -> Running:
    running = place.starter.start(["demo", "--folder", "shown"], place.folder)
    until(lambda: children_of(running.pid, "replica"), running=running)
    return running


def run_killed(place: Place) -> tuple[Ended, set[int]]:
    """Kill a demo while it crawls; return how it ended, and which of its processes live a while later."""
    running = started(place)
    until(lambda: children_of(running.pid, "crawl"), running=running)
    children = children_of(running.pid, "replica") | children_of(running.pid, "crawl")
    running.send(signal.SIGKILL)
    killed = running.wait()
    with suppress(AssertionError):
        until(lambda: not any(map(is_alive, children)), timeout=60)
    return killed, set(filter(is_alive, children))


def shown_paths(demos: Demos) -> list[Path]:
    """Return the paths that the demo names, from the folder that it was called in."""
    below = demos.whole.out.partition("Look at")[2].partition("Try")[0]
    lines = [line.split() for line in below.splitlines() if line.strip()]
    return [Path(line[-1]) for line in lines]


def test_the_demo_ends_well_and_says_nothing_on_standard_error(demos: Demos) -> None:
    assert (demos.whole.code, demos.whole.err) == (0, "")


def test_the_demo_shows_both_crawls_what_changed_and_the_alerts(demos: Demos) -> None:
    out = demos.whole.out
    pieces = ["First crawl", "Phnom Penh Post", "OHCHR Cambodia", "Meanwhile the sites changed"]
    pieces += ["3 published, 3 edited, 1 withdrawn", "Second crawl", "Alerts that fired", "Look at", "Try"]
    places = [out.find(piece) for piece in pieces]
    assert -1 not in places, pieces[places.index(-1)]
    assert places[0] < places[3] < places[5] < places[6] < places[7]


def test_the_paths_that_the_demo_names_exist(demos: Demos) -> None:
    paths = shown_paths(demos)
    assert len(paths) >= 4
    for path in paths:
        assert path.parts[0] == "shown"
        kept = demos.folder / path
        assert kept.exists(), path
        assert kept.is_dir() or kept.stat().st_size > 0


def test_the_commands_that_the_demo_names_work(demos: Demos, starter: Starter) -> None:
    commands = [
        line.split("tonle ", 1)[1] for line in demos.whole.out.partition("Try")[2].splitlines() if "tonle " in line
    ]
    assert len(commands) >= 3
    for command in commands:
        args = [part.strip("'") for part in command.split()]
        ended = starter.start(args, demos.folder).wait()
        assert (ended.code, ended.err) == (0, ""), command
        assert ended.out


def test_the_demo_runs_again_in_its_own_folder_whatever_became_of_the_last_one(demos: Demos) -> None:
    assert demos.killed.code == -signal.SIGKILL
    assert demos.whole.code == 0


def test_no_replica_is_left_when_the_demo_has_ended(demos: Demos) -> None:
    assert demos.replicas == set()


def test_neither_replica_nor_crawl_is_left_when_the_demo_is_killed(demos: Demos) -> None:
    assert demos.killed.code == -9
    assert demos.orphans == set()


def test_the_demo_refuses_a_folder_that_is_not_a_demos(place: Place) -> None:
    before = sorted(path.name for path in place.folder.iterdir() if not path.name.startswith("."))
    ended = place.starter.start(["demo", "--folder", "."], place.folder).wait()
    assert ended.code == 2
    assert "holds something else" in ended.err
    assert ended.err.count("\n") == 1
    assert sorted(path.name for path in place.folder.iterdir() if not path.name.startswith(".")) == before
