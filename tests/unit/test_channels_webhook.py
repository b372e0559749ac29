"""The way out by signed JSON, to a receiver on loopback that verifies it and answers as told."""

import base64
import json
import re
import socketserver
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from runpy import run_path

import pytest

from core.clock import system_clock
from core.errors import DeliveryError, DeliveryRefusedError
from notify.channels import UnreachableError
from notify.channels.webhook import WebhookChannel, asked_wait, key_of, signature, webhook_id
from notify.message import Message
from notify.render import Bodies
from tests.rigs.faults import Act, Faults, Stage
from tests.rigs.webhooks import KEY, SECRET, Receiver, receiver

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)


def told(key: str = "alert:7") -> Message:
    data = {"topic": "alert", "date": NOW.isoformat(), "rule": "land", "text": "សាលាដីកា “land”"}
    return Message(key, "alert", "tonle alert", Bodies("", "land"), data, EmailMessage())


@contextmanager
def way_to(url: str, secret: str = SECRET, timeout: timedelta = timedelta(seconds=5)) -> Iterator[WebhookChannel]:
    with closing(WebhookChannel(url, secret, timeout)) as way:
        yield way


def error_at(there: Receiver, timeout: timedelta = timedelta(seconds=20)) -> DeliveryError:
    with way_to(there.url, timeout=timeout) as way, pytest.raises(DeliveryError) as caught:
        way.send(told(), "alert:7")
    return caught.value


def test_a_receiver_that_verifies_takes_what_was_sent() -> None:
    with receiver() as there, way_to(there.url) as way:
        way.send(told(), "alert:7")
    (call,) = there.calls
    assert (call.webhook_id, there.forged) == (webhook_id("alert:7"), [])
    assert call.payload == {"type": "tonle.alert", "timestamp": NOW.isoformat(), "data": dict(told().data)}


def test_the_signature_is_that_of_the_specification() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    given = signature(key_of(secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("secret", "key"),
    [(SECRET, KEY), ("a plain key", b"a plain key"), ("ពាក្យ", "ពាក្យ".encode()), ("d2hzZWM=", b"d2hzZWM=")],
)
def test_a_secret_is_base64_after_its_prefix_and_else_the_key_itself(secret: str, key: bytes) -> None:
    assert key_of(secret) == key


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_not base64!", "whsec_abc", "whsec_កខ"])
def test_a_secret_that_holds_no_key_is_a_setting_to_put_right_and_is_not_repeated(secret: str) -> None:
    with receiver() as there, way_to(there.url, secret) as way, pytest.raises(UnreachableError) as caught:
        way.send(told(), "k")
    assert there.asked == []
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in repr(caught.value)


def test_a_receiver_with_another_key_refuses_and_the_message_is_given_up() -> None:
    other = f"whsec_{base64.b64encode(b'another key').decode()}"
    with receiver() as there, way_to(there.url, other) as way, pytest.raises(DeliveryRefusedError, match="401"):
        way.send(told(), "k")
    assert len(there.forged) == 1


def test_the_same_key_has_the_same_id_and_no_other_key_has_it() -> None:
    with receiver() as there, way_to(there.url) as way:
        for key in ("a", "b", "a"):
            way.send(told(key), key)
    first, second, third = there.ids
    assert first == third != second


def test_one_connection_serves_many_messages() -> None:
    with receiver() as there, way_to(there.url) as way:
        for key in "abcdef":
            way.send(told(key), key)
    assert (len(there.calls), there.connections) == (6, 1)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_means_that_it_was_taken(status: int) -> None:
    with receiver() as there, way_to(there.url) as way:
        there.answers = [(status, {})]
        way.send(told(), "k")
    assert there.answers == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599, 301, 304])
def test_what_may_pass_is_tried_again(status: int) -> None:
    with receiver() as there:
        there.answers = [(status, {})]
        error = error_at(there)
    assert type(error) is DeliveryError
    assert str(status) in str(error)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 413, 422, 451])
