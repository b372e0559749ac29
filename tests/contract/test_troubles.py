"""Troubles, what was reported of them, and jobs that fail, as the corpus keeps them."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.errors import StorageError
from core.trouble import SOURCE, Event, Gravity, Subject, Trouble
from storage.store import Corpus

HOUR = timedelta(hours=1)


def trouble(now: datetime, name: str = "post", cause: str = "timeout") -> Trouble:
    subject = Subject(SOURCE, name) if name else Subject("disk")
    return Trouble(subject, cause, Gravity.WRONG, ("It is so.", "And so."), now, (cause,), Gravity.WRONG, now)


def test_a_trouble_is_kept_as_it_stands(corpus: Corpus, now: datetime) -> None:
    new = trouble(now)
    number = corpus.troubles.keep(new)
    assert corpus.troubles.open() == (replace(new, id=number),)
    later = replace(
        new,
        id=number,
        cause="robots",
        gravity=Gravity.LOOK,
        reasons=(),
        told=("timeout", "robots"),
        reported_at=now + HOUR,
        well_since=now + 2 * HOUR,
        away=(("timeout", now + HOUR),),
    )
    assert corpus.troubles.keep(later) == number
    assert corpus.troubles.open() == (later,)
    over = replace(later, ended_at=now + 2 * HOUR)
    corpus.troubles.keep(over)
    assert corpus.troubles.open() == ()
    assert corpus.troubles.by_id(number) == over
    assert corpus.troubles.by_id(99) is None


def test_one_trouble_is_open_for_a_subject_at_most(corpus: Corpus, now: datetime) -> None:
    first = corpus.troubles.keep(trouble(now))
    corpus.troubles.keep(trouble(now, "ohchr"))
    corpus.troubles.keep(trouble(now, ""))
    corpus.troubles.keep(replace(trouble(now), id=first, ended_at=now))
    again = corpus.troubles.keep(trouble(now + HOUR))
    assert [each.id for each in corpus.troubles.recent(3)] == [again, 3, 2]
    with pytest.raises(StorageError):
        corpus.troubles.keep(trouble(now))


def test_the_last_end_of_each_subject_is_known(corpus: Corpus, now: datetime) -> None:
    for hours in (1, 5, 3):
        corpus.troubles.keep(replace(trouble(now), ended_at=now + hours * HOUR))
    corpus.troubles.keep(replace(trouble(now, ""), ended_at=now))
    corpus.troubles.keep(trouble(now))
    assert corpus.troubles.ends(now) == {Subject(SOURCE, "post"): now + 5 * HOUR}
    assert corpus.troubles.ends(now - HOUR)[Subject("disk")] == now


def test_reports_wait_until_they_are_in_a_message(corpus: Corpus, now: datetime) -> None:
    number = corpus.troubles.keep(trouble(now))
    stands = replace(trouble(now), id=number)
    assert (corpus.troubles.untold(), corpus.troubles.last_told()) == ((), None)
    corpus.troubles.report(stands, number, Event.OPENED, now)
    corpus.troubles.report(stands, number, Event.WORSE, now + HOUR)
    first, second = corpus.troubles.untold()
    assert (first.event, first.trouble, first.cause, first.reasons) == (Event.OPENED, stands, "timeout", stands.reasons)
    corpus.troubles.tell([first], 0, now + HOUR)
    assert corpus.troubles.last_told() is None, "nobody was to be told"
    corpus.troubles.tell([second], second.id, now + HOUR)
    assert corpus.troubles.untold() == ()
    assert corpus.troubles.last_told() == now + HOUR
    assert [report.id for report in corpus.troubles.message(second.id)] == [second.id]
    assert [(report.event, report.message) for report in corpus.troubles.reports_of(number)] == [
        (Event.OPENED, 0),
        (Event.WORSE, second.id),
    ]


def test_a_job_that_fails_is_known_until_it_goes_well(corpus: Corpus, now: datetime) -> None:
    corpus.jobs.failed("tidy", "failed", "ValueError", now)
    corpus.jobs.failed("tidy", "was missed", "late", now + HOUR)
    corpus.jobs.failed("crawl:post", "failed", "x", now)
    _, tidy = corpus.jobs.failures()
    assert (tidy.what, tidy.error, tidy.since, tidy.at, tidy.times) == ("was missed", "late", now, now + HOUR, 2)
    corpus.jobs.went_well("tidy")
    assert [each.name for each in corpus.jobs.failures()] == ["crawl:post"]
    corpus.jobs.keep_failures({"tidy"})
    assert corpus.jobs.failures() == ()


def test_the_outbox_tells_what_of_the_operator_was_refused_and_what_a_reader_was_sent(
    corpus: Corpus, now: datetime
) -> None:
    for number, kind in enumerate(("trouble", "heartbeat", "digest", "trouble")):
        corpus.outbox.owe(kind, number, f"{kind}:{number}", now)
    claimed = corpus.outbox.claim(now, HOUR, limit=4)
    corpus.outbox.postponed(claimed[0].id, "no answer", now + HOUR)
    corpus.outbox.given_up(claimed[1].id, "refused", now)
    corpus.outbox.sent(claimed[2].id, now)
    kinds = ("trouble", "heartbeat")
    assert [state.error for state in corpus.outbox.refused(kinds)] == ["refused", "no answer"]
    newest = corpus.outbox.newest(("trouble",), claimed[3].id)
    assert newest is not None
    assert newest.id == claimed[0].id
    assert corpus.outbox.newest(("trouble",), claimed[0].id) is None
    assert (corpus.outbox.digests_since("", now), corpus.outbox.digests_since("", now + HOUR)) == (1, 0)
    assert corpus.outbox.digests_since("anna", now) == 0
