"""The one place where decisions become writes.

    page | process | fingerprint | verdict | save, revise, copy or leave | rules | outbox | outcome

Everything after `process` happens in one transaction: article, revision, matches, the messages owed for them, the
state of the address and the outcome commit together or not at all. So a crawl that is killed loses nothing but pages
that it had not finished, and their addresses are still due.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.clock import Clock
from core.config import Rule
from core.model import (
    Article,
    Copy,
    Draft,
    Lead,
    Outcome,
    Page,
    Reason,
    Revised,
    Saved,
    Skipped,
    Unchanged,
    Visit,
    outcome_name,
)
from core.site import Site
from pipelines.alerts import Text, met
from pipelines.dedup import Known, Verdict, is_edit, verdict
from pipelines.fingerprint import Fingerprint, fingerprint
from pipelines.process import process
from pipelines.visits import next_visit
from storage.store import Corpus, Store

log = structlog.get_logger()
IMPORT = "import"
"""The `via` of a lead that is a file."""
TEXT = "text:"
"""How the key of a text begins of which no page is known: it is named after its words."""
LISTING = "listing"
"""The `via` of a lead that is itself a feed, sitemap or listing page."""
WARC = "warc"
"""The `via` of a lead that is a record of a WARC file."""
DOCUMENT = "document"
"""The `via` of a lead to a file that belongs to an article."""
NOT_MODIFIED = 304
_WITHDRAWN = frozenset({Reason.NOT_FOUND, Reason.GONE})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page that came, and the lead that it was fetched for."""

    page: Page
    lead: Lead


