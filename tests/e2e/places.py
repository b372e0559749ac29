"""A place: a folder with settings and a corpus, and the replica that its sources are."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.model import Article
from replica import Replica, Truth
from replica.exchange import Request
from replica.ledger import Ledger
from storage.store import Corpus, Store
from tests.e2e.processes import Ended, Running, Starter

POST, OHCHR, CAMBODIA = "phnom-penh-post", "ohchr", "ohchr-cambodia"
CONTACT = "archive@example.org"
RULES = [
    {"name": "land", "any": ["land activist*", "land defender*", "eviction*"]},
    {"name": "associations", "any": ["association*", "civic space"], "none": ["football"]},
    {"name": "experts", "any": ["UN expert*", "special rapporteur"], "sources": [OHCHR, CAMBODIA]},
]


class Watch(Ledger):
    """The replica's log, which tells of each request before it is answered and keeps when it came.

    Each number is told once, whatever number of requests come at the same time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.times: list[tuple[str, str, float]] = []
        self.on_request: Callable[[int], None] | None = None
        self._counting = threading.Lock()

    def add(self, site: str, request: Request, status: int) -> None:
        with self._counting:
            self.times.append((site, request.target, time.monotonic()))
            number = len(self.times)
            super().add(site, request, status)
        if self.on_request:
            self.on_request(number)

    def clear(self) -> None:
        self.times.clear()
        super().clear()


