from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.moments import date_line, first_moment, is_names, says_modified, time_line, without_dates

ICT = ZoneInfo("Asia/Phnom_Penh")
PLUS_7 = timezone(timedelta(hours=7))
DAY = datetime(2026, 3, 12, tzinfo=ICT)
HALF_PAST_TWO = datetime(2026, 3, 12, 14, 30, tzinfo=ICT)


@pytest.mark.parametrize(
    ("line", "moment"),
    [
        ("12 March 2026", DAY),
        ("Published: 12 March 2026", DAY),
        ("Thursday, 12th March 2026", DAY),
        ("Mar 12, 2026", DAY),
        ("12-Mar-2026", DAY),
        ("12.03.2026", DAY),
        ("12/3/26", DAY),
        ("2026-03-12", DAY),
        ("Publication date 12 March 2026 | 14:30 ICT", HALF_PAST_TWO),
        ("Posted on March 12, 2026 at 2:30 pm", HALF_PAST_TWO),
        ("14:30 | 12 March 2026", HALF_PAST_TWO),
        ("12/03/2026 14:30 (GMT+7)", HALF_PAST_TWO),
        ("2026-03-12T07:30:00Z", HALF_PAST_TWO),
        ("March 12, 2026 14:30 GMT+700", HALF_PAST_TWO),
        ("12 March 2026 | Agency country office", DAY),
        ("12/03/2026 14:30 | seen by 2,314 people", HALF_PAST_TWO),
        ("12 March 2026 09:30 +0200", HALF_PAST_TWO),
        ("Mar 12, 2026 3:30 AM EDT", HALF_PAST_TWO),
        ("Publié le 12 mars 2026 à 14h30", HALF_PAST_TWO),
        ("Publicado el jueves 12 de marzo de 2026, 14:30", HALF_PAST_TWO),
        ("12 марта 2026 г., 14:30", HALF_PAST_TWO),
        ("12 آذار/مارس 2026", DAY),
        ("نشر في: ١٢ مارس ٢٠٢٦ - ١٤:٣٠", HALF_PAST_TWO),
        ("发布时间：2026年3月12日 14:30", HALF_PAST_TWO),
        ("ថ្ងៃទី១២ ខែមីនា ឆ្នាំ២០២៦ ម៉ោង ២:៣០ រសៀល", HALF_PAST_TWO),
        ("ចុះផ្សាយ៖ ថ្ងៃព្រហស្បតិ៍ ទី១២ ខែមីនា ឆ្នាំ២០២៦", DAY),
        ("ngày 12 tháng 3 năm 2026", DAY),
        ("Phnom Penh, 12 March 2026", DAY),
        ("By Keo Rathana and Sim Dara | 12 March 2026 | 1,204 views | 5 min read", DAY),
    ],
)
def test_a_date_line_is_read_whatever_its_form(line: str, moment: datetime) -> None:
    (found,) = date_line(line)
    assert found.at(ICT) == moment
    assert not found.is_modified


@pytest.mark.parametrize(
    "line",
    [
        "On 12 March 2026 the court ruled.",
        "The strike of 12 March 2026 ended today",
        "12 March 2026 – 14 March 2026",
        "Wells run dry in Kandal as rains fail 12 March 2026",
        "Copyright 12 March 2026",
        "Deadline: 12 March 2026",
        "Printed on 12 March 2026",
        "12 March 2026 | Wells run dry in Kandal as the rains fail once again in the far north",
        "Who was there on 12 March 2026?",
        "12 March",
        "March 2026",
        "31 April 2026",
        "12 Foobar 2026",
        "Version 2026.03.12.1",
        "Call 012 345 2026",
        "12 March 2026 " + "Keo Rathana, " * 8,
        "",
    ],
)
def test_what_is_more_or_less_than_a_date_is_no_date_line(line: str) -> None:
    assert date_line(line) == ()


