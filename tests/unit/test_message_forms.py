"""The forms that a message takes beside both bodies of a mail: one body alone, more headers, data for programs."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from zoneinfo import ZoneInfo

import pytest

from core.errors import DeliveryError
from core.model import Article, Match, Passage
from notify.alert import alert
from notify.found import Found, digest
from notify.message import Envelope, Format, Message, alert_message, digest_message
from notify.phrases import Reader

NOW = datetime(2026, 7, 14, 0, 30, tzinfo=UTC)
READER = Reader({"post": "Phnom Penh Post", "ohchr": "OHCHR"}, ZoneInfo("Asia/Phnom_Penh"))
ENVELOPE = Envelope("alert:7", "tonle@example.org", ("a@example.org",), NOW)
LONG = f"<https://tonle.example.org/u/{'x' * 200}>, <mailto:tonle@example.org?subject=leave>"
ARTICLE = Article(
    id=41,
    source="post",
    key="41",
    url="https://www.example.org/41",
    title="Court hears land case",
    text="A court heard the case. It goes on.",
    first_seen=NOW,
    fetched_at=NOW,
    published_at=NOW - timedelta(hours=3),
)
MATCH = Match(7, "land", ARTICLE, Passage("The land case goes on. Land!", ((4, 8), (23, 27))), NOW)


def alerted(envelope: Envelope = ENVELOPE) -> Message:
    return alert_message(alert(MATCH, READER), envelope)


def arrived(message: Message) -> EmailMessage:
    parsed = message_from_bytes(message.mail.as_bytes(), policy=default)
    assert isinstance(parsed, EmailMessage)
    return parsed


@pytest.mark.parametrize(("wanted", "kind"), [("text", "text/plain"), ("html", "text/html")])
def test_a_reader_who_wants_one_body_gets_that_alone(wanted: Format, kind: str) -> None:
    envelope = replace(ENVELOPE, format=wanted)
    parsed = arrived(alerted(envelope))
    assert parsed.get_content_type() == kind
    assert "Court hears land case" in parsed.get_content()


def test_the_headers_that_tell_how_to_unsubscribe_arrive_as_they_were_given() -> None:
    given = {"List-Unsubscribe": LONG, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    message = alerted(replace(ENVELOPE, unsubscribe=given))
    head = message.mail.as_bytes().split(b"\r\n\r\n")[0].decode()
    folded = LONG.replace(", ", ",\r\n ")
    assert f"List-Unsubscribe: {folded}\r\n" in f"{head}\r\n"
    parsed = arrived(message)
    assert {name: parsed[name] for name in given} == given


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("List-Unsubscribe", "<https://a.example/>\r\nBcc: x@example.org"),
        ("List-Unsubscribe", "<https://a.example/>\nBcc: x@example.org"),
        ("List-Unsubscribe", "<https://a.example/\u2028>"),
        ("List-Unsubscribe", "<https://ខ្មែរ.example/>"),
        ("List-Unsubscribe", ""),
        ("List-Unsubscribe", f"<https://a.example/{'x' * 1000}>"),
        ("List-Unsubscribe: <x>\r\nBcc", "x@example.org"),
        ("List-Id", "another"),
        ("Bcc", "x@example.org"),
        ("Subject", "another"),
    ],
    ids=ascii,
)
def test_no_header_can_be_brought_in_under_cover_of_another(name: str, value: str) -> None:
    with pytest.raises(DeliveryError, match="No message can be made"):
        alerted(replace(ENVELOPE, unsubscribe={name: value}))


def test_an_alert_as_data_says_what_the_mail_says() -> None:
    message = alerted()
    data = json.loads(json.dumps(message.data))
    assert (data["topic"], data["subject"], data["text"]) == ("alert", message.mail["Subject"], message.bodies.text)
    assert data["rule"] == "land"
    assert datetime.fromisoformat(data["date"]) == NOW
    assert data["article"]["id"] == 41
    assert data["article"]["title"] == "Court hears land case"
    assert data["article"]["source"] == "Phnom Penh Post"
    assert data["article"]["url"] == ARTICLE.url
    assert data["article"]["published"] == "14 July 2026, 04:30"
    assert data["article"]["archived"] == "", "nobody kept its page"
    passage = data["passage"]
    assert [passage["text"][start:end] for start, end in passage["marks"]] == ["land", "Land"]


def test_a_digest_as_data_has_its_totals_and_every_article_that_is_told_of() -> None:
    many = [replace(ARTICLE, id=number, source="ohchr" if number == 9 else "post") for number in range(10)]
    told = digest(Found(many, [MATCH], 1204), (), READER, NOW)
    data = json.loads(json.dumps(digest_message(told, ENVELOPE).data))
    assert data["topic"] == "digest"
    assert data["totals"]["stories"] == 10
    assert data["totals"]["sources"] == {"Phnom Penh Post": 9, "OHCHR": 1}
    assert sorted(item["id"] for item in data["items"]) == list(range(10))


def test_a_message_shows_its_key_and_subject_and_not_all_it_holds() -> None:
    shown = repr(alerted())
    assert "alert:7" in shown
    assert len(shown) < 200
