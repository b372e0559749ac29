"""A corpus that is looked at as a daemon does, at times that a test says."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from app.alarms.watching import watch
from app.desk import Desk
from notify.delivery import DeliveryReport, deliver_due
from storage.store import Store

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
