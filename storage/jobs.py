"""When jobs were last done that leave no trace of their own when there was nothing to do, and which of them fail."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage import upserts
from storage.schema_told import jobs
from storage.schema_troubles import job_failures


@dataclass(frozen=True, slots=True)
class JobFailure:
    """A job of which the newest time failed or was missed (what): since when, the newest time, how often in a row."""

    name: str
    what: str
    error: str
    since: datetime
    at: datetime
    times: int


class Jobs:
    """The jobs of one transaction's corpus, by their names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def done(self, name: str, at: datetime) -> None:
        """Record that a job was done."""
        statement = upserts.insert(jobs).values(name=name, done_at=at)
        replaced = statement.on_conflict_do_update(
            index_elements=["name"], set_={"done_at": statement.excluded.done_at}
        )
        self._connection.execute(replaced)

    def last(self, name: str) -> datetime | None:
        """Return when a job was last done, None if it never was."""
        return self._connection.execute(select(jobs.c.done_at).where(jobs.c.name == name)).scalar()

    def failed(self, name: str, what: str, error: str, at: datetime) -> None:
        """Record that a job failed or was missed."""
        statement = upserts.insert(job_failures).values(name=name, what=what, error=error, since=at, at=at, times=1)
        again = {"what": what, "error": error, "at": at, "times": job_failures.c.times + 1}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=again))

    def went_well(self, name: str) -> None:
        """Forget that a job failed."""
        self._connection.execute(delete(job_failures).where(job_failures.c.name == name))

    def keep_failures(self, names: Collection[str]) -> None:
        """Forget the failures of jobs of other names: there is no such job any more."""
        self._connection.execute(delete(job_failures).where(job_failures.c.name.not_in(names)))

    def failures(self) -> tuple[JobFailure, ...]:
        """Return the jobs that fail or were missed, and have not gone well since, by name."""
        found = self._connection.execute(select(job_failures).order_by(job_failures.c.name))
        return tuple(JobFailure(row.name, row.what, row.error, row.since, row.at, row.times) for row in found)
