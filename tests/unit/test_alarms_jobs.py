"""Jobs that fail, come too late or have no end are alarms."""

from collections.abc import Callable

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
from core.trouble import Event
from tests.rigs.watched import DAY, HOUR, Watched


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
