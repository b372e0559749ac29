"""The receiver of those who unsubscribe, asked over HTTP as mail programs, scanners and strangers ask it."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from shutil import copyfile

import pytest
from lxml import html
from structlog.testing import capture_logs

from core.audience import Subscriber, Unsubscribe
from core.config import Config
from core.errors import UsageError
from core.owed import Reach
from notify.receiver import LONGEST_BODY, Receiver, application
from notify.unsubscribe import headers, token
from storage.store import Store

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
KEY = "a key of some length"
URL = "https://tonle.example.org/mail"
FORM = "application/x-www-form-urlencoded"
ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = (
    b'--x9\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x9--\r\n',
    "multipart/form-data; boundary=x9",
)
DARA, SOKHA = (Subscriber(name=name, to=(f"{name}@example.org",)) for name in ("dara", "sokha"))
CONFIG = Config(subscribers=(DARA, SOKHA), unsubscribe=Unsubscribe(url=URL, secret=KEY))
OFFERED = headers(CONFIG, DARA)["List-Unsubscribe"].strip("<>").removeprefix("https://tonle.example.org")
PATH = OFFERED.removeprefix("/mail")


def ask(port: int, method: str, path: str, body: bytes | None = None, kind: str = FORM) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@contextmanager
def listening(store: Store, config: Config = CONFIG, **settings: object) -> Iterator[int]:
    receiver = Receiver(application(store, config, lambda: NOW), ("127.0.0.1", 0), **settings)  # type: ignore[arg-type]
    receiver.start()
    try:
        yield receiver.port
    finally:
        receiver.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, empty_corpus: Path) -> Iterator[tuple[Store, int]]:
    """A corpus with one subscriber who joined, and a receiver before it."""
    opened = Store.open(Path(copyfile(empty_corpus, tmp_path_factory.mktemp("receiver") / "corpus.sqlite")))
    with opened.transaction() as corpus:
        corpus.subscribers.join("dara", Reach(), NOW - timedelta(days=9))
    with listening(opened) as port:
        yield opened, port
    opened.close()


@pytest.fixture
def port(shared: tuple[Store, int]) -> int:
    """The receiver's port; nobody has left."""
    with shared[0].transaction() as corpus:
        for name in corpus.subscribers.gone():
            corpus.subscribers.rejoin(name, Reach(), NOW)
    return shared[1]


@pytest.fixture
def gone(shared: tuple[Store, int]) -> Callable[[], frozenset[str]]:
    def ask_corpus() -> frozenset[str]:
        with shared[0].reading() as corpus:
            return corpus.subscribers.gone()

    return ask_corpus


Gone = Callable[[], frozenset[str]]


@pytest.mark.parametrize(("body", "kind"), [(ONE_CLICK, FORM), MULTIPART])
@pytest.mark.parametrize("path", [PATH, OFFERED])
def test_one_click_unsubscribes_and_says_so(port: int, gone: Gone, path: str, body: bytes, kind: str) -> None:
    answer, page = ask(port, "POST", path, body, kind)
    assert answer.status == 200
    assert gone() == {"dara"}
    assert b"You are unsubscribed" in page
    again, same = ask(port, "POST", path, body, kind)
    assert (again.status, same) == (200, page)


def test_who_leaves_is_recorded_with_the_time_and_told_to_the_log_without_the_token(
    port: int, shared: tuple[Store, int]
) -> None:
    with capture_logs() as logs:
        ask(port, "POST", PATH, ONE_CLICK)
    with shared[0].reading() as corpus:
        known = corpus.subscribers.by_name("dara")
    assert known
    assert known.left_at == NOW
    assert logs == [{"event": "unsubscribe.left", "log_level": "info", "subscriber": "dara"}]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_at_the_address_changes_nothing(port: int, gone: Gone, method: str) -> None:
    answer, page = ask(port, method, PATH)
    assert (answer.status, gone()) == (200, frozenset())
    assert (b"<button" in page) == (method == "GET")
    assert int(answer.headers["Content-Length"]) > 500


