"""`tonle subscribers`, as people call it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.owed import Reach
from storage.store import Store
from tests.e2e.places import Build, Place

THEN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PEOPLE = [
    {"name": "dara", "to": "dara@example.org", "rules": ["land"], "schedule": ["immediate", "weekly monday 07:30"]},
    {"name": "sokha", "to": "sokha@example.org", "schedule": "weekdays 06:05"},
]


def known(place: Place, *names: str) -> None:
    store = Store.open(place.database)
    with store.transaction() as corpus:
        for name in names:
            corpus.subscribers.join(name, Reach(), THEN)
    store.close()


def told(place: Place) -> dict[str, Any]:
    return {each["name"]: each for each in json.loads(place.tonle("subscribers", "--json").out)["subscribers"]}


def test_subscribers_are_listed_before_anything_was_sent_without_making_a_corpus(build: Build) -> None:
    place = build()
    assert "There are no subscribers" in place.tonle("subscribers").out
    place.configure(subscribers=PEOPLE)
    listed = place.tonle("subscribers").out
    assert not place.database.exists()
    for words in ("dara", "land", "immediate ", "weekly monday 07:30", "sokha", "weekdays 06:05", "not yet"):
        assert words in listed
    assert told(place)["sokha"] == {
        "name": "sokha",
        "channel": "smtp",
        "rules": [],
        "schedule": ["5 6 * * 1-5"],
        "joined_at": None,
        "last_sent": None,
        "left_at": None,
    }


def test_who_leaves_by_command_is_shown_so_and_comes_back_by_command(build: Build) -> None:
    place = build()
    place.configure(subscribers=PEOPLE)
    known(place, "dara", "former")
    for name in ("dara", "sokha", "former"):
        assert place.tonle("subscribers", "leave", name).out == f"{name} gets nothing more.\n"
    assert place.tonle("subscribers", "leave", "dara").out == "dara had left before.\n"
    assert all(each["left_at"] for each in told(place).values())
    assert "Not in config.yaml any more: former.\n" in place.tonle("subscribers").out
    assert place.tonle("subscribers", "rejoin", "dara").out == "dara hears of what comes from now on.\n"
    assert place.tonle("subscribers", "rejoin", "dara").out == "dara had not left.\n"
    assert "config.yaml names no such subscriber" in place.tonle("subscribers", "rejoin", "former").out
    again = told(place)["dara"]
    assert again["left_at"] is None
    assert datetime.fromisoformat(again["joined_at"]) > THEN + timedelta(days=1)


def test_a_subscriber_whom_nobody_knows_is_refused(build: Build) -> None:
    place = build()
    place.configure(subscribers=PEOPLE)
    for command in ("leave", "rejoin"):
        ended = place.tonle("subscribers", command, "stranger")
        assert ended.code == 2
        assert "Unknown subscriber `stranger`; in" in ended.err
        assert "dara, sokha." in ended.err


@pytest.mark.soak
def test_what_was_missed_while_gone_is_not_told_on_return(copied: Place) -> None:
    copied.configure(subscribers=PEOPLE)
    copied.tonle("subscribers", "leave", "dara")
    copied.tonle("subscribers", "rejoin", "dara")
    with copied.corpus() as corpus:
        found = corpus.subscribers.by_name("dara")
        assert found
        assert found.reach.articles == corpus.articles.highest_id() > 0


def test_a_digest_that_is_asked_for_says_what_keeps_it(copied: Place) -> None:
    night = {"schedule": "daily 07:30", "quiet": "00:00-12:00"}, {"schedule": "daily 07:30", "quiet": "12:00-00:00"}
    nights = [
        {"name": f"night-{number}", "channel": "file", "empty": "line"} | each for number, each in enumerate(night)
    ]
    alerts = {"name": "alerts-only", "channel": "file", "schedule": "immediate"}
    copied.configure(subscribers=[*nights, alerts])
    refused = copied.tonle("digest", "--subscriber", "alerts-only", "--send")
    assert (refused.code, "`schedule`" in refused.err) == (2, True)
    told = [copied.tonle("digest", "--subscriber", each["name"], "--send") for each in nights]
    assert ["Waits: quiet hours." in each.out for each in told].count(True) == 1
    copied.tonle("subscribers", "leave", "night-0")
    left = copied.tonle("digest", "--subscriber", "night-0", "--send")
    assert (left.code, "rejoin night-0" in left.err) == (2, True)
