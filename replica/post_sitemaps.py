"""The Phnom Penh Post: a sitemap index over news, mobile addresses and what is no news."""

from collections.abc import Callable
from datetime import datetime, timedelta

from replica.dates import PHNOM_PENH
from replica.exchange import Answer
from replica.pages import Pages
from replica.post_links import MOBILE, WWW
from replica.shelf import Item, Shelf
from replica.story import Story

MAPPED = "sitemap"


class PostSitemaps:
    """Renders the index and its three sub-sitemaps; `moment` tells the newsroom's time."""

    def __init__(
        self, pages: Pages, shelf: Shelf, path_of: Callable[[Story], str], moment: Callable[[], datetime]
    ) -> None:
        self._pages = pages
        self._shelf = shelf
        self._path_of = path_of
        self._moment = moment

    def answer(self, name: str) -> Answer | None:
        """Return the sitemap of that file name, None where there is none."""
        if name == "sitemap.xml":
            return Answer.xml(self._index())
        if name == "sitemap-news.xml":
            return Answer.xml(self._urls([(WWW + self._path_of(item.story), item) for item in self._mapped()]))
        if name == "sitemap-mobile.xml":
            return Answer.xml(self._urls([(self._mobile(item.story), item) for item in self._mapped()]))
        if name == "sitemap-epaper.xml":
            return Answer.xml(self._other())
        return None

    def _mapped(self) -> list[Item]:
        return self._shelf.newest(MAPPED)

    def _mobile(self, story: Story) -> str:
        # Some of the mobile addresses lack even the scheme.
        return (MOBILE if story.luck % 2 else "//m.phnompenhpost.com") + self._path_of(story)

    def _index(self) -> bytes:
        newest = max((item.changed_at for item in self._mapped()), default=self._moment())
        names = ("sitemap-news.xml", "sitemap-mobile.xml", "sitemap-epaper.xml")
        parts = [(f"{WWW}/{name}", _local(newest)) for name in names]
        return self._pages.render("post-sitemap-index.xml", parts=parts)

    def _urls(self, found: list[tuple[str, Item]]) -> bytes:
        entries = [(address, "" if item.story.has("no-date") else _local(item.changed_at)) for address, item in found]
        return self._pages.render("post-sitemap.xml", entries=entries)

    def _other(self) -> bytes:
        today = self._moment().astimezone(PHNOM_PENH)
        day = f"{today:%d-%m-%Y}"
        yesterday = f"{today - timedelta(days=1):%d-%m-%Y}"
        paths = (
            f"/pdf-edition/phnom-penh-post-pe-{day}",
            f"/pdf-edition/post-khmer-pk-{yesterday}",
            f"/national/phnom-penh-post-pe-{yesterday}",
            "/job/programme-officer-human-rights-education",
            "/gallery/water-festival-crews-train-on-the-tonle-sap",
            "/video/land-protest-outside-the-ministry",
            "/sites/default/files/annual-report.pdf",
            "/taxonomy/term/412",
        )
        return self._pages.render("post-sitemap.xml", entries=[(WWW + path, _local(today)) for path in paths])


def _local(moment: datetime) -> str:
    return moment.astimezone(PHNOM_PENH).isoformat(timespec="minutes")
