"""The one place where decisions become writes.

    page | process | sifted | relevance | fingerprint | verdict | save, revise, copy or leave | rules | outbox | outcome

Everything after `process` happens in one transaction: article, revision and its evidence, matches, the messages owed
for them, the documents that belong to it, the state of the address and the outcome commit together or not at all. So a
crawl that is killed loses nothing but pages that it had not finished, and their addresses are still due.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from core.audience import ANYBODY, Subscriber
from core.clock import Clock
from core.health import Heard
from core.model import (
    Article,
    Capture,
    Copy,
    CopyAddress,
    Draft,
    Lead,
    Outcome,
    Page,
    Reason,
    Revised,
    Saved,
    Skipped,
    Unchanged,
    Validators,
    Visit,
    outcome_name,
)
from core.rules import Rule
from core.site import Site
from core.text import normalised
from core.urls import document_address
from pipelines.absence import Miss, note_missing, note_return, tell
from pipelines.corrections import text_of_copy
from pipelines.dedup import Known, Verdict, is_edit, verdict
from pipelines.fingerprint import Fingerprint, fingerprint
from pipelines.flicker import LOOKED_BACK, STAYS, is_flicker
from pipelines.likeness import Print
from pipelines.matching import Matching
from pipelines.neighbours import heard_of, own_words, sifted
from pipelines.relate import Kinship
from pipelines.relevance import is_wanted
from pipelines.visits import GONE, GONE_AFTER, Gone, next_visit
from storage.store import Corpus, Store

log = structlog.get_logger()
IMPORT = "import"
"""The `via` of a lead that is a file."""
TEXT = "text:"
"""How the key of a text begins of which no page is known: it is named after its words."""
LISTING = "listing"
"""The `via` of a lead that is itself a feed, sitemap or listing page."""
DOCUMENT = "document"
"""The `via` of a lead to a file that belongs to an article."""
WARC = "warc"
"""The `via` of a lead that is a record of a WARC file."""
NOT_MODIFIED = 304
MISSED = "; "
"""What stands between the selectors that found nothing, in the detail of an outcome."""
_LONG_BEFORE = timedelta(days=7)  # less may be the delay of a listing
_OLD = frozenset({IMPORT, WARC})  # ways by which a page may come that is older than what is held


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that came, and the lead that it was fetched for."""

    page: Page
    lead: Lead


