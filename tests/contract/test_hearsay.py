"""What listings said of an address comes back with its visit."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from core.model import Lead, Visit
from storage.store import Corpus

FEED, SECTION = "https://ppp.test/feed", "https://ppp.test/national"
PHNOM_PENH = timezone(timedelta(hours=7))
WRITTEN = datetime(2026, 2, 1, 0, 30, tzinfo=PHNOM_PENH)

Build = Callable[..., Lead]


@pytest.fixture
def told(corpus: Corpus, now: datetime) -> Callable[..., Visit]:
    """Sight leads in a run of their own, or in that one; returns what is known of the first one's address."""

    def sight(*leads: Lead, run_id: int | None = None) -> Visit:
        corpus.sources.sight(leads, run_id or corpus.runs.start("ppp", "manual", now), now)
        visit = corpus.sources.visit(leads[0].source, leads[0].key)
        assert visit is not None
        return visit

    return sight


def said(visit: Visit) -> tuple[str, str, str, str, bool]:
    date = visit.published.isoformat() if visit.published else ""
    return visit.listing, visit.title, visit.summary, date, visit.is_relevant


def test_a_visit_carries_what_the_listing_said(
    corpus: Corpus, lead: Build, told: Callable[..., Visit], now: datetime
) -> None:
    visit = told(lead("one", summary="In short", published=WRITTEN, is_relevant=True))
    assert said(visit) == (FEED, "Title of one", "In short", "2026-02-01T00:30:00+07:00", True)
    assert corpus.sources.due("ppp", now) == (visit,)


def test_what_is_said_anew_stands_in_place_of_what_was_said_before(lead: Build, told: Callable[..., Visit]) -> None:
    told(lead("one", summary="In short", published=WRITTEN))
    new = lead("one", listing=SECTION, title="New", summary="Newer", published=WRITTEN + timedelta(hours=1))
    assert said(told(new)) == (SECTION, "New", "Newer", "2026-02-01T01:30:00+07:00", False)


def test_silence_takes_nothing_back(lead: Build, told: Callable[..., Visit]) -> None:
    before = told(lead("one", summary="In short", published=WRITTEN, is_relevant=True))
    assert told(lead("one", listing="", title="")) == before
    assert said(told(lead("one", listing=SECTION, title=""))) == (SECTION, *said(before)[1:])


def test_one_listing_that_holds_only_what_was_asked_for_makes_an_address_relevant_for_good(
    lead: Build, told: Callable[..., Visit]
) -> None:
    assert not told(lead("one")).is_relevant
    assert told(lead("one", listing=SECTION, is_relevant=True)).is_relevant
    assert told(lead("one")).is_relevant
    assert told(lead("two", listing=SECTION), lead("two", is_relevant=True)).is_relevant


def test_what_a_listing_now_vouches_for_is_asked_again_where_no_article_came_of_it(
    corpus: Corpus, lead: Build, told: Callable[..., Visit], keep: Callable[..., int], now: datetime
) -> None:
    told(lead("left-out"), lead("held"))
    for key, article_id in (("left-out", None), ("held", keep(corpus, "held"))):
        url = f"https://ppp.test/{key}"
        corpus.sources.visited("ppp", key, url, article_id, failed=article_id is None, next_visit=None, now=now)
    assert corpus.sources.due("ppp", now) == ()
    vouched = [lead(key, listing=SECTION, is_relevant=True) for key in ("left-out", "held")]
    told(*vouched)
    (due,) = corpus.sources.due("ppp", now)
    assert due.key == "left-out"
    corpus.sources.visited("ppp", "left-out", due.url, None, failed=True, next_visit=None, now=now)
    told(*vouched)
    assert corpus.sources.due("ppp", now) == (), "it is asked once for that"


def test_of_a_lead_met_twice_in_a_run_the_first_is_heard(
    corpus: Corpus, lead: Build, told: Callable[..., Visit], now: datetime
) -> None:
    run_id = corpus.runs.start("ppp", "manual", now)
    shortened = lead("one", title="Title…")
    for leads in ((lead("one"), shortened), (shortened,)):
        assert told(*leads, run_id=run_id).title == "Title of one"
    assert told(shortened).title == "Title…"
    assert told(lead("two"), lead("two", listing=SECTION, title="Other", summary="More")).title == "Title of two"


def test_the_offset_of_a_date_is_kept_even_where_it_is_none(lead: Build, told: Callable[..., Visit]) -> None:
    told(lead("one", published=WRITTEN))
    visit = told(lead("one", published=datetime.fromisoformat("2026-01-31T17:30+00:00")))
    assert visit.published is not None
    assert visit.published.isoformat() == "2026-01-31T17:30:00+00:00"


def test_many_leads_that_say_other_things_are_all_heard(
    corpus: Corpus, lead: Build, told: Callable[..., Visit], now: datetime
) -> None:
    names = [f"k{number}" for number in range(2500)]
    told(*[lead(key) for key in names])
    told(*[lead(key, title=f"New {key}", published=WRITTEN) for key in names])
    visits = {visit.key: (visit.title, visit.published) for visit in corpus.sources.due("ppp", now)}
    assert visits == {key: (f"New {key}", WRITTEN) for key in names}


def test_visits_in_a_row_that_find_no_page_are_counted(corpus: Corpus, now: datetime) -> None:
    counted = []
    for failed, is_missing in ((True, True), (True, True), (True, False), (True, True), (False, False)):
        url = "https://ppp.test/one"
        corpus.sources.visited("ppp", "one", url, None, failed, None, now, is_missing=is_missing)
        visit = corpus.sources.visit("ppp", "one")
        assert visit is not None
        counted.append((visit.failures, visit.missing))
    assert counted == [(1, 1), (2, 2), (3, 0), (4, 1), (0, 0)]
