from datetime import UTC, datetime, timedelta

import pytest

from core.stories import Likeness, Relation, Size
from pipelines.kinship import Kin, Place, place, representative

DAY = datetime(2026, 3, 1, tzinfo=UTC)
ALIKE = Likeness(Relation.COPY, 0.9, 0.9)
CUT = Likeness(Relation.EXCERPT, 1.0, 0.3)


def version(article_id: int, shingles: int, days: int) -> Size:
    return Size(article_id, DAY + timedelta(days=days), shingles)


def test_a_text_that_is_like_none_stands_alone() -> None:
    unlike = (Kin(1, Likeness(Relation.QUOTATION, 0.2, 0.3)), Kin(2, Likeness(Relation.UNRELATED)))
    assert place(unlike) is None


@pytest.mark.parametrize("relation", [Relation.COPY, Relation.EXCERPT, Relation.EXTENDED, Relation.REWRITE])
def test_a_text_joins_what_it_is_a_version_of(relation: Relation) -> None:
    assert place([Kin(3, Likeness(relation, 0.7, 0.7))]) == Place(3)


def test_a_text_joins_the_story_that_it_has_most_in_common_with() -> None:
    kin = [Kin(3, CUT, 1), Kin(5, ALIKE, 2), Kin(7, CUT)]
    assert place(kin) == Place(5)


def test_what_a_text_is_a_copy_of_is_one_story_with_it() -> None:
    assert place([Kin(3, ALIKE, 1), Kin(5, ALIKE, 2), Kin(7, CUT, 3), Kin(8, ALIKE)]) == Place(3, (5, 8))


def test_two_parts_of_a_text_are_one_story_with_it_only_under_its_title() -> None:
    assert place([Kin(3, CUT, 1), Kin(5, CUT, 2)]) == Place(3)
    assert place([Kin(3, CUT, 1), Kin(5, CUT, 2, is_titled=True)]) == Place(3, (5,))


def test_an_item_of_a_round_up_joins_nothing() -> None:
    assert place([Kin(3, CUT, is_part=True)]) is None


def test_what_a_person_kept_apart_is_not_joined() -> None:
    assert place([Kin(3, ALIKE, 1, is_barred=True), Kin(5, CUT, 2)]) == Place(5)
    assert place([Kin(3, ALIKE, 1, is_barred=True)]) is None


def test_the_earliest_of_the_full_versions_stands_for_a_story() -> None:
    stub, original, reprint, longest = version(1, 40, 0), version(2, 380, 1), version(3, 385, 2), version(4, 420, 3)
    assert representative([stub, original, reprint, longest]) == 2


def test_a_version_that_has_much_more_stands_for_its_story() -> None:
    assert representative([version(1, 100, 0), version(2, 300, 4)]) == 2


def test_of_two_of_one_time_the_one_that_came_first_stands_for_the_story() -> None:
    assert representative([version(8, 100, 1), version(5, 100, 1)]) == 5
