"""Whether the daemon does its work, and who hears of it where the corpus can take no alarm."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler

from app.alarms.vitals import Vitals
from app.desk import Desk, open_desk
from core.errors import DeliveryError, StorageFullError
from notify.message import Message
from storage.store import Corpus, Store

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
FULL = "The disk of the corpus is full."


class Disk(Store):
    """A corpus whose disk is full when it is told so."""

    is_full = False

    @contextmanager
    def transaction(self) -> Iterator[Corpus]:
        with super().transaction() as corpus:
            yield corpus
            if self.is_full:
                raise StorageFullError(FULL)


@dataclass
class Ward:
    """A scheduler whose jobs end as they are told, and what the operator gets; minutes are counted by hand."""

    desk: Desk
    store: Disk
    minutes: float = 0.0
    is_away: bool = False
    subjects: list[str] = field(default_factory=list)
    scheduler: BackgroundScheduler = field(default_factory=BackgroundScheduler)

    def __post_init__(self) -> None:
        desk = replace(self.desk, clock=lambda: NOW + timedelta(minutes=self.minutes))
        self.vitals = Vitals(lambda: desk, self.store, lambda: 60 * self.minutes, {"file": lambda *_: self})
        self.vitals.listen_to(self.scheduler)

    def ends(self, job: str, error: Exception | None = None) -> None:
        code = EVENT_JOB_ERROR if error else EVENT_JOB_EXECUTED
        self.scheduler._dispatch_event(JobExecutionEvent(code, job, "", NOW, exception=error))

    def works(self, minutes: int) -> None:
        """Look through the outbox each minute, and for trouble each tenth, as the store lets it."""
        for minute in range(minutes):
            self.minutes += 1
            self.ends("deliver")
            if minute % 10 == 0:
                self.ends("watch", StorageFullError(FULL) if self.store.is_full else None)

    def send(self, message: Message, key: str) -> None:
        assert key.startswith("straight:")
        if self.is_away:
            raise DeliveryError("Away.")
        self.subjects.append(str(message.mail["Subject"]))

    def close(self) -> None:
        pass


@pytest.fixture
def ward(tmp_path: Path, store: Store) -> Ward:
    (tmp_path / "config.yaml").write_text("{}")
    return Ward(open_desk(tmp_path / "config.yaml", {}), Disk(store._engine))


def test_a_corpus_that_cannot_be_written_is_told_straight_once_a_day_and_its_end_once(ward: Ward) -> None:
    ward.works(20)
    ward.store.is_full = True
    ward.works(4)
    assert (ward.subjects, ward.vitals.ails()) == ([], "")
    ward.works(20)
    assert ward.subjects == ["tonle: the corpus cannot be written"]
    assert ward.vitals.ails() == FULL
    ward.works(24 * 60)
    assert len(ward.subjects) == 2
    ward.store.is_full = False
    ward.works(20)
    assert ward.subjects[2:] == ["tonle: all-clear for the corpus, after 24 hours"]
    assert ward.vitals.ails() == ""
    with ward.store.reading() as corpus:
        assert corpus.troubles.recent(9) == ()


def test_a_lock_of_a_minute_is_told_nobody(ward: Ward) -> None:
    for _ in range(50):
        ward.ends("crawl:post", StorageFullError(FULL))
        ward.works(3)
    assert (ward.subjects, ward.vitals.ails()) == ([], "")


def test_a_channel_that_fails_is_tried_again_a_quarter_of_an_hour_later(ward: Ward) -> None:
    ward.is_away = ward.store.is_full = True
    ward.works(12)
    ward.is_away = False
    ward.works(5)
    assert ward.subjects == []
    ward.works(10)
    assert len(ward.subjects) == 1


def test_a_look_that_fails_is_told_straight_as_no_alarm_can_be(ward: Ward) -> None:
    for _ in range(9):
        ward.ends("watch", ValueError("no time"))
        ward.ends("tidy", ValueError("no room"))  # of which the next look tells
        ward.ends("deliver")
        ward.minutes += 10
    assert ward.subjects == ["tonle: nobody looks for trouble: the look itself fails"]
    ward.ends("watch")
    assert ward.subjects[1:] == ["tonle: all-clear for the daemon’s work, after 90 minutes"]


def test_work_that_does_not_end_is_no_health(ward: Ward) -> None:
    ward.works(20)
    for _ in range(40):
        ward.minutes += 1
        ward.ends("deliver")
    assert ward.vitals.ails() == "No look for trouble has ended well for 49 minutes."
    ward.ends("watch")
    assert ward.vitals.ails() == ""
    ward.minutes += 31
    ward.ends("watch")
    assert ward.vitals.ails() == "No look through the outbox has ended well for 31 minutes."
