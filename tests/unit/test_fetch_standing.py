"""When a host is held, when it is left alone, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from core.model import Page, Reason
from crawler.standing import Hold, Patience, Standing, Stop, is_good, until

BuildPage = Callable[..., Page]
NONE, MINUTE, HOUR, DAY = timedelta(0), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PATIENCE = Patience(MINUTE, 2)
CHALLENGE = "<title>Just a moment...</title>"


@pytest.fixture
def hear(page: BuildPage) -> Callable[..., Hold | Stop | None]:
    def heard(standing: Standing, status: int, held: int = 0, body: str = "x", **headers: str) -> Hold | Stop | None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return standing.heard(page(body, status=status, headers=named), PATIENCE, held, is_robots=False)

    return heard


Hear = Callable[..., Hold | Stop | None]


@pytest.mark.parametrize(("times", "rest"), [(0, HOUR), (1, 2 * HOUR), (4, 16 * HOUR), (5, DAY), (4000, DAY)])
def test_a_host_that_challenges_from_the_first_page_rests_longer_with_each_run(
    hear: Hear, times: int, rest: timedelta
) -> None:
    assert hear(Standing(times), 403, body=CHALLENGE) == Stop(Reason.CHALLENGE, "HTTP 403", rest)


def test_a_host_that_challenges_after_good_pages_may_be_asked_by_the_next_run(hear: Hear) -> None:
    standing = Standing(times=3)
    assert hear(standing, 200) is None
    assert hear(standing, 503, body=CHALLENGE) == Stop(Reason.CHALLENGE, "HTTP 503", NONE)


@pytest.mark.parametrize(("asked", "rest"), [("60", HOUR), ("86400", DAY)])
def test_what_a_challenge_asks_to_wait_is_kept_where_it_is_longer(hear: Hear, asked: str, rest: timedelta) -> None:
    assert hear(Standing(), 403, body=CHALLENGE, retry_after=asked) == Stop(Reason.CHALLENGE, "HTTP 403", rest)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "wait"), [("0", NONE), ("60", MINUTE), ("Sun, 01 Mar 2026 08:00:30 GMT", MINUTE / 2)]
)
def test_a_host_is_held_for_as_long_as_it_asks(hear: Hear, status: int, asked: str, wait: timedelta) -> None:
    assert hear(Standing(), status, retry_after=asked) == Hold(wait)


@pytest.mark.parametrize(("asked", "rest"), [("61", timedelta(seconds=61)), ("Mon, 02 Mar 2026 08:00:00 GMT", DAY)])
def test_a_host_that_asks_for_longer_is_left_alone_until_then(hear: Hear, asked: str, rest: timedelta) -> None:
    assert hear(Standing(), 429, retry_after=asked) == Stop(Reason.RATE_LIMITED, "HTTP 429", rest)


def test_a_page_is_held_so_often_and_then_its_host_is_left_alone(hear: Hear) -> None:
    assert hear(Standing(), 503, held=1, retry_after="5") == Hold(timedelta(seconds=5))
    assert hear(Standing(), 503, held=2, retry_after="5") == Stop(Reason.RATE_LIMITED, "HTTP 503", timedelta(seconds=5))


def test_a_host_that_does_not_say_how_long_is_held_longer_each_time_and_then_left_alone(hear: Hear) -> None:
    follows = [hear(Standing(times=1), 429, held=held) for held in range(3)]
    assert follows == [Hold(MINUTE / 2), Hold(MINUTE), Stop(Reason.RATE_LIMITED, "HTTP 429", 2 * HOUR)]


def test_where_nothing_may_be_waited_for_a_limit_leaves_the_host_alone_at_once(page: BuildPage) -> None:
    for patience in (Patience(NONE, 2), Patience(MINUTE, 0)):
        told = Standing().heard(page("", status=429), patience, 0, is_robots=False)
        assert told == Stop(Reason.RATE_LIMITED, "HTTP 429", HOUR)


def test_an_error_of_the_server_without_a_wait_says_nothing_of_the_host(hear: Hear) -> None:
    standing = Standing()
    assert [hear(standing, status) for status in (500, 502, 503, 504)] == [None] * 4
    assert not standing.has_answered


def test_five_refusals_in_a_row_leave_the_host_alone(hear: Hear) -> None:
    standing = Standing()
    told = [hear(standing, status) for status in (403, 401, 403, 500, 451, 403)]
    assert told == [None] * 5 + [Stop(Reason.FORBIDDEN, "5 refusals in a row (HTTP 403)", HOUR)]


@pytest.mark.parametrize("good", [200, 304, 404, 410])
def test_a_good_answer_between_refusals_starts_the_count_anew(hear: Hear, good: int) -> None:
    standing = Standing()
    assert [hear(standing, status) for status in (403, 403, 403, 403, good, 403, 403, 403, 403)] == [None] * 9
    assert hear(standing, 403) == Stop(Reason.FORBIDDEN, "5 refusals in a row (HTTP 403)", NONE)


def test_robots_txt_that_comes_says_nothing_of_the_pages(page: BuildPage) -> None:
    standing = Standing()
    standing.refusals = 4
    assert standing.heard(page("x"), PATIENCE, 0, is_robots=True) is None
    assert standing.heard(page("x", status=403), PATIENCE, 0, is_robots=True) is None
    assert (standing.has_answered, standing.refusals) == (False, 4)
    assert standing.heard(page(CHALLENGE, status=403), PATIENCE, 0, is_robots=True) is not None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (CannotResolveHostError("no such name"), Reason.HOST_UNKNOWN),
        (DownloadConnectionRefusedError("refused"), Reason.CONNECTION_LOST),
    ],
)
def test_a_host_that_is_not_there_three_times_is_left_to_the_next_run(error: Exception, reason: Reason) -> None:
    standing = Standing(times=9)
    told = [standing.missed("http://a.example/x", error) for _ in range(3)]
    assert told == [None, None, Stop(reason, str(error), NONE)]


@pytest.mark.parametrize("error", [DownloadTimeoutError("slow"), DownloadFailedError("reset")])
def test_what_may_be_one_pages_fault_counts_by_page(error: Exception) -> None:
    standing = Standing()
    assert [standing.missed("http://a.example/x", error) for _ in range(9)] == [None] * 9
    assert standing.missed("http://a.example/y", error) is None
    assert standing.missed("http://a.example/z", error) is not None


def test_any_answer_ends_a_silence(hear: Hear) -> None:
    standing, lost = Standing(), CannotResolveHostError("no such name")
    for _ in range(3):
        assert standing.missed("http://a.example/x", lost) is None
        assert standing.missed("http://a.example/y", lost) is None
        assert hear(standing, 500) is None


def test_what_tonle_itself_refuses_says_nothing_of_the_host() -> None:
    standing = Standing()
    assert [standing.missed(f"http://a.example/{n}", IgnoreRequest("max redirections")) for n in range(5)] == [None] * 5


def test_a_challenge_is_no_good_answer_whatever_its_status(page: BuildPage) -> None:
    assert not is_good(page(CHALLENGE))
    assert is_good(page("<p>Text</p>"))


def test_a_host_rests_from_now_on(now: datetime) -> None:
    assert until(Stop(Reason.CHALLENGE, "", HOUR), now) == now + HOUR
