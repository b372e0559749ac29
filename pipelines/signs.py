"""What guides the eye on a page of unknown design: its headline, the lines around it, what it says of itself."""

from dataclasses import dataclass

from lxml import html

from core.model import Page
from core.site import Site
from pipelines.headlines import Headline, headline_on, host_of, is_site_name, own_names
from pipelines.marked import Marked, marked
from pipelines.structured import Structured, structured_of
from pipelines.visible import Line, lines_around


@dataclass(frozen=True, slots=True)
class Signs:
    """What was found on a page without a layout.

    names are the site's, squeezed to letters and figures, host is its host's.
    """

    structured: Structured
    headline: Headline
    lines: tuple[Line, ...]
    names: frozenset[str]
    host: str
    marks: Marked

    def is_site(self, name: str) -> bool:
        """Return whether a name is the site's own."""
        return is_site_name(name, self.names, self.host)


def signs_of(page: Page, text: str, tree: html.HtmlElement, site: Site) -> Signs:
    """Return the signs of a page: text is the page as it was decoded, tree what was parsed of it, without scripts."""
    marks = marked(tree)
    structured = structured_of(text, tree, marks.properties)
    names = own_names([site.title, *structured.site_names])
    host = host_of(page.url)
    headline = headline_on(tree, structured.titles, names, host)
    lines = lines_around(headline.element) if headline.element is not None else []
    return Signs(structured, headline, tuple(lines), names, host, marks)
