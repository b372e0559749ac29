"""What a person says of two articles: stories joined and split by hand, for good, and all of them found anew."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest

from core.model import Draft, Lead, Outcome
from core.rules import Rule
from pipelines import rulings
from pipelines.anew import Anew
from pipelines.ingest import Ingest
from pipelines.relate import Kinship, leave
from storage.store import Store

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
Take = Callable[..., Outcome]
Stories = list[tuple[int, ...]]
WORDS = tuple(map("".join, product("kpst", "aeiou", "lmnr", ("u", "eng", "ath"))))


def lines(topic: str, first: int = 0, number: int = 8) -> tuple[str, ...]:
    """Return invented paragraphs on a topic: texts of one topic share those that both have, others none."""
    return tuple(
        " ".join((*Random(f"{topic} {each}").choices(WORDS, k=20), "families")) for each in range(first, first + number)
    )


@pytest.fixture
def ingest(store: Store) -> Ingest:
    with store.transaction() as corpus:
        run_id = corpus.runs.start("post", "manual", NOW)
    land = Rule(name="land", any=("families",))
    return Ingest(store, run_id, (land,), (timedelta(hours=1),), lambda: NOW)


@pytest.fixture
def take(ingest: Ingest) -> Take:
    """Take a text in; what it is called is the key of its article."""

    def taken(key: str, paragraphs: tuple[str, ...], source: str = "post") -> Outcome:
        draft = Draft(source, f"https://{source}.test/{key}", key, f"Headline of {key}", paragraphs)
        return ingest.keep(draft, Lead(source, draft.url, key, "section"), NOW)

    return taken


def stories(store: Store) -> Stories:
    """Return the versions of each story, by the stories' ids."""
    with store.reading() as corpus:
        found = sorted(corpus.stories.newest(99), key=lambda story: story.id)
    return [story.members for story in found]


def join(store: Store, one: int, other: int) -> int:
    """Return the id of the story that two articles are of then."""
    with store.transaction() as corpus:
        story = rulings.join(corpus, one, other, NOW).story
    assert story
    return story.id


def split(store: Store, one: int, other: int) -> tuple[int, ...]:
    """Return the articles that have left."""
    with store.transaction() as corpus:
        return rulings.split(corpus, one, other, NOW).articles


def said(store: Store) -> list[tuple[int, int, bool]]:
    with store.reading() as corpus:
        return [(each.low_id, each.high_id, each.is_one) for each in corpus.stories.rulings(range(1, 9))]


def rebuilt(store: Store) -> Stories:
    anew = Anew(store, Kinship(), lambda: NOW)
    anew.index()
    assert list(anew.stories()) == list(range(1, anew_count(store) + 1))
    return stories(store)


def anew_count(store: Store) -> int:
    with store.reading() as corpus:
        return corpus.articles.highest_id()


def two_stories(take: Take) -> None:
    """Articles 1 and 2 are versions of one story, 3 and 4 of another, 5 stands alone."""
    for key, topic, number in (("a", "Kandal", 8), ("b", "Kandal", 5), ("c", "Takeo", 8), ("d", "Takeo", 5)):
        take(key, lines(topic, 0, number))
    take("e", lines("Pursat"))


def test_articles_that_stood_alone_become_a_story_that_the_fuller_stands_for(store: Store, take: Take) -> None:
    take("a", lines("Kandal", 0, 3))
    take("b", lines("Takeo"))
    assert join(store, 1, 2) == 1
    with store.reading() as corpus:
        story = corpus.stories.of(1)
        assert story
        assert (story.members, story.representative_id) == ((1, 2), 2)
        assert corpus.stories.is_by_hand(1)
        assert corpus.stories.is_by_hand(2)


