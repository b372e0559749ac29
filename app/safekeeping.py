"""Backups: a copy of the corpus beside a second archive, and putting them back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from app.desk import Desk
from core.errors import StorageError, UsageError
from crawler.archive.index import captures
from crawler.archive.manifest import shelved
from crawler.archive.mirror import Mirrored, mirror, put_back
from storage.backup import Copy, back_up, refuse_target, unwritten
from storage.captures import FileRead
from storage.condition import condition
from storage.lock import LOCKS
from storage.restore import Restored, refuse_backup, restore
from storage.schema import HEAD
from storage.store import Store

log = structlog.get_logger()
Told = Callable[[str], None]
BEGUN_BACKUP = "backup begun"
"""The job that is done once a backup has the corpus; the copy knows nothing of it."""
WHOLE_BACKUP = "backup"
"""The job that is done once it has all that was asked for."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds: the copy of the corpus, and what came to the second archive, if one was asked for."""

    copy: Copy
    archive: Mirrored | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """WARC files beside a corpus: those that revisions point to and that are not there, and those that hold more.

    pages counts the revisions whose page is missing; unknown files hold answers that came after the last one from which
    a revision of that source was read.
    """

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    pages: int


def archive_beside(backup: Path) -> Path:
    """Return the folder of the second archive: all backups in one folder share it."""
    return backup.absolute().parent / "archive"


def second_archive(place: Path) -> Path:
    """Return the second archive that is meant by its own folder, or by a backup beside it. Raises UsageError."""
    folder = place if place.is_dir() else archive_beside(place)
    if not shelved(folder):
        raise UsageError(f"There are no WARC files in {folder}: name a backup, or the folder `archive` beside it.")
    return folder


def make_backup(desk: Desk, target: Path, *, replace: bool, with_archive: bool, told: Told) -> BackedUp:
    """Copy the corpus, then what is new of the archive, so that nothing the copy points to is missing.

    Raises AlreadyRunningError while another backup is made, UsageError, StorageError.
    """
    refuse_target(desk.config.corpus, target, replace=replace)
    second = archive_beside(target)
    if with_archive and second.resolve() == desk.config.evidence.resolve():
        raise UsageError(f"{second} is the archive itself: name a file in another folder.")
    with desk.without_beginning().alone("backup", "A backup of this corpus"):
        copy = back_up(desk.config.corpus, target, replace=replace)
        _note(desk, BEGUN_BACKUP)
        made = BackedUp(copy, _mirrored(desk.config.evidence, second, told) if with_archive else None)
        _note(desk, WHOLE_BACKUP)
        return made


def put_back_backup(desk: Desk, backup: Path, *, with_archive: bool, told: Told) -> tuple[Restored, Mirrored | None]:
    """Put a backup in the place of the corpus, and what is missing or damaged of the archive in its place.

    Raises AlreadyRunningError while a daemon, a crawl or a backup has the corpus, UsageError, StorageError.
    """
    refuse_backup(backup, desk.config.corpus)
    with _nobody_else(desk):
        restored = restore(backup, desk.config.corpus, desk.clock(), desk.config.storage.busy_timeout)
        if not with_archive:
            return restored, None
        try:
            return restored, put_back(archive_beside(backup), desk.config.evidence, told)
        except OSError as error:
            raise _half_put_back(desk, backup, restored, error) from error


def put_back_archive(desk: Desk, place: Path, told: Told) -> Mirrored:
    """Put back what is missing or damaged of the archive, from a second one that is named as by `second_archive`.

    The corpus stays as it is. Raises AlreadyRunningError while anybody else may use either, UsageError, StorageError.
    """
    second = second_archive(place)
    if second.resolve() == desk.config.evidence.resolve():
        raise UsageError(f"{second} is the archive itself: name a backup of it.")
    with _nobody_else(desk):
        try:
            return put_back(second, desk.config.evidence, told)
        except OSError as error:
            raise unwritten(desk.config.evidence, error, "what was put back of it before stays") from error


def _half_put_back(desk: Desk, backup: Path, restored: Restored, error: OSError) -> StorageError:
    """Return what it means that the archive could not be put back once the corpus was."""
    said = unwritten(desk.config.evidence, error, "what was put back of it before stays")
    kept = f" (what stood there is {restored.kept})" if restored.kept else ""
    return type(said)(
        f"The corpus {desk.config.corpus} was put back{kept}, but not all of its archive: {said} Then run"
        f" `tonle db restore {backup} --archive-only`."
    )


def _note(desk: Desk, job: str) -> None:
    """Let the corpus know how far a backup came, for `doctor`, unless it is of another schema than this program's."""
    corpus = desk.config.corpus
    try:
        if condition(corpus, timedelta(0)).schema != HEAD:
            return
        store = Store.existing(corpus, desk.config.storage.busy_timeout)
        try:
            with store.transaction() as noted:
                noted.jobs.done(job, desk.clock())
        finally:
            store.close()
    except StorageError as error:
        # The copy is as good; what is not noted is asked for by doctor, and noted with the next one.
        log.warning("backup.not_noted", job=job, error=str(error))


def evidence_of(desk: Desk, store: Store) -> Evidence:
    """Return how the archive fits the corpus."""
    there = shelved(desk.config.evidence)
    with store.reading() as corpus:
        known = corpus.captures.files()
    missing = tuple(sorted(name for name in known if name not in there))
    unknown = tuple(name for name, path in there.items() if _holds_more(desk.config.evidence, name, path, known))
    return Evidence(missing, unknown, sum(known[name].revisions for name in missing))


def _holds_more(folder: Path, name: str, path: Path, known: Mapping[str, FileRead]) -> bool:
    """Return whether a file holds answers behind the last one of its source that a revision was read from."""
    shelf = name.partition("/")[0]
    last = max((file for file in known if file.partition("/")[0] == shelf), default="")
    if name != last:
        return name > last
    return any(capture.offset >= known[name].end for _, capture in captures(folder, path))


def refuse_faults(files: Mirrored, done: str, remedy: str) -> None:
    """Raise StorageError where files of an archive could not be copied as they were, with what was done beside that."""
    if files.faults:
        said = "; ".join(f"{name} {fault}" for name, fault in sorted(files.faults.items()))
        raise StorageError(f"{done}; but {said}. {remedy}")


@contextmanager
def _nobody_else(desk: Desk) -> Iterator[None]:
    """Hold every lock of the corpus, so that no daemon, crawl or backup works with it."""
    found = {path.stem for path in (desk.config.data / LOCKS).glob("*.lock")}
    with ExitStack() as stack:
        for name in sorted({"daemon", "backup", *desk.known, *found}):
            what = {"daemon": "The daemon's work on this corpus", "backup": "A backup of this corpus"}
            stack.enter_context(desk.alone(name, what.get(name, f"The crawl of {name}")))
        yield


def _mirrored(archive: Path, second: Path, told: Told) -> Mirrored:
    try:
        done = mirror(archive, second, told)
    except OSError as error:
        raise unwritten(second, error) from error
    refuse_faults(
        done,
        "The corpus was copied, and of the archive what is sound",
        f"`tonle db restore {second} --archive-only` puts back those of which this or another backup has a good copy.",
    )
    return done
