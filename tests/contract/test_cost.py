"""What a crawl asks of the corpus costs the same however much the corpus holds.

Counted in instructions of SQLite's virtual machine, which come out the same on every computer.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core.health import Meter
from core.model import Capture, Draft, Lead, Reason, RobotsFile, Skipped, Validators
from pipelines.neighbours import heard_of
from storage.engine import writing
from storage.store import Corpus, Store

SITEMAP, SECTION = "https://ppp.test/sitemap", "https://ppp.test/national"
FILES = [Path(__file__).parent / name for name in ("many.sql", "many_lines.sql")]
STATEMENTS = [each for file in FILES for each in file.read_text(encoding="utf-8").split(";\n")[:-1]]
SMALL, LARGE = 100, 3000
LISTED = 30
RUN = 3
"""The run that asks, after the two of many.sql."""

NEW = tuple(Lead("ppp", f"https://ppp.test/new{each}", f"new{each}", "feed", SECTION) for each in range(LISTED))


@dataclass(frozen=True, slots=True)
class Scene:
    """A corpus, the leads of a listing in it (one of which says other things than before), and the time."""

    corpus: Corpus
    leads: tuple[Lead, ...]
    now: datetime

    @property
    def keys(self) -> list[str]:
        return [lead.key for lead in self.leads]


def settle(on: Scene) -> None:
    on.corpus.sources.sight(on.leads + NEW, RUN, on.now)
    on.corpus.sources.settle("ppp", SECTION, RUN)


def visited(on: Scene) -> None:
    key, url = on.leads[0].key, on.leads[0].url
    on.corpus.sources.visited("ppp", key, url, None, failed=False, next_visit=None, now=on.now, is_missing=True)


def add(on: Scene) -> None:
    capture = Capture("c.warc.gz", 0, 1, "sha1:A", on.now)
    on.corpus.articles.add(Draft("ppp", "https://ppp.test/x", "x", "", (), work="w"), "x", "x", on.now, on.now, capture)


LINES = tuple(f"Line {number} of a text about the lower lake and its boats." for number in range(30))
S1, HOST = "https://ppp.test/s1", "https://1.test"
OUTCOME, EVIDENCE = Skipped(Reason.EMPTY), ("b.warc.gz", 0, 1, "sha1:A")
QUESTIONS: dict[str, Callable[[Scene], object]] = {
    "due": lambda on: on.corpus.sources.due("ppp", on.now),
    "next_due": lambda on: on.corpus.sources.next_due("ppp"),
    "sight of known leads": lambda on: on.corpus.sources.sight(on.leads, RUN, on.now),
    "sight of new leads": lambda on: on.corpus.sources.sight(NEW, RUN, on.now),
    "wanted": lambda on: on.corpus.sources.wanted(on.leads, on.now),
    "unsettled": lambda on: on.corpus.sources.unsettled("ppp", SECTION, on.keys),
    "is_settled": lambda on: on.corpus.sources.is_settled("ppp", SECTION),
    "is_settled, never": lambda on: on.corpus.sources.is_settled("ppp", SITEMAP),
    "settle": settle,
    "vanished": lambda on: on.corpus.sources.vanished("ppp", SITEMAP, RUN, on.now),
    "visit": lambda on: on.corpus.sources.visit("ppp", on.keys[0]),
    "visited": visited,
    "alias": lambda on: on.corpus.sources.alias("ppp", on.keys[0], ["https://ppp.test/b"], on.now),
    "named": lambda on: on.corpus.sources.named("https://ppp.test/a1"),
    "named, never": lambda on: on.corpus.sources.named("https://ppp.test/never"),
    "article by_key": lambda on: on.corpus.articles.by_key("ppp", "k1"),
    "content_hash": lambda on: on.corpus.articles.content_hash(1),
    "holding": lambda on: on.corpus.articles.holding("t1"),
    "evidence": lambda on: on.corpus.articles.evidence(1, Capture(*EVIDENCE, on.now)),
    "absence of one that is there": lambda on: on.corpus.absences.note(2, OUTCOME, on.now, is_certain=True),
    "absence of one that is away": lambda on: on.corpus.absences.note(1, OUTCOME, on.now, is_certain=True),
    "absence current": lambda on: on.corpus.absences.current(1),
    "absence ended": lambda on: on.corpus.absences.end(1, on.now),
    "absences of": lambda on: on.corpus.absences.of(2),
    "absences turns": lambda on: on.corpus.absences.turns(0, 30),
    "absences last turn": lambda on: on.corpus.absences.last_turn(),
    "headlines newest": lambda on: on.corpus.headlines.newest(50),
    "revisions": lambda on: on.corpus.articles.revisions(1),
    "add": add,
    "revise": lambda on: on.corpus.articles.revise(1, Draft("ppp", "", "k1", "", ()), "x", "x", on.now),
    "run start": lambda on: on.corpus.runs.start("ppp", "daemon", on.now),
    "run record": lambda on: on.corpus.runs.record(RUN, "x", OUTCOME, on.now),
    "run last": lambda on: on.corpus.runs.last("ppp"),
    "run last finished": lambda on: on.corpus.runs.last("ppp", "finished"),
    "incident report": lambda on: on.corpus.incidents.report("ppp", "h", Reason.TIMEOUT, "", on.now, on.now),
    "incidents open": lambda on: on.corpus.incidents.open("ppp"),
    "incidents open of all": lambda on: on.corpus.incidents.open(),
    "incident close": lambda on: on.corpus.incidents.close("ppp", "ppp.test", on.now),
    "listing failed": lambda on: on.corpus.listings.failed("ppp", S1, on.now),
    "listing read": lambda on: on.corpus.listings.read("ppp", S1, on.now),
    "listings resting": lambda on: on.corpus.listings.resting("ppp", on.now),
    "mark": lambda on: on.corpus.listings.mark("ppp", SECTION, None, on.now, 1, on.now),
    "marked": lambda on: on.corpus.listings.marked("ppp", S1, on.now, on.now),
    "unmark": lambda on: on.corpus.listings.unmark("ppp", S1, on.now, on.now),
    "validators get": lambda on: on.corpus.validators.get("ppp", "https://ppp.test/k1"),
    "validators keep": lambda on: on.corpus.validators.keep("ppp", S1, Validators("", "", on.now, "")),
    "validators forget": lambda on: on.corpus.validators.forget("ppp", "https://ppp.test/k1"),
    "passages heard": lambda on: on.corpus.passages.heard("ppp", LINES),
    "passages heard of": lambda on: heard_of(LINES, partial(on.corpus.passages.heard, "ppp")),
    "passages tell": lambda on: on.corpus.passages.tell("ppp", [("k1", "Title of one", LINES[0])]),
    "passages learn": lambda on: on.corpus.passages.learn("ppp", LINES, on.now),
    "meters taken": lambda on: list(on.corpus.meters.taken(RUN)),
    "meters unread": lambda on: on.corpus.meters.unread(RUN),
    "meters sizes": lambda on: on.corpus.meters.sizes("ppp", 10**6, 50),
    "meters keep": lambda on: on.corpus.meters.keep("ppp", Meter(RUN, 1)),
    "meters recent": lambda on: on.corpus.meters.recent("ppp", 50),
    "alarm": lambda on: on.corpus.meters.raise_alarm("ppp", "undated", "", RUN, on.now),
    "alarm ended": lambda on: on.corpus.meters.end_alarm("ppp", "undated", on.now),
    "alarms": lambda on: on.corpus.meters.alarms("ppp"),
    "robots get": lambda on: on.corpus.robots.get(HOST),
    "robots keep": lambda on: on.corpus.robots.keep(RobotsFile(HOST, 200, b"", on.now, on.now)),
}

READS_ALL_OF_A_TABLE = re.compile(r"SCAN (?P<table>\w+)(?P<way>.*) in .*\b(?P=table)\b", re.DOTALL)
"""Of a table that the statement names. Of others, which point to what is written, SQLite speaks and reads nothing."""

HOLDS_LITTLE = {" USING INDEX uq_incidents_open", " USING INDEX uq_alarms_open"}
ENDS_EARLY = {" USING COVERING INDEX ix_articles_dated_at"}
"""In the order that is asked for, as far as its limit."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Store]]:
    """A small and a large corpus."""
    stores = {size: Store.open(tmp_path_factory.mktemp("cost") / "corpus.sqlite") for size in (SMALL, LARGE)}
    for size, store in stores.items():
        with store._engine.begin() as connection:
            for statement in STATEMENTS:
                connection.exec_driver_sql(statement, {"size": size, "day": "2026-02-01 00:00:00.000000"})
    yield stores
    for store in stores.values():
        store.close()


