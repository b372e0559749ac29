"""The Phnom Penh Post: the search of its Drupal era, and the feed that it has on good days."""

import re
from collections.abc import Callable
from email.utils import format_datetime

from markupsafe import Markup, escape

from replica.dates import PHNOM_PENH, search_date
from replica.markup import paragraphs, plain, summary
from replica.pages import Pages
from replica.post_links import WWW, address
from replica.shelf import Item, Shelf
from replica.story import Story

_PER_PAGE = 10
_IN_FEED = 20
_AROUND = 80
_TITLE_WEIGHT = 5


class PostSearch:
    """Renders search results, the most telling first and not the newest, and the feed."""

    def __init__(self, pages: Pages, shelf: Shelf, path_of: Callable[[Story], str]) -> None:
        self._pages = pages
        self._shelf = shelf
        self._path_of = path_of

    def results(self, keywords: str, number: int) -> bytes:
        """Return one page of the stories that hold all the words, pages counted from 0."""
        words = keywords.lower().split()
        ranked = [(-rank, place, item) for place, item in enumerate(self._live()) if (rank := _rank(item, words))]
        ranked.sort(key=lambda entry: entry[:2])
        shown = ranked[number * _PER_PAGE : (number + 1) * _PER_PAGE]
        more = len(ranked) > (number + 1) * _PER_PAGE
        return self._pages.render(
            "post-search.html",
            keywords=keywords,
            results=[self._result(item, words) for _, _, item in shown],
            next_page=f"/search/node/{keywords}?page={number + 1}" if more else "",
        )

    def _live(self) -> list[Item]:
        return self._shelf.newest("front")

    def _result(self, item: Item, words: list[str]) -> dict[str, object]:
        story = item.story
        return {
            "address": address(self._path_of(story), f"search {story.slug}"),
            "title": plain(story.title),
            "date": search_date(story.published_at.astimezone(PHNOM_PENH)),
            "authors": " and ".join(story.authors),
            "snippet": _snippet(" ".join(paragraphs(story.body)), words),
        }

    def feed(self) -> bytes:
        """Return an RSS 2.0 feed whose links carry what counts the clicks."""
        entries = [
            (
                plain(item.story.title),
                WWW + self._path_of(item.story) + "?utm_source=rss&utm_medium=feed",
                format_datetime(item.story.published_at.astimezone(PHNOM_PENH)),
                summary(item.story.body, 200),
            )
            for item in self._shelf.newest("front", 0, _IN_FEED)
        ]
        return self._pages.render("post-feed.xml", entries=entries)


def _rank(item: Item, words: list[str]) -> int:
    title, body = item.story.title.lower(), item.story.body.lower()
    counts = [_TITLE_WEIGHT * title.count(word) + body.count(word) for word in words]
    return sum(counts) if counts and all(counts) else 0


def _snippet(text: str, words: list[str]) -> Markup:
    """Return the surroundings of the first word that is found, all of them in bold."""
    places = [place for word in words if (place := text.lower().find(word)) >= 0]
    start = max(0, min(places, default=0) - _AROUND)
    cut = escape(text[start : start + 2 * _AROUND])
    for word in words:
        cut = Markup(re.sub(f"(?i)({re.escape(word)})", r"<strong>\1</strong>", cut))  # noqa: S704 - escaped above
    return Markup("... ") + cut + Markup(" ...")
