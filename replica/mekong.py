"""The Mekong Rights Journal: a small magazine on a blog platform, of a design like none of the others.

Nobody's real site: it stands for whatever site someone adds by a file of their own.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import quote

from replica.conditional import last_change, validated
from replica.dates import PHNOM_PENH
from replica.exchange import Answer, Request
from replica.markup import paragraphs, plain
from replica.mekong_pages import FEATURES, HOME, PER_PAGE, MekongPages
from replica.pages import Pages
from replica.shelf import Item, Shelf
from replica.story import Story
from replica.truth import Truth

_ABOUT = ("about", "contact", "submissions")
_ROBOTS = f"""User-agent: *
Disallow: /wp-admin/
Allow: /wp-admin/admin-ajax.php

Sitemap: {HOME}/sitemap_index.xml
"""


def path_of(story: Story) -> str:
    """Return the canonical path: the local day, then the slug, and a slash at the end."""
    return f"/{story.published_at.astimezone(PHNOM_PENH):%Y/%m/%d}/{quote(story.slug)}/"


def labels_of(story: Story) -> Iterable[str]:
    """Return where a story is listed."""
    yield "news"
    yield from story.sections


class MekongRightsJournal:
    """The site over its shelf of stories; `moment` tells the time of its last change."""

    name = "mekong-rights-journal"

    def __init__(self, pages: Pages, moment: Callable[[], datetime]) -> None:
        self.shelf = Shelf(labels_of)
        self._pages = MekongPages(pages, self.shelf, path_of)
        self._moment = moment

    def path_of(self, story: Story) -> str:
        """Return a story's canonical path."""
        return path_of(story)

    def answer(self, request: Request) -> Answer:
        """Answer one request; an address without its last slash is moved to the one that has it."""
        path = request.path
        if path == "/robots.txt":
            return Answer.text(_ROBOTS)
        if path.endswith(".xml"):
            return self._sitemap(path) or self._missing()
        if not path.endswith("/"):
            return Answer.moved(request.raw_path + "/" + (f"?{request.query}" if request.query else ""))
        return self._page(path.strip("/").split("/")) or self._missing()

    def _page(self, parts: list[str]) -> Answer | None:
        match parts:
            case [""]:
                return Answer.html(self._pages.front())
            case ["feed"]:
                feed = Answer.xml(self._pages.feed(self._changed()), "application/atom+xml; charset=UTF-8")
                return validated(feed, self._changed())
            case [name] if name in _ABOUT:
                return Answer.html(self._pages.about(name))
            case ["news" as label, *more] | ["category", label, *more]:
                return self._listing(label, more)
            case [_, _, _, slug]:
                return self._article("/" + "/".join(parts) + "/", slug)
        return None

    def _listing(self, label: str, more: list[str]) -> Answer | None:
        number = _page_number(more)
        # A page past the last one is a 404 there, and not an empty list.
        is_beyond = number is not None and number > 1 and self.shelf.count(label) <= (number - 1) * PER_PAGE
        if number is None or is_beyond or label not in ("news", *FEATURES):
            return None
        return Answer.html(self._pages.listing(label, number))

    def _article(self, path: str, slug: str) -> Answer:
        item = self.shelf.find(slug)
        if item is None or item.withdrawn:
            return self._missing(410 if item and item.gone else 404)
        canonical = path_of(item.story)
        return Answer.html(self._pages.article(item)) if quote(path) == canonical else Answer.moved(canonical)

    def _sitemap(self, path: str) -> Answer | None:
        if path == "/sitemap_index.xml":
            return Answer.xml(self._pages.sitemap_index(self._changed()), "text/xml; charset=UTF-8")
        if path == "/post-sitemap.xml":
            return Answer.xml(self._pages.sitemap_of_stories(), "text/xml; charset=UTF-8")
        if path == "/page-sitemap.xml":
            return Answer.xml(self._pages.sitemap_of_pages(_ABOUT), "text/xml; charset=UTF-8")
        return None

    def _missing(self, status: int = 404) -> Answer:
        return Answer.html(self._pages.missing(), status)

    def _changed(self) -> datetime:
        return last_change(self._moment(), self.shelf.changes)

    def truth(self) -> list[Truth]:
        """Return what a perfect reader would have of each story."""
        return [self._truth(item) for item in self.shelf.items()]

    def _truth(self, item: Item) -> Truth:
        story = item.story
        return Truth(
            site=self.name,
            path=path_of(story),
            also_at=(f"{HOME}{path_of(story)}", f"{path_of(story)[:-1]}"),
            title=plain(story.title),
            authors=story.authors,
            published_at=story.published_at.astimezone(PHNOM_PENH).isoformat(),
            language=story.language,
            kind=story.kind,
            paragraphs=paragraphs(story.body),
            notes=(),
            state="withdrawn" if item.withdrawn else "live",
            revision=item.revision,
            layout="blog",
            traps=story.traps,
        )


def _page_number(parts: list[str]) -> int | None:
    match parts:
        case []:
            return 1
        case ["page", number] if number.isascii() and number.isdigit():
            return int(number)
    return None
