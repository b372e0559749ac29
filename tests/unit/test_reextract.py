"""Archived pages read again, in a real corpus and archive: what the tests of the command cannot arrange."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.reextract import Changed, Count, Finding, NoPage, Rereading, Same, Unreadable
from core.config import Config
from core.model import Article, CopyAddress, Draft, Lead, Outcome, Passage, Reason, Revised, Revision, Saved, Skipped
from core.rules import Rule
from core.site import Site
from crawler.archive import Archive, Exchange, Head
from pipelines.corrections import Difference
from pipelines.ingest import DOCUMENT, Fetched, Ingest
from pipelines.workshop import Workshop
from storage.store import Store
from tests.unit.pdfs import Line, Pdf

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOME = "https://cambodia.ohchr.org"
STORY, OTHER = f"{HOME}/en/news/one", "https://www.ohchr.org/en/press-releases/2026/03/one"
FILE = f"{HOME}/sites/default/files/report.pdf"
WORDS = "Forty officers completed a course in Kampong Cham on how to record a complaint by a detainee."
MORE = "It was the third in a series that is run with the prisons department of the ministry."
EDITED = "It was the fourth in a series, and the last for which the department of the ministry has money."


@dataclass
class Shelf:
    """A corpus and an archive; `site` reads pages when they are crawled, `mended` when they are read again."""

    folder: Path
    site: Site
    mended: Site
    others: tuple[Site, ...] = ()
    now: datetime = START
    on_clock: Callable[[], None] = lambda: None
    store: Store = field(init=False)
    archive: Archive = field(init=False)
    ingest: Ingest = field(init=False)

    def __post_init__(self) -> None:
        self.config = Config(data=self.folder, rules=(Rule(name="cham", any=("Kampong Cham",)),))
        self.store = Store.open(self.config.corpus)
        self.archive = Archive(self.config.evidence, 10**9, lambda: self.now, "")
        with self.store.transaction() as corpus:
            run_id = corpus.runs.start(self.site.name, "manual", self.now)
        self.ingest = Ingest(self.store, run_id, self.config.rules, (timedelta(hours=1),), lambda: self.now)

    def crawl(
        self,
        url: str,
        body: bytes,
        site: Site | None = None,
        mime: str = "text/html",
        via: str = "section",
        title: str = "",
    ) -> Outcome:
        """Keep a page in the archive and take it in."""
        site = site or self.site
        self.now += timedelta(minutes=10)
        exchange = Exchange(url, Head("HTTP/1.1 200 OK", (("Content-Type", f"{mime}; charset=utf-8"),)), body, self.now)
        capture = self.archive.store(site.name, exchange)
        key = url.removeprefix(site.home)
        page = exchange.page(capture=capture)
        return self.ingest.settle(Fetched(page, Lead(site.name, url, key, via, title=title)), site)

    def read(self, **changes: object) -> list[Finding]:
        """Read everything of the site again."""
        sites = {site.name: site for site in (self.mended, *self.others)}
        with Workshop(sites, processes=0) as workshop:
            whole = Rereading(self.store, self.config, sites, workshop, self._clock)
            return list(replace(whole, **changes).findings(self.site.name, None))  # type: ignore[arg-type]

    def _clock(self) -> datetime:
        self.on_clock()
        return self.now

    def article(self, article_id: int = 1) -> Article:
        with self.store.reading() as corpus:
            article = corpus.articles.by_id(article_id)
        assert article is not None
        return article

    def revisions(self, article_id: int = 1) -> tuple[Revision, ...]:
        with self.store.reading() as corpus:
            return corpus.articles.revisions(article_id)


def page(*paragraphs: str, title: str = "Officers in Cambodia complete course") -> bytes:
    body = "".join(f"<p>{each}</p>" for each in paragraphs)
    article = f"<article><h1>{title}</h1><div>{body}</div></article>"
    return f"<html lang='en'><body><main>{article}</main></body></html>".encode()


def dropping(site: Site, selector: str) -> Site:
    """Describe a site so that its layouts lose what a selector finds."""
    layouts = tuple(layout.model_copy(update={"drop": (*layout.drop, selector)}) for layout in site.layouts)
    return site.model_copy(update={"layouts": layouts})


@pytest.fixture
def shelf(tmp_path: Path, cambodia: Site, ohchr: Site) -> Iterator[Shelf]:
    whole = Shelf(tmp_path, dropping(cambodia, "article p:first-of-type"), cambodia, (ohchr,))
    yield whole
    whole.archive.close()
    whole.store.close()


def test_an_edit_that_comes_while_the_page_is_read_is_not_undone(shelf: Shelf) -> None:
    shelf.crawl(STORY, page(WORDS, MORE))

    def edited() -> None:
        shelf.on_clock = lambda: None
        assert shelf.crawl(STORY, page(WORDS, EDITED)) == Revised(1, 2)

    shelf.on_clock = edited
    (finding,) = shelf.read()
    assert isinstance(finding, Changed)
    assert finding.difference == Difference(("text",), added=(WORDS,))
    assert [each.text for each in shelf.revisions()] == [MORE, EDITED, f"{WORDS}\n{EDITED}"]
    assert [each.is_correction for each in shelf.revisions()] == [False, False, True]


def test_a_headline_that_became_known_later_leaves_the_text_by_a_correction(shelf: Shelf) -> None:
    headline = "Ministry counts the dolphins above the rapids"
    shelf.mended = shelf.site
    shelf.crawl(STORY, page(WORDS, MORE, headline))
    shelf.crawl(f"{STORY}-two", page(WORDS, EDITED, title=headline))
    finding, other = shelf.read()
    assert isinstance(finding, Changed)
    assert (finding.difference.gone, finding.difference.added) == ((headline,), ())
    assert other == Same()
    assert [each.text for each in shelf.revisions()] == [f"{MORE}\n{headline}", MORE]
    assert shelf.article().corrections == 1


def test_what_the_archive_holds_of_an_older_text_does_not_replace_a_newer_one_without_a_page(shelf: Shelf) -> None:
    shelf.crawl(STORY, page(WORDS, MORE))
    with shelf.store.transaction() as corpus:
        draft = Draft(shelf.site.name, STORY, "/en/news/one", "Newer", (EDITED,))
        corpus.articles.revise(1, draft, "t", "c", shelf.now)
    assert shelf.read() == [NoPage()]
    assert shelf.article().text == EDITED


def test_a_text_that_was_edited_at_a_copys_address_is_read_by_the_rules_of_that_source(
    shelf: Shelf, ohchr: Site
) -> None:
    lossy = dropping(ohchr, "article p:last-of-type")
    text = (WORDS, MORE, EDITED)
    assert shelf.crawl(STORY, page(*text), shelf.mended) == Saved(1)
    shelf.crawl(OTHER, page(WORDS, MORE, EDITED, "A line was added.", "Last."), lossy)
    (read,) = shelf.revisions(2)
    with shelf.store.transaction() as corpus:  # as corpora of older programs have it
        lines = tuple(read.text.splitlines())
        draft = Draft(ohchr.name, OTHER, "one", "Officers in Cambodia complete course", lines)
        corpus.articles.add_copy(1, CopyAddress(ohchr.name, OTHER, shelf.now))
        corpus.articles.revise(1, draft, "t", "c", shelf.now, keeps_address=True, capture=read.capture)
    assert shelf.revisions()[-1].url == OTHER
    (finding,) = shelf.read()
    assert isinstance(finding, Changed)
    assert finding.difference.added == ("Last.",)
    assert (shelf.article().title, shelf.article().url) == ("Officers in Cambodia complete course", STORY)
    assert [type(each) for each in shelf.read()] == [Same]
    assert len(shelf.revisions()) == 3


def test_a_document_is_read_again_with_what_its_link_said_of_it(shelf: Shelf) -> None:
    lines = [Line(f"{number}. {WORDS}", 700 - 14 * number) for number in range(5)]
    whole = Pdf([lines]).bytes()
    assert shelf.crawl(FILE, whole, mime="application/pdf", via=DOCUMENT, title="A report on courses") == Saved(1)
    assert shelf.article().kind == "document"
    with shelf.store.transaction() as corpus:
        run_id = corpus.runs.start("ppp", "manual", shelf.now)
        told = Lead(shelf.site.name, FILE, FILE.removeprefix(HOME), DOCUMENT, title="A report on courses")
        corpus.sources.sight([told], run_id, shelf.now)
    assert shelf.read() == [Same()]


def test_a_page_whose_address_is_no_longer_of_the_source_is_left_as_it_is(shelf: Shelf) -> None:
    shelf.crawl(STORY, page(WORDS, MORE))
    elsewhere = shelf.mended.model_copy(
        update={"home": "https://example.org", "base": "https://example.org", "hosts": ()}
    )
    shelf.mended = elsewhere
    (finding,) = shelf.read()
    assert isinstance(finding, Skipped)
    assert finding.reason is Reason.OUTSIDE_SITE
    assert len(shelf.revisions()) == 1


def test_alerts_are_owed_of_late_matches_on_demand_and_of_what_fired_before_never(shelf: Shelf) -> None:
    shelf.crawl(STORY, page(WORDS, MORE))
    shelf.crawl(f"{HOME}/en/news/two", page(WORDS.replace("Forty", "Fifty"), MORE + " Again.", title="Another"))
    with shelf.store.transaction() as corpus:
        corpus.matches.add(2, 1, "cham", Passage("Told before."), shelf.now)
    dry = shelf.read(dry=True, alerts=True)
    assert [each.late for each in dry if isinstance(each, Changed)] == [("cham",), ()]
    with shelf.store.reading() as corpus:
        assert (corpus.outbox.waiting(), corpus.outbox.by_key("alert:1:cham")) == (0, None)
    assert shelf.read(alerts=True) == dry
    with shelf.store.reading() as corpus:
        assert corpus.outbox.waiting() == 1
        first, second = corpus.matches.of_articles([1, 2])
    assert (first.is_late, first.passage.text, second.is_late) == (True, WORDS, False)


def test_the_count_of_a_source_adds_up() -> None:
    count = Count()
    changed = Changed(3, "Three", Difference(("text", "date")), ("land",))
    for finding in (Same(), Same(), NoPage(), Unreadable(2, "gone"), changed, Skipped(Reason.NO_BODY)):
        count.add(finding)
    assert (count.articles, count.unchanged, count.no_page, count.unreadable, count.changed) == (6, 2, 1, 1, 1)
    assert (count.parts, count.skipped, count.late) == ({"text": 1, "date": 1}, {"no-body": 1}, {"land": 1})
