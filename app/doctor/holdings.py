"""Checks of what tonle holds and does: the corpus, the daemon, the outbox, each source's history, backups."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.desk import Desk
from app.doctor.finding import Finding, Patient, look, ok, wrong
from app.judged import State, history_of, judged
from app.safekeeping import BEGUN_BACKUP, WHOLE_BACKUP
from app.schedule import held_off_until
from core.audience import NOWHERE
from core.crontab import following
from core.errors import StorageBusyError, StorageError
from core.timetable import crawl_trigger
from core.trouble import OPERATOR_KINDS
from notify.causes import headline
from notify.coverage import interval
from notify.phrases import number_of, span_of
from storage.condition import condition, sizes
from storage.lock import is_held
from storage.schema import HEAD
from storage.store import Corpus, Store

_MB = 1_000_000
_LARGE_LOG = 100 * _MB  # SQLite begins the log anew at 4 MB unless somebody reads an old state all the time
_OTHERS = timedelta(hours=1)  # by which the clock of the disk that holds the backups may be wrong
_HALF_MADE = "make one by hand, which says what it lacks: `tonle db backup FILE --archive`"
_STUCK = timedelta(hours=6)  # that a message waits: by then it was tried eight times
_LEVELS = {State.BROKEN: wrong, State.BLOCKED: wrong, State.QUIET: look, State.NEVER: look}
_REMEDIES = {
    State.BROKEN: "`tonle runs --source {0} --failed` shows why, `tonle sources check {0}` what to mend",
    State.BLOCKED: "tonle passes no barrier: where it lasts, write to the site's operators",
    State.QUIET: "look at the site: where it shows something new, `tonle sources check {0}`",
    State.NEVER: "`tonle crawl {0}`, or start the daemon",
}


def database(patient: Patient) -> Iterator[Finding]:
    """Check the corpus's file: sound, of this program's schema, its write-ahead log of a usual size.

    Raises StorageBusyError where it is locked, and nobody can look.
    """
    path = patient.desk.config.corpus
    if not path.exists():
        yield ok(f"There is no corpus yet; the first crawl makes {path}.")
        return
    try:
        # It is not to take the whole time: the answer has to be told.
        found = condition(path, patient.limit * 3 // 4)
    except StorageBusyError:
        raise
    except StorageError as error:
        yield wrong(str(error), "restore the last backup, if the file is lost (docs/operations.md)")
        return
    if found.is_newer:
        yield wrong(
            f"A newer tonle made the corpus (schema {found.schema}; this one knows {found.wanted}).", "upgrade tonle"
        )
    elif found.schema != found.wanted:
        yield look(
            f"The corpus is of schema {found.schema or 'none'}, not {found.wanted}.",
            "back it up; the next command upgrades it",
        )
    if found.problems:
        yield wrong(
            f"The file is damaged: {'; '.join(found.problems)}.", "stop tonle, keep a copy, restore the last backup"
        )
    elif not found.is_whole:
        yield look("The file is so large that the check did not end in time.", "`tonle db check` takes the time")
    else:
        yield ok(f"{path}: {found.database / _MB:,.1f} MB, sound, schema {found.schema}.")
    yield from write_ahead_log(patient)


def write_ahead_log(patient: Patient) -> Iterator[Finding]:
    """Check the size of the corpus's write-ahead log."""
    _, log = sizes(patient.desk.config.corpus)
    if log > _LARGE_LOG:
        yield look(
            f"The write-ahead log has grown to {log / _MB:,.0f} MB.",
            "some process reads the corpus without an end: find it (lsof), or restart the daemon",
        )


def daemon(patient: Patient) -> Iterator[Finding]:
    """Check whether a daemon works the corpus, and crawls each source when it should."""
    desk, now = patient.desk, patient.desk.clock()
    if not is_held(desk.lock("daemon")):
        yield look("No daemon is running.", "start it: `tonle daemon`, or the service that runs it")
        return
    with reading(desk, patient.limit) as corpus:
        behind = [source for source in desk.sites if corpus and now > _due(desk, corpus, source, now)]
    late = [source for source in behind if not is_held(desk.lock(source))]
    if late:
        yield wrong(
            f"The daemon is running, and has not crawled {', '.join(late)} for two intervals.",
            "read its log; where it says nothing, restart it",
        )
    else:
        yield ok("The daemon is running, and no source waits.")


def _due(desk: Desk, corpus: Corpus, source: str, now: datetime) -> datetime:
    """Return when a source should have been crawled at the latest: it was due twice, or is left alone for failing."""
    last = corpus.runs.last(source, whole=True)
    if last is None:
        return datetime.min.replace(tzinfo=UTC)
    trigger = crawl_trigger(desk.config, source)
    twice = following(trigger, following(trigger, last.started_at))
    often = interval(source, desk.config, now)
    until = held_off_until(often, corpus.runs.failures(source), last.started_at, now)
    # It is crawled when it is due next after that.
    return max(twice, following(trigger, until)) if until else twice


