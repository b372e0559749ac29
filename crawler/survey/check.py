"""Whether the description of a site still fits it: every way of discovery and three articles, and a verdict."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from core.model import Draft, Lead
from core.site import Site
from crawler.spiders.survey import Fetch
from crawler.survey.articles import ArticleReport, survey_article
from crawler.survey.ways import ListingReport, WayReport, survey_way

WANTED = 3
"""So many articles are read."""
_MOST_TRIED = 8
_READ: dict[str, Callable[[Draft], object]] = {
    "title": lambda draft: draft.title,
    "date": lambda draft: draft.published_at,
    "body": lambda draft: draft.paragraphs,
}
_REMEDIES = {
    "title": "set `title` in the layout to a selector of the headline",
    "date": "set `date.select` and `date.formats` in the layout as the page writes its date",
    "body": "set `body` in the layout to the element that holds the article",
}


@dataclass(frozen=True, slots=True)
class SiteReport:
    """How a site's description does. broken and warnings are sentences: what is wrong, and what to do."""

    site: str
    ways: tuple[WayReport, ...]
    articles: tuple[ArticleReport, ...]
    broken: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class Checkup:
    """An errand that checks one site; report is there once it has been run."""

    site: Site
    report: SiteReport | None = None
    _articles: list[ArticleReport] = field(default_factory=list)

    async def run(self, fetch: Fetch) -> None:
        """Look at each way of discovery, then read articles from all over the listings."""
        ways = tuple([await survey_way(self.site, way, fetch) for way in self.site.discovery])
        leads = {lead.key: lead for way in ways for lead in way.leads}
        for lead in spread(tuple(leads.values()))[:_MOST_TRIED]:
            if sum(not article.is_excused for article in self._articles) < WANTED:
                self._articles.append(survey_article(await fetch(lead.url), self.site, lead))
        articles = tuple(self._articles)
        broken = tuple(_broken(ways, articles))
        self.report = SiteReport(self.site.name, ways, articles, broken, tuple(_warnings(ways, articles)))


def spread(leads: Sequence[Lead]) -> list[Lead]:
    """Return leads in an order whose beginning is from all over the listings: the ends, the middle, the quarters."""
    order: dict[int, None] = {}
    last, step = len(leads) - 1, 1
    while len(order) < len(leads):
        order.update(dict.fromkeys(round(last * part / step) for part in range(step + 1)))
        step *= 2
    return [leads[index] for index in order]


def _broken(ways: Sequence[WayReport], articles: Sequence[ArticleReport]) -> Iterator[str]:
    if not any(way.leads for way in ways):
        told = "; ".join(_trouble(listing) for way in ways for listing in way.listings[:1])
        yield f"no way of discovery names an article: {told or 'none is described'}"
        return
    judged = [article for article in articles if not article.is_excused]
    if not judged:
        reasons = ", ".join(dict.fromkeys(article.skipped.reason for article in articles if article.skipped))
        yield f"no article could be read: {reasons}"
        return
    for name, read in _READ.items():
        without = [article for article in judged if not (article.draft and read(article.draft))]
        if 2 * len(without) > len(judged):
            yield f"no {name} on {len(without)} of {len(judged)} articles (as {without[0].url}): {_REMEDIES[name]}"


def _warnings(ways: Sequence[WayReport], articles: Sequence[ArticleReport]) -> Iterator[str]:
    for way in ways:
        # A section may be empty; where all are, the description is wrong.
        empty = [listing.url for listing in way.listings if way.leads and listing.is_empty]
        yield from (
            f"{way.via}: {_trouble(listing)}"
            for listing in way.listings
            if listing.url not in empty and _trouble(listing)
        )
        if empty:
            yield f"{way.via}: {len(empty)} of {len(way.listings)} listings name no article: {', '.join(empty)}"
        if way.is_paging_broken:
            yield f"{way.via} {way.url}: {way.paging}"
    for article in articles:
        yield from (f"{article.url}: {problem}" for problem in _troubles(article))


def _trouble(listing: ListingReport) -> str:
    """Return what is wrong with a listing, and what to do; an empty text if nothing is."""
    if listing.refused:
        return f"{listing.url} is not read: {listing.refused}"
    if listing.leads or listing.follow:
        return ""
    if listing.cards == 0:
        return f"{listing.url}: nothing fits `card`: look for the element that holds one story there"
    if listing.cards:
        links = "none of them leads to an article: look at `link` and `addresses.include`"
        return f"{listing.url}: {listing.cards} cards, but {links}"
    return f"{listing.url}: names no article: look at `addresses.include`"


def _troubles(article: ArticleReport) -> Iterator[str]:
    if article.skipped:
        yield f"no article: {article.skipped.reason} {article.skipped.detail}".rstrip()
        return
    if not article.layout:
        yield "no layout fits: the body is a guess; look at `when` and `body`"
    remarks = article.draft.remarks if article.draft else ()
    for remark in remarks:
        if article.asks_for_date and remark.startswith("date-from-") and remark != "date-from-dateline":
            yield f"the layout's date is not found; {remark.replace('-', ' ')}"
        elif remark == "no-date":
            yield "no date"
