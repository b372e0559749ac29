"""Reads the listings of a site: what they lead to, how deep they are read, and what is remembered of them.

Knows nothing of Scrapy: pages come in, what to fetch and what to read next goes out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

import structlog

from core.model import Lead, Page, Skipped, Validators, Visit
from core.site import Feed, Search, Section, Sitemap
from crawler.discovery.feed import read_feed
from crawler.discovery.listing import Listing, refused_listing
from crawler.discovery.paging import Reading
from crawler.discovery.section import listing_name, read_section, section_address
from crawler.discovery.sitemap import read_sitemap
from crawler.job import CrawlJob
from pipelines.ingest import NOT_MODIFIED, validators_of
from pipelines.visits import GONE, PASSING
from storage.store import Corpus

log = structlog.get_logger()
Way = Feed | Sitemap | Section | Search
Stretch = tuple[datetime | None, Lead | None]
"""The moment after which something was published, and the lead before which; None where nothing is known."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A listing page to be asked for: by which way, under which name (a section, a keyword), which page from 0.

    One that is patient is asked for after the articles that are waiting: their dates tell whether it is needed.
    """

    way: Way
    url: str
    name: str = ""
    number: int = 0
    is_conditional: bool = False
    is_patient: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What a listing page leads to: addresses that are due, leads to fetch in a dry run, pages to read next.

    failure is why the page could not be read; left_out are leads that the site's relevance does not ask for.
    """

    visits: tuple[tuple[Visit, Lead], ...] = ()
    leads: tuple[Lead, ...] = ()
    asks: tuple[Ask, ...] = ()
    failure: Skipped | None = None


@dataclass(frozen=True, slots=True)
class _Course:
    """How far a listing was read in this run: the stories seen, whether a page held only what is settled.

    undated are the stories of the page before, where it dated none.
    """

    seen: frozenset[str] = frozenset()
    met_settled: bool = False
    undated: tuple[Lead, ...] = ()
    mark: int | None = None
    marked_at: datetime | None = None
    first: tuple[str, Validators | None] = ("", None)


