"""The logs of runs: a file of JSON lines for each, bounded, and of the newest runs of each source only."""

import json
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from app.desk import Desk
from core.folders import make_folder
from core.log import also_to
from storage.store import Store

_NAME = re.compile(r"run-(\d+)\.log")
_CUT = '{"event": "log.cut_short", "level": "info"}\n'
Begin = Callable[[str, int], None]
"""Is told the source and the number of a run that begins."""


def logs_folder(data: Path) -> Path:
    """Return where the logs of runs are, below `data`."""
    return data / "logs"


def run_log(data: Path, run_id: int) -> Path:
    """Return the file of the log of a run, whether it is kept or not."""
    return logs_folder(data) / f"run-{run_id}.log"


def read_run_log(data: Path, run_id: int) -> tuple[dict[str, Any], ...]:
    """Return the events of a run's log in order; none where no log is kept. A torn line is left out."""
    try:
        lines = run_log(data, run_id).read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return ()
    found = []
    for line in lines:
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict):
                found.append(event)
    return tuple(found)


@contextmanager
def keeping_logs(desk: Desk, store: Store) -> Iterator[Begin]:
    """Keep the logs of the runs that begin within the block, of which what is given is to be told.

    Nothing that goes wrong with a log ends a crawl: what cannot be written is left out.
    """
    settings = desk.config.log
    if not settings.runs:
        yield lambda _source, _run_id: None
        return
    writing = _RunLogs(settings.max_run, desk.config.data)

    def begin(source: str, run_id: int) -> None:
        with suppress(OSError):
            _prune(logs_folder(desk.config.data), store, settings.runs, source)
            writing.open(source, run_log(desk.config.data, run_id))

    try:
        with also_to(writing.write):
            yield begin
    finally:
        writing.close()


@dataclass(slots=True)
class _RunLogs:
    """Writes each event to the log of its source's run; what names no source concerns all. Safe in several threads."""

    most: int
    within: Path
    _files: dict[str, TextIO] = field(default_factory=dict)
    _left: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, source: str, path: Path) -> None:
        make_folder(path.parent, self.within)
        # Line by line: what a killed crawl said last is what people look for.
        handle = path.open("w", encoding="utf-8", buffering=1)
        with self._lock:
            self._files[source] = handle
            self._left[source] = self.most

    def write(self, event: Mapping[str, Any], line: str) -> None:
        named = event.get("source")
        with self._lock:
            for source, handle in self._files.items():
                if (named is None or named == source) and self._left[source] > 0:
                    with suppress(OSError, ValueError):
                        handle.write(self._bounded(source, line))

    def close(self) -> None:
        with self._lock:
            for handle in self._files.values():
                with suppress(OSError):
                    handle.close()
            self._files.clear()

    def _bounded(self, source: str, line: str) -> str:
        self._left[source] -= len(line.encode()) + 1
        return f"{line}\n" if self._left[source] > 0 else _CUT


def _prune(folder: Path, store: Store, keep: int, begins: str) -> None:
    """Delete the logs of all but the newest runs of each source, and of runs that the corpus does not know."""
    found = {int(name[1]): path for path in folder.glob("run-*.log") if (name := _NAME.fullmatch(path.name))}
    if not found:
        return
    with store.reading() as corpus:
        sources = corpus.history.sources(found)
    by_source: dict[str, list[int]] = defaultdict(list)
    for run_id in sorted(found, reverse=True):
        by_source[sources.get(run_id, "")].append(run_id)
    for source, ids in by_source.items():
        kept = keep - (source == begins) if source else 0
        for run_id in ids[kept:]:
            found[run_id].unlink(missing_ok=True)
