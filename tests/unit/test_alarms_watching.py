"""The operator's alarms on a real corpus: what is found is kept with its message at once, and leaves once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.background import BackgroundScheduler
from structlog.testing import capture_logs

from app.alarms.job_notes import JobNotes
from app.alarms.symptoms import OFTEN, SELDOM, of_machine
from app.alarms.watching import watch
from app.child import Children
from app.desk import Desk, open_desk
from app.doctor.finding import Finding, Patient, ok
from app.jobs import Jobs
from core.errors import StorageError
from core.trouble import Event, Subject
from notify.causes import CAUSES, PARTS, cause_of, headline
from notify.delivery import DeliveryReport, deliver_due
from notify.life import owe_heartbeat
from storage.store import Corpus, Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AWAY = "no listing could be read: host-unknown (a.test)"


@dataclass
class Watched:
    """A corpus whose time is told by hand, and the operator's outbox."""

    desk: Desk
    store: Store
    now: datetime = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    subjects: list[str] = field(default_factory=list)

    def crawl(self, error: str = "", source: str = "ohchr", *, look: bool = True) -> bool:
        """Crawl a source within a minute, then look at it; return whether the operator is owed a message."""
        with self.store.transaction() as corpus:
            run = corpus.runs.start(source, "schedule", self.now)
            self.now += HOUR / 60
            corpus.runs.finish(run, "failed" if error else "finished", self.now, error)
        return look and self.look(source)

    def look(self, source: str | None = None) -> bool:
        return watch(replace(self.desk, clock=lambda: self.now), self.store, source)

    def deliver(self) -> DeliveryReport:
        report = deliver_due(self.store, self.desk.config, self.desk.titles, lambda: self.now)
        for path in report.files:
            self.subjects.append(str(message_from_bytes(path.read_bytes(), policy=policy.default)["Subject"]))
        return report

    def rows(self) -> tuple[object, ...]:
        with self.store.reading() as corpus:
            return corpus.troubles.recent(100), corpus.troubles.untold(), corpus.outbox.listed("all", 100)


@pytest.fixture
def watched(tmp_path: Path, store: Store) -> Callable[..., Watched]:
    def made(**operator: Any) -> Watched:  # noqa: ANN401  # what YAML may hold
        sources = {name: {"enabled": name == "ohchr"} for name in ("phnom-penh-post", "ohchr-cambodia", "post-khmer")}
        text = {"data": ".", "sources": sources | {"ohchr": {"every": "1h"}}, "operator": operator}
        (tmp_path / "config.yaml").write_text(str(text).replace("True", "true").replace("False", "false"))
        return Watched(open_desk(tmp_path / "config.yaml", {}), store)

    return made


def test_a_source_that_breaks_is_told_once_and_its_recovery_once(watched: Callable[..., Watched]) -> None:
    here = watched()
    assert not here.crawl()
    for _ in range(8):
        here.now += HOUR
        here.crawl(AWAY)
        here.deliver()
    assert here.subjects == ["tonle: ohchr is broken: its name is not known (DNS)"]
    for _ in range(5):
        here.now += HOUR
        here.crawl()
        here.deliver()
    assert here.subjects[1:] == ["tonle: all-clear for ohchr, after 7 hours"]


def test_what_befalls_many_within_minutes_is_two_messages_at_most(watched: Callable[..., Watched]) -> None:
    here = watched()
    names = ("ohchr", "phnom-penh-post", "ohchr-cambodia", "post-khmer")
    here.desk = replace(here.desk, sites=dict.fromkeys(names, here.desk.sites["ohchr"]))
    for name in names:
        here.crawl(AWAY, name)
    here.deliver()
    here.now += HOUR / 6
    here.look()
    here.deliver()
    assert here.subjects[0] == "tonle: ohchr is broken: its name is not known (DNS)"
    assert here.subjects[1] == "tonle: 3 alarms: phnom-penh-post, ohchr-cambodia and post-khmer"
    assert len(here.subjects) == 2


