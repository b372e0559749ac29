import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import event, text

from core.errors import CorpusVersionError, StorageError
from core.model import CopyAddress, Passage
from storage.engine import unguarded
from storage.schema import HEAD
from storage.store import Store


def test_opening_makes_the_folders_and_the_file(store: Store, path: Path) -> None:
    assert path.is_file()
    assert store.version() == HEAD
    assert store.check() == ()


def test_a_corpus_that_is_not_there_is_not_made_by_who_only_wants_an_existing_one(tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "corpus.sqlite"
    with pytest.raises(StorageError, match="There is no corpus"):
        Store.existing(gone)
    with pytest.raises(StorageError, match="There is no corpus"):
        Store.open(gone, makes=False)
    assert not gone.parent.exists()


def test_where_the_file_was_taken_away_no_connection_begins_another(store: Store, path: Path, tmp_path: Path) -> None:
    with store.reading() as corpus:
        assert corpus.runs.recent(1) == ()
        path.rename(tmp_path / "elsewhere")
        with pytest.raises(StorageError, match="cannot be opened"), store.reading():
            pass
    assert not path.exists()


def test_what_was_committed_is_there_after_closing(
    store: Store, open_store: Callable[..., Store], keep: Callable[..., int]
) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
    store.close()
    with open_store().reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 1}


def test_an_exception_undoes_the_whole_transaction(store: Store, keep: Callable[..., int], now: datetime) -> None:
    def write_in_vain() -> None:
        with store.transaction() as corpus:
            keep(corpus, "one")
            corpus.runs.start("ppp", "manual", now)
            corpus.outbox.owe("alert", 1, "one", now)
            raise KeyError

    with pytest.raises(KeyError):
        write_in_vain()
    with store.reading() as corpus:
        assert corpus.articles.highest_id() == 0
        assert corpus.runs.recent(9) == ()
        assert corpus.outbox.by_key("one") is None


def test_a_refused_row_undoes_the_transaction_and_the_next_one_works(
    store: Store, keep: Callable[..., int], now: datetime
) -> None:
    def write_twice() -> None:
        with store.transaction() as corpus:
            keep(corpus, "one")
            corpus.articles.add_copy(99, CopyAddress("ppp", "https://ppp.test/", now))

    with pytest.raises(StorageError):
        write_twice()
    with store.transaction() as corpus:
        keep(corpus, "two")
    with store.reading() as corpus:
        assert corpus.articles.by_key("ppp", "one") is None
        assert corpus.articles.by_key("ppp", "two") is not None


def test_a_reading_sees_the_corpus_as_it_was_at_its_first_question(store: Store, keep: Callable[..., int]) -> None:
    with store.reading() as before:
        assert before.articles.counts() == {}
        with store.transaction() as corpus:
            keep(corpus, "one")
        assert before.articles.counts() == {}
        assert before.search.find("villagers") == ()
    with store.reading() as after:
        assert after.articles.counts() == {"ppp": 1}


def test_a_reading_does_not_see_what_is_not_committed(store: Store, keep: Callable[..., int]) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
        with store.reading() as meanwhile:
            assert meanwhile.articles.counts() == {}


