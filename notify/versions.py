"""Versions of one story in messages: which of them is told of, and which are named under it. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.model import Article, CopyAddress
from core.stories import Relation, Version


@dataclass(frozen=True, slots=True)
class Other:
    """Another place that carries the text of an article, and what it is to that; None: it is not known directly."""

    source: str
    url: str
    relation: Relation | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """What the corpus knows of the stories of some articles.

    of_article gives all versions of an article's story, relations what one is to another, copies who has one word for
    word; an article that is in none of them stands alone.
    """

    of_article: Mapping[int, tuple[Version, ...]] = field(default_factory=dict)
    relations: Mapping[tuple[int, int], Relation] = field(default_factory=dict)
    copies: Mapping[int, tuple[CopyAddress, ...]] = field(default_factory=dict)

    def others(self, article_id: int, versions: Iterable[Version]) -> tuple[Other, ...]:
        """Return where some versions of an article's story stand, it left out, and where their copies do."""
        found: list[Other] = []
        for version in versions:
            if version.article_id != article_id:
                relation = self.relations.get((version.article_id, article_id))
                found.append(Other(version.source, version.url, relation))
                copies = self.copies.get(version.article_id, ())
                found += [Other(copy.source, copy.url, relation) for copy in copies]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Told:
    """A story in a digest: the article that is told of, and its versions within the same stretch, itself among them."""

    article: Article
    under: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Carried:
    """A story that was told of before: the version that was, and those that came since."""

    before: Version
    since: tuple[Version, ...]


def _always(_version: Version) -> bool:
    return True


def sorted_out(
    articles: Sequence[Article], versions: Versions, after: int, is_told: Callable[[Version], bool] = _always
) -> tuple[list[Told], list[Carried]]:
    """Return the stories of a digest's articles, all of higher ids than `after`: new ones, and those told of before.

    A new story is told by the version that stands for it, or by the earliest of those that came. is_told says whether
    a version concerns the reader: what was told of before is what had one that did.
    """
    told: list[Told] = []
    by_story: dict[int, list[Article]] = defaultdict(list)
    for article in articles:
        story = versions.of_article.get(article.id)
        if story is None:
            told.append(Told(article))
        else:
            by_story[min(version.article_id for version in story)].append(article)
    carried = []
    for came in by_story.values():
        story = versions.of_article[came[0].id]
        ids = {article.id for article in came}
        within = tuple(version for version in story if version.article_id in ids)
        earlier = [version for version in story if version.article_id <= after and is_told(version)]
        if earlier:
            carried.append(Carried(_first(earlier), within))
        else:
            first = _first(within).article_id
            told.append(Told(next(article for article in came if article.id == first), within))
    return told, carried


def _first(versions: Sequence[Version]) -> Version:
    """Return the version that stands for the story, or the earliest."""
    return min(versions, key=lambda version: (not version.is_representative, version.dated_at, version.article_id))
