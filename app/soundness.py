"""Looking whether the corpus and its archive are whole, and what to do where they are not."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.desk import Desk
from core.errors import StorageError
from core.model import Capture
from crawler.archive import read
from crawler.archive.manifest import faults, note_finished, read_manifest
from storage.store import Store

SAMPLE = 200
"""So many of the newest pages are read where not all are asked for: a quarter of a second."""

_SHOWN = 20
_REMEDY = "put it back from a backup of the archive (`tonle db restore BACKUP --archive-only`); the texts are intact"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at, and what is wrong, a sentence each.

    read counts the pages whose records were read, of how many; files those of the manifest, whose sums were only
    worked out if is_thorough.
    """

    problems: tuple[str, ...]
    read: int
    of: int
    files: int
    is_thorough: bool


def look(
    desk: Desk, store: Store, *, is_thorough: bool = False, told: Callable[[str], None] = lambda _: None
) -> Looked:
    """Look at the corpus, at records of the archive and at its finished files; is_thorough: at each byte of these.

    Then files that were finished since are noted in the manifest. Raises StorageError where something cannot be
    looked at.
    """
    found = list(store.check())
    with store.reading() as corpus:
        every = corpus.captures.newest()
    pages = every if is_thorough else every[:SAMPLE]
    found += _unread(desk, pages, told)
    folder = desk.config.evidence
    files = 0
    if folder.is_dir():
        try:
            if is_thorough:
                note_finished(folder)
            known = read_manifest(folder)
            wrong = faults(folder, known if is_thorough else ())
        except OSError as error:
            raise StorageError(f"The archive {folder} cannot be read or written: {error.strerror}.") from error
        found += _first([f"The archive's file {name} {fault}: {_REMEDY}." for name, fault in wrong.items()])
        files = len(known)
    return Looked(tuple(found), len(pages), len(every), files, is_thorough)


def _unread(desk: Desk, pages: tuple[Capture, ...], told: Callable[[str], None]) -> list[str]:
    """Return what is wrong with the records of pages; a file that is missing is told of once."""
    folder = desk.config.evidence
    missing: Counter[str] = Counter(page.file for page in pages if not (folder / page.file).exists())
    gone = [
        f"The archive's file {file} is missing, with the pages of {number:,} revisions: {_REMEDY}."
        for file, number in sorted(missing.items())
    ]
    return [*_first(gone), *_first(list(_broken(desk, [page for page in pages if page.file not in missing], told)))]


def _broken(desk: Desk, pages: list[Capture], told: Callable[[str], None]) -> Iterator[str]:
    # In the order in which they stand on the disk.
    for page in sorted(pages, key=lambda page: (page.file, page.offset)):
        told(page.file)
        try:
            read(desk.config.evidence, page)
        except StorageError as error:
            yield f"{str(error).rstrip('.')}: {_REMEDY}."


def _first(sentences: list[str]) -> list[str]:
    more = len(sentences) - _SHOWN
    return [*sentences[:_SHOWN], *([f"And {more:,} more of that kind."] if more > 0 else [])]
