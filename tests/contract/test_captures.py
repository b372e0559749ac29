from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest

from core.errors import StorageError
from core.model import Capture, Draft
from storage.store import Corpus, Store


@pytest.fixture
def capture(now: datetime) -> Callable[..., Capture]:
    def build(offset: int = 0, digest: str = "sha1:AAAA", file: str = "2026/ppp-1.warc.gz") -> Capture:
        return Capture(file, offset, 1234, digest, now)

    return build


def captures(corpus: Corpus, article_id: int) -> list[Capture | None]:
    return [revision.capture for revision in corpus.articles.revisions(article_id)]


def test_each_revision_is_told_with_what_it_was_read_from(
    corpus: Corpus, draft: Callable[..., Draft], capture: Callable[..., Capture], now: datetime
) -> None:
    first, third = capture(0), capture(2**40)
    article_id = corpus.articles.add(draft("one"), "t", "c", now, now, first)
    corpus.articles.revise(article_id, draft("one"), "t2", "c2", now)
    corpus.articles.revise(article_id, draft("one"), "t3", "c3", now, capture=third)
    assert captures(corpus, article_id) == [first, None, third]


def test_one_exchange_may_stand_behind_several_revisions(
    corpus: Corpus, draft: Callable[..., Draft], capture: Callable[..., Capture], now: datetime
) -> None:
    """As when an archive is read again by a better layout."""
    article_id = corpus.articles.add(draft("one"), "t", "c", now, now, capture())
    other = corpus.articles.add(draft("two"), "t", "c", now, now, capture())
    corpus.articles.revise(article_id, draft("one"), "t2", "c2", now, capture=capture())
    assert captures(corpus, article_id) + captures(corpus, other) == [capture()] * 3


def test_a_page_found_unchanged_becomes_the_evidence_of_the_newest_revision_that_has_none(
    corpus: Corpus,
    draft: Callable[..., Draft],
    keep: Callable[..., int],
    capture: Callable[..., Capture],
    now: datetime,
) -> None:
    article_id, other = keep(corpus, "one"), keep(corpus, "two")
    corpus.articles.revise(article_id, draft("one"), "t2", "c2", now)
    corpus.articles.evidence(article_id, capture(1))
    assert captures(corpus, article_id) == [None, capture(1)], "the older text stood elsewhere"
    corpus.articles.evidence(article_id, capture(2))
    assert captures(corpus, article_id) == [None, capture(1)]
    assert captures(corpus, other) == [None]


def test_evidence_of_nothing_is_refused(corpus: Corpus, capture: Callable[..., Capture]) -> None:
    with pytest.raises(StorageError, match="no article 7"):
        corpus.articles.evidence(7, capture())


def test_another_exchange_at_the_place_of_an_old_one_leaves_the_old_one_as_it_was_told(
    corpus: Corpus, draft: Callable[..., Draft], capture: Callable[..., Capture], now: datetime
) -> None:
    """As when today's file of the archive was moved away during the day."""
    told = [capture(), capture(digest="sha1:BBBB"), capture(file="2026/ppp-2.warc.gz", digest="sha1:BBBB")]
    told.append(capture(7))
    for turn in ("first", "again"):
        ids = [corpus.articles.add(draft(f"{turn} {each}"), "t", "c", now, now, each) for each in told]
        assert [captures(corpus, article_id) for article_id in ids] == [[each] for each in told]


def test_writers_that_keep_the_same_exchange_at_once_keep_it_once(
    store: Store, draft: Callable[..., Draft], capture: Callable[..., Capture], now: datetime
) -> None:
    together = Barrier(4, timeout=30)

    def add(number: int) -> int:
        together.wait()
        with store.transaction() as corpus:
            return corpus.articles.add(draft(f"k{number}"), "t", "c", now, now, capture())

    with ThreadPoolExecutor(4) as threads:
        ids = list(threads.map(add, range(4)))
    with store.reading() as corpus:
        assert [captures(corpus, article_id) for article_id in ids] == [[capture()]] * 4
        rows = corpus.articles._connection.exec_driver_sql("SELECT count(*) FROM captures")
        assert rows.scalar() == 1
    assert store.check() == ()
