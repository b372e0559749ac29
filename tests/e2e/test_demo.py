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
    pytest.mark.timeout(240),
]


@dataclass(frozen=True)
class Demos:
    """Three runs of the demo in one folder, the last of them killed; replicas are the processes that they started."""

    folder: Path
    first: Ended
    second: Ended
    killed: Ended
    replicas: list[int]
    orphans: set[int]


def in_background(begin: Begin) -> Demos:
    with begin() as build:
        place = build()
        return run_demos(place.starter, place.folder)


def run_demos(starter: Starter, folder: Path) -> Demos:
    replicas: list[int] = []

    def started() -> Running:
        running = starter.start(["demo", "--folder", "shown"], folder)
        until(lambda: children_of(running.pid, "replica"), running=running)
        replicas.extend(children_of(running.pid, "replica"))
        return running

    first = started().wait(100)
    alive = {pid for pid in replicas if is_alive(pid)}
    second = started().wait(100)
    alive |= {pid for pid in replicas if is_alive(pid)}
    # So that the tests can look at what the second left, the third works elsewhere.
    (folder / "shown").rename(folder / "kept")
    running = started()
    until(lambda: children_of(running.pid, "crawl"), running=running)
    orphans = {replicas[-1], *children_of(running.pid, "crawl")}
    running.send(signal.SIGKILL)
    killed = running.wait()
    with suppress(AssertionError):
        until(lambda: not any(map(is_alive, orphans)), timeout=60)
    return Demos(folder, first, second, killed, sorted(alive), set(filter(is_alive, orphans)))


@pytest.fixture(scope="module")
def demos(scenario: object) -> Demos:
    assert isinstance(scenario, Demos)
    return scenario


def shown_paths(demos: Demos) -> list[Path]:
    """Return the paths that the second demo names; its folder has been moved since."""
    below = demos.second.out.partition("Look at")[2].partition("Try")[0]
    lines = [line.split() for line in below.splitlines() if line.strip()]
    return [Path(line[-1]) for line in lines]


def test_the_demo_ends_well_and_says_nothing_on_standard_error(demos: Demos) -> None:
    assert (demos.first.code, demos.first.err) == (0, "")


def test_the_demo_shows_both_crawls_what_changed_and_the_alerts(demos: Demos) -> None:
    out = demos.first.out
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
        kept = demos.folder / "kept" / path.relative_to("shown")
        assert kept.exists(), path
        assert kept.is_dir() or kept.stat().st_size > 0


def test_the_commands_that_the_demo_names_work(demos: Demos, starter: Starter) -> None:
    commands = [
        line.split("tonle ", 1)[1] for line in demos.second.out.partition("Try")[2].splitlines() if "tonle " in line
    ]
    assert len(commands) >= 3
    for command in commands:
        args = [part.strip("'") for part in command.replace("shown/", "kept/").split()]
        ended = starter.start(args, demos.folder).wait()
        assert (ended.code, ended.err) == (0, ""), command
        assert ended.out


def test_the_demo_runs_again_in_its_own_folder(demos: Demos) -> None:
    assert (demos.second.code, demos.second.err) == (0, "")
    assert "Second crawl" in demos.second.out


def test_no_replica_is_left_when_the_demo_has_ended(demos: Demos) -> None:
    assert demos.replicas == []


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