def test_killed_within_a_look_nothing_of_it_is_kept_and_the_next_one_tells_it(watched: Callable[..., Watched]) -> None:
    class Killed(Exception):  # noqa: N818  # no error
        pass

    class Mortal(Store):
        @contextmanager
        def transaction(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            with super().transaction() as corpus:
                yield corpus
                raise Killed

    here = watched()
    here.crawl(AWAY, look=False)
    before = here.rows()
    mortal = Mortal(here.store._engine)
    with pytest.raises(Killed):
        watch(replace(here.desk, clock=lambda: here.now), mortal, "ohchr")
    assert here.rows() == before
    assert here.look("ohchr")
    assert not here.look("ohchr")
    here.deliver()
    assert len(here.subjects) == 1


def test_where_nothing_changes_a_look_writes_nothing(watched: Callable[..., Watched]) -> None:
    here = watched()
    here.crawl(AWAY)
    here.look()

    class ReadOnly(Store):
        def transaction(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            raise StorageError("It was written.")

    assert not watch(replace(here.desk, clock=lambda: here.now + HOUR / 60), ReadOnly(here.store._engine))


def test_without_a_channel_troubles_are_kept_and_never_told_later(watched: Callable[..., Watched]) -> None:
    here = watched(channel="none")
    assert not here.crawl(AWAY)
    with here.store.reading() as corpus:
        assert [trouble.cause for trouble in corpus.troubles.open()] == ["host-unknown"]
        assert corpus.troubles.untold() == ()
    other = watched()
    assert not other.look()
    assert other.deliver().sent == 0


def test_jobs_that_fail_are_told_and_over_once_they_went_well(watched: Callable[..., Watched]) -> None:
    here = watched()
    notes = JobNotes(here.store, lambda: here.now)
    scheduler = BackgroundScheduler()
    notes.listen_to(scheduler)
    failed = JobExecutionEvent(EVENT_JOB_ERROR, "tidy", "", here.now, exception=ValueError("no \n room"))
    missed = JobExecutionEvent(EVENT_JOB_MISSED, "digest 30 7 * * *", "", here.now)
    for event in (failed, failed, missed):
        scheduler._dispatch_event(event)
    here.look()
    here.deliver()
    assert here.subjects == ["tonle: work of the daemon failed"]
    with here.store.reading() as corpus:
        said = corpus.troubles.open()[0].reasons
    assert said[0].startswith("digest 30 7 * * * was missed")
    assert said[1] == "tidy failed 2 times in a row: ValueError: no room"
    # A daemon that is started anew knows of both; there is no digest at that time any more.
    again = JobNotes(here.store, lambda: here.now)
    again.listen_to(scheduler)
    scheduler.add_job(print, id="tidy")
    scheduler.start(paused=True)
    again.forget_others(scheduler)
    scheduler._dispatch_event(JobExecutionEvent(EVENT_JOB_EXECUTED, "tidy", "", here.now))
    scheduler.shutdown()
    with here.store.reading() as corpus:
        assert corpus.jobs.failures() == ()


def test_a_job_that_fails_for_months_hides_no_other_and_neither_do_messages_that_were_given_up(
    watched: Callable[..., Watched],
) -> None:
    here = watched()
    for months, job in enumerate(("tidy", "digest")):
        with here.store.transaction() as corpus:
            corpus.jobs.failed(job, "failed", "no room", here.now)
            corpus.outbox.owe("alert", months, f"alert:{months}", here.now)
            corpus.outbox.given_up(2 * months + 1, "No such box.", here.now)
        here.look()
        here.deliver()
        here.now += 30 * DAY
    assert here.subjects == [
        "tonle: 2 alarms: the outbox and the daemon’s work",
        "tonle: 2 alarms: the outbox and the daemon’s work",
    ]
    with here.store.reading() as corpus:
        told = [report.event for trouble in corpus.troubles.open() for report in corpus.troubles.reports_of(trouble.id)]
    assert told == [Event.OPENED, Event.GREW] * 2


def test_a_job_that_outlasts_its_next_times_is_told_of_after_an_hour_and_a_crawl_never(
    watched: Callable[..., Watched],
) -> None:
    here = watched()
    scheduler = BackgroundScheduler()
    JobNotes(here.store, lambda: here.now).listen_to(scheduler)

    def skip() -> tuple[list[str], list[str]]:
        with capture_logs() as logs:
            for name in ("deliver", "crawl:ohchr"):
                scheduler._dispatch_event(JobSubmissionEvent(EVENT_JOB_MAX_INSTANCES, name, "", [here.now]))
        with here.store.reading() as corpus:
            return [entry["event"] for entry in logs], [failure.name for failure in corpus.jobs.failures()]

    ended = JobExecutionEvent(EVENT_JOB_EXECUTED, "deliver", "", here.now)
    for hours in (0, 0.9):
        here.now += hours * HOUR
        assert skip() == (["job.skipped", "crawl.skipped"], [])
    scheduler._dispatch_event(ended)
    here.now += HOUR / 2
    assert skip()[1] == []
    here.now += HOUR
    assert skip()[1] == ["deliver"]
    here.look()
    with here.store.reading() as corpus:
        assert corpus.troubles.open()[0].reasons == ("deliver hangs: it has not ended since 2026-03-01 02:24 UTC",)
    scheduler._dispatch_event(ended)
    assert skip()[1] == []


def test_a_machine_in_trouble_is_told(watched: Callable[..., Watched], tmp_path: Path) -> None:
    here = watched()
    (tmp_path / ".env").write_text("TONLE_SMTP_PASSWORD=x")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "archive").mkdir()
    sums = f"# 9 bytes: ohchr/a.warc.gz\n{'0' * 64}  ohchr/a.warc.gz\n"
    (tmp_path / "archive" / "MANIFEST").write_text(sums)
    assert here.look()
    with here.store.reading() as corpus:
        found = {trouble.cause: " ".join(trouble.reasons) for trouble in corpus.troubles.open()}
    assert set(found) - {"disk-low", "disk-full"} == {"exposed", "archive"}
    assert "a.warc.gz" in found["archive"]
    assert ".env" in found["exposed"]


def test_what_cannot_be_looked_at_is_told_and_hides_nothing_else(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    here = watched()
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "MANIFEST").write_bytes(
        b"\xff\xfe\n# 9 bytes: ohchr/a.warc.gz\n" + b"0" * 64 + b"  ohchr/a.warc.gz\n"
    )
    assert not here.crawl()
    with here.store.transaction() as corpus:
        corpus.troubles._connection.exec_driver_sql("UPDATE runs SET started_at = 'no time'")
    with capture_logs() as logs:
        assert here.look()
    with here.store.reading() as corpus:
        found = {trouble.subject: trouble for trouble in corpus.troubles.open()}
    assert found[Subject("source", "ohchr")].cause == "unseen"
    assert found[Subject("archive")].reasons == ("1 file of the archive: ohchr/a.warc.gz is missing.",)
    assert any(line["event"] == "look.failed" and line["exc_info"] for line in logs)
    assert headline(Subject("backups"), "unseen") == "the backups cannot be looked at"


def test_where_the_corpus_was_taken_away_nothing_is_kept_of_a_look(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    here, path, elsewhere = watched(), tmp_path / "corpus.sqlite", tmp_path / "elsewhere"
    before = here.rows()
    path.rename(elsewhere)
    (path.parent / ".env").write_text("TONLE_MAIL_PASSWORD=x")
    (path.parent / ".env").chmod(0o644)
    assert not here.look()
    assert not path.exists()
    elsewhere.rename(path)
    assert here.rows() == before


def test_a_look_that_never_ends_holds_up_nothing_and_is_begun_once(watched: Callable[..., Watched]) -> None:
    release, begun = threading.Event(), []

    def hung(_patient: Patient) -> Iterator[Finding]:
        begun.append(1)
        release.wait(60)
        yield ok("At last.")

    def failing(_patient: Patient) -> Iterator[Finding]:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")
        yield

    # The one that hangs comes last: the others need not be done while it is waited for.
    parts = {"log": OFTEN["log"], "clock": replace(OFTEN["clock"], check=failing)}
    parts["backups"] = replace(OFTEN["backups"], check=hung)
    try:
        for _ in range(2):
            with capture_logs():
                found = of_machine(watched().desk, parts, timedelta(seconds=1))
            assert {subject.part: symptom and symptom.cause for subject, symptom in found.items()} == {
                "backups": "unseen",
                "clock": "unseen",
                "log": None,
            }
        assert begun == [1]
    finally:
        release.set()
        for thread in threading.enumerate():
            if thread.name.startswith("look-"):
                thread.join()


def test_a_heartbeat_is_owed_once_however_often_it_was_missed(watched: Callable[..., Watched]) -> None:
    here = watched(heartbeat="08:00")

    def beat() -> None:
        with here.store.transaction() as corpus:
            owe_heartbeat(corpus, here.desk.config, here.now)
        here.deliver()

    beat()
    here.now += 9 * DAY
    beat()
    beat()
    assert here.subjects == ["tonle is alive: all is well, 0 new articles"] * 2


def test_a_heartbeat_says_where_nobody_looks_for_trouble_any_more(watched: Callable[..., Watched]) -> None:
    here = watched(heartbeat="08:00")
    here.crawl()
    here.look()
    for _ in range(5):
        here.now += DAY
        with here.store.transaction() as corpus:
            owe_heartbeat(corpus, here.desk.config, here.now)
        here.deliver()
    alive = [subject.partition(":")[2].partition(",")[0] for subject in here.subjects]
    assert alive == [" all is well"] * 3 + [" nobody looks for trouble"] * 2


def test_of_the_heartbeats_that_wait_for_a_channel_the_newest_alone_is_sent(watched: Callable[..., Watched]) -> None:
    here = watched(heartbeat="08:00")
    (here.desk.config.data / "outbox").write_text("no folder")
    for _ in range(5):
        with here.store.transaction() as corpus:
            owe_heartbeat(corpus, here.desk.config, here.now)
        assert here.deliver().postponed == 1
        here.now += DAY
    with here.store.reading() as corpus:
        (waiting,) = corpus.outbox.listed("waiting", 9)
    assert waiting.key == "heartbeat:2026-03-05T08:00"
    (here.desk.config.data / "outbox").unlink()
    here.deliver()
    assert here.subjects == ["tonle is alive: all is well, 0 new articles"]


def test_an_hour_that_comes_twice_has_one_heartbeat(watched: Callable[..., Watched]) -> None:
    here = watched(heartbeat="02:30", zone="Europe/Berlin")

    def owed(corpus: Corpus) -> bool:
        return owe_heartbeat(corpus, here.desk.config, here.now)

    here.now = datetime(2026, 10, 24, 0, 30, tzinfo=UTC)
    beats = []
    for hours in (0, 24, 25, 49, 73):
        with here.store.transaction() as corpus:
            here.now = datetime(2026, 10, 24, 0, 30, tzinfo=UTC) + hours * HOUR
            beats.append(owed(corpus))
    assert beats == [True, True, False, True, True]


def test_the_daemon_looks_and_beats_by_the_settings_and_a_clock_that_was_put_back_holds_up_nothing(
    watched: Callable[..., Watched],
) -> None:
    here = watched(heartbeat="08:00", every="5m", zone="UTC")
    desk = replace(here.desk, clock=lambda: here.now)
    jobs = Jobs(desk, here.store, Children(HOUR))
    with here.store.transaction() as corpus:
        corpus.jobs.done("heartbeat", here.now + 400 * DAY)
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start(paused=True)
    jobs.put_into(scheduler)
    due = {job.id: job.next_run_time for job in scheduler.get_jobs()}
    assert due["watch"] == here.now
    assert scheduler.get_job("watch").trigger.interval == timedelta(minutes=5)
    assert due["heartbeat"] == here.now.replace(hour=8)
    here.now = due["heartbeat"]
    jobs.beat()
    with here.store.reading() as corpus:
        assert [state.kind for state in corpus.outbox.listed("sent", 9)] == ["heartbeat"]
    without = Jobs(replace(watched().desk, clock=lambda: here.now), here.store, Children(HOUR))
    without.put_into(scheduler)
    assert scheduler.get_job("heartbeat") is None
    scheduler.shutdown()


def test_every_cause_has_its_words_and_every_part_is_called_something() -> None:
    parts = {**OFTEN, **SELDOM}
    assert {cause for part in parts.values() for cause in part.causes.values()} <= set(CAUSES)
    assert {*parts, "jobs"} == set(PARTS)
    assert headline(Subject("source", "post"), "unheard-of") == "post: something needs a look"
    assert cause_of("unheard-of").commands