class Listings:
    """The listings of one crawl."""

    def __init__(self, job: CrawlJob) -> None:
        self.job = job
        self._courses: dict[str, _Course] = {}
        self._asked: set[str] = set()

    async def first(self) -> tuple[Ask, ...]:
        """Return what to ask at the beginning: every way of discovery, save those that failed run after run."""
        wish, site = self.job.wish, self.job.site
        if wish.keywords:
            ways: Iterable[Way] = [way for way in site.discovery if isinstance(way, Search)]
            found = [replace_keywords(way, wish.keywords) for way in ways if isinstance(way, Search)]
            return tuple(ask for way in found for ask in self._first_of(way))
        asks = [ask for way in site.discovery for ask in self._first_of(way)]
        name, now = site.name, self.job.clock()
        resting = await self.job.read(lambda corpus: corpus.listings.resting(name, now))
        awake = [ask for ask in asks if ask.url not in resting]
        for ask in asks:
            if ask.url in resting and awake:
                log.info("listing.rests", source=name, url=ask.url)
        return tuple(awake or asks)

    def _first_of(self, way: Way) -> Iterable[Ask]:
        is_usual = not self.job.wish.is_special
        if isinstance(way, Section | Search):
            is_ordered = isinstance(way, Section)
            for name in way.names:
                url = section_address(self.job.site, way, name, 0)
                yield Ask(way, url, name, is_conditional=is_usual and is_ordered)
        else:
            yield Ask(way, self.job.site.base + way.url, is_conditional=is_usual)

    async def read(self, ask: Ask, page: Page) -> Found:
        """Return what a page leads to, once it is recorded."""
        if page.status == NOT_MODIFIED:
            # What it held was recorded, and where it is the first page of several, read to its end.
            self.job.sighted += 1
            log.info("listing.unchanged", source=self.job.site.name, url=ask.url)
            return Found()
        match ask.way:
            case Feed():
                found = refused_listing(page) or read_feed(page.body, page.url, self.job.site)
            case Sitemap():
                since = self.job.wish.since
                found = refused_listing(page) or read_sitemap(page.body, page.url, self.job.site, ask.way, since)
            case Section() | Search():
                name = listing_name(self.job.site, ask.way, ask.name)
                found = read_section(page, self.job.site, ask.way, name)
        if isinstance(found, Skipped) and found.reason in GONE and ask.number:
            found = Listing(())  # behind its last page some pagers answer 404
        if isinstance(found, Skipped):
            return Found(failure=await self.failed(ask, found))
        self.job.sighted += len(found.leads)
        log.info("listing.read", source=self.job.site.name, url=page.url, leads=len(found.leads), remark=found.remark)
        if isinstance(ask.way, Section | Search):
            return await self._cards(ask, page, found)
        return await self._entries(ask, page, found)

    async def failed(self, ask: Ask, skipped: Skipped) -> Skipped:
        """Note that a listing page could not be read; a feed or sitemap that keeps failing is left alone for a day."""
        if isinstance(ask.way, Feed | Sitemap) and skipped.reason not in PASSING and not self.job.wish.dry:
            name, now = self.job.site.name, self.job.clock()
            await self.job.write(lambda corpus: corpus.listings.failed(name, ask.url, now))
        return skipped

    async def _entries(self, ask: Ask, page: Page, found: Listing) -> Found:
        """Take in a feed or a sitemap."""
        new = [url for url in found.follow if url not in self._asked]
        self._asked.update(new)
        asks = tuple(Ask(ask.way, url, is_conditional=ask.is_conditional) for url in new)
        # Sitemaps tell no date of publication: of what lies before a day, the sections tell.
        wanted = self._within(lead for lead in found.leads if lead.published or not self.job.wish.until)
        if self.job.wish.dry:
            return Found(leads=await self._due(wanted), asks=asks)
        is_whole = not found.follow and not found.remark and len(wanted) == len(found.leads)
        validators = validators_of(page, self.job.site) if is_whole else None
        is_complete = found.complete and bool(found.leads)
        name, now, run_id = self.job.site.name, self.job.clock(), self.job.run_id

        def taken(corpus: Corpus) -> tuple[Visit, ...]:
            visits = corpus.sources.sight(wanted, run_id, now)
            corpus.listings.read(name, ask.url, now)
            if validators and not self.job.wish.is_special:
                corpus.validators.keep(name, ask.url, validators)
            gone = corpus.sources.vanished(name, page.url, run_id, now) if is_complete else 0
            return (*visits, *(corpus.sources.due(name, now) if gone else ()))

        return Found(visits=paired(await self.job.write(taken), wanted), asks=asks)

    async def _cards(self, ask: Ask, page: Page, found: Listing) -> Found:
        """Take in a page of a section or of search results, and say whether the next is to be read."""
        assert isinstance(ask.way, Section | Search)  # noqa: S101  # for the type checker
        name = listing_name(self.job.site, ask.way, ask.name)
        course = await self._course(name, ask, page)
        # Asked before the leads are recorded: then this run itself has seen them.
        reading = await self._reading(ask, found, name, course)
        times = between_neighbours(found.leads) if isinstance(ask.way, Section) else {}
        wanted = self._within(found.leads, times)
        if self.job.wish.dry:
            result = Found(leads=await self._due(wanted))
        else:
            is_known = await self._is_known(found.leads, course.marked_at)
            visits = await self.job.sight(wanted)
            result = Found(visits=paired(visits, wanted))
        undated = () if any(lead.published for lead in found.leads) else found.leads
        self._courses[name] = replace(
            course,
            seen=course.seen | reading.keys,
            met_settled=course.met_settled or reading.meets_settled,
            undated=undated,
        )
        if not reading.goes_on:
            if not self.job.wish.dry:
                await self._end(name, reading)
            return result
        number = ask.number + 1
        if not self.job.wish.dry:
            number = await self._marked(name, number, is_known=is_known)
        url = section_address(self.job.site, ask.way, ask.name, number)
        is_patient = reading.is_reaching_back and bool(undated)
        return replace(result, asks=(Ask(ask.way, url, ask.name, number, is_patient=is_patient),))

    async def _course(self, name: str, ask: Ask, page: Page) -> _Course:
        if name in self._courses:
            return self._courses[name]
        wish, source = self.job.wish, self.job.site.name
        mark, at = None, None
        if wish.is_reaching_far and not wish.dry:
            mark = await self.job.read(lambda corpus: corpus.listings.marked(source, name, wish.since, wish.until))
            at = await self.job.read(lambda corpus: corpus.listings.marked_at(source, name, wish.since, wish.until))
        return _Course(mark=mark, marked_at=at, first=(ask.url, validators_of(page, self.job.site)))

    async def _marked(self, name: str, number: int, *, is_known: bool) -> int:
        """Return which page to read next where history is read, and remember it: a stopped reading goes on from there.

        New stories only push what was read to later pages. So once a page holds nothing unknown, all up to the mark is
        known, but for the page before it, onto which withdrawn stories may have let others move up.
        """
        wish, source, now = self.job.wish, self.job.site.name, self.job.clock()
        if not wish.is_reaching_far:
            return number
        mark = self._courses[name].mark
        if mark is not None and is_known and number < mark - 1 and (wish.pages is None or mark <= wish.pages):
            log.info("listing.resumed", source=source, listing=name, page=mark)
            number = mark - 1
        if mark is None or number > mark:
            await self.job.write(lambda corpus: corpus.listings.mark(source, name, wish.since, wish.until, number, now))
        return number

    async def _end(self, name: str, reading: Reading) -> None:
        source, run_id, wish = self.job.site.name, self.job.run_id, self.job.wish
        url, validators = self._courses[name].first

        def ended(corpus: Corpus) -> None:
            if wish.is_reaching_far:
                corpus.listings.unmark(source, name, wish.since, wish.until)
            if reading.settles:
                corpus.sources.settle(source, name, run_id)
                if validators and not wish.is_special:
                    corpus.validators.keep(source, url, validators)

        await self.job.write(ended)
        is_cut_short = not reading.settles and not reading.is_reaching_back and reading.pages is None
        if is_cut_short and not reading.is_unordered:
            log.warning("listing.cut_short", source=source, listing=name, pages=reading.number + 1)

    async def _reading(self, ask: Ask, found: Listing, name: str, course: _Course) -> Reading:
        wish, way = self.job.wish, ask.way
        assert isinstance(way, Section | Search)  # noqa: S101  # for the type checker
        since = wish.since
        return Reading(
            number=ask.number,
            keys=frozenset(lead.key for lead in found.leads),
            seen=course.seen,
            unsettled=await self.job.unsettled(name, found.leads),
            was_settled=await self.job.is_settled(name),
            met_settled=course.met_settled,
            has_next=bool(found.follow) if way.next else None,
            depth=way.pages,
            pages=wish.pages,
            is_reaching_back=since is not None or wish.until is not None,
            has_reached=since is not None and await self._has_reached(since, found.leads, course.undated),
            is_unordered=isinstance(way, Search),
        )

    async def _has_reached(self, since: datetime, leads: Sequence[Lead], before: Sequence[Lead]) -> bool:
        """Return whether a page lies before a day: by the dates of its cards, or by those of the articles before it."""
        dated = [lead for lead in leads if lead.published]
        if dated:
            return all(_is_older(lead, since) for lead in dated)
        keys = [(lead.source, lead.key) for lead in before]

        def dates(corpus: Corpus) -> list[datetime]:
            held = (corpus.articles.by_key(source, key) for source, key in keys)
            return [article.published_at for article in held if article and article.published_at]

        found = await self.job.read(dates) if keys else []
        return bool(found) and max(found) < since

    async def _is_known(self, leads: Sequence[Lead], at: datetime | None) -> bool:
        """Return whether each story was known when the mark was set: one that came later may hide others behind it."""
        if at is None:
            return False

        def known(corpus: Corpus) -> bool:
            visits = (corpus.sources.visit(lead.source, lead.key) for lead in leads)
            return all(visit and visit.first_seen and visit.first_seen <= at for visit in visits)

        return await self.job.read(known)

    async def _due(self, leads: Sequence[Lead]) -> tuple[Lead, ...]:
        due = await self.job.wanted(leads)
        return tuple(lead for lead in leads if lead.key in due)

    def _within(self, leads: Iterable[Lead], times: Mapping[str, Stretch] | None = None) -> tuple[Lead, ...]:
        """Return the leads between the days that were asked for.

        times tells between which moments those lie that have no date; those of which nothing is known count as wanted.
        """
        wish = self.job.wish
        chosen = []
        for lead in leads:
            after, before = (times or {}).get(lead.key, (None, None))
            newest, oldest = lead if lead.published else before, lead.published or after
            is_early = wish.since and newest and _is_older(newest, wish.since)
            is_late = wish.until and oldest and oldest >= wish.until
            if not is_early and not is_late:
                chosen.append(lead)
        return tuple(chosen)


