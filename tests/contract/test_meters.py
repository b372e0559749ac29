"""The meters of runs, and alarms."""

from collections.abc import Callable
from datetime import datetime

import pytest

from core.health import Meter
from core.model import Article, Reason, Revised, Saved, Skipped, Unchanged
from storage.store import Corpus


@pytest.fixture
def run(corpus: Corpus, now: datetime) -> int:
    return corpus.runs.start("ppp", "manual", now)


def test_what_a_run_saved_or_revised_is_taken_once_as_it_stands(
    corpus: Corpus, run: int, kept: Callable[..., Article], now: datetime
) -> None:
    paper = kept(corpus, "paper", kind="document")
    corpus.runs.record(run, paper.url, Saved(paper.id), now)
    new, old, same = (
        kept(corpus, key, paragraphs=("One.", "Two."), **fields)
        for key, fields in {
            "new": {"authors": ("Sok Dara",), "published_at": now, "layout": "cms"},
            "old": {},
            "same": {},
        }.items()
    )
    corpus.runs.record(run, new.url, Saved(new.id), now, detail="cms: byline .by")
    corpus.runs.record(run, old.url, Revised(old.id, 2), now)
    corpus.runs.record(run, old.url, Revised(old.id, 3), now)
    corpus.runs.record(run, same.url, Unchanged(same.id), now)
    first, second = corpus.meters.taken(run)
    assert (first.article_id, first.key, first.paragraphs, first.missed) == (
        new.id,
        "new",
        ("One.", "Two."),
        "cms: byline .by",
    )
    assert (first.is_dated, first.has_authors, first.has_layout) == (True, True, True)
    assert (second.article_id, second.is_dated, second.has_authors, second.has_layout) == (old.id, False, False, False)


def test_pages_that_held_nothing_to_read_are_counted(corpus: Corpus, run: int, now: datetime) -> None:
    for reason in (Reason.NO_BODY, Reason.SOFT_404, Reason.NOT_FOUND):
        corpus.runs.record(run, "https://ppp.test/x", Skipped(reason), now)
    assert corpus.meters.unread(run) == 2


def test_sizes_are_those_of_the_articles_before_newest_first(corpus: Corpus, kept: Callable[..., Article]) -> None:
    ids = [kept(corpus, f"k{number}", paragraphs=("x" * number,) * number).id for number in (1, 2, 3)]
    kept(corpus, "elsewhere", source="ohchr")
    kept(corpus, "paper", kind="document")
    assert corpus.meters.sizes("ppp", 99, 10) == ((11, 3), (5, 2), (1, 1))
    assert corpus.meters.sizes("ppp", ids[-1], 10) == ((5, 2), (1, 1))
    assert corpus.meters.sizes("ppp", ids[-1], 1) == ((5, 2),)


def test_meters_come_newest_first_and_of_one_source(corpus: Corpus, now: datetime) -> None:
    runs = [corpus.runs.start(source, "m", now) for source in ("ppp", "ohchr", "ppp")]
    for number, source in zip(runs, ("ppp", "ohchr", "ppp"), strict=True):
        corpus.meters.keep(source, Meter(number, 4, {"leaking": 1}, {"cms: when .x": 2}))
    assert corpus.meters.recent("ppp", 5) == tuple(
        Meter(number, 4, {"leaking": 1}, {"cms: when .x": 2}) for number in (runs[2], runs[0])
    )
    assert [meter.run_id for meter in corpus.meters.recent("ppp", 1)] == [runs[2]]


def test_an_alarm_is_one_while_it_lasts_and_another_after_it(corpus: Corpus, now: datetime) -> None:
    first = corpus.meters.raise_alarm("ppp", "undated", "One.", 1, now)
    again = corpus.meters.raise_alarm("ppp", "undated", "Two.", 2, now)
    assert (again.id, again.detail, again.times, again.run_id) == (first.id, "Two.", 2, 1)
    other = corpus.meters.raise_alarm("ppp", "layout", "Three.", 2, now)
    foreign = corpus.meters.raise_alarm("ohchr", "undated", "Four.", 3, now)
    assert corpus.meters.alarms("ppp") == (again, other)
    assert corpus.meters.alarms() == (again, other, foreign)
    assert corpus.meters.end_alarm("ppp", "undated", now)
    assert not corpus.meters.end_alarm("ppp", "undated", now)
    assert corpus.meters.alarms("ppp") == (other,)
    assert corpus.meters.raise_alarm("ppp", "undated", "Five.", 9, now).id > foreign.id
