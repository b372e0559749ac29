"""The Phnom Penh Post: what answers at which address."""

from collections.abc import Callable, Iterable
from datetime import datetime
from unicodedata import normalize
from urllib.parse import quote

from replica.dates import PHNOM_PENH
from replica.exchange import Answer, Request
from replica.markup import paragraphs, plain
from replica.pages import Pages
from replica.post_pages import PostPages
from replica.post_search import PostSearch
from replica.post_sitemaps import MAPPED, PostSitemaps
from replica.shelf import Item, Shelf
from replica.site import Choices
from replica.story import Story
from replica.truth import Truth

SECTIONS = (
    *("national", "national-politics", "politics-0", "post-depth", "kr-tribunal", "business", "post-property"),
    *("post-focus", "post-auto", "special-reports", "financial", "education", "opinion", "international"),
    *("around-ngos", "lifestyle", "sport", "socialite", "supplements", "post-weekend", "7days", "columns", "travel"),
)
_ASIDE = ("pdf-edition", "job", "gallery", "video", "taxonomy", "user", "search")
_HOSTS = ("https://phnompenhpost.com", "http://m.phnompenhpost.com", "http://mail.phnompenhpost.com")
_GIF = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")


def path_of(story: Story) -> str:
    """Return the canonical path: the first section, then the slug."""
    return f"/{story.sections[0]}/{story.slug}"


def labels_of(story: Story) -> Iterable[str]:
    """Return where a story is listed; one dated in the future stands in its section and nowhere else."""
    if not story.sections:
        raise ValueError(f"{story.slug}: a story of the Post stands in at least one section")
    yield from story.sections
    if not story.has("future-date"):
        yield MAPPED
        yield "front"
    if story.has("rights"):
        yield "rights"


class PhnomPenhPost:
    """The site over its shelf of stories. The Host header and every query on an article are ignored, as there."""

    name = "phnom-penh-post"

    def __init__(self, pages: Pages, moment: Callable[[], datetime], choices: Choices) -> None:
        self.shelf = Shelf(labels_of)
        self._pages = PostPages(pages, self.shelf, path_of)
        self._search = PostSearch(pages, self.shelf, path_of)
        self._sitemaps = PostSitemaps(pages, self.shelf, path_of, moment)
        self._choices = choices

    def path_of(self, story: Story) -> str:
        """Return a story's canonical path."""
        return path_of(story)

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        first, _, rest = request.path.strip("/").partition("/")
        if not rest:
            return self._at_the_root(request, first)
        if first in SECTIONS:
            return self._article(rest.rpartition("/")[2])
        if first == "index.php":
            return Answer.html(self._pages.front())
        if first == "image":
            return Answer(200, {"Content-Type": "image/gif"}, _GIF)
        if first in _ASIDE:
            return Answer.html(self._aside(request, rest))
        return Answer.html(self._pages.missing(), 404)

    def _aside(self, request: Request, rest: str) -> bytes:
        if request.path.startswith("/search/node/"):
            return self._search.results(rest.removeprefix("node/"), request.number("page", 0))
        return self._pages.aside(request.path)

    def _at_the_root(self, request: Request, name: str) -> Answer:
        if name in ("", "index.php"):
            return Answer.html(self._pages.front())
        if name == "robots.txt":
            return Answer.text(self._robots())
        if name in ("rss.xml", "rss", "feed"):
            is_open = self._choices.feeds and name == "rss.xml"
            feed = Answer.xml(self._search.feed(), "application/rss+xml; charset=utf-8") if is_open else None
            return feed or Answer.html(self._pages.forbidden(), 403)
        if name in SECTIONS:
            return Answer.html(self._pages.section(name, request))
        if name in _ASIDE:
            return Answer.html(self._pages.aside(request.path))
        return self._sitemaps.answer(name) or Answer.html(self._pages.missing(), 404)

    def _article(self, slug: str) -> Answer:
        item = self.shelf.find(normalize("NFC", slug))
        if item is None:
            # The trap of the dead address: no 404, but the front page with status 200.
            return Answer.html(self._pages.front())
        if item.withdrawn:
            return Answer.html(self._pages.missing(), 410 if item.gone else 404)
        return Answer.html(self._pages.login_wall() if item.story.has("login-wall") else self._pages.article(item))

    def _robots(self) -> str:
        lines = ["User-agent: *", "Disallow: /search/", "Disallow: /user/"]
        if self._choices.crawl_delay is not None:
            lines.append(f"Crawl-delay: {self._choices.crawl_delay:g}")
        lines += ["", "Sitemap: https://www.phnompenhpost.com/sitemap.xml", ""]
        return "\n".join(lines)

    def truth(self) -> list[Truth]:
        """Return what a perfect reader would have of each story; behind the login wall there is nothing to have."""
        return [self._truth(item) for item in self.shelf.items() if not item.story.has("login-wall")]

    def _truth(self, item: Item) -> Truth:
        story = item.story
        path = path_of(story)
        also = [f"/{section}/{story.slug}" for section in story.sections[1:]] + [f"{host}{path}" for host in _HOSTS]
        if not path.isascii():
            also.append(quote(normalize("NFD", path)))
        return Truth(
            site=self.name,
            path=quote(path),
            also_at=tuple(also),
            title=plain(story.title),
            authors=story.authors,
            published_at=_printed_date(story),
            language=story.language,
            kind=story.kind,
            paragraphs=paragraphs(story.body),
            notes=(),
            state="withdrawn" if item.withdrawn else "live",
            revision=item.revision,
            layout=story.layout or "cms",
            traps=story.traps,
        )


def _printed_date(story: Story) -> str | None:
    if story.has("no-date"):
        return None
    local = story.published_at.astimezone(PHNOM_PENH)
    return (local.replace(hour=0, minute=0) if story.has("older-date-form") else local).isoformat()
