"""A daemon's life, in this process and with nothing to crawl: who takes over, what a signal does, how it ends."""

import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stderr
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog

from app.child import Children
from app.cli.options import LogWish
from app.daemon import Daemon
from app.desk import Desk, open_desk
from core.errors import StorageError
from core.log import set_up_logs
from core.site import load_sites
from crawler import SITES
from storage.jobs import JobFailure
from storage.lock import held
from storage.store import Store

NOTHING = {name: {"enabled": False} for name in load_sites(SITES)}
FILE = {"channel": "file"}
PUBLIC = {"url": "https://news.example.org/leave"}


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


@dataclass
class House:
    """Settings, their corpus and log file, and a daemon that works by them."""

    folder: Path
    heeded: list[Desk] = field(default_factory=list)

    def write(self, **settings: object) -> None:
        known = {"sources": NOTHING, "log": {"file": "tonle.log", "format": "json"}}
        (self.folder / "config.yaml").write_text(json.dumps(known | settings))

    def heed(self, desk: Desk) -> None:
        self.heeded.append(desk)
        wish = LogWish("", "json", "daemon")
        wish.follow(desk.config.log, desk.config.data, desk.config.secrets, begins=desk.begins)

    def daemon(self, heed: Callable[[Desk], None] | None = None) -> Daemon:
        desk = open_desk(self.folder / "config.yaml", {})
        self.heed(desk)
        return Daemon(desk, Children(timedelta(seconds=1)), heed=heed or self.heed)

    @property
    def corpus(self) -> Path:
        return self.folder / "data" / "corpus.sqlite"

    @property
    def log(self) -> Path:
        return self.folder / "data" / "tonle.log"

    def told(self, event: str) -> list[dict[str, Any]]:
        if not self.log.exists():
            return []
        lines = self.log.read_text().rpartition("\n")[0].splitlines()
        return [each for each in map(json.loads, lines) if each["event"] == event]

    def await_event(self, event: str) -> None:
        until(lambda: bool(self.told(event)))

    def live(self, daemon: Daemon, meanwhile: Callable[[], None]) -> None:
        """Let a daemon run while a thread does something; then it is told to end."""
        failed: list[BaseException] = []

        def then_end() -> None:
            try:
                meanwhile()
            except BaseException as error:  # noqa: BLE001  # raised again below
                failed.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

        beside = threading.Thread(target=then_end)
        beside.start()
        try:
            daemon.run()
        finally:
            beside.join(30)
        assert not failed, failed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: None)  # for one that ended before it was told to
    house = House(tmp_path)
    house.write(subscribers=[{"name": "ann", **FILE}])
    yield house
    signal.signal(signal.SIGTERM, before)
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)


def after_another(house: House, meanwhile: Callable[[], None]) -> None:
    """Let a daemon wait for another, which ends when that is done."""
    Store.open(house.corpus).close()
    leader = held(house.folder / "data" / "locks" / "daemon.lock", "The work")
    leader.__enter__()

    def reign() -> None:
        house.await_event("daemon.waiting")
        meanwhile()
        leader.__exit__(None, None, None)
        os.kill(os.getpid(), signal.SIGHUP)  # so that it looks at once
        house.await_event("daemon.started")

    house.live(house.daemon(), reign)


def subscribers(house: House) -> list[str]:
    store = Store.open(house.corpus)
    with store.reading() as corpus:
        joined = [name for name in ("ann", "bo") if corpus.subscribers.by_name(name)]
    store.close()
    return joined


def test_whoever_takes_over_works_by_settings_corpus_and_log_file_as_they_are_then(house: House) -> None:
    def replace() -> None:
        Store.open(house.folder / "other.sqlite").close()
        (house.folder / "other.sqlite").replace(house.corpus)
        house.write(subscribers=[{"name": "bo", **FILE}], crawl={"stop_grace": "7s"})
        house.log.rename(house.log.with_name("tonle.log.1"))

    after_another(house, replace)
    assert subscribers(house) == ["bo"], "of the corpus that was put there meanwhile"
    assert [each.name for each in house.heeded[-1].config.subscribers] == ["bo"]
    assert house.told("daemon.stopped"), "in the log file that stands there now"


def test_whoever_takes_over_while_the_settings_are_wrong_works_by_those_it_has(house: House) -> None:
    after_another(house, lambda: house.write(subscriber=[]))
    assert "subscriber" in house.told("config.refused")[0]["error"]
    assert subscribers(house) == ["ann"]


def test_whoever_waited_begins_no_corpus_in_the_place_of_one_that_was_taken_away(house: House) -> None:
    Store.open(house.corpus).close()
    with ExitStack() as leading:
        leading.enter_context(held(house.folder / "data" / "locks" / "daemon.lock", "The work"))

        def end() -> None:
            house.await_event("daemon.waiting")
            house.corpus.unlink()
            leading.close()
            until(lambda: len(house.heeded) == 2)  # it has the lock, and works by the settings of now

        with pytest.raises(StorageError, match="There is no corpus"):
            house.live(house.daemon(), end)
    assert not house.corpus.exists()


