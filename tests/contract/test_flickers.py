"""Pages that show two states in turn, and the states that pages showed."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.errors import StorageError
from core.model import Draft
from core.stories import Flicker
from storage.store import Corpus, Store


def test_a_flicker_is_counted_from_its_first_time_to_its_last(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    article_id, later = keep(corpus, "one"), now + timedelta(hours=2)
    assert corpus.flickers.of(article_id) is None
    assert corpus.flickers.note(article_id, now) == Flicker(article_id, now, now, 1)
    assert corpus.flickers.note(article_id, later) == Flicker(article_id, now, later, 2, 2)
    assert corpus.flickers.of(article_id) == Flicker(article_id, now, later, 2, 2)
    corpus.flickers.rest(article_id)
    corpus.flickers.rest(99)
    assert corpus.flickers.note(article_id, later) == Flicker(article_id, now, later, 3, 1)


def test_a_flicker_that_stopped_is_none_and_may_begin_anew(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    one, two, later = keep(corpus, "one"), keep(corpus, "two"), now + timedelta(hours=2)
    for article_id in (one, two):
        corpus.flickers.note(article_id, now)
    corpus.flickers.stop(one)
    corpus.flickers.stop(99)
    assert (corpus.flickers.of(one), corpus.flickers.count()) == (None, 1)
    assert corpus.flickers.note(one, later) == Flicker(one, later, later, 1)


def test_the_pages_that_flickered_last_come_first(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    one, two, three = (keep(corpus, key) for key in ("one", "two", "three"))
    for hours, article_id in enumerate((two, three, one)):
        corpus.flickers.note(article_id, now + timedelta(hours=hours))
    assert [each.article_id for each in corpus.flickers.newest(2)] == [one, three]


def test_a_flicker_of_no_article_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(StorageError), store.transaction() as corpus:
        corpus.flickers.note(99, now)


def test_the_states_of_a_page_are_its_newest_contents_and_a_correction_stands_for_what_it_corrects(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    article_id = keep(corpus, "one")
    for content, is_correction in (("c2", False), ("c3", True), ("c4", True), ("c5", False)):
        corpus.articles.revise(article_id, draft("one"), "t", content, now, is_correction=is_correction)
    assert corpus.articles.contents(article_id, 9) == ((5, "c5"), (4, "c4"), (1, "content-one"))
    assert corpus.articles.contents(article_id, 2) == ((5, "c5"), (4, "c4"))
    assert corpus.articles.contents(99, 2) == ()
