"""What each selector of a layout finds on an article."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html

from core.model import Draft, Lead, Page, Reason, Skipped
from core.site import Layout, Site
from core.text import shortened, tidy
from pipelines.decode import decoded, parsed
from pipelines.process import layout_for, process

_SHOWN = 70  # characters of what a selector found

EXCUSED = frozenset(
    (
        *(Reason.PAYWALL, Reason.LOGIN_WALL, Reason.NOT_FOUND, Reason.GONE, Reason.ROBOTS, Reason.CHALLENGE),
        *(Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.SERVER_ERROR, Reason.IRRELEVANT, Reason.BLOCKED),
        *(Reason.TIMEOUT, Reason.CONNECTION_LOST),
    )
)
"""Reasons why one page gives no article that say nothing against the site's description."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A selector of a layout: how many elements it finds on a page, and the words of the first, shortened."""

    key: str
    selector: str
    count: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """One page, looked at as a crawl would. draft is None where it gave no article; skipped then says why.

    asks_for_date tells whether its layout says where the date stands.
    """

    url: str
    layout: str
    findings: tuple[Finding, ...]
    draft: Draft | None = None
    skipped: Skipped | None = None
    asks_for_date: bool = False

    @property
    def is_excused(self) -> bool:
        """Whether the page gave no article for a reason that says nothing against the site's description."""
        return self.skipped is not None and self.skipped.reason in EXCUSED


def survey_article(page: Page | Skipped, site: Site, lead: Lead) -> ArticleReport:
    """Return what is read off the page of a lead, and what each selector of its layout finds there."""
    if isinstance(page, Skipped):
        return ArticleReport(lead.url, "", (), skipped=page)
    result = process(page, site, lead)
    tree = parsed(decoded(page))
    layout = layout_for(tree, site, page.fetched_at.date()) if tree is not None else None
    findings = tuple(_findings(tree, layout)) if tree is not None and layout else ()
    name = layout.name if layout else ""
    if isinstance(result, Skipped):
        return ArticleReport(page.url, name, findings, skipped=result)
    return ArticleReport(page.url, name, findings, result, asks_for_date=bool(layout and layout.date))


def _findings(tree: html.HtmlElement, layout: Layout) -> Iterator[Finding]:
    single = {"title": layout.title, "byline": layout.byline, "section": layout.section, "tags": layout.tags}
    if layout.date and layout.date.select:
        single["date.select"] = layout.date.select
    for key, selector in single.items():
        if selector:
            yield _finding(key, selector, tree.cssselect(selector))
    bodies = [(selector, tree.cssselect(selector)) for selector in layout.body]
    for number, (selector, found) in enumerate(bodies):
        yield _finding(f"body.{number}", selector, found)
    body: list[html.HtmlElement] = next((found for _, found in bodies if found), [])
    for number, selector in enumerate(layout.drop):
        dropped = [each for element in body for each in element.cssselect(selector) if each is not element]
        yield _finding(f"drop.{number}", selector, dropped)


def _finding(key: str, selector: str, found: list[html.HtmlElement]) -> Finding:
    words = next(filter(None, (tidy(element.text_content()) for element in found)), "")
    return Finding(key, selector, len(found), shortened(words, _SHOWN))
