"""A corpus that an older tonle made, with its first schema, opened by this one."""

import fcntl
import re
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command

from core.errors import CorpusVersionError
from core.model import Capture, Draft, Lead
from core.stories import Absence
from storage.engine import sqlite_engine, unguarded
from storage.lock import held, lock_of
from storage.migrate import migration_config
from storage.schema import HEAD
from storage.store import Store

FEED = "https://ppp.test/feed"
DAY = "2026-02-01 00:00:00.000000"
LAND = "បណ្តឹងដីធ្លីនៅកំពង់ចាម"
ONE = ("https://ppp.test/one", "Title of one")
DATES = (DAY, 25200, None, None, DAY, "2019")
TWO = ("https://ppp.test/two", "ដីធ្លី", LAND, "[]", None, None, None, None, DAY, "")
ROWS: dict[str, list[tuple[object, ...]]] = {
    "articles": [
        (
            1,
            "ppp",
            "one",
            DAY,
            DAY,
            None,
            2,
            "en",
            "",
            "news",
            '["Dara"]',
            "[]",
            *ONE,
            "It was closed.",
            "[]",
            *DATES,
            "[]",
        ),
        (2, "ppp", "two", DAY, DAY, DAY, 1, "km", "national", "news", "[]", '["no date"]', *TWO, "[]"),
    ],
    "revisions": [
        (1, 1, "t1", "c1", *ONE, "The prison was open.", "[]", *DATES),
        (1, 2, "t2", "c2", *ONE, "It was closed.", "[]", *DATES),
        (2, 1, "t3", "c3", *TWO),
    ],
    "copies": [(1, 1, "ohchr", "https://ohchr.test/one", DAY)],
    "runs": [(1, "ppp", "manual", DAY, DAY, "finished", ""), (2, "ohchr", "daemon", DAY, None, "killed", "")],
    "outcomes": [(1, 1, "https://ppp.test/one", "saved", "", "", 1, DAY)],
    "addresses": [
        (1, "ppp", "one", "https://ppp.test/one", DAY, 3, 0, DAY, None, 1),
        (2, "ppp", "two", "https://ppp.test/two", DAY, 1, 1, DAY, DAY, 2),
        (3, "ohchr", "one", "https://ohchr.test/one", DAY, 0, 0, None, DAY, None),
    ],
    "sightings": [
        (1, FEED, "- - - -", 1, 1),
        (2, FEED, "- - - -", 1, 0),
        (3, FEED, "- - - -", 2, 0),
    ],
    "matches": [(1, 1, 1, "prisons", "The prison was open.", "[[4, 10]]", DAY)],
    "deliveries": [(1, "alert:1:prisons", "alert", 1, DAY, 1, DAY, None, DAY, None, "")],
    "digests": [(1, 0, 1, None, DAY)],
}


@pytest.fixture
def older(path: Path) -> sqlite3.Connection:
    """A corpus with rows in all tables of schema 0001, made by its own migration; the connection is the caller's."""
    path.parent.mkdir()
    path.touch()
    engine = sqlite_engine(path, busy_timeout=timedelta(seconds=1))
    with unguarded(engine).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = wal")
        connection.exec_driver_sql("BEGIN")
        command.upgrade(migration_config(connection), "0001")
        connection.commit()
    engine.dispose()
    filled = sqlite3.connect(path)
    for table, rows in ROWS.items():
        places = ", ".join("?" * len(rows[0]))
        filled.executemany(f"INSERT INTO {table} VALUES ({places})", rows)  # noqa: S608
    filled.commit()
    return filled


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]


def test_an_older_corpus_keeps_every_row_and_every_column(
    older: sqlite3.Connection, open_store: Callable[..., Store], path: Path
) -> None:
    tables = {table: columns(older, table) for table in ROWS}
    older.close()
    store = open_store()
    assert (store.version(), store.check()) == (HEAD, ())
    connection = sqlite3.connect(path)
    for table, names in tables.items():
        found = connection.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
        assert found == ROWS[table], table
    connection.close()


