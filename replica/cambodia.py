"""cambodia.ohchr.org, the country office: stubs, listing queries that stick to links, and conditional requests."""

from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import quote, unquote

from replica.cards import Card
from replica.conditional import last_change, validated
from replica.dates import long_date
from replica.exchange import Answer, Request
from replica.markup import Link, paragraphs, plain, summary
from replica.pages import Pages
from replica.shelf import Item, Shelf
from replica.story import Story
from replica.truth import Truth

HOST = "https://cambodia.ohchr.org"
_LISTING = "news"
_LANGUAGES = ("en", "km")
_PER_PAGE = 10
_MOST_PER_PAGE = 60
_ROBOTS = "User-agent: *\nDisallow: /core/\nDisallow: /user/\n"


def path_of(story: Story) -> str:
    """Return the canonical path, its slug percent-encoded."""
    return quote(f"/{story.language}/{_LISTING}/{story.slug}")


def labels_of(story: Story) -> Iterable[str]:
    """Return where a story is listed: among those of its language."""
    return (f"{story.language}/{_LISTING}",)


class OhchrCambodia:
    """The site over its shelf of stories. `www` gives the address of a story on www.ohchr.org by its slug."""

    name = "ohchr-cambodia"

    def __init__(self, pages: Pages, moment: Callable[[], datetime], www: Link) -> None:
        self.shelf = Shelf(labels_of)
        self._pages = pages
        self._moment = moment
        self._www = www

    def path_of(self, story: Story) -> str:
        """Return a story's canonical path."""
        return path_of(story)

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        path = request.path.rstrip("/")
        if path == "/robots.txt":
            return Answer.text(_ROBOTS)
        language, _, rest = path.removeprefix("/").partition("/")
        if rest in ("", _LISTING) and language in ("", *_LANGUAGES):
            listing = Answer.html(self._listing(request, language or "en"))
            return validated(listing, last_change(self._moment(), self.shelf.changes))
        slug = rest.removeprefix(f"{_LISTING}/")
        item = self.shelf.find(slug if language == "en" else f"{language}:{slug}") if slug != rest else None
        if item is None or item.withdrawn:
            status = 410 if item and item.gone else 404
            return Answer.html(self._pages.render("cambodia-missing.html"), status)
        return self._article(item)

    def _listing(self, request: Request, language: str) -> bytes:
        label = f"{language}/{_LISTING}"
        number = request.number("page", 0)
        per_page = min(_MOST_PER_PAGE, max(1, request.number("items_per_page", _PER_PAGE)))
        found = self.shelf.newest(label, number * per_page, per_page)
        kept = [part for part in request.query.split("&") if part and not part.startswith("page=")]
        more = self.shelf.count(label) > (number + 1) * per_page
        inherited = f"?{request.query}" if request.query else ""
        return self._pages.render(
            "cambodia-listing.html",
            language=language,
            alternates=[],
            cards=[_card(item, inherited) for item in found],
            next_page="?" + "&".join([f"page={number + 1}", *kept]) if more else "",
        )

    def _article(self, item: Item) -> Answer:
        story = item.story
        body = self._pages.render(
            "cambodia-article.html",
            language=story.language,
            alternates=self._editions(story),
            story=story,
            title=plain(story.title),
            date=long_date(story.published_at, story.language),
            body=self._pages.body(story.body, self._www),
            notes=self._pages.body(story.notes, self._www),
            canonical=HOST + path_of(story),
        )
        return validated(Answer.html(body), item.changed_at)

    def _editions(self, story: Story) -> list[tuple[str, str]]:
        """Return language and address of each edition of a story, none where there is one only."""
        keys = [story.slug if code == "en" else f"{code}:{story.slug}" for code in _LANGUAGES]
        found = [item.story for key in keys if (item := self.shelf.find(key)) and not item.withdrawn]
        return [(each.language, HOST + path_of(each)) for each in found] if len(found) > 1 else []

    def truth(self) -> list[Truth]:
        """Return what a perfect reader would have of each story."""
        return [self._truth(item) for item in self.shelf.items()]

    def _truth(self, item: Item) -> Truth:
        story = item.story
        state = "copy" if story.copy_of else "live"
        return Truth(
            site=self.name,
            path=path_of(story),
            also_at=(self._www(story.copy_of),) if story.copy_of else (),
            title=plain(story.title),
            authors=story.authors,
            published_at=story.published_at.replace(hour=0, minute=0).isoformat(),
            language=story.language,
            kind=story.kind,
            paragraphs=paragraphs(story.body),
            notes=paragraphs(story.notes),
            state="withdrawn" if item.withdrawn else state,
            revision=item.revision,
            layout="cambodia",
            traps=story.traps,
        )


def _card(item: Item, inherited: str) -> Card:
    story = item.story
    return Card(
        address=(unquote(path_of(story)) if story.has("raw-link") else path_of(story)) + inherited,
        title=plain(story.title),
        date=long_date(story.published_at, story.language),
        summary=summary(story.body, 200),
    )
