"""What becomes of troubles: told once, when they get worse or change, and when they are over; never a stream."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.alarms.deciding import A_DAY, AGAIN, Looked, decide
from core.trouble import SOURCE, Event, Gravity, Subject, Symptom, Trouble

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
POST, DISK = Subject(SOURCE, "post"), Subject("disk")
QUIET = Symptom("silent", Gravity.LOOK, ("Nothing new.",))
BROKEN = Symptom("timeout", Gravity.WRONG, ("It does not answer.",))
REFUSED = Symptom("robots", Gravity.WRONG, ("It is closed.",))
EVERYTHING = (None, QUIET, BROKEN, REFUSED, Symptom("server-error", Gravity.WRONG))


@dataclass
class Record:
    """Troubles as the corpus would keep them, and what was reported when."""

    calm: timedelta = HOUR
    open: dict[Subject, Trouble] = field(default_factory=dict)
    ended: list[Trouble] = field(default_factory=list)
    told: list[tuple[datetime, Event, str]] = field(default_factory=list)

    def look(self, at: datetime, *found: Symptom | None, subject: Subject = POST, gone: Iterable[Subject] = ()) -> None:
        """Look at a subject; at none where nothing was found out."""
        looked = Looked(dict.fromkeys([subject], *found) if found else {}, {subject: self.calm}, frozenset(gone))
        ends = {trouble.subject: trouble.ended_at for trouble in self.ended if trouble.ended_at}
        for step in decide(dict(self.open), ends, looked, at):
            trouble = replace(step.trouble, id=step.trouble.id or len(self.open) + len(self.ended) + 1)
            self.open.pop(trouble.subject, None)
            if trouble.ended_at:
                self.ended.append(trouble)
            else:
                self.open[trouble.subject] = trouble
            if step.event:
                self.told.append((at, step.event, trouble.cause))

    @property
    def events(self) -> list[Event]:
        return [event for _, event, _ in self.told]


def looks(*found: Symptom | None, every: timedelta = HOUR, calm: timedelta = HOUR) -> Record:
    record = Record(calm)
    for number, symptom in enumerate(found):
        record.look(NOW + number * every, symptom)
    return record


def test_what_lasts_is_told_once() -> None:
    record = looks(*[BROKEN] * 500)
    assert record.told == [(NOW, Event.OPENED, "timeout")]
    assert record.open[POST].opened_at == NOW


def test_the_end_is_told_once_when_it_stayed_away_and_says_since_when() -> None:
    record = looks(BROKEN, BROKEN, None, None, *[None] * 50)
    assert record.told == [(NOW, Event.OPENED, "timeout"), (NOW + 3 * HOUR, Event.ENDED, "timeout")]
    assert record.ended[0].ended_at == NOW + 2 * HOUR
    assert record.open == {}


def test_one_good_look_among_bad_ones_ends_nothing() -> None:
    record = looks(*[BROKEN, None, BROKEN, BROKEN, None] * 40)
    assert record.events == [Event.OPENED]


def test_what_gets_worse_is_told_at_once_and_once() -> None:
    record = looks(QUIET, BROKEN, QUIET, BROKEN)
    assert record.told == [(NOW, Event.OPENED, "silent"), (NOW + HOUR, Event.WORSE, "timeout")]


def test_what_got_better_for_a_day_and_worse_again_is_told_again() -> None:
    low, full = Symptom("disk-low", Gravity.LOOK), Symptom("disk-full", Gravity.WRONG)
    record = looks(low, full, *[low] * 48, full, low, full)
    assert [event for _, event, _ in record.told] == [Event.OPENED, Event.WORSE, Event.WORSE]
    assert record.told[-1] == (NOW + 50 * HOUR, Event.WORSE, "disk-full")
    assert looks(low, full, *[low] * 20, full).events == [Event.OPENED, Event.WORSE]


def test_a_cause_that_was_away_for_a_day_is_told_when_it_comes_back() -> None:
    record = looks(BROKEN, *[REFUSED] * 60, *[BROKEN] * 10)
    assert [cause for _, _, cause in record.told] == ["timeout", "robots", "timeout"]


def test_more_of_the_same_is_told_a_day_later_and_what_comes_and_goes_within_a_day_never() -> None:
    def failing(*names: str) -> Symptom:
        return Symptom("jobs", Gravity.WRONG, (), names)

    record = looks(failing("tidy"), *[failing("tidy", "deliver"), failing("tidy")] * 100)
    assert [(at, event) for at, event, _ in record.told] == [(NOW, Event.OPENED), (NOW + 25 * HOUR, Event.GREW)]
    record.look(NOW + 201 * HOUR, failing("deliver"))
    assert len(record.told) == 2
    record.look(NOW + 202 * HOUR, failing("digest", "tidy"))
    record.look(NOW + 203 * HOUR, failing("digest"))
    assert record.events[2:] == [Event.GREW]


def test_what_gets_less_bad_is_no_news() -> None:
    record = looks(BROKEN, *[QUIET] * 10)
    assert record.events == [Event.OPENED]
    assert record.open[POST].cause == "silent"


def test_another_cause_is_told_a_day_later_and_each_once() -> None:
    record = looks(BROKEN, *[REFUSED, BROKEN] * 100)
    assert [(at, event) for at, event, _ in record.told] == [(NOW, Event.OPENED), (NOW + 25 * HOUR, Event.CHANGED)]
    assert record.told[1][2] == "robots"


def test_what_comes_back_within_a_week_is_over_only_after_a_day() -> None:
    record = looks(BROKEN, None, None, BROKEN, *[None] * 24)
    assert record.events == [Event.OPENED, Event.ENDED, Event.OPENED]
    record.look(NOW + 28 * HOUR, None)
    assert record.events[-1] is Event.ENDED
    assert looks(BROKEN, None, None, every=AGAIN).events == [Event.OPENED, Event.ENDED]


def test_what_nobody_looked_at_stays_as_it_is_but_is_over_when_it_was_well_for_long_enough() -> None:
    record = Record()
    record.look(NOW, BROKEN)
    record.look(NOW + A_DAY)
    assert record.events == [Event.OPENED]
    record.look(NOW + A_DAY, None)
    record.look(NOW + 2 * A_DAY)
    assert record.events == [Event.OPENED, Event.ENDED]


def test_a_source_that_was_switched_off_is_over_without_a_word() -> None:
    record = Record()
    record.look(NOW, BROKEN)
    record.look(NOW + HOUR, gone=[POST])
    assert (record.open, record.events) == ({}, [Event.OPENED])
    assert record.ended[0].ended_at == NOW + HOUR


def test_subjects_do_not_concern_one_another() -> None:
    record = Record()
    record.look(NOW, BROKEN)
    record.look(NOW, Symptom("disk-low", Gravity.LOOK), subject=DISK)
    record.look(NOW + HOUR, None)
    record.look(NOW + 2 * HOUR, None)
    assert set(record.open) == {DISK}
    assert record.events == [Event.OPENED, Event.OPENED, Event.ENDED]


def test_where_nothing_changes_there_is_nothing_to_write() -> None:
    looked = Looked({POST: BROKEN, DISK: None}, {})
    first = next(decide({}, {}, looked, NOW)).trouble
    assert list(decide({POST: first}, {}, looked, NOW + HOUR)) == []
    other = Looked({POST: REFUSED}, {})
    (second,) = decide({POST: first}, {}, other, NOW + HOUR)
    assert list(decide({POST: second.trouble}, {}, other, NOW + 2 * HOUR)) == []


@pytest.mark.parametrize("jump", [-30 * A_DAY, -HOUR, 30 * A_DAY])
def test_a_step_of_the_clock_neither_repeats_an_alarm_nor_holds_up_its_end(jump: timedelta) -> None:
    record = looks(BROKEN, BROKEN)
    later = NOW + jump
    record.look(later, BROKEN)
    record.look(later + HOUR, None)
    record.look(later + jump, None)
    record.look(later + jump + 2 * HOUR, None)
    assert record.events == [Event.OPENED, Event.ENDED]


@settings(max_examples=50)
@given(st.lists(st.sampled_from(EVERYTHING), min_size=1, max_size=150), st.sampled_from([HOUR / 6, HOUR, 5 * HOUR]))
def test_whatever_comes_and_goes_the_operator_is_told_little_and_nothing_is_forgotten(
    found: list[Symptom | None], every: timedelta
) -> None:
    record = looks(*found, every=every)
    opened = [at for at, event, _ in record.told if event is Event.OPENED]
    ended = [at for at, event, _ in record.told if event is Event.ENDED]
    # Alarm and all-clear alternate, and the last word agrees with how it stands.
    assert len(opened) - len(ended) == len(record.open)
    assert all(begin < end for begin, end in zip(opened, ended, strict=False))
    assert all(end < begin for end, begin in zip(ended, opened[1:], strict=False))
    assert bool(record.open) or not any(found) or found[-1] is None
    # Of the second end on they are a day apart; in between there is a word for each gravity, and a change a day.
    assert all(later - earlier >= A_DAY for earlier, later in pairwise(ended))
    days = 1 + len(found) * every / A_DAY
    assert len(record.told) <= 4 + 4 * days
    worse = [event for event in record.events if event is Event.WORSE]
    assert len(worse) <= len(opened) + days
