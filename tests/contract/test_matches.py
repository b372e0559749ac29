from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.errors import StorageError
from core.model import CopyAddress, Draft, Match, Passage
from storage.store import Corpus, Store

PASSAGE = Passage("អ្នកភូមិ were evicted.", ((0, 8), (14, 21)))


def test_a_match_comes_back_with_its_article_as_it_is_now(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    article_id = keep(corpus, "one")
    corpus.articles.add_copy(article_id, CopyAddress("ohchr", "https://ohchr.test/b", now))
    match_id = corpus.matches.add(article_id, 1, "land", PASSAGE, now)
    assert match_id is not None
    corpus.articles.revise(article_id, draft("one", "Other text."), "t", "c", now)
    article = corpus.articles.by_id(article_id)
    assert article is not None
    assert (article.text, len(article.copies)) == ("Other text.", 1)
    assert corpus.matches.by_id(match_id) == Match(match_id, "land", article, PASSAGE, now)
    assert corpus.matches.by_id(99) is None


def test_a_rule_fires_once_an_article_whatever_the_revision(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    first, second = keep(corpus, "one"), keep(corpus, "two")
    fired = corpus.matches.add(first, 1, "land", PASSAGE, now)
    assert fired is not None
    assert corpus.matches.add(first, 2, "land", Passage("Other."), now + timedelta(hours=1)) is None
    assert corpus.matches.add(first, 2, "press", PASSAGE, now) is not None
    assert corpus.matches.add(second, 1, "land", PASSAGE, now) is not None
    assert {match.rule for match in corpus.matches.of_articles([first])} == {"land", "press"}
    match = corpus.matches.by_id(fired)
    assert match is not None
    assert match.passage == PASSAGE


def test_matches_are_asked_for_by_article_and_by_time(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    one, two, three = (keep(corpus, key) for key in ("one", "two", "three"))
    made = [
        corpus.matches.add(article_id, 1, rule, PASSAGE, now)
        for article_id, rule in ((two, "land"), (one, "press"), (two, "press"), (three, "land"))
    ]
    ids = [match_id for match_id in made if match_id]

    def told(matches: tuple[Match, ...]) -> list[int]:
        return [match.id for match in matches]

    assert told(corpus.matches.of_articles([two, one, two, 99])) == [ids[1], ids[0], ids[2]]
    assert corpus.matches.of_articles([]) == ()
    assert told(corpus.matches.newest(2)) == [ids[3], ids[2]]
    assert [match.article.key for match in corpus.matches.newest(9)] == ["three", "two", "one", "two"]


def test_a_match_of_nothing_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(StorageError, match="contradicts"), store.transaction() as corpus:
        corpus.matches.add(7, 1, "land", PASSAGE, now)
