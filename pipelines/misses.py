"""Which selectors of a site's layouts find nothing on a page: a redesign shows in them before it shows in the texts."""

from collections.abc import Iterator
from datetime import date

from lxml import html

from core.site import Layout, Site
from pipelines.selecting import selected


def misses(tree: html.HtmlElement, site: Site, layout: Layout | None, day: date) -> tuple[str, ...]:
    """Return `LAYOUT: PART SELECTOR` for each selector that finds nothing, of the layout of a page.

    Where no layout fits, of those that are valid on the day.
    """
    layouts = [layout] if layout else [each for each in site.layouts if each.from_ <= day < each.until]
    return tuple(f"{each.name}: {part} {words}" for each in layouts for part, words in _missing(tree, each))


def _missing(tree: html.HtmlElement, layout: Layout) -> Iterator[tuple[str, str]]:
    date_at = layout.date.select if layout.date else ""
    parts = {"when": layout.when, "title": layout.title, "date": date_at, "byline": layout.byline}
    for part, selector in parts.items():
        if selector and not selected(tree, selector):
            yield part, selector
    if not any(selected(tree, selector) for selector in layout.body):
        yield "body", ", ".join(layout.body)
