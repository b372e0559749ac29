"""What a backup takes over from the corpus in whose place it is put, and how its messages are told from that one's."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from core.owed import Reach
from storage.backup import back_up
from storage.outbox import DeliveryState
from storage.restore import restore
from storage.store import Corpus, Store

PATIENCE = timedelta(seconds=0.2)
HERE = Reach()

PutBack = Callable[..., Store]


@pytest.fixture
def put_back(store: Store, path: Path, tmp_path: Path, now: datetime, open_store: Callable[..., Store]) -> PutBack:
    """Let something happen to a corpus after a backup of it was made; return the corpus once that was put back."""

    def done(happens: Callable[[Corpus], object], spoil: Callable[[Path], object] = lambda _: None) -> Store:
        back_up(path, tmp_path / "backup.sqlite")
        with store.transaction() as corpus:
            happens(corpus)
        store.close()
        spoil(path)
        restore(tmp_path / "backup.sqlite", path, now, PATIENCE)
        return open_store()

    return done


def owed(store: Store, key: str, now: datetime) -> DeliveryState:
    with store.transaction() as corpus:
        corpus.outbox.owe("alert", 1, key, now)
        state = corpus.outbox.by_key(key)
    assert state is not None
    return state


def test_what_is_owed_after_a_backup_was_put_back_has_no_name_that_the_corpus_before_gave(
    store: Store, now: datetime, put_back: PutBack
) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("INSERT INTO identity VALUES ('of the first')"))
    waiting = owed(store, "alert:1:land", now)
    assert waiting.name == "alert:1:land#of the first"
    gone: list[str] = []

    def happens(corpus: Corpus) -> None:
        corpus.outbox.owe("alert", 2, "alert:2:land", now)
        state = corpus.outbox.by_key("alert:2:land")
        assert state is not None
        gone.append(state.name)

    again = put_back(happens)
    assert owed(again, "alert:1:land", now) == waiting, "it may have left since the backup: it stays the same message"
    name = owed(again, "alert:2:land", now).name
    assert re.fullmatch("alert:2:land#[0-9a-f]{16}", name)
    assert name not in gone


def test_alerts_that_become_one_message_give_it_the_name_of_their_corpus(store: Store, now: datetime) -> None:
    with store._engine.begin() as connection:
        connection.execute(text("INSERT INTO identity VALUES ('own')"))
    with store.transaction() as corpus:
        for number in (1, 2):
            corpus.outbox.owe("alert", number, f"alert:{number}:land@dara", now, "dara")
        corpus.outbox.merge("dara", now)
        (summary,) = corpus.outbox.claim(now, PATIENCE)
    assert summary.name == "summary:dara:1-2:2#own"


def test_an_id_that_was_given_since_the_backup_is_given_to_nothing_else(
    store: Store, keep: Callable[..., int], now: datetime, put_back: PutBack
) -> None:
    with store.transaction() as corpus:
        keep(corpus, "one")

    def happens(corpus: Corpus) -> None:
        assert [keep(corpus, key) for key in ("two", "three")] == [2, 3]
        assert corpus.runs.start("ppp", "manual", now) == 1, "before the first the backup has no sequence of it"

    with put_back(happens).transaction() as corpus:
        assert (keep(corpus, "four"), corpus.runs.start("ppp", "manual", now)) == (4, 2)


def test_who_wanted_no_more_since_the_backup_is_gone_still(store: Store, now: datetime, put_back: PutBack) -> None:
    later = now + timedelta(hours=1)
    with store.transaction() as corpus:
        for name in ("dara", "sokha", "vanna"):
            corpus.subscribers.join(name, HERE, now)
        corpus.subscribers.leave("vanna", now)

    def happens(corpus: Corpus) -> None:
        corpus.subscribers.leave("dara", later)
        corpus.subscribers.rejoin("vanna", HERE, later)
        corpus.subscribers.join("new", HERE, later)
        corpus.subscribers.leave("new", later)

    with put_back(happens).reading() as corpus:
        assert corpus.subscribers.gone() == {"dara", "new", "vanna"}
        assert corpus.subscribers.by_name("sokha") is not None


def test_who_joined_again_before_the_backup_and_after_leaving_stays(
    store: Store, now: datetime, put_back: PutBack
) -> None:
    with store.transaction() as corpus:
        corpus.subscribers.join("dara", HERE, now + timedelta(days=1))

    def left_long_ago(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("UPDATE subscribers SET left_at = '2020-01-02 00:00:00.000000'")

    with put_back(lambda _: None, left_long_ago).reading() as corpus:
        assert corpus.subscribers.gone() == frozenset()


def test_of_a_corpus_that_cannot_be_read_nothing_is_taken_over(store: Store, now: datetime, put_back: PutBack) -> None:
    waiting = owed(store, "alert:1:land", now)
    again = put_back(lambda _: None, lambda path: path.write_bytes(b"Dear diary, " * 1000))
    assert owed(again, "alert:1:land", now) == waiting
    assert owed(again, "alert:2:land", now).origin
    assert again.check() == ()
