"""WARC files that people hand over: the pages of configured sources in them, read like crawled pages."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from core.config import CrawlSettings
from core.errors import UsageError
from core.model import Capture, Lead, Outcome, Reason, Revised, Saved, Skipped, Unchanged, outcome_name
from core.site import Site
from core.spelling import host_of
from core.urls import ArticleAddress, article_address, document_address, split
from crawler.archive import Archive, Exchange
from crawler.archive.codings import TooLargeError
from crawler.archive.foreign import Broken, LeftOut, pages_in
from crawler.archive.index import captures
from pipelines.ingest import WARC, Fetched, Ingest

IMPORTED = "import"
"""The name under which the archive keeps copies of records from elsewhere."""
_OK = 200


@dataclass(frozen=True, slots=True)
class Contents:
    """What a WARC file held. left_out counts answers by host that are no article of a source asked for.

    other are answers of a source's articles that are no page: redirects, errors. broken are records that could not be
    used.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    other: Counter[int] = field(default_factory=Counter)
    broken: list[Broken] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Count the outcome of a page."""
        self.outcomes[outcome_name(outcome)] += 1
        if isinstance(outcome, Skipped):
            self.reasons[outcome.reason.value] += 1


@dataclass(frozen=True, slots=True)
class Found:
    """An address in a WARC file, the site that it is of, in the form that was asked, and whether it is a document."""

    site: Site
    address: ArticleAddress
    is_document: bool


class Places:
    """Finds the site of an address: at its home, or where config.yaml says that it is reached."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._forms: dict[str, list[Site]] = {}
        for site in sites:
            home = site.at(site.home, site.politeness.delay)
            for form in (home, site) if site.is_stand_in else (site,):
                base = split(form.base)
                hosts = {(base.hostname if base else None) or "", *form.hosts, *form.documents.hosts}
                for host in hosts:
                    self._forms.setdefault(host_of(host), []).append(form)

    def wanted(self, url: str) -> bool:
        """Return whether an address is that of an article or document of a site."""
        return self.find(url) is not None

    def find(self, url: str) -> Found | None:
        """Return the article or document that an address names."""
        parts = split(url)
        for site in self._forms.get(host_of((parts.hostname if parts else None) or ""), ()):
            if address := document_address(site, url):
                return Found(site, address, is_document=True)
            if address := article_address(site, url):
                return Found(site, address, is_document=False)
        return None


@dataclass(frozen=True, slots=True)
class Unpacking:
    """Takes the pages of WARC files into the corpus. archive is None where no evidence is kept."""

    ingest: Ingest
    places: Places
    limits: CrawlSettings
    archive: Archive | None

    def take(self, path: Path) -> Contents:
        """Return what a WARC file held, once its pages are in the corpus.

        The record of a page that was saved or revised is copied into the archive, where it is not in it already, so
        that the revision has its evidence. Raises UsageError if the file cannot be read, StorageError.
        """
        contents, own = Contents(), self._own(path)
        largest = max(self.limits.max_page, self.limits.max_document)
        try:
            for each in pages_in(path, self.places.wanted, largest):
                match each:
                    case LeftOut():
                        contents.left_out[each.host] += 1
                    case Broken():
                        contents.broken.append(each)
                    case Exchange() if each.status != _OK:
                        contents.other[each.status] += 1
                    case Exchange():
                        contents.count(self._taken(each, own))
        except OSError as error:
            raise UsageError(f"{path}: {error.strerror or error}.") from error
        return contents

    def _taken(self, exchange: Exchange, own: dict[tuple[str, str], Capture]) -> Outcome:
        found = self.places.find(exchange.url)
        if found is None:
            raise ValueError(f"nobody wanted {exchange.url}")
        lead = self._lead(found)
        try:
            page = exchange.page(self.limits.max_document if found.is_document else self.limits.max_page)
        except TooLargeError as error:
            return self.ingest.keep(Skipped(Reason.TOO_LARGE, str(error)), lead, exchange.at)
        outcome = self.ingest.settle(Fetched(page, lead), found.site)
        if isinstance(outcome, Saved | Revised | Unchanged):
            self._prove(outcome.article_id, exchange, own)
        return outcome

    def _lead(self, found: Found) -> Lead:
        """Return the lead to a page, with what a listing once said of it."""
        name, key = found.site.name, found.address.key
        with self.ingest.store.reading() as corpus:
            visit = corpus.sources.visit(name, key)
        if visit is None:
            return Lead(name, found.address.url, key, WARC)
        return Lead(
            name,
            found.address.url,
            key,
            WARC,
            visit.listing,
            visit.title,
            visit.summary,
            visit.published,
            is_relevant=visit.is_relevant,
        )

    def _prove(self, article_id: int, exchange: Exchange, own: dict[tuple[str, str], Capture]) -> None:
        """Give the newest revision its evidence, unless it has some: this page reads as that revision does."""
        if self.archive is None:
            return
        with self.ingest.store.reading() as corpus:
            newest = corpus.articles.revisions(article_id)[-1]
        if newest.capture:
            return
        capture = own.get((exchange.url, exchange.at.isoformat())) or self.archive.store(IMPORTED, exchange)
        self.archive.sync(IMPORTED)
        with self.ingest.store.transaction() as corpus:
            corpus.articles.evidence(article_id, capture)

    def _own(self, path: Path) -> dict[tuple[str, str], Capture]:
        """Return where the answers in a file stand if it is one of the archive's own: they need no copy."""
        if self.archive is None or not path.resolve().is_relative_to(self.archive.folder.resolve()):
            return {}
        return {(url, capture.at.isoformat()): capture for url, capture in captures(self.archive.folder, path)}
