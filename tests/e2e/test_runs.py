"""`tonle runs`: what was crawled, what came of it, and the log and last words of each run."""

import json
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.child import Children, Ended
from app.desk import open_desk
from app.last_words import keep_last_words
from app.run_logs import read_run_log, run_log
from core.model import Run
from storage.lock import held
from storage.store import Store
from tests.e2e.places import CAMBODIA, POST, Build, Place
from tests.e2e.processes import until

LIMIT = timedelta(seconds=60)


@dataclass(frozen=True)
class Crawled:
    """A place after a good crawl (run 1) and one of a site that is away (run 2)."""

    place: Place


@pytest.fixture(scope="module")
def crawled(build_once: Build) -> Crawled:
    place = build_once(crawl={"retries": 0, "request_timeout": "5s"})
    place.crawl(CAMBODIA)
    sources = place.settings["sources"]
    place.configure(sources={**sources, CAMBODIA: {**sources[CAMBODIA], "base_url": "http://127.0.0.1:9"}})
    assert place.tonle("crawl", CAMBODIA).code == 3
    place.configure(sources=sources)
    return Crawled(place)


def logged(place: Place, run_id: int) -> list[str]:
    return [str(event["event"]) for event in read_run_log(place.folder / "data", run_id)]


def test_runs_are_listed_newest_first_with_what_came_and_why_not(crawled: Crawled) -> None:
    told = crawled.place.tonle("runs", "--json").json["runs"]
    assert [(run["id"], run["source"], run["trigger"], run["status"]) for run in told] == [
        (2, CAMBODIA, "manual", "failed"),
        (1, CAMBODIA, "manual", "finished"),
    ]
    assert told[1]["outcomes"]["saved"] == len(crawled.place.articles)
    assert "no listing could be read" in told[0]["error"]
    assert told[0]["seconds"] > 0
    shown = crawled.place.tonle("runs").out
    assert "finished" in shown
    assert "by hand" in shown
    assert "robots.txt cannot be" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("options", "ids"),
    [(["--failed"], [2]), (["--limit", "1"], [2]), (["--source", POST], []), (["--source", CAMBODIA], [2, 1])],
)
def test_runs_are_listed_by_source_by_failure_and_so_many(crawled: Crawled, options: list[str], ids: list[int]) -> None:
    assert [run["id"] for run in crawled.place.tonle("runs", *options, "--json").json["runs"]] == ids


def test_one_run_is_shown_with_its_pages_its_texts_and_its_log(crawled: Crawled) -> None:
    told = crawled.place.tonle("runs", "1", "--json").json
    assert len(told["pages"]) == sum(told["outcomes"].values())
    assert told["texts"]["texts"] > 0
    assert told["log"][0]["event"] == "crawl.started"
    assert told["log"][-1]["event"] == "crawl.ended"
    shown = crawled.place.tonle("runs", "1")
    assert shown.code == 0
    for page in told["pages"]:
        assert page["url"] in shown.out
    assert "page.settled" in shown.out
    assert str(run_log(crawled.place.folder / "data", 1)) in shown.out


def test_listings_that_were_not_read_stand_with_their_run(crawled: Crawled) -> None:
    told = crawled.place.tonle("runs", "2", "--json").json
    assert told["listings_not_read"] == {"robots-unreachable": len(told["pages"])}
    assert "listings not read, robots-unreachable" in crawled.place.tonle("runs", "2").out


@pytest.mark.parametrize("arguments", [["99"], ["--source", "nowhere"]])
def test_a_run_or_source_that_is_not_there_is_a_wrong_command_line(crawled: Crawled, arguments: list[str]) -> None:
    ended = crawled.place.tonle("runs", *arguments)
    assert ended.code == 2
    assert "nowhere" in ended.only_error or "99" in ended.only_error


@pytest.mark.soak
def test_a_log_is_kept_of_the_newest_runs_alone_and_bounded(build: Build) -> None:
    place = build(log={"runs": 2, "max_run": "1kB"})
    for _ in range(3):
        place.crawl(CAMBODIA)
    kept = sorted(path.name for path in (place.folder / "data" / "logs").iterdir())
    assert kept == ["run-2.log", "run-3.log"]
    place.crawl(POST, "--limit", "1")
    kept = sorted(path.name for path in (place.folder / "data" / "logs").iterdir())
    assert kept == ["run-2.log", "run-3.log", "run-4.log"]
    assert run_log(place.folder / "data", 4).stat().st_size < 1100
    assert logged(place, 4)[-1] == "log.cut_short"
    place.configure(log={"runs": 0})
    place.crawl(CAMBODIA)
    assert not run_log(place.folder / "data", 5).exists()


@pytest.mark.soak
def test_crawls_side_by_side_have_each_its_own_log(build: Build) -> None:
    place = build()
    place.crawl(CAMBODIA, POST, "--limit", "1")
    for run_id in (1, 2):
        events = read_run_log(place.folder / "data", run_id)
        assert {event["source"] for event in events if "source" in event} == {events[0]["source"]}
        assert [event["event"] for event in events].count("crawl.ended") == 1