def test_another_4xx_is_for_good(status: int) -> None:
    with receiver() as there:
        there.answers = [(status, {})]
        assert isinstance(error_at(there), DeliveryRefusedError)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with receiver() as there, receiver() as elsewhere:
        there.answers = [(status, {"Location": elsewhere.url})]
        assert str(status) in str(error_at(there))
    assert elsewhere.asked == []


@pytest.mark.parametrize("status", [429, 503])
def test_what_a_receiver_asks_to_wait_is_told(status: int) -> None:
    with receiver() as there:
        there.answers = [(status, {"Retry-After": "120"})]
        assert error_at(there).retry_after == timedelta(seconds=120)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("0", None),
        ("90", timedelta(seconds=90)),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), timedelta(minutes=5)),
        (format_datetime(NOW - timedelta(minutes=5), usegmt=True), None),
        (format_datetime(NOW + timedelta(days=400), usegmt=True), timedelta(days=1)),
        ("9" * 30, timedelta(days=1)),
        ("9" * 5000, timedelta(days=1)),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("Tue, 14 Jul 2026 00:35:00 -0000", None),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_retry_after_is_seconds_or_a_date_and_a_day_at_most(asked: str, wait: timedelta | None) -> None:
    assert asked_wait(asked, NOW) == wait


def test_a_connection_that_breaks_is_a_fault_of_this_message() -> None:
    with receiver(Faults({Stage.LETTER: [Act.BREAK]})) as there:
        assert type(error_at(there)) is DeliveryError


def test_a_lost_answer_is_an_error_and_the_message_comes_again_under_the_same_id() -> None:
    with receiver(Faults({Stage.LETTER: [Act.LOSE]})) as there:
        assert type(error_at(there)) is DeliveryError
        with way_to(there.url) as way:
            way.send(told(), "alert:7")
    assert there.ids == [webhook_id("alert:7")] * 2
    assert there.unanswered == {webhook_id("alert:7"): 1}


def test_a_receiver_that_does_not_answer_is_what_all_messages_meet() -> None:
    with receiver(Faults({Stage.LETTER: [Act.HANG]})) as there:
        error = error_at(there, timedelta(milliseconds=200))
    assert isinstance(error, UnreachableError)
    assert "in time" in str(error)


def test_a_receiver_that_is_not_there_is_what_all_messages_meet() -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as gone:
        port = gone.server_address[1]
    for host in ("127.0.0.1", "nobody.invalid"):
        with way_to(f"http://{host}:{port}/hook") as way, pytest.raises(UnreachableError, match=host):
            way.send(told(), "k")


def test_what_is_sent_is_short_json_in_utf_8() -> None:
    with receiver() as there, way_to(there.url) as way:
        way.send(told(), "k")
    assert there.calls[0].payload["data"]["text"] == "សាលាដីកា “land”"
    assert json.dumps(there.calls[0].payload, ensure_ascii=False)


def test_the_ten_lines_in_the_documents_verify_what_is_sent_and_nothing_else(tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "delivery.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (tmp_path / "verify.py").write_text(found[1])
    is_genuine = run_path(str(tmp_path / "verify.py"))["is_genuine"]
    body, moment = b'{"a":1}', int(system_clock().timestamp())

    def headers(at: int) -> dict[str, str]:
        signed = signature(KEY, "msg_1", at, body)
        return {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": f"v1,other {signed}"}

    assert is_genuine(SECRET, headers(moment), body)
    assert is_genuine(KEY.decode(), headers(moment), body)
    assert not is_genuine(SECRET, headers(moment), b'{"a":2}')
    assert not is_genuine(SECRET, headers(moment) | {"webhook-id": "msg_2"}, body)
    assert not is_genuine("whsec_AAAA", headers(moment), body)
    assert not is_genuine(SECRET, headers(moment - 400), body)
