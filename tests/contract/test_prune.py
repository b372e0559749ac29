"""Forgetting: what is old goes, in small steps; what people are shown, what is usual and all articles stay."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.health import Meter
from core.model import Lead, Passage, Reason, RobotsFile, Skipped, Validators
from storage.checks import rows
from storage.prune import RUNS_KEPT, Since
from storage.schema import metadata
from storage.store import Corpus, Store

DAY = timedelta(days=1)
MANY = (Path(__file__).parent / "many.sql").read_text(encoding="utf-8").split(";\n")[:-1]


@pytest.fixture
def since(now: datetime) -> Since:
    before = now - 400 * DAY
    return Since(before, before, before, before)


def run(corpus: Corpus, at: datetime, status: str = "finished", source: str = "ppp") -> int:
    run_id = corpus.runs.start(source, "manual", at)
    corpus.runs.record(run_id, "https://ppp.test/x", Skipped(Reason.EMPTY, ""), at)
    corpus.runs.finish(run_id, status, at)
    return run_id


def forgotten(store: Store, since: Since, limit: int = 7) -> dict[str, int]:
    """Forget all that may go, a few rows at a time; return how many went of which table."""
    gone: dict[str, int] = {}
    while True:
        with store.transaction() as corpus:
            step = corpus.past.forget(since, limit)
        if not step:
            return gone
        assert all(0 < number <= limit for number in step.values())
        for name, number in step.items():
            gone[name] = gone.get(name, 0) + number


def counts(store: Store) -> dict[str, int]:
    with store._engine.connect() as connection:
        return {name: number for name, number in rows(connection).items() if name in metadata.tables}


def test_old_runs_go_with_their_outcomes_and_the_newest_of_each_source_stay(
    store: Store, now: datetime, since: Since
) -> None:
    old = now - 500 * DAY
    with store.transaction() as corpus:
        good = run(corpus, old)
        for _ in range(RUNS_KEPT + 20):
            run(corpus, old, "failed")
        run(corpus, old, source="ohchr")
        for _ in range(3):
            run(corpus, now, "failed")
    with store.reading() as corpus:
        planned = corpus.past.count(since)
    # 23 of the Post are beyond the newest; the one that ended well stays for `tonle status`.
    assert forgotten(store, since) == planned == {"outcomes": 23, "runs": 23}
    with store.reading() as corpus:
        assert corpus.runs.by_id(good) is not None
        assert len(corpus.runs.recent(1000)) == RUNS_KEPT + 2
        assert corpus.past.count(since) == {}
    assert store.check() == ()


def test_a_run_stays_that_a_listing_or_a_meter_is_known_by(
    store: Store, now: datetime, since: Since, lead: Callable[..., Lead]
) -> None:
    old = now - 500 * DAY
    with store.transaction() as corpus:
        seen, metered = run(corpus, old), run(corpus, old)
        corpus.sources.sight([lead("one")], seen, old)
        corpus.meters.keep("ppp", Meter(metered, 1, {}, {}))
        for _ in range(RUNS_KEPT + 5):
            run(corpus, old)
    gone = forgotten(store, since)
    assert gone == {"outcomes": 6, "runs": 5}, "the run of the meter with its outcomes; of that of the listing the row"
    with store.reading() as corpus:
        assert corpus.runs.by_id(seen) is not None
        assert corpus.runs.by_id(metered) is not None
        assert [meter.run_id for meter in corpus.meters.recent("ppp", 9)] == [metered]


def test_a_run_that_is_under_way_stays(store: Store, now: datetime, since: Since) -> None:
    with store.transaction() as corpus:
        under_way = corpus.runs.start("ppp", "manual", now - 500 * DAY)
    with store.transaction() as corpus:
        for _ in range(RUNS_KEPT + 5):
            other = corpus.runs.start("ohchr", "manual", now)
            corpus.runs.finish(other, "finished", now)
    assert forgotten(store, since) == {}
    with store.reading() as corpus:
        assert corpus.runs.by_id(under_way) is not None


def test_messages_that_were_sent_go_and_those_that_wait_or_were_given_up_stay(
    store: Store, now: datetime, since: Since, keep: Callable[..., int]
) -> None:
    old = now - 500 * DAY
    with store.transaction() as corpus:
        article = keep(corpus, "one")
        match = corpus.matches.add(article, 1, "land", Passage("evicted", ((0, 7),)), old)
        assert match is not None
        for number in range(12):
            corpus.outbox.owe("alert", match, f"part-{number}", old, "dara")
        corpus.outbox.merge("dara", old)
        (summary,) = corpus.outbox.claim(old, DAY)
        corpus.outbox.sent(summary.id, old)
        for key in ("sent", "given-up", "waiting", "new"):
            corpus.outbox.owe("alert", match, key, old)
        ids = {state.key: state.id for state in corpus.outbox.listed("all", 99)}
        corpus.outbox.sent(ids["sent"], old)
        corpus.outbox.given_up(ids["given-up"], "no such mailbox", old)
        corpus.outbox.sent(ids["new"], now)
    with store.reading() as corpus:
        assert corpus.past.count(since) == {"deliveries": 14}
    assert forgotten(store, since) == {"deliveries": 14}
    with store.reading() as corpus:
        assert sorted(state.key for state in corpus.outbox.listed("all", 99)) == ["given-up", "new", "waiting"]
        assert len(corpus.matches.newest(9)) == 1
        assert corpus.outbox.owed(["part-11", "sent", "never"]) == {"part-11", "sent"}, "an alert is never owed again"
        assert corpus.outbox.owed([summary.key]) == frozenset()
    assert store.check() == ()


def test_what_was_to_be_asked_again_with_goes_when_nobody_asked_for_long(
    store: Store, now: datetime, since: Since
) -> None:
    with store.transaction() as corpus:
        for name, at in (("old", now - 500 * DAY), ("new", now)):
            corpus.validators.keep("ppp", f"https://ppp.test/{name}", Validators('"1"', "", at, ""))
            corpus.robots.keep(RobotsFile(f"https://{name}.test", 200, b"", at, at))
            corpus.listings.mark("ppp", f"https://ppp.test/{name}", None, None, 3, at)
            corpus.listings.failed("ppp", f"https://ppp.test/{name}", at)
    every = ("listing_marks", "listing_failures", "validators", "robots")
    assert forgotten(store, since) == dict.fromkeys(every, 1)
    with store.reading() as corpus:
        assert corpus.validators.get("ppp", "https://ppp.test/new") is not None
        assert corpus.robots.get("https://new.test") is not None
        assert corpus.listings.marked("ppp", "https://ppp.test/new", None, None) == 3


def test_nothing_goes_that_is_kept_for_ever(store: Store, now: datetime) -> None:
    with store.transaction() as corpus:
        for _ in range(RUNS_KEPT + 5):
            run(corpus, now - 5000 * DAY)
        corpus.robots.keep(RobotsFile("https://old.test", 200, b"", now, now - 5000 * DAY))
    assert forgotten(store, Since()) == {}


@pytest.mark.parametrize("parent", ["runs", "deliveries"])
def test_whatever_points_to_a_row_that_goes_is_found_without_reading_it_all(store: Store, parent: str) -> None:
    asked = []
    for table in metadata.sorted_tables:
        asked += [(table.name, key.parent.name) for key in table.foreign_keys if key.column.table.name == parent]
    assert len(asked) >= (3 if parent == "runs" else 1)
    with store._engine.connect() as connection:
        for table_name, column in asked:
            question = f"EXPLAIN QUERY PLAN SELECT 1 FROM {table_name} WHERE {column} = 1"  # noqa: S608
            (plan,) = connection.exec_driver_sql(question)
            assert plan.detail.startswith("SEARCH"), (table_name, column)


def test_of_a_large_old_corpus_only_what_may_be_forgotten_becomes_less(store: Store) -> None:
    with store._engine.begin() as connection:
        for statement in MANY:
            connection.exec_driver_sql(statement, {"size": 200, "day": "2020-01-01 00:00:00.000000"})
        # What no table above is filled with.
        connection.execute(text("INSERT INTO digests (after, upto, created_at) VALUES (0, 1, '2020-01-01')"))
    before = counts(store)
    later = datetime(2026, 3, 1, tzinfo=UTC)
    gone = forgotten(store, Since(later, later, later, later), 1000)
    assert {name: before[name] - number for name, number in counts(store).items() if before[name] != number} == gone
    assert gone.keys() <= {
        "runs",
        "listing_marks",
        "listing_failures",
        "validators",
        "robots",
        "deliveries",
        "outcomes",
    }
    assert gone["runs"] > 100
