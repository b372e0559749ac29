"""The way out by Apprise, to services on loopback; and that no channel tells its secret anywhere."""

import json
import logging
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from traceback import TracebackException

import pytest
from structlog.testing import capture_logs

from core.audience import ChannelSettings
from core.errors import DeliveryError, DeliveryRefusedError
from notify.channels import Channel, UnreachableError
from notify.channels.apprise import AppriseChannel
from notify.channels.webhook import WebhookChannel
from notify.message import Message
from notify.render import Bodies
from tests.rigs.faults import Act, Faults, Stage
from tests.rigs.webhooks import Receiver, receiver

TOKEN = "S3cretT0ken"
OK: tuple[int, dict[str, str]] = (200, {})


def told() -> Message:
    return Message("alert:7", "alert", "tonle alert: land", Bodies("<p>land</p>", "land <&> ដី"), {}, EmailMessage())


def address(there: Receiver) -> str:
    """Return the receiver as a service that Apprise knows, with a secret in all places that may hold one."""
    return there.url.replace("http://", f"json://{TOKEN}:{TOKEN}@").replace("/hooks/tok3n", f"/{TOKEN}") + "?rto=0.2"


def test_a_service_gets_subject_and_plain_text() -> None:
    with receiver() as there:
        there.answers = [OK]
        AppriseChannel(address(there)).send(told(), "alert:7")
    (body,) = map(json.loads, there.bodies)
    assert (body["title"], body["message"]) == ("tonle alert: land", "land <&> ដី")
    assert there.asked == [f"/{TOKEN}"]


def test_several_messages_go_by_one_channel() -> None:
    with receiver() as there:
        there.answers = [OK, OK]
        way = AppriseChannel(address(there))
        way.send(told(), "a")
        way.send(told(), "b")
        way.close()
    assert len(there.bodies) == 2


@pytest.mark.parametrize("status", [500, 403, 429])
def test_what_a_service_does_not_take_is_tried_again(status: int) -> None:
    with receiver() as there:
        there.answers = [(status, {})]
        with pytest.raises(DeliveryError) as caught:
            AppriseChannel(address(there)).send(told(), "k")
    assert not isinstance(caught.value, DeliveryRefusedError | UnreachableError)


@pytest.mark.parametrize("secret", ["", "nonsense", f"nosuchservice://{TOKEN}", f"tgram://{TOKEN}", "json://"])
def test_an_address_that_apprise_does_not_know_is_a_setting_to_put_right(secret: str) -> None:
    with pytest.raises(UnreachableError, match="no address that Apprise knows"):
        AppriseChannel(secret).send(told(), "k")


def test_of_several_services_one_that_took_it_is_enough_and_the_log_says_so() -> None:
    with receiver() as there, receiver() as other, capture_logs() as logs:
        there.answers, other.answers = [OK], [(500, {})]
        AppriseChannel(f"{address(there)}, {address(other)}").send(told(), "alert:7")
    assert [(line["event"], line["key"]) for line in logs] == [("delivery.partly_sent", "alert:7")]


def failing_ways(there: Receiver) -> list[Channel]:
    hook = there.url.replace("tok3n", TOKEN)
    patience = timedelta(milliseconds=200)
    return [
        AppriseChannel(address(there)),
        AppriseChannel(f"nosuchservice://{TOKEN}"),
        AppriseChannel(f"tgram://{TOKEN}"),
        AppriseChannel(f"json://user:{TOKEN}@127.0.0.1:1/{TOKEN}"),
        WebhookChannel(hook, TOKEN, patience),
        WebhookChannel(hook, f"whsec_{TOKEN}!", patience),
        WebhookChannel(f"http://127.0.0.1:1/{TOKEN}", TOKEN, patience),
        WebhookChannel(f"http://nobody.invalid/{TOKEN}", TOKEN, patience),
    ]


def error_of(way: Channel) -> DeliveryError | None:
    try:
        way.send(told(), "alert:7")
    except DeliveryError as error:
        return error
    return None


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("act", [Act.DEFER, Act.BREAK, Act.HANG, None])
def test_no_secret_comes_into_logs_errors_or_tracebacks(
    act: Act | None, number: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with receiver(Faults({Stage.LETTER: [act]})) as there, capture_logs() as logs:
        there.answers = [(403, {})]
        way = failing_ways(there)[number]
        error = error_of(way)
        way.close()
    assert error
    frames = "".join(TracebackException.from_exception(error, capture_locals=True).format())
    shown = f"{error!r} {error} {error.__cause__!r} {error.__context__!r} {frames} {way!r} {logs} {caplog.text}"
    assert TOKEN not in shown


def test_no_secret_stands_in_what_settings_show_or_a_receiver_is_sent() -> None:
    settings = ChannelSettings(kind="webhook", url="https://hooks.example.org/", secret=TOKEN)
    assert TOKEN not in f"{settings!r} {settings}"
    with receiver() as there, suppress(DeliveryError):
        WebhookChannel(there.url, TOKEN, timedelta(seconds=5)).send(told(), "k")
    assert len(there.bodies) == 1
    assert TOKEN.encode() not in there.bodies[0]
