"""A source is judged against its own history: quiet and broken are told apart, and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.judged import History, State, judged, why
from core.health import Alarm, Incident
from core.model import Reason, Run, Tally
from notify.causes import CAUSES
from notify.phrases import Reader
from notify.silence import Pace, pace

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
READER = Reader({"a": "Agency"}, UTC)


def run(number: int, status: str = "finished", error: str = "", ago: timedelta = HOUR) -> Run:
    return Run(number, "a", "schedule", NOW - ago - HOUR / 60, NOW - ago, status, error)


def history(*runs: Run, **changes: object) -> History:
    well = next((each for each in runs if each.status == "finished"), None)
    pace = Pace(NOW - 2 * DAY, DAY, 4 * DAY)
    late_from = well.started_at + 2 * HOUR + DAY if well else None
    known = History(READER, runs=runs, well=well, pace=pace, late_from=late_from)
    return replace(known, **changes)  # type: ignore[arg-type]


def incident(reason: Reason, left: timedelta = HOUR) -> Incident:
    return Incident(1, "a", "a.test", reason, "", NOW - DAY, NOW + left, 2)


def test_a_source_that_was_crawled_and_brings_what_it_usually_brings_is_well() -> None:
    assert judged(history(run(1)), NOW) == judged(history(run(1)), NOW)
    assert judged(history(run(1)), NOW).state is State.WELL
    assert judged(history(run(1)), NOW).reasons == ()


def test_a_source_that_is_switched_off_or_was_never_crawled_is_said_to_be() -> None:
    assert judged(history(run(1), is_enabled=False), NOW).state is State.OFF
    assert judged(history(), NOW).state is State.NEVER
    assert judged(history(run(1, "running")), NOW).state is State.NEVER


def test_nothing_new_for_longer_than_any_gap_is_quiet_and_within_them_it_is_well() -> None:
    said = judged(history(run(1), pace=Pace(NOW - 5 * DAY, DAY, 4 * DAY)), NOW)
    assert said.state is State.QUIET
    assert "no gap of late was longer than 4 days" in said.reasons[0]
    assert judged(history(run(1), pace=Pace(NOW - 3 * DAY, DAY, 4 * DAY)), NOW).state is State.WELL
    # What comes every few minutes is not quiet for an hour's pause.
    assert judged(history(run(1), pace=Pace(NOW - 20 * HOUR, HOUR, 2 * HOUR)), NOW).state is State.WELL


def test_a_source_that_was_crawled_well_and_never_brought_anything_is_quiet() -> None:
    assert judged(history(run(1), pace=None), NOW).state is State.QUIET


@pytest.mark.parametrize(
    ("recent", "before", "weeks", "state"),
    [
        (2, 160, 8.0, State.QUIET),  # twenty a week are usual
        (12, 160, 8.0, State.WELL),
        (0, 24, 8.0, State.WELL),  # three a week may be none
        (0, 40, 8.0, State.WELL),  # five a week are none in one week of 150
        (0, 160, 1.0, State.WELL),  # nobody knows yet what is usual
    ],
)
def test_fewer_items_than_usual_are_told_where_that_is_no_chance(
    recent: int, before: int, weeks: float, state: State
) -> None:
    said = judged(history(run(1), recent=recent, before=before, weeks=weeks), NOW)
    assert said.state is state
    assert [reason for reason in said.reasons if "Fewer items" in reason] == (list(said.reasons) if recent == 2 else [])


def test_one_failure_is_told_and_two_in_a_row_are_breakage() -> None:
    failed = run(3, "failed", "no listing could be read: host-unknown (a.test)")
    once = judged(history(failed, run(2)), NOW)
    assert (once.state, len(once.reasons)) == (State.WELL, 1)
    twice = judged(history(failed, run(2, "killed"), run(1)), NOW)
    assert twice.state is State.BROKEN
    assert "The last 2 crawls in a row failed" in twice.reasons[0]
    assert "DNS" in twice.reasons[0]


def test_a_run_that_somebody_stopped_neither_fails_nor_ends_a_row() -> None:
    assert judged(history(run(3, "stopped"), run(2)), NOW).state is State.WELL
    row = history(run(4, "failed", "x"), run(3, "stopped"), run(2, "failed", "x"), run(1))
    assert judged(row, NOW).state is State.BROKEN


def test_a_source_that_never_finished_and_fails_is_broken_and_not_new() -> None:
    assert judged(history(run(1, "failed", "no listing names an article")), NOW).state is State.BROKEN


def test_quiet_is_never_said_of_a_source_that_is_broken() -> None:
    quiet = Pace(NOW - 50 * DAY, DAY, 4 * DAY)
    said = judged(history(run(2, "failed"), run(1, "failed"), pace=quiet), NOW)
    assert said.state is State.BROKEN
    assert not any("no gap of late" in reason for reason in said.reasons)


def test_a_source_without_a_good_run_for_two_intervals_and_a_day_is_broken() -> None:
    assert judged(history(run(1, ago=25 * HOUR)), NOW).state is State.WELL
    late = judged(history(run(1, ago=27 * HOUR)), NOW)
    assert late.state is State.BROKEN
    assert "No crawl has ended well for 27 hours" in late.reasons[0]


@pytest.mark.parametrize("reason", [Reason.CHALLENGE, Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.ROBOTS])
def test_a_host_that_refuses_makes_a_source_blocked(reason: Reason) -> None:
    said = judged(history(run(2, "failed"), run(1), incidents=(incident(reason),)), NOW)
    assert said.state is State.BLOCKED
    assert said.reasons[0].startswith("a.test, since ")
    assert "; left alone until " in said.reasons[0]
    assert "(" not in said.reasons[0].replace("(403)", "").replace("(429)", "")
    assert judged(history(run(1), incidents=(incident(reason, -HOUR),)), NOW).state is State.BLOCKED


def test_robots_that_closed_make_a_source_blocked_and_a_host_that_is_away_broken() -> None:
    closed = run(2, "failed", "no listing could be read: robots (https://a.test/feed)")
    assert judged(history(closed, replace(closed, id=1)), NOW).state is State.BLOCKED
    away = incident(Reason.HOST_UNKNOWN)
    assert judged(history(run(1), incidents=(away,)), NOW).state is State.BROKEN


def test_an_alarm_and_a_crawl_of_which_every_page_was_skipped_are_breakage() -> None:
    alarm = Alarm(1, "a", "undated", "5 of 5 newest texts have no date.", NOW, 1, 1)
    assert judged(history(run(1), alarms=(alarm,)), NOW).reasons == (
        f"Its texts need a look since 1 March 2026, 08:00: {alarm.detail}",
    )
    skipped = Tally({"skipped": 4}, {"no-body": 3, "timeout": 1})
    assert judged(history(run(1), asked=skipped), NOW).state is State.BROKEN
    mixed = Tally({"skipped": 4}, {"irrelevant": 2, "no-body": 2})
    assert judged(history(run(1), asked=mixed), NOW).state is State.BROKEN
    irrelevant = Tally({"skipped": 4}, {"irrelevant": 4})
    assert judged(history(run(1), asked=irrelevant), NOW).state is State.WELL


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("no listing could be read: connection-lost (SSL: CERTIFICATE_VERIFY_FAILED)", "certificate"),
        ("no listing could be read: connection-lost (refused)", "connection"),
        ("no listing could be read: robots-unreachable (503); timeout (x)", "robots.txt cannot be read"),
        ("no listing could be read: broken-xml (line 3)", "cannot be parsed"),
        ("its process was killed (SIGKILL): by hand, or because memory ran out", "memory ran out"),
        ("", "no word"),
    ],
)
def test_why_a_run_failed_is_said_in_words(error: str, words: str) -> None:
    assert words in why(error, Tally())


def test_what_its_listings_met_says_why_where_the_error_names_nothing() -> None:
    assert "robots.txt forbids" in why("", Tally({}, {}, {"robots": 2}))


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("no listing could be read: robots-unreachable (503)", "robots-unreachable"),
        ("no listing could be read: host-unknown (a.test)", "host-unknown"),
        ("no listing could be read: connection-lost (certificate verify failed)", "certificate"),
        ("no listing could be read: connection-lost (refused)", "connection-lost"),
        ("no listing could be read: robots (/feed)", "robots"),
        ("no listing could be read: server-error (502)", "server-error"),
        ("no listing could be read: not-found (404)", "listing"),
        ("no listing could be read: timeout (60 s)", "timeout"),
        ("no listing names an article", "failing"),
    ],
)
def test_the_cause_of_what_fails_is_named(error: str, cause: str) -> None:
    said = judged(history(run(3, "failed", error), run(2, "failed", error), run(1)), NOW)
    assert said.cause == cause
    assert said.cause in CAUSES
    once = judged(history(run(3, "failed", error), run(1)), NOW)
    assert (once.state, once.cause) == (State.WELL, ""), "one failure is no alarm"


def test_the_cause_of_what_does_not_fail_is_named_too() -> None:
    assert judged(history(run(1, ago=27 * HOUR)), NOW).cause == "late"
    alarm = Alarm(1, "a", "undated", "40 of 40 have no date", NOW, 1, 1)
    assert judged(history(run(1), alarms=(alarm,)), NOW).cause == "texts"
    fewer = history(run(1), recent=2, before=160, weeks=8.0)
    assert judged(fewer, NOW).cause == "fewer"
    assert judged(history(run(1), incidents=(incident(Reason.CHALLENGE),)), NOW).cause == "challenge"
    # A host that cannot be reached by its certificate is left alone as well: the run says why.
    away = run(2, "failed", "no listing could be read: connection-lost (certificate has expired)")
    lost = history(away, run(1), incidents=(incident(Reason.CONNECTION_LOST),))
    assert judged(lost, NOW).cause == "certificate"


def test_robots_that_close_the_articles_and_not_the_listings_make_a_source_blocked() -> None:
    closed = Tally({"skipped": 4}, {"robots": 3, "forbidden": 1})
    said = judged(history(run(1), tally=closed, asked=closed), NOW)
    assert (said.state, said.cause) == (State.BLOCKED, "forbidden")
    assert said.reasons == ("Every page of the last crawl was skipped (forbidden, robots).",)
    later = judged(history(run(2), run(1), asked=closed), NOW)
    assert (later.state, later.cause) == (State.BLOCKED, "forbidden"), "a crawl that asked for no page shows nothing"
    assert later.reasons == ("Every page of the last crawl that asked for any was skipped (forbidden, robots).",)
    mixed = judged(history(run(1), asked=Tally({"skipped": 4}, {"robots": 3, "no-body": 1})), NOW)
    assert (mixed.state, mixed.cause) == (State.BROKEN, "skipped")


def test_the_operator_is_told_of_a_silence_twice_as_long_as_any_before() -> None:
    quiet = judged(history(run(1), pace=Pace(NOW - 5 * DAY, DAY, 4 * DAY)), NOW)
    assert (quiet.state, quiet.cause) == (State.QUIET, "")
    assert judged(history(run(1), pace=Pace(NOW - 9 * DAY, DAY, 4 * DAY)), NOW).cause == "silent"
    assert judged(history(run(1), pace=None, first=NOW - HOUR), NOW).cause == "", "the first may be still to come"
    # However often it is crawled: the newest twenty runs of an hourly crawl are those of one day.
    assert judged(history(run(2), run(1), pace=None, first=NOW - 2 * DAY), NOW).cause == "silent"


def test_a_source_of_few_articles_is_silent_after_a_month_without_one() -> None:
    said = judged(history(run(1), pace=Pace(NOW - 300 * DAY), first=NOW - 299 * DAY), NOW)
    assert (said.state, said.cause) == (State.QUIET, "silent")
    assert "the last article is of" in said.reasons[0]
    assert judged(history(run(1), pace=Pace(NOW - 29 * DAY), first=NOW - 299 * DAY), NOW).state is State.WELL
    new = history(run(1), pace=Pace(NOW - 300 * DAY), first=NOW - 29 * DAY)
    assert judged(new, NOW).state is State.WELL, "nobody looked before"


def test_fewer_articles_are_told_only_of_a_week_that_was_crawled() -> None:
    fewer = history(run(1), recent=2, before=160, weeks=8.0)
    assert judged(replace(fewer, outages=((NOW - 20 * DAY, NOW - 8 * DAY),)), NOW).cause == "fewer"
    assert judged(replace(fewer, outages=((NOW - 20 * DAY, NOW - 6 * DAY),)), NOW).state is State.WELL


def test_the_time_in_which_nobody_looked_is_no_silence_of_the_source() -> None:
    dates = [NOW - number * DAY for number in (1, 2, 3, 63, 64, 65, 66)]
    assert (known := pace(dates)) is not None
    assert (known.usual, known.longest) == (DAY, 60 * DAY)
    assert (known := pace(dates, [(NOW - 63 * DAY + HOUR, NOW - 4 * DAY)])) is not None
    assert (known.usual, known.longest) == (DAY, DAY + HOUR)
    # Where the listings reached back into it, what they told counts.
    assert (known := pace(dates, [(NOW - 80 * DAY, NOW - 2 * DAY)])) is not None
    assert known.longest == 60 * DAY


def test_a_listing_that_is_lost_while_others_go_on_makes_its_source_broken_and_is_named() -> None:
    said = judged(history(run(1), lost=("https://a.test/national?page=0",)), NOW)
    assert (said.state, said.cause) == (State.BROKEN, "lost")
    assert said.reasons == (
        "The listing https://a.test/national?page=0 cannot be read any more; the crawls go on by the others.",
    )
    many = judged(history(run(1), lost=tuple(f"https://a.test/{number}" for number in range(5))), NOW)
    assert "https://a.test/2 and 2 more cannot be read" in many.reasons[0]
    # Where no crawl ends well any more, that is what is said.
    failing = history(run(2, "failed", "x"), run(1, "failed", "x"), lost=("https://a.test/1",))
    assert judged(failing, NOW).cause != "lost"
