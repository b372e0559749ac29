"""A host that says so, challenges, refuses or is not there is left alone: for a while, for the run, or until a time."""

import signal
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from time import monotonic

import pytest

from core.health import Incident
from core.model import Reason
from crawler.resolver import hides_private, is_public
from storage.store import Store
from tests.e2e.moody import CHALLENGE, Answer, Asked, Moody, story
from tests.e2e.places import CAMBODIA, POST, Build, Place
from tests.e2e.processes import until

NAMES = [f"story-{number}" for number in range(8)]
STORIES = [f"/en/news/{name}" for name in NAMES]
HOUR = timedelta(hours=1)


@pytest.fixture
def moody() -> Iterator[Moody]:
    running = Moody()
    running.news(*NAMES)
    yield running
    running.close()


@pytest.fixture
def place(build: Build, moody: Moody) -> Place:
    """A place that asks one page after the other."""
    built = build(crawl={"longest_hold": "2s", "retries": 2, "request_timeout": "5s"}).at(ohchr_cambodia=moody.url)
    sources = built.settings["sources"]
    built.configure(sources={**sources, CAMBODIA: {**sources[CAMBODIA], "delay": "0.02s"}})
    return built.furnish()


def open_incidents(place: Place) -> tuple[Incident, ...]:
    with place.corpus() as corpus:
        return corpus.incidents.open()


def let_pass(place: Place) -> None:
    """Let the time pass until which hosts are left alone."""
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        for trouble in corpus.incidents.open():
            now = datetime.now(UTC)
            corpus.incidents.report(trouble.source, trouble.host, trouble.reason, trouble.detail, now, now)


def stories_asked(moody: Moody) -> list[str]:
    return [path for path in moody.paths if path in STORIES]


@pytest.mark.parametrize("status", [200, pytest.param(403, marks=pytest.mark.soak), 503])
def test_a_challenge_ends_the_run_for_the_host_and_is_asked_once(place: Place, moody: Moody, status: int) -> None:
    moody.mood = lambda asked: replace(CHALLENGE, status=status) if asked.path in STORIES else None
    ended = place.crawl()
    row = ended.row(CAMBODIA)
    assert (row["saved"], row["reasons"]) == (0, {"challenge": 1})
    assert len(stories_asked(moody)) == 1
    assert "host.blocked" in ended.err
    (incident,) = open_incidents(place)
    assert (incident.source, incident.host, incident.reason) == (CAMBODIA, moody.host, Reason.CHALLENGE)


def test_after_a_challenge_behind_good_pages_the_next_run_gets_the_rest(place: Place, moody: Moody) -> None:
    moody.turns[STORIES[3]] = [CHALLENGE]
    place.crawl()
    assert len(stories_asked(moody)) < len(STORIES)
    row = place.crawl().row(CAMBODIA)
    with place.corpus() as corpus:
        assert len(corpus.articles.newest(100)) == len(NAMES) - 1
        assert corpus.incidents.open() == ()
        assert corpus.incidents.recent(1)[0].closed_at is not None
    assert row["status"] == "finished"
    assert Counter(stories_asked(moody)).most_common(1)[0][1] == 1


