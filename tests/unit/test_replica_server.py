import gzip
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import urlsplit

import pytest

from replica import Replica

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
POST = "phnom-penh-post"


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica(now=NOW) as running:
        yield running


def get(address: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=10)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=names)
        with connection.getresponse() as answer:
            return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def send(address: str, value: object = None) -> object:
    request = urllib.request.Request(address, data=json.dumps(value).encode(), method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def test_the_log_holds_requests_in_order_until_it_is_cleared(replica: Replica) -> None:
    get(f"{replica.base_url(POST)}/robots.txt", User_Agent="tester/1")
    get(f"{replica.base_url('ohchr')}/en/latest?page=1")
    entries = json.loads(get(f"{replica.control}/log")[2])
    assert entries == [asdict(entry) for entry in replica.log]
    assert [(entry["path"], entry["status"]) for entry in entries] == [("/robots.txt", 200), ("/en/latest?page=1", 200)]
    assert entries[0]["agent"] == entries[0]["headers"]["user-agent"] == "tester/1"
    assert replica.requests("ohchr") == ["/en/latest?page=1"]
    send(f"{replica.control}/log/clear")
    assert replica.log == []


def test_the_control_port_advances_tells_the_truth_and_sets_faults(replica: Replica) -> None:
    assert send(f"{replica.control}/advance") == Replica(now=NOW).advance()
    told = json.loads(get(f"{replica.control}/truth")[2])
    assert told == json.loads(json.dumps({site: [asdict(t) for t in replica.truth(site)] for site in told}))
    fault = {"site": POST, "path": "/rss", "kind": "status", "times": 1, "status": 503, "retry_after": 9}
    send(f"{replica.control}/fault", fault)
    status, headers, _ = get(f"{replica.base_url(POST)}/rss")
    assert (status, headers["Retry-After"]) == (503, "9")
    assert get(f"{replica.base_url(POST)}/rss")[0] == 403
    assert get(f"{replica.control}/")[0] == 200
    with pytest.raises(urllib.error.HTTPError) as refused:
        send(f"{replica.control}/fault", {"site": POST, "path": "/rss", "kind": "no-such-kind"})
    refused.value.close()
    assert refused.value.code == 400


@pytest.mark.parametrize(
    ("kind", "status", "start"),
    [
        ("redirect", 302, b""),
        ("redirect-loop", 302, b""),
        ("challenge", 403, b"<!DOCTYPE html>"),
        ("html-for-xml", 200, b"<!DOCTYPE html>"),
        ("truncated-xml", 200, b"<?xml"),
        ("entity-bomb", 200, b"<?xml"),
        ("wrong-charset", 200, b"<?xml"),
        ("empty", 200, b""),
        ("binary", 200, b"\x00\x01"),
        ("login-wall", 200, b"<!DOCTYPE html>"),
        ("slow", 200, b"<?xml"),
    ],
)
def test_a_fault_is_answered_in_place_of_the_page(replica: Replica, kind: str, status: int, start: bytes) -> None:
    replica.fault("ohchr", r"^/en/rss\.xml", kind, times=1, seconds=0)
    address = f"{replica.base_url('ohchr')}/en/rss.xml"
    whole = replica.render("ohchr", "/en/rss.xml")[2]
    found = get(address)
    assert (found[0], found[2][: len(start)]) == (status, start)
    assert (found[2] == whole) == (kind == "slow")
    assert get(address)[2] == whole


def test_a_cut_connection_delivers_less_than_it_promised(replica: Replica) -> None:
    replica.fault(POST, "/national", "reset", after=50)
    with pytest.raises(IncompleteRead) as cut:
        get(f"{replica.base_url(POST)}/national")
    assert len(cut.value.partial) == 50
    replica.clear_faults()
    assert get(f"{replica.base_url(POST)}/national")[0] == 200


def test_a_hang_ends_with_the_replica_and_a_huge_page_with_its_client(replica: Replica) -> None:
    replica.fault(POST, "/sport", "hang")
    replica.fault(POST, "/business", "huge")
    waiting = HTTPConnection(urlsplit(replica.base_url(POST)).netloc, timeout=10)
    waiting.request("GET", "/sport")
    with urllib.request.urlopen(f"{replica.base_url(POST)}/business", timeout=10) as answer:  # noqa: S310
        assert answer.headers["Content-Length"] == str(200 * 1024 * 1024)
        assert answer.read(15) == b"<!DOCTYPE html>"
    while b"/sport" not in get(f"{replica.control}/log")[2]:
        """The server has not read the request yet."""
    replica.close()
    with pytest.raises(ConnectionError):
        waiting.getresponse()
    waiting.close()
    assert {(entry.path, entry.status) for entry in replica.log} == {("/sport", 0), ("/business", 200)}


def test_a_gzip_bomb_is_small_and_sound(replica: Replica) -> None:
    replica.fault(POST, "/national", "gzip-bomb", size=3 * 1024 * 1024)
    _, headers, body = get(f"{replica.base_url(POST)}/national")
    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < 50_000
    assert len(gzip.decompress(body)) == 3 * 1024 * 1024


def test_a_story_can_be_published_from_a_mapping_and_a_malformed_one_is_refused(replica: Replica) -> None:
    story = {"slug": "a-b", "title": "A b", "body": "One.\n\nTwo.", "sections": ["sport"], "ago": "5m"}
    path = replica.publish(POST, story)
    assert get(replica.base_url(POST) + path)[0] == 200
    assert replica.truth(POST)[-1].paragraphs == ("One.", "Two.")
    for broken in (story, {**story, "slug": "c", "colour": "red"}, {**story, "slug": "c", "ago": "soon"}):
        with pytest.raises(ValueError, match=r"already|unknown keys|not a span"):
            replica.publish(POST, broken)


def test_the_program_prints_its_addresses_and_ends_when_stdin_does() -> None:
    command = [sys.executable, "-m", "replica", "--now", NOW.isoformat(), "--until-stdin-closes"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        told = json.loads(process.stdout.readline())
        assert get(f"{told['sites'][POST]}/robots.txt")[0] == 200
        assert get(f"{told['control']}/")[0] == 200
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_the_program_ends_well_on_sigterm() -> None:
    with subprocess.Popen([sys.executable, "-m", "replica"], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert json.loads(process.stdout.readline())["sites"]
        process.terminate()
        assert process.wait(timeout=20) == 0
