"""How deep a listing is read."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from crawler.discovery.paging import MOST_PAGES, Reading

Change = Callable[..., Reading]
NEW = frozenset({"a", "b"})


@pytest.fixture
def reading() -> Change:
    """Build the reading of a first page of new items in a listing three pages deep that was read before."""
    page = Reading(0, NEW, frozenset(), NEW, was_settled=True, met_settled=False, has_next=None, depth=3)
    return lambda **changes: replace(page, **changes)


def test_a_listing_read_before_goes_on_past_its_depth_until_it_meets_what_is_settled(reading: Change) -> None:
    assert reading(number=50).goes_on
    settled = reading(number=51, unsettled=frozenset())
    assert not settled.goes_on
    assert settled.settles


def test_one_unsettled_item_on_a_page_leads_to_the_next(reading: Change) -> None:
    assert reading(unsettled=frozenset({"b"})).goes_on


def test_a_listing_never_read_is_settled_at_its_depth(reading: Change) -> None:
    first = reading(was_settled=False)
    assert first.goes_on
    assert not first.settles
    last = reading(was_settled=False, number=2)
    assert not last.goes_on
    assert last.settles


@pytest.mark.parametrize(
    "end",
    [{"keys": frozenset()}, {"seen": NEW | {"c"}}, {"has_next": False}],
    ids=["empty", "repeats itself", "no link to a next page"],
)
@pytest.mark.parametrize("asked", [{}, {"pages": 9}, {"is_reaching_back": True}])
def test_every_reading_stops_where_the_listing_ends(
    reading: Change, end: dict[str, object], asked: dict[str, object]
) -> None:
    assert reading(**asked).goes_on
    assert not reading(**end, **asked).goes_on


def test_a_listing_that_ends_is_settled(reading: Change) -> None:
    assert reading(number=7, keys=frozenset()).settles


def test_a_listing_cut_short_at_the_most_pages_is_left_for_the_next_run(reading: Change) -> None:
    assert reading(number=MOST_PAGES - 2).goes_on
    cut = reading(number=MOST_PAGES - 1)
    assert not cut.goes_on
    assert not cut.settles


def test_pages_asked_for_are_read_though_all_on_them_is_settled(reading: Change) -> None:
    assert reading(unsettled=frozenset(), pages=4).goes_on
    assert not reading(unsettled=frozenset(), pages=4, number=3).goes_on


def test_fewer_pages_than_the_depth_settle_nothing_in_a_listing_never_read(reading: Change) -> None:
    assert not reading(was_settled=False, pages=1).settles
    assert reading(was_settled=False, pages=3, number=2).settles


def test_pages_asked_for_settle_once_they_have_met_what_is_settled(reading: Change) -> None:
    assert reading(pages=2, number=1, met_settled=True).settles
    assert not reading(pages=2, number=1).settles


def test_reaching_back_to_a_day_goes_on_past_what_is_settled_and_settles_nothing(reading: Change) -> None:
    assert reading(is_reaching_back=True, unsettled=frozenset(), number=70).goes_on
    reached = reading(is_reaching_back=True, has_reached=True)
    assert not reached.goes_on
    assert not reached.settles
