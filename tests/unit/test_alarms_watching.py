"""The operator's alarms on a real corpus: what is found is kept with its message at once, and leaves once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from app.alarms.symptoms import OFTEN, SELDOM, of_machine
from app.alarms.watching import watch
from app.doctor.finding import Finding, Patient, ok
from core.errors import StorageError
from core.trouble import Subject
from notify.causes import CAUSES, PARTS, cause_of, headline
from storage.store import Store
from tests.rigs.watched import AWAY, HOUR, Watched


def test_a_source_that_breaks_is_told_once_and_its_recovery_once(watched: Callable[..., Watched]) -> None:
    here = watched()
    assert not here.crawl()
    for _ in range(8):
        here.now += HOUR
        here.crawl(AWAY)
        here.deliver()
    assert here.subjects == ["tonle: ohchr is broken: its name is not known (DNS)"]
    for _ in range(5):
        here.now += HOUR
        here.crawl()
        here.deliver()
    assert here.subjects[1:] == ["tonle: all-clear for ohchr, after 7 hours"]


def test_what_befalls_many_within_minutes_is_two_messages_at_most(watched: Callable[..., Watched]) -> None:
    here = watched()
    names = ("ohchr", "phnom-penh-post", "ohchr-cambodia", "post-khmer")
    here.desk = replace(here.desk, sites=dict.fromkeys(names, here.desk.sites["ohchr"]))
    for name in names:
        here.crawl(AWAY, name)
    here.deliver()
    here.now += HOUR / 6
    here.look()
    here.deliver()
    assert here.subjects[0] == "tonle: ohchr is broken: its name is not known (DNS)"
    assert here.subjects[1] == "tonle: 3 alarms: phnom-penh-post, ohchr-cambodia and post-khmer"
    assert len(here.subjects) == 2


def test_killed_within_a_look_nothing_of_it_is_kept_and_the_next_one_tells_it(watched: Callable[..., Watched]) -> None:
    class Killed(Exception):  # noqa: N818  # no error
        pass

    class Mortal(Store):
        @contextmanager
        def transaction(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            with super().transaction() as corpus:
                yield corpus
                raise Killed

    here = watched()
    here.crawl(AWAY, look=False)
    before = here.rows()
    mortal = Mortal(here.store._engine)
    with pytest.raises(Killed):
        watch(replace(here.desk, clock=lambda: here.now), mortal, "ohchr")
    assert here.rows() == before
    assert here.look("ohchr")
    assert not here.look("ohchr")
    here.deliver()
    assert len(here.subjects) == 1


def test_where_nothing_changes_a_look_writes_nothing(watched: Callable[..., Watched]) -> None:
    here = watched()
    here.crawl(AWAY)
    here.look()

    class ReadOnly(Store):
        def transaction(self):  # type: ignore[no-untyped-def]  # noqa: ANN202
            raise StorageError("It was written.")

    assert not watch(replace(here.desk, clock=lambda: here.now + HOUR / 60), ReadOnly(here.store._engine))


def test_without_a_channel_troubles_are_kept_and_never_told_later(watched: Callable[..., Watched]) -> None:
    here = watched(channel="none")
    assert not here.crawl(AWAY)
    with here.store.reading() as corpus:
        assert [trouble.cause for trouble in corpus.troubles.open()] == ["host-unknown"]
        assert corpus.troubles.untold() == ()
    other = watched()
    assert not other.look()
    assert other.deliver().sent == 0


def test_a_machine_in_trouble_is_told(watched: Callable[..., Watched], tmp_path: Path) -> None:
    here = watched()
    (tmp_path / ".env").write_text("TONLE_SMTP_PASSWORD=x")
    (tmp_path / ".env").chmod(0o644)
    (tmp_path / "archive").mkdir()
    sums = f"# 9 bytes: ohchr/a.warc.gz\n{'0' * 64}  ohchr/a.warc.gz\n"
    (tmp_path / "archive" / "MANIFEST").write_text(sums)
    assert here.look()
    with here.store.reading() as corpus:
        found = {trouble.cause: " ".join(trouble.reasons) for trouble in corpus.troubles.open()}
    assert set(found) - {"disk-low", "disk-full"} == {"exposed", "archive"}
    assert "a.warc.gz" in found["archive"]
    assert ".env" in found["exposed"]


def test_what_cannot_be_looked_at_is_told_and_hides_nothing_else(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    here = watched()
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "MANIFEST").write_bytes(
        b"\xff\xfe\n# 9 bytes: ohchr/a.warc.gz\n" + b"0" * 64 + b"  ohchr/a.warc.gz\n"
    )
    assert not here.crawl()
    with here.store.transaction() as corpus:
        corpus.troubles._connection.exec_driver_sql("UPDATE runs SET started_at = 'no time'")
    with capture_logs() as logs:
        assert here.look()
    with here.store.reading() as corpus:
        found = {trouble.subject: trouble for trouble in corpus.troubles.open()}
    assert found[Subject("source", "ohchr")].cause == "unseen"
    assert found[Subject("archive")].reasons == ("1 file of the archive: ohchr/a.warc.gz is missing.",)
    assert any(line["event"] == "look.failed" and line["exc_info"] for line in logs)
    assert headline(Subject("backups"), "unseen") == "the backups cannot be looked at"


def test_where_the_corpus_was_taken_away_nothing_is_kept_of_a_look(
    watched: Callable[..., Watched], tmp_path: Path
) -> None:
    here, path, elsewhere = watched(), tmp_path / "corpus.sqlite", tmp_path / "elsewhere"
    before = here.rows()
    path.rename(elsewhere)
    (path.parent / ".env").write_text("TONLE_MAIL_PASSWORD=x")
    (path.parent / ".env").chmod(0o644)
    assert not here.look()
    assert not path.exists()
    elsewhere.rename(path)
    assert here.rows() == before


def test_a_look_that_never_ends_holds_up_nothing_and_is_begun_once(watched: Callable[..., Watched]) -> None:
    release, begun = threading.Event(), []

    def hung(_patient: Patient) -> Iterator[Finding]:
        begun.append(1)
        release.wait(60)
        yield ok("At last.")

    def failing(_patient: Patient) -> Iterator[Finding]:
        raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "no")
        yield

    # The one that hangs comes last: the others need not be done while it is waited for.
    parts = {"log": OFTEN["log"], "clock": replace(OFTEN["clock"], check=failing)}
    parts["backups"] = replace(OFTEN["backups"], check=hung)
    try:
        for _ in range(2):
            with capture_logs():
                found = of_machine(watched().desk, parts, timedelta(seconds=1))
            assert {subject.part: symptom and symptom.cause for subject, symptom in found.items()} == {
                "backups": "unseen",
                "clock": "unseen",
                "log": None,
            }
        assert begun == [1]
    finally:
        release.set()
        for thread in threading.enumerate():
            if thread.name.startswith("look-"):
                thread.join()


def test_every_cause_has_its_words_and_every_part_is_called_something() -> None:
    parts = {**OFTEN, **SELDOM}
    assert {cause for part in parts.values() for cause in part.causes.values()} <= set(CAUSES)
    assert {*parts, "jobs"} == set(PARTS)
    assert headline(Subject("source", "post"), "unheard-of") == "post: something needs a look"
    assert cause_of("unheard-of").commands