def test_an_older_corpus_works_at_once(
    older: sqlite3.Connection, open_store: Callable[..., Store], now: datetime
) -> None:
    older.close()
    with open_store().transaction() as corpus:
        article = corpus.articles.by_id(1)
        assert article is not None
        assert (article.work, article.gone_since, article.aliases, article.translations) == ("", None, (), ())
        assert [revision.capture for revision in corpus.articles.revisions(1)] == [None, None]
        visit = corpus.sources.visit("ppp", "two")
        assert visit is not None
        assert (visit.missing, visit.listing, visit.published, visit.is_relevant) == (0, "", None, False)
        assert corpus.sources.named("https://ppp.test/two") == ("ppp", "two")
        assert corpus.sources.unsettled("ppp", FEED, ["one", "two"]) == {"two"}
        assert corpus.sources.is_settled("ppp", FEED)
        assert not corpus.sources.is_settled("ohchr", FEED)
        run_id = corpus.runs.start("ppp", "manual", now)
        assert corpus.sources.sight([Lead("ppp", "https://ppp.test/two", "two", "feed", FEED)], run_id, now)
        assert corpus.sources.vanished("ppp", FEED, run_id, now) == 1, "the other one"
        assert [each.key for each in corpus.sources.due("ppp", now)] == ["two", "one"]
        corpus.articles.evidence(1, Capture("a.warc.gz", 0, 9, "sha1:A", now))
        assert corpus.articles.revisions(1)[1].capture is not None


def test_an_older_corpus_has_an_identity_and_what_it_owed_before_keeps_its_name(
    older: sqlite3.Connection, open_store: Callable[..., Store], now: datetime
) -> None:
    older.close()
    with open_store().transaction() as corpus:
        corpus.outbox.owe("alert", 1, "alert:9:prisons", now)
        before, after = corpus.outbox.by_key("alert:1:prisons"), corpus.outbox.by_key("alert:9:prisons")
    assert before
    assert before.name == "alert:1:prisons"
    assert after
    assert re.fullmatch("alert:9:prisons#[0-9a-f]{16}", after.name)


def test_a_page_that_was_missing_already_is_away_and_no_digest_tells_of_it(
    older: sqlite3.Connection, open_store: Callable[..., Store], now: datetime
) -> None:
    older.close()
    with open_store().transaction() as corpus:
        article = corpus.articles.by_id(2)
        assert article is not None
        assert article.missing_since is not None
        assert corpus.absences.of(2) == (Absence(2, article.missing_since, article.missing_since, 1, ""),)
        assert (corpus.absences.of(1), corpus.absences.last_turn()) == ((), 0)
        period = corpus.digests.by_id(1)
        assert period is not None
        assert (period.turns_after, period.turns_upto) == (0, 0)
        assert corpus.absences.end(2, now) is not None
        assert corpus.absences.current(2) is None


def test_the_full_text_of_an_older_corpus_is_found_and_follows_its_articles(
    older: sqlite3.Connection, open_store: Callable[..., Store]
) -> None:
    older.close()
    store = open_store()

    def found(query: str) -> list[int]:
        with store.reading() as corpus:
            return [hit.article.id for hit in corpus.search.find(query)]

    assert (found("closing"), found("ដីធ្លី")) == ([1], [2])
    day = datetime(2026, 3, 1, tzinfo=UTC)
    with store.transaction() as corpus:
        corpus.articles.revise(1, Draft("ppp", "https://ppp.test/one", "one", "ដីធ្លី", ("Bail",)), "t", "c", day)
        corpus.articles.add(Draft("ppp", "https://ppp.test/new", "new", "New prison", ("Open",)), "n", "n", day, day)
    assert (found("prisons"), found("bail"), sorted(found("ដីធ្លី"))) == ([3], [1], [1, 2])
    assert store.check() == ()