def test_a_host_that_challenges_from_the_first_page_is_not_asked_for_an_hour(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: CHALLENGE if asked.path != "/robots.txt" else None
    before = datetime.now(UTC)
    assert place.tonle("crawl").code == 3
    (incident,) = open_incidents(place)
    assert HOUR <= incident.until - before < HOUR + timedelta(minutes=1)
    moody.asked.clear()
    ended = place.tonle("crawl", "--json")
    assert (ended.code, moody.asked) == (3, [])
    assert "blocked" in ended.row(CAMBODIA)["error"]


def test_a_host_that_goes_on_challenging_is_left_alone_twice_as_long(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: CHALLENGE if asked.path != "/robots.txt" else None
    place.tonle("crawl")
    let_pass(place)
    before = datetime.now(UTC)
    place.tonle("crawl")
    (incident,) = open_incidents(place)
    # The run itself counts once, and letting the time pass was a report of its own.
    assert incident.times == 3
    assert 4 * HOUR <= incident.until - before < 4 * HOUR + timedelta(minutes=1)


def test_the_first_good_answer_closes_the_incident(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: CHALLENGE if asked.path != "/robots.txt" else None
    place.tonle("crawl")
    let_pass(place)
    moody.mood = lambda _: None
    assert place.crawl().row(CAMBODIA)["saved"] == len(NAMES)
    assert open_incidents(place) == ()


@pytest.mark.parametrize(
    ("status", "form"),
    [
        (429, "seconds"),
        (503, "date"),
        pytest.param(429, "date", marks=pytest.mark.soak),
        pytest.param(503, "seconds", marks=pytest.mark.soak),
    ],
)
def test_a_short_wait_is_waited_for_by_all_pages_of_the_host(
    place: Place, moody: Moody, status: int, form: str
) -> None:
    place.configure(crawl={"longest_hold": "5s", "retries": 2})
    limited: list[float] = []

    def mood(asked: Asked) -> Answer | None:
        if asked.path in STORIES and not limited:
            limited.append(asked.at)
            moment = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
            return Answer(status, "", {"Retry-After": "1" if form == "seconds" else moment})
        return None

    moody.mood = mood
    row = place.crawl().row(CAMBODIA)
    assert (row["saved"], row["reasons"]) == (len(NAMES), {})
    assert len(stories_asked(moody)) == len(NAMES) + 1
    gap = next(asked.at for asked in moody.asked if asked.at > limited[0]) - limited[0]
    assert gap > (1 if form == "seconds" else 0.5)
    assert open_incidents(place) == ()


def test_a_long_wait_leaves_the_host_alone_until_then(place: Place, moody: Moody) -> None:
    limited = Answer(429, "", {"Retry-After": "7200"})
    moody.mood = lambda asked: limited if asked.path in STORIES else None
    before = datetime.now(UTC)
    assert place.crawl().row(CAMBODIA)["reasons"] == {"rate-limited": 1}
    assert len(stories_asked(moody)) == 1
    (incident,) = open_incidents(place)
    assert incident.reason is Reason.RATE_LIMITED
    assert 2 * HOUR <= incident.until - before < 2 * HOUR + timedelta(minutes=1)
    with place.corpus() as corpus:
        assert len(corpus.sources.due(CAMBODIA, datetime.now(UTC))) == len(NAMES) - 1
    moody.asked.clear()
    assert place.tonle("crawl").code == 3
    assert moody.asked == []


def test_a_limit_without_a_word_is_waited_for_longer_each_time_and_then_no_more(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: Answer(429) if asked.path in STORIES else None
    row = place.crawl().row(CAMBODIA)
    assert row["reasons"] == {"rate-limited": 1}
    times = [asked.at for asked in moody.asked if asked.path in STORIES]
    assert len(set(stories_asked(moody))) == 1
    first, second = (later - earlier for earlier, later in pairwise(times))
    assert first > 1
    assert second > 2
    (incident,) = open_incidents(place)
    assert incident.until - incident.opened_at == HOUR


def test_a_crawl_that_is_told_to_stop_does_not_wait_for_a_held_host(place: Place, moody: Moody) -> None:
    place.configure(crawl={"longest_hold": "1m"})
    moody.mood = lambda asked: Answer(429, "", {"Retry-After": "50"}) if asked.path in STORIES else None
    running = place.start("--log-level", "info", "crawl")
    until(lambda: "host.held" in running.err.read_text(), running=running)
    began = monotonic()
    running.send(signal.SIGTERM)
    running.wait(30)
    assert monotonic() - began < 10
    with place.corpus() as corpus:
        assert corpus.runs.recent(1)[0].status == "stopped"
        assert len(corpus.sources.due(CAMBODIA, datetime.now(UTC))) == len(NAMES)


def test_five_refusals_in_a_row_end_the_run_for_the_host(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: Answer(403) if asked.path in STORIES else None
    assert place.crawl().row(CAMBODIA)["reasons"] == {"forbidden": 5}
    assert len(stories_asked(moody)) == 5
    assert [incident.reason for incident in open_incidents(place)] == [Reason.FORBIDDEN]


def test_refusals_between_good_answers_concern_only_their_pages(place: Place, moody: Moody) -> None:
    refused = STORIES[::2]
    moody.mood = lambda asked: Answer(403) if asked.path in refused else None
    row = place.crawl().row(CAMBODIA)
    assert (row["saved"], row["reasons"]) == (len(STORIES) - len(refused), {"forbidden": len(refused)})
    assert open_incidents(place) == ()


def test_a_host_that_is_down_is_asked_three_times_and_not_for_each_page(place: Place, moody: Moody) -> None:
    place.crawl("--limit", "1")
    with place.corpus() as corpus:
        waiting = len(corpus.sources.due(CAMBODIA, datetime.now(UTC)))
    assert waiting == len(NAMES) - 1
    moody.close()
    ended = place.tonle("crawl", "--json")
    assert ended.code == 3
    assert ended.row(CAMBODIA)["skipped"] == 0
    assert ended.err.count("host.blocked") == 1
    (incident,) = open_incidents(place)
    assert incident.reason is Reason.CONNECTION_LOST
    assert incident.until <= datetime.now(UTC)
    with place.corpus() as corpus:
        assert len(corpus.sources.due(CAMBODIA, datetime.now(UTC))) == waiting


def test_a_dry_run_reports_no_incident(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: CHALLENGE if asked.path.startswith("/en/news?") else None
    ended = place.tonle("crawl", "--dry-run")
    assert "host.blocked" in ended.err
    assert open_incidents(place) == ()


def test_a_host_left_alone_for_one_source_does_not_hold_up_another(build: Build, moody: Moody) -> None:
    other = build()
    both = other.settings["sources"] | {CAMBODIA: {"base_url": moody.url, "delay": "0s"}}
    other.configure(sources=both, crawl={"retries": 0})
    moody.mood = lambda asked: CHALLENGE if asked.path != "/robots.txt" else None
    ended = other.tonle("crawl", "--json", CAMBODIA, "phnom-penh-post")
    assert ended.row(CAMBODIA)["status"] == "failed"
    assert ended.row("phnom-penh-post")["saved"] > 10


def inward() -> str:
    """Return a name that leads to no public address by this machine's own account."""
    for name in (socket.gethostname(), "ip6-localhost", "ip6-loopback", "ip6-allnodes"):
        with suppress(OSError):
            addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
            if not hides_private(name) and not any(map(is_public, addresses)):
                return name
    pytest.skip("no name resolves here to private addresses alone")


def test_a_name_that_leads_to_this_machine_is_not_connected_to(build: Build, moody: Moody) -> None:
    place = build(crawl={"retries": 2}).at(ohchr_cambodia=moody.url.replace("127.0.0.1", inward()))
    ended = place.tonle("crawl", "--json")
    assert ended.code == 3
    assert "private-address" in ended.err
    assert moody.asked == []
    assert open_incidents(place) == ()


def test_a_story_that_changes_while_its_host_is_left_alone_is_read_as_it_is_then(place: Place, moody: Moody) -> None:
    moody.turns[STORIES[0]] = [CHALLENGE]
    place.crawl()
    moody.pages[STORIES[0]] = story(NAMES[0], "plan")
    place.make_due()
    place.crawl()
    texts = [article.text for article in place.articles.values() if article.key.endswith(NAMES[0])]
    assert len(texts) == 1
    assert "plan" in texts[0]


def test_an_address_that_was_named_by_hand_stays_due_while_its_host_is_left_alone(place: Place, moody: Moody) -> None:
    moody.mood = lambda asked: CHALLENGE if asked.path != "/robots.txt" else None
    place.tonle("crawl")
    moody.mood = lambda _: None
    url = f"{moody.url}{STORIES[0]}"
    ended = place.tonle("crawl", "--url", url)
    assert ended.code == 3
    assert "wait for a later crawl" in ended.err
    with place.corpus() as corpus:
        assert url in {visit.url for visit in corpus.sources.due(CAMBODIA, datetime.now(UTC))}


def test_what_waits_out_a_delay_does_not_hold_up_who_stops_a_crawl(build: Build) -> None:
    place = build(crawl_delay=3600)
    running = place.at(phnom_penh_post=place.replica.base_url(POST)).start("crawl")
    place.watch.on_request = lambda _: running.send(signal.SIGTERM)
    ended = running.wait(30)
    assert ended.code == 3
    assert [entry.path for entry in place.replica.log] == ["/robots.txt"]
