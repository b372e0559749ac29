"""Backups: a copy of the corpus beside a second archive, and putting them back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.desk import LOCKS, Desk
from core.errors import StorageError, UsageError
from crawler.archive.index import captures
from crawler.archive.manifest import shelved
from crawler.archive.mirror import Mirrored, mirror, put_back
from storage.backup import Copy, back_up, refuse_target, unwritten
from storage.captures import FileRead
from storage.lock import held
from storage.restore import Restored, restore
from storage.store import Store

Told = Callable[[str], None]


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


def make_backup(desk: Desk, target: Path, *, replace: bool, with_archive: bool, told: Told) -> BackedUp:
    """Copy the corpus, then what is new of the archive, so that nothing the copy points to is missing.

    Raises AlreadyRunningError while another backup is made, UsageError, StorageError.
    """
    refuse_target(desk.config.corpus, target, replace=replace)
    second = archive_beside(target)
    if with_archive and second.resolve() == desk.config.evidence.resolve():
        raise UsageError(f"{second} is the archive itself: name a file in another folder.")
    with held(desk.lock("backup"), "A backup of this corpus"):
        copy = back_up(desk.config.corpus, target, replace=replace)
        return BackedUp(copy, _mirrored(desk.config.evidence, second, told) if with_archive else None)


def put_back_backup(desk: Desk, backup: Path, *, with_archive: bool, told: Told) -> tuple[Restored, Mirrored | None]:
    """Put a backup in the place of the corpus, and what is missing of the archive in its place.

    Raises AlreadyRunningError while a daemon, a crawl or a backup has the corpus, UsageError, StorageError.
    """
    with _nobody_else(desk):
        restored = restore(backup, desk.config.corpus, desk.clock(), desk.config.storage.busy_timeout)
        if not with_archive:
            return restored, None
        try:
            return restored, put_back(archive_beside(backup), desk.config.evidence, told)
        except OSError as error:
            raise unwritten(desk.config.evidence, error) from error


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


def refuse_faults(files: Mirrored, done: str) -> None:
    """Raise StorageError where files of an archive could not be copied as they were, with what was done beside that."""
    if files.faults:
        said = "; ".join(f"{name} {fault}" for name, fault in sorted(files.faults.items()))
        raise StorageError(f"{done}; but {said}. Put these files back from another backup of the archive.")


@contextmanager
def _nobody_else(desk: Desk) -> Iterator[None]:
    """Hold every lock of the corpus, so that no daemon, crawl or backup works with it."""
    found = {path.stem for path in (desk.config.data / LOCKS).glob("*.lock")}
    with ExitStack() as stack:
        for name in sorted({"daemon", "backup", *desk.known, *found}):
            what = {"daemon": "The daemon's work on this corpus", "backup": "A backup of this corpus"}
            stack.enter_context(held(desk.lock(name), what.get(name, f"The crawl of {name}")))
        yield


def _mirrored(archive: Path, second: Path, told: Told) -> Mirrored:
    try:
        done = mirror(archive, second, told)
    except OSError as error:
        raise unwritten(second, error) from error
    refuse_faults(done, "The corpus was copied, and of the archive what is sound")
    return done