def between_neighbours(leads: Sequence[Lead]) -> dict[str, Stretch]:
    """Return for each lead without a date the dates between which it lies, since a section lists the newest first.

    They are that of the next lead below it, and the next above it, where there are such on the page.
    """
    found = {}
    for number, lead in enumerate(leads):
        if lead.published is None:
            below = next((other.published for other in leads[number:] if other.published), None)
            above = next((other for other in reversed(leads[:number]) if other.published), None)
            found[lead.key] = (below, above)
    return found


def replace_keywords(way: Search, keywords: tuple[str, ...]) -> Search:
    """Return a search that asks for other words."""
    return way.model_copy(update={"keywords": keywords})


def paired(visits: Iterable[Visit], leads: Iterable[Lead]) -> tuple[tuple[Visit, Lead], ...]:
    """Return each visit with the lead that told of it, or with what was remembered where none did."""
    told = {lead.key: lead for lead in reversed(tuple(leads))}
    return tuple((visit, told.get(visit.key) or lead_of(visit)) for visit in visits)


def lead_of(visit: Visit) -> Lead:
    """Return what is remembered of an address as a lead."""
    return Lead(
        visit.source,
        visit.url,
        visit.key,
        "due",
        visit.listing,
        visit.title,
        visit.summary,
        visit.published,
        is_relevant=visit.is_relevant,
    )


def _is_older(lead: Lead, since: datetime) -> bool:
    """Return whether a listing dates a lead before a moment; a day without a time ends at the next midnight."""
    if lead.published is None:
        return False
    is_day = lead.published.time() == time.min
    return lead.published + (timedelta(days=1) if is_day else timedelta(0)) <= since
