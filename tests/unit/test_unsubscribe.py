"""The headers and the line by which a subscriber can say that no more is wanted, and what no name does to them."""

import hashlib
import hmac
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.audience import Subscriber, Unsubscribe
from core.config import Config, MailSettings
from core.errors import ConfigError
from notify.unsubscribe import headers, is_signed, line, token

KEY = "a key of some length"
URL = "https://tonle.example.org/mail"
DARA = Subscriber(name="dara-1", to=("dara@example.org",))
IMPLIED = Subscriber(name="", to=("desk@example.org",))
SECTION = f"unsubscribe:\n  url: {URL}\n"


def settings(**unsubscribe: object) -> Config:
    chosen = Unsubscribe.model_validate(unsubscribe)
    return Config(unsubscribe=chosen, mail=MailSettings(sender="tonle@example.org"))


def test_one_click_is_offered_where_there_is_a_public_address_and_a_key() -> None:
    config = settings(url=URL, secret=KEY)
    signature = hmac.new(KEY.encode(), b"dara-1", hashlib.sha256).hexdigest()
    address = f"{URL}/unsubscribe/dara-1/{signature}"
    assert headers(config, DARA) == {
        "List-Unsubscribe": f"<{address}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert line(config, DARA) == f"To hear no more: {address}"
    assert KEY not in str(headers(config, DARA)) + line(config, DARA) + repr(config)


def test_else_a_mail_is_asked_for_whose_subject_names_the_subscriber() -> None:
    assert headers(settings(), DARA) == {"List-Unsubscribe": "<mailto:tonle@example.org?subject=unsubscribe%20dara-1>"}
    config = settings(mailto="leave+me@example.org")
    assert headers(config, DARA)["List-Unsubscribe"].startswith("<mailto:leave%2Bme@example.org?subject=")
    assert line(config, DARA) == (
        "To hear no more, write to leave+me@example.org with the subject “unsubscribe dara-1”."
    )


def test_who_runs_tonle_is_not_asked_to_unsubscribe() -> None:
    for config in (settings(), settings(url=URL, secret=KEY)):
        assert (headers(config, IMPLIED), line(config, IMPLIED)) == ({}, "")


def test_a_token_is_that_of_one_name_under_one_key() -> None:
    right = token("dara-1", KEY)
    assert is_signed("dara-1", right, KEY)
    wrong = [("dara-2", right, KEY), ("dara-1", right, KEY + "x"), ("dara-1", right[:-1], KEY), ("dara-1", "", KEY)]
    wrong += [("dara-1", right.upper(), KEY), ("dara-1", "é" * 64, KEY), ("dara-1", token("dara-1", ""), "")]
    assert [each for each in wrong if is_signed(*each)] == []


@given(name=st.text(min_size=1, max_size=20) | st.sampled_from(["a\n", "a\r\nBcc: b@c", "a>", "a/b", "á", "a b", "A"]))
def test_no_name_that_settings_let_in_breaks_a_header_or_an_address(name: str) -> None:
    try:
        subscriber = Subscriber(name=name, to=("dara@example.org",))
    except ValidationError:
        assert not (name.isascii() and name.isalnum() and name == name.lower())
        return
    for config in (settings(), settings(url=URL, secret=KEY)):
        message = EmailMessage()
        for header, value in headers(config, subscriber).items():
            assert value.isascii()
            assert value.isprintable()
            message[header] = value
        assert len(message.keys()) == len(headers(config, subscriber))
        assert not set(name) & set("/%?#<>,\r\n \"'")


@pytest.mark.parametrize(
    "mailto", ["a>,<https://evil.example/@example.org", "a\x00@example.org", 'a"?bcc=b@example.org']
)
def test_no_address_to_write_to_breaks_the_header(mailto: str) -> None:
    value = headers(settings(mailto=mailto), DARA)["List-Unsubscribe"]
    assert value.startswith("<mailto:")
    assert (value.count("<"), value.count(">"), value.count("?"), value.count(",")) == (1, 1, 1, 0)
    assert value.isprintable()


@pytest.mark.parametrize(
    ("text", "environ", "problem"),
    [
        (SECTION, {}, "line 2: unsubscribing by one click needs TONLE_UNSUBSCRIBE_KEY .* too"),
        ("", {"TONLE_UNSUBSCRIBE_KEY": KEY}, "needs `unsubscribe.url` too"),
        (SECTION.replace("https", "http"), {"TONLE_UNSUBSCRIBE_KEY": KEY}, "line 2: .*needs an https address"),
        ("unsubscribe:\n  listen: nowhere\n", {}, "line 2: .*write a host and a port"),
        ("unsubscribe:\n  listen: 127.0.0.1:70000\n", {}, "line 2: .*write a host and a port"),
    ],
)
def test_settings_by_which_nobody_could_unsubscribe_are_refused(
    load: Callable[..., Config], text: str, environ: dict[str, str], problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem) as caught:
        load(text, **environ)
    assert KEY not in str(caught.value)


def test_address_and_key_together_are_taken(load: Callable[..., Config]) -> None:
    config = load(SECTION, TONLE_UNSUBSCRIBE_KEY=KEY)
    assert (config.unsubscribe.url, config.unsubscribe.secret) == (URL, KEY)
    assert config.unsubscribe.place == ("127.0.0.1", 8095)
    assert Unsubscribe(listen="[::1]:80").place == ("::1", 80)
