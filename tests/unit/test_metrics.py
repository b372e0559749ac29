"""What machines see: figures and health, over real sockets and a real corpus."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from shutil import copyfile

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.desk import Desk, open_desk
from app.metrics import Endpoint
from core.errors import ConfigError
from core.model import Reason
from core.observing import host_and_port
from core.trouble import Gravity, Subject, Trouble
from storage.store import Store
from tests.unit.conftest import Refuse

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ANY = "127.0.0.1:0"


@pytest.fixture
def desk(tmp_path: Path, empty_corpus: Path) -> Desk:
    (tmp_path / "data").mkdir()
    copyfile(empty_corpus, tmp_path / "data" / "corpus.sqlite")
    (tmp_path / "config.yaml").write_text("{}")
    return open_desk(tmp_path / "config.yaml", {})


@pytest.fixture
def store(desk: Desk) -> Iterator[Store]:
    opened = Store.open(desk.config.corpus)
    yield opened
    opened.close()


@contextmanager
def serving(desk: Desk, store: Store, ails: Callable[[], str] = str) -> Iterator[Endpoint]:
    endpoint = Endpoint(ANY, lambda: desk, store, ails)
    endpoint.start()
    try:
        yield endpoint
    finally:
        endpoint.stop()


def asked(endpoint: Endpoint, path: str, method: str = "GET") -> tuple[int, str, HTTPResponse]:
    with closing(HTTPConnection(*host_and_port(endpoint.address), timeout=10)) as line:
        line.request(method, path)
        answer = line.getresponse()
        return answer.status, answer.read().decode(), answer


def figures(endpoint: Endpoint) -> dict[tuple[str, ...], float]:
    status, said, _ = asked(endpoint, "/metrics")
    assert status == 200
    families = text_string_to_metric_families(said)
    return {(one.name, *sorted(one.labels.values())): one.value for each in families for one in each.samples}


def test_the_figures_are_those_of_the_corpus_when_they_are_asked_for(desk: Desk, store: Store) -> None:
    with serving(desk, store) as endpoint:
        before = figures(endpoint)
        assert before["tonle_outbox_messages", "waiting"] == 0
        assert before["tonle_source_state", "never", "ohchr"] == 1
        with store.transaction() as corpus:
            for status in ("failed", "failed", "finished"):
                corpus.runs.finish(corpus.runs.start("ohchr", "schedule", NOW), status, NOW)
            corpus.outbox.owe("digest", 1, "digest:1", NOW)
            low = Gravity.LOOK
            corpus.troubles.keep(Trouble(Subject("disk"), "disk-low", low, (), NOW, ("disk-low",), low, NOW))
            corpus.outbox.owe("trouble", 1, "trouble:1", NOW)
            corpus.outbox.given_up(2, "no such box", NOW)
            corpus.meters.raise_alarm("ohchr", "undated", "no dates", 1, NOW)
            corpus.incidents.report("ohchr", "a.test", Reason.CHALLENGE, "", NOW + timedelta(days=9000), NOW)
        after = figures(endpoint)
        assert "# TYPE tonle_runs_kept gauge" in asked(endpoint, "/metrics")[1]
    assert after["tonle_runs_kept", "failed", "ohchr"] == 2
    assert after["tonle_runs_kept", "finished", "ohchr"] == 1
    assert after["tonle_last_success_timestamp_seconds", "ohchr"] == NOW.timestamp()
    assert after["tonle_outbox_messages", "waiting"] == 1
    assert after["tonle_outbox_messages", "dead"] == 1
    assert (before["tonle_operator_messages_refused",], after["tonle_operator_messages_refused",]) == (0, 1)
    assert after["tonle_trouble_open", "", "disk", "disk-low"] == 1
    assert after["tonle_alarms_open", "ohchr"] == after["tonle_incidents_open", "ohchr"] == 1
    assert after["tonle_source_state", "blocked", "ohchr"] == 1
    assert (
        sum(value for (name, *labels), value in after.items() if name == "tonle_source_state" and "ohchr" in labels)
        == 1
    )
    assert after["tonle_database_bytes",] == desk.config.corpus.stat().st_size
    assert ("tonle_wal_bytes",) in after
    assert after["process_resident_memory_bytes",] > 0 or not Path("/proc").exists()


def test_the_daemon_is_well_where_nothing_ails_it_and_the_corpus_answers(desk: Desk, store: Store) -> None:
    reasons = ["The disk is full."]
    with serving(desk, store, lambda: "".join(reasons)) as endpoint:
        status, said, _ = asked(endpoint, "/healthz")
        assert (status, json.loads(said)) == (503, {"status": "unwell", "reason": "The disk is full."})
        reasons.clear()
        status, said, answer = asked(endpoint, "/healthz")
        assert (status, json.loads(said)) == (200, {"status": "well"})
        assert answer.getheader("Content-Type") == "application/json"


def test_a_corpus_that_cannot_be_read_is_no_health_and_no_end(desk: Desk, store: Store) -> None:
    with serving(desk, store) as endpoint:
        for path in desk.config.data.glob("corpus.sqlite*"):
            path.unlink()
        desk.config.corpus.write_bytes(b"no corpus" * 1000)
        store.close()
        status, said, _ = asked(endpoint, "/healthz")
        assert status == 503
        assert "corpus" in json.loads(said)["reason"]
        assert asked(endpoint, "/metrics")[0] == 503
        assert asked(endpoint, "/healthz")[0] == 503


def test_only_two_paths_are_answered_and_only_to_be_read(desk: Desk, store: Store) -> None:
    with serving(desk, store) as endpoint:
        assert [asked(endpoint, path)[0] for path in ("/", "/metrics/", "/healthz?x", "/../etc/passwd")] == [404] * 4
        assert [asked(endpoint, "/metrics", method)[0] for method in ("POST", "PUT", "DELETE")] == [501] * 3


def test_who_opens_many_lines_and_says_nothing_makes_no_threads_without_end(desk: Desk, store: Store) -> None:
    with serving(desk, store) as endpoint:
        before = threading.active_count()
        place = host_and_port(endpoint.address)
        lines = [socket.create_connection(place, timeout=10) for _ in range(30)]
        turned_away = sum(_is_closed(line) for line in lines[8:])
        assert turned_away == 22
        assert threading.active_count() - before <= 9
        for line in lines:
            line.close()


def _is_closed(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True


def test_a_closed_endpoint_listens_no_more_and_may_be_closed_twice(desk: Desk, store: Store) -> None:
    with serving(desk, store) as endpoint:
        place = host_and_port(endpoint.address)
    assert endpoint.address == ""
    endpoint.stop()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(place, timeout=5)


def test_a_port_that_is_taken_is_an_error_at_the_start(desk: Desk, store: Store) -> None:
    with serving(desk, store) as endpoint, pytest.raises(OSError, match="in use"):
        Endpoint(endpoint.address, lambda: desk, store, str).start()


@pytest.mark.parametrize("listen", ["9464", "localhost:9464", "127.0.0.1", "127.0.0.1:0", "a@127.0.0.1:1", "1.2.3.4:x"])
def test_what_is_no_address_with_a_port_is_refused(refuse: Refuse, listen: str) -> None:
    error: ConfigError = refuse(f"metrics: {{listen: '{listen}'}}\n")
    assert "listen" in str(error) or "127.0.0.1" in str(error)
