"""Which story a text belongs to, and which of its versions stands for it. Pure.

A text joins one story, that of the text it has most in common with. A round-up holds parts of many stories: it must not
make them one. Two stories become one only through a text that is a copy of both. What a person said goes before all.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.stories import ONE_STORY, Likeness, Relation, Version

_FULL = 0.8  # of the longest version's shingles: with less a version is cut, with more it has other lines at its end


@dataclass(frozen=True, slots=True)
class Kin:
    """An article that a text was held against, what the text is to it, and all versions of its story, it included.

    is_part: the one is a small part of the other, under another title, and not its beginning.
    """

    article_id: int
    likeness: Likeness
    versions: tuple[int, ...]
    story_id: int | None = None
    is_part: bool = False

    @property
    def closeness(self) -> float:
        """How much of either text stands in the other, 0 to 2."""
        return self.likeness.share + self.likeness.share_of_other


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text belongs: beside an article, in its story if it has one; and the stories that thereby become one."""

    article_id: int
    story_id: int | None
    merged: tuple[int, ...] = ()


def place(article_id: int, kin: Sequence[Kin], apart: Collection[tuple[int, int]]) -> Place | None:
    """Return where an article belongs, None where it stands alone.

    apart are the pairs of articles, the lower id first, that persons hold to be different stories.
    """
    able = [each for each in kin if each.likeness.relation in ONE_STORY and not each.is_part]
    able = [each for each in able if not _kept_apart((article_id,), each.versions, apart)]
    if not able:
        return None
    best = max(able, key=lambda each: (each.closeness, -each.article_id))
    merged: dict[int, None] = {}
    if best.likeness.relation is Relation.COPY:
        joined = best.versions
        for each in able:
            is_other = each.story_id is not None and each.story_id not in (best.story_id, *merged)
            if is_other and each.likeness.relation is Relation.COPY and not _kept_apart(joined, each.versions, apart):
                merged[each.story_id or 0] = None
                joined += each.versions
    return Place(best.article_id, best.story_id, tuple(merged))


def representative(versions: Sequence[Version]) -> int:
    """Return the article that stands for its story: of those that have nearly all of the text, the earliest."""
    longest = max(version.shingles for version in versions)
    full = (version for version in versions if version.shingles >= _FULL * longest)
    return min(full, key=lambda version: (version.dated_at, version.article_id)).article_id


def _kept_apart(ones: Sequence[int], others: Sequence[int], apart: Collection[tuple[int, int]]) -> bool:
    return bool(apart) and any((min(one, other), max(one, other)) in apart for one in ones for other in others)
