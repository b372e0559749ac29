"""The Phnom Penh Post: its pages in three generations of layout."""

from collections.abc import Callable

from replica.cards import Card
from replica.dates import PHNOM_PENH, drupal_card_date, post_card_date, post_date, post_older_date
from replica.exchange import Request
from replica.markup import plain, summary
from replica.pages import Pages
from replica.post_links import WWW, address
from replica.shelf import Item, Shelf
from replica.story import Story

PER_PAGE = 6
_MOST_VIEWED = 5
_LATEST = 4
_DRUPAL = "politics-0"
_DRUPAL_PER_PAGE = 3


class PostPages:
    """Renders articles, listings and the pages around them."""

    def __init__(self, pages: Pages, shelf: Shelf, path_of: Callable[[Story], str]) -> None:
        self._pages = pages
        self._shelf = shelf
        self._path_of = path_of
        self._beside_others: dict[tuple[str, int], Card] = {}

    def article(self, item: Item) -> bytes:
        """Return an article in the layout of its era."""
        story = item.story
        layout = story.layout or "cms"
        local = story.published_at.astimezone(PHNOM_PENH)
        page = self._pages.render(
            f"post-{layout}-article.html",
            story=story,
            title=plain(story.title),
            section=story.sections[0].replace("-", " ").title(),
            date="" if story.has("no-date") else post_date(local),
            older_date=post_older_date(local),
            picture=_picture(story),
            body=self._pages.body(story.body, self._link_to, broken_lines=story.has("line-breaks")),
            canonical=WWW + self._path_of(story),
            most_viewed=self._beside("rights", story, _MOST_VIEWED),
            latest=self._beside("front", story, _LATEST),
        )
        if story.has("windows-1252"):
            return page.decode().encode("windows-1252", "xmlcharrefreplace")
        return page

    def section(self, section: str, request: Request) -> bytes:
        """Return one page of a section; past the last one an empty list."""
        if section == _DRUPAL:
            return self._drupal_section(request.number("page", 0))
        number = max(1, request.number("page", 1))
        found = self._shelf.newest(section, (number - 1) * PER_PAGE, PER_PAGE)
        return self._pages.render(
            "post-cms-section.html",
            section=section.replace("-", " ").title(),
            top=[self._card(item, section) for item in self._shelf.newest(section, 0, 3)],
            cards=[self._card(item, section) for item in found],
        )

    def _drupal_section(self, number: int) -> bytes:
        found = self._shelf.newest(_DRUPAL, number * _DRUPAL_PER_PAGE, _DRUPAL_PER_PAGE)
        more = self._shelf.count(_DRUPAL) > (number + 1) * _DRUPAL_PER_PAGE
        return self._pages.render(
            "post-desktop-section.html",
            cards=[self._drupal_card(item) for item in found],
            next_page=f"/{_DRUPAL}?page={number + 1}" if more else "",
        )

    def front(self) -> bytes:
        """Return the front page, which is also the answer at a dead address."""
        newest = self._shelf.newest("front", 0, 3 * PER_PAGE)
        return self._pages.render("post-cms-front.html", cards=[self._card(item, "") for item in newest])

    def aside(self, path: str) -> bytes:
        """Return a page that is no article: an e-paper, a job, a gallery, a video."""
        name = path.rstrip("/").rpartition("/")[2].replace("-", " ").capitalize()
        return self._pages.render("post-cms-aside.html", name=name)

    def missing(self) -> bytes:
        """Return the page of a 404 or 410."""
        return self._pages.render("post-missing.html")

    def login_wall(self) -> bytes:
        """Return what stands in place of a story for whoever has not logged in."""
        return self._pages.render("login-wall.html")

    def forbidden(self) -> bytes:
        """Return the page of a 403."""
        return self._pages.render("post-forbidden.html")

    def _beside(self, label: str, story: Story, count: int) -> list[Card]:
        found = self._shelf.newest(label, 0, count + 1)
        return [self._small_card(item) for item in found if item.story.key != story.key][:count]

    def _small_card(self, item: Item) -> Card:
        """Return the card that stands beside other stories, the same on all of their pages."""
        name = (item.story.key, item.revision)
        if name not in self._beside_others:
            self._beside_others[name] = self._card(item, "")
        return self._beside_others[name]

    def _card(self, item: Item, section: str) -> Card:
        story = item.story
        path = f"/{section}/{story.slug}" if section else self._path_of(story)
        local = story.published_at.astimezone(PHNOM_PENH)
        return Card(
            address=address(path, story.slug + section),
            title=plain(story.title),
            date="" if story.has("no-date") else post_card_date(local),
            summary=summary(story.body, 190 + story.luck % 40),
            picture=_picture(story),
        )

    def _drupal_card(self, item: Item) -> Card:
        story = item.story
        return Card(
            address=address(f"/{_DRUPAL}/{story.slug}", story.slug),
            title=plain(story.title),
            date=drupal_card_date(story.published_at.astimezone(PHNOM_PENH)),
            summary=summary(story.body, 190 + story.luck % 40),
            picture=story.picture.name if story.picture else "",
        )

    def _link_to(self, slug: str) -> str:
        item = self._shelf.find(slug)
        return address(self._path_of(item.story), slug) if item else f"/national/{slug}"


def _picture(story: Story) -> str:
    """Return where the current platform keeps a story's picture, an empty string where it has none."""
    if story.picture is None:
        return ""
    local = story.published_at.astimezone(PHNOM_PENH)
    day = f"{local.day}_{local.month}_{local.year}"
    return f"/image/main/{local.year}{local.month}/{day}_{story.picture.name}"
