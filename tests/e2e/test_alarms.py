"""The operator's alarms: a daemon that is killed and started anew tells each once, and once that it is over."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from storage.outbox import DeliveryState
from storage.store import Store
from tests.e2e.places import CAMBODIA, Build, Place
from tests.e2e.processes import Running, until
from tests.e2e.servers import Postbox

EXPOSED = "a file with secrets can be read by others"
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds processes in /proc"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    box.start()
    yield box
    box.stop()


@contextmanager
def daemon(place: Place) -> Iterator[Running]:
    """Run a daemon for the block, and kill it."""
    running = place.start("--log-format", "json", "daemon")
    try:
        yield running
    finally:
        running.send(signal.SIGKILL)
        running.wait(20)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    return " ".join(f"{letter['Subject']} {body.get_content() if body else ''}".split())


def told(postbox: Postbox, words: str) -> list[str]:
    """Return what came that holds some words."""
    return [said for said in map(text_of, postbox.arrived) if words in said]


def operating(postbox: Postbox, **more: str) -> dict[str, Any]:
    operator = {"channel": "smtp", "to": ["keeper@example.org"], "every": "1s", **more}
    mail = {"host": "127.0.0.1", "port": postbox.port}
    return {"operator": operator, "mail": mail, "daemon": {"deliver_every": "1s"}}


def refused(place: Place) -> tuple[DeliveryState, ...]:
    if not place.database.exists():
        return ()
    with place.corpus() as corpus:
        return corpus.outbox.refused(("trouble",))


def make_due(place: Place) -> None:
    """Let what the mail server refused for now be tried at once."""
    store = Store.open(place.database)
    with store.transaction() as corpus:
        for state in corpus.outbox.refused(("trouble",)):
            corpus.outbox.postponed(state.id, "not now", datetime.now(UTC))
    store.close()


def test_a_machine_in_trouble_is_told_by_mail_once_through_kills_and_once_that_it_is_well(
    build: Build, postbox: Postbox
) -> None:
    place = build(**operating(postbox))
    place.configure(sources={name: {"enabled": False} for name in place.settings["sources"]})
    secret = place.folder / ".env"
    secret.write_text("TONLE_SMTP_PASSWORD=x\n")
    secret.chmod(0o644)
    postbox.reply = "451 4.7.1 not now"
    with daemon(place) as running:
        until(lambda: refused(place), 60, running)
    shown = place.tonle("status").out
    assert "a file with secrets can be read by others" in shown
    assert "The operator cannot be told" in shown
    assert "The operator cannot be told" in place.tonle("doctor", "--offline").out
    postbox.reply = "250 OK"
    make_due(place)
    with daemon(place) as running:
        until(lambda: told(postbox, EXPOSED), 60, running)
    secret.chmod(0o600)
    with daemon(place) as running:
        until(lambda: told(postbox, "all-clear for the rights of files"), 60, running)
    # The all-clear names what it was, but not what to do.
    assert len([said for said in told(postbox, EXPOSED) if "Whoever has an account" in said]) == 1
    assert len(told(postbox, "all-clear for the rights of files")) == 1
    assert "over: a file with secrets can be read by others" in place.tonle("troubles").out
    number = next(
        row["number"] for row in place.tonle("troubles", "--json").json["troubles"] if row["cause"] == "exposed"
    )
    whole = place.tonle("troubles", str(number)).out
    assert all(word in whole for word in ("What it means", "opened", "ended", "message"))
    assert place.tonle("troubles", "999").code == 2


def forget_robots(place: Place) -> None:
    """Let robots.txt be asked for again: it is kept for a day."""
    with closing(sqlite3.connect(place.database)) as connection, connection:
        connection.execute("DELETE FROM robots")


@pytest.mark.soak
@pytest.mark.parametrize("fault", ["down", "robots"])
def test_a_source_that_breaks_is_one_alarm_through_runs_and_kills_and_one_all_clear(
    build: Build, postbox: Postbox, fault: str
) -> None:
    postbox.arrived.clear()
    place = build(**operating(postbox))
    place.crawl(CAMBODIA)
    sources = {name: known | {"enabled": name == CAMBODIA} for name, known in place.settings["sources"].items()}
    sources[CAMBODIA]["every"] = "1s"
    place.configure(sources=sources)
    if fault == "down":
        place.replica.fault(CAMBODIA, "^/", "down")
    else:
        place.replica.robots(CAMBODIA, "User-agent: *\nDisallow: /\n")
        forget_robots(place)

    def failures() -> int:
        with place.corpus() as corpus:
            runs = corpus.runs.recent(100)
        return len(list(takewhile(lambda run: run.status != "finished", runs)))

    for wanted in (1, 3, 4):
        with daemon(place) as running:
            until(lambda wanted=wanted: failures() >= wanted, 120, running)  # type: ignore[misc]
    with daemon(place) as running:
        until(lambda: told(postbox, f"{CAMBODIA} is b"), 60, running)
    place.replica.clear_faults()
    place.replica.robots(CAMBODIA, None)
    forget_robots(place)
    with daemon(place) as running:
        until(lambda: told(postbox, f"all-clear for {CAMBODIA}"), 240, running)
        crawls = len(told(postbox, CAMBODIA))
        until(lambda: not failures(), 60, running)
    assert crawls == len(told(postbox, CAMBODIA)) == 2
    subjects = [str(letter["Subject"]) for letter in postbox.arrived if CAMBODIA in str(letter["Subject"])]
    assert subjects[0].startswith(f"tonle: {CAMBODIA} is {'broken' if fault == 'down' else 'blocked'}: ")
    assert subjects[1].startswith(f"tonle: all-clear for {CAMBODIA}, after ")
