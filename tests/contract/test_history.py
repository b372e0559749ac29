"""What the corpus tells of past runs."""

from collections.abc import Callable
from datetime import datetime, timedelta

from core.health import Meter
from core.model import Draft, Reason, Saved, Skipped, Tally
from storage.store import Corpus

HOUR = timedelta(hours=1)


def ended(corpus: Corpus, source: str, status: str, at: datetime) -> int:
    run_id = corpus.runs.start(source, "manual", at)
    corpus.runs.finish(run_id, status, at + HOUR)
    return run_id


def test_runs_are_listed_newest_first_by_source_and_by_whether_they_ended_badly(corpus: Corpus, now: datetime) -> None:
    first, second = ended(corpus, "ppp", "finished", now), ended(corpus, "ohchr", "failed", now)
    third, fourth = ended(corpus, "ppp", "killed", now), ended(corpus, "ppp", "stopped", now)

    def listed(*args: object, **options: bool) -> list[int]:
        return [run.id for run in corpus.history.runs(*args, **options)]  # type: ignore[arg-type]

    assert listed(9) == [fourth, third, second, first]
    assert listed(2) == [fourth, third]
    assert listed(9, "ppp") == [fourth, third, first]
    assert listed(9, bad=True) == [third, second]
    assert listed(9, "ppp", bad=True) == [third]


def test_runs_are_tallied_each_for_itself(corpus: Corpus, now: datetime) -> None:
    first, second, third = (corpus.runs.start(name, "manual", now) for name in ("a", "b", "c"))
    for outcome in (Saved(None), Saved(None), Skipped(Reason.ROBOTS)):  # type: ignore[arg-type]
        corpus.runs.record(first, "https://a.test/1", outcome, now)
    corpus.runs.record(second, "https://b.test/feed", Skipped(Reason.TIMEOUT), now, is_listing=True)
    found = corpus.history.tallies([first, second, third])
    assert found == {
        first: Tally({"saved": 2, "skipped": 1}, {"robots": 1}, {}),
        second: Tally({}, {}, {"timeout": 1}),
    }
    assert found[first] == corpus.runs.tally([first])


def test_the_newest_run_that_asked_for_pages_is_found_behind_those_that_had_none(
    corpus: Corpus, now: datetime, keep: Callable[..., int]
) -> None:
    gone, url = (Reason.NOT_FOUND,), "https://a.test/1"

    def crawled(*outcomes: Saved | Skipped, status: str = "finished", is_listing: bool = False) -> int:
        run_id = ended(corpus, "a", status, now)
        for outcome in outcomes:
            corpus.runs.record(run_id, url, outcome, now, is_listing=is_listing)
        return run_id

    assert corpus.history.asked("a", gone) is None
    first = crawled(Skipped(Reason.FORBIDDEN))
    crawled()
    crawled(Skipped(Reason.IRRELEVANT))
    crawled(Skipped(Reason.TIMEOUT), is_listing=True)
    crawled(Saved(None), status="stopped")  # type: ignore[arg-type]
    assert corpus.history.asked("a", gone) == first
    assert corpus.history.asked("b", gone) is None
    second = crawled(Skipped(Reason.NOT_FOUND))
    assert corpus.history.asked("a", gone) == second, "a new page that is not there"
    corpus.sources.visited("a", "1", url, keep(corpus), False, None, now)  # noqa: FBT003
    assert corpus.history.asked("a", gone) == first, "an article that was withdrawn says nothing of the others"


def test_pauses_of_more_than_a_day_between_good_runs_are_found(corpus: Corpus, now: datetime) -> None:
    assert corpus.history.first_good("a") is None
    assert corpus.history.pauses("a", now) == ()
    for hours in (0, 1, 20, 45, 120, 121, 300):
        ended(corpus, "a", "finished", now + hours * HOUR)
    ended(corpus, "a", "failed", now + 60 * HOUR)
    ended(corpus, "b", "finished", now - 60 * HOUR)
    after = [now + hours * HOUR + HOUR for hours in (0, 20, 45, 120, 121, 300)]
    assert corpus.history.first_good("a") == after[0]
    assert [list(each) for each in corpus.history.pauses("a", now)] == [after[1:3], after[2:4], after[4:6]]
    assert [list(each) for each in corpus.history.pauses("a", after[3])] == [after[2:4], after[4:6]]
    assert [list(each) for each in corpus.history.pauses("a", after[4])] == [after[4:6]]


def test_runs_are_counted_by_source_and_status(corpus: Corpus, now: datetime) -> None:
    ids = [ended(corpus, *each, now) for each in (("a", "failed"), ("a", "failed"), ("b", "finished"))]
    assert corpus.history.counts() == {("a", "failed"): 2, ("b", "finished"): 1}
    assert corpus.history.sources([*ids, 99]) == {ids[0]: "a", ids[1]: "a", ids[2]: "b"}


def test_a_run_has_its_meter_and_the_alarms_that_began_with_it(corpus: Corpus, now: datetime) -> None:
    first, second = ended(corpus, "a", "finished", now), ended(corpus, "a", "finished", now)
    corpus.meters.keep("a", Meter(first, 3, {"undated": 3}))
    corpus.meters.raise_alarm("a", "undated", "3 of 3 have no date.", first, now)
    corpus.meters.raise_alarm("a", "undated", "6 of 6 have no date.", second, now)
    assert corpus.history.meter(first) == Meter(first, 3, {"undated": 3})
    assert corpus.history.meter(second) is None
    assert [alarm.detail for alarm in corpus.history.alarms(first)] == ["6 of 6 have no date."]
    corpus.meters.end_alarm("a", "undated", now)
    assert [alarm.closed_at for alarm in corpus.history.alarms(first)] == [now]
    assert corpus.history.alarms(second) == ()


def test_articles_are_counted_by_when_they_are_dated(
    corpus: Corpus, now: datetime, draft: Callable[..., Draft]
) -> None:
    for day in range(4):
        text = f"Text number {day} about wells"
        named = draft(key=f"k{day}", url=f"https://a.test/{day}", title=text, paragraphs=(text,))
        dated = type(named)(
            **{name: getattr(named, name) for name in named.__slots__} | {"published_at": now - timedelta(days=day)}
        )
        corpus.articles.add(dated, f"t{day}", f"c{day}", now, now)
    source = named.source
    assert corpus.history.dated(source, now - timedelta(days=2), now) == (2, now - timedelta(days=2))
    assert corpus.history.dated("nobody", now - timedelta(days=2), now) == (0, None)


def test_runs_that_lie_ahead_say_that_the_clock_is_behind_until_more_came_since(corpus: Corpus, now: datetime) -> None:
    assert corpus.history.ahead(now) is None
    ended(corpus, "a", "finished", now - 5 * HOUR)
    assert corpus.history.ahead(now) is None
    for _ in range(2):
        ended(corpus, "a", "finished", now + 5 * HOUR)
    for _ in range(2):
        corpus.runs.start("b", "manual", now)
        assert corpus.history.ahead(now) == now + 6 * HOUR
    corpus.runs.start("b", "manual", now)
    assert corpus.history.ahead(now) is None
    corpus.runs.finish(corpus.runs.start("b", "manual", now), "finished", now + HOUR)
    assert corpus.history.ahead(now) == now + 6 * HOUR