@dataclass(frozen=True, slots=True)
class Failed:
    """A page that did not come, and why. capture is where the archive keeps the answer, if there was one."""

    lead: Lead
    skipped: Skipped
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes the pages of one run into the corpus.

    readers are told of matches; tells is False where matches are kept but nobody is told, tells_since is set where that
    holds for what was published before.
    """

    store: Store
    run_id: int
    rules: Sequence[Rule]
    revisit_after: Sequence[timedelta]
    clock: Clock
    tells: bool = True
    gone: Gone = GONE_AFTER
    tells_since: datetime | None = None
    kinship: Kinship = field(default_factory=Kinship)
    readers: Sequence[Subscriber] = (ANYBODY,)
    matching: Matching = field(init=False)

    def __post_init__(self) -> None:
        """Make ready what holds texts against the rules: once, for there may be thousands of them."""
        matching = Matching(self.rules, self.clock, self.readers, self.tells, self.tells_since)
        object.__setattr__(self, "matching", matching)

    def settle(self, item: Fetched | Failed, site: Site) -> Outcome:
        """Return the one outcome of a page, once it and everything that follows from it is stored.

        Raises StorageError if that cannot be; the address then stays due.
        """
        return self.take(item, read(item, site), site)

    def take(self, item: Fetched | Failed, result: Draft | Skipped | None, site: Site) -> Outcome:
        """Return the outcome of an item of which `result` was read (None: nothing was to be read), once it is stored.

        Raises StorageError if that cannot be; the address then stays due.
        """
        if isinstance(item, Failed):
            return self.keep(item.skipped, item.lead, self.clock(), item.capture)
        if result is None:
            return self._recorded(item.lead, partial(self._take_unchanged, item=item, site=site))
        if isinstance(result, Skipped):
            return self.keep(result, item.lead, item.page.fetched_at, item.page.capture)
        taken = partial(self._take_draft, item=item, site=site, draft=result)
        return self._recorded(item.lead, taken, result)

    def keep(
        self, result: Draft | Skipped, lead: Lead, fetched_at: datetime, capture: Capture | None = None
    ) -> Outcome:
        """Return the outcome of what was made of a lead without a page, once it is stored.

        A lead via LISTING is a feed, sitemap or listing page that could not be read: it is counted apart, and never
        visited again for itself.
        """

        def kept(corpus: Corpus, visit: Visit) -> Outcome:
            if isinstance(result, Skipped):
                if lead.via not in _OLD:  # what once stood at an address says nothing of today
                    note_missing(corpus, Miss(visit, result, self.clock(), capture), self.gone)
                    self.matching.withdrawn(corpus)
                return result
            return self._take_in(corpus, _Reading(result, lead, fetched_at), visit)

        return self._recorded(lead, kept)

    def _recorded(self, lead: Lead, taken: Callable[[Corpus, Visit], Outcome], draft: Draft | None = None) -> Outcome:
        """Return what is taken in of a lead, in a transaction that also records the outcome and the visit."""
        now = self.clock()
        with self.store.transaction() as corpus:
            visit = corpus.sources.visit(lead.source, lead.key) or Visit(lead.source, lead.url, lead.key)
            outcome = taken(corpus, visit)
            is_listing = lead.via == LISTING
            if not is_listing:
                self._note_visit(corpus, lead, visit, outcome)
            if draft and draft.aliases and not isinstance(outcome, Skipped):
                corpus.sources.alias(lead.source, lead.key, draft.aliases, now)
            missed = MISSED.join(draft.missed) if draft else ""
            corpus.runs.record(self.run_id, lead.url, outcome, now, detail=missed, is_listing=is_listing)
        tell(corpus.absences.changes)
        log.info("page.settled", source=lead.source, url=lead.url, outcome=outcome_name(outcome), **_why(outcome))
        return outcome

    def _take_unchanged(self, corpus: Corpus, visit: Visit, *, item: Fetched, site: Site) -> Outcome:
        """Take the server's word that a page is as it was at the last visit (304)."""
        if visit.article_id is None:
            corpus.validators.forget(site.name, item.lead.url)
            return Skipped(Reason.HTTP_ERROR, "HTTP 304 for a page that is not held")
        article = corpus.articles.by_id(visit.article_id)
        note_return(corpus, article, item.page.fetched_at)
        return Unchanged(visit.article_id)

    def _take_draft(self, corpus: Corpus, visit: Visit, *, item: Fetched, site: Site, draft: Draft) -> Outcome:
        page, lead = item.page, item.lead
        # What another listing said of the address in the meantime counts as well.
        told = replace(lead, is_relevant=lead.is_relevant or visit.is_relevant)
        reading = _Reading(draft, lead, page.fetched_at, page.capture, partial(is_wanted, site, told))
        outcome = self._take_in(corpus, reading, visit)
        if isinstance(outcome, Skipped):
            return outcome
        # What a redirect led to says nothing of whether the address still leads there.
        validators = validators_of(page, site) if page.url == lead.url else None
        if validators:
            corpus.validators.keep(site.name, lead.url, validators)
        documents = documents_of(draft, site, lead)
        if documents:
            corpus.sources.sight(documents, self.run_id, self.clock())
        return outcome

    def _take_in(self, corpus: Corpus, reading: "_Reading", visit: Visit) -> Outcome:
        article = corpus.articles.by_key(reading.draft.source, reading.draft.key)
        reading = _sifted(corpus, reading, article)
        draft = reading.draft
        print_ = fingerprint(draft)
        if article:
            return self._meet(corpus, article, reading, print_)
        holder = corpus.articles.holding(print_.text)
        if holder is not None:
            return self._copy(corpus, holder, reading, print_)
        if not reading.is_wanted(draft):
            return Skipped(Reason.IRRELEVANT, "holds nothing of what `relevance` asks of this source")
        copied = corpus.articles.by_id(visit.article_id) if visit.article_id is not None else None
        if copied and copied.source == draft.source and is_edit(copied.text, draft.text):
            return self._edited_copy(corpus, copied, reading)
        if copied:
            corpus.articles.drop_copy(copied.id, draft.source, draft.url)
        return self._save(corpus, reading, print_)

    def _meet(self, corpus: Corpus, article: Article, reading: "_Reading", print_: Fingerprint) -> Outcome:
        """Hold a page against the article of its address."""
        is_old = reading.lead.via in _OLD
        note_return(corpus, article, reading.fetched_at, is_old=is_old)
        known = Known(corpus.articles.content_hash(article.id), None)
        if verdict(print_, known) is Verdict.SAME or self._has_learnt(article, reading):
            if reading.capture:
                corpus.articles.evidence(article.id, reading.capture)
            corpus.flickers.rest(article.id)
            return Unchanged(article.id)
        if is_old and reading.fetched_at < article.fetched_at:
            return Skipped(Reason.OUTDATED, f"article {article.id} holds a newer text")
        if is_flicker([content for _, content in corpus.articles.contents(article.id, LOOKED_BACK)], print_.content):
            flicker = corpus.flickers.note(article.id, self.clock())
            if flicker.in_row < STAYS:
                seen = {"source": article.source, "url": article.url, "article": article.id}
                log.info("page.flickers", **seen, times=flicker.times)
                return Unchanged(article.id)
        corpus.flickers.stop(article.id)
        return self._revise(corpus, article, reading, print_)

    def _has_learnt(self, article: Article, reading: "_Reading") -> bool:
        """Return whether a page differs from its article only in lines of which more is known than at its last visit.

        That is no edit: to read the pages again (`tonle reextract`) puts such texts right.
        """
        draft, heard = reading.draft, reading.heard
        if normalised(draft.title) != normalised(article.title) or draft.notes != article.notes:
            return False
        now = own_words(draft.paragraphs, heard, article.key)
        return bool(now) and now == own_words(article.text.splitlines(), heard, article.key)

    def _edited_copy(self, corpus: Corpus, article: Article, reading: "_Reading") -> Revised:
        """Take the text of a copy that was edited as a revision of the story; what else is known of it stays.

        Should the story's own page not follow, its next visit makes its text current again, and the copy is one of a
        text that the story has held: it does not go to and fro.
        """
        edited = text_of_copy(reading.draft, article)
        print_ = fingerprint(edited)
        number = corpus.articles.revise(
            article.id,
            edited,
            print_.text,
            print_.content,
            reading.fetched_at,
            keeps_address=True,
            capture=reading.capture,
        )
        self._rewritten(corpus, article, edited, number)
        return Revised(article.id, number)

    def _copy(self, corpus: Corpus, holder: int, reading: "_Reading", print_: Fingerprint) -> Outcome:
        draft = reading.draft
        held = corpus.articles.by_id(holder)
        if held and held.key.startswith(TEXT) and not draft.key.startswith(TEXT):
            # Until now only a copied text was held. Its page tells what a citation needs: address, date, authors.
            corpus.articles.move(holder, draft.source, draft.key)
            return self._revise(corpus, held, reading, print_)
        copy = CopyAddress(draft.source, draft.url, self.clock(), draft.title, draft.published_at)
        if corpus.articles.add_copy(holder, copy):
            self.matching.carried(corpus, holder, copy)
        return Copy(holder)

    def _save(self, corpus: Corpus, reading: "_Reading", print_: Fingerprint) -> Saved:
        now = self.clock()
        article_id = corpus.articles.add(
            reading.draft, print_.text, print_.content, reading.fetched_at, now, capture=reading.capture
        )
        if reading.lines:
            corpus.passages.learn(reading.draft.source, reading.lines, reading.fetched_at)
        corpus.passages.tell(reading.draft.source, [(reading.draft.key, reading.draft.title, "")])
        self.kinship.met(corpus, article_id, Print(reading.draft.title, reading.draft.text), now)
        self.matching.match(corpus, reading.draft, article_id, 1)
        return Saved(article_id)

    def _revise(self, corpus: Corpus, article: Article, reading: "_Reading", print_: Fingerprint) -> Revised:
        draft = reading.draft
        number = corpus.articles.revise(
            article.id, draft, print_.text, print_.content, reading.fetched_at, capture=reading.capture
        )
        corpus.passages.tell(draft.source, [(draft.key, draft.title, "")])
        self._rewritten(corpus, article, draft, number)
        return Revised(article.id, number)

    def _rewritten(self, corpus: Corpus, article: Article, draft: Draft, number: int) -> None:
        before, after = Print(article.title, article.text), Print(draft.title, draft.text)
        self.kinship.changed(corpus, article.id, before, after, self.clock())
        self.matching.match(corpus, draft, article.id, number)

    def _note_visit(self, corpus: Corpus, lead: Lead, visit: Visit, outcome: Outcome) -> None:
        now = self.clock()
        failed = isinstance(outcome, Skipped)
        article_id = visit.article_id if isinstance(outcome, Skipped) else outcome.article_id
        # An imported file has no address to go back to.
        due = next_visit(outcome, self._aged(corpus, visit, article_id, now), now, self.revisit_after)
        due = due if lead.url.startswith("http") else None
        is_missing = isinstance(outcome, Skipped) and outcome.reason in GONE
        corpus.sources.visited(lead.source, lead.key, lead.url, article_id, failed, due, now, is_missing=is_missing)

    def _aged(self, corpus: Corpus, visit: Visit, article_id: int | None, now: datetime) -> Visit:
        """Return a visit as old as its story: what was published long before it was found seldom changes any more."""
        published = corpus.articles.published_at(article_id) if article_id is not None else None
        first_seen = visit.first_seen or now
        is_older = published is not None and first_seen - published > _LONG_BEFORE
        return replace(visit, first_seen=published if is_older else first_seen)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was read off a page, and where it came from.

    lines are those of the page as it was read, heard is what the corpus knows of them; both once they are sifted.
    """

    draft: Draft
    lead: Lead
    fetched_at: datetime
    capture: Capture | None = None
    is_wanted: Callable[[Draft], bool] = lambda _: True
    lines: tuple[str, ...] = ()
    heard: Mapping[str, Heard] = field(default_factory=dict)


def _sifted(corpus: Corpus, reading: _Reading, article: Article | None) -> _Reading:
    """Return a reading without the lines that the corpus knows to be other items'; a document has no neighbours."""
    draft = reading.draft
    if draft.kind == DOCUMENT:
        return reading
    held = article.text.splitlines() if article else []
    heard = heard_of([*draft.paragraphs, *held], partial(corpus.passages.heard, draft.source))
    left = sifted(draft, heard, reading.fetched_at, is_held=article is not None).draft
    return replace(reading, draft=left, lines=draft.paragraphs, heard=heard)


