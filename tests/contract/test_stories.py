"""Stories as they are kept: versions, who stands for them, the evidence, and what persons said."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.stories import Likeness, Link, Relation, Ruling, Version
from storage.store import Corpus
from tests.contract.postgresql import ON_EACH_BACKEND

pytestmark = ON_EACH_BACKEND
Keep = Callable[..., int]
EXCERPT = Likeness(Relation.EXCERPT, 0.9, 0.3, 1.0, ("a passage", "another"))


@pytest.fixture
def four(corpus: Corpus, keep: Keep) -> tuple[int, int, int, int]:
    """Four articles, of which two are the country office's."""
    one, two = (keep(corpus, key, source="ohchr") for key in ("one", "two"))
    three, four = (keep(corpus, key, source="office") for key in ("three", "four"))
    return one, two, three, four


def test_an_article_stands_alone_until_it_is_a_version(corpus: Corpus, four: tuple[int, ...], now: datetime) -> None:
    one, two, three, _ = four
    assert corpus.stories.of(one) is None
    made = corpus.stories.make((three, one), three, now)
    story = corpus.stories.of(one)
    assert story
    assert (story.id, story.representative_id, story.members, story.made_at) == (made, three, (one, three), now)
    assert corpus.stories.by_id(made) == corpus.stories.of(three) == story
    assert (corpus.stories.of(two), corpus.stories.by_id(99)) == (None, None)
    assert corpus.stories.ids([three, two, one]) == {one: made, three: made} == corpus.stories.all()


def test_versions_come_by_date_with_their_own_particulars(corpus: Corpus, keep: Keep, now: datetime) -> None:
    late = keep(corpus, "late", source="ohchr", published_at=now - timedelta(hours=1))
    undated = keep(corpus, "undated", first_seen=now - timedelta(days=1))
    early = keep(corpus, "early", published_at=now - timedelta(days=9))
    alone = keep(corpus, "alone")
    corpus.fingerprints.keep(late, frozenset(range(5)), "")
    corpus.stories.make((late, undated, early), late, now)
    found = corpus.stories.versions([early, late, alone])
    assert set(found) == {early, late}
    assert found[early] == found[late]
    assert [(each.article_id, each.published_at, each.shingles) for each in found[late]] == [
        (early, now - timedelta(days=9), 0),
        (undated, None, 0),
        (late, now - timedelta(hours=1), 5),
    ]
    told = found[late][2]
    url, title = "https://ppp.test/late", "Title of late"
    assert told == Version(late, "ohchr", url, title, told.published_at, now - timedelta(hours=1), 5, True)  # noqa: FBT003
    assert found[late][1].dated_at == now - timedelta(days=1)


def test_the_newest_stories_are_those_that_gained_a_version_last(
    corpus: Corpus, four: tuple[int, ...], keep: Keep, now: datetime
) -> None:
    one, two, three, four_ = four
    first = corpus.stories.make((one, two), one, now)
    second = corpus.stories.make((three, four_), three, now)
    assert [story.id for story in corpus.stories.newest(9)] == [second, first]
    corpus.stories.join(keep(corpus, "five", source="ohchr"), first)
    assert [story.id for story in corpus.stories.newest(9)] == [first, second]
    assert [story.id for story in corpus.stories.newest(1)] == [first]
    assert [story.id for story in corpus.stories.newest(9, "office")] == [second]


def test_merged_stories_are_found_by_either_id(corpus: Corpus, four: tuple[int, ...], now: datetime) -> None:
    one, two, three, four_ = four
    first, second = corpus.stories.make((one, two), one, now), corpus.stories.make((three, four_), three, now)
    corpus.stories.merge(second, first)
    story = corpus.stories.of(four_)
    assert story
    assert (story.id, story.members) == (first, four)
    assert corpus.stories.by_id(second) == story
    assert corpus.stories.count() == 1


