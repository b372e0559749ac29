"""A corpus that cannot be written or read: one clear line, exit code 4, nothing lost, and the next crawl goes on."""

import os
import sqlite3
import stat
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.e2e.places import CAMBODIA, POST, Build, Place
from tests.e2e.processes import Ended

SOURCES = (POST, CAMBODIA)
COMMANDS = [["crawl"], ["crawl", "--dry-run"], ["daemon"], ["digest", "--send"], ["search", "land"], ["db", "check"]]


def said(ended: Ended) -> str:
    """Return the one line of an error; anything else on standard error fails the test, except the events of a log."""
    *events, line = ended.err.splitlines()
    assert all("[error " in event or "[warning " in event for event in events), ended.err
    assert line.startswith("error: ")
    return line


@dataclass(frozen=True)
class Troubled:
    """A crawl in which the corpus could no longer be written, what was held then, and the crawl after it."""

    ended: Ended
    held: dict[str, Any]
    check: Ended
    later: Ended
    whole: dict[str, Any]
    statuses: list[str]
    seconds: float = 0


def after(place: Place, ended: Ended, seconds: float = 0) -> Troubled:
    held, check = place.snapshot(), place.tonle("db", "check")
    # On a busy machine the sources of one crawl may keep each other waiting for longer than the trouble was waited for.
    place.configure(storage={"busy_timeout": "30s"})
    later = place.tonle("crawl", "--json", *SOURCES)
    with place.corpus() as corpus:
        statuses = [run.status for run in reversed(corpus.runs.recent(10)) if run.source == POST]
    return Troubled(ended, held, check, later, place.snapshot(), statuses, seconds)


@pytest.fixture(scope="module")
def undisturbed(build_once: Build) -> dict[str, Any]:
    """What a crawl without trouble comes to."""
    place = build_once()
    place.crawl(*SOURCES)
    return place.snapshot()


@pytest.fixture(scope="module")
def locked(build_once: Build) -> Troubled:
    place = build_once(storage={"busy_timeout": "2s"}).furnish()
    with ExitStack() as stack:
        locked_at: list[float] = []

        def lock(number: int) -> None:
            # The article pages come last, so something is held by then and something is not.
            if number == 40:
                other = sqlite3.connect(place.database, timeout=30, isolation_level=None, check_same_thread=False)
                stack.callback(other.close)
                other.execute("BEGIN IMMEDIATE")
                locked_at.append(monotonic())

        running = place.start("crawl", "--json", *SOURCES)
        place.watch.on_request = lock
        ended = running.wait()
        seconds = monotonic() - locked_at[0]
        place.watch.on_request = None
    return after(place, ended, seconds)


@pytest.fixture(scope="module")
def full(build_once: Build) -> Troubled:
    place = build_once()
    place.crawl(CAMBODIA)
    size = max(file.stat().st_size for file in (place.folder / "data").glob("corpus.sqlite*"))
    return after(place, place.start("crawl", "--json", *SOURCES, fsize=size + 200_000).wait())


def test_a_corpus_that_is_locked_for_too_long_ends_the_crawl_with_exit_code_4(locked: Troubled) -> None:
    assert locked.ended.code == 4
    assert "is locked by another process" in said(locked.ended)


def test_a_locked_corpus_is_not_waited_for_by_each_page_again(locked: Troubled) -> None:
    # Each source waits once for a page or listing and once to note its end, the outbox once; pages would be fifteen.
    assert locked.seconds < 20


def test_a_file_that_may_not_grow_ends_the_crawl_with_exit_code_4(full: Troubled) -> None:
    assert full.ended.code == 4
    assert "disk" in said(full.ended)


@pytest.mark.parametrize("trouble", ["locked", "full"])
def test_nothing_that_was_stored_before_the_trouble_is_lost(request: pytest.FixtureRequest, trouble: str) -> None:
    troubled: Troubled = request.getfixturevalue(trouble)
    assert troubled.check.code == 0
    held, whole = (
        {(article["text"], article["revision"]) for article in corpus["articles"].values()}
        for corpus in (troubled.held, troubled.whole)
    )
    assert held
    assert held < whole