def test_a_crawl_whose_log_cannot_be_written_goes_on(build: Build) -> None:
    place = build()
    (place.folder / "data").mkdir()
    (place.folder / "data" / "logs").write_text("in the way")
    assert place.crawl(CAMBODIA).row(CAMBODIA)["saved"] > 0
    assert "No log of this run is kept." in place.tonle("runs", "1").out


def test_a_dry_run_makes_no_log(build: Build) -> None:
    place = build()
    assert place.tonle("crawl", CAMBODIA, "--dry-run").code == 0
    assert not (place.folder / "data" / "logs").exists()


def test_a_run_that_was_killed_is_said_to_be_and_its_log_is_read_to_the_end(build: Build) -> None:
    place = build()
    place.replica.fault(CAMBODIA, "^/en/news/prison", "hang")
    running = place.start("crawl", CAMBODIA, "--trigger", "schedule")
    until(lambda: "listing.read" in (logged(place, 1) if (place.folder / "data").exists() else []), running=running)
    assert place.tonle("runs", "--json").json["runs"][0]["status"] == "running"
    running.send(signal.SIGKILL)
    running.wait()
    with run_log(place.folder / "data", 1).open("a") as log:
        log.write('{"event": "page.set')
    told = place.tonle("runs", "1", "--json").json
    assert (told["status"], told["error"]) == ("killed", "its process is gone and did not say how it ended")
    assert {event["event"] for event in told["log"]} >= {"crawl.started", "listing.read"}


def scheduled(place: Place) -> list[Run]:
    with place.corpus() as corpus:
        return list(corpus.runs.recent(10))


def last_words(place: Place, ended: Ended, since: datetime) -> int | None:
    desk = open_desk(place.folder / "config.yaml")
    store = Store.open(place.database)
    try:
        return keep_last_words(desk, store, CAMBODIA, ended, since)
    finally:
        store.close()


def test_what_a_child_said_last_is_in_the_record_of_its_run(build: Build) -> None:
    place, since = build(), datetime.now(UTC)
    place.replica.fault(CAMBODIA, "^/en/news/prison", "hang")
    place.replica.fault(CAMBODIA, "^/km/", "hang")
    running = place.start("crawl", CAMBODIA, "--trigger", "schedule")
    until(lambda: "crawl.started" in (logged(place, 1) if (place.folder / "data").exists() else []), running=running)
    running.send(signal.SIGKILL)
    running.wait()
    ended = Ended(-signal.SIGKILL, "", "MemoryError: no room\nfor a page")
    assert last_words(place, ended, since) == 1
    assert last_words(place, ended, since) is None
    (run,) = scheduled(place)
    assert run.status == "killed"
    assert "SIGKILL" in run.error
    assert "MemoryError: no room" in place.tonle("runs", "1").out
    assert "for a page" in place.tonle("runs", "1").out


def test_a_child_that_died_before_its_run_began_gets_a_run_that_failed(build: Build) -> None:
    place, since = build(), datetime.now(UTC)
    place.crawl(POST, "--limit", "1")
    place.configure(rules=[{"name": "broken"}])
    ended = Children(timedelta(seconds=1)).run(
        place.folder / "config.yaml", ["crawl", CAMBODIA, "--trigger", "schedule"], LIMIT
    )
    assert ended.code == 2
    place.configure(rules=[])
    assert last_words(place, ended, since) == 2
    run = scheduled(place)[0]
    assert (run.source, run.trigger, run.status) == (CAMBODIA, "schedule", "failed")
    assert "code 2" in run.error
    assert "config.yaml" in run.error


def test_a_run_that_told_its_own_end_keeps_it_and_who_stands_back_leaves_no_run(build: Build) -> None:
    place, since = build(), datetime.now(UTC)
    desk = open_desk(place.folder / "config.yaml")
    store = Store.open(place.database)
    with store.transaction() as corpus:
        run_id = corpus.runs.start(CAMBODIA, "schedule", datetime.now(UTC))
        corpus.runs.finish(run_id, "failed", datetime.now(UTC), "no listing could be read")
    store.close()
    assert last_words(place, Ended(3, "", "error: no listing"), since) is None
    assert [run.error for run in scheduled(place)] == ["no listing could be read"]
    later = datetime.now(UTC)
    assert last_words(place, Ended(6, "", "error: is being done already"), later) is None
    assert last_words(place, Ended(0, "", ""), later) is None
    assert last_words(place, Ended(-signal.SIGTERM, "", "", stopped=True), later) is None
    with held(desk.lock(CAMBODIA), "a crawl by hand"):
        assert last_words(place, Ended(1, "", "x"), later) is None
    assert len(scheduled(place)) == 1


def test_a_log_is_one_json_object_a_line(crawled: Crawled) -> None:
    lines = Path(run_log(crawled.place.folder / "data", 1)).read_text().splitlines()
    assert all({"event", "level", "timestamp"} <= set(json.loads(line)) for line in lines)
    assert all(json.loads(line)["level"] != "debug" for line in lines)
