"""Crawls, imports, deliveries and the daemon, killed at random moments again and again, and then left to end.

After each kill the corpus, its search and its archive are sound as they lie there; in the end there is what there would
be if nobody had been killed. KILLS=3 makes it three times as many kills, KILL_SEED draws other moments.
"""

import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from app.desk import open_desk
from notify.channels.webhook import webhook_id
from notify.delivery import deliver_due
from notify.message import message_id
from storage.store import Store
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.processes import Running, until
from tests.e2e.test_kills import Whole, whole
from tests.rigs.kills import Killer, Start, Work, scaled, undisturbed
from tests.rigs.owed import Owing, twice
from tests.rigs.postoffice import PostOffice, post_office
from tests.rigs.webhooks import SECRET, Receiver, receiver

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not Path("/proc/self/syscall").exists(), reason="looks in /proc what a process does"),
]
LONG = 300
INDEXES = ("search_words", "search_khmer")


def sound(place: Place, folder: Path) -> None:
    """Fail where a corpus is not sound as it lies there, or its archive; the place stays untouched."""
    if not place.database.exists():
        return
    copy = place.copy(folder)
    check = command("db", "check", "--archive", place=copy).wait(LONG)
    assert check.code == 0, check.err
    assert damage(copy.database) == []
    shutil.rmtree(folder)


def command(*words: str, place: Place, strace: Sequence[str] = ()) -> Running:
    """Start a command; all of them know the key by which webhooks are signed."""
    return place.start(*words, environ={"TONLE_CHANNEL_HOOK": SECRET}, strace=strace)


def starter_of(*words: str) -> Start:
    return lambda place, strace: command(*words, place=place, strace=strace)


def damage(path: Path) -> list[str]:
    """Return what SQLite itself finds wrong with a corpus."""
    with closing(sqlite3.connect(path)) as connection:
        found = [line for (line,) in connection.execute("PRAGMA integrity_check") if line != "ok"]
        found += [str(row) for row in connection.execute("PRAGMA foreign_key_check")]
        for index in INDEXES:
            connection.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)")  # noqa: S608
        connection.rollback()
    return found


def worn_down(place: Place, work: Work, killer: Killer, folder: Path, share: float) -> int:
    """Start work and kill it within a share of it, again and again until it ends by itself; return how often."""
    before = killer.hits
    while killer.strike(work, place, share):
        sound(place, folder / f"{killer.name}-{killer.hits}")
    return killer.hits - before


@contextmanager
def killing(name: str) -> Iterator[Killer]:
    """Give a killer, and say in the end what it hit."""
    killer = Killer(name)
    try:
        yield killer
    finally:
        print(killer.told())  # noqa: T201  # what `make soak` shows


def finish(place: Place) -> None:
    """Crawl, and let nobody disturb it."""
    ended = place.tonle("crawl", timeout=LONG)
    assert ended.code == 0, ended.err


def deliver_later(place: Place) -> None:
    """Send what a killed process had claimed: its claim has run out by then."""
    desk = open_desk(place.folder / "config.yaml")
    with desk.corpus() as store:
        deliver_due(store, desk.config, desk.titles, lambda: datetime.now(UTC) + timedelta(hours=2))


def assert_same(found: Whole, expected: Whole) -> None:
    """Fail where what was disturbed is not what was not, once what was claimed has been sent."""
    for what in ("articles", "matches", "deliveries"):
        assert found.snapshot[what] == expected.snapshot[what], what
    # A Message-ID holds the number of an article, which another crawl gives to another.
    assert len(found.messages) == len(set(found.messages)) == len(expected.messages)


def test_a_crawl_killed_anywhere_again_and_again_ends_with_the_corpus_of_an_undisturbed_one(
    build: Build, tmp_path: Path
) -> None:
    twin = build()
    work = undisturbed(starter_of("crawl"), twin, build(replica=twin.replica))
    expected = whole(twin)
    with killing("crawl") as killer:
        while killer.hits < scaled(60):
            place = build(replica=twin.replica)
            worn_down(place, work, killer, tmp_path, 0.3)
            finish(place)
            deliver_later(place)
            found = whole(place)
            assert_same(found, expected)
            assert found.outcomes == expected.outcomes
            for source in (POST, OHCHR, CAMBODIA):
                *before, last = [status for name, status in found.statuses if name == source]
                assert (set(before) <= {"killed", "finished"}, last) == (True, "finished")
            sound(place, tmp_path / "end")


@pytest.fixture
def files(filled: Place, tmp_path: Path) -> list[str]:
    """Pages, copied texts and WARC files."""
    folder = tmp_path / "saved"
    folder.mkdir()
    for number, truth in enumerate(filled.replica.truth(POST)[:8]):
        (folder / f"page-{number}.html").write_bytes(filled.replica.render(POST, truth.path)[2])
    for number in range(20):
        text = f"The well of village {number} ran dry\n\nThe women of village {number} said that the well ran dry.\n"
        (folder / f"text-{number}.txt").write_text(text)
    archives = sorted((filled.folder / "data" / "archive" / CAMBODIA).rglob("*.warc.gz"))
    return [str(path) for path in (*sorted(folder.iterdir()), *archives)]


