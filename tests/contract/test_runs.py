from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.model import Copy, Outcome, Reason, Revised, Run, Saved, Skipped, Tally, Unchanged
from storage.store import Corpus

HOUR = timedelta(hours=1)


def test_a_run_is_running_until_it_is_finished(corpus: Corpus, now: datetime) -> None:
    run_id = corpus.runs.start("ppp", "schedule", now)
    assert corpus.runs.by_id(run_id) == Run(run_id, "ppp", "schedule", now, None, "running")
    corpus.runs.finish(run_id, "failed", now + HOUR, "The site is away.")
    assert corpus.runs.by_id(run_id) == Run(run_id, "ppp", "schedule", now, now + HOUR, "failed", "The site is away.")
    assert corpus.runs.by_id(99) is None


def test_a_run_that_starts_finds_older_ones_of_its_source_killed(corpus: Corpus, now: datetime) -> None:
    finished = corpus.runs.start("ppp", "manual", now)
    corpus.runs.finish(finished, "finished", now)
    killed = corpus.runs.start("ppp", "manual", now)
    other = corpus.runs.start("ohchr", "manual", now)
    running = corpus.runs.start("ppp", "manual", now + HOUR)
    runs = {run.id: (run.status, run.finished_at) for run in corpus.runs.recent(9)}
    assert runs == {
        finished: ("finished", now),
        killed: ("killed", now + HOUR),
        other: ("running", None),
        running: ("running", None),
    }


def test_the_last_run_is_the_newest_of_its_source_and_status(corpus: Corpus, now: datetime) -> None:
    ids = []
    for status in ("finished", "finished", "failed"):
        run_id = corpus.runs.start("ppp", "manual", now)
        corpus.runs.finish(run_id, status, now)
        ids.append(run_id)
    corpus.runs.start("ohchr", "manual", now)
    asked = [corpus.runs.last("ppp"), corpus.runs.last("ppp", "finished"), corpus.runs.last("ppp", "failed")]
    assert [run.id for run in asked if run] == [ids[2], ids[1], ids[2]]
    assert corpus.runs.last("ppp", "killed") is None
    assert corpus.runs.last("nobody") is None


def test_recent_runs_come_newest_first(corpus: Corpus, now: datetime) -> None:
    ids = [corpus.runs.start(source, "manual", now) for source in ("ppp", "ohchr", "ppp")]
    assert [run.id for run in corpus.runs.recent(2)] == [ids[2], ids[1]]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_kept(corpus: Corpus, now: datetime, reason: Reason) -> None:
    run_id = corpus.runs.start("ppp", "manual", now)
    corpus.runs.record(run_id, "https://ppp.test/1", Skipped(reason, "why"), now)
    assert corpus.runs.outcomes(run_id) == (("https://ppp.test/1", "skipped", reason.value, "why"),)


def test_the_outcomes_of_a_run_come_in_order_and_are_tallied(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    article_id = keep(corpus)
    ended: list[Outcome] = [
        Saved(article_id),
        Skipped(Reason.GONE, "410"),
        Revised(article_id, 2),
        Skipped(Reason.TIMEOUT),
        Unchanged(article_id),
        Skipped(Reason.GONE),
        Copy(article_id),
    ]
    first, second, third = (corpus.runs.start(source, "manual", now) for source in ("ppp", "ohchr", "un"))
    for number, outcome in enumerate(ended):
        corpus.runs.record(first, f"https://ppp.test/{number}", outcome, now)
    corpus.runs.record(second, "https://ohchr.test/", Saved(article_id), now)
    corpus.runs.record(third, "https://un.test/", Saved(article_id), now)
    assert [(what, reason, detail) for _, what, reason, detail in corpus.runs.outcomes(first)] == [
        ("saved", "", ""),
        ("skipped", "gone", "410"),
        ("revised", "", ""),
        ("skipped", "timeout", ""),
        ("unchanged", "", ""),
        ("skipped", "gone", ""),
        ("copy", "", ""),
    ]
    assert [url for url, *_ in corpus.runs.outcomes(first)] == [f"https://ppp.test/{n}" for n in range(7)]
    assert corpus.runs.tally([first, second]) == Tally(
        {"saved": 2, "revised": 1, "unchanged": 1, "copy": 1, "skipped": 3}, {"gone": 2, "timeout": 1}
    )
    assert corpus.runs.tally([]) == Tally()
    assert corpus.runs.outcomes(99) == ()


def test_failures_in_a_row_are_those_of_scheduled_crawls_since_the_last_that_ended_well(
    corpus: Corpus, now: datetime
) -> None:
    def ended(status: str, source: str = "ppp", trigger: str = "schedule") -> int:
        corpus.runs.finish(corpus.runs.start(source, trigger, now), status, now)
        return corpus.runs.failures("ppp")

    assert corpus.runs.failures("ppp") == 0
    assert [ended("failed"), ended("killed"), ended("failed", "ohchr"), ended("failed", trigger="manual")] == [
        1,
        2,
        2,
        2,
    ]
    assert [ended("stopped"), ended("failed"), ended("finished"), ended("failed")] == [0, 1, 0, 1]
    corpus.runs.start("ppp", "schedule", now)
    assert corpus.runs.failures("ppp") == 1, "the one that is running has not failed"