@pytest.mark.parametrize("trouble", ["locked", "full"])
def test_the_crawl_after_the_trouble_completes_it(
    request: pytest.FixtureRequest, trouble: str, undisturbed: dict[str, Any]
) -> None:
    troubled: Troubled = request.getfixturevalue(trouble)
    assert troubled.later.code == 0, troubled.later.err
    for what in ("articles", "matches"):
        assert troubled.whole[what] == undisturbed[what]
    # A message that could not be marked as sent waits until its claim has run out.
    assert [owed[:2] for owed in troubled.whole["deliveries"]] == [owed[:2] for owed in undisturbed["deliveries"]]
    assert troubled.statuses[-1] == "finished"
    assert troubled.statuses[0] in {"failed", "killed"}


def test_a_data_path_that_is_a_file_is_exit_code_4_for_every_command(place: Place) -> None:
    (place.folder / "data").write_text("I am a file")
    for command in COMMANDS:
        ended = place.tonle(*command)
        assert (ended.code, str(place.folder / "data") in said(ended)) == (4, True), command
    assert place.replica.log == []
    assert (place.folder / "data").read_text() == "I am a file"


def spoilt(place: Place, command: list[str], word: str) -> None:
    before = place.database.read_bytes()
    ended = place.tonle(*command)
    assert (ended.code, word in said(ended)) == (4, True), (command, ended.err)
    assert place.database.read_bytes() == before
    assert place.replica.log == []


def test_a_file_that_is_no_database_is_exit_code_4_and_left_as_it_is(place: Place) -> None:
    place.database.parent.mkdir()
    place.database.write_bytes(b"Dear diary, " * 1000)
    for command in COMMANDS:
        spoilt(place, command, "not a corpus")


def test_a_database_of_another_program_is_exit_code_4_and_left_as_it_is(place: Place) -> None:
    place.database.parent.mkdir()
    with closing(sqlite3.connect(place.database)) as other:
        other.execute("CREATE TABLE letters (id INTEGER)")
        other.commit()
    for command in COMMANDS:
        spoilt(place, command, "another program")


def test_a_corpus_of_a_newer_version_is_exit_code_4_and_left_as_it_is(place: Place) -> None:
    assert place.tonle("db", "upgrade").code == 0
    with closing(sqlite3.connect(place.database)) as corpus:
        corpus.execute("UPDATE alembic_version SET version_num = '9999'")
        corpus.commit()
    for command in COMMANDS:
        spoilt(place, command, "newer")


def test_a_damaged_corpus_is_told_by_db_check_with_exit_code_4(place: Place) -> None:
    place.crawl(CAMBODIA)
    with closing(sqlite3.connect(place.database)) as corpus:
        corpus.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = place.database.stat().st_size
    with place.database.open("r+b") as file:
        for page in range(3, size // 4096):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    ended = place.tonle("db", "check")
    assert ended.code == 4
    assert "damaged" in said(ended)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_data_folder_is_exit_code_4(place: Place) -> None:
    place.crawl(CAMBODIA)
    data = place.folder / "data"
    writable = [path for path in (data, *data.rglob("*")) if path.stat().st_mode & stat.S_IWUSR]
    for path in writable:
        path.chmod(path.stat().st_mode & ~stat.S_IWUSR)
    try:
        ended = place.tonle("crawl")
    finally:
        for path in writable:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
    assert ended.code == 4
    said(ended)


def test_an_outbox_that_cannot_be_written_postpones_the_alerts_and_keeps_the_crawl(place: Place) -> None:
    (place.folder / "data").mkdir()
    outbox: Path = place.folder / "data" / "outbox"
    outbox.write_text("I am a file")
    ended = place.tonle("crawl", "--json", POST)
    assert ended.code == 0
    assert ended.row(POST)["saved"] == sum(source == POST for source, _ in place.articles) > 15
    with place.corpus() as corpus:
        assert corpus.outbox.waiting() == len(corpus.matches.newest(1000)) > 0
