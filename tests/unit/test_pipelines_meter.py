"""How the texts of runs came out, and what is an alarm."""

from datetime import UTC, datetime

from core.health import Alarm, Meter
from pipelines.meter import (
    LAYOUT,
    LEAKING,
    ODD,
    UNAUTHORED,
    UNDATED,
    UNLAID,
    UNREAD,
    Text,
    jumps,
    measured,
)

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
USUAL = [(2000 + 10 * number, 12 + number % 5) for number in range(100)]


def runs(*texts_and_counts: tuple[int, dict[str, int]]) -> list[Meter]:
    """Return meters, newest first, of runs that are given oldest first."""
    return [Meter(run, texts, counts) for run, (texts, counts) in enumerate(texts_and_counts, 1)][::-1]


def alarm(what: str, run_id: int) -> Alarm:
    return Alarm(1, "ppp", what, "", NOW, 1, run_id)


def names(meters: list[Meter], *alarms: Alarm) -> set[str]:
    return {jump.what for jump in jumps(meters, alarms)}


def test_each_thing_is_counted_of_the_texts_it_is_said_of() -> None:
    texts = [
        Text((2400, 13)),
        Text((2400, 13), is_leaking=True, missed=("cms: byline .by",)),
        Text((2400, 13), is_dated=False, has_authors=False, missed=("cms: byline .by",)),
        Text((2400, 13), has_layout=False),
        Text((90, 13)),
        Text((2400, 90)),
    ]
    meter = measured(7, texts, 4, USUAL, has_layouts=True)
    assert (meter.run_id, meter.texts) == (7, 6)
    assert meter.counts == {LEAKING: 1, UNDATED: 1, UNAUTHORED: 1, UNLAID: 1, ODD: 2, UNREAD: 4}
    assert meter.missed == {"cms: byline .by": 2}


def test_of_few_texts_nothing_is_usual_and_a_site_without_layouts_lacks_none() -> None:
    meter = measured(1, [Text((1, 1), has_layout=False)], 0, USUAL[:49], has_layouts=False)
    assert meter.counts == {}


def test_texts_as_they_always_were_raise_no_alarm() -> None:
    always = [(5, {UNAUTHORED: 5, LEAKING: 1})] * 12
    assert names(runs(*always)) == set()


def test_a_jump_is_an_alarm_with_both_figures() -> None:
    (found,) = jumps(runs(*[(10, {})] * 6, (10, {LEAKING: 6})))
    assert found.what == LEAKING
    assert "6 of 10" in found.detail
    assert "0 of 60" in found.detail


def test_runs_of_one_text_each_are_held_together() -> None:
    before: list[tuple[int, dict[str, int]]] = [(1, {})] * 40
    assert names(runs(*before, *[(1, {UNDATED: 1})] * 2)) == set()
    assert names(runs(*before, *[(1, {UNDATED: 1})] * 5)) == {UNDATED}


def test_two_texts_are_no_jump_and_nothing_is_one_without_a_past() -> None:
    assert names(runs(*[(10, {})] * 20, (10, {LEAKING: 2}))) == set()
    assert names(runs((4, {}), (10, {LEAKING: 10}))) == set()


def test_pages_that_hold_nothing_to_read_are_an_alarm_of_their_own() -> None:
    (found,) = jumps(runs(*[(10, {})] * 6, (3, {UNREAD: 9}), (7, {})))
    assert (found.what, "9 of 19" in found.detail) == (UNREAD, True)


def test_a_layout_that_fits_no_more_is_told_with_the_selectors_that_find_nothing() -> None:
    dead = {"cms: when article.story": 10, "cms: body .text": 10, "cms: byline .by": 9}
    before = [Meter(run, 10, {}, {"cms: byline .by": 8}) for run in range(6, 0, -1)]
    (found,) = jumps([Meter(7, 10, {UNLAID: 10}, dead), *before])
    assert found.what == LAYOUT
    assert "10 of 10" in found.detail
    assert "cms: when article.story; cms: body .text" in found.detail
    assert "byline" not in found.detail


def test_a_selector_that_dies_alone_is_told_too() -> None:
    before: list[Meter] = [Meter(run, 10) for run in range(6, 0, -1)]
    (found,) = jumps([Meter(7, 10, {}, {"cms: date time": 10}), *before])
    assert (found.what, "cms: date time" in found.detail) == (LAYOUT, True)


def test_an_alarm_lasts_as_long_as_what_it_is_about_however_long_that_is() -> None:
    worse = runs(*[(10, {})] * 6, *[(10, {UNDATED: 10})] * 60)
    assert names(worse) == set()
    assert names(worse, alarm(UNDATED, 7)) == {UNDATED}


def test_an_alarm_is_over_when_the_newest_texts_are_as_before_it() -> None:
    healed = runs(*[(10, {})] * 6, *[(10, {UNDATED: 10})] * 3, (10, {}))
    assert names(healed, alarm(UNDATED, 7)) == set()
