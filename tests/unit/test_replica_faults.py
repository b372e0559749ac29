"""Faults of the replica that a crawler meets over HTTP: hosts that are down, stale answers, robots.txt of all kinds."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from http.client import HTTPConnection, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import pytest

from replica import Replica

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
POST = "phnom-penh-post"
OFFICE = "ohchr-cambodia"


@pytest.fixture
def replica() -> Iterator[Replica]:
    with Replica(now=NOW) as running:
        yield running


def get(address: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=10)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request("GET", parts.path, headers=names)
        with connection.getresponse() as answer:
            return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def send(address: str, value: object) -> object:
    request = urllib.request.Request(address, data=json.dumps(value).encode(), method="POST")  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def test_a_site_that_is_down_cuts_every_connection_for_as_many_requests_as_set(replica: Replica) -> None:
    replica.fault(POST, "", "down", times=2)
    for path in ("/national", "/robots.txt"):
        with pytest.raises(RemoteDisconnected):
            get(replica.base_url(POST) + path)
    assert get(f"{replica.base_url(POST)}/national")[0] == 200
    assert get(f"{replica.base_url(OFFICE)}/en/news")[0] == 200
    assert [entry.status for entry in replica.log] == [0, 0, 200, 200]


def test_a_site_may_refuse_connections_and_take_them_again_on_the_same_port(replica: Replica) -> None:
    base = replica.base_url(POST)
    send(f"{replica.control}/refuse", {"site": POST})
    replica.refuse(POST)
    with pytest.raises(ConnectionRefusedError):
        get(f"{base}/national")
    assert get(f"{replica.base_url(OFFICE)}/en/news")[0] == 200
    send(f"{replica.control}/accept", {"site": POST})
    replica.accept(POST)
    assert replica.base_url(POST) == base
    assert get(f"{base}/national")[0] == 200


def test_a_replica_closes_while_one_of_its_sites_refuses() -> None:
    with Replica(now=NOW) as replica:
        replica.refuse(POST)
        base = replica.base_url(OFFICE)
    with pytest.raises(ConnectionRefusedError):
        get(f"{base}/en/news")


def test_a_stale_304_denies_a_change(replica: Replica) -> None:
    address = f"{replica.base_url(OFFICE)}/en/news"
    tag = get(address)[1]["ETag"]
    replica.advance()
    assert get(address, If_None_Match=tag)[0] == 200
    replica.fault(OFFICE, "/en/news", "stale-304")
    status, headers, body = get(address, If_None_Match=tag)
    assert (status, headers["ETag"], body) == (304, tag, b"")
    assert get(address, If_Modified_Since="Sat, 21 Nov 2026 05:00:00 GMT")[0] == 304
    assert get(address)[0] == 200


@pytest.mark.parametrize("by", [100, -100])
def test_a_wrong_length_is_promised_and_the_connection_ends(replica: Replica, by: int) -> None:
    address = f"{replica.base_url(POST)}/national"
    whole = get(address)[2]
    replica.fault(POST, "/national", "wrong-length", by=by)
    if by > 0:
        with pytest.raises(IncompleteRead) as cut:
            get(address)
        assert cut.value.partial == whole
    else:
        assert get(address)[2] == whole[:by]


def test_redirects_lead_to_another_host_and_to_private_addresses(replica: Replica) -> None:
    replica.fault(POST, "/sport", "redirect-away")
    replica.fault(POST, "/business", "redirect-private")
    replica.fault(POST, "/travel", "redirect-private", to="http://127.0.0.1:9/x")
    places = [get(replica.base_url(POST) + path)[1]["Location"] for path in ("/sport", "/business", "/travel")]
    assert places == [
        "https://www.example.org/sport",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:9/x",
    ]


@pytest.mark.parametrize("retry_after", ["30", "Sat, 21 Nov 2026 05:10:00 GMT"])
def test_too_many_requests_say_when_to_come_back_in_both_forms(replica: Replica, retry_after: str) -> None:
    replica.fault(POST, "/national", "status", times=1, status=429, retry_after=retry_after)
    status, headers, _ = get(f"{replica.base_url(POST)}/national")
    assert (status, headers["Retry-After"]) == (429, retry_after)
    assert get(f"{replica.base_url(POST)}/national")[0] == 200


def test_a_burst_of_server_errors_ends(replica: Replica) -> None:
    replica.fault(POST, "^/", "status", times=3, status=502)
    assert [get(f"{replica.base_url(POST)}/national")[0] for _ in range(4)] == [502, 502, 502, 200]


def test_robots_txt_comes_with_a_mark_a_delay_an_age_and_a_size(replica: Replica) -> None:
    address = f"{replica.base_url(POST)}/robots.txt"
    own = get(address)[2].decode()
    replica.fault(POST, "/robots.txt", "robots", times=1, bom=1, crawl_delay=9, max_age=60)
    _, headers, body = get(address)
    assert headers["Cache-Control"] == "max-age=60"
    assert body.decode() == "\ufeff" + own.replace("User-agent: *\n", "User-agent: *\nCrawl-delay: 9\n")
    replica.fault(POST, "/robots.txt", "robots", times=1, size=600_000)
    body = get(address)[2]
    assert 590_000 < len(body) < 610_000
    assert body.decode().endswith(own)
    replica.fault(POST, "/robots.txt", "robots", times=1, text="User-agent: *\nDisallow: /")
    assert get(address)[2] == b"User-agent: *\nDisallow: /\n"


def test_the_control_port_withdraws_restores_and_replaces_robots_txt(replica: Replica) -> None:
    key = "prison-officers-complete-course-on-complaints-by-detainees"
    address = f"{replica.base_url(OFFICE)}/en/news/{key}"
    told = send(f"{replica.control}/withdraw", {"site": OFFICE, "key": key})
    assert told == {"path": f"/en/news/{key}"}
    assert get(address)[0] == 404
    replica.advance()
    assert get(address)[0] == 410
    assert send(f"{replica.control}/restore", {"site": OFFICE, "key": key}) == told
    assert get(address)[0] == 200
    replica.withdraw(OFFICE, key)
    assert get(address)[0] == 404
    replica.restore(OFFICE, key)
    send(f"{replica.control}/robots", {"site": OFFICE, "text": "User-agent: *\n"})
    assert get(f"{replica.base_url(OFFICE)}/robots.txt")[2] == b"User-agent: *\n"
