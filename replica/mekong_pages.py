"""The Mekong Rights Journal: its pages, its Atom feed and its sitemaps."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from markupsafe import Markup

from replica.cards import Card
from replica.dates import PHNOM_PENH, long_date
from replica.markup import plain, summary
from replica.pages import Pages
from replica.shelf import Item, Shelf
from replica.story import Story

HOME = "https://www.mekongrightsjournal.example"
FEATURES = ("rivers", "labour", "courts", "voices")
PER_PAGE = 6
_IN_FEED = 10
_RELATED = 3


class MekongPages:
    """Renders articles, listings, feed and sitemaps."""

    def __init__(self, pages: Pages, shelf: Shelf, path_of: Callable[[Story], str]) -> None:
        self._pages = pages
        self._shelf = shelf
        self._path_of = path_of

    def article(self, item: Item) -> bytes:
        """Return an article: JSON-LD, header, body, author box, comments, related stories."""
        story = item.story
        return self._pages.render(
            "mekong-article.html",
            story=story,
            title=plain(story.title),
            section=story.sections[0] if story.sections else "news",
            canonical=HOME + self._path_of(story),
            published=_iso(story.published_at),
            modified=_iso(item.changed_at),
            day=long_date(story.published_at.astimezone(PHNOM_PENH)),
            structured=self._structured(item),
            description=summary(story.body, 150),
            body=self._pages.body(story.body, self._link_to),
            related=[self._card(other) for other in self._beside(story)],
        )

    def _structured(self, item: Item) -> Markup:
        story = item.story
        graph = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": plain(story.title),
            "datePublished": _iso(story.published_at),
            "dateModified": _iso(item.changed_at),
            "mainEntityOfPage": HOME + self._path_of(story),
            "inLanguage": story.language,
            "author": [{"@type": "Person", "name": name} for name in story.authors],
            "publisher": {"@type": "Organization", "name": "Mekong Rights Journal"},
        }
        return Markup(json.dumps(graph, ensure_ascii=False).replace("</", "<\\/"))  # noqa: S704 - cannot end the script

    def listing(self, label: str, number: int) -> bytes:
        """Return one page of a listing, pages counted from 1."""
        base = "/news" if label == "news" else f"/category/{label}"
        more = self._shelf.count(label) > number * PER_PAGE
        return self._pages.render(
            "mekong-listing.html",
            heading=label.capitalize(),
            cards=[self._card(item) for item in self._shelf.newest(label, (number - 1) * PER_PAGE, PER_PAGE)],
            older=f"{HOME}{base}/page/{number + 1}/" if more else "",
            newer=f"{HOME}{base}/" + (f"page/{number - 1}/" if number > 2 else "") if number > 1 else "",  # noqa: PLR2004
        )

    def front(self) -> bytes:
        """Return the front page."""
        cards = [self._card(item) for item in self._shelf.newest("news", 0, PER_PAGE)]
        return self._pages.render("mekong-front.html", cards=cards)

    def about(self, name: str) -> bytes:
        """Return a page that is no article."""
        return self._pages.render("mekong-page.html", name=name.capitalize())

    def missing(self) -> bytes:
        """Return the page of a 404 or 410."""
        return self._pages.render("mekong-missing.html")

    def feed(self, changed_at: datetime) -> bytes:
        """Return the Atom feed of the newest stories (RFC 4287)."""
        entries = [
            {
                "title": plain(item.story.title),
                "link": HOME + self._path_of(item.story),
                "id": f"{HOME}/?p={item.serial + 100}",
                "author": " and ".join(item.story.authors),
                "published": _iso(item.story.published_at),
                "updated": _iso(item.changed_at),
                "summary": summary(item.story.body, 150),
            }
            for item in self._shelf.newest("news", 0, _IN_FEED)
        ]
        return self._pages.render("mekong-feed.xml", entries=entries, updated=_iso(changed_at))

    def sitemap_index(self, changed_at: datetime) -> bytes:
        """Return the index that robots.txt names."""
        parts = [(f"{HOME}/{name}-sitemap.xml", _iso(changed_at)) for name in ("post", "page")]
        return self._pages.render("post-sitemap-index.xml", parts=parts)

    def sitemap_of_stories(self) -> bytes:
        """Return the sitemap of all stories, the oldest first."""
        found = reversed(self._shelf.newest("news"))
        entries = [(HOME + self._path_of(item.story), _iso(item.changed_at)) for item in found]
        return self._pages.render("post-sitemap.xml", entries=entries)

    def sitemap_of_pages(self, names: tuple[str, ...]) -> bytes:
        """Return the sitemap of what is no story."""
        return self._pages.render("post-sitemap.xml", entries=[(f"{HOME}/{name}/", "") for name in names])

    def _beside(self, story: Story) -> list[Item]:
        found = self._shelf.newest("news", 0, _RELATED + 1)
        return [item for item in found if item.story.key != story.key][:_RELATED]

    def _card(self, item: Item) -> Card:
        story = item.story
        return Card(
            address=HOME + self._path_of(story),
            title=plain(story.title),
            date=long_date(story.published_at.astimezone(PHNOM_PENH)),
            moment=_iso(story.published_at),
            summary=summary(story.body, 150),
        )

    def _link_to(self, slug: str) -> str:
        item = self._shelf.find(slug)
        return HOME + self._path_of(item.story) if item else f"{HOME}/{slug}/"


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