def test_settings_that_are_read_anew_make_no_folder_for_the_log_of_a_corpus_that_was_taken_away(house: House) -> None:
    data = house.folder / "data"

    def take_away() -> None:
        house.await_event("daemon.started")
        data.rename(house.folder / "elsewhere")
        os.kill(os.getpid(), signal.SIGHUP)

    with pytest.raises(StorageError, match="taken away"):
        house.live(house.daemon(), take_away)
    assert not data.exists()


def failing(house: House) -> tuple[JobFailure, ...]:
    store = Store.open(house.corpus)
    with store.reading() as corpus:
        found = corpus.jobs.failures()
    store.close()
    return found


def test_a_place_that_was_taken_is_tried_again_until_it_can_be_had(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        house.write(metrics={"listen": f"127.0.0.1:{port}"})

        def leave() -> None:
            house.await_event("metrics.refused")
            until(lambda: [each.name for each in failing(house)] == ["metrics"])
            taken.close()
            until(lambda: failing(house) == ())
            socket.create_connection(("127.0.0.1", port), 30).close()

        daemon = house.daemon()
        daemon.again = 0.0
        house.live(daemon, leave)
    assert house.told("metrics.listening")


def test_a_place_that_is_taken_is_told_and_ends_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def reload() -> None:
        house.await_event("daemon.started")
        os.kill(os.getpid(), signal.SIGHUP)
        house.await_event("unsubscribe.refused")

    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        daemon = house.daemon()
        house.write(unsubscribe={**PUBLIC, "listen": place})
        monkeypatch.setenv("TONLE_UNSUBSCRIBE_KEY", "k" * 40)
        house.live(daemon, reload)
    assert place.replace(":", " port ") in house.told("unsubscribe.refused")[0]["error"]
    assert [(each.name, place.replace(":", " port ") in each.error) for each in failing(house)] == [
        ("unsubscribe", True)
    ]
    assert house.told("config.reloaded")
    assert house.told("daemon.stopped")


def test_settings_that_are_read_anew_steer_the_log_and_the_grace_of_children(house: House) -> None:
    daemon = house.daemon()

    def reload() -> None:
        house.await_event("daemon.started")
        house.write(log={"file": "tonle.log", "level": "warning"}, crawl={"stop_grace": "7s"})
        os.kill(os.getpid(), signal.SIGHUP)
        end = time.monotonic() + 20
        while len(house.heeded) < 2:
            assert time.monotonic() < end
            threading.Event().wait(0.01)

    house.live(daemon, reload)
    assert daemon.children.grace == timedelta(seconds=7)
    assert not house.told("daemon.stopped"), "less is logged now"


def test_whatever_ends_it_no_job_and_no_child_goes_on_when_the_lock_is_free(house: House) -> None:
    def fail(_desk: Desk) -> None:
        raise RuntimeError("Nobody foresaw this.")

    daemon = house.daemon(fail)

    def reload() -> None:
        house.await_event("daemon.started")
        os.kill(os.getpid(), signal.SIGHUP)
        house.await_event("daemon.stopped")

    with pytest.raises(RuntimeError, match="Nobody foresaw"):
        house.live(daemon, reload)
    assert daemon.children.run(house.folder, [], timedelta(seconds=1)).stopped
    assert not [each.name for each in threading.enumerate() if each.name.startswith("APScheduler")]


class Signalled(StringIO):
    """A stream in which a signal arrives in the midst of the line that says that the daemon has started."""

    def write(self, text: str) -> int:
        if "daemon.started" in text:
            os.kill(os.getpid(), signal.SIGTERM)
            sys.intern("")  # a signal is handled between two steps of the interpreter
        return super().write(text)


def test_a_signal_that_comes_while_a_line_is_written_waits_for_the_end_of_it(house: House) -> None:
    daemon, said = house.daemon(), Signalled()
    with redirect_stderr(said):
        set_up_logs("info", "json")
        daemon.run()
    events = [json.loads(line)["event"] for line in said.getvalue().splitlines()]
    assert [each for each in events if each.startswith("daemon.")] == [
        "daemon.started",
        "daemon.signalled",
        "daemon.stopping",
        "daemon.stopped",
    ]


def test_what_a_child_says_is_kept_where_it_is_no_utf_8() -> None:
    children = Children(timedelta(seconds=1), {**os.environ, "PYTHONIOENCODING": "latin-1"})
    ended = children.run(Path("config.yaml"), ["förgotten"], timedelta(seconds=30))
    assert ended.code == 2
    assert "f\N{REPLACEMENT CHARACTER}rgotten" in ended.last_words
