"""A daemon left alone: thousands of runs, in all weathers, some kills, and nothing lost, doubled or grown.

    make soak PYTEST='-k year'                     2,000 scheduled runs
    TONLE_SOAK_RUNS=300 make soak PYTEST='-k year'   fewer

The table that it prints belongs into docs/operations.md, “Left alone”.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest

from core.owed import DigestPeriod
from storage.store import Store
from tests.e2e.processes import until
from tests.rigs.readings import Meter, table, tenths
from tests.rigs.seasons import SOURCES, held_for
from tests.rigs.year import Year, year

pytestmark = [pytest.mark.soak, pytest.mark.timeout(6 * 3600)]
RUNS = int(os.environ.get("TONLE_SOAK_RUNS", "2000"))
KILLS = 4
NEWS_EVERY, SEASON = 20, 25
"""Runs between two rounds of news, and those of a season of trouble."""
STUCK = 900


@dataclass
class Left:
    """What a year has left behind: kills, how often settings were read anew, how commands beside the daemon ended."""

    year: Year
    meter: Meter
    kills: int
    reloads: int
    commands: list[tuple[str, int, str]]
    troubles: Counter[str]
    code: int
    check: tuple[int, str]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    with year(tmp_path_factory.mktemp("year")) as lived:
        yield live(lived)


def live(lived: Year) -> Left:
    began, troubles = time.monotonic(), Counter[str]()
    working = lived.daemon()
    working.await_event("daemon.started")
    # The kills come first: how the last one does is what is measured.
    for number in range(KILLS):
        pass_runs(lived, (number + 1) * RUNS // 50, troubles)
        working.kill()
        working = lived.daemon()
        working.await_event("daemon.started")
    meter = Meter(working.pid, lived.corpus, lambda: newest_run(lived))
    commands, reloads = [], 0
    for part in range(2, 11):
        pass_runs(lived, RUNS * part // 10, troubles)
        lived.configure(daemon={"deliver_every": f"{1 + part % 3}s"})
        working.send(signal.SIGHUP)
        reloads += 1
        beside = ["crawl", SOURCES[part % len(SOURCES)]]
        for command in (
            beside,
            ["db", "prune"],
            ["db", "backup", str(lived.folder / "backup.sqlite"), "--archive", "--force"],
        ):
            done = lived.tonle(*command)
            commands.append((" ".join(command[:2]), done.returncode, done.stderr))
        figures(f"{newest_run(lived)} runs, {time.monotonic() - began:.0f} s")
    meter.stop()
    settle(lived)
    code = working.end()
    checked = lived.tonle("db", "check", "--archive")
    return Left(lived, meter, KILLS, reloads, commands, troubles, code, (checked.returncode, checked.stdout))


def figures(text: str) -> None:
    print(f"\n{text}", flush=True)  # noqa: T201  # what -s is for


def newest_run(lived: Year) -> int:
    store = Store.open(lived.corpus)
    try:
        with store.reading() as corpus:
            newest = corpus.runs.recent(1)
        return newest[0].id if newest else 0
    finally:
        store.close()


def pass_runs(lived: Year, upto: int, troubles: Counter[str]) -> None:
    """Let news and trouble come until so many runs have begun."""
    while (now := newest_run(lived)) < upto:
        lived.seasons.news()
        if now // SEASON >= lived.seasons.number:
            troubles[lived.seasons.turn()] += 1
        beyond = min(now + NEWS_EVERY, upto)
        until(lambda beyond=beyond: newest_run(lived) >= beyond, STUCK)  # type: ignore[misc]


def settle(lived: Year) -> None:
    """Let trouble end, and wait until all that was published is held and all that is owed was sent."""
    lived.office.faults = type(lived.office.faults)()
    lived.hook.faults = type(lived.hook.faults)()
    lived.seasons.end()
    wanted = lived.seasons.readable
    end = time.monotonic() + STUCK
    while time.monotonic() < end:
        since = newest_run(lived)
        until(lambda since=since: newest_run(lived) >= since + 2 * len(SOURCES), STUCK)  # type: ignore[misc]
        if set(held_for(lived.articles(), wanted).values()) == {1} and not lived.waiting():
            return
        lived.seasons.end()


def test_all_the_runs_were_made_and_each_has_ended(left: Left) -> None:
    runs = left.year.history()
    assert len(runs) >= RUNS
    states = Counter(run.status for run in runs)
    figures(f"{len(runs)} scheduled runs: {dict(states)}; trouble: {dict(left.troubles)}")
    assert states["running"] == 0
    assert states["finished"] > len(runs) / 4
    assert {run.source for run in runs} == set(SOURCES)


def test_no_two_runs_of_a_source_overlap(left: Left) -> None:
    for source in SOURCES:
        runs = [run for run in left.year.history("schedule", "manual") if run.source == source]
        for earlier, later in pairwise(runs):
            # What was killed is noted by the run after it.
            assert earlier.finished_at is not None
            assert earlier.finished_at <= later.started_at, (earlier, later)


def test_every_item_that_was_ever_published_is_held_exactly_once(left: Left) -> None:
    counts = held_for(left.year.articles(), left.year.seasons.readable)
    assert {each: count for each, count in counts.items() if count != 1} == {}
    figures(f"{len(counts)} items published and held once")
    assert len(counts) > RUNS / NEWS_EVERY


def test_every_alert_and_digest_was_delivered_exactly_once(left: Left) -> None:
    deliveries = left.year.deliveries()
    assert [each for each in deliveries if each.merged_id is None and each.sent_at is None] == []
    arrived, wanted = left.year.arrived(), left.year.names(deliveries)
    assert set(arrived) == wanted
    again = left.year.again()
    figures(
        f"{len(wanted)} messages owed, {sum(arrived.values())} came, {sum(again.values())} again; {left.kills} kills"
    )
    # Killed between sending and noting it, a message has to leave once more, under the same name.
    assert sum(again.values()) <= left.kills


def test_digests_of_a_reader_follow_one_another_without_gap_or_overlap(left: Left) -> None:
    store = Store.open(left.year.corpus)
    try:
        with store.reading() as corpus:
            periods = {name: corpus.digests.of(name, 100_000)[::-1] for name in ("ann", "chan", "dara")}
    finally:
        store.close()
    for name, told in periods.items():
        assert len(told) > 2, name
        assert all(follows(before, after) for before, after in pairwise(told)), name


def follows(before: DigestPeriod, after: DigestPeriod) -> bool:
    return before.end == after.begin


def test_prune_backup_and_changed_settings_do_no_harm(left: Left) -> None:
    by_hand = [each for each in left.commands if each[0].startswith("crawl")]
    assert {each[1] for each in by_hand} <= {0, 3, 6}, "well, not to its end, or crawled already"
    assert [each for each in left.commands if each[1] != 0 and each not in by_hand] == []
    last = left.year.daemons[-1]
    assert len(last.events("config.reloaded")) == left.reloads
    assert last.events("config.refused") == []
    assert left.code == 0


def test_the_corpus_and_its_archive_are_sound(left: Left) -> None:
    assert left.check[0] == 0, left.check[1]


def test_no_job_of_the_daemon_failed_or_was_missed(left: Left) -> None:
    for working in left.year.daemons:
        assert [each for name in ("job.failed", "job.missed") for each in working.events(name)] == []


def test_the_daemon_does_not_grow(left: Left) -> None:
    parts = tenths(left.meter.readings)
    figures(table(parts))
    # Until the sixth tenth the page caches of SQLite's connections fill with a corpus that grows: 2 MB each at most.
    (early, early_most), (late, late_most) = parts[5], parts[-1]
    assert late.memory < early.memory * 1.02 + 1
    # A session with a mail server takes some for a moment.
    assert late.descriptors < early.descriptors + 2
    assert late_most.threads <= early_most.threads + 2
    assert late_most.children <= len(SOURCES)
    assert max(most.wal for _, most in parts) < 32