def read(item: Fetched | Failed, site: Site) -> Draft | Skipped | None:
    """Return what stands on a page; None where there is nothing to read: no page came, or the old one stands (304)."""
    if isinstance(item, Failed) or item.page.status == NOT_MODIFIED:
        return None
    # Loading the parsers takes longer than most crawls, which read no page or have workers that do.
    from pipelines.process import process  # noqa: PLC0415

    try:
        return process(item.page, site, item.lead)
    except Exception as error:
        # The rim of the loop over pages: one page that the parsers choke on must not end the run.
        log.exception("page.failed", source=site.name, url=item.page.url)
        return Skipped(Reason.FAILED, f"{type(error).__name__}: {error}"[:300])


def validators_of(page: Page, site: Site) -> Validators | None:
    """Return what to ask a page again with, None where its server gave nothing of the kind."""
    etag, last_modified = page.headers.get("etag", ""), page.headers.get("last-modified", "")
    return Validators(etag, last_modified, page.fetched_at, site.fingerprint) if etag or last_modified else None


def documents_of(draft: Draft, site: Site, lead: Lead) -> tuple[Lead, ...]:
    """Return the files that belong to a text as leads; what is known of the text holds for them too."""
    addresses = ((document_address(site, link.url), link.title) for link in draft.documents)
    return tuple(
        Lead(
            draft.source,
            address.url,
            address.key,
            DOCUMENT,
            listing=lead.url,
            title=title,
            published=draft.published_at,
            is_relevant=True,
        )
        for address, title in addresses
        if address
    )


def _why(outcome: Outcome) -> dict[str, str]:
    return {"reason": outcome.reason.value, "detail": outcome.detail} if isinstance(outcome, Skipped) else {}
