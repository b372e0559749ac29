"""What looks wrong now: of each source by its own history, of the machine by those checks of doctor that stay here.

Nobody watches the watcher: what cannot be looked at is a symptom itself, and keeps nothing else from being looked at.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from app.alarms.deciding import A_DAY, Looked
from app.desk import Desk
from app.doctor import holdings, machine
from app.doctor.finding import Check, Finding, Level, Patient, wrong
from app.judged import Judgement, State, history_of, judged
from core.clock import stopwatch
from core.errors import StorageBusyError, StorageError, TonleError
from core.trouble import SOURCE, Gravity, Subject, Symptom
from crawler.archive.manifest import faults
from notify.coverage import interval, late_from
from notify.phrases import number_of
from storage.store import Corpus

log = structlog.get_logger()
_FILES = 3  # that are named
_MARKS = 50  # files that are remembered by their names
_DEAD = 1000  # newest messages among those that were given up
_LOOKS = 3
"""So many looks in a row have to find nothing wrong with a part of the machine: room on a disk comes and goes."""
_LIMIT = timedelta(minutes=1)  # SQLite may read the corpus's file for fifteen seconds, beside crawls
_GRAVITIES = {Level.LOOK: Gravity.LOOK, Level.WRONG: Gravity.WRONG}


@dataclass(frozen=True, slots=True)
class _Part:
    """A check of a part of the machine, and what its findings are as causes: those of other levels are no trouble.

    marks are asked for where something is wrong.
    """

    check: Check
    causes: Mapping[Level, str]
    marks: Callable[[Patient], tuple[str, ...]] = lambda _: ()


def archive(patient: Patient) -> Iterator[Finding]:
    """Hold the finished files of the archive against their sizes."""
    folder = patient.desk.config.evidence
    try:
        found = faults(folder) if folder.is_dir() else {}
    except OSError as error:
        yield wrong(f"The archive {folder} cannot be looked at: {error.strerror}.")
        return
    if found:
        named = "; ".join(f"{name} {fault}" for name, fault in list(found.items())[:_FILES])
        more = f"; and {len(found) - _FILES:,} more" if len(found) > _FILES else ""
        yield wrong(f"{number_of(len(found), 'file')} of the archive: {named}{more}.")


def _faulty(patient: Patient) -> tuple[str, ...]:
    """Return the first of the files of the archive that are not as they were, and how many there are, by its digits.

    The first are enough to see that others are; a thousand that go at once are not to be written down one by one.
    """
    folder = patient.desk.config.evidence
    names = sorted(faults(folder)) if folder.is_dir() else []
    return *(f"file {name}" for name in names[:_MARKS]), f"{len(str(len(names)))} digits"


def _given_up(patient: Patient) -> tuple[str, ...]:
    """Return the day, in UTC, of the newest message that was given up: each day on which there are more is news."""
    with holdings.reading(patient.desk, patient.limit) as corpus:
        dead = corpus.outbox.listed("dead", _DEAD) if corpus else ()
    days = [f"{each.given_up_at:%Y-%m-%d}" for each in dead if each.given_up_at]
    return (max(days),) if days else ()


OFTEN: Mapping[str, _Part] = {
    "disk": _Part(machine.disk, {Level.LOOK: "disk-low", Level.WRONG: "disk-full"}),
    "permissions": _Part(machine.permissions, {Level.LOOK: "exposed", Level.WRONG: "permissions"}),
    "outbox": _Part(holdings.outbox, {Level.LOOK: "outbox-stuck", Level.WRONG: "outbox-given-up"}, _given_up),
    "backups": _Part(holdings.backups, {Level.WRONG: "backups"}),
    "clock": _Part(machine.clock, {Level.WRONG: "clock"}),
    "log": _Part(holdings.write_ahead_log, {Level.LOOK: "write-ahead-log"}),
}
"""Looked at each time: together some milliseconds."""

SELDOM: Mapping[str, _Part] = {
    "database": _Part(holdings.database, {Level.WRONG: "database"}),
    "archive": _Part(archive, {Level.WRONG: "archive"}, _faulty),
}
"""Looked at once a day: SQLite reads all of the corpus's file for it (for fifteen seconds at most)."""


class _Look(threading.Thread):
    """A look at a part of the machine, in a thread of its own: a dead network mount never answers who asks it.

    found is what is wrong, once it has ended; is_known is false where nobody can say at present.
    """

    def __init__(self, name: str, part: _Part, patient: Patient) -> None:
        super().__init__(name=_thread(name), daemon=True)
        self._about, self._part, self._patient = name, part, patient
        self.found: Symptom | None = None
        self.is_known = True

    def run(self) -> None:
        try:
            self.found = _symptom(self._part, self._patient)
        except StorageBusyError:
            self.is_known = False  # it passes
        except Exception as error:  # noqa: BLE001  # the rim: one part that cannot be looked at hides no other
            self.found = _unseen(self._about, error)


