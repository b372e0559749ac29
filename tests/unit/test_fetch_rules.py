"""robots.txt: what is read, what is kept, and for how long."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.model import Page, Reason, RobotsFile
from crawler.rules import LARGEST, file_of, is_current, lifetime, refused_by, rules_of

HOST = "https://www.phnompenhpost.com"
DAY = timedelta(hours=24)
BuildPage = Callable[..., Page]


def may_read(body: bytes, path: str, now: datetime, status: int = 200) -> bool:
    return rules_of(RobotsFile(HOST, status, body, now, now)).parsed.can_fetch(HOST + path, "tonle")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, DAY),
        ({"cache-control": "max-age=600"}, timedelta(minutes=10)),
        ({"cache-control": 'public, Max-Age="600", must-revalidate'}, timedelta(minutes=10)),
        ({"cache-control": "max-age=600", "age": "400"}, timedelta(seconds=200)),
        ({"cache-control": "max-age=600", "age": "4000"}, timedelta(0)),
        ({"cache-control": "max-age=600", "expires": "Sun, 01 Mar 2026 20:00:00 GMT"}, timedelta(minutes=10)),
        ({"cache-control": "max-age=31536000"}, DAY),
        ({"cache-control": "max-age=99999999999999999999999"}, DAY),
        ({"cache-control": "max-age=soon"}, DAY),
        ({"cache-control": "no-cache"}, timedelta(0)),
        ({"cache-control": "no-store, max-age=600"}, timedelta(0)),
        ({"expires": "Sun, 01 Mar 2026 09:00:00 GMT"}, timedelta(hours=1)),
        ({"expires": "Sun, 01 Mar 2026 09:00:00 GMT", "date": "Sun, 01 Mar 2026 08:45:00 GMT"}, timedelta(minutes=15)),
        ({"expires": "Mon, 01 Mar 2027 09:00:00 GMT"}, DAY),
        ({"expires": "Sat, 28 Feb 2026 09:00:00 GMT"}, timedelta(0)),
        ({"expires": "0"}, timedelta(0)),
    ],
)
def test_a_file_is_kept_as_long_as_its_host_says_and_a_day_at_most(
    headers: dict[str, str], expected: timedelta, now: datetime
) -> None:
    assert lifetime(headers, now) == expected


def test_a_kept_file_is_used_until_it_expires_and_never_for_more_than_a_day(now: datetime) -> None:
    file = RobotsFile(HOST, 200, b"", now, now + timedelta(hours=2))
    moments = (now, now + timedelta(hours=1), now + timedelta(hours=2), now - timedelta(seconds=1))
    assert [is_current(file, moment) for moment in moments] == [True, True, False, False]
    wrong = RobotsFile(HOST, 200, b"", now, now + timedelta(days=30))
    assert not is_current(wrong, now + DAY)


@pytest.mark.parametrize("status", [500, 502, 503, 429, 301, 304])
def test_an_answer_that_is_no_file_forbids_everything_and_is_not_kept(status: int, page: BuildPage) -> None:
    answer = page("User-agent: *\nAllow: /\n", "/robots.txt", status=status)
    assert file_of(HOST, answer) is None
    refusal = refused_by(f"{HOST}/robots.txt", answer).refusal
    assert refusal
    assert (refusal.reason, refusal.retry_after) == (Reason.ROBOTS_UNREACHABLE, None)
    assert refusal.detail.endswith(f"/robots.txt: HTTP {status}")


def test_what_the_server_asks_to_wait_is_kept_with_the_refusal(page: BuildPage) -> None:
    refusal = refused_by(HOST, page("", "/robots.txt", status=503, headers={"retry-after": "7200"})).refusal
    assert refusal
    assert refusal.retry_after == timedelta(hours=2)


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_challenge_in_place_of_the_file_forbids_everything(status: int, page: BuildPage) -> None:
    answer = page("<title>Just a moment...</title>", "/robots.txt", status=status)
    assert file_of(HOST, answer) is None
    refusal = refused_by(HOST, answer).refusal
    assert refusal
    assert refusal.detail.endswith("a challenge")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_file_that_does_not_exist_or_may_not_be_read_forbids_nothing(status: int, page: BuildPage) -> None:
    file = file_of(HOST, page("Disallow: /", "/robots.txt", status=status))
    assert file
    assert (file.body, file.expires_at - file.fetched_at) == (b"", DAY)
    assert rules_of(file).parsed.can_fetch(HOST + "/national/x", "tonle")


def test_a_byte_order_mark_does_not_hide_the_first_group(now: datetime) -> None:
    assert not may_read(b"\xef\xbb\xbfUser-agent: *\nDisallow: /private\n", "/private/x", now)


def test_bytes_that_are_no_text_do_not_hide_the_rules_beside_them(now: datetime) -> None:
    assert not may_read(b"# caf\xe9 \xff\xfe\nUser-agent: *\r\nDisallow: /private\r\n", "/private/x", now)


def test_a_page_in_place_of_the_file_forbids_nothing(now: datetime) -> None:
    assert may_read(b"<!DOCTYPE html><html><body>Disallow everything, she said</body></html>", "/national/x", now)


def test_the_first_500_kibibytes_are_read_and_no_more(page: BuildPage) -> None:
    rule = b"User-agent: *\nDisallow: /early\n"
    long = rule + b"#" * (LARGEST - len(rule)) + b"\nDisallow: /late\n"
    file = file_of(HOST, page(long, "/robots.txt"))
    assert file
    assert len(file.body) == LARGEST == 512_000
    rules = rules_of(file).parsed
    assert [rules.can_fetch(HOST + path, "tonle") for path in ("/early/x", "/late/x")] == [False, True]


def test_rules_hold_for_a_day_of_a_long_run() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    rules = rules_of(RobotsFile(HOST, 200, b"", moment, moment))
    assert [rules.are_fresh(moment + age) for age in (timedelta(0), timedelta(hours=23), DAY)] == [True, True, False]