def scene(corpus: Corpus, size: int, now: datetime) -> Scene:
    """The section names the last addresses, as the run before this one saw them."""
    leads = [
        Lead("ppp", f"https://ppp.test/k{each}", f"k{each}", "feed", SECTION, title="Title")
        for each in range(size - LISTED + 1, size + 1)
    ]
    corpus.sources.sight(leads, RUN - 1, now - timedelta(days=1))
    changed = Lead("ppp", leads[0].url, leads[0].key, "feed", SECTION, title="Changed")
    return Scene(corpus, (changed, *leads[1:]), now)


def asked(store: Store, question: Callable[[Scene], object], size: int, now: datetime) -> tuple[int, list[str]]:
    """Return how many instructions a question takes, and how SQLite goes about its statements; nothing is kept."""
    steps = 0
    statements: list[tuple[str, Any]] = []

    def step() -> int:
        nonlocal steps
        steps += 1
        return 0

    def note(*happened: Any) -> None:  # noqa: ANN401 - as SQLAlchemy gives it
        _, _, statement, values, _, is_many = happened
        statements.append((statement, values[0] if is_many else values))

    with writing(store._engine).connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        on = scene(Corpus(connection), size, now)
        event.listen(connection, "before_cursor_execute", note)
        driver.set_progress_handler(step, 1)
        question(on)
        driver.set_progress_handler(None, 0)
        ways = [
            f"{way} in {statement}"
            for statement, values in statements
            for *_, way in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
        connection.rollback()
    return steps, ways


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_costs_the_same_in_a_large_corpus(filled: dict[int, Store], name: str, now: datetime) -> None:
    costs = {size: asked(store, QUESTIONS[name], size, now)[0] for size, store in filled.items()}
    assert costs[SMALL] > 0
    assert costs[LARGE] <= costs[SMALL] + 10, costs


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_reads_a_table_from_end_to_end(filled: dict[int, Store], name: str, now: datetime) -> None:
    _, ways = asked(filled[LARGE], QUESTIONS[name], LARGE, now)
    found = [READS_ALL_OF_A_TABLE.match(way) for way in ways]
    assert [match[0] for match in found if match and match["way"] not in HOLDS_LITTLE | ENDS_EARLY] == []


def test_the_counting_sees_a_question_that_reads_everything(filled: dict[int, Store], now: datetime) -> None:
    def count(on: Scene) -> object:
        return on.corpus.articles.counts()

    costs = {size: asked(store, count, size, now) for size, store in filled.items()}
    assert costs[LARGE][0] > costs[SMALL][0] * 10
    (way,) = costs[LARGE][1]
    assert READS_ALL_OF_A_TABLE.match(way)