@dataclass(frozen=True, slots=True)
class Failed:
    """A page that did not come, and why."""

    lead: Lead
    skipped: Skipped


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes the pages of one run into the corpus. tells is False where matches are kept but nobody is told."""

    store: Store
    run_id: int
    rules: Sequence[Rule]
    revisit_after: Sequence[timedelta]
    clock: Clock
    tells: bool = True

    def settle(self, item: Fetched | Failed, site: Site) -> Outcome:
        """Return the one outcome of a page, once it and everything that follows from it is stored.

        Raises StorageError if that cannot be; the address then stays due.
        """
        return self.take(item, read(item, site), site)

    def take(self, item: Fetched | Failed, result: Draft | Skipped | None, site: Site) -> Outcome:
        """Return the outcome of an item of which `result` was read (None: nothing was to be read), once it is stored.

        Raises StorageError if that cannot be; the address then stays due.
        """
        del site
        if isinstance(item, Failed):
            return self.keep(item.skipped, item.lead, self.clock())
        if result is None:
            raise ValueError("an answer without a page is no outcome yet")
        return self.keep(result, item.lead, item.page.fetched_at)

    def keep(self, result: Draft | Skipped, lead: Lead, fetched_at: datetime) -> Outcome:
        """Return the outcome of what was made of a lead, once it is stored.

        A lead via LISTING is a feed, sitemap or listing page that could not be read: it is counted apart, and never
        visited again for itself.
        """
        now = self.clock()
        with self.store.transaction() as corpus:
            visit = corpus.sources.visit(lead.source, lead.key) or Visit(lead.source, lead.url, lead.key)
            if isinstance(result, Skipped):
                outcome: Outcome = result
                self._note_withdrawal(corpus, result, visit, now)
            else:
                outcome = self._take_in(corpus, result, lead, visit, fetched_at)
            is_listing = lead.via == LISTING
            if not is_listing:
                self._note_visit(corpus, lead, visit, outcome)
            corpus.runs.record(self.run_id, lead.url, outcome, now, is_listing=is_listing)
        log.info("page.settled", source=lead.source, url=lead.url, outcome=outcome_name(outcome), **_why(outcome))
        return outcome

    def _take_in(self, corpus: Corpus, draft: Draft, lead: Lead, visit: Visit, fetched_at: datetime) -> Outcome:
        print_ = fingerprint(draft)
        article = corpus.articles.by_key(draft.source, draft.key)
        held = corpus.articles.content_hash(article.id) if article else None
        holder = None if article else corpus.articles.holding(print_.text)
        decision = verdict(print_, Known(held, holder))
        if article and article.missing_since:
            corpus.articles.set_missing(article.id, None)
        if article and decision is Verdict.SAME:
            return Unchanged(article.id)
        if article and lead.via == IMPORT and fetched_at < article.fetched_at:
            return Skipped(Reason.OUTDATED, f"article {article.id} holds a newer text")
        if article:
            return self._revise(corpus, article.id, draft, print_, fetched_at)
        if holder is not None:
            return self._copy(corpus, holder, draft, print_, fetched_at)
        copied = corpus.articles.by_id(visit.article_id) if visit.article_id is not None else None
        if copied and is_edit(copied.text, draft.text):
            return self._edited_copy(corpus, copied, draft, fetched_at)
        return self._save(corpus, draft, print_, fetched_at)

    def _edited_copy(self, corpus: Corpus, article: Article, draft: Draft, fetched_at: datetime) -> Revised:
        """Take the text of a copy that was edited as a revision of the story; what else is known of it stays.

        Should the story's own page not follow, its next visit makes its text current again, and the copy is one of a
        text that the story has held: it does not go to and fro.
        """
        edited = replace(
            draft,
            title=article.title,
            authors=article.authors,
            published_at=article.published_at,
            modified_at=article.modified_at,
            language=article.language,
            section=article.section,
            kind=article.kind,
            notes=article.notes,
            links=article.links,
        )
        print_ = fingerprint(edited)
        number = corpus.articles.revise(article.id, edited, print_.text, print_.content, fetched_at, keeps_address=True)
        self._match(corpus, edited, article.id, number)
        return Revised(article.id, number)

    def _copy(self, corpus: Corpus, holder: int, draft: Draft, print_: Fingerprint, fetched_at: datetime) -> Outcome:
        held = corpus.articles.by_id(holder)
        if held and held.key.startswith(TEXT) and not draft.key.startswith(TEXT):
            # Until now only a copied text was held. Its page tells what a citation needs: address, date, authors.
            corpus.articles.move(holder, draft.source, draft.key)
            return self._revise(corpus, holder, draft, print_, fetched_at)
        corpus.articles.add_copy(holder, draft.source, draft.url, self.clock())
        return Copy(holder)

    def _save(self, corpus: Corpus, draft: Draft, print_: Fingerprint, fetched_at: datetime) -> Saved:
        now = self.clock()
        article_id = corpus.articles.add(draft, print_.text, print_.content, fetched_at, now)
        self._match(corpus, draft, article_id, 1)
        return Saved(article_id)

    def _revise(
        self, corpus: Corpus, article_id: int, draft: Draft, print_: Fingerprint, fetched_at: datetime
    ) -> Revised:
        number = corpus.articles.revise(article_id, draft, print_.text, print_.content, fetched_at)
        self._match(corpus, draft, article_id, number)
        return Revised(article_id, number)

    def _match(self, corpus: Corpus, draft: Draft, article_id: int, number: int) -> None:
        text = Text(draft.source, draft.title, draft.paragraphs)
        now = self.clock()
        for rule, passage in met(self.rules, text):
            match_id = corpus.matches.add(article_id, number, rule.name, passage, now)
            if match_id is not None and self.tells:
                corpus.outbox.owe("alert", match_id, f"alert:{article_id}:{rule.name}", now)

    def _note_visit(self, corpus: Corpus, lead: Lead, visit: Visit, outcome: Outcome) -> None:
        now = self.clock()
        failed = isinstance(outcome, Skipped)
        article_id = visit.article_id if isinstance(outcome, Skipped) else outcome.article_id
        # An imported file has no address to go back to.
        due = next_visit(outcome, visit, now, self.revisit_after) if lead.url.startswith("http") else None
        corpus.sources.visited(lead.source, lead.key, lead.url, article_id, failed, due, now)

    def _note_withdrawal(self, corpus: Corpus, skipped: Skipped, visit: Visit, now: datetime) -> None:
        if visit.article_id is None or skipped.reason not in _WITHDRAWN:
            return
        article = corpus.articles.by_id(visit.article_id)
        is_copy = article is not None and any(copy.url == visit.url for copy in article.copies)
        if article and article.missing_since is None and not is_copy:
            corpus.articles.set_missing(article.id, now)


def read(item: Fetched | Failed, site: Site) -> Draft | Skipped | None:
    """Return what stands on a page; None where there is nothing to read: no page came, or the old one stands (304)."""
    if isinstance(item, Failed) or item.page.status == NOT_MODIFIED:
        return None
    try:
        return process(item.page, site, item.lead)
    except Exception as error:
        # The rim of the loop over pages: one page that the parsers choke on must not end the run.
        log.exception("page.failed", source=site.name, url=item.page.url)
        return Skipped(Reason.FAILED, f"{type(error).__name__}: {error}"[:300])


def _why(outcome: Outcome) -> dict[str, str]:
    return {"reason": outcome.reason.value, "detail": outcome.detail} if isinstance(outcome, Skipped) else {}
