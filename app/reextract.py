"""Reading the archived pages again, by the rules of today: what comes out otherwise is kept as a correction.

    article → newest revision → its capture → page → process → sifted → difference → revision, late matches

Pages are read outside of any transaction and each correction is written in one of its own, so that a crawl may go on
meanwhile, and whoever is killed loses the article under way: run again, what is written already comes out unchanged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from core.clock import Clock
from core.config import Config
from core.errors import StorageError
from core.model import Article, Draft, Lead, Page, Passage, Reason, Revision, Skipped
from core.owed import Occasion
from core.rules import Event
from core.site import Site
from core.urls import rebased
from crawler.archive import read
from crawler.archive.codings import TooLargeError
from crawler.listings import lead_of
from pipelines.alerts import met, text_of
from pipelines.corrections import Difference, as_kept, difference, source_of
from pipelines.fingerprint import fingerprint
from pipelines.ingest import DOCUMENT, WARC
from pipelines.likeness import Print
from pipelines.matching import State
from pipelines.neighbours import heard_of, sifted
from pipelines.relate import Kinship
from pipelines.workshop import Workshop
from storage.store import Corpus, Store

_PORTION = 200  # articles of which the numbers are asked for at once
Fired = tuple[tuple[str, Passage], ...]


@dataclass(frozen=True, slots=True)
class Same:
    """The page comes out as the article stands."""


@dataclass(frozen=True, slots=True)
class NoPage:
    """The archive holds no page of the text that stands."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The archive holds the page no more, or damaged."""

    article_id: int
    why: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The page comes out otherwise; late are the rules that fire now and had not fired for the article."""

    article_id: int
    label: str
    difference: Difference
    late: tuple[str, ...] = ()


Finding = Same | NoPage | Unreadable | Changed | Skipped


@dataclass(slots=True)
class Count:
    """What became of the articles of one source."""

    articles: int = 0
    unchanged: int = 0
    changed: int = 0
    no_page: int = 0
    unreadable: int = 0
    parts: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    late: Counter[str] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        """Count one article."""
        self.articles += 1
        match finding:
            case Same():
                self.unchanged += 1
            case NoPage():
                self.no_page += 1
            case Unreadable():
                self.unreadable += 1
            case Skipped():
                self.skipped[finding.reason.value] += 1
            case Changed():
                self.changed += 1
                self.parts.update(finding.difference.parts)
                self.late.update(finding.late)


@dataclass(frozen=True, slots=True)
class _Held:
    """An article as it stands, its newest revision, and what is known of the address at which that was read."""

    article: Article
    revision: Revision
    lead: Lead


@dataclass(frozen=True, slots=True)
class Rereading:
    """Reads the pages of articles again. sites are the enabled ones; dry: nothing is written.

    alerts: rules that fire late owe an alert.
    """

    store: Store
    config: Config
    sites: Mapping[str, Site]
    workshop: Workshop
    clock: Clock
    dry: bool = False
    alerts: bool = False

    def findings(self, source: str, since: datetime | None) -> Iterator[Finding]:
        """Yield what becomes of each article of a source that was first seen since then, the oldest first.

        A correction is in the corpus when it is yielded. Raises StorageError where the corpus fails; what the archive
        does not give back is a finding.
        """
        after: tuple[datetime, int] | None = None
        while True:
            with self.store.reading() as corpus:
                portion = corpus.articles.seen(source, since, after, _PORTION)
            for _, article_id in portion:
                yield self._settled(article_id)
            if not portion:
                return
            after = portion[-1]

    def _settled(self, article_id: int) -> Finding:
        while True:
            finding = self._finding(article_id)
            if finding is not None:
                return finding

    def _finding(self, article_id: int) -> Finding | None:
        """Return what becomes of an article; None where a crawl has changed it while its page was being read."""
        with self.store.reading() as corpus:
            held = _held(corpus, article_id)
        if held is None:
            return NoPage()
        result = self._read(held)
        if not isinstance(result, Draft):
            return result
        kept = as_kept(self._sifted(result, held), held.article, held.revision)
        found = difference(held.article, kept)
        if found is None:
            return Same()
        fired = self._fired(kept)
        if self.dry:
            with self.store.reading() as corpus:
                told = {match.rule for match in corpus.matches.of_articles([article_id])}
            late = tuple(rule for rule, _ in fired if rule not in told)
            return Changed(article_id, held.article.label, found, late)
        written = self._written(held, kept, fired)
        return None if written is None else Changed(article_id, held.article.label, found, written)

    def _read(self, held: _Held) -> Draft | Skipped | NoPage | Unreadable:
        """Return what stands on the page of a revision, by the rules of today."""
        if held.revision.capture is None:
            return NoPage()
        page = self._page(held)
        if not isinstance(page, Page):
            return page
        source = held.lead.source
        site = self.sites.get(source)
        if site is None or rebased(site, page.url) is None:
            return Skipped(Reason.OUTSIDE_SITE, f"{page.url} is no address of {source} as it is configured")
        return self.workshop.submit(page, source, held.lead).result()

    def _sifted(self, draft: Draft, held: _Held) -> Draft:
        """Return a draft without the lines that the corpus knows to be those of the page's neighbours."""
        if draft.kind == DOCUMENT:
            return draft
        with self.store.reading() as corpus:
            heard = heard_of(draft.paragraphs, partial(corpus.passages.heard, draft.source))
        return sifted(draft, heard, held.revision.fetched_at, is_held=True).draft

    def _page(self, held: _Held) -> Page | Skipped | Unreadable:
        limits, capture = self.config.crawl, held.revision.capture
        if capture is None:
            raise ValueError("asked for a page that nobody kept")
        try:
            exchange = read(self.config.evidence, capture)
            return exchange.page(max(limits.max_page, limits.max_document), capture)
        except StorageError as error:
            return Unreadable(held.article.id, str(error))
        except TooLargeError as error:
            return Skipped(Reason.TOO_LARGE, str(error))

    def _fired(self, draft: Draft) -> Fired:
        return tuple((rule.name, passage) for rule, passage in met(self.config.rules, text_of(draft)))

    def _written(self, held: _Held, draft: Draft, fired: Fired) -> tuple[str, ...] | None:
        """Return the rules that fire late, once the correction is in the corpus; None where another was quicker."""
        prints, capture, now = fingerprint(draft), held.revision.capture, self.clock()
        with self.store.transaction() as corpus:
            newest = corpus.articles.newest_revision(held.article.id)
            if newest is None or newest != held.revision:
                return None
            number = corpus.articles.revise(
                held.article.id,
                draft,
                prints.text,
                prints.content,
                capture.at if capture else held.revision.fetched_at,
                keeps_address=True,
                capture=capture,
                is_correction=True,
            )
            before, after = Print(held.article.title, held.article.text), Print(draft.title, draft.text)
            Kinship(self.config.duplicates).changed(corpus, held.article.id, before, after, now)
            concerned = (each for each in self.config.alert_readers if each.reads(draft.source, draft.language))
            state = State(held.article.id, number, now, tuple(concerned), Occasion(Event.EDITS.value), is_late=True)
            return state.keep(corpus, fired, tells=self.alerts)


def _held(corpus: Corpus, article_id: int) -> _Held | None:
    article, revision = corpus.articles.by_id(article_id), corpus.articles.newest_revision(article_id)
    if article is None or revision is None:
        return None
    source = source_of(revision, article)
    return _Held(article, revision, _lead(corpus, article, revision, source))


def _lead(corpus: Corpus, article: Article, revision: Revision, source: str) -> Lead:
    """Return the lead to the page of a revision, with what a listing said of it."""
    visits = [visit for visit in corpus.sources.of_article(article.id) if visit.source == source]
    # A story may hang on several addresses: the one that was read, or that which names it, knows its listing.
    ranked = sorted(visits, key=lambda visit: (visit.url != revision.url, visit.key != article.key))
    return lead_of(ranked[0]) if ranked else Lead(source, revision.url, article.key, WARC)
