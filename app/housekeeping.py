"""Forgetting what is old: by the section `retention` of config.yaml, in small steps beside whatever else is running."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from app.desk import Desk
from core.errors import StorageError
from storage.prune import Since
from storage.store import Store

_AT_ONCE = 2000
"""Rows that go in one transaction, for which a crawl that writes has to wait: of 70,000 runs and 700,000 outcomes, half
of them old, and 50,000 addresses that listings showed, 0.09 s of CPU for outcomes and 0.21 s for runs at most."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What went, or would: rows by table, and files by folder."""

    rows: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)


def prune(desk: Desk, store: Store, *, is_dry: bool = False, told: Callable[[str], None] = lambda _: None) -> Pruned:
    """Forget what is older than the settings say, and return what that was; is_dry: forget nothing.

    It may run beside crawls and the daemon, and be killed at any time: the next time goes on. Raises StorageError.
    """
    done, now, keep = Pruned(), desk.clock(), desk.config.retention
    since = Since(*(_before(now, span) for span in (keep.runs, keep.deliveries, keep.marks, keep.answers)))
    if is_dry:
        with store.reading() as corpus:
            done.rows.update(corpus.past.count(since))
    else:
        for gone in _steps(store, since):
            done.rows.update(gone)
            told(", ".join(gone))
    for folder, pattern, span in (("preview", "*", keep.previews), ("outbox", "**/*.eml", keep.messages)):
        if number := _files(desk.config.data / folder, pattern, _before(now, span), is_dry=is_dry):
            done.files[folder] = number
    return done


def _steps(store: Store, since: Since) -> Iterator[dict[str, int]]:
    while True:
        with store.transaction() as corpus:
            gone = corpus.past.forget(since, _AT_ONCE)
        if not gone:
            return
        yield gone


def _before(now: datetime, span: timedelta | None) -> datetime | None:
    return None if span is None else now - span


def _files(folder: Path, pattern: str, before: datetime | None, *, is_dry: bool) -> int:
    """Remove the files of a folder that were last written before then; return how many."""
    if before is None:
        return 0
    try:
        old = [path for path in folder.glob(pattern) if path.is_file() and path.stat().st_mtime < before.timestamp()]
        for path in old if not is_dry else ():
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"Old files in {folder} cannot be removed: {error.strerror}.") from error
    return len(old)
