"""A folder with settings and a corpus, made for one measurement."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.model import Lead
from core.site import Site, load_sites
from core.urls import article_address
from crawler import SITES
from storage.store import Store
from tests.bench.processes import Cost, Sites, run

POST = "phnom-penh-post"


@dataclass(frozen=True)
class Place:
    """A folder with settings and a corpus, whose sources are those of a replica that are named."""

    folder: Path
    sites: Sites
    sources: tuple[str, ...]

    def configure(self, **changes: object) -> None:
        """Write the settings."""
        known = load_sites(SITES)
        sources: dict[str, dict[str, Any]] = {name: {"enabled": False} for name in known if name not in self.sources}
        sources |= {name: {"base_url": self.sites.addresses[name], "delay": "0s"} for name in self.sources}
        settings = {"data": "data", "contact": "bench@example.org", "sources": sources, **changes}
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "config.yaml").write_text(json.dumps(settings))

    def crawl(self, *words: str, cores: Sequence[int] = (), watch: Callable[[int], None] | None = None) -> Cost:
        """Crawl and return what it cost."""
        config = str(self.folder / "config.yaml")
        return run(["-m", "app", "--config", config, "--log-level", "error", "crawl", "--json", *words], cores, watch)

    @property
    def corpus(self) -> Path:
        """The database file."""
        return self.folder / "data" / "corpus.sqlite"

    def site(self, name: str) -> Site:
        """Return a site as it is reached here."""
        return load_sites(SITES)[name].at(self.sites.addresses[name])

    def expect(self, name: str, addresses: Iterable[str]) -> int:
        """Record addresses as found and not yet visited, so that the next crawl fetches them; return how many."""
        site = self.site(name)
        found = (article_address(site, address) for address in addresses)
        leads = [Lead(name, address.url, address.key, "manual") for address in found if address]
        store = Store.open(self.corpus)
        with store.transaction() as corpus:
            now = datetime.now(UTC)
            corpus.sources.sight(leads, corpus.runs.start(name, "bench", now), now)
        store.close()
        return len({lead.key for lead in leads})

    def held(self) -> int:
        """Return how many articles the corpus holds at this moment."""
        with sqlite3.connect(f"file:{self.corpus}?mode=ro", uri=True, timeout=30) as connection:
            return int(connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0])
