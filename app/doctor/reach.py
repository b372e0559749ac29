"""The check that asks each source for one listing, by the rules of a crawl: robots.txt, delay, agent string."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

from app.doctor.finding import Finding, Patient, look, ok, wrong
from app.doctor.machine import SKEW
from core.errors import AlreadyRunningError, CrawlError
from core.model import Page, Reason, Skipped
from core.site import Feed, Search, Section, Site, Sitemap
from crawler.discovery.listing import refused_listing
from crawler.discovery.section import section_address
from crawler.spiders.survey import Fetch
from crawler.survey.asking import Asking
from notify.phrases import span_of

_REQUEST = timedelta(seconds=10)
_ERRAND = timedelta(seconds=45)
"""For robots.txt, the delays that the site asks for, and a listing."""
_MOST_ASKED = 3
_REMEDIES = {
    Reason.ROBOTS: "tonle keeps to it: write to the site's operators, or set `enabled: false`",
    Reason.ROBOTS_UNREACHABLE: "nothing is asked while it cannot be read; `tonle runs` shows since when",
    Reason.HOST_UNKNOWN: "check the network; else the site has moved: `base_url`, or its file",
    Reason.CHALLENGE: "tonle passes no challenge: write to the site's operators",
    Reason.FORBIDDEN: "write to the site's operators",
    Reason.NOT_FOUND: "the listing has moved: `tonle sources check {0}`",
}


@dataclass(slots=True)
class _Knock:
    """An errand that asks a site for a listing: the first of them that it gives, as some feeds refuse everybody."""

    site: Site
    answer: Page | Skipped | None = None
    at: datetime | None = None

    async def run(self, fetch: Fetch) -> None:
        try:
            async with asyncio.timeout(_ERRAND.total_seconds()):
                for url in _listings(self.site):
                    self.answer = await fetch(url, "listing")
                    if _refusal(self.answer) is None:
                        return
        except TimeoutError:
            self.answer = Skipped(Reason.TIMEOUT, f"{_ERRAND.total_seconds():g} s")


def reach(patient: Patient) -> Iterator[Finding]:
    """Ask each source for a listing, and compare its clock with ours. Nothing is kept."""
    desk = patient.desk
    crawl = desk.config.crawl.model_copy(update={"request_timeout": _REQUEST, "retries": 0})
    knocks = []
    with ExitStack() as stack:
        for site in desk.sites.values():
            try:
                # As a crawl does: two that ask one site at once would ask it twice as fast.
                if desk.config.data.exists():
                    stack.enter_context(desk.alone(site.name, f"The crawl of {site.name}"))
            except AlreadyRunningError:
                yield ok(f"{site.name} is being crawled just now, and not asked beside that.")
            else:
                knocks.append(_Knock(site))
        asking = Asking(desk.config.model_copy(update={"crawl": crawl}), desk.clock, desk.incidents())
        try:
            asking.ask([(knock.site, knock.run) for knock in knocks])
        except CrawlError as error:
            yield look(f"Not all sources were asked: {error}")
    for knock in knocks:
        yield _told(knock)
    yield from clock_of_pages([knock.answer for knock in knocks if isinstance(knock.answer, Page)])


def _listings(site: Site) -> tuple[str, ...]:
    """Return an address of each of the first ways of discovery; a search needs words, and is not asked."""
    return tuple(_address(site, way) for way in site.discovery if not isinstance(way, Search))[:_MOST_ASKED]


def _address(site: Site, way: Feed | Sitemap | Section) -> str:
    return site.base + way.url if isinstance(way, Feed | Sitemap) else section_address(site, way, way.names[0], 0)


def _told(knock: _Knock) -> Finding:
    name, answer = knock.site.name, knock.answer
    if answer is None:
        return look(f"{name} was not asked.")
    refused = _refusal(answer)
    if refused is None:
        return ok(f"{name} answers, and its robots.txt lets tonle read.")
    said = f"{name} is not read: {refused.reason} {refused.detail}".rstrip(" .")
    if refused.reason is Reason.BLOCKED:
        return look(f"{said}.", "it refused tonle before, and is left alone for a time: `tonle status`")
    return wrong(f"{said}.", _REMEDIES.get(refused.reason, "`tonle sources check {0}` says more").format(name))


def _refusal(answer: Page | Skipped) -> Skipped | None:
    return answer if isinstance(answer, Skipped) else refused_listing(answer)


def clock_of_pages(pages: list[Page]) -> Iterator[Finding]:
    """Find a clock of ours that is wrong by those of the servers that sent these pages."""
    skews = [skew for page in pages if (skew := _skew(page)) is not None]
    if not skews:
        return
    usual = timedelta(seconds=median(skew.total_seconds() for skew in skews))
    if abs(usual) > SKEW:
        way = "ahead of" if usual > timedelta() else "behind"
        says = f"This machine's clock is {span_of(abs(usual))} {way} those of the sources."
        yield wrong(says, "set the clock (timedatectl), and let NTP keep it", "clock")


def _skew(page: Page) -> timedelta | None:
    """Return how far our clock is ahead of a server's; None where an answer is old or says nothing."""
    if "age" in page.headers:  # a cache kept it, with the date of then
        return None
    try:
        there = parsedate_to_datetime(page.headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return page.fetched_at - (there if there.tzinfo else there.replace(tzinfo=UTC))
