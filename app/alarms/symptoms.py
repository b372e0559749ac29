"""What looks wrong now: of each source by its own history, of the machine by those checks of doctor that stay here."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.alarms.deciding import A_DAY, Looked
from app.desk import Desk
from app.doctor import holdings, machine
from app.doctor.finding import Check, Finding, Level, Patient, wrong
from app.judged import Judgement, State, history_of, judged
from core.errors import TonleError
from core.trouble import SOURCE, Gravity, Subject, Symptom
from crawler.archive.manifest import faults
from notify.coverage import interval
from notify.phrases import number_of
from storage.store import Corpus

_FILES = 3  # that are named
_LOOKS = 3
"""So many looks in a row have to find nothing wrong with a part of the machine: room on a disk comes and goes."""
_GRAVITIES = {Level.LOOK: Gravity.LOOK, Level.WRONG: Gravity.WRONG}


@dataclass(frozen=True, slots=True)
class _Part:
    """A check of a part of the machine, and what its findings are as causes: those of other levels are no trouble."""

    check: Check
    causes: Mapping[Level, str]


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


OFTEN: Mapping[str, _Part] = {
    "disk": _Part(machine.disk, {Level.LOOK: "disk-low", Level.WRONG: "disk-full"}),
    "permissions": _Part(machine.permissions, {Level.LOOK: "exposed", Level.WRONG: "permissions"}),
    "outbox": _Part(holdings.outbox, {Level.LOOK: "outbox-stuck", Level.WRONG: "outbox-given-up"}),
    "backups": _Part(holdings.backups, {Level.WRONG: "backups"}),
    "clock": _Part(machine.clock, {Level.WRONG: "clock"}),
    "log": _Part(holdings.write_ahead_log, {Level.LOOK: "write-ahead-log"}),
}
"""Looked at each time: together some milliseconds."""

SELDOM: Mapping[str, _Part] = {
    "database": _Part(holdings.database, {Level.WRONG: "database"}),
    "archive": _Part(archive, {Level.WRONG: "archive"}),
}
"""Looked at once a day: SQLite reads all of the corpus's file for it (for fifteen seconds at most)."""


def of_machine(desk: Desk, parts: Mapping[str, _Part]) -> dict[Subject, Symptom | None]:
    """Return what is wrong with parts of the machine. One that cannot be looked at is left out."""
    patient = Patient(desk, os.environ)
    found: dict[Subject, Symptom | None] = {}
    for name, part in parts.items():
        try:
            found[Subject(name)] = _symptom(part, tuple(part.check(patient)))
        except (TonleError, OSError):
            continue  # doctor tells of it; here it says nothing of what was wrong before
    return found


def _symptom(part: _Part, findings: Iterable[Finding]) -> Symptom | None:
    told = [finding for finding in findings if finding.level in part.causes]
    if not told:
        return None
    worst = Level.WRONG if any(finding.level is Level.WRONG for finding in told) else Level.LOOK
    says = tuple(finding.says for finding in told if finding.level is worst)
    return Symptom(part.causes[worst], _GRAVITIES[worst], says)


def of_jobs(corpus: Corpus) -> dict[Subject, Symptom | None]:
    """Return whether jobs of the daemon fail."""
    said = tuple(
        f"{job.name} {job.what}{f' {job.times} times in a row' if job.times > 1 else ''}: {job.error}"
        for job in corpus.jobs.failures()
    )
    return {Subject("jobs"): Symptom("jobs", Gravity.WRONG, said) if said else None}


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
) -> Looked:
    """Return what is wrong with the sources that are asked for, beside what was found of the machine before."""
    every = desk.config.operator.every
    found = dict(machine_found)
    calm = dict.fromkeys(found, _LOOKS * every)
    for source in filter(is_asked, desk.sites):
        subject = Subject(SOURCE, source)
        judgement = judged(history_of(desk, corpus, source, now), now)
        # A source that was well goes on to be while a first crawl after a change has not finished.
        if judgement.state is not State.NEVER:
            found[subject] = of_source(judgement)
        calm[subject] = _bounded(interval(source, desk.config, now), every)
    known = {trouble.subject for trouble in corpus.troubles.open()}
    gone = {each for each in known if each.part == SOURCE and each.name not in desk.sites}
    return Looked(found, calm, frozenset(gone))


def _bounded(often: timedelta, least: timedelta) -> timedelta:
    """Return for how long a source has to be well: till its next crawl should have been, a day at most."""
    return min(max(often, least), A_DAY)
