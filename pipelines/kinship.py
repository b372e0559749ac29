"""Which story a text belongs to, and which of its versions stands for it. Pure.

A text joins one story, that of the text it has most in common with. A round-up holds parts of many stories: it must not
make them one. Two stories become one only through a text that is a copy of both, or a version of both under one title.
What a person said goes before all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.stories import ONE_STORY, Likeness, Relation, Size

_FULL = 0.8  # of the longest version's shingles: with less a version is cut, with more it has other lines at its end


@dataclass(frozen=True, slots=True)
class Kin:
    """An article that a text was held against, what the text is to it, and its story; None: it stands alone.

    is_part: the one is a small part of the other, under another title, and not its beginning. is_barred: a person holds
    the text and this article, or a version of its story, to be different stories. is_titled: both have one title.
    """

    article_id: int
    likeness: Likeness
    story_id: int | None = None
    is_part: bool = False
    is_barred: bool = False
    is_titled: bool = False

    @property
    def closeness(self) -> float:
        """How much of either text stands in the other, 0 to 2."""
        return self.likeness.share + self.likeness.share_of_other


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text belongs: beside an article, in its story; and other articles whose stories are thereby that one."""

    article_id: int
    alike: tuple[int, ...] = ()


def place(kin: Sequence[Kin]) -> Place | None:
    """Return where a text belongs, None where it stands alone."""
    able = [each for each in kin if each.likeness.relation in ONE_STORY and not each.is_part and not each.is_barred]
    if not able:
        return None
    best = max(able, key=lambda each: (each.closeness, -each.article_id))
    sure = (each.article_id for each in able if each.likeness.relation is Relation.COPY or each.is_titled)
    return Place(best.article_id, tuple(each for each in sure if each != best.article_id))


def representative(versions: Sequence[Size]) -> int:
    """Return the article that stands for its story: of those that have nearly all of the text, the earliest."""
    longest = max(version.shingles for version in versions)
    full = (version for version in versions if version.shingles >= _FULL * longest)
    return min(full, key=lambda version: (version.dated_at, version.article_id)).article_id
