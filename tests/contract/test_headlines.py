"""The newest stories: each once, by the article that stands for it, of all and of those that met a rule."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from core.model import Passage
from storage.store import Corpus

PASSAGE = Passage("Villagers were evicted.")


def kept(corpus: Corpus, keep: Callable[..., int], now: datetime, hours: Sequence[int]) -> list[int]:
    """Keep articles that were published so many hours ago."""
    return [keep(corpus, str(each), published_at=now - timedelta(hours=age)) for each, age in enumerate(hours)]


def test_the_newest_come_first_those_without_a_date_by_their_first_sight(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    old, new, older = kept(corpus, keep, now, [5, 1, 9])
    undated = keep(corpus, "undated", first_seen=now - timedelta(hours=2))
    same = keep(corpus, "same", published_at=now - timedelta(hours=1))
    assert corpus.headlines.newest(9) == (same, new, undated, old, older)
    assert corpus.headlines.newest(2) == (same, new)


def test_a_story_stands_at_the_place_of_what_stands_for_it(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    first, alone, copy, other = kept(corpus, keep, now, [5, 3, 1, 2])
    corpus.stories.make((first, copy, other), first, now)
    assert corpus.headlines.newest(9) == (alone, first)
    corpus.stories.represent(1, copy)
    assert corpus.headlines.newest(9) == (copy, alone)


def test_a_story_met_a_rule_if_any_version_did_and_stands_once(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    first, alone, copy, silent = kept(corpus, keep, now, [5, 3, 1, 2])
    corpus.stories.make((first, copy), first, now)
    for article, rule in ((first, "land"), (copy, "land"), (copy, "press"), (alone, "land"), (silent, "old")):
        corpus.matches.add(article, 1, rule, PASSAGE, now)
    assert corpus.headlines.by_rule(["land", "press", "none"], 9) == {"land": (alone, first), "press": (first,)}
    assert corpus.headlines.by_rule(["land"], 1) == {"land": (alone,)}
    assert corpus.headlines.by_rule([], 9) == {}


def test_an_article_that_left_its_story_stands_alone_again(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    first, second = kept(corpus, keep, now, [5, 1])
    corpus.stories.make((first, second), first, now)
    corpus.stories.leave(second)
    assert corpus.headlines.newest(9) == (second, first)