def outbox(patient: Patient) -> Iterator[Finding]:
    """Find messages that were given up, or that wait for long."""
    with reading(patient.desk, patient.limit) as corpus:
        if corpus is None:
            yield ok("Nothing is owed to anybody.")
            return
        dead, waiting = corpus.outbox.given_up_count(), corpus.outbox.waiting()
        stuck, error = corpus.outbox.stuck(patient.desk.clock() - _STUCK)
    if dead:
        yield wrong(
            f"{number_of(dead, 'message')} {'was' if dead == 1 else 'were'} given up.",
            "`tonle deliveries list --state dead` says why; then `resend --all` sends them again, or `dismiss` lets go",
        )
    if stuck:
        says = f"{number_of(stuck, 'message')} could not be handed over for {span_of(_STUCK)}: {error}"
        yield look(says, "`tonle deliveries list` names them; they are tried again")
    if not dead and not stuck:
        yield ok(f"{number_of(waiting, 'message')} waiting, none given up.")


def operator(patient: Patient) -> Iterator[Finding]:
    """Check whether the operator can be told of trouble, and say what is open."""
    settings = patient.desk.config.operator
    with reading(patient.desk, patient.limit) as corpus:
        refused = corpus.outbox.refused(OPERATOR_KINDS) if corpus else ()
        troubles = corpus.troubles.open() if corpus else ()
    if refused:
        yield wrong(
            f"The operator cannot be told: {number_of(len(refused), 'message')} not handed over: {refused[0].error}",
            "`tonle deliveries` names them; mend `operator` in config.yaml, or its channel",
        )
    elif settings.channel == NOWHERE:
        yield look("Nobody is told of trouble.", "set `operator.channel` in config.yaml")
    elif settings.channel == "file":
        yield ok("Alarms are files in outbox/operator under `data`: with `operator` in config.yaml somebody is told.")
    else:
        yield ok(f"Alarms go by {settings.channel}{'' if settings.heartbeat else ', without a heartbeat'}.")
    for trouble in troubles:
        yield look(f"Open: {headline(trouble.subject, trouble.cause)}.", "`tonle troubles` says more")


def sources(patient: Patient) -> Iterator[Finding]:
    """Judge each source against its own history."""
    desk, now = patient.desk, patient.desk.clock()
    well = []
    with reading(desk, patient.limit) as corpus:
        if corpus is None:
            yield ok("Nothing was crawled yet.")
            return
        for source in desk.sites:
            found = judged(history_of(desk, corpus, source, now), now)
            if found.state not in _LEVELS:
                well.append(source)
                continue
            says = f"{source} ({found.state}): {' '.join(found.reasons)}"
            yield _LEVELS[found.state](says, _REMEDIES[found.state].format(source))
    if well:
        yield ok(f"As usual: {', '.join(well)}.")


def backups(patient: Patient) -> Iterator[Finding]:
    """Check how old the newest whole backup is, where config.yaml says where they are."""
    settings, now = patient.desk.config.doctor, patient.desk.clock()
    if settings.backups is None:
        yield look("Nobody told tonle of backups.", "make some; `doctor.backups` in config.yaml names their folder")
        return
    folder = patient.desk.config.data / settings.backups
    try:
        times = [path.stat().st_mtime for path in folder.iterdir() if path.is_file() and _is_backup(path)]
    except OSError as error:
        yield wrong(f"The backups in {folder} cannot be looked at: {error.strerror}.", "set `doctor.backups` right")
        return
    if not times:
        yield wrong(f"There is no backup in {folder}.", "make one: docs/operations.md, Backing up")
        return
    newest = datetime.fromtimestamp(max(times), UTC)
    if now - newest > settings.oldest_backup:
        yield wrong(f"The newest backup in {folder} is {span_of(now - newest)} old.", "look why no newer one was made")
    elif half := _half_made(patient, newest):
        yield wrong(f"The newest backup in {folder} has the corpus, and not all of the archive. {half}", _HALF_MADE)
    else:
        yield ok(f"The newest backup in {folder} is {span_of(now - newest)} old.")


def _is_backup(path: Path) -> bool:
    """Return whether a file is none that a backup under way, or whoever opens a backup, leaves beside it."""
    return not path.name.endswith((".new", "-wal", "-shm", "-journal"))


def _half_made(patient: Patient, newest: datetime) -> str:
    """Return how long no backup of tonle's came to its end, for as long as it may be; nothing where one did.

    Nothing either where another program made the newest copy, or no backup is noted.
    """
    desk = patient.desk
    with reading(desk, patient.limit) as corpus:
        begun = corpus.jobs.last(BEGUN_BACKUP) if corpus else None
        whole = corpus.jobs.last(WHOLE_BACKUP) if corpus else None
    if begun is None or newest - begun > _OTHERS:
        return ""
    if whole is None:
        return "" if is_held(desk.lock("backup")) else "None was whole yet."
    age = desk.clock() - whole
    return f"The newest whole one was made {span_of(age)} ago." if age > desk.config.doctor.oldest_backup else ""


@contextmanager
def reading(desk: Desk, limit: timedelta) -> Iterator[Corpus | None]:
    """Give the corpus to read; None where there is none of this program's schema, of which `database` tells."""
    path = desk.config.corpus
    if not path.exists() or condition(path, timedelta(0)).schema != HEAD:
        yield None
        return
    # The daemon asks as well: a corpus that is taken away in this moment is not begun anew.
    store = Store.existing(path, min(limit / 2, desk.config.storage.busy_timeout))
    try:
        with store.reading() as corpus:
            yield corpus
    finally:
        store.close()
