"""Where pages are read: few of them in a thread of this process, many in processes, always off the event loop.

A polite crawl brings a page every few seconds, and pays for no process. Where pages come faster than one thread reads
them, and not just for a moment, or where one is large or a PDF (a native library reads it), processes are started
(pipelines/crew.py). A page that takes too long, too much memory, or a process's life, costs that page alone; one that
takes the thread too long costs the run, and itself in the next.
"""

import faulthandler
import os
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Self

import structlog

from core.model import Draft, Lead, Page, Skipped
from core.site import Site
from pipelines.crew import Crew
from pipelines.parcels import Done, Orders, Work

log = structlog.get_logger()
_MUCH = 1_000_000  # bytes that wait for the thread: it reads so much in about half a second
_QUEUE = 2  # pages at the thread: one is being read, and one waits
_OFTEN = 100  # pages that met such a queue: to read them took as long as to start processes takes
_AHEAD = 8  # pages under way for each process, where there are always more


class Workshop:
    """Reads pages of some sites, given by name. To be used as a context manager; safe to use from several threads.

    processes is how many may read at once, by default one a processor that this process may use; 0: the thread reads
    everything. A process may take `seconds`, and `memory` bytes of address space, for a page. A page that takes the
    thread longer ends this program (code 1), since what hangs in native code can be ended in no other way. Whoever
    comes after it is wary, and has every page read by a process, where there are any. Of a document (PDF) at most
    `most_pages` pages are read.
    """

    def __init__(
        self,
        sites: Mapping[str, Site],
        processes: int | None = None,
        seconds: float = 30.0,
        memory: int = 1_500_000_000,
        most_pages: int = 400,
        *,
        is_wary: bool = False,
    ) -> None:
        self._orders = Orders(dict(sites), seconds, memory, most_pages)
        self._processes = len(os.sched_getaffinity(0)) if processes is None else processes
        self._crew = Crew(self._orders)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reading")
        self._hands = ThreadPoolExecutor(max(self._processes, 1), thread_name_prefix="workshop")
        self._lock = Lock()
        self._pages = self._bytes = self._met_queue = 0
        self._is_busy = is_wary

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End at once: what waits is cancelled, and what is being read in a process is not read to its end."""
        self._crew.close()
        self._hands.shutdown(cancel_futures=True)
        self._thread.shutdown(cancel_futures=True)

    def submit(self, page: Page, source: str, lead: Lead | None = None) -> Future[Draft | Skipped]:
        """Return what will have been made of a page of a source (see `process`).

        Reason.UNREADABLE or Reason.FAILED where that could not be done. Nothing bounds how many pages wait. KeyError: a
        source of which the workshop was told nothing.
        """
        if source not in self._orders.sites:
            raise KeyError(source)
        work, size = Work(page, source, lead), len(page.body)
        with self._lock:
            if self._processes and self._is_much(page):
                # Once there are processes they read everything: this one has fetching and storing to do.
                self._is_busy = True
                return self._hands.submit(self._read_there, work)
            self._pages += 1
            self._bytes += size
        future = self._thread.submit(self._read_here, work)
        future.add_done_callback(lambda _: self._came(size))
        return future

    def read_all(self, pages: Iterable[tuple[Page, str, Lead | None]]) -> Iterator[Draft | Skipped]:
        """Yield what is made of pages, in their order; few more are asked for than are being read."""
        under_way: deque[Future[Draft | Skipped]] = deque()
        for page, source, lead in pages:
            under_way.append(self.submit(page, source, lead))
            if len(under_way) > _AHEAD * max(self._processes, 1):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _is_much(self, page: Page) -> bool:
        self._met_queue += self._pages >= _QUEUE
        is_large = self._bytes + len(page.body) > _MUCH
        return self._is_busy or self._met_queue > _OFTEN or is_large or _is_pdf(page)

    def _came(self, size: int) -> None:
        with self._lock:
            self._pages -= 1
            self._bytes -= size

    def _read_here(self, work: Work) -> Draft | Skipped:
        # The parsers take half a second to import, and a crawl that finds nothing new reads no page.
        from pipelines.reading import read  # noqa: PLC0415

        with _watched(self._orders.seconds):
            return _told(work, read(work, self._orders))

    def _read_there(self, work: Work) -> Draft | Skipped:
        return _told(work, self._crew.read(work))


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    """End this program, with the place where it hangs as its last words, if the block takes longer.

    The thread that watches is the interpreter's own and needs no lock of it: one that hangs in a regular expression
    never gives that lock back.
    """
    if sys.__stderr__ is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _is_pdf(page: Page) -> bool:
    return b"%PDF-" in page.body[:1024] or "pdf" in page.headers.get("content-type", "").lower()


def _told(work: Work, done: Done) -> Draft | Skipped:
    if done.trace:
        log.error("page.failed", source=work.source, url=work.page.url, error=done.trace)
    return done.result
