from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from core.errors import StorageError
from core.model import Lead, Reason, Skipped, Visit
from storage.store import Corpus, Store

HOUR = timedelta(hours=1)
FEED, SECTION = "https://ppp.test/feed", "https://ppp.test/national"

Build = Callable[..., Lead]


@pytest.fixture
def run(corpus: Corpus, now: datetime) -> Callable[[], int]:
    def start() -> int:
        return corpus.runs.start("ppp", "manual", now)

    return start


@pytest.fixture
def visited(corpus: Corpus, now: datetime) -> Callable[..., None]:
    """Tell of a visit that went well, an hour before the next."""

    def tell(key: str, article_id: int | None = None, next_visit: datetime | None = now + HOUR) -> None:
        corpus.sources.visited("ppp", key, f"https://ppp.test/{key}", article_id, False, next_visit, now)  # noqa: FBT003

    return tell


def keys(visits: tuple[Visit, ...]) -> list[str]:
    return [visit.key for visit in visits]


def test_an_unknown_lead_becomes_an_address_due_at_once(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    expected = Visit("ppp", "https://ppp.test/one", "one", 0, 0, now, None, listing=FEED, title="Title of one")
    assert corpus.sources.sight([lead("one")], run(), now) == (expected,)
    assert corpus.sources.visit("ppp", "one") == expected
    assert corpus.sources.due("ppp", now) == (expected,)
    assert corpus.sources.due("ppp", now - HOUR) == ()


def test_visits_come_in_the_order_of_the_leads_each_once(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    leads = [lead("b"), lead("a"), lead("b", listing=SECTION), lead("c"), lead("a"), lead("a", source="ohchr")]
    seen = corpus.sources.sight(leads, run(), now)
    assert [(visit.source, visit.key) for visit in seen] == [
        ("ppp", "b"),
        ("ppp", "a"),
        ("ppp", "c"),
        ("ohchr", "a"),
    ]


def test_no_leads_are_no_visits(corpus: Corpus, run: Callable[[], int], now: datetime) -> None:
    assert corpus.sources.sight([], run(), now) == ()


def test_a_lead_that_says_the_same_again_is_not_due(
    corpus: Corpus, lead: Build, run: Callable[[], int], visited: Callable[..., None], now: datetime
) -> None:
    corpus.sources.sight([lead("one", published=now)], run(), now)
    visited("one")
    assert corpus.sources.sight([lead("one", published=now)], run(), now) == ()
    assert corpus.sources.due("ppp", now) == ()


@pytest.mark.parametrize("more", [{"summary": "New"}, {"published": datetime.fromisoformat("2026-01-01T00:00+07:00")}])
def test_what_a_listing_leaves_out_contradicts_nothing(
    corpus: Corpus,
    lead: Build,
    run: Callable[[], int],
    visited: Callable[..., None],
    now: datetime,
    more: dict[str, object],
) -> None:
    corpus.sources.sight([lead("one")], run(), now)
    visited("one")
    assert corpus.sources.sight([lead("one", **more)], run(), now) == ()
    assert corpus.sources.sight([lead("one")], run(), now) == ()
    other = {name: datetime.fromisoformat("2026-02-02T00:00Z") if name == "published" else "Other" for name in more}
    assert keys(corpus.sources.sight([lead("one", **other)], run(), now)) == ["one"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "title of One"},
        {"summary": "New"},
        {"published": datetime.fromisoformat("2026-01-01T00:00+07:00")},
        {"modified": datetime.fromisoformat("2026-01-01T00:00+07:00")},
    ],
    ids=["title", "summary", "published", "modified"],
)
@pytest.mark.parametrize("next_visit", [None, datetime.fromisoformat("2099-01-01T00:00Z")])
def test_a_lead_that_says_other_things_is_due_at_once(  # noqa: PLR0913, PLR0917 - fixtures
    corpus: Corpus,
    lead: Build,
    run: Callable[[], int],
    visited: Callable[..., None],
    now: datetime,
    change: dict[str, object],
    next_visit: datetime | None,
) -> None:
    said = {"summary": "Old", "published": datetime.fromisoformat("2025-12-31T00:00+07:00")}
    corpus.sources.sight([lead("one", **said), lead("two", **said)], run(), now)
    visited("one", next_visit=next_visit)
    visited("two", next_visit=next_visit)
    assert keys(corpus.sources.sight([lead("one", **(said | change)), lead("two", **said)], run(), now)) == ["one"]
    assert keys(corpus.sources.due("ppp", now)) == ["one"]
    visited("one")
    assert corpus.sources.sight([lead("one", **change), lead("two")], run(), now) == ()


