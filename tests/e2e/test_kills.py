"""A crawl that is killed at some moments, or told to stop, and the crawl after it; at random ones it is in the soak."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from time import sleep
from typing import Any
from urllib.parse import unquote

import pytest

from app.desk import open_desk
from notify.delivery import deliver_due
from tests.e2e.places import CAMBODIA, OHCHR, POST, Begin, Build, Place
from tests.e2e.processes import ROOT, Ended, Running

pytestmark = pytest.mark.timeout(240)
Moment = tuple[str, int]
"""request n: the n-th request came and is not answered; write n: the database's log grew for the n-th time; message n:
the n-th message was handed over."""

MOMENTS: list[Moment] = [("request", 58), ("write", 1), ("write", 45), ("message", 3)]
# What happens between two writes is the same for all sources: of one it costs a third.
ALL = (POST, OHCHR, CAMBODIA)
SOURCES = {moment: (POST,) if moment[0] == "write" else ALL for moment in MOMENTS}


@dataclass(frozen=True)
class Whole:
    """What a crawl, or several, came to."""

    snapshot: dict[str, Any]
    outcomes: Counter[tuple[str, str, str]]
    statuses: list[tuple[str, str]]
    messages: list[str]


@dataclass(frozen=True)
class Disturbed:
    """A crawl that was ended early, the corpus then, and what the next crawl made of it."""

    sources: tuple[str, ...]
    place: Place
    first: Ended
    check: Ended
    settled: set[str]
    asked_first: list[str]
    asked_second: list[str]
    whole: Whole


def whole(place: Place) -> Whole:
    with place.corpus() as corpus:
        statuses = [(run.source, run.status) for run in reversed(corpus.runs.recent(100))]
    pages = [
        # Of two addresses with one text the first to come is the article, of a story's sections the first is asked.
        (story_of(url), "held" if what in {"saved", "copy"} else what, reason)
        for url, what, reason in place.outcomes()
        if what != "listing"
    ]
    files = sorted((place.folder / "data" / "outbox").rglob("*.eml"))
    messages = [str(message_from_bytes(file.read_bytes())["Message-ID"]) for file in files]
    return Whole(place.snapshot(), Counter(pages), statuses, messages)


def disturbed(place: Place, moment: Moment, sources: tuple[str, ...] = ALL) -> Disturbed:
    running = place.start("crawl", *sources)
    MEANS[moment[0]](place, running, moment[1])
    first = running.wait()
    place.watch.on_request = None
    asked_first = requests(place)
    settled = set()
    if place.database.exists():
        settled = {story_of(url) for url, what, _ in place.outcomes() if what != "listing"}
    check = place.tonle("db", "check")
    place.replica.clear_log()
    place.crawl(*sources)
    return Disturbed(sources, place, first, check, settled, asked_first, requests(place), whole(place))


def requests(place: Place) -> list[str]:
    return [story_of(entry.site + entry.path) for entry in place.replica.log]


def story_of(address: str) -> str:
    """Return site and path of an address; of an article of the Post the slug, whatever section it is named under."""
    site, _, path = unquote(address).partition("/")
    return f"{site} {path.rpartition('/')[2] if site == POST else path}"


def at_request(place: Place, running: Running, number: int, what: signal.Signals = signal.SIGKILL) -> None:
    place.watch.on_request = lambda count: running.send(what) if count == number else None


def at_write(place: Place, running: Running, number: int) -> None:
    log = place.database.with_name("corpus.sqlite-wal")
    at_change(running, number, lambda: log.stat().st_mtime_ns if log.exists() else 0)


def at_message(place: Place, running: Running, number: int) -> None:
    folder = place.folder / "data" / "outbox" / "alerts"
    at_change(running, number, lambda: len(list(folder.glob("*.eml"))))


def at_change(running: Running, number: int, state: Callable[[], int]) -> None:
    """Kill when a state has changed for the n-th time; files tell nobody that they changed, so they are looked at."""
    before = state()
    while number and not running.ended.is_set():
        after = state()
        number -= after != before
        before = after
        sleep(0.0003)
    running.send(signal.SIGKILL)


MEANS: dict[str, Callable[[Place, Running, int], None]] = {
    "request": at_request,
    "write": at_write,
    "message": at_message,
}


@pytest.fixture(scope="module")
def undisturbed(begin: Begin, filled: Place) -> dict[tuple[str, ...], Whole]:
    """What crawls of some sources come to that nobody ends."""
    with begin() as build:
        place = build()
        place.crawl(POST)
        return {ALL: whole(filled), (POST,): whole(place)}


@pytest.fixture
def expected(killed: Disturbed, undisturbed: dict[tuple[str, ...], Whole]) -> Whole:
    return undisturbed[killed.sources]


@dataclass(frozen=True)
class Stopped:
    ended: Ended
    asked: set[str]
    settled: set[str]
    statuses: list[str]
    whole: Whole


def run_stopped(place: Place) -> Stopped:
    running = place.start("crawl", "--json")
    at_request(place, running, 45, signal.SIGTERM)
    ended = running.wait()
    with place.corpus() as corpus:
        statuses = [run.status for run in corpus.runs.recent(10)]
    truth = {
        story_of(entry.site + entry.path) for site in place.replica.base_urls for entry in place.replica.truth(site)
    }
    asked = {path for path in requests(place) if path in truth}
    settled = {story_of(url) for url, what, _ in place.outcomes() if what != "listing"}
    place.crawl()
    return Stopped(ended, asked, settled, statuses, whole(place))


@pytest.fixture(scope="module")
def stopped(begin: Begin) -> Stopped:
    with begin() as build:
        return run_stopped(build())


@pytest.fixture(scope="module")
def kills(begin: Begin) -> dict[Moment, Disturbed]:
    found = {}
    for moment in MOMENTS:
        # What changes in files is looked for: on a busy machine the crawl may be over when it is seen.
        for _ in range(3):
            with begin() as build:
                found[moment] = disturbed(build(), moment, SOURCES[moment])
            if found[moment].first.code == -signal.SIGKILL:
                break
    return found


@pytest.fixture(params=MOMENTS, ids=lambda moment: f"{moment[0]}-{moment[1]}")
def killed(request: pytest.FixtureRequest, kills: dict[Moment, Disturbed]) -> Disturbed:
    return kills[request.param]


def test_the_kill_hits_a_crawl_that_is_under_way(killed: Disturbed) -> None:
    assert killed.first.code == -signal.SIGKILL


def test_a_killed_crawl_leaves_a_sound_corpus(killed: Disturbed) -> None:
    assert killed.check.code == 0, killed.check.err


def test_the_crawl_after_a_kill_ends_with_the_corpus_of_an_undisturbed_one(killed: Disturbed, expected: Whole) -> None:
    found, wanted = killed.whole.snapshot["articles"], expected.snapshot["articles"]
    assert set(found) == set(wanted)
    for name, article in found.items():
        assert {key: article[key] for key in article if article[key] != wanted[name][key]} == {}, name
    assert killed.whole.snapshot["matches"] == expected.snapshot["matches"]


def test_both_crawls_together_have_the_outcomes_of_an_undisturbed_one(killed: Disturbed, expected: Whole) -> None:
    assert killed.whole.outcomes == expected.outcomes


def test_both_crawls_together_owe_and_send_what_an_undisturbed_one_does(killed: Disturbed, expected: Whole) -> None:
    due = expected.snapshot["deliveries"]
    owed = [(name, rule) for name, rule, _ in killed.whole.snapshot["deliveries"]]
    assert owed == [(name, rule) for name, rule, _ in due]
    assert len(set(killed.whole.messages)) == len(killed.whole.messages)
    # One that was being sent when the process died waits until its claim has run out.
    unsent = [entry for entry in killed.whole.snapshot["deliveries"] if not entry[2]]
    assert len(unsent) <= (1 if len(killed.settled) == sum(expected.outcomes.values()) else 0)
    assert len(due) - len(unsent) <= len(killed.whole.messages) <= len(due)


def test_a_killed_run_is_marked_killed_and_the_next_finished(killed: Disturbed) -> None:
    runs: dict[str, list[str]] = {}
    for source, status in killed.whole.statuses:
        runs.setdefault(source, []).append(status)
    assert set(runs) == set(killed.sources)
    assert all(statuses[-1] == "finished" for statuses in runs.values())
    # It may have been killed before the run began, or when it had ended and messages were sent.
    assert all(statuses[:-1] in (["killed"], ["finished"], []) for statuses in runs.values())


def test_what_was_settled_before_the_kill_is_not_asked_again(killed: Disturbed) -> None:
    assert not killed.settled & set(killed.asked_second)


def test_runs_that_a_kill_interrupts_are_marked_killed(kills: dict[Moment, Disturbed]) -> None:
    interrupted = [killed for moment, killed in kills.items() if moment[0] == "request"]
    assert all(("phnom-penh-post", "killed") in killed.whole.statuses for killed in interrupted)


def test_the_kills_hit_crawls_that_had_come_to_different_points(kills: dict[Moment, Disturbed]) -> None:
    reached = {moment: (killed.sources, len(killed.settled)) for moment, killed in kills.items()}
    assert reached["write", 1] == ((POST,), 0)
    assert len(set(reached.values())) == len(MOMENTS)


def test_a_message_that_was_being_sent_at_the_kill_leaves_when_its_claim_has_run_out(
    kills: dict[Moment, Disturbed],
) -> None:
    place = kills["message", 3].place
    desk = open_desk(place.folder / "config.yaml")
    with desk.corpus() as store:
        deliver_due(store, desk.config, desk.titles, lambda: datetime.now(UTC) + timedelta(hours=1))
    end = whole(place)
    assert all(sent for _, _, sent in end.snapshot["deliveries"])
    assert len(end.messages) == len(set(end.messages)) == len(end.snapshot["deliveries"])


def test_sigterm_ends_a_crawl_as_stopped_with_exit_code_3(stopped: Stopped) -> None:
    assert stopped.ended.code == 3
    assert "stopped" in stopped.statuses
    assert set(stopped.statuses) <= {"stopped", "finished"}
    assert "stopped by a signal" in stopped.ended.err
    assert len(stopped.ended.err.splitlines()) == 1


def test_what_was_fetched_before_sigterm_is_stored(stopped: Stopped) -> None:
    assert stopped.asked
    assert stopped.asked <= stopped.settled


def test_the_crawl_after_sigterm_completes_it(stopped: Stopped, undisturbed: dict[tuple[str, ...], Whole]) -> None:
    assert stopped.whole.snapshot == undisturbed[ALL].snapshot
    assert stopped.whole.outcomes == undisturbed[ALL].outcomes


def test_after_sigterm_nothing_more_is_asked_than_what_was_under_way(build: Build) -> None:
    place = build()
    sources = place.settings["sources"]
    place.configure(sources={**sources, POST: {**sources[POST], "delay": "0.5s"}})
    running = place.start("crawl", POST)
    at_request(place, running, 4, signal.SIGTERM)
    assert running.wait().code == 3
    assert len(place.replica.log) <= 5


STOPPED_AS_IT_BEGINS = """
import os, signal, sys
from pathlib import Path
from app.desk import open_desk
from crawler.crawl import Crawling
from crawler.job import Wish

desk = open_desk(Path("config.yaml"))
with desk.corpus() as store:
    crawling = Crawling(store, desk.config, desk.clock, on_started=lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    (report,) = crawling.crawl({name: (desk.sites[name], Wish()) for name in sys.argv[1:]})
print(report.status, report.error, sep=": ")
"""


def test_a_crawl_that_is_told_to_stop_as_it_begins_has_stopped_and_not_failed(build: Build) -> None:
    place = build()
    command = [sys.executable, "-c", STOPPED_AS_IT_BEGINS, CAMBODIA]
    ended = subprocess.run(
        command,
        cwd=place.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "stopped: stopped by a signal"
    assert requests(place) == []
    with place.corpus() as corpus:
        assert [(run.status, run.error) for run in corpus.runs.recent(9)] == [("stopped", "stopped by a signal")]