def test_an_answer_to_head_has_no_body(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"HEAD {PATH} HTTP/1.0\r\n\r\n".encode())
        assert client.makefile("rb").read().endswith(b"\r\n\r\n")


def test_the_page_has_a_form_that_sends_one_click_to_its_own_address(port: int, gone: Gone) -> None:
    tree = html.fromstring(ask(port, "GET", PATH)[1])
    assert tree.xpath("//form/@*") == ["post"]
    assert tree.xpath("//form/input/@name | //form/input/@value") == ["List-Unsubscribe", "One-Click"]
    assert tree.get("lang") == "en"
    assert tree.xpath("//h1/text()") == ["Unsubscribe?"]
    assert tree.xpath("//script | //img | //link | //@style | //@onclick | //@src") == []
    ask(port, "POST", PATH, b"List-Unsubscribe=One-Click")
    assert gone() == {"dara"}
    assert b"<form" not in ask(port, "GET", PATH)[1]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/unsubscribe/",
        "/unsubscribe/dara",
        f"/unsubscribe/dara/{'0' * 64}",
        f"/unsubscribe/sokha/{token('dara', KEY)}",
        f"/unsubscribe/dara/{token('dara', 'another key')}",
        f"/unsubscribe/dara/{token('dara', KEY).upper()}",
        f"{PATH}/",
        f"{PATH}%0a",
        f"/mail{OFFERED}",
        f"/x{PATH}",
        f"/unsubscribe/../unsubscribe/dara/{token('dara', KEY)}",
        f"/unsubscribe/stranger/{token('stranger', KEY)}",
        "/unsubscribe/a%0d%0aSet-Cookie:%20a=b/" + "0" * 64,
        "/unsubscribe/%F0%9F%92%A9/" + "0" * 64,
    ],
)
def test_every_other_address_meets_one_and_the_same_answer(port: int, gone: Gone, path: str) -> None:
    constant = ask(port, "GET", "/robots.txt")
    for method, body in (("GET", None), ("POST", ONE_CLICK)):
        answer, page = ask(port, method, path, body)
        assert (answer.status, page) == (404, constant[1])
        assert sorted(answer.headers.keys()) == sorted(constant[0].headers.keys())
    assert gone() == frozenset()


def test_a_query_behind_the_address_changes_nothing(port: int, gone: Gone) -> None:
    assert ask(port, "POST", f"{PATH}?utm_source=mail", ONE_CLICK)[0].status == 200
    assert gone() == {"dara"}


def test_a_subscriber_whom_nothing_was_sent_to_yet_can_leave(port: int, gone: Gone) -> None:
    assert ask(port, "POST", f"/unsubscribe/sokha/{token('sokha', KEY)}", ONE_CLICK)[0].status == 200
    assert gone() == {"sokha"}


def test_other_methods_are_refused(port: int, gone: Gone) -> None:
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE"):
        answer, _ = ask(port, method, PATH)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert gone() == frozenset()


