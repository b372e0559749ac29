"""What a corpus knows of the lines of a site."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic import command

from core.health import Heard
from core.model import Article, Lead
from storage.engine import sqlite_engine, unguarded
from storage.migrate import migration_config
from storage.passages import digest_of
from storage.store import Corpus, Store

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
MANY = (Path(__file__).parent / "many.sql").read_text(encoding="utf-8").split(";\n")[:-1]
LINE = "Follow the river desk on the lower lake"


def test_nothing_is_known_of_a_line_that_nobody_told(corpus: Corpus) -> None:
    assert corpus.passages.heard("ppp", [LINE]) == {}


def test_a_headline_is_known_by_every_item_that_has_it_however_it_is_written(corpus: Corpus) -> None:
    corpus.passages.tell("ppp", [("a", "The “Lake” rises", ""), ("b", 'the "lake" RISES', "")])
    corpus.passages.tell("ppp", [("a", "The “Lake” rises", "")])
    (found,) = corpus.passages.heard("ppp", ['The "Lake" rises']).values()
    assert found == Heard(headline_of=frozenset({"a", "b"}))


def test_a_summary_is_known_with_and_without_the_ellipsis_it_was_cut_with(corpus: Corpus) -> None:
    cut = "The lake rose for nine days and took the road to the quarry with it…"
    corpus.passages.tell("ppp", [("a", "", cut)])
    heard = corpus.passages.heard("ppp", [cut, cut.rstrip("…")])
    assert [found.teaser_of for found in heard.values()] == [{"a"}, {"a"}]


def test_a_summary_of_a_few_words_is_none(corpus: Corpus) -> None:
    corpus.passages.tell("ppp", [("a", "", "In brief")])
    assert corpus.passages.heard("ppp", ["In brief"]) == {}


def test_a_line_counts_once_a_text_and_its_share_is_of_the_texts_since_its_first(corpus: Corpus) -> None:
    corpus.passages.learn("ppp", ["Another."], NOW - timedelta(days=9))
    corpus.passages.learn("ppp", [LINE, LINE], NOW - timedelta(days=2))
    corpus.passages.learn("ppp", ["Another."], NOW - timedelta(days=1))
    corpus.passages.learn("ppp", [LINE.upper()], NOW)
    found = corpus.passages.heard("ppp", [LINE])[LINE]
    assert (found.pages, found.share, found.last_at) == (2, 2 / 3, NOW)


def test_what_is_known_of_a_site_says_nothing_of_another(corpus: Corpus) -> None:
    corpus.passages.learn("ppp", [LINE], NOW)
    corpus.passages.tell("ppp", [("a", LINE, "")])
    assert corpus.passages.heard("ohchr", [LINE]) == {}


def test_more_lines_than_are_asked_at_once_are_all_answered(corpus: Corpus) -> None:
    lines = [f"Line {number} of the lower lake" for number in range(2_500)]
    corpus.passages.learn("ppp", lines, NOW)
    assert len(corpus.passages.heard("ppp", lines)) == len(lines)


def test_lines_of_one_text_are_forgotten_after_two_thousand_texts_and_others_never(corpus: Corpus) -> None:
    corpus.passages.learn("ppp", ["Once.", LINE], NOW)
    corpus.passages.learn("ppp", [LINE], NOW)
    for number in range(2100):
        corpus.passages.learn("ppp", [f"{number}."], NOW)
    assert set(corpus.passages.heard("ppp", ["Once.", LINE])) == {LINE}


def test_a_listing_tells_headline_and_summary_of_what_it_names(
    corpus: Corpus, lead: Callable[..., Lead], now: datetime
) -> None:
    summary = "The lake rose for nine days and took the road to the quarry with it."
    corpus.sources.sight([lead("a", title="The lake rises", summary=summary)], corpus.runs.start("ppp", "m", now), now)
    heard = corpus.passages.heard("ppp", ["The lake rises", summary])
    its = frozenset({"a"})
    begun = corpus.passages.heard("ppp", ["The lake rose for nine days and took …"])
    assert list(begun.values()) == [Heard(teaser_of=its)]
    assert heard == {"The lake rises": Heard(headline_of=its), summary: Heard(teaser_of=its)}


def test_a_headline_that_a_listing_changes_is_known_too(
    corpus: Corpus, lead: Callable[..., Lead], now: datetime
) -> None:
    first = corpus.runs.start("ppp", "m", now)
    corpus.sources.sight([lead("a", title="The lake rises")], first, now)
    corpus.sources.sight([lead("a", title="The lake has risen")], corpus.runs.start("ppp", "m", now), now)
    assert len(corpus.passages.heard("ppp", ["The lake rises", "The lake has risen"])) == 2


def test_to_rebuild_learns_the_same_from_what_is_held(
    store: Store, kept: Callable[..., Article], lead: Callable[..., Lead], now: datetime
) -> None:
    with store.transaction() as corpus:
        run = corpus.runs.start("ppp", "m", now)
        corpus.sources.sight([lead("listed", title="The lake rises")], run, now)
        for key in ("one", "two"):
            kept(corpus, key, paragraphs=(LINE, f"Only in {key}."))
        kept(corpus, "paper", paragraphs=(LINE,), kind="document")
        corpus.passages.learn("ppp", ["Stale."], now)
        corpus.passages.rebuild()
    with store.reading() as corpus:
        heard = corpus.passages.heard("ppp", [LINE, "Stale.", "The lake rises", "Title of one"])
    assert heard[LINE].pages == 2
    assert {line: found.headline_of for line, found in heard.items() if found.headline_of} == {
        "The lake rises": {"listed"},
        "Title of one": {"one"},
    }
    assert "Stale." not in heard


def test_to_rebuild_counts_as_texts_that_came_one_by_one(
    store: Store, kept: Callable[..., Article], now: datetime
) -> None:
    texts = [(LINE, "Fish, boats and nets"), (LINE,), ("Another.",), ("Fish, boats and nets", LINE)]
    with store.transaction() as corpus:
        for number, paragraphs in enumerate(texts):
            article = kept(corpus, f"k{number}", paragraphs=paragraphs)
            corpus.passages.learn("ppp", paragraphs, article.fetched_at)
        asked = [LINE, "Fish, boats and nets", "Another."]
        one_by_one = corpus.passages.heard("ppp", asked)
        corpus.passages.rebuild()
        assert corpus.passages.heard("ppp", asked) == one_by_one
        corpus.passages.learn("ppp", [LINE], now)
        assert corpus.passages.heard("ppp", [LINE])[LINE].share == 4 / 5


def test_digests_fill_a_bigint() -> None:
    digests = [digest_of(str(number)) for number in range(200)]
    assert -(2**63) <= min(digests) < 0 < max(digests) < 2**63
    assert len(set(digests)) == 200


def test_a_corpus_of_an_older_schema_knows_its_lines_once_it_is_opened(
    path: Path, open_store: Callable[..., Store]
) -> None:
    path.parent.mkdir()
    path.touch()
    engine = sqlite_engine(path, busy_timeout=timedelta(seconds=1))
    with unguarded(engine).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = wal")
        connection.exec_driver_sql("BEGIN")
        command.upgrade(migration_config(connection), "0004")
        for statement in MANY:
            connection.exec_driver_sql(statement, {"size": 4, "day": "2026-02-01 00:00:00.000000"})
        connection.commit()
    engine.dispose()
    with open_store().reading() as corpus:
        heard = corpus.passages.heard("ppp", ["Title", "Text"])
    assert (heard["Title"].headline_of, heard["Text"].pages) == (frozenset({"k1", "k2", "k3", "k4"}), 4)
