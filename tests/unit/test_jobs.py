"""What the daemon's jobs do by themselves: a corpus that cannot be written, and a table that is ahead of the clock."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue

import pytest
import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from app.alarms.job_notes import JobNotes
from app.child import Children, Ended
from app.daemon import Daemon
from app.desk import Desk
from app.jobs import Jobs
from core.audience import Subscriber
from core.clock import system_clock
from core.config import AlertSettings, Config, DaemonSettings, DigestSettings
from core.errors import StorageBusyError, TonleError
from core.log import Form, set_up_logs
from core.model import Draft
from core.site import Site
from core.timetable import digest_rounds
from storage.store import Corpus, Store

NOW = datetime(2026, 7, 14, 3, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BUSY, MISTAKE = "Another process is writing.", "No such thing was foreseen."
NAMES = ("ann", "bo", "chan")


class Refusing:
    """A corpus that cannot be written, `times` times after so many transactions that went well."""

    def __init__(self, store: Store, after: int, times: int) -> None:
        self._store, self._after, self._times = store, after, times

    @contextmanager
    def transaction(self) -> Iterator[Corpus]:
        self._after -= 1
        if self._after < 0 < self._times:
            self._times -= 1
            raise StorageBusyError(BUSY)
        with self._store.transaction() as corpus:
            yield corpus

    @contextmanager
    def reading(self) -> Iterator[Corpus]:
        with self._store.reading() as corpus:
            yield corpus


@pytest.fixture
def desk(tmp_path: Path, post: Site) -> Desk:
    readers = tuple(Subscriber(name=name, channel="file", schedule=("30 7 * * *",), zone="UTC") for name in NAMES)
    silent = {"alerts": AlertSettings(channel="none"), "digest": DigestSettings(channel="none")}
    daemon = DaemonSettings.model_validate({"jitter": timedelta(0)})
    config = Config(data=tmp_path, subscribers=readers, daemon=daemon, **silent)  # type: ignore[arg-type]
    return Desk(tmp_path / "config.yaml", config, {post.name: post}, lambda: NOW)


def jobs(desk: Desk, store: object) -> Jobs:
    return Jobs(desk, store, Children(timedelta(seconds=1)))  # type: ignore[arg-type]


def take_in(store: Store, desk: Desk, key: str) -> None:
    draft = Draft("post", f"https://www.example.org/{key}", key, f"Headline {key}", (f"A land case of {key}.",))
    with store.transaction() as corpus:
        corpus.enrol(NAMES, desk.clock())
        corpus.articles.add(draft, f"t-{key}", f"c-{key}", desk.clock(), desk.clock())


def told(store: Store) -> list[str]:
    with store.reading() as corpus:
        return sorted(each.subscriber for each in corpus.outbox.listed("all", 100) if each.kind == "digest")


@pytest.mark.parametrize("after", range(4))
def test_a_corpus_that_cannot_be_written_for_one_readers_digest_keeps_no_other_and_that_one_is_owed_it_later(
    store: Store, desk: Desk, after: int
) -> None:
    take_in(store, desk, "a")
    at_work = jobs(desk, Refusing(store, after, 1))
    (round_,) = digest_rounds(desk.config)
    at_work.send_digests(round_)
    at_work.deliver()
    assert told(store) == sorted(NAMES)
    with store.reading() as corpus:
        assert corpus.jobs.last(round_.job) == NOW
    assert at_work.again == {}


def due(at_work: Jobs) -> dict[str, datetime]:
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start(paused=True)
    try:
        at_work.put_into(scheduler)
        return {job.id: job.next_run_time for job in scheduler.get_jobs()}
    finally:
        scheduler.shutdown()


def test_after_a_stop_a_missed_crawl_and_a_missed_digest_are_due_once_and_at_once(store: Store, desk: Desk) -> None:
    (round_,) = digest_rounds(desk.config)
    source = next(iter(desk.sites))
    with store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start(source, "schedule", NOW - 3 * DAY), "finished", NOW - 3 * DAY)
        corpus.jobs.done(round_.job, NOW - 3 * DAY)
    assert due(jobs(desk, store)) == {
        f"crawl:{source}": NOW,
        round_.job: NOW,
        "deliver": NOW,
        "watch": NOW,
        "tidy": NOW + DAY,
    }
    with store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start(source, "schedule", NOW), "finished", NOW)
        corpus.jobs.done(round_.job, NOW)
    found = due(jobs(desk, store))
    assert (found[f"crawl:{source}"], found[round_.job]) == (NOW + HOUR, NOW + 4.5 * HOUR)


@pytest.mark.parametrize("back", [DAY, 365 * DAY])
def test_jobs_that_were_done_by_a_clock_far_ahead_count_from_now(store: Store, desk: Desk, back: timedelta) -> None:
    (round_,) = digest_rounds(desk.config)
    source = next(iter(desk.sites))
    with store.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start(source, "schedule", NOW + back), "finished", NOW + back)
        for job in (round_.job, "tidy"):
            corpus.jobs.done(job, NOW + back)
    found = due(jobs(desk, store))
    assert found[f"crawl:{source}"] == NOW
    assert found[round_.job] == NOW + 4.5 * HOUR
    # Nobody was there at that time: what is missed by the clock of now is seen to be missed.
    assert due(jobs(replace(desk, clock=lambda: NOW + DAY), store))[round_.job] == NOW + DAY


def test_on_the_night_on_which_clocks_are_set_back_a_digest_is_sent_once_whenever_the_daemon_is_started(
    store: Store, desk: Desk
) -> None:
    readers = tuple(
        each.model_copy(update={"schedule": ("30 2 * * *",), "zone": "Europe/Berlin"})
        for each in desk.config.subscribers
    )
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    berlin = replace(desk, config=desk.config.model_copy(update={"subscribers": readers}), clock=lambda: first)
    (round_,) = digest_rounds(berlin.config)
    take_in(store, berlin, "a")
    jobs(berlin, store).send_digests(round_)
    for later in (timedelta(seconds=1), HOUR, HOUR + timedelta(seconds=1), 2 * HOUR):
        started = replace(berlin, clock=lambda later=later: first + later)  # type: ignore[misc]
        assert due(jobs(started, store))[round_.job] == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    assert told(store) == sorted(NAMES)


def ended(scheduler: BackgroundScheduler, number: int) -> list[JobExecutionEvent]:
    """Let a scheduler run until so many jobs have ended; return how."""
    events: SimpleQueue[JobExecutionEvent] = SimpleQueue()
    scheduler.add_listener(events.put, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    scheduler.start()
    try:
        return [events.get(timeout=30) for _ in range(number)]
    finally:
        scheduler.shutdown()


def test_where_the_corpus_was_taken_away_no_job_begins_another_one(desk: Desk, tmp_path: Path) -> None:
    data = tmp_path / "data"
    desk = replace(desk, config=desk.config.model_copy(update={"data": data}), clock=system_clock)
    store = Store.open(desk.config.corpus)
    take_in(store, desk, "a")
    with store.transaction() as corpus:
        for round_ in digest_rounds(desk.config):
            corpus.jobs.done(round_.job, system_clock() - 3 * DAY)
        corpus.jobs.done("tidy", system_clock() - 3 * DAY)
    scheduler = BackgroundScheduler(timezone="UTC")
    jobs(desk, store).put_into(scheduler)
    data.rename(tmp_path / "elsewhere")
    events = ended(scheduler, 5)
    assert {each.job_id.partition(":")[0].partition(" ")[0] for each in events} == {
        "crawl", "digest", "deliver", "watch", "tidy",
    }  # fmt: skip
    assert [each.exception for each in events if each.exception] == []
    assert not data.exists()
    store.close()


class Upgraded(Children):
    """Starts children of a program that was exchanged meanwhile: they do not know the settings that they are handed."""

    def run(self, config: Path, arguments: Sequence[str], limit: timedelta, told: str = "") -> Ended:
        del config, arguments, limit, told
        return Ended(2, "", "error: standard input: the daemon's settings are not this program's")


def test_a_child_that_cannot_use_the_settings_is_a_job_that_failed_and_no_failure_of_its_source(
    desk: Desk, store: Store
) -> None:
    source = next(iter(desk.sites))
    with pytest.raises(TonleError, match=f"The crawl of {source} could not begin: .* not this program's"):
        Jobs(desk, store, Upgraded(timedelta(seconds=1))).crawl(source)
    with store.reading() as corpus:
        assert corpus.runs.last(source) is None


def test_how_late_a_job_may_start_is_what_the_settings_say_that_were_read_anew(desk: Desk, store: Store) -> None:
    scheduler = Daemon(desk, Children(timedelta(seconds=1))).scheduler()
    daemon = DaemonSettings.model_validate({"misfire_grace": timedelta(minutes=7)})
    jobs(replace(desk, config=desk.config.model_copy(update={"daemon": daemon})), store).put_into(scheduler)
    graces = {job.id: job.misfire_grace_time for job in scheduler.get_jobs()}
    assert graces[f"crawl:{next(iter(desk.sites))}"] == 7 * 60
    assert graces["tidy"] is None, "whatever is owed is done, however late"


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_job_that_fails_is_logged_once_and_what_says_all_in_a_sentence(
    desk: Desk, store: Store, capsys: pytest.CaptureFixture[str], form: Form
) -> None:
    def busy() -> None:
        raise StorageBusyError(BUSY)

    def broken() -> None:
        raise ValueError(MISTAKE)

    set_up_logs("info", form)
    try:
        scheduler = Daemon(desk, Children(timedelta(seconds=1))).scheduler()
        JobNotes(store, desk.clock).listen_to(scheduler)
        for work in (busy, broken):
            scheduler.add_job(work, id=work.__name__)
        ended(scheduler, 2)
    finally:
        structlog.reset_defaults()
    said = capsys.readouterr().err
    assert said.count("job.failed") == 2
    assert said.count(BUSY) == 1
    # In its line, and at the end of its traceback.
    assert said.count(MISTAKE) == 2
    assert said.count("Traceback") == 1
