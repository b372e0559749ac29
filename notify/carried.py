"""Stories that were told of before, and who carries them since. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.model import Article, CopyAddress
from core.stories import Relation, Version
from core.text import shortened
from notify.entry import COPIES, NO_DATE, TITLE, Place, place
from notify.phrases import Reader, Words, bounded, visible, words
from notify.versions import Carried, Other, Versions

MOST = 20
"""Stories that are carried on are named so many at most."""


@dataclass(frozen=True, slots=True)
class Carriage:
    """A story that was told of before, and the places that carry it since, of many the first few."""

    article_id: int
    source: str
    title: Words
    url: str
    when: str
    places: tuple[Place, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Copied:
    """An article that was told of before, and the addresses that carry it word for word since."""

    article: Article
    copies: tuple[CopyAddress, ...]


def carriages(
    carried: Sequence[Carried], copied: Iterable[Copied], versions: Versions, reader: Reader
) -> list[Carriage]:
    """Return the stories told of before: with versions that came since, with copies, or both, each once."""
    others: dict[int, tuple[Version, list[Other]]] = {}
    of_story: dict[int, int] = {}
    for story in carried:
        key = story.before.article_id
        others[key] = (story.before, list(versions.others(key, story.since)))
        of_story.update((version.article_id, key) for version in versions.of_article.get(key, (story.before,)))
    for each in copied:
        key = of_story.get(each.article.id, each.article.id)
        _, found = others.setdefault(key, (_version(each.article), []))
        relation = Relation.SAME if key == each.article.id else versions.relations.get((each.article.id, key))
        known = {other.url for other in found}
        found += [Other(copy.source, copy.url, relation) for copy in each.copies if copy.url not in known]
    return [_carriage(before, found, reader) for before, found in others.values() if found]


def copied_since(
    copies: Iterable[tuple[int, CopyAddress]], articles: Mapping[int, Article], after: int
) -> Iterable[Copied]:
    """Yield the articles, none of higher id than `after`, with the copies that came, in their order."""
    found: dict[int, list[CopyAddress]] = {}
    for article_id, copy in copies:
        if article_id <= after and article_id in articles:
            found.setdefault(article_id, []).append(copy)
    for article_id, came in found.items():
        yield Copied(articles[article_id], tuple(came))


def _version(article: Article) -> Version:
    dated = article.published_at or article.first_seen
    return Version(
        article.id, article.source, article.url, article.label, article.published_at, dated, 0, is_representative=True
    )


def _carriage(before: Version, others: Sequence[Other], reader: Reader) -> Carriage:
    return Carriage(
        article_id=before.article_id,
        source=reader.title(before.source),
        title=words(shortened(visible(before.title), TITLE)),
        url=bounded(before.url),
        when=reader.date(before.published_at) if before.published_at else NO_DATE,
        places=tuple(place(other, before.source, reader) for other in others[:COPIES]),
        more=max(0, len(others) - COPIES),
    )