def test_an_id_is_never_given_twice(store: Store, keep: Callable[..., int], now: datetime) -> None:
    def write_all() -> tuple[int, int | None, int]:
        with store.transaction() as corpus:
            article_id = keep(corpus, "one")
            match_id = corpus.matches.add(article_id, 1, "land", Passage("evicted", ((0, 7),)), now)
            corpus.outbox.owe("alert", 1, "one", now)
            state = corpus.outbox.by_key("one")
            assert state is not None
            return article_id, match_id, state.id

    from_nothing = write_all()
    assert from_nothing == (1, 1, 1)
    with store._engine.begin() as connection:
        for table in ("matches", "deliveries", "revisions", "articles"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    assert write_all() == (2, 2, 2)
    assert store.check() == ()


def test_the_check_tells_of_an_index_that_does_not_agree(store: Store, keep: Callable[..., int]) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one", text="prison ដីធ្លី")
    for index in ("search_words", "search_khmer"):
        with store._engine.begin() as connection:
            connection.execute(text(f"INSERT INTO {index} ({index}) VALUES ('delete-all')"))  # noqa: S608
        (problem,) = store.check()
        assert "search index" in problem
        with store.transaction() as corpus:
            assert not corpus.search.check()
            corpus.search.rebuild()
            assert [hit.article.key for hit in corpus.search.find("prison")] == ["one"]
            assert [hit.article.key for hit in corpus.search.find("ដីធ្លី")] == ["one"]
        assert store.check() == ()


def test_others_write_while_the_check_reads_the_file(
    store: Store, open_store: Callable[..., Store], now: datetime
) -> None:
    other = open_store(busy_timeout=timedelta(0))
    written: list[int] = []

    @event.listens_for(store._engine, "before_cursor_execute")
    def write(*told: object) -> None:
        if "_check" in str(told[2]):
            with other.transaction() as corpus:
                written.append(corpus.runs.start("ppp", "manual", now))

    assert store.check() == ()
    assert written == [1, 2], "while the file was read, and while the references were"


def test_the_check_tells_of_a_row_that_points_nowhere(store: Store, path: Path, keep: Callable[..., int]) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")
    careless = sqlite3.connect(path)
    careless.execute("DELETE FROM articles")
    careless.commit()
    careless.close()
    (problem,) = store.check()
    assert problem.startswith("Row 1 of revisions points to a row of articles that does not exist: ")


def test_a_damaged_file_is_told_of(
    store: Store, open_store: Callable[..., Store], path: Path, keep: Callable[..., int]
) -> None:
    with store.transaction() as corpus:
        for number in range(200):
            keep(corpus, f"k{number}", text="Long enough for several pages. " * 20)
    store.close()
    content = bytearray(path.read_bytes())
    # Behind what the tables are, which was written first and without which nothing can be opened.
    content[-80_000:-40_000] = b"\xff" * 40_000
    path.write_bytes(content)
    problems = open_store().check()
    assert problems
    assert all("damaged" in problem for problem in problems), problems


def test_a_corpus_of_a_newer_tonle_is_refused_and_left_alone(
    store: Store, open_store: Callable[..., Store], path: Path
) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    before = path.read_bytes()
    with pytest.raises(CorpusVersionError, match="schema 9999") as raised:
        open_store()
    assert "run the tonle" in str(raised.value)
    assert path.read_bytes() == before


def test_a_file_that_is_not_a_database_is_refused_and_left_alone(
    open_store: Callable[..., Store], tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(StorageError, match=r"not a corpus.*move it away"):
        open_store(letter)
    assert letter.read_text() == "Dear Sir or Madam, " * 100
    assert list(tmp_path.iterdir()) == [letter]


def test_the_database_of_another_program_is_refused_and_left_alone(
    open_store: Callable[..., Store], tmp_path: Path
) -> None:
    other = tmp_path / "other.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE birds (name TEXT)")
    connection.close()
    before = other.read_bytes()
    with pytest.raises(StorageError, match="another program"):
        open_store(other)
    assert other.read_bytes() == before


def test_an_empty_file_becomes_a_corpus(open_store: Callable[..., Store], tmp_path: Path) -> None:
    empty = tmp_path / "corpus.sqlite"
    empty.touch()
    assert open_store(empty).version() == HEAD


@pytest.mark.parametrize("name", ["a folder", "100%20", "what?mode=ro", "ខ្មែរ", "semi;colon#hash"])
def test_a_path_may_have_any_name(open_store: Callable[..., Store], tmp_path: Path, name: str) -> None:
    place = tmp_path / name / f"{name}.sqlite"
    assert open_store(place).check() == ()
    assert place.is_file()


def test_a_folder_is_no_corpus(open_store: Callable[..., Store], tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be opened"):
        open_store(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(open_store: Callable[..., Store], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be used"):
        open_store(tmp_path / "file" / "corpus.sqlite")


def test_what_compacting_writes_meanwhile_stands_beside_the_corpus(
    open_store: Callable[..., Store], empty_corpus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "the keeper's"
    folder.mkdir()
    store = open_store(copyfile(empty_corpus, folder / "corpus.sqlite"))
    open_files: set[Path] = set()

    def look() -> int:
        for each in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                open_files.add(each.readlink())
        return 0

    with unguarded(store._engine).connect() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE filling AS WITH rows (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < 500)"
            " SELECT zeroblob(10000) AS bytes FROM rows"
        )
    event.listen(store._engine, "checkout", lambda driver, *_: driver.set_progress_handler(look, 1000))
    store.compact()
    temporary = {path.parent for path in open_files if "etilqs" in path.name}
    assert temporary == {folder}