def test_every_answer_keeps_the_page_to_itself(port: int) -> None:
    asked = [("GET", PATH, None), ("POST", PATH, ONE_CLICK), ("GET", "/", None), ("PUT", PATH, None)]
    for method, path, body in asked:
        given = ask(port, method, path, body)[0].headers
        policy = given["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'; frame-ancestors 'none'" in policy
        assert (given["Referrer-Policy"], given["X-Content-Type-Options"]) == ("no-referrer", "nosniff")
        assert (given["Cache-Control"], given["Server"], given["Set-Cookie"]) == ("no-store", "tonle", None)


@pytest.mark.parametrize("size", [LONGEST_BODY + 1, 900_000])
def test_a_huge_body_is_refused_and_not_kept(port: int, gone: Gone, size: int) -> None:
    answer, _ = ask(port, "POST", PATH, b"x" * size)
    assert (answer.status, gone()) == (413, frozenset())


@pytest.mark.parametrize("length", ["-1", "many", "9" * 30])
def test_a_length_that_is_none_is_refused(port: int, gone: Gone, length: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(f"POST {PATH} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n".encode())
        assert b" 413 " in client.makefile("rb").readline()
    assert gone() == frozenset()


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\r\n", b"\r\n"]
)
def test_what_is_no_request_is_answered_shortly_or_not_at_all(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        answer = client.makefile("rb").read()
    assert len(answer) < 400
    assert not any(told in answer for told in (b"Python", b"<html", b"Error"))
    assert ask(port, "GET", PATH)[0].status == 200


@pytest.mark.parametrize("begun", [b"", b"POST ", f"POST {PATH} HTTP/1.1\r\nContent-Length: 26\r\n\r\nList".encode()])
def test_a_slow_client_is_left_and_holds_up_nobody(store: Store, begun: bytes) -> None:
    with listening(store, patience=timedelta(seconds=0.3), at_once=2) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(begun)
            assert ask(port, "GET", PATH)[0].status == 200
            answer = client.makefile("rb").read()  # until it is left
        assert answer == b"" or b" 408 " in answer
    with store.reading() as corpus:
        assert corpus.subscribers.gone() == frozenset()


def test_a_byte_now_and_then_gains_no_time(store: Store) -> None:
    with (
        listening(store, patience=timedelta(seconds=0.3)) as port,
        socket.create_connection(("127.0.0.1", port)) as drip,
    ):
        drip.settimeout(0.05)
        sent = 0
        for _ in range(100):
            try:
                drip.sendall(b"x")
                sent += 1
                if drip.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert sent < 50


def test_more_clients_than_a_few_are_told_to_come_again(store: Store) -> None:
    with (
        listening(store, patience=timedelta(seconds=5), at_once=1) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as first,
    ):
        first.sendall(b"GET ")
        answer, _ = ask(port, "GET", PATH)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        first.sendall(b"/ HTTP/1.0\r\n\r\n")
        assert first.makefile("rb").read().startswith(b"HTTP/1.0 404 ")


def test_a_corpus_that_cannot_be_written_is_no_promise(tmp_path: Path, empty_corpus: Path) -> None:
    path = Path(copyfile(empty_corpus, tmp_path / "corpus.sqlite"))
    busy = Store.open(path, timedelta(seconds=0))
    other = Store.open(path)
    with listening(busy) as port, other.transaction(), capture_logs() as logs:
        answer, page = ask(port, "POST", PATH, ONE_CLICK)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    assert b"You are still subscribed" in page
    assert [log["event"] for log in logs] == ["unsubscribe.failed"]
    busy.close()
    other.close()


def test_a_fault_of_ours_is_told_to_the_log_and_to_nobody_else(store: Store) -> None:
    def broken() -> datetime:
        raise RuntimeError("a secret")

    receiver = Receiver(application(store, CONFIG, broken), ("127.0.0.1", 0))
    receiver.start()
    with capture_logs() as logs:
        answer, page = ask(receiver.port, "POST", PATH, ONE_CLICK)
    receiver.stop()
    assert answer.status == 500
    assert b"secret" not in page
    assert [log["event"] for log in logs] == ["unsubscribe.error"]


def test_a_place_where_nothing_can_listen_is_said(store: Store) -> None:
    with listening(store) as port, pytest.raises(UsageError, match=f"port {port}: .*change `unsubscribe.listen`"):
        Receiver(application(store, CONFIG, lambda: NOW), ("127.0.0.1", port)).start()


def test_after_stop_nothing_listens(store: Store) -> None:
    with listening(store) as port:
        assert ask(port, "GET", "/")[0].status == 404
    with pytest.raises(ConnectionRefusedError):
        ask(port, "GET", "/")