@pytest.mark.parametrize(
    "line",
    [
        "Updated 13 March 2026",
        "Last modified on 13 March 2026",
        "Mis à jour le 13 mars 2026",
        "Actualizado el 13 de marzo de 2026",
        "Обновлено: 13 марта 2026",
        "更新时间：2026年3月13日",
    ],
)
def test_a_line_of_a_change_names_no_publication(line: str) -> None:
    (found,) = date_line(line)
    assert (found.day, found.is_modified) == (date(2026, 3, 13), True)
    assert says_modified(line.partition("13")[0])


def test_a_line_may_name_both_publication_and_change() -> None:
    first, second = date_line("Published 12 March 2026, 09:00. Updated: 13 March 2026, 10:15 ICT")
    assert (first.at(ICT), first.is_modified) == (DAY.replace(hour=9), False)
    assert (second.at(ICT), second.is_modified) == (datetime(2026, 3, 13, 10, 15, tzinfo=ICT), True)


def test_the_time_of_a_change_is_not_that_of_the_publication() -> None:
    (found,) = date_line("12 March 2026, updated 14:30")
    assert (found.day, found.clock) == (date(2026, 3, 12), None)


def test_a_label_in_front_of_a_line_counts_unless_it_has_its_own() -> None:
    assert [moment.is_modified for moment in date_line("13 March 2026", is_modified=True)] == [True]
    assert [moment.is_modified for moment in date_line("Published 13 March 2026", is_modified=True)] == [False]


@pytest.mark.parametrize(
    ("line", "is_month_first", "day", "swapped"),
    [
        ("03/04/2026", False, date(2026, 4, 3), date(2026, 3, 4)),
        ("03/04/2026", True, date(2026, 3, 4), date(2026, 4, 3)),
        ("13/04/2026", True, date(2026, 4, 13), None),
        ("04/13/2026", False, date(2026, 4, 13), None),
        ("04/04/2026", False, date(2026, 4, 4), None),
    ],
)
def test_figures_are_day_first_unless_they_cannot_be_and_tell_the_other_day(
    line: str, is_month_first: bool, day: date, swapped: date | None
) -> None:
    (found,) = date_line(line, is_month_first=is_month_first)
    assert (found.day, found.swapped) == (day, swapped)


@given(st.datetimes(datetime(1950, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001  # the zone is not the point
def test_every_minute_is_read_as_it_was_written(moment: datetime) -> None:
    for form in ("%d %B %Y, %H:%M", "%B %d, %Y %I:%M %p", "%Y-%m-%d %H:%M", "%d %b %Y %Hh%M"):
        (found,) = date_line(moment.strftime(form))
        assert (found.day, found.clock) == (moment.date(), moment.time().replace(second=0, microsecond=0))


@given(st.text(max_size=120))
def test_no_line_is_too_odd_to_be_looked_at(line: str) -> None:
    date_line(line)
    date_line(f"12 March 2026 {line}")
    first_moment(line)
    time_line(line)
    assert isinstance(without_dates(line), str)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("14:30 ICT", (time(14, 30), PLUS_7)),
        ("at 2:30 pm", (time(14, 30), None)),
        ("14h30", (time(14, 30), None)),
        ("12:15 am", (time(0, 15), None)),
        ("25:61", None),
        ("Final score 3:20", None),
        ("Share", None),
    ],
)
def test_a_line_that_is_a_time_is_told_from_one_that_holds_one(line: str, expected: object) -> None:
    found = time_line(line)
    assert (found and (found[0], found[1] and found[1].utcoffset(None))) == (
        expected and (expected[0], expected[1] and expected[1].utcoffset(None))  # type: ignore[index]
    )


def test_the_first_moment_of_a_value_is_found_whatever_stands_around_it() -> None:
    found = first_moment("Thu, 12 Mar 2026 14:30:00 +0700")
    assert found is not None
    assert found.at(UTC) == HALF_PAST_TWO
    assert first_moment("lately") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        (" | ", True),
        ("By Keo Rathana in Phnom Penh", True),
        ("កែវ រតនា", True),
        ("ruled against them", False),
        ("Agent 47", False),
        ("Wells Run Dry In Kandal As The Rains Fail Again", False),
        ("ក" * 41, False),
    ],
)
def test_names_are_told_from_sentences_and_headlines(text: str, *, expected: bool) -> None:
    assert is_names(text) == expected