def of_machine(desk: Desk, parts: Mapping[str, _Part], limit: timedelta = _LIMIT) -> dict[Subject, Symptom | None]:
    """Return what is wrong with parts of the machine, within a limit for all of them.

    That a part cannot be looked at, or not in time, is wrong with it; one that is busy at the moment is left out. A
    look that never ends is not begun a second time.
    """
    patient = Patient(desk, os.environ)
    hanging = {thread.name for thread in threading.enumerate()}
    looks = {name: _Look(name, part, patient) for name, part in parts.items() if _thread(name) not in hanging}
    for look in looks.values():
        look.start()
    found: dict[Subject, Symptom | None] = {}
    end = stopwatch() + limit.total_seconds()
    for name in parts:
        here = looks.get(name)
        if here is not None:
            here.join(max(0.0, end - stopwatch()))
        if here is None or here.is_alive():
            found[Subject(name)] = _unseen(
                name, None, f"The look at it did not end within {limit.total_seconds():g} s."
            )
        elif here.is_known:
            found[Subject(name)] = here.found
    return found


def _thread(part: str) -> str:
    return f"look-{part}"


def _unseen(about: str, error: Exception | None, said: str = "") -> Symptom:
    if error is not None:
        said = str(error) if isinstance(error, TonleError) else f"{type(error).__name__}: {error}"
        is_ours = not isinstance(error, TonleError | OSError)
        log.error("look.failed", about=about, error=said, exc_info=error if is_ours else None)
    return Symptom("unseen", Gravity.LOOK, (said,))


def _symptom(part: _Part, patient: Patient) -> Symptom | None:
    told = [finding for finding in part.check(patient) if finding.level in part.causes]
    if not told:
        return None
    worst = Level.WRONG if any(finding.level is Level.WRONG for finding in told) else Level.LOOK
    says = tuple(finding.says for finding in told if finding.level is worst)
    return Symptom(part.causes[worst], _GRAVITIES[worst], says, part.marks(patient) if worst is Level.WRONG else ())


def of_jobs(corpus: Corpus) -> dict[Subject, Symptom | None]:
    """Return whether jobs of the daemon fail."""
    failures = corpus.jobs.failures()
    said = tuple(
        f"{job.name} {job.what}{f' {job.times} times in a row' if job.times > 1 else ''}: {job.error}"
        for job in failures
    )
    marks = tuple(f"job {job.name}" for job in failures)
    return {Subject("jobs"): Symptom("jobs", Gravity.WRONG, said, marks) if said else None}


def of_source(judgement: Judgement) -> Symptom | None:
    """Return what is wrong with a source of which the operator is to be told."""
    if not judgement.cause or judgement.state in {State.WELL, State.NEVER, State.OFF}:
        return None
    gravity = Gravity.LOOK if judgement.state is State.QUIET else Gravity.WRONG
    return Symptom(judgement.cause, gravity, judgement.reasons)


def looked(
    desk: Desk,
    corpus: Corpus,
    machine_found: Mapping[Subject, Symptom | None],
    now: datetime,
    is_asked: Callable[[str], bool] = lambda _: True,
    since: datetime | None = None,
) -> Looked:
    """Return what is wrong with the sources that are asked for, beside what was found of the machine before.

    since: since when tonle has been at work; a source that was late before it could be crawled is no news.
    """
    every = desk.config.operator.every
    found = dict(machine_found)
    calm = dict.fromkeys(found, _LOOKS * every)
    for source in filter(is_asked, desk.sites):
        subject = Subject(SOURCE, source)
        try:
            symptom, is_told = _of_source_now(desk, corpus, source, now, since)
            calm[subject] = _bounded(interval(source, desk.config, now), every)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001  # the rim: one source that cannot be judged hides no other
            symptom, is_told = _unseen(source, error), True
        if is_told:
            found[subject] = symptom
    known = {trouble.subject for trouble in corpus.troubles.open()}
    gone = {each for each in known if each.part == SOURCE and each.name not in desk.sites}
    return Looked(found, calm, frozenset(gone))


def _of_source_now(
    desk: Desk, corpus: Corpus, source: str, now: datetime, since: datetime | None
) -> tuple[Symptom | None, bool]:
    """Return what is wrong with a source, and whether that may be told: else it goes on to be what it was.

    So it is while a first crawl after a change, or after downtime, has not finished.
    """
    history = history_of(desk, corpus, source, now)
    is_late = history.late_from is not None and now > history.late_from
    is_excused = is_late and since is not None and now <= late_from(source, desk.config, since)
    judgement = judged(replace(history, late_from=None) if is_excused else history, now)
    symptom = of_source(judgement)
    is_wrong = symptom is not None and symptom.gravity is Gravity.WRONG
    return symptom, judgement.state is not State.NEVER and (is_wrong or not is_excused)


def _bounded(often: timedelta, least: timedelta) -> timedelta:
    """Return for how long a source has to be well: till its next crawl should have been, a day at most."""
    return min(max(often, least), A_DAY)
