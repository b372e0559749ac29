import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier, Event

import pytest

from core.errors import StorageBusyError
from core.model import Draft
from core.owed import Delivery
from storage.schema import HEAD
from storage.store import Store

Child = Callable[[str], subprocess.Popen[str]]

WRITER = """
import sys
from datetime import UTC, datetime
from core.model import Draft
from storage.store import Store

NOW = datetime(2026, 3, 1, tzinfo=UTC)

def draft(key):
    return Draft("ppp", f"https://ppp.test/{key}", key, f"Title of {key}", (f"prison of {key} " * 200,))

def pause():
    print("ready", flush=True)
    sys.stdin.readline()

def keep(corpus, key):
    if corpus.articles.by_key("ppp", key) is None:
        corpus.articles.add(draft(key), f"text-{key}", f"content-{key}", NOW, NOW)
"""


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_threads_that_meet_the_same_article_keep_it_once(
    store: Store, draft: Callable[..., Draft], now: datetime
) -> None:
    together = Barrier(8, timeout=30)

    def ingest(_: int) -> bool:
        together.wait()
        with store.transaction() as corpus:
            known = corpus.articles.by_key("ppp", "one")
            if known is None:
                corpus.articles.add(draft("one"), "text-one", "content-one", now, now)
            return known is None

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ingest, range(8))) == 1
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 1}
    assert store.check() == ()


def test_more_threads_than_any_pool_write_and_read_side_by_side(store: Store, keep: Callable[..., int]) -> None:
    together = Barrier(24, timeout=30)

    def write_and_read(number: int) -> int:
        with store.reading() as corpus:
            corpus.articles.counts()
            together.wait()
        for turn in range(3):
            with store.transaction() as corpus:
                keep(corpus, f"k{number}-{turn}")
        with store.reading() as corpus:
            return corpus.articles.counts()["ppp"]

    with ThreadPoolExecutor(24) as threads:
        counts = list(threads.map(write_and_read, range(24)))
    assert max(counts) == 72
    assert min(counts) >= 3
    assert store.check() == ()


def test_processes_that_meet_the_same_articles_keep_each_once(store: Store, child: Child) -> None:
    script = f"""{WRITER}
store = Store.open(path)
pause()
for number in range(20):
    with store.transaction() as corpus:
        keep(corpus, f"k{{number}}")
"""
    processes = [child(script) for _ in range(4)]
    for process in processes:
        go_on(process)
    assert [process.wait(60) for process in processes] == [0, 0, 0, 0]
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 20}
    assert store.check() == ()


def test_processes_that_open_the_same_new_corpus_all_get_it(
    open_store: Callable[..., Store], path: Path, child: Child
) -> None:
    script = f"""{WRITER}
import storage.migrate
pause()
store = Store.open(path)
with store.transaction() as corpus:
    keep(corpus, "one")
"""
    processes = [child(script) for _ in range(5)]
    assert not path.exists()
    for process in processes:
        go_on(process)
    assert [process.wait(60) for process in processes] == [0] * 5
    store = open_store()
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 1}
    assert (store.version(), store.check()) == (HEAD, ())


def test_threads_that_open_new_corpora_all_get_theirs(open_store: Callable[..., Store], tmp_path: Path) -> None:
    together = Barrier(6, timeout=30)

    def opened(number: int) -> str:
        together.wait()
        return open_store(tmp_path / str(number % 3) / "corpus.sqlite").version()

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(opened, range(6))) == [HEAD] * 6


def test_a_writer_killed_in_the_middle_of_a_transaction_leaves_the_corpus_sound(
    store: Store, child: Child, keep: Callable[..., int]
) -> None:
    script = f"""{WRITER}
store = Store.open(path)
with store.transaction() as corpus:
    keep(corpus, "committed")
with store.transaction() as corpus:
    for number in range(500):
        keep(corpus, f"k{{number}}")
    pause()
"""
    process = child(script)
    process.kill()
    assert process.wait(60) < 0
    with store.transaction() as corpus:
        assert corpus.articles.counts() == {"ppp": 1}
        assert [hit.article.key for hit in corpus.search.find("prison")] == ["committed"]
        keep(corpus, "next")
    assert store.check() == ()


def test_a_first_opening_that_is_killed_is_completed_by_the_next(
    open_store: Callable[..., Store], path: Path, child: Child
) -> None:
    script = f"""{WRITER}
from sqlalchemy import Engine, event

@event.listens_for(Engine, "before_cursor_execute")
def stop_in_the_middle(connection, cursor, statement, *rest):
    if "CREATE TABLE matches" in statement:
        pause()

Store.open(path)
"""
    process = child(script)
    process.kill()
    assert process.wait(60) < 0
    assert path.exists()
    store = open_store()
    assert (store.version(), store.check()) == (HEAD, ())


def test_a_corpus_that_stays_locked_is_told_as_busy_and_works_afterwards(
    store: Store, open_store: Callable[..., Store], path: Path, keep: Callable[..., int]
) -> None:
    impatient = open_store(path, timedelta(milliseconds=50))
    with store.transaction() as corpus:
        keep(corpus, "one")
        with pytest.raises(StorageBusyError, match="locked by another process"), impatient.transaction():
            pass
        with pytest.raises(StorageBusyError):
            impatient.check()
        with impatient.reading() as meanwhile:
            assert meanwhile.articles.counts() == {}
        assert open_store(path, timedelta(milliseconds=50)).version() == HEAD
    with impatient.transaction() as corpus:
        keep(corpus, "two")
    assert impatient.check() == ()
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 2}


def test_a_writer_waits_for_another_within_the_busy_time(store: Store, child: Child, keep: Callable[..., int]) -> None:
    script = f"""{WRITER}
store = Store.open(path)
with store.transaction() as corpus:
    keep(corpus, "theirs")
    pause()
"""
    process = child(script)
    with ThreadPoolExecutor(1) as thread:
        began = Event()

        def ours() -> int:
            began.set()
            with store.transaction() as corpus:
                theirs = corpus.articles.highest_id()
                return keep(corpus, "ours") - theirs

        waiting = thread.submit(ours)
        assert began.wait(30)
        try:
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
        finally:
            go_on(process)
        assert waiting.result(60) == 1
    assert process.wait(60) == 0
    with store.reading() as corpus:
        assert corpus.articles.counts() == {"ppp": 2}


def test_claimers_at_once_are_given_different_messages(store: Store, now: datetime) -> None:
    with store.transaction() as corpus:
        for number in range(40):
            corpus.outbox.owe("alert", number, f"alert-{number}", now)
    together = Barrier(4, timeout=30)

    def claim_all(_: int) -> list[Delivery]:
        together.wait()
        claimed: list[Delivery] = []
        while True:
            with store.transaction() as corpus:
                given = corpus.outbox.claim(now, timedelta(minutes=5), 3)
            if not given:
                return claimed
            claimed += given

    with ThreadPoolExecutor(4) as threads:
        claimed = [delivery.key for given in threads.map(claim_all, range(4)) for delivery in given]
    assert sorted(claimed) == sorted(f"alert-{number}" for number in range(40))
