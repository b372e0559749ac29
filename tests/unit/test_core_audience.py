"""The settings of subscribers and channels: what is meant by them, and where they are wrong."""

from collections.abc import Callable
from datetime import time

import pytest

from core.config import Config
from core.errors import ConfigError

Load = Callable[..., Config]
Refuse = Callable[..., ConfigError]


def one(load: Load, settings: str) -> Config:
    return load(f"subscribers:\n  - name: ann\n    to: ann@example.org\n{settings}")


@pytest.mark.parametrize(
    ("written", "cron"),
    [
        ("daily 07:30", "30 7 * * *"),
        ("daily 7:05", "5 7 * * *"),
        ("weekdays 06:00", "0 6 * * 1-5"),
        ("weekly monday 07:30", "30 7 * * 1"),
        ("Weekly Sun 23:59", "59 23 * * 0"),
        ("0 8 1 * *", "0 8 1 * *"),
    ],
)
def test_a_digest_is_due_as_people_say_it(load: Load, written: str, cron: str) -> None:
    (ann,) = one(load, f"    schedule: {written}\n").subscribers
    assert (ann.cron, ann.is_told_at_once) == (cron, False)


def test_alerts_and_a_digest_may_both_be_wanted(load: Load) -> None:
    (ann,) = one(load, "    schedule: [immediate, weekdays 07:30]\n").subscribers
    assert (ann.cron, ann.is_told_at_once) == ("30 7 * * 1-5", True)
    (bob,) = one(load, "    schedule: immediate\n").subscribers
    assert (bob.cron, bob.is_told_at_once) == (None, True)


def test_by_default_a_subscriber_gets_a_digest_in_the_morning_of_phnom_penh(load: Load) -> None:
    (ann,) = one(load, "").subscribers
    assert (ann.cron, ann.zone, ann.to, ann.channel) == ("30 7 * * *", "Asia/Phnom_Penh", ("ann@example.org",), "smtp")
    assert [each.name for each in load("").digest_readers] == [""]


def test_quiet_hours_are_read_as_times(load: Load) -> None:
    (ann,) = one(load, "    quiet: 22:00-06:30\n").subscribers
    assert ann.quiet_hours == (time(22), time(6, 30))


@pytest.mark.parametrize(
    ("source", "language", "reads"),
    [("post", "en", True), ("post", "en-GB", True), ("post", "km", False), ("post", "", True), ("ohchr", "en", False)],
)
def test_a_subscriber_reads_texts_of_their_sources_and_languages_and_of_none(
    load: Load, source: str, language: str, reads: bool
) -> None:
    (ann,) = one(load, "    sources: phnom-penh-post\n    languages: [en]\n").subscribers
    assert ann.reads(source.replace("post", "phnom-penh-post"), language) is reads


def test_who_reads_alerts_and_who_reads_digests(load: Load) -> None:
    config = load(
        "alerts: {channel: none}\nsubscribers:\n"
        "  - {name: ann, to: ann@example.org, schedule: immediate}\n"
        "  - {name: bob, to: [bob@example.org, b@example.org]}\n"
    )
    assert [each.name for each in config.alert_readers] == ["ann"]
    assert [each.name for each in config.digest_readers] == ["", "bob"]
    assert config.reader("digest", "ann") is None
    bob = config.reader("digest", "bob")
    assert bob
    assert bob.to == ("bob@example.org", "b@example.org")


@pytest.mark.parametrize(
    ("settings", "line", "said"),
    [
        ("    schedule: sometimes\n", 4, "weekly monday 07:30"),
        ("    schedule: weekly someday 07:30\n", 4, "`someday` is no day of the week"),
        ("    schedule: daily 25:00\n", 4, "daily 07:30"),
        ("    quiet: at night\n", 4, "22:00-06:00"),
        ("    quiet: 06:00-06:00\n", 4, "22:00-06:00"),
        ("    rules: [nothing]\n", 4, "unknown: `nothing`"),
        ("    sources: [nowhere]\n", 4, "phnom-penh-post"),
        ("    channel: pigeon\n", 4, "file, smtp"),
        ("    hourly: 0\n", 4, "greater than or equal to 1"),
        ("    format: pdf\n", 4, "'both', 'html' or 'text'"),
        ("    zone: Asia/Angkor\n", 4, "zone"),
        ("    cron: 0 7 * * *\n", 4, "cron"),
        ("  - name: ann\n    to: b@example.org\n", 4, "two subscribers are called ann"),
        ("  - name: bob\n", None, "needs an e-mail address"),
        ("  - name: Bob Marley\n    to: b@example.org\n", 4, "name"),
    ],
)
def test_what_is_wrong_with_a_subscriber_is_said_with_its_line(
    refuse: Refuse, settings: str, line: int | None, said: str
) -> None:
    error = refuse(f"subscribers:\n  - name: ann\n    to: ann@example.org\n{settings}")
    assert said in error.problem
    if line:
        assert error.line == line


def test_two_times_for_a_digest_are_one_too_many(refuse: Refuse) -> None:
    error = refuse("subscribers:\n  - {name: ann, to: a@example.org, schedule: [daily 07:30, weekly monday 07:30]}\n")
    assert "one time for the digest" in error.problem


def test_the_secret_of_a_channel_comes_from_the_environment_and_stands_in_no_repr(load: Load, refuse: Refuse) -> None:
    hook = "channels:\n  desk-hook:\n    kind: webhook\n    url: https://hook.example.org/in\n"
    assert "TONLE_CHANNEL_DESK_HOOK" in refuse(hook).problem
    config = load(hook, TONLE_CHANNEL_DESK_HOOK="hunter2")
    assert config.channels["desk-hook"].secret == "hunter2"
    assert "hunter2" not in repr(config)
    error = refuse(f"{hook}    secret: hunter2\n")
    assert error.line == 5
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("  desk: {kind: webhook}\n", "`url` belongs to `kind: webhook`, which needs it"),
        ("  desk: {kind: file, url: 'https://hook.example.org'}\n", "`url` belongs to"),
        ("  desk: {kind: smtp, folder: there}\n", "`folder` belongs to `kind: file`"),
        ("  smtp: {kind: smtp}\n", "a channel of tonle's own"),
        ("  desk: {kind: smtp}\nsubscribers:\n  - {name: ann, channel: desk}\n", "ann needs an e-mail address in `to`"),
    ],
)
def test_what_is_wrong_with_a_channel_is_said(refuse: Refuse, settings: str, said: str) -> None:
    assert said in refuse(f"channels:\n{settings}").problem
