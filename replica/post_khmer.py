"""Post Khmer: what answers at which address. Its words are Khmer, its layouts those of the Post's two platforms."""

from collections.abc import Iterable
from urllib.parse import quote

from replica.cards import Card
from replica.dates import PHNOM_PENH, khmer_date, long_date
from replica.exchange import Answer, Request
from replica.markup import paragraphs, plain, summary
from replica.pages import Pages
from replica.shelf import Item, Shelf
from replica.story import Story
from replica.truth import Truth

WWW = "https://www.postkhmer.com"
SECTIONS = ("national", "business", "international", "sport", "lifestyle")
# Of the Drupal era, which had Khmer words for its sections.
_OLD_SECTIONS = ("ព័ត៌មានជាតិ", "សេដ្ឋកិច្ច")
_OLD = "desktop"
_PER_PAGE = 5
_OLD_PER_PAGE = 2
_MOST_VIEWED = 4
_SUMMARY = 140
_IDS = 900_000
_ROBOTS = "User-agent: *\nDisallow: /search\nDisallow: /user/\n"


def path_of(story: Story) -> str:
    """Return the canonical path, percent-encoded.

    Today it holds the local time without leading noughts, and a number; in the Drupal era Khmer words.
    """
    if story.layout == _OLD:
        return quote(f"/{story.sections[0]}/{story.slug}")
    local = story.published_at.astimezone(PHNOM_PENH)
    day = f"{local.year}-{local.month}-{local.day}-{local.hour}{local.minute:02}"
    return f"/{story.sections[0]}/{day}-{story.luck % _IDS}"


def labels_of(story: Story) -> Iterable[str]:
    """Return where a story is listed."""
    if not story.sections:
        raise ValueError(f"{story.slug}: a story of Post Khmer stands in at least one section")
    yield from story.sections
    yield "front"


class PostKhmer:
    """The site over its shelf of stories."""

    name = "post-khmer"

    def __init__(self, pages: Pages) -> None:
        self.shelf = Shelf(labels_of)
        self._pages = pages
        self._keys: dict[str, str] = {}
        self._seen = 0

    def path_of(self, story: Story) -> str:
        """Return a story's canonical path."""
        return path_of(story)

    def answer(self, request: Request) -> Answer:
        """Answer one request."""
        section, _, rest = request.path.strip("/").partition("/")
        if request.path == "/robots.txt":
            return Answer.text(_ROBOTS)
        if not section:
            return Answer.html(self._listing("", 1))
        if not rest and section in SECTIONS:
            return Answer.html(self._listing(section, max(1, request.number("page", 1))))
        if not rest and section in _OLD_SECTIONS:
            return Answer.html(self._old_listing(section, request.number("page", 0)))
        return self._article(quote(request.path))

    def _article(self, path: str) -> Answer:
        for added in self.shelf.added(self._seen):
            self._keys[path_of(added.story)] = added.story.key
            self._seen += 1
        item = self.shelf.find(self._keys.get(path, ""))
        if item is None or item.withdrawn:
            return Answer.html(self._pages.render("khmer-missing.html"), 410 if item and item.gone else 404)
        return Answer.html(self._shown(item))

    def _shown(self, item: Item) -> bytes:
        story = item.story
        local = story.published_at.astimezone(PHNOM_PENH)
        beside = [other for other in self.shelf.newest("front", 0, _MOST_VIEWED + 1) if other.story.key != story.key]
        return self._pages.render(
            "khmer-old-article.html" if story.layout == _OLD else "khmer-article.html",
            story=story,
            title=plain(story.title),
            section=story.sections[0],
            date=f"{long_date(local, 'km')} | {local:%H:%M} ICT",
            old_date=khmer_date(local),
            body=self._pages.body(story.body, self._link_to),
            canonical=WWW + path_of(story),
            most_viewed=[_card(other) for other in beside[:_MOST_VIEWED]],
        )

    def _listing(self, section: str, number: int) -> bytes:
        label = section or "front"
        found = self.shelf.newest(label, (number - 1) * _PER_PAGE, _PER_PAGE)
        return self._pages.render("khmer-section.html", section=section, cards=[_card(item) for item in found])

    def _old_listing(self, section: str, number: int) -> bytes:
        found = self.shelf.newest(section, number * _OLD_PER_PAGE, _OLD_PER_PAGE)
        more = self.shelf.count(section) > (number + 1) * _OLD_PER_PAGE
        return self._pages.render(
            "khmer-old-section.html",
            section=section,
            cards=[_card(item) for item in found],
            next_page=f"{quote('/' + section)}?page={number + 1}" if more else "",
        )

    def _link_to(self, slug: str) -> str:
        item = self.shelf.find(f"km:{slug}")
        return path_of(item.story) if item else f"/national/{slug}"

    def truth(self) -> list[Truth]:
        """Return what a perfect reader would have of each story."""
        return [self._truth(item) for item in self.shelf.items()]

    def _truth(self, item: Item) -> Truth:
        story = item.story
        local = story.published_at.astimezone(PHNOM_PENH)
        is_old = story.layout == _OLD
        return Truth(
            site=self.name,
            path=path_of(story),
            also_at=(WWW + path_of(story),),
            title=plain(story.title),
            authors=story.authors,
            # The old platform printed a day.
            published_at=(local.replace(hour=0, minute=0) if is_old else local).isoformat(),
            language=story.language,
            kind=story.kind,
            paragraphs=paragraphs(story.body),
            notes=(),
            state="withdrawn" if item.withdrawn else "live",
            revision=item.revision,
            layout="khmer-old" if is_old else "khmer",
            traps=story.traps,
        )


def _card(item: Item) -> Card:
    story = item.story
    local = story.published_at.astimezone(PHNOM_PENH)
    return Card(
        address=path_of(story) if story.luck % 2 else WWW + path_of(story),
        title=plain(story.title),
        date=khmer_date(local) if story.layout == _OLD else f"{long_date(local, 'km')} | {local:%H:%M} | ICT",
        summary=summary(story.body, _SUMMARY),
        picture=f"/image/main/{local.year}{local.month}/{story.picture.name}" if story.picture else "",
    )