def test_an_import_killed_anywhere_again_and_again_ends_with_the_corpus_of_an_undisturbed_one(
    build: Build, filled: Place, files: list[str], tmp_path: Path
) -> None:
    twin = build(replica=filled.replica)
    work = undisturbed(starter_of("import", *files), twin, build(replica=filled.replica))
    expected = whole(twin)
    with killing("import") as killer:
        while killer.hits < scaled(20):
            place = build(replica=filled.replica)
            worn_down(place, work, killer, tmp_path, 0.9)
            assert_same(whole(place), expected)
            sound(place, tmp_path / "end")


@dataclass(frozen=True)
class Readers:
    """Those who are told by mail and by webhook, and what came to them."""

    office: PostOffice
    there: Receiver

    @property
    def settings(self) -> Mapping[str, Any]:
        channels = {"by-mail": "smtp", "by-hook": "hook"}
        who = [
            {"name": f"{name}-{number}", "channel": channel, "schedule": ["immediate", "daily 07:30"], "burst": 0}
            | ({"to": [f"{name}-{number}@example.org"]} if channel == "smtp" else {})
            for name, channel in channels.items()
            for number in range(2)
        ]
        silent = {"alerts": {"channel": "none"}, "digest": {"channel": "none"}}
        mail = {"mail": {"host": "127.0.0.1", "port": self.office.port}}
        return {**silent, **mail, "channels": {"hook": {"kind": "webhook", "url": self.there.url}}, "subscribers": who}

    def forget(self) -> None:
        self.office.letters.clear()
        self.there.calls.clear()


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    monkeypatch.setenv("TONLE_CHANNEL_HOOK", SECRET)
    with post_office() as office, receiver() as there:
        yield Readers(office, there)


@contextmanager
def owing(place: Place) -> Iterator[Owing]:
    store = Store.open(place.database)
    yield Owing(store, open_desk(place.folder / "config.yaml").config, datetime.now(UTC))
    store.close()


def test_deliveries_killed_anywhere_again_and_again_bring_everything_and_nothing_twice_but_what_was_under_way(
    build: Build, readers: Readers, tmp_path: Path
) -> None:
    blank = build(**readers.settings)
    with owing(blank) as owed:
        owed.owe(articles=30, digests=2)
    twin = blank.copy(tmp_path / "twin")

    work = undisturbed(starter_of("deliveries", "send"), twin, blank.copy(tmp_path / "counted"))
    assert twice(readers.office.ids) == Counter(dict.fromkeys(readers.office.ids, 1))
    mails, calls = set(readers.office.ids), set(readers.there.ids)
    with killing("delivery") as killer:
        while killer.hits < scaled(40):
            readers.forget()
            place = blank.copy(tmp_path / f"place-{killer.hits}")
            killed = worn_down(place, work, killer, tmp_path, 0.3)
            with owing(place) as owed:
                owed.now += timedelta(hours=2)
                owed.work_off()
                states = owed.states().values()
                assert {state.given_up_at for state in states} == {None}
            by_mail, by_hook = ([each.name for each in states if way in each.key] for way in ("by-mail", "by-hook"))
            assert {message_id(name) for name in by_mail} == set(readers.office.ids) == mails
            assert {webhook_id(name) for name in by_hook} == set(readers.there.ids) == calls
            again = twice(readers.office.ids) + twice(readers.there.ids)
            assert sum(again.values()) <= killed
            sound(place, tmp_path / "end")


def daemon_at_work(place: Place) -> Work:
    """Let a daemon crawl every source once, and return it as work that begins when its crawls have been started."""
    running, began = command("--log-format", "json", "daemon", place=place), monotonic()
    until(lambda: running.err.read_text().count("crawl.child_ended") == 3, LONG, running)
    end = monotonic() - began
    running.send(signal.SIGTERM)
    assert running.wait(LONG).code == 0
    return Work(starter_of("daemon"), end / 5, end)


def test_everything_killed_anywhere_at_once_while_the_daemon_works_is_made_up_for_by_the_next(
    build: Build, filled: Place, tmp_path: Path
) -> None:
    settings = {"deliver_every": "1s"}
    work = daemon_at_work(build(replica=filled.replica, daemon=settings))
    with killing("daemon and its crawls") as killer:
        while killer.hits < scaled(12):
            place = build(replica=filled.replica, daemon=settings)
            for _ in range(6):
                assert killer.strike(work, place)
                sound(place, tmp_path / f"daemon-{killer.hits}")
            finish(place)
            deliver_later(place)
            assert_same(whole(place), whole(filled))
            sound(place, tmp_path / "end")
