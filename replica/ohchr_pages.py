"""www.ohchr.org: its pages."""

from collections.abc import Callable
from email.utils import format_datetime
from urllib.parse import quote

from replica.cards import Card
from replica.dates import long_date
from replica.exchange import Request
from replica.markup import plain, summary
from replica.pages import Pages
from replica.shelf import Item, Shelf
from replica.story import Story

WWW = "https://www.ohchr.org"
PER_PAGE = 5
_KINDS = {
    "en": {"press-release": "Press releases", "statement": "Statements", "news": "News"},
    "fr": {"press-release": "Communiqués de presse", "statement": "Déclarations", "news": "Actualités"},
    "es": {"press-release": "Comunicados de prensa", "statement": "Declaraciones", "news": "Noticias"},
    "ru": {"press-release": "Пресс-релизы", "statement": "Заявления", "news": "Новости"},
    "ar": {"press-release": "بيانات صحفية", "statement": "تصريحات", "news": "أخبار"},
    "zh": {"press-release": "新闻稿", "statement": "声明", "news": "新闻"},
}


class OhchrPages:
    """Renders articles, their variants, listings and the feed."""

    def __init__(self, pages: Pages, shelf: Shelf, path_of: Callable[[Story], str]) -> None:
        self._pages = pages
        self._shelf = shelf
        self._path_of = path_of

    def article(self, item: Item) -> bytes:
        """Return an item's page: eyebrow, title, date, body, end mark, notes."""
        return self._render("ohchr-article.html", item)

    def sub_site(self, item: Item) -> bytes:
        """Return an item as `?sub-site=HRC` shows it: without eyebrow."""
        return self._render("ohchr-subsite.html", item)

    def sharepoint(self, item: Item) -> bytes:
        """Return an item as the platform before Drupal printed it."""
        return self._render("ohchr-sharepoint.html", item)

    def _render(self, layout: str, item: Item) -> bytes:
        story = item.story
        return self._pages.render(
            layout,
            story=story,
            title=plain(story.title),
            eyebrow=f"{_kind(story)} {story.source}".strip(),
            date=long_date(story.published_at, story.language),
            body=self._pages.body(story.body, self._link_to),
            notes=self._pages.body(story.notes, self._link_to),
            canonical=WWW + self._path_of(story),
            related=[self._card(other) for other in self._related(story)],
            translations=[(code, path) for code, path in self._translations(story) if code != story.language],
        )

    def listing(self, label: str, filters: list[str], request: Request) -> bytes:
        """Return one page of a listing, the filters kept in the pager's links."""
        number = request.number("page", 0)
        more = self._shelf.count(label) > (number + 1) * PER_PAGE
        query = "&".join([*filters, f"page={number + 1}"])
        return self._pages.render(
            "ohchr-listing.html",
            language=label.partition("/")[0],
            cards=[self._card(item) for item in self._shelf.newest(label, number * PER_PAGE, PER_PAGE)],
            next_page=f"?{query}" if more else "",
        )

    def feed(self, items: list[Item]) -> bytes:
        """Return an RSS 2.0 feed of the items."""
        entries = [
            (
                plain(item.story.title),
                WWW + quote(self._path_of(item.story)),
                format_datetime(item.story.published_at),
                summary(item.story.body, 220),
            )
            for item in items
        ]
        return self._pages.render("ohchr-feed.xml", entries=entries)

    def missing(self) -> bytes:
        """Return the page of a 404 or 410."""
        return self._pages.render("ohchr-missing.html")

    def _related(self, story: Story) -> list[Item]:
        return [item for item in self._shelf.newest("en/latest", 0, 4) if item.story.key != story.key][:3]

    def _translations(self, story: Story) -> list[tuple[str, str]]:
        keys = [(code, story.slug if code == "en" else f"{code}:{story.slug}") for code in _KINDS]
        found = [(code, self._shelf.find(key)) for code, key in keys]
        return [(code, self._path_of(item.story)) for code, item in found if item]

    def _card(self, item: Item) -> Card:
        story = item.story
        return Card(
            address=_variant(story, quote(self._path_of(story))),
            title=plain(story.title),
            date=long_date(story.published_at, story.language),
            eyebrow=_kind(story),
        )

    def _link_to(self, slug: str) -> str:
        item = self._shelf.find(slug)
        return self._path_of(item.story) if item else f"/en/{slug}"


def _kind(story: Story) -> str:
    return _KINDS[story.language][story.kind]


def _variant(story: Story, path: str) -> str:
    """Return the address as listings happen to link it: relative, absolute, or with one of the stray queries."""
    if story.has("news-id-query"):
        return f"{path}?LangID=E&NewsID={story.news_id}"
    if story.has("sub-site-query"):
        return f"{path}?sub-site=HRC"
    return (WWW if story.luck % 2 else "") + path