def test_stories_that_are_joined_become_one_under_the_older_id(store: Store, take: Take) -> None:
    two_stories(take)
    assert stories(store) == [(1, 2), (3, 4)]
    assert join(store, 4, 2) == 1
    assert stories(store) == [(1, 2, 3, 4)]
    join(store, 5, 3)
    assert stories(store) == [(1, 2, 3, 4, 5)]
    with store.reading() as corpus:
        assert [corpus.stories.is_by_hand(each) for each in range(1, 6)] == [False, True, True, True, True]


def test_to_join_versions_of_one_story_keeps_them_there(store: Store, take: Take) -> None:
    two_stories(take)
    assert join(store, 1, 2) == join(store, 1, 2) == 1
    take("b", lines("Kampot"))
    assert stories(store) == [(1, 2), (3, 4)]


def test_a_version_that_was_joined_stays_when_its_text_changes_and_another_leaves(store: Store, take: Take) -> None:
    two_stories(take)
    join(store, 5, 1)
    take("e", lines("Kep", 40))
    take("b", lines("Koh Kong", 60))
    assert stories(store) == [(1, 5), (3, 4)]


def test_an_article_that_is_split_off_does_not_come_back(store: Store, take: Take) -> None:
    two_stories(take)
    take("f", lines("Kandal", 0, 7))
    assert split(store, 2, 1) == (2,)
    assert stories(store) == [(1, 6), (3, 4)]
    take("b", lines("Kandal", 0, 6))
    assert stories(store) == [(1, 6), (3, 4)]


def test_of_two_versions_both_stand_alone_after_a_split(store: Store, take: Take) -> None:
    two_stories(take)
    split(store, 1, 2)
    assert stories(store) == [(3, 4)]


def test_what_was_joined_to_an_article_leaves_with_it(store: Store, take: Take) -> None:
    two_stories(take)
    join(store, 5, 2)
    assert split(store, 2, 1) == (2, 5)
    assert stories(store) == [(3, 4), (2, 5)]
    with store.reading() as corpus:
        assert not corpus.stories.is_by_hand(1)
        assert corpus.stories.is_by_hand(5)


def test_a_split_of_what_is_no_story_holds_for_what_comes(store: Store, take: Take) -> None:
    two_stories(take)
    assert split(store, 5, 1) == ()
    take("e", lines("Kandal", 0, 6))
    assert stories(store) == [(1, 2), (3, 4)]


def test_a_new_copy_does_not_make_one_of_stories_that_were_split(store: Store, take: Take) -> None:
    take("a", lines("Kandal"))
    take("b", lines("Kandal", 0, 7))
    split(store, 1, 2)
    take("c", (*lines("Kandal", 0, 7), "A last word."))
    (members,) = stories(store)
    assert 3 in members
    assert not {1, 2} <= set(members)


def test_a_join_takes_back_the_splits_that_go_against_it(store: Store, take: Take) -> None:
    two_stories(take)
    split(store, 2, 3)
    split(store, 1, 3)
    split(store, 5, 4)
    with store.transaction() as corpus:
        assert rulings.join(corpus, 1, 4, NOW).taken_back == ((1, 3), (2, 3))
    assert stories(store) == [(1, 2, 3, 4)]
    assert said(store) == [(1, 4, True), (4, 5, False)]


def test_a_split_of_two_that_joins_tie_together_takes_back_those_of_the_first(store: Store, take: Take) -> None:
    two_stories(take)
    join(store, 1, 5)
    join(store, 5, 3)
    join(store, 4, 3)
    with store.transaction() as corpus:
        effect = rulings.split(corpus, 5, 3, NOW)
    assert (effect.articles, effect.taken_back) == ((1, 5), ())
    join(store, 5, 3)
    with store.transaction() as corpus:
        effect = rulings.split(corpus, 1, 3, NOW)
    assert (effect.articles, effect.taken_back) == ((1,), ((1, 5),))
    # Nothing but the first tied the second to the others.
    assert stories(store) == [(3, 4, 5)]
    assert said(store) == [(1, 3, False), (3, 4, True), (3, 5, True)]


