"""One crawl of one site: what the spider, its middlewares and its item pipeline work on."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from scrapy.exceptions import CloseSpider

from core.clock import Clock
from core.config import CrawlSettings
from core.errors import StorageError
from core.model import Lead, Skipped, Visit
from core.site import Site
from crawler.archive import Archive
from pipelines.ingest import Ingest
from pipelines.workshop import Workshop
from storage.store import Corpus, Store

Answer = TypeVar("Answer")
Asked = ParamSpec("Asked")


class Worker(ThreadPoolExecutor):
    """One thread for all of a crawl that touches the corpus.

    Once that failed, all that queues behind it fails at once: each would wait for the same lock, for the whole
    busy time-out again.
    """

    def __init__(self, name: str) -> None:
        super().__init__(1, thread_name_prefix=name)
        self._failure: StorageError | None = None

    def submit(self, fn: Callable[Asked, Answer], /, *args: Asked.args, **kwargs: Asked.kwargs) -> Future[Answer]:
        """Queue a call; it raises the first StorageError that one before it raised."""

        def called() -> Answer:
            if self._failure:
                raise self._failure
            try:
                return fn(*args, **kwargs)
            except StorageError as error:
                self._failure = error
                raise

        return super().submit(called)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a crawl is asked to do beyond the usual.

    leads: only these; since and until: only what the listings date between them (until itself left out); limit: at most
    so many articles; pages: so many pages of each listing; keywords: only what the site's search finds for them.
    """

    leads: tuple[Lead, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None
    pages: int | None = None
    keywords: tuple[str, ...] = ()
    dry: bool = False

    @property
    def is_reaching_far(self) -> bool:
        """Whether listings are read into history, which may take hours, and is resumed where it was stopped."""
        return bool(self.since or self.until or self.pages)

    @property
    def is_special(self) -> bool:
        """Whether listings are read otherwise than day by day."""
        return self.is_reaching_far or bool(self.keywords or self.dry)


@dataclass(slots=True)
class CrawlJob:
    """A crawl under way. Everything that touches the corpus goes through its one worker thread.

    found and troubles gather what a dry run would fetch and what it could not read; error is set when the corpus could
    not be written; sighted counts the leads that listings named, known or not, and the listings that did not change;
    workshop reads the pages, None where none are fetched; archive keeps them as they came, None where nobody does;
    unread holds why listings could not be read; left counts the addresses that stay due because their host is left
    alone.
    """

    site: Site
    store: Store
    ingest: Ingest
    run_id: int
    worker: Executor
    clock: Clock
    wish: Wish = Wish()
    on_settled: Callable[[str], None] | None = None
    limits: CrawlSettings = field(default_factory=CrawlSettings)
    workshop: Workshop | None = None
    archive: Archive | None = None
    found: list[Lead] = field(default_factory=list)
    error: StorageError | None = None
    troubles: list[str] = field(default_factory=list)
    sighted: int = 0
    left: int = 0
    unread: list[Skipped] = field(default_factory=list)
    closed_because: str = ""

    def fail(self, error: StorageError) -> None:
        """Note that the corpus could not be written."""
        self.error = self.error or error

    def secure(self) -> None:
        """Have what was fetched so far on the disk, before anything that refers to it is. Raises StorageError."""
        if self.archive:
            self.archive.sync(self.site.name)

    def settled(self) -> None:
        """Note that one more page has its outcome."""
        if self.on_settled:
            self.on_settled(self.site.name)

    async def write(self, question: Callable[[Corpus], Answer]) -> Answer:
        """Return what a question to the corpus answers that writes, without holding up the event loop."""

        def asked() -> Answer:
            with self.store.transaction() as corpus:
                return question(corpus)

        return await self._ask(asked)

    async def read(self, question: Callable[[Corpus], Answer]) -> Answer:
        """Return what a question to the corpus answers that only reads."""

        def asked() -> Answer:
            with self.store.reading() as corpus:
                return question(corpus)

        return await self._ask(asked)

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self.worker, question)
        except StorageError as error:
            self.fail(error)
            raise CloseSpider("storage") from error

    async def sight(self, leads: Sequence[Lead]) -> tuple[Visit, ...]:
        """Record leads and return the addresses among them that are due."""
        return await self.write(lambda corpus: corpus.sources.sight(leads, self.run_id, self.clock()))

    async def due(self) -> tuple[Visit, ...]:
        """Return the addresses of the site that are due whether or not a listing names them."""
        return await self.read(lambda corpus: corpus.sources.due(self.site.name, self.clock()))

    async def wanted(self, leads: Sequence[Lead]) -> frozenset[str]:
        """Return the keys of the leads that `sight` would give as due; nothing is recorded."""
        return await self.read(lambda corpus: corpus.sources.wanted(leads, self.clock()))

    async def unsettled(self, listing: str, leads: Sequence[Lead]) -> frozenset[str]:
        """Return the keys among the leads that no run which read the listing to its end has seen in it."""
        keys = [lead.key for lead in leads]
        return await self.read(lambda corpus: corpus.sources.unsettled(self.site.name, listing, keys))

    async def is_settled(self, listing: str) -> bool:
        """Return whether any run has read the listing to its end."""
        return await self.read(lambda corpus: corpus.sources.is_settled(self.site.name, listing))


class Working(Protocol):
    """A spider that carries its job."""

    job: CrawlJob
