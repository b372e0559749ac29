"""Ten colleagues: each is told of what concerns them, by mail, once; and what cannot be sent is kept and sent later."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from storage.store import Store
from tests.e2e.places import CAMBODIA, OHCHR, POST, Begin, Place
from tests.e2e.processes import Ended
from tests.e2e.servers import Postbox

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SUBSCRIBERS = [
    {"name": "ann", "to": "ann@example.org", "schedule": "immediate", "burst": 0},
    {"name": "bob", "to": "bob@example.org", "schedule": ["immediate", "daily 07:30"], "rules": ["land"], "burst": 0},
    {"name": "cham", "to": "cham@example.org", "sources": [OHCHR, CAMBODIA], "group": "rule"},
    {"name": "dara", "to": "dara@example.org", "schedule": "immediate", "burst": 2},
    {"name": "elle", "channel": "file", "schedule": "immediate", "rules": ["experts"], "burst": 0},
]


@dataclass(frozen=True)
class Told:
    """A first crawl with subscribers, what was sent while the mail server refused all, and after it did not."""

    place: Place
    postbox: Postbox
    refused: Ended
    waiting: dict[str, Any]
    sent: Ended
    again: Ended

    def to(self, name: str) -> list[EmailMessage]:
        return [each for each in self.postbox.arrived if str(each["To"]) == f"{name}@example.org"]


def due_at_once(place: Place) -> None:
    """Let what waits be tried now, and not in a minute."""
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        for each in corpus.outbox.listed("waiting", 9999):
            corpus.outbox.postponed(each.id, each.error, each.created_at or LONG_AGO)


@pytest.fixture(scope="module")
def told(begin: Begin, postbox: Postbox) -> Iterator[Told]:
    with begin() as build:
        place = build()
        none = {"channel": "none"}
        place.configure(**postbox.settings | {"alerts": none, "digest": none, "subscribers": SUBSCRIBERS})
        postbox.reply = "451 try again later"
        place.crawl()
        due_at_once(place)
        refused = place.tonle("deliveries", "send")
        waiting = place.tonle("deliveries", "--limit", "999", "--json").json
        postbox.reply = "250 OK"
        due_at_once(place)
        sent = place.tonle("deliveries", "send")
        again = place.tonle("deliveries", "send")
        yield Told(place, postbox, refused, waiting, sent, again)


def test_what_a_server_refuses_for_now_waits_and_is_listed_with_why(told: Told) -> None:
    assert told.refused.code == 5
    assert "tonle deliveries says why" in told.refused.err
    errors = [each["error"] for each in told.waiting["deliveries"] if each["subscriber"] == "ann"]
    assert errors
    assert all("451" in error for error in errors)


def test_each_alert_reaches_whom_it_concerns_once(told: Told) -> None:
    assert told.sent.code == told.again.code == 0
    assert "0 messages sent, 0 waiting" in told.again.out
    with told.place.corpus() as corpus:
        matches = [match for match in corpus.matches.newest(9999) if match.is_told]
    rules = Counter(match.rule for match in matches)
    assert rules["land"] > 2
    assert len(told.to("ann")) == len(matches)
    assert len(told.to("bob")) == rules["land"]
    assert told.to("cham") == [], "a digest is not due"
    assert len(list((told.place.folder / "data" / "outbox" / "elle").glob("*.eml"))) == rules["experts"]
    ids = [str(each["Message-ID"]) for each in told.postbox.arrived]
    assert len(ids) == len(set(ids))


def test_many_alerts_at_once_are_one_message(told: Told) -> None:
    (summary,) = told.to("dara")
    body = summary.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    text = " ".join(body.get_content().split())
    with told.place.corpus() as corpus:
        titles = {match.article.title for match in corpus.matches.newest(9999) if match.is_told}
    assert sum(title in text for title in titles) == len(titles)


def test_each_digest_holds_what_its_reader_asked_for(told: Told) -> None:
    digests = {name: told.place.tonle("digest", "--subscriber", name).out for name in ("bob", "cham")}
    assert "Phnom Penh Post" not in digests["cham"].split("How the crawls went")[0]
    assert "OHCHR" in digests["cham"]
    with told.place.corpus() as corpus:
        met = {match.article.id for match in corpus.matches.newest(9999) if match.rule == "land"}
        others = [each for each in corpus.articles.newest(9999) if each.source == POST and each.id not in met]
    assert others
    flat = " ".join(digests["bob"].split())
    assert not [each.title for each in others if each.title in flat]
