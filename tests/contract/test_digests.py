from datetime import datetime

from core.owed import Reach
from storage.store import Corpus


def test_a_digest_is_remembered(corpus: Corpus, now: datetime) -> None:
    assert corpus.digests.last() is None
    period = corpus.digests.open(Reach(3), Reach(9), now)
    assert (period.after, period.upto, period.created_at) == (3, 9, now)
    assert corpus.digests.by_id(period.id) == period
    assert corpus.digests.by_id(99) is None


def test_the_last_digest_is_the_one_that_reaches_farthest(corpus: Corpus, now: datetime) -> None:
    corpus.digests.open(Reach(0), Reach(5), now)
    corpus.digests.open(Reach(5), Reach(9), now)
    farthest = corpus.digests.open(Reach(9), Reach(9), now)
    corpus.digests.open(Reach(0), Reach(3), now)
    assert corpus.digests.last() == farthest
