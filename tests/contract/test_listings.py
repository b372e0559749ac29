from datetime import datetime, timedelta, timezone

from core.model import Lead, Reason, RobotsFile, Skipped, Validators
from storage.store import Corpus

FEED, SECTION = "https://ppp.test/feed", "https://ppp.test/national"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_listing_that_fails_three_times_in_a_row_rests_for_a_day(corpus: Corpus, now: datetime) -> None:
    for number in (1, 2):
        assert corpus.listings.failed("ppp", FEED, now) == number
        assert corpus.listings.resting("ppp", now) == frozenset()
    assert corpus.listings.failed("ppp", FEED, now + HOUR) == 3
    assert corpus.listings.failed("ppp", SECTION, now) == 1
    assert corpus.listings.resting("ppp", now + HOUR) == {FEED}
    assert corpus.listings.resting("ppp", now + HOUR + DAY - timedelta(seconds=1)) == {FEED}
    assert corpus.listings.resting("ppp", now + HOUR + DAY) == frozenset()
    assert corpus.listings.failed("ppp", FEED, now + 2 * DAY) == 4
    assert corpus.listings.resting("ppp", now + 3 * DAY - HOUR) == {FEED}


def test_a_listing_that_is_read_starts_anew(corpus: Corpus, now: datetime) -> None:
    for _ in range(3):
        corpus.listings.failed("ppp", FEED, now)
        corpus.listings.failed("ppp", SECTION, now)
    corpus.listings.read("ppp", FEED, now)
    corpus.listings.read("ppp", "https://ppp.test/never-failed", now)
    assert corpus.listings.resting("ppp", now) == {SECTION}
    assert [corpus.listings.failed("ppp", FEED, now) for _ in range(3)] == [1, 2, 3]
    assert corpus.listings.resting("ppp", now) == {FEED, SECTION}


def test_a_listing_rests_for_its_own_source(corpus: Corpus, now: datetime) -> None:
    for _ in range(3):
        corpus.listings.failed("ppp", FEED, now)
    assert corpus.listings.failed("ohchr", FEED, now) == 1
    corpus.listings.read("ohchr", FEED, now)
    assert corpus.listings.resting("ohchr", now) == frozenset()
    assert corpus.listings.resting("ppp", now) == {FEED}


def test_how_far_a_listing_was_read_is_known_for_each_period(corpus: Corpus, now: datetime) -> None:
    periods = [(None, None), (now, None), (None, now), (now - DAY, now), (now, now + DAY)]
    for page, (since, until) in enumerate(periods):
        assert corpus.listings.marked("ppp", SECTION, since, until) is None
        corpus.listings.mark("ppp", SECTION, since, until, 90, now)
        corpus.listings.mark("ppp", SECTION, since, until, page, now)
    assert [corpus.listings.marked("ppp", SECTION, *period) for period in periods] == [0, 1, 2, 3, 4]
    assert corpus.listings.marked("ppp", FEED, None, None) is None
    assert corpus.listings.marked("ohchr", SECTION, None, None) is None
    same_moment = now.astimezone(timezone(timedelta(hours=7)))
    assert corpus.listings.marked("ppp", SECTION, same_moment, None) == 1


def test_a_mark_that_is_taken_away_leaves_the_others(corpus: Corpus, now: datetime) -> None:
    corpus.listings.mark("ppp", SECTION, None, None, 1, now)
    corpus.listings.mark("ppp", SECTION, now, None, 2, now)
    corpus.listings.mark("ohchr", SECTION, None, None, 3, now)
    corpus.listings.unmark("ppp", SECTION, None, None)
    corpus.listings.unmark("ppp", FEED, None, None)
    assert corpus.listings.marked("ppp", SECTION, None, None) is None
    assert corpus.listings.marked("ppp", SECTION, now, None) == 2
    assert corpus.listings.marked("ohchr", SECTION, None, None) == 3


def test_what_a_server_gave_last_is_kept_by_source_and_url(corpus: Corpus, now: datetime) -> None:
    first = Validators('W/"1"', "", now, "site-1")
    second = Validators("", "Sun, 01 Mar 2026 08:00:00 GMT", now + HOUR, "site-2")
    assert corpus.validators.get("ppp", FEED) is None
    for given in (first, second):
        corpus.validators.keep("ppp", FEED, given)
        assert corpus.validators.get("ppp", FEED) == given
    corpus.validators.keep("ohchr", FEED, first)
    corpus.validators.keep("ppp", SECTION, first)
    corpus.validators.forget("ppp", FEED)
    assert corpus.validators.get("ppp", FEED) is None
    assert corpus.validators.get("ohchr", FEED) == corpus.validators.get("ppp", SECTION) == first


def test_the_newest_robots_file_of_a_host_is_kept_byte_for_byte(corpus: Corpus, now: datetime) -> None:
    host, body = "https://ppp.test:8443", bytes(range(256))
    assert corpus.robots.get(host) is None
    for file in (
        RobotsFile(host, 0, b"", now, now + HOUR),
        RobotsFile(host, 200, body, now + HOUR, now + DAY),
    ):
        corpus.robots.keep(file)
        assert corpus.robots.get(host) == file
    corpus.robots.keep(RobotsFile("http://ppp.test:8443", 404, b"", now, now))
    kept = corpus.robots.get(host)
    assert kept is not None
    assert kept.body == body


def test_what_led_to_items_once_and_fails_in_each_run_for_a_reason_that_lasts_is_lost(
    corpus: Corpus, now: datetime
) -> None:
    first = corpus.runs.start("ppp", "schedule", now)
    pages, never, comes_and_goes, slow = (f"https://ppp.test/{name}?page=0" for name in "abcd")
    leads = [
        Lead("ppp", f"https://ppp.test/{number}", f"key-{number}", "section", url.replace("0", "*"))
        for number, url in enumerate((pages, comes_and_goes, slow))
    ]
    corpus.sources.sight([*leads, Lead("ppp", "https://ppp.test/9", "key-9", "feed", FEED)], first, now)
    runs = [corpus.runs.start("ppp", "schedule", now + number * HOUR) for number in range(3)]
    for run_id in runs:
        for url, reason in ((pages, Reason.NOT_FOUND), (never, Reason.NOT_FOUND), (slow, Reason.TIMEOUT)):
            corpus.runs.record(run_id, url, Skipped(reason), now, is_listing=True)
    corpus.runs.record(runs[0], comes_and_goes, Skipped(Reason.NOT_FOUND), now, is_listing=True)
    for _ in range(3):
        corpus.listings.failed("ppp", FEED, now)
        corpus.listings.failed("ppp", "https://ppp.test/never.xml", now)
    assert corpus.listings.lost("ppp", runs, {Reason.TIMEOUT}, now - DAY) == (pages, FEED)
    assert corpus.listings.lost("ppp", runs, {Reason.TIMEOUT, Reason.NOT_FOUND}, now - DAY) == (FEED,)
    assert corpus.listings.lost("ppp", runs, {Reason.TIMEOUT}, now + HOUR) == (pages,), "the feed is asked no more"
    assert corpus.listings.lost("ppp", [], {Reason.TIMEOUT}, now + HOUR) == ()
    assert corpus.listings.lost("ohchr", [], {Reason.TIMEOUT}, now - DAY) == ()