def test_all_stories_are_found_anew_as_they_were_under_their_ids(store: Store, take: Take) -> None:
    two_stories(take)
    join(store, 5, 3)
    split(store, 2, 1)
    take("f", lines("Kandal", 1, 7))
    with store.transaction() as corpus:
        before, links = corpus.stories.newest(9), [corpus.stories.links(each) for each in range(1, 7)]
        flags = [corpus.stories.is_by_hand(each) for each in range(1, 7)]
    assert rebuilt(store) == [(3, 4, 5), (1, 6)]
    with store.reading() as corpus:
        assert corpus.stories.newest(9) == before
        assert [corpus.stories.links(each) for each in range(1, 7)] == links
        assert [corpus.stories.is_by_hand(each) for each in range(1, 7)] == flags


def test_a_story_that_bounds_of_today_do_not_make_parts_unless_a_person_joined_it(store: Store, take: Take) -> None:
    two_stories(take)
    with store.transaction() as corpus:
        for key in (5, 4):
            corpus.stories.leave(key)
        corpus.stories.make((3, 4, 5), 3, NOW)
    assert rebuilt(store) == [(1, 2), (3, 4)]
    join(store, 4, 5)
    assert rebuilt(store) == [(1, 2), (3, 4, 5)]


def test_what_a_person_joined_goes_before_what_was_found_of_a_third(store: Store, take: Take) -> None:
    take("a", lines("Kandal"))
    take("b", lines("Takeo"))
    take("c", lines("Pursat"))
    split(store, 2, 3)
    join(store, 1, 3)
    take("b", lines("Kandal", 0, 7))
    assert stories(store) == [(1, 3)]
    assert rebuilt(store) == [(1, 3)]


def test_a_run_that_ended_in_the_middle_is_completed_by_the_next(store: Store, take: Take) -> None:
    two_stories(take)
    whole = stories(store)
    ended = Anew(store, Kinship(), lambda: NOW, at_once=3)
    ended.index()
    next(ended.stories())
    assert stories(store) == [(1, 2)]
    assert store.check() == ()
    take("y", lines("Takeo", 0, 7))
    assert stories(store) == [(1, 2), (3, 6)]
    assert rebuilt(store) == [(1, 2), (3, 4, 6)]
    assert whole == [(1, 2), (3, 4)]


def test_where_the_version_leaves_that_stood_for_a_story_another_does(store: Store, take: Take) -> None:
    two_stories(take)
    take("f", lines("Kandal", 0, 7))
    with store.transaction() as corpus:
        leave(corpus, 1)
        leave(corpus, 5)
        story = corpus.stories.of(2)
    assert story
    assert (story.members, story.representative_id) == ((2, 6), 6)


def owed(store: Store) -> list[int]:
    with store.reading() as corpus:
        return [each for each in range(1, 9) if corpus.outbox.by_key(f"alert:{each}:land")]


def test_a_rule_is_told_of_once_a_story_and_kept_with_each_version(store: Store, take: Take) -> None:
    two_stories(take)
    assert owed(store) == [1, 3, 5]
    with store.reading() as corpus:
        assert [match.article.id for match in corpus.matches.of_articles(range(1, 6))] == [1, 2, 3, 4, 5]


def test_a_text_that_was_split_off_is_told_of_for_itself(store: Store, take: Take) -> None:
    take("a", lines("Kandal"))
    take("b", ("A first note that nobody asked about at all, in so many words as it takes.",))
    split(store, 2, 1)
    take("b", lines("Kandal", 0, 7))
    assert owed(store) == [1, 2]


def test_a_match_that_nobody_was_told_of_silences_no_other_version(store: Store, ingest: Ingest, take: Take) -> None:
    draft = Draft("imported", "file:///notes/a.txt", "text:a", "", lines("Kandal", 0, 5))
    replace(ingest, tells=False).keep(draft, Lead("imported", draft.url, draft.key, "import"), NOW)
    take("b", lines("Kandal", 0, 8))
    assert stories(store) == [(1, 2)]
    assert owed(store) == [2]
