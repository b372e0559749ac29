"""Revisions that are tonle's own, matches that fire in them, and what a reading of the archive asks the corpus."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import event

from core.model import Draft, Lead, Passage
from storage.engine import sqlite_engine, unguarded
from storage.migrate import migration_config
from storage.schema import HEAD
from storage.store import Corpus, Store

STATEMENTS = (Path(__file__).parent / "many.sql").read_text(encoding="utf-8").split(";\n")[:-1]
PASSAGE = Passage("Villagers were evicted.", ((15, 22),))


def test_a_correction_counts_as_a_revision_and_not_as_an_edit(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    article_id, other = keep(corpus, "one"), keep(corpus, "two")
    found = []
    for number, is_correction in enumerate((True, False, True), 2):
        text = draft("one", f"Text {number}.")
        assert corpus.articles.revise(article_id, text, "t", "c", now, is_correction=is_correction) == number
        article = corpus.articles.by_id(article_id)
        assert article is not None
        found.append((article.revision, article.corrections, article.edits))
    assert found == [(2, 1, 0), (3, 1, 1), (4, 2, 1)]
    assert [each.is_correction for each in corpus.articles.revisions(article_id)] == [False, True, False, True]
    untouched = corpus.articles.by_id(other)
    assert untouched is not None
    assert (untouched.corrections, untouched.edits) == (0, 0)


def test_the_newest_revision_is_the_state_that_an_article_is_in(
    corpus: Corpus, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    article_id = keep(corpus, "one")
    assert corpus.articles.newest_revision(article_id) == corpus.articles.revisions(article_id)[0]
    corpus.articles.revise(article_id, draft("one", "Other."), "t", "c", now)
    assert corpus.articles.newest_revision(article_id) == corpus.articles.revisions(article_id)[1]
    assert corpus.articles.newest_revision(99) is None


def test_a_correction_is_found_by_its_words_and_no_more_by_the_old_ones(
    store: Store, draft: Callable[..., Draft], keep: Callable[..., int], now: datetime
) -> None:
    with store.transaction() as corpus:
        article_id = keep(corpus, "one", text="prison ដីធ្លី")
        corpus.articles.revise(article_id, draft("one", "harbour"), "t", "c", now, is_correction=True)
    with store.reading() as corpus:
        found = {query: len(corpus.search.find(query)) for query in ("prison", "ដីធ្លី", "harbour")}
    assert found == {"prison": 0, "ដីធ្លី": 0, "harbour": 1}
    assert store.check() == ()


def test_a_match_says_whether_it_came_late(corpus: Corpus, keep: Callable[..., int], now: datetime) -> None:
    article_id = keep(corpus, "one")
    assert corpus.matches.add(article_id, 1, "land", PASSAGE, now)
    assert corpus.matches.add(article_id, 2, "press", PASSAGE, now, is_late=True)
    assert corpus.matches.add(article_id, 2, "land", PASSAGE, now, is_late=True) is None
    assert {match.rule: match.is_late for match in corpus.matches.newest(9)} == {"land": False, "press": True}


def portions(corpus: Corpus, since: datetime | None, limit: int) -> list[list[int]]:
    """Return the ids of all portions of a source, to the empty one."""
    after, found = None, []
    while portion := corpus.articles.seen("ppp", since, after, limit):
        found.append([article_id for _, article_id in portion])
        after = portion[-1]
    return found


def test_the_articles_of_a_source_are_listed_in_portions_by_first_sight(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    later = now + timedelta(hours=1)
    ids = [keep(corpus, key, first_seen=seen) for key, seen in (("c", later), ("a", now), ("b", now), ("d", later))]
    keep(corpus, "other", source="ohchr")
    assert portions(corpus, None, 3) == [[ids[1], ids[2], ids[0]], [ids[3]]]
    assert portions(corpus, None, 2) == [[ids[1], ids[2]], [ids[0], ids[3]]]
    assert portions(corpus, later, 1) == [[ids[0]], [ids[3]]]
    assert portions(corpus, later + timedelta(seconds=1), 9) == []
    counted = [corpus.articles.count_seen("ppp", since) for since in (None, now, later, later + timedelta(days=1))]
    assert counted == [4, 4, 2, 0]
    assert corpus.articles.count_seen("atlantis", None) == 0


def test_an_article_that_comes_meanwhile_is_in_a_later_portion_and_none_comes_twice(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    one, two = keep(corpus, "one"), keep(corpus, "two")
    (first,) = corpus.articles.seen("ppp", None, None, 1)
    three = keep(corpus, "three")
    assert [number for _, number in corpus.articles.seen("ppp", None, first, 9)] == [two, three]
    assert first == (now, one)


def test_the_addresses_of_an_article_are_known(
    corpus: Corpus, keep: Callable[..., int], lead: Callable[..., Lead], now: datetime
) -> None:
    article_id = keep(corpus, "one")
    run_id = corpus.runs.start("ppp", "manual", now)
    corpus.sources.sight([lead("one"), lead("two", title="Another"), lead("three")], run_id, now)
    for key in ("two", "one"):
        corpus.sources.visited(
            "ppp", key, f"https://ppp.test/{key}", article_id, failed=False, next_visit=None, now=now
        )
    found = corpus.sources.of_article(article_id)
    assert [(visit.key, visit.title) for visit in found] == [("one", "Title of one"), ("two", "Another")]
    assert corpus.sources.of_article(99) == ()


@pytest.fixture
def older(path: Path) -> Path:
    """A corpus of schema 0002 with a hundred articles, made by its own migrations."""
    path.parent.mkdir()
    path.touch()
    engine = sqlite_engine(path, busy_timeout=timedelta(seconds=1))
    with unguarded(engine).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = wal")
        connection.exec_driver_sql("BEGIN")
        command.upgrade(migration_config(connection), "0002")
        for statement in STATEMENTS:
            connection.exec_driver_sql(statement, {"size": 100, "day": "2026-02-01 00:00:00.000000"})
        connection.exec_driver_sql(
            "INSERT INTO matches (article_id, revision, rule, passage, spans, at)"
            " VALUES (1, 1, 'land', 'Text', '[]', '2026-02-01 00:00:00.000000')"
        )
        connection.commit()
    engine.dispose()
    return path


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns that schema 0002 knows of the tables that a correction concerns."""
    known = {
        "articles": "id, source, key, title, text, revision, first_seen, work",
        "revisions": "article_id, number, text, text_hash, content_hash, capture_id",
        "matches": "id, article_id, revision, rule, passage, spans, at",
    }
    connection = sqlite3.connect(path)
    found = {
        table: connection.execute(f"SELECT {names} FROM {table} ORDER BY 1, 2").fetchall()  # noqa: S608
        for table, names in known.items()
    }
    connection.close()
    return found