def test_a_story_of_one_version_is_none_and_its_id_is_given_to_no_other(
    corpus: Corpus, four: tuple[int, ...], now: datetime
) -> None:
    one, two, three, four_ = four
    made = corpus.stories.make((one, two, three), one, now)
    corpus.stories.leave(two)
    story = corpus.stories.of(one)
    assert story
    assert story.members == (one, three)
    corpus.stories.leave(one)
    corpus.stories.leave(four_)
    assert (corpus.stories.all(), corpus.stories.by_id(made), corpus.stories.count()) == ({}, None, 0)
    assert corpus.stories.make((one, two), one, now) > made


def test_a_story_that_has_parted_may_be_made_again_under_its_id(
    corpus: Corpus, four: tuple[int, ...], now: datetime
) -> None:
    one, two, three, _ = four
    made = corpus.stories.make((one, two, three), one, now)
    corpus.stories.part(made)
    assert corpus.stories.all() == {}
    assert corpus.stories.make((two, three), three, now, id_of=made) == made
    story = corpus.stories.by_id(made)
    assert story
    assert (story.members, story.representative_id) == ((two, three), three)


def test_who_was_put_into_a_story_by_hand_is_known(corpus: Corpus, four: tuple[int, ...], now: datetime) -> None:
    one, two, three, four_ = four
    made = corpus.stories.make((one, two), one, now, by_hand=True)
    corpus.stories.join(three, made)
    assert [corpus.stories.is_by_hand(each) for each in four] == [True, True, False, False]
    corpus.stories.hold(made, (two, three, four_))
    assert [corpus.stories.is_by_hand(each) for each in four] == [False, True, True, False]


def test_a_likeness_replaces_the_one_before_and_goes_with_the_text(
    corpus: Corpus, four: tuple[int, ...], now: datetime
) -> None:
    one, two, three, _ = four
    corpus.stories.link(two, one, Likeness(Relation.UNRELATED), now)
    corpus.stories.link(two, one, EXCERPT, now + timedelta(hours=1))
    corpus.stories.link(three, two, Likeness(Relation.QUOTATION, 0.1, 0.1), now)
    assert corpus.stories.links(one) == (Link(two, one, EXCERPT, now + timedelta(hours=1)),)
    assert [(link.article_id, link.other_id) for link in corpus.stories.links(two)] == [(two, one), (three, two)]
    corpus.stories.unlink(one)
    assert [(link.article_id, link.other_id) for link in corpus.stories.links(two)] == [(three, two)]


def test_relations_are_told_both_ways(corpus: Corpus, four: tuple[int, ...], now: datetime) -> None:
    one, two, three, _ = four
    corpus.stories.link(two, one, EXCERPT, now)
    corpus.stories.link(three, two, Likeness(Relation.REWRITE), now)
    assert corpus.stories.relations([one, two]) == {(two, one): Relation.EXCERPT, (one, two): Relation.EXTENDED}
    assert corpus.stories.relations(four)[two, three] is Relation.REWRITE
    assert corpus.stories.relations([]) == {}


def test_the_last_ruling_on_two_articles_holds_in_whatever_order_they_are_named(
    corpus: Corpus, four: tuple[int, ...], now: datetime
) -> None:
    one, two, three, four_ = four
    corpus.stories.rule(two, one, now, is_one=True)
    corpus.stories.rule(one, two, now + timedelta(hours=1), is_one=False)
    corpus.stories.rule(four_, two, now, is_one=True)
    first = Ruling(one, two, is_one=False, at=now + timedelta(hours=1))
    assert corpus.stories.rulings([one]) == (first,)
    assert corpus.stories.rulings([two, one]) == (first, Ruling(two, four_, is_one=True, at=now))
    assert corpus.stories.rulings([three]) == ()


def test_what_is_more_than_stories_is_counted_by_source(corpus: Corpus, four: tuple[int, ...], now: datetime) -> None:
    one, two, three, _ = four
    corpus.stories.make((one, two, three), one, now)
    assert corpus.stories.count() == 1
    assert corpus.stories.copies_by_source() == {"ohchr": 1, "office": 1}
