"""Signs of life: each once, however often it was missed, and by the operator's clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from app.child import Children
from app.jobs import Jobs
from notify.life import owe_heartbeat
from storage.store import Corpus
from tests.rigs.watched import DAY, HOUR, Watched


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
