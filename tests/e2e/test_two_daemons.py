"""Several daemons on one corpus, the one that works killed again and again: another takes over, and nothing is doubled.

make soak PYTEST='-k two_daemons'                          ten minutes
TONLE_SOAK_MINUTES=2 make soak PYTEST='-k two_daemons'     fewer
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from core.model import Run
from tests.e2e.processes import until
from tests.rigs.seasons import OHCHR, SOURCES, held_for
from tests.rigs.year import Year, year

pytestmark = [pytest.mark.soak, pytest.mark.timeout(2 * 3600)]
MINUTES = float(os.environ.get("TONLE_SOAK_MINUTES", "10"))
KILLS = 5
EVERY, DAY = timedelta(seconds=10), timedelta(days=1)
NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Reigns:
    """Daemons that followed one another, and how long after each kill the next was at work, in seconds."""

    year: Year
    takeovers: list[float] = field(default_factory=list)


@pytest.fixture(scope="module")
def reigns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reigns]:
    every = f"{EVERY.total_seconds():.0f}s"
    with year(tmp_path_factory.mktemp("reigns"), share=0.0, every=every, slow=OHCHR) as lived:
        yield live(lived)


def live(lived: Year) -> Reigns:
    told, leader = Reigns(lived), lived.daemon()
    leader.await_event("daemon.started")
    waiting = [lived.daemon(), lived.daemon()]
    for _ in range(KILLS):
        for each in waiting:
            each.await_event("daemon.waiting")
        pass_time(lived, MINUTES * 60 / (KILLS + 1))
        killed_at = datetime.now(UTC)
        leader.kill()
        until(lambda those=waiting: any(each.events("daemon.started") for each in those), 30)  # type: ignore[misc]
        leader = next(each for each in waiting if each.events("daemon.started"))
        started_at = datetime.fromisoformat(leader.events("daemon.started")[0]["timestamp"])
        told.takeovers.append((started_at - killed_at).total_seconds())
        waiting = [*(each for each in waiting if each is not leader), lived.daemon()]
    pass_time(lived, MINUTES * 60 / (KILLS + 1))
    settle(lived)
    for each in (*waiting, leader):
        assert each.end() == 0
    return told


def pass_time(lived: Year, seconds: float) -> None:
    begin = time.monotonic()
    until(lambda: time.monotonic() > begin + seconds / 2, seconds)
    lived.seasons.news()
    until(lambda: time.monotonic() > begin + seconds, seconds)


def settle(lived: Year) -> None:
    """Wait until all that was published is held, and all that is owed was sent."""
    # A message that a killed daemon was sending is leased for some minutes more.
    for _ in range(40):
        lived.seasons.end()
        now = lived.runs()
        until(lambda now=now: lived.runs() >= now + len(SOURCES), 300)  # type: ignore[misc]
        if set(held_for(lived.articles(), lived.seasons.readable).values()) == {1} and not lived.waiting():
            return


def test_another_daemon_takes_over_within_five_seconds(reigns: Reigns) -> None:
    print(f"\n{len(reigns.year.history())} runs; taken over after {[f'{each:.2f} s' for each in reigns.takeovers]}")  # noqa: T201
    assert len(reigns.takeovers) == KILLS
    assert max(reigns.takeovers) < 5


def children_of(reigns: Reigns, source: str, runs: list[Run]) -> list[datetime]:
    """Return when the children of these runs were started: they note their beginning seconds later on a busy machine.

    One that was killed before it noted anything is none of them: what it was to do was due at once.
    """
    asked = [
        datetime.fromisoformat(each["timestamp"])
        for working in reigns.year.daemons
        for each in working.events("crawl.child_started")
        if each["source"] == source
    ]
    # What the corpus holds was made older meanwhile, by whole days.
    begun = [run.started_at + DAY * -((run.started_at - min(asked)) // DAY) for run in runs]
    return [max(each for each in asked if each <= moment) for moment in begun]


def test_no_source_is_crawled_twice_at_once_and_each_time_once(reigns: Reigns) -> None:
    for source in SOURCES:
        runs = [run for run in reigns.year.history() if run.source == source]
        assert len(runs) > KILLS
        for earlier, later in pairwise(runs):
            assert earlier.finished_at
            assert earlier.finished_at <= later.started_at
        for begun, next_begun in pairwise(children_of(reigns, source, runs)):
            assert next_begun - begun > EVERY * 0.8


def test_a_slow_source_delays_no_other(reigns: Reigns) -> None:
    runs = reigns.year.history()
    longest = max(
        (run for run in runs if run.source == OHCHR), key=lambda run: (run.finished_at or NEVER) - run.started_at
    )
    meanwhile = {
        run.source
        for run in runs
        if run.started_at > longest.started_at and run.started_at < (longest.finished_at or NEVER)
    }
    assert meanwhile >= set(SOURCES) - {OHCHR}


def test_no_run_is_left_unfinished(reigns: Reigns) -> None:
    assert [run for run in reigns.year.history() if run.status == "running"] == []


def test_every_item_is_held_once(reigns: Reigns) -> None:
    counts = held_for(reigns.year.articles(), reigns.year.seasons.readable)
    assert {each: count for each, count in counts.items() if count != 1} == {}


def test_every_message_was_delivered_once_but_for_what_was_being_sent_when_its_sender_was_killed(
    reigns: Reigns,
) -> None:
    deliveries = reigns.year.deliveries()
    assert [each for each in deliveries if each.merged_id is None and each.sent_at is None] == []
    assert set(reigns.year.arrived()) == reigns.year.names(deliveries)
    assert sum(reigns.year.again().values()) <= KILLS


def test_one_daemon_at_a_time_was_at_work(reigns: Reigns) -> None:
    for working in reigns.year.daemons:
        assert len(working.events("daemon.started")) <= 1
    begun = [each for each in reigns.year.daemons if each.events("daemon.started")]
    assert len(begun) == KILLS + 1