def test_a_second_listing_changes_nothing_when_it_names_an_address_and_later_speaks_for_itself(
    corpus: Corpus, lead: Build, run: Callable[[], int], visited: Callable[..., None], now: datetime
) -> None:
    corpus.sources.sight([lead("one")], run(), now)
    visited("one")
    elsewhere = lead("one", listing=SECTION, title="Other title")
    assert corpus.sources.sight([elsewhere], run(), now) == ()
    assert corpus.sources.sight([elsewhere, lead("one")], run(), now) == ()
    assert keys(corpus.sources.sight([lead("one", listing=SECTION, title="New")], run(), now)) == ["one"]


def test_a_lead_met_twice_in_a_run_counts_once(
    corpus: Corpus, lead: Build, run: Callable[[], int], visited: Callable[..., None], now: datetime
) -> None:
    """A box beside the listing that shortens a title would make every run fetch the page in vain."""
    full, short = lead("one"), lead("one", title="Title…")
    first_run = run()
    corpus.sources.sight([full, short], first_run, now)
    corpus.sources.sight([short], first_run, now)
    visited("one")
    second_run = run()
    assert corpus.sources.sight([full, short], second_run, now) == ()
    assert corpus.sources.sight([short], second_run, now) == ()


def test_a_lead_that_is_due_anyway_is_told(
    corpus: Corpus, lead: Build, run: Callable[[], int], visited: Callable[..., None], now: datetime
) -> None:
    corpus.sources.sight([lead("one")], run(), now)
    visited("one", next_visit=now + HOUR)
    assert keys(corpus.sources.sight([lead("one")], run(), now + HOUR)) == ["one"]


