"""The chart of a digest: few columns, one scale that begins at nought, and nothing left out of the sums."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from notify.chart import Chart, chart
from notify.phrases import Reader
from notify.plain import columns

NOON = datetime(2026, 7, 13, 5, 0, tzinfo=UTC)  # a Monday
READER = Reader({"post": "Phnom Penh Post", "ohchr": "OHCHR"}, ZoneInfo("Asia/Phnom_Penh"))


def seen(*items: tuple[str, float]) -> list[tuple[str, datetime]]:
    return [(source, NOON + timedelta(days=days)) for source, days in items]


def drawn(*items: tuple[str, float]) -> Chart:
    found = chart(seen(*items), READER)
    assert found
    return found


def numbers(found: Chart) -> dict[str, list[int]]:
    return {row.source: [bar.number for bar in row.bars] or [row.total.number] for row in found.rows}


def test_what_came_within_a_day_is_told_by_source_in_the_reader_s_order() -> None:
    found = drawn(("zebra", 0), ("ohchr", 0), ("post", 0.2), ("post", 1.4))
    assert not found.is_by_time
    assert numbers(found) == {"Phnom Penh Post": [2], "OHCHR": [1], "zebra": [1]}
    assert [row.total.percent for row in found.rows] == [100, 50, 50]


@pytest.mark.parametrize("items", [(), (("post", 0),) * 9, (("post", 0), ("ohchr", 0), ("ohchr", 0))])
def test_a_single_source_or_few_articles_make_no_chart(items: tuple[tuple[str, float], ...]) -> None:
    assert chart(seen(*items), READER) is None


def test_a_week_has_a_column_for_each_day_those_without_anything_too() -> None:
    found = drawn(("post", 0), ("post", 0), ("ohchr", 3), ("post", 6))
    assert [column.name for column in found.columns] == [
        "Mon 13 Jul",
        "Tue 14 Jul",
        "Wed 15 Jul",
        "Thu 16 Jul",
        "Fri 17 Jul",
        "Sat 18 Jul",
        "Sun 19 Jul",
    ]
    assert numbers(found) == {"Phnom Penh Post": [2, 0, 0, 0, 0, 0, 1], "OHCHR": [0, 0, 0, 1, 0, 0, 0]}
    assert [column.total.number for column in found.columns] == [2, 0, 0, 1, 0, 0, 1]


def test_days_begin_in_the_reader_s_zone() -> None:
    late = [("post", datetime(2026, 7, 13, hour, 30, tzinfo=UTC)) for hour in (16, 17)]
    found = chart([*late, *seen(("post", 3), ("post", 3))], READER)
    assert found
    assert numbers(found)["Phnom Penh Post"] == [1, 1, 0, 2]


@pytest.mark.parametrize(
    ("days", "unit", "first"), [(20, "week", "Week of 13 Jul"), (200, "month", "Jul 2026"), (2000, "year", "2026")]
)
def test_longer_periods_have_longer_columns_and_lose_nothing(days: int, unit: str, first: str) -> None:
    found = drawn(*((("post", "ohchr")[day % 2], day) for day in range(days)))
    assert found.caption == f"New articles by {unit} and source"
    assert found.columns[0].name == first
    assert len(found.columns) <= 10
    assert sum(map(sum, numbers(found).values())) == days


def test_a_period_of_decades_counts_what_is_older_in_its_first_year() -> None:
    found = drawn(*(("post", -365.25 * year) for year in range(40)))
    assert len(found.columns) == 10
    assert numbers(found)["Phnom Penh Post"][0] == 31


def test_many_sources_are_seven_and_the_others_together() -> None:
    items = [(f"source-{number}", 0.0) for number in range(20) for _ in range(number + 1)]
    found = drawn(*items)
    assert len(found.rows) == 8
    assert found.rows[-1].source == "13 other sources"
    assert sum(row.total.number for row in found.rows) == len(items)


def test_all_bars_of_a_chart_have_one_scale_and_the_least_can_be_seen() -> None:
    found = drawn(*(("post", 0),) * 800, ("ohchr", 0), *(("ohchr", 4),) * 400)
    post, ohchr = found.rows
    assert [bar.percent for bar in post.bars] == [100, 0, 0, 0, 0]
    assert [bar.percent for bar in ohchr.bars] == [1, 0, 0, 0, 50]
    assert [columns(bar.blocks) for bar in (post.bars[0], ohchr.bars[0], ohchr.bars[4])] == [32, 1, 16]
