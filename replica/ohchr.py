"""www.ohchr.org: what answers at which address."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from urllib.parse import quote

from replica.challenge import challenge
from replica.conditional import last_change, validated
from replica.documents import Documents
from replica.exchange import Answer, Request
from replica.markup import paragraphs, plain
from replica.ohchr_pages import OhchrPages
from replica.pages import Pages
from replica.shelf import Item, Shelf
from replica.story import Story
from replica.truth import DocumentTruth, Truth

WWW = "https://www.ohchr.org"
_FOLDERS = {"press-release": "press-releases", "statement": "statements", "news": "news"}
# What the place filter calls them: numbers of the site's own that say nothing.
_PLACES = {"1031": "cambodia", "1136": "ukraine"}
_LISTINGS = ("latest", "press-releases", "statements", "statements-and-speeches", "news")
_LISTED_AS = {
    "press-release": ("press-releases",),
    "statement": ("statements", "statements-and-speeches"),
    "news": ("news",),
}
_SHAREPOINT = "/EN/NewsEvents/Pages/DisplayNews.aspx"
_LANGUAGES = ("en", "fr", "es", "ru", "ar", "zh")
_ROBOTS = b"User-agent: *\nDisallow: /core/\nDisallow: /admin/\nDisallow: /user/login\n"


def path_of(story: Story) -> str:
    """Return the canonical address of a story: a path, on the old platform with the query that names the item."""
    if story.layout == "sharepoint":
        return f"{_SHAREPOINT}?NewsID={story.news_id}&LangID=E"
    day = story.published_at
    month = f"{day.year}/{day.month:02}"
    if story.path:
        return story.path.replace("{month}", month)
    return f"/{story.language}/{_FOLDERS[story.kind]}/{month}/{story.slug}"


def labels_of(story: Story) -> Iterable[str]:
    """Return where a story is listed; pages of the old platform are on no list."""
    if story.layout == "sharepoint":
        return
    yield f"{story.language}/latest"
    for listing in _LISTED_AS[story.kind]:
        yield f"{story.language}/{listing}"
    for place in story.places:
        yield f"{story.language}/latest/{place}"


class Ohchr:
    """The site over its shelf of stories.

    `/<language>/latest` takes a place by its number: Cambodia is 1031, Ukraine 1136.
    """

    name = "ohchr"

    def __init__(
        self,
        pages: Pages,
        moment: Callable[[], datetime],
        copies: Callable[[Story], list[str]],
        *,
        challenges: bool = True,
    ) -> None:
        self.shelf = Shelf(labels_of)
        self._pages = OhchrPages(pages, self.shelf, path_of)
        self._documents = Documents(pages)
        self._raw = pages
        self._moment = moment
        self._copies = copies
        self._challenges = challenges
        self._keys: dict[str, str] = {}
        self._seen = 0

    def path_of(self, story: Story) -> str:
        """Return a story's canonical path."""
        return path_of(story)

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        path = request.path.rstrip("/") or "/"
        special = self._special(request, path)
        if special:
            return special
        language, _, name = path.strip("/").partition("/")
        if language in _LANGUAGES and name in _LISTINGS:
            return self._fresh(Answer.html(self._listing(request, language, name)))
        item = self._find(path)
        return self._page(request, item) if item else Answer.html(self._pages.missing(), 404)

    def _special(self, request: Request, path: str) -> Answer | None:
        if path == "/robots.txt":
            return Answer(200, {"Content-Type": "text/plain; charset=utf-8"}, _ROBOTS)
        if path == "/en/rss.xml":
            feed = self._pages.feed(self.shelf.newest("en/latest", 0, 10))
            return self._fresh(Answer.xml(feed, "application/rss+xml"))
        if path == _SHAREPOINT:
            item = self.shelf.find(f"news-id-{request.argument('NewsID')}")
            return Answer.html(self._pages.sharepoint(item)) if item else None
        if path in ("/", "/en"):
            return Answer.html(self._pages.missing())
        return self._documents.answer(request)

    def _fresh(self, listing: Answer) -> Answer:
        return validated(listing, last_change(self._moment(), self.shelf.changes))

    def _listing(self, request: Request, language: str, name: str) -> bytes:
        label = f"{language}/{name}"
        filters = [part for part in request.query.split("&") if part.startswith("field_geolocation_target_id")]
        if filters:
            place = filters[0].partition("=")[2]
            label += f"/{_PLACES.get(place, place)}"
        return self._pages.listing(label, filters, request)

    def _find(self, path: str) -> Item | None:
        for item in self.shelf.added(self._seen):
            self._keys[path_of(item.story)] = item.story.key
            self._seen += 1
        key = self._keys.get(path)
        return self.shelf.find(key) if key else None

    def _page(self, request: Request, item: Item) -> Answer:
        if self._hides(item.story):
            return challenge(self._raw)
        if item.withdrawn:
            return Answer.html(self._pages.missing(), 410 if item.gone else 404)
        if request.argument("sub-site"):
            return Answer.html(self._pages.sub_site(item))
        return Answer.html(self._pages.article(item))

    def _hides(self, story: Story) -> bool:
        """Tell whether every client that asks for a story is challenged."""
        return self._challenges and story.has("challenge")

    def documents(self) -> list[DocumentTruth]:
        """Return what a perfect reader would get from each file that the pages link."""
        return self._documents.truth()

    def truth(self) -> list[Truth]:
        """Return what a perfect reader would have of each story."""
        return [self._truth(item) for item in self.shelf.items()]

    def _truth(self, item: Item) -> Truth:
        story = item.story
        hidden = self._hides(story)
        path = quote(path_of(story), safe="/?=&")
        day = story.published_at.astimezone(UTC).replace(hour=0, minute=0)
        also = [f"{path}?sub-site=HRC", *self._copies(story)] if story.layout != "sharepoint" else []
        if story.news_id and story.layout != "sharepoint":
            also.append(f"{path}?LangID=E&NewsID={story.news_id}")
        state = "withdrawn" if item.withdrawn else "live"
        return Truth(
            site=self.name,
            path=path,
            also_at=() if hidden else tuple(also),
            title=plain(story.title),
            authors=story.authors,
            published_at=day.isoformat(),
            language=story.language,
            kind=story.kind,
            paragraphs=() if hidden else paragraphs(story.body),
            notes=() if hidden else paragraphs(story.notes),
            state="unreadable" if hidden else state,
            revision=item.revision,
            layout=story.layout or "ohchr",
            traps=story.traps,
            places=story.places,
        )
