"""A first description of an unknown site, from a dozen of its pages."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from core.errors import CrawlError
from core.model import Lead, Page, Reason, Skipped
from core.site import Addresses, DateFormat, Section, Site, Sitemap
from core.urls import article_address, is_private, rebased
from crawler.discovery.feed import read_feed
from crawler.discovery.listing import Listing, refused_listing
from crawler.discovery.section import read_section
from crawler.discovery.sitemap import read_sitemap
from crawler.spiders.survey import Fetch
from crawler.survey.cards import CardForm, NextPage, find_cards, find_next
from crawler.survey.check import spread
from crawler.survey.dateforms import zone_of
from crawler.survey.design import Design, Sample, design_of, offsets_of, sample_of, seen_beside_told
from crawler.survey.front import USUAL_FEEDS, USUAL_SITEMAPS, Front, is_for_all, read_front, sitemaps_in
from crawler.survey.patterns import Pattern, excluded_for, patterns_of
from pipelines.classify import refused

_LISTINGS = 2
_SAMPLES = 3
_MOST_TRIED = 5
_NEWEST = 12  # leads; what is older may look as the site did then
_PROBED = 2  # further pages of a listing without a link to the next one
_STORIES = re.compile(r"(?i)(posts?|news|articles?|stor(?:y|ies)|releases?)")


@dataclass(frozen=True, slots=True)
class SitemapSketch:
    """A sitemap that names articles; follow are the words by which those of an index are told that do."""

    url: str
    follow: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingSketch:
    """A listing page that shows articles; url is its address below the base, further how it goes on.

    sections stand in place of {section} in these addresses, where the site has several listings of one kind.
    """

    url: str
    form: CardForm
    further: NextPage | None = None
    sections: tuple[str, ...] = ()


@dataclass(slots=True)
class Sketch:
    """What was found of a site. found and missing are sentences for whoever asked for it."""

    site: Site
    front: Front | None = None
    feeds: list[str] = field(default_factory=list)
    sitemap: SitemapSketch | None = None
    listings: list[ListingSketch] = field(default_factory=list)
    patterns: tuple[Pattern, ...] = ()
    excluded: tuple[str, ...] = ()
    design: Design | None = None
    zone: str = "UTC"
    zone_reason: str = ""
    samples: list[Sample] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    leads: dict[str, Lead] = field(default_factory=dict)
    seen: list[tuple[datetime, datetime]] = field(default_factory=list)


@dataclass(slots=True)
class Sketching:
    """An errand that sketches the site at a base address."""

    sketch: Sketch
    _fetch: Fetch | None = None
    _links: list[str] = field(default_factory=list)

    async def run(self, fetch: Fetch) -> None:
        """Look at front page, robots.txt, feeds, sitemaps, listings and articles, in this order."""
        self._fetch = fetch
        await self._read_front()
        await self._read_feeds()
        await self._read_sitemaps()
        self._learn_addresses()
        await self._read_listings()
        await self._read_articles()

    async def _page(self, url: str, kind: str = "listing") -> Page | Skipped:
        """Return the page of an address of the site, or why there is none."""
        here = rebased(self.sketch.site, url)
        if self._fetch is None or here is None:
            return Skipped(Reason.OUTSIDE_SITE, url)
        answer = await self._fetch(here, kind)
        return answer if isinstance(answer, Skipped) else refused_listing(answer) or answer

    def _local(self, url: str) -> str:
        """Return an address as a site file writes it: below the base."""
        return (rebased(self.sketch.site, url) or "")[len(self.sketch.site.base) :] or "/"

    async def _read_front(self) -> None:
        sketch = self.sketch
        page = await self._page(sketch.site.base + "/")
        if isinstance(page, Skipped):
            told = f"{page.reason} {page.detail}".strip()
            raise CrawlError(f"The front page of {sketch.site.base} cannot be read: {told}.{_remedy(page)}")
        front = read_front(page, sketch.site.base)
        sketch.front = front
        sketch.site = sketch.site.model_copy(update={"home": front.home, "hosts": front.hosts, "title": front.title})
        sketch.found.append(f"front page: {front.title}, language {front.language or 'not declared'}")
        self._links += front.links

    async def _read_feeds(self) -> None:
        sketch = self.sketch
        declared = sketch.front.feeds if sketch.front else ()
        usual = tuple(sketch.site.base + path for path in USUAL_FEEDS)
        for url in (*declared, *(usual if not declared else ())):
            page = await self._page(url)
            found = page if isinstance(page, Skipped) else read_feed(page.body, page.url, sketch.site)
            if isinstance(found, Listing) and found.leads:
                sketch.feeds.append(self._local(url))
                sketch.leads |= {lead.key: lead for lead in found.leads}
                sketch.found.append(f"feed {self._local(url)}: {len(found.leads)} articles")
                break
            if url in declared:
                sketch.missing.append(f"feed {url}: {_why(found)}")
        if not sketch.feeds:
            sketch.missing.append("no feed that works, declared or at the usual places")

    async def _read_sitemaps(self) -> None:
        sketch = self.sketch
        robots = await self._fetch(_root(sketch.site.base) + "/robots.txt", "robots") if self._fetch else None
        named = sitemaps_in(robots.body) if isinstance(robots, Page) and robots.status == 200 else ()  # noqa: PLR2004
        for url in named or tuple(sketch.site.base + path for path in USUAL_SITEMAPS):
            if await self._read_sitemap(url):
                return
        sketch.missing.append("no sitemap that names articles, in robots.txt or at the usual places")

    async def _read_sitemap(self, url: str) -> bool:
        sketch = self.sketch
        whole = Sitemap(via="sitemap", url=self._local(url))
        first = await self._sitemap(url, whole)
        parts = first.follow if isinstance(first, Listing) else ()
        words = tuple(dict.fromkeys(hit[0].lower() for part in parts for hit in [_STORIES.search(_last(part))] if hit))
        chosen = [part for part in parts if not words or _STORIES.search(_last(part))]
        read = [first, *[await self._sitemap(part, whole) for part in chosen[:2]]]
        links = [lead.url for found in read if isinstance(found, Listing) for lead in found.leads]
        if not links:
            return False
        self._links += links
        sketch.sitemap = SitemapSketch(self._local(url), words)
        sketch.found.append(f"sitemap {self._local(url)}: {len(links)} addresses")
        return True

    async def _sitemap(self, url: str, setting: Sitemap) -> Listing | Skipped:
        page = await self._page(url)
        return page if isinstance(page, Skipped) else read_sitemap(page.body, page.url, self.sketch.site, setting)

    def _learn_addresses(self) -> None:
        """Learn which addresses are articles: from the feed if there is one, else from all links that were met."""
        sketch = self.sketch
        told = [lead.url for lead in sketch.leads.values()]
        sketch.patterns = patterns_of(told or self._links, are_articles=bool(told))
        if not sketch.patterns:
            raise CrawlError(
                f"No address on {sketch.site.base} looks like an article's. Name a page that lists articles, or write "
                "the file by hand (docs/sites.md)."
            )
        sketch.excluded = excluded_for(sketch.patterns)
        include = tuple(re.compile(pattern.text) for pattern in sketch.patterns)
        exclude = (re.compile(f"/({'|'.join(sketch.excluded)})(/|$)"),)
        sketch.site = sketch.site.model_copy(update={"addresses": Addresses(include=include, exclude=exclude)})
        sketch.found += [f"addresses {pattern.text}, as {pattern.examples[0]}" for pattern in sketch.patterns]
        for url in self._links:
            if address := article_address(sketch.site, url):
                sketch.leads.setdefault(address.key, Lead(sketch.site.name, address.url, address.key, "link"))

    async def _read_listings(self) -> None:
        sketch = self.sketch
        menu = sketch.front.menu if sketch.front else ()
        candidates = [url for url in menu if article_address(sketch.site, url) is None]
        for url in (*candidates[:_LISTINGS], sketch.site.base + "/"):
            is_front = self._local(url) == "/"
            if sketch.listings and (is_front or is_for_all(sketch.listings[0].url)):
                break
            page = await self._page(url)
            form = find_cards(page, sketch.site) if isinstance(page, Page) else None
            if isinstance(page, Page) and form:
                await self._note_listing(url, page, form)
            elif not is_front:
                why = _why(page) if isinstance(page, Skipped) else "no element repeats for at least three articles"
                sketch.missing.append(f"listing {self._local(url)}: {why}")
        sketch.listings = in_sections(sketch.listings, [self._local(url) for url in candidates])
        if not sketch.listings:
            sketch.missing.append("no listing page on which articles repeat")

    async def _note_listing(self, url: str, page: Page, form: CardForm) -> None:
        sketch = self.sketch
        further = find_next(page, sketch.site) or await self._probed(url, page, form)
        listing = ListingSketch(self._local(url).partition("?")[0], form, further)
        leads = _leads_on(page, sketch.site, form)
        for lead in leads:
            held = sketch.leads.setdefault(lead.key, lead)
            if held.published and lead.published and held.via == "feed":
                sketch.seen.append((lead.published, held.published))
        sketch.listings.append(listing)
        goes_on = f", goes on at {further.url}" if further else ", no further page found"
        sketch.found.append(f"listing {listing.url}: {form.stories} articles by {form.card}{goes_on}")

    async def _probed(self, url: str, page: Page, form: CardForm) -> NextPage | None:
        """Return how a listing goes on that has no link to its next page, by asking for ?page=1 and ?page=2."""
        here = self._local(url)
        if "?" in here:
            return None
        first = {lead.key for lead in _leads_on(page, self.sketch.site, form)}
        keys = []
        for number in range(1, _PROBED + 1):
            probe = await self._page(f"{url}?page={number}")
            keys.append({lead.key for lead in _leads_on(probe, self.sketch.site, form)})
        if keys[0] == first and keys[1] - first:
            return NextPage(f"{here}?page={{page}}", 1, "")
        return NextPage(f"{here}?page={{page}}", 0, "") if keys[0] - first else None

    async def _read_articles(self) -> None:
        sketch = self.sketch
        for lead in spread(tuple(sketch.leads.values())[:_NEWEST])[:_MOST_TRIED]:
            if len(sketch.samples) == _SAMPLES:
                break
            page = await self._page(lead.url, "article")
            refusal = page if isinstance(page, Skipped) else refused(page)
            sample = sample_of(page, lead.title) if isinstance(page, Page) and not refusal else None
            if sample:
                sketch.samples.append(sample)
            else:
                why = _why(refusal) if refusal else "no text is found on it"
                sketch.missing.append(f"article {self._local(lead.url)}: {why}")
        design, alike = design_of(sketch.samples, sketch.site.tz)
        sketch.design = design
        if design:
            sketch.seen += seen_beside_told(alike, design, sketch.site.tz)
            _tell_design(sketch, design)
        if 0 < len(alike) < len(sketch.samples):
            sketch.missing.append("the articles look different: the layout fits the first of them")
        if not design:
            sketch.missing.append("no element that holds the text on each of the articles: `body` is a guess")
        host = urlsplit(sketch.site.home).hostname or ""
        sketch.zone, sketch.zone_reason = zone_of(sketch.seen, offsets_of(sketch.samples), host)


def in_sections(listings: list[ListingSketch], menu: Sequence[str]) -> list[ListingSketch]:
    """Return one listing with sections in place of two that differ in their section alone.

    menu are the addresses in the site's menu: those of the same form are sections too.
    """
    if len(listings) != _LISTINGS or any(listing.further is None for listing in listings):
        return listings
    (parts, others) = (listing.url.strip("/").split("/") for listing in listings)
    differing = [place for place, pair in enumerate(zip(parts, others, strict=False)) if pair[0] != pair[1]]
    first, second = listings
    if len(parts) != len(others) or len(differing) != 1 or first.form.card != second.form.card:
        return listings
    before, after = parts[: differing[0]], parts[differing[0] + 1 :]
    paths = [url.partition("?")[0].strip("/").split("/") for url in menu]
    alike = [path for path in paths if len(path) == len(parts)]
    sections = [
        path[len(before)] for path in alike if path[: len(before)] == before and path[len(before) + 1 :] == after
    ]
    name = parts[differing[0]]
    if first.further is None or f"/{name}" not in first.further.url:
        return listings
    further = replace(first.further, url=first.further.url.replace(f"/{name}", "/{section}", 1))
    return [replace(first, further=further, sections=tuple(dict.fromkeys(sections)))]


def _tell_design(sketch: Sketch, design: Design) -> None:
    for what, selector in (("title", design.title), ("byline", design.byline), ("date", design.date_select)):
        if selector:
            sketch.found.append(f"{what} by {selector}")
        else:
            sketch.missing.append(f"no selector of the {what} that holds for all articles looked at")
    sketch.found.append(f"body by {design.body}")


def _leads_on(page: Page | Skipped, site: Site, form: CardForm) -> Sequence[Lead]:
    if isinstance(page, Skipped):
        return ()
    date = DateFormat(select=form.date_select, formats=(form.date_format,)) if form.date_format else None
    setting = Section(via="section", url="/", card=form.card, link=form.link, title=form.title, date=date)
    found = read_section(page, site, setting, page.url)
    return found.leads if isinstance(found, Listing) else ()


def _root(base: str) -> str:
    parts = urlsplit(base)
    return f"{parts.scheme}://{parts.netloc}"


def _last(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def _why(found: Listing | Page | Skipped) -> str:
    if isinstance(found, Skipped):
        return f"{found.reason} {found.detail}".strip()
    return "names no article"


def _remedy(skipped: Skipped) -> str:
    if skipped.reason in {Reason.OUTSIDE_SITE, Reason.REDIRECT_LOOP, Reason.PRIVATE_ADDRESS}:
        return " It sends visitors to another address: name that one (https, with or without www)."
    if skipped.reason in {Reason.ROBOTS, Reason.ROBOTS_UNREACHABLE}:
        return " tonle keeps to robots.txt and goes no further."
    return ""


def sketch_at(base: str, name: str) -> Sketch:
    """Return the empty sketch of a site that is fetched at `base`: of it nothing but its address is known."""
    host = urlsplit(base).hostname or ""
    anything = Addresses(include=(re.compile("/.+"),))
    site = Site(
        name=name,
        title=host,
        home=base,
        hosts=(host,),
        zone="UTC",
        language="en",
        discovery=(),
        addresses=anything,
        layouts=(),
    )
    # A server of one's own, on a private address, is asked without a wait.
    return Sketch(site.at(base, timedelta(0) if is_private(host) else None))