def test_an_upgrade_that_is_killed_leaves_the_older_corpus_as_it_was(
    older: sqlite3.Connection,
    open_store: Callable[..., Store],
    path: Path,
    child: Callable[[str], subprocess.Popen[str]],
) -> None:
    tables = {table: columns(older, table) for table in ROWS}
    older.close()
    process = child("""
import sys
from sqlalchemy import Engine, event
from storage.store import Store

@event.listens_for(Engine, "before_cursor_execute")
def stop_in_the_middle(connection, cursor, statement, *rest):
    if "CREATE TABLE robots" in statement:
        print("ready", flush=True)
        sys.stdin.readline()

Store.open(path)
""")
    process.kill()
    assert process.wait(60) < 0
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert {table: columns(connection, table) for table in ROWS} == tables
    connection.close()
    store = open_store()
    assert (store.version(), store.check()) == (HEAD, ())


def test_an_older_corpus_is_left_to_the_daemon_that_works_with_it(
    older: sqlite3.Connection, open_store: Callable[..., Store], path: Path
) -> None:
    older.close()
    before = path.read_bytes()
    lock = lock_of(path.parent, "daemon")
    lock.parent.mkdir()
    with lock.open("w") as anothers:
        # Each opening of a file holds a lock of its own: this one is none that tonle holds here.
        fcntl.flock(anothers, fcntl.LOCK_EX)
        with pytest.raises(CorpusVersionError, match=r"schema 0001 and a daemon that works .*: stop that daemon"):
            open_store()
    assert (path.read_bytes(), sorted(each.name for each in path.parent.iterdir())) == (before, [path.name, "locks"])
    with held(lock, "The daemon's work"):
        assert open_store().version() == HEAD, "the new daemon's, who has the lock"


def test_a_corpus_of_this_schema_is_opened_beside_the_daemon(store: Store, open_store: Callable[..., Store]) -> None:
    assert store._path is not None
    lock = lock_of(store._path.parent, "daemon")
    lock.parent.mkdir()
    with lock.open("w") as anothers:
        fcntl.flock(anothers, fcntl.LOCK_EX)
        assert open_store().version() == HEAD
        assert open_store(store._path.with_name("new.sqlite")).version() == HEAD, "it has no schema yet"


def test_a_corpus_from_before_tags_keeps_its_articles_and_takes_tags(
    path: Path, open_store: Callable[..., Store], now: datetime
) -> None:
    path.parent.mkdir()
    path.touch()
    engine = sqlite_engine(path, busy_timeout=timedelta(seconds=1))
    with unguarded(engine).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = wal")
        connection.exec_driver_sql("BEGIN")
        command.upgrade(migration_config(connection), "0003")
        connection.exec_driver_sql(
            "INSERT INTO articles (id, source, key, url, title, text, notes, fetched_at, layout, authors, language,"
            " section, kind, links, remarks, revision, first_seen, dated_at) VALUES (1, 'ppp', 'one', '', 'Wells',"
            " 'The prison was open.', '[]', :day, '', '[]', 'en', '', 'news', '[]', '[]', 1, :day, :day)",
            {"day": DAY},
        )
        connection.exec_driver_sql(
            "INSERT INTO revisions (article_id, number, text_hash, content_hash, url, title, text, notes, fetched_at,"
            " layout) SELECT id, 1, 't', 'c', url, title, text, notes, fetched_at, layout FROM articles"
        )
        connection.commit()
    engine.dispose()
    store = open_store()
    assert (store.version(), store.check()) == (HEAD, ())
    with store.transaction() as corpus:
        article = corpus.articles.by_id(1)
        assert article is not None
        assert (article.text, article.tags, article.dateline, article.credits) == ("The prison was open.", (), "", ())
        corpus.articles.revise(1, Draft("ppp", "", "one", "Bail", ("ដីធ្លី",), tags=("land",)), "t", "c", now)
        found = [corpus.search.find(query) for query in ("bail", "ដីធ្លី", "prisons")]
        assert [[hit.article.tags for hit in hits] for hits in found] == [[("land",)], [("land",)], []]
    assert store.check() == ()