@dataclass
class Place:
    """A folder with settings and a corpus, and the replica that its sources are."""

    folder: Path
    replica: Replica
    watch: Watch
    starter: Starter
    settings: dict[str, Any]
    blank: Path
    """A corpus without articles."""

    def configure(self, **changes: object) -> None:
        """Write the settings with top-level keys replaced, for good."""
        self.settings |= changes
        (self.folder / "config.yaml").write_text(json.dumps(self.settings))

    def at(self, **addresses: str) -> "Place":
        """Take the sources from these addresses (_ for - in their names) and from nowhere else; return the place."""
        named: dict[str, dict[str, str]] = {
            name.replace("_", "-"): {"base_url": url, "delay": "0s"} for name, url in addresses.items()
        }
        if OHCHR in named:
            named[OHCHR]["relevance"] = "all"
        off = {name: {"enabled": False} for name in self.settings["sources"] if name not in named}
        self.configure(sources={**named, **off})
        return self

    def copy(self, folder: Path) -> "Place":
        """Return a place of the same replica with a copy of all that is kept here: cheaper than another crawl."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".out-*", ".err-*"))
        return replace(self, folder=folder, settings=deepcopy(self.settings))

    def start(
        self, *args: str, environ: Mapping[str, str] | None = None, fsize: int = 0, strace: Sequence[str] = ()
    ) -> Running:
        command = ["--config", str(self.folder / "config.yaml"), *args]
        return self.starter.start(command, self.folder, environ, fsize, strace)

    def tonle(self, *args: str, timeout: float = 60) -> Ended:
        return self.start(*args).wait(timeout)

    def furnish(self) -> "Place":
        """Put a corpus without articles here where there is none; return the place.

        Each crawl would make its own, in a quarter of a second; that it does is shown where crawls are killed.
        """
        if not self.database.exists():
            self.database.parent.mkdir(exist_ok=True)
            shutil.copyfile(self.blank, self.database)
        return self

    def crawl(self, *args: str) -> Ended:
        """Crawl, and expect it to end well."""
        if "--dry-run" not in args:
            self.furnish()
        ended = self.tonle("crawl", "--json", *args)
        assert ended.code == 0, ended.err
        return ended

    @property
    def database(self) -> Path:
        return self.folder / "data" / "corpus.sqlite"

    @contextmanager
    def corpus(self) -> Iterator[Corpus]:
        """Give the corpus for reading."""
        store = Store.open(self.database)
        try:
            with store.reading() as corpus:
                yield corpus
        finally:
            store.close()

    @property
    def articles(self) -> dict[tuple[str, str], Article]:
        """Every article by source and key."""
        with self.corpus() as corpus:
            return {(article.source, article.key): article for article in corpus.articles.newest(10_000)}

    @property
    def alerts(self) -> int:
        """How many alerts are owed for what is held: a rule that a story has met is told of once."""
        with self.corpus() as corpus:
            story, matches = corpus.stories.all(), corpus.matches.newest(1000)
        return len({(story.get(match.article.id, -match.article.id), match.rule) for match in matches})

    def outcomes(self, *run_ids: int) -> list[tuple[str, str, str]]:
        """Return address, outcome and reason of each page of some runs, of all if none is named."""
        with self.corpus() as corpus:
            wanted = run_ids or tuple(run.id for run in reversed(corpus.runs.recent(1000)))
            found = [row for run_id in wanted for row in corpus.runs.outcomes(run_id)]
        return [(self.without_ports(url), what, reason) for url, what, reason, _ in found]

    @property
    def is_untouched(self) -> bool:
        """Whether the commands so far made nothing and asked nothing."""
        return not (self.folder / "data").exists() and self.replica.log == []

    def make_due(self) -> None:
        """Let every address be due that no visit has succeeded for."""
        store = Store.open(self.database)
        now = datetime.now(UTC)
        horizon = now.replace(year=now.year + 1)
        try:
            with store.transaction() as corpus:
                for source in self.settings["sources"]:
                    for visit in corpus.sources.due(source, horizon):
                        if visit.failures:
                            corpus.sources.visited(source, visit.key, visit.url, None, True, now, now)  # noqa: FBT003
        finally:
            store.close()

    def without_ports(self, text: str) -> str:
        """Return a text with each replica's address replaced by its name."""
        for source, settings in self.settings["sources"].items():
            text = text.replace(settings.get("base_url", "http://nowhere.invalid"), source)
        return text

    def snapshot(self) -> dict[str, Any]:
        """Return what the corpus holds, without what may differ between two good crawls.

        Those are ids, times of fetching and ports; of two addresses with one text, or two versions of a story, which
        came first: what is owed is owed for the story.
        """
        with self.corpus() as corpus:
            articles = corpus.articles.newest(10_000)
            names = {article.id: self._name(article) for article in articles}
            found = corpus.matches.newest(10_000)
            owed = {match.id: corpus.outbox.by_key(f"alert:{match.article.id}:{match.rule}") for match in found}
            versions = corpus.stories.versions(names)
            stories = {
                article_id: " ~ ".join(
                    sorted(names[each.article_id] for each in versions.get(article_id, ())) or [name]
                )
                for article_id, name in names.items()
            }
            return {
                "articles": {
                    names[article.id]: self._state(article)
                    | {"revisions": [(each.title, each.text) for each in corpus.articles.revisions(article.id)]}
                    for article in articles
                },
                "matches": sorted((names[match.article.id], match.rule, match.passage.text) for match in found),
                "deliveries": sorted(
                    (stories[match.article.id], match.rule, state.sent_at is not None)
                    for match in found
                    if (state := owed[match.id]) is not None
                ),
            }

    def _name(self, article: Article) -> str:
        addresses = [article.url, *(copy.url for copy in article.copies)]
        return " = ".join(sorted(map(self.without_ports, addresses)))

    def _state(self, article: Article) -> dict[str, Any]:
        state: dict[str, Any] = {"text": article.text, "notes": article.notes, "revision": article.revision}
        state["missing"] = article.missing_since is not None
        if article.copies:
            return state
        published = article.published_at and article.published_at.isoformat()
        return state | {
            "title": article.title,
            "authors": article.authors,
            "published": published,
            "language": article.language,
            "section": article.section,
            "kind": article.kind,
        }


@dataclass(frozen=True)
class Filled:
    """A place after one undisturbed crawl of everything; how that ended, and how many requests it took."""

    place: Place
    ended: Ended
    asked: int


Build = Callable[..., Place]
"""build(replica=None, crawl_delay=None, crawl={}, **settings): a new place; its replica is its own unless one is given.

crawl is added to the settings for crawls that tests have in common, other settings replace them.
"""
Begin = Callable[[], AbstractContextManager[Build]]
"""Opens a builder."""


def truth_of(replica: Replica, site: str, slug: str) -> Truth:
    """Return what is true of the story whose address holds a slug."""
    return next(truth for truth in replica.truth(site) if slug in truth.path)