def test_a_change_does_not_postpone_what_waits_already(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    corpus.sources.sight([lead("one")], run(), now)
    corpus.sources.sight([lead("one", title="New")], run(), now + HOUR)
    assert keys(corpus.sources.due("ppp", now)) == ["one"]


def test_an_address_is_visited_where_it_was_named_last(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    corpus.sources.sight([lead("one")], run(), now)
    (visit,) = corpus.sources.sight([lead("one", url="https://ppp.test/moved/one")], run(), now)
    assert visit.url == "https://ppp.test/moved/one"


def test_more_leads_than_a_statement_takes_values_are_recorded(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    leads = [lead(f"k{number}") for number in range(2500)]
    assert keys(corpus.sources.sight(leads, run(), now)) == [each.key for each in leads]
    assert len(corpus.sources.sight(leads, run(), now)) == 2500
    assert len(corpus.sources.unsettled("ppp", FEED, [each.key for each in leads])) == 2500


def test_a_lead_of_a_run_that_does_not_exist_is_refused(store: Store, lead: Build, now: datetime) -> None:
    with pytest.raises(StorageError, match="contradicts"), store.transaction() as corpus:
        corpus.sources.sight([lead("one")], 7, now)


FEED = "https://ppp.test/feed"


def test_only_what_a_listing_read_to_its_end_has_named_is_settled_in_it(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    run_id = run()
    corpus.sources.sight([lead("one"), lead("beside", listing="other"), lead("elsewhere", source="ohchr")], run_id, now)
    asked = ("one", "two", "beside", "elsewhere")
    assert corpus.sources.unsettled("ppp", FEED, asked) == frozenset(asked)
    assert not corpus.sources.is_settled("ppp", FEED)
    corpus.sources.settle("ppp", FEED, run_id)
    assert corpus.sources.unsettled("ppp", FEED, asked) == {"two", "beside", "elsewhere"}
    assert corpus.sources.unsettled("ppp", "other", asked) == frozenset(asked)
    assert corpus.sources.unsettled("ohchr", FEED, asked) == frozenset(asked)
    assert corpus.sources.unsettled("ppp", FEED, ()) == frozenset()
    assert corpus.sources.is_settled("ppp", FEED)
    assert not corpus.sources.is_settled("ohchr", FEED)


def test_what_a_killed_run_saw_is_settled_by_the_next_that_ends(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    corpus.sources.sight([lead("one"), lead("two")], run(), now)
    next_run = run()
    corpus.sources.sight([lead("one")], next_run, now)
    assert corpus.sources.unsettled("ppp", FEED, ("one", "two")) == {"one", "two"}
    corpus.sources.settle("ppp", FEED, next_run)
    assert corpus.sources.unsettled("ppp", FEED, ("one", "two")) == {"two"}


def test_what_is_settled_stays_so_in_a_run_that_does_not_end(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime
) -> None:
    first = run()
    corpus.sources.sight([lead("one")], first, now)
    corpus.sources.settle("ppp", FEED, first)
    corpus.sources.sight([lead("one")], run(), now)
    assert corpus.sources.unsettled("ppp", FEED, ("one",)) == frozenset()


def test_an_address_visited_by_hand_is_settled_in_no_listing(
    corpus: Corpus, lead: Build, run: Callable[[], int], visited: Callable[..., None], now: datetime
) -> None:
    visited("one")
    assert corpus.sources.unsettled("ppp", FEED, ("one",)) == {"one"}
    run_id = run()
    corpus.sources.sight([lead("one")], run_id, now)
    corpus.sources.settle("ppp", FEED, run_id)
    assert corpus.sources.unsettled("ppp", FEED, ("one",)) == frozenset()


def test_what_would_be_due_is_told_without_recording_anything(
    corpus: Corpus, lead: Build, run: Callable[[], int], visited: Callable[..., None], now: datetime
) -> None:
    corpus.sources.sight([lead("known"), lead("changes"), lead("waits")], run(), now)
    visited("known")
    visited("changes")
    again = [lead("known"), lead("changes", title="Other"), lead("waits"), lead("new")]
    for _ in range(2):
        assert corpus.sources.wanted(again, now) == {"changes", "waits", "new"}
    assert keys(corpus.sources.sight(again, run(), now)) == ["changes", "waits", "new"]


def test_what_a_listing_no_longer_names_is_asked_once(
    corpus: Corpus,
    lead: Build,
    run: Callable[[], int],
    visited: Callable[..., None],
    keep: Callable[..., int],
    now: datetime,
) -> None:
    corpus.sources.sight([lead("gone"), lead("stays")], run(), now)
    for key in ("gone", "stays"):
        visited(key, keep(corpus, key), None)
    second_run = run()
    corpus.sources.sight([lead("stays")], second_run, now)
    assert corpus.sources.vanished("ppp", FEED, second_run, now) == 1
    assert keys(corpus.sources.due("ppp", now)) == ["gone"]
    visited("gone", None, None)
    assert corpus.sources.vanished("ppp", FEED, second_run, now) == 0
    assert corpus.sources.vanished("ppp", FEED, run(), now) == 1, "now the other one"
    assert keys(corpus.sources.due("ppp", now)) == ["stays"]


def test_only_held_articles_of_that_source_and_listing_vanish(
    corpus: Corpus,
    lead: Build,
    run: Callable[[], int],
    visited: Callable[..., None],
    keep: Callable[..., int],
    now: datetime,
) -> None:
    leads = [lead("empty"), lead("missing"), lead("elsewhere", listing=SECTION), lead("other", source="ohchr")]
    corpus.sources.sight(leads, run(), now)
    visited("empty", None, None)
    missing = keep(corpus, "missing")
    corpus.absences.note(missing, Skipped(Reason.GONE), now)
    visited("missing", missing, None)
    visited("elsewhere", keep(corpus, "elsewhere"), None)
    other = keep(corpus, "other", source="ohchr")
    corpus.sources.visited("ohchr", "other", "https://ohchr.test/other", other, failed=False, next_visit=None, now=now)
    assert corpus.sources.vanished("ppp", FEED, run(), now) == 0
    assert corpus.sources.due("ppp", now) == corpus.sources.due("ohchr", now) == ()
    assert corpus.sources.vanished("ppp", SECTION, run(), now) == 1


def test_what_vanished_and_returns_is_a_first_sighting_of_a_known_address(
    corpus: Corpus,
    lead: Build,
    run: Callable[[], int],
    visited: Callable[..., None],
    keep: Callable[..., int],
    now: datetime,
) -> None:
    corpus.sources.sight([lead("one")], run(), now)
    visited("one", keep(corpus, "one"), None)
    assert corpus.sources.vanished("ppp", FEED, run(), now) == 1
    visited("one", None, None)
    assert corpus.sources.sight([lead("one", title="New")], run(), now) == ()
    assert keys(corpus.sources.sight([lead("one", title="Newer")], run(), now)) == ["one"]


def test_what_vanished_before_it_held_an_article_is_not_looked_for_until_it_is_listed_again(
    corpus: Corpus,
    lead: Build,
    run: Callable[[], int],
    visited: Callable[..., None],
    keep: Callable[..., int],
    now: datetime,
) -> None:
    """Its first visit came after that, and has told whether the page is there."""
    corpus.sources.sight([lead("one")], run(), now)
    assert corpus.sources.vanished("ppp", FEED, run(), now) == 0
    visited("one", keep(corpus, "one"), None)
    assert corpus.sources.vanished("ppp", FEED, run(), now) == 0
    corpus.sources.sight([lead("one")], run(), now)
    assert corpus.sources.vanished("ppp", FEED, run(), now) == 1


@pytest.mark.parametrize("is_gone", [True, False])
def test_what_was_asked_in_vain_is_due_when_a_listing_that_ceased_to_name_it_names_it_again(
    corpus: Corpus, lead: Build, run: Callable[[], int], now: datetime, is_gone: bool
) -> None:
    """A story that was withdrawn before it was read, and brought back as it was."""

    def asked(*, in_vain: bool) -> None:
        corpus.sources.visited("ppp", "one", "https://ppp.test/one", None, in_vain, None, now)

    corpus.sources.sight([lead("one")], run(), now)
    asked(in_vain=is_gone)
    assert corpus.sources.sight([lead("one")], run(), now) == (), "named all the while"
    assert corpus.sources.vanished("ppp", FEED, run(), now) == 0
    assert corpus.sources.sight([lead("one", listing=SECTION)], run(), now) == (), "that listing never ceased to"
    wanted = ["one"] if is_gone else []
    assert sorted(corpus.sources.wanted([lead("one")], now)) == wanted
    assert keys(corpus.sources.sight([lead("one")], run(), now)) == wanted
    asked(in_vain=True)
    assert corpus.sources.sight([lead("one")], run(), now) == (), "once"


def test_never_visited_addresses_come_first_then_those_that_wait_longest(
    corpus: Corpus, lead: Build, run: Callable[[], int], visited: Callable[..., None], now: datetime
) -> None:
    visited("waits-an-hour", next_visit=now - HOUR)
    visited("waits-two", next_visit=now - 2 * HOUR)
    visited("just-now", next_visit=now)
    visited("not-yet", next_visit=now + HOUR)
    visited("never-again", next_visit=None)
    corpus.sources.sight([lead("new"), lead("newer"), lead("other", source="ohchr")], run(), now)
    expected = ["new", "newer", "waits-two", "waits-an-hour", "just-now"]
    assert keys(corpus.sources.due("ppp", now)) == expected
    assert keys(corpus.sources.due("ppp", now, 3)) == expected[:3]


def test_a_visit_counts_and_a_failure_counts_until_a_visit_goes_well(
    corpus: Corpus, keep: Callable[..., int], now: datetime
) -> None:
    def told() -> tuple[int, int, int | None]:
        visit = corpus.sources.visit("ppp", "one")
        assert visit is not None
        return visit.visits, visit.failures, visit.article_id

    article_id, counted = keep(corpus, "one"), []
    for held, failed in ((None, True), (None, True), (article_id, False), (None, True), (None, False)):
        corpus.sources.visited("ppp", "one", "https://ppp.test/one", held, failed, now + HOUR, now)
        counted.append(told())
    assert counted == [
        (1, 1, None),
        (2, 2, None),
        (3, 0, article_id),
        (4, 1, article_id),
        (5, 0, article_id),
    ]


def test_a_visit_to_an_unknown_address_makes_it_known(corpus: Corpus, now: datetime) -> None:
    assert corpus.sources.visit("ppp", "one") is None
    corpus.sources.visited("ppp", "one", "https://ppp.test/one", None, failed=False, next_visit=None, now=now)
    assert corpus.sources.visit("ppp", "one") == Visit("ppp", "https://ppp.test/one", "one", 1, 0, now, None)