def test_a_corpus_from_before_corrections_has_none_and_takes_them(
    older: Path, open_store: Callable[..., Store], now: datetime
) -> None:
    before = dump(older)
    store = open_store()
    assert (store.version(), store.check(), dump(older)) == (HEAD, (), before)
    with store.transaction() as corpus:
        article = corpus.articles.by_id(1)
        assert article is not None
        assert (article.corrections, article.edits) == (0, 0)
        assert [each.is_correction for each in corpus.articles.revisions(1)] == [False]
        assert [match.is_late for match in corpus.matches.newest(9)] == [False]
        corpus.articles.revise(1, Draft("ppp", "", "k1", "Harbour", ("ដីធ្លី",)), "t", "c", now, is_correction=True)
        assert [hit.article.id for hit in corpus.search.find("harbours")] == [1], "the triggers are there"
        assert [hit.article.id for hit in corpus.search.find("ដីធ្លី")] == [1]
    assert store.check() == ()


def test_listing_the_articles_reads_an_index_from_where_it_was_left(
    older: Path, open_store: Callable[..., Store], now: datetime
) -> None:
    assert older.exists()
    store, statements = open_store(), list[tuple[str, object]]()
    with store._engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *each: statements.append((each[2], each[3])))
        corpus = Corpus(connection)
        corpus.articles.seen("ppp", None, (now, 50), 10)
        corpus.articles.seen("ppp", now, (now, 50), 10)
        corpus.articles.count_seen("ppp", now)
        corpus.sources.of_article(1)
        driver = connection.connection.driver_connection
        assert driver is not None
        ways = [
            way
            for statement, values in tuple(statements)
            for *_, way in driver.execute(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    assert [way for way in ways if "SCAN" in way or "TEMP B-TREE" in way] == []
    assert sum("ix_articles_source_first_seen (source=? AND " in way for way in ways) == 3, ways
