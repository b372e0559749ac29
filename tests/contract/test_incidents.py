import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import StorageError
from core.health import Incident
from core.model import Reason
from storage.schema import incidents
from storage.store import Corpus, Store

HOST, DAY = "ppp.test", timedelta(days=1)


def test_trouble_is_told_as_it_was_reported(corpus: Corpus, now: datetime) -> None:
    opened = corpus.incidents.report("ppp", HOST, Reason.CHALLENGE, "a page with a riddle", now + DAY, now)
    assert opened == Incident(1, "ppp", HOST, Reason.CHALLENGE, "a page with a riddle", now, now + DAY, times=1)
    assert corpus.incidents.open() == (opened,)
    assert corpus.incidents.open("ppp") == (opened,)
    assert corpus.incidents.open("ohchr") == ()


def test_trouble_met_again_is_the_same_incident_with_the_newest_words(corpus: Corpus, now: datetime) -> None:
    opened = corpus.incidents.report("ppp", HOST, Reason.CHALLENGE, "riddle", now + DAY, now)
    again = corpus.incidents.report("ppp", HOST, Reason.RATE_LIMITED, "slowly", now + 3 * DAY, now + DAY)
    assert again == Incident(opened.id, "ppp", HOST, Reason.RATE_LIMITED, "slowly", now, now + 3 * DAY, times=2)
    assert corpus.incidents.open() == (again,)


def test_each_host_of_each_source_has_its_own_incident(corpus: Corpus, now: datetime) -> None:
    names = [("ppp", HOST), ("ppp", "cdn.test"), ("ohchr", HOST)]
    told = [corpus.incidents.report(*name, Reason.SERVER_ERROR, "", now, now) for name in names]
    assert [(each.source, each.host, each.times) for each in told] == [(*name, 1) for name in names]
    assert corpus.incidents.open() == tuple(told)
    assert corpus.incidents.open("ppp") == tuple(told[:2])


def test_a_host_that_answers_closes_its_incident_and_new_trouble_is_a_new_one(corpus: Corpus, now: datetime) -> None:
    old = corpus.incidents.report("ppp", HOST, Reason.CHALLENGE, "", now + DAY, now)
    corpus.incidents.report("ohchr", HOST, Reason.CHALLENGE, "", now + DAY, now)
    assert corpus.incidents.close("ppp", HOST, now + DAY)
    assert not corpus.incidents.close("ppp", HOST, now + 2 * DAY)
    assert not corpus.incidents.close("ppp", "never.test", now)
    assert corpus.incidents.open("ppp") == ()
    new = corpus.incidents.report("ppp", HOST, Reason.CHALLENGE, "", now + DAY, now)
    assert (new.times, new.id > old.id, new.closed_at) == (1, True, None)
    assert corpus.incidents.open("ppp") == (new,)
    told = [(each.id, each.closed_at) for each in corpus.incidents.recent(9)]
    assert told == [(new.id, None), (2, None), (old.id, now + DAY)]
    assert [each.id for each in corpus.incidents.recent(1)] == [new.id]


def test_two_open_incidents_of_one_host_are_refused_by_the_database(store: Store, now: datetime) -> None:
    values = {"source": "ppp", "host": HOST, "reason": "challenge", "detail": "", "times": 1}
    with store.transaction() as corpus:
        corpus.incidents.report("ppp", HOST, Reason.CHALLENGE, "", now, now)
    with pytest.raises(StorageError, match="contradicts"), store._engine.begin() as connection:
        connection.execute(incidents.insert().values(values | {"opened_at": now, "until": now}))


def test_processes_that_meet_the_same_trouble_at_once_open_one_incident(
    store: Store, child: Callable[[str], subprocess.Popen[str]]
) -> None:
    processes = [
        child("""
import sys
from datetime import UTC, datetime
from core.model import Reason
from storage.store import Store

now = datetime(2026, 3, 1, tzinfo=UTC)
store = Store.open(path)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    with store.transaction() as corpus:
        corpus.incidents.report("ppp", "ppp.test", Reason.CHALLENGE, "", now, now)
        corpus.listings.failed("ppp", "https://ppp.test/feed", now)
""")
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with store.transaction() as corpus:
        (incident,) = corpus.incidents.recent(9)
        assert incident.times == 15
        assert corpus.listings.failed("ppp", "https://ppp.test/feed", now) == 16
