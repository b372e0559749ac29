"""`tonle doctor`: what is wrong is found, said in a sentence, and with what to do."""

import json
import os
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.doctor.examining import CHECKS, Kind, examine
from app.doctor.finding import Finding, Level, Patient, ok
from app.doctor.network import certificate_end
from app.doctor.reach import clock_of_pages
from core.errors import StorageError
from core.model import Page, Reason
from storage.lock import held
from storage.store import Store
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.processes import Ended
from tests.rigs.certificates import certificate_in, server_context
from tests.rigs.postoffice import PASSWORD, USER, post_office

LOCAL = {
    "config",
    "python",
    "disk",
    "permissions",
    "clock",
    "database",
    "backups",
    "daemon",
    "sources",
    "outbox",
    "operator",
}


@pytest.fixture(scope="module")
def sick(build_once: Build) -> Place:
    """A place with a corpus, to be made ill and well again offline."""
    place = build_once()
    place.crawl(CAMBODIA)
    return place


def examined(place: Place, *options: str, **environ: str) -> Ended:
    return place.start("doctor", "--json", *options, environ=environ).wait(60)


def said(ended: Ended, check: str, level: str = "") -> str:
    """Return what a check says, and what to do, at a level if one is named."""
    found = [one for one in ended.json["checks"] if one["check"] == check and level in {"", one["level"]}]
    return " ".join(f"{one['says']} {one['do']}" for one in found)


def levels(ended: Ended) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in ended.json["checks"]:
        found.setdefault(one["check"], set()).add(one["level"])
    return found


@contextmanager
def store(place: Place) -> Iterator[Store]:
    opened = Store.open(place.database)
    yield opened
    opened.close()


def test_a_sound_place_has_nothing_wrong_and_is_asked_politely(copied: Place) -> None:
    place = copied
    place.replica.clear_log()
    before = {path: path.stat().st_mtime_ns for path in (place.folder / "data").rglob("*") if path.suffix == ".gz"}
    ended = examined(place)
    assert ended.code == 0, ended.out
    assert set(levels(ended)) == set(CHECKS)
    assert ended.json["counts"]["wrong"] == 0
    assert all(source in said(ended, "reach", "ok") for source in (POST, OHCHR, CAMBODIA))
    asked = [path for site, path, *_ in map(tuple, place.watch.times) if site == CAMBODIA]
    assert len(asked) == 2
    assert asked[0] == "/robots.txt"
    after = {path: path.stat().st_mtime_ns for path in (place.folder / "data").rglob("*") if path.suffix == ".gz"}
    assert after == before
    shown = place.tonle("doctor", "--offline")
    assert shown.code == 0
    assert "→ start it" in shown.out


def test_offline_asks_nothing(sick: Place) -> None:
    sick.replica.clear_log()
    ended = examined(sick, "--offline")
    assert set(levels(ended)) == LOCAL | {"channels"}
    assert sick.watch.times == []
    assert ended.code == 0


def test_a_wrong_setting_is_the_finding_itself(build: Build) -> None:
    place = build(rules=[{"name": "empty"}])
    ended = examined(place)
    assert ended.code == 7
    assert "config.yaml" in said(ended, "config", "wrong")
    assert place.is_untouched


def test_a_place_without_a_corpus_is_not_given_one(build: Build) -> None:
    place = build()
    ended = examined(place, "--offline")
    assert ended.code == 0
    assert "first crawl" in said(ended, "database")
    assert place.is_untouched


def test_a_damaged_a_foreign_and_a_newer_corpus_are_told_apart(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path)
    file = sqlite3.connect(place.database)
    file.execute("UPDATE alembic_version SET version_num = '9999'")
    file.commit()
    file.close()
    ended = examined(place, "--offline")
    assert ended.code == 7
    assert "upgrade tonle" in said(ended, "database", "wrong")
    whole = place.database.read_bytes()
    place.database.write_bytes(whole[: len(whole) // 2])
    ended = examined(place, "--offline")
    assert "backup" in said(ended, "database", "wrong")
    place.database.write_bytes(b"something else" * 1000)
    ended = examined(place, "--offline")
    assert "is not a corpus" in said(ended, "database", "wrong")


def test_dead_letters_incidents_and_failing_sources_are_told_with_what_to_do(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path)
    now = datetime.now(UTC)
    with store(place) as opened, opened.transaction() as corpus:
        corpus.outbox.owe("digest", 1, "digest:x", now)
        (claimed,) = [each for each in corpus.outbox.claim(now, timedelta(hours=1), 99) if each.key == "digest:x"]
        corpus.outbox.given_up(claimed.id, "550 never", now)
        corpus.incidents.report(POST, "a.test", Reason.CHALLENGE, "", now + timedelta(hours=1), now)
        for _ in range(2):
            corpus.runs.finish(corpus.runs.start(OHCHR, "schedule", now), "failed", now, "no listing could be read")
    ended = examined(place, "--offline")
    assert ended.code == 7
    assert "`resend --all`" in said(ended, "outbox", "wrong")
    wrong = said(ended, "sources", "wrong")
    assert f"{POST} (blocked)" in wrong
    assert f"{OHCHR} (broken)" in wrong
    assert f"tonle runs --source {OHCHR} --failed" in wrong


def test_a_daemon_that_crawls_nothing_and_one_that_is_not_there_are_told_apart(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path)
    assert "No daemon" in said(examined(place, "--offline"), "daemon", "look")
    with held(place.folder / "data" / "locks" / "daemon.lock", "the daemon"):
        ended = examined(place, "--offline")
        assert "has not crawled" in said(ended, "daemon", "wrong")
        assert CAMBODIA not in said(ended, "daemon", "wrong")


def test_a_clock_that_went_back_is_found_in_the_corpus(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path)
    later = datetime.now(UTC) + timedelta(hours=5)
    with store(place) as opened, opened.transaction() as corpus:
        corpus.runs.finish(corpus.runs.start(POST, "schedule", later), "finished", later)
    assert "5 hours behind" in said(examined(place, "--offline"), "clock", "wrong")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"date": "Sun, 01 Mar 2026 07:50:00 GMT"}, "10 minutes ahead of"),
        ({"date": "Sun, 01 Mar 2026 09:00:00 GMT"}, "60 minutes behind"),
        ({"date": "Sun, 01 Mar 2026 07:59:00 GMT"}, ""),
        ({"date": "Sun, 01 Mar 2026 07:50:00 GMT", "age": "600"}, ""),
        ({"date": "yesterday"}, ""),
        ({}, ""),
    ],
)
def test_the_clocks_of_sources_say_whether_ours_is_wrong(headers: dict[str, str], words: str) -> None:
    page = Page("https://a.test/", 200, headers, b"", datetime(2026, 3, 1, 8, 0, tzinfo=UTC))
    told = [(one.about, one.says) for one in clock_of_pages([page])]
    assert bool(told) == bool(words)
    assert all(about == "clock" and words in says for about, says in told)


def test_backups_are_looked_for_where_the_settings_name_them(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path)
    assert "doctor.backups" in said(examined(place, "--offline"), "backups", "look")
    place.configure(doctor={"backups": "backups", "oldest_backup": "1h"})
    assert "cannot be looked at" in said(examined(place, "--offline"), "backups", "wrong")
    (place.folder / "data" / "backups").mkdir()
    assert "no backup" in said(examined(place, "--offline"), "backups", "wrong")
    (place.folder / "data" / "backups" / "one.sqlite").touch()
    assert "minute" in said(examined(place, "--offline"), "backups", "ok")
    old = (datetime.now(UTC) - timedelta(hours=5)).timestamp()
    os.utime(place.folder / "data" / "backups" / "one.sqlite", (old, old))
    assert "5 hours old" in said(examined(place, "--offline"), "backups", "wrong")


def test_files_that_hold_secrets_and_are_open_to_others_are_found(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path)
    secret = place.folder / ".env"
    secret.write_text("TONLE_SMTP_PASSWORD=x")
    secret.chmod(0o644)
    assert f"chmod 600 {secret}" in said(examined(place, "--offline"), "permissions", "look")
    secret.chmod(0o600)
    place.database.chmod(0o666)
    assert "chmod o-w" in said(examined(place, "--offline"), "permissions", "wrong")


def test_secrets_that_are_files_are_looked_at_too(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path / "place")
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("TONLE_SMTP_PASSWORD", "TONLE_SMTP_PASWORD"):
        (kept / name).write_text("x\n")
        (kept / name).chmod(0o640)
    ended = examined(place, "--offline", TONLE_SECRETS=str(kept))
    assert f"chmod 600 {kept / 'TONLE_SMTP_PASSWORD'}" in said(ended, "permissions", "look")
    assert "TONLE_SMTP_PASWORD, which nothing asks for" in said(ended, "config", "look")


def mailing(place: Place, port: int, **mail: str) -> None:
    place.configure(
        alerts={"channel": "smtp", "to": ["a@example.org"]},
        mail={"host": "127.0.0.1", "port": port, "timeout": "5s", **mail},
    )


def test_the_mail_server_is_asked_to_let_us_in_and_sent_nothing(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path).at()
    with post_office() as office:
        mailing(place, office.port)
        assert "lets us in" in said(examined(place), "mail", "ok")
    assert (office.letters, office.sessions) == ([], 1)
    assert "could not be used" in said(examined(place), "mail", "wrong")


def test_a_mail_server_that_refuses_the_login_is_wrong_and_no_secret_is_told(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path).at()
    certificate = certificate_in(tmp_path)
    environ = {"TONLE_SMTP_USER": USER, "TONLE_SMTP_PASSWORD": PASSWORD, "SSL_CERT_FILE": str(certificate)}
    with post_office(certificate=certificate) as office:
        mailing(place, office.port, security="starttls")
        good = place.start("doctor", "--json", environ=environ).wait()
        assert f"as {USER}" in said(good, "mail", "ok")
        bad = place.start("doctor", "--json", environ={**environ, "TONLE_SMTP_PASSWORD": "wrong-one"}).wait()
        assert bad.code == 7
        assert "did not let us in (SMTP 535)" in said(bad, "mail", "wrong")
    assert office.letters == []
    assert not any(secret in ended.out + ended.err for ended in (good, bad) for secret in (PASSWORD, "wrong-one"))


def test_channels_are_parsed_and_half_a_login_is_wrong(sick: Place, tmp_path: Path) -> None:
    place = sick.copy(tmp_path)
    place.configure(
        channels={"chat": {"kind": "apprise"}, "hook": {"kind": "webhook", "url": "https://a.example/x"}},
        subscribers=[{"name": "one", "channel": "chat"}, {"name": "two", "channel": "hook"}],
    )
    environ = {"TONLE_CHANNEL_CHAT": "zzz9-to-nobody", "TONLE_CHANNEL_HOOK": "whsec_zzz9!"}
    ended = place.start("doctor", "--json", "--offline", environ=environ).wait()
    assert "The channel chat" in said(ended, "channels", "wrong")
    assert "TONLE_CHANNEL_HOOK" in said(ended, "channels", "wrong")
    assert "zzz9" not in ended.out + ended.err
    environ = {"TONLE_CHANNEL_CHAT": "json://localhost/x", "TONLE_CHANNEL_HOOK": "a key", "TONLE_SMTP_USER": "u"}
    place.configure(digest={"channel": "smtp", "to": ["a@example.org"]})
    ended = place.start("doctor", "--json", "--offline", environ=environ).wait()
    assert "channels" not in {one["check"] for one in ended.json["checks"] if one["level"] != "ok"}
    assert "TONLE_SMTP_PASSWORD is not" in said(ended, "config", "wrong")


def test_a_source_that_is_away_closed_or_being_crawled_is_told_apart(build: Build) -> None:
    place = build(crawl={"retries": 0})
    place.replica.fault(OHCHR, "^/robots.txt", "status", status=503)
    sources = place.settings["sources"]
    place.configure(sources={**sources, CAMBODIA: {**sources[CAMBODIA], "base_url": "http://127.0.0.1:9"}})
    (place.folder / "data").mkdir(exist_ok=True)
    with held(place.folder / "data" / "locks" / f"{POST}.lock", "the crawl"):
        place.replica.clear_log()
        ended = examined(place)
    assert ended.code == 7
    assert "is being crawled" in said(ended, "reach", "ok")
    assert not [one for one in place.watch.times if one[0] == POST]
    assert said(ended, "reach", "wrong").count("robots-unreachable") == 2


@contextmanager
def tls_server(folder: Path) -> Iterator[int]:
    """Serve TLS handshakes with a certificate of our own."""
    context = server_context(certificate_in(folder))
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            while True:
                try:
                    line, _ = listening.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(line, server_side=True).close()
                except OSError:
                    line.close()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            yield listening.getsockname()[1]
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            serving.join(10)


def test_a_certificate_is_read_or_what_is_wrong_with_it(tmp_path: Path) -> None:
    with tls_server(tmp_path) as port:
        trusted = ssl.create_default_context(cafile=str(tmp_path / "server.pem"))
        end = certificate_end(("127.0.0.1", port), trusted)
        assert isinstance(end, datetime)
        assert timedelta(hours=23) < end - datetime.now(UTC) < timedelta(hours=25)
        assert "not valid" in str(certificate_end(("127.0.0.1", port)))
    assert "no TLS connection" in str(certificate_end(("127.0.0.1", 9)))


def test_a_check_that_breaks_or_hangs_hides_no_other(sick: Place) -> None:
    from app.desk import open_desk  # noqa: PLC0415  # beside the settings that it reads

    def breaks(_patient: Patient) -> Iterator[Finding]:
        yield ok("so far")
        raise ZeroDivisionError("oh")

    def fails(_patient: Patient) -> Iterator[Finding]:
        raise StorageError("The disk is away.")
        yield

    ending = threading.Event()

    def hangs(_patient: Patient) -> Iterator[Finding]:
        ending.wait(60)
        yield ok("at last")

    patient = Patient(open_desk(sick.folder / "config.yaml"), {}, timedelta(seconds=-1))
    checks = {"a": Kind(breaks), "b": Kind(fails), "c": Kind(hangs), "d": Kind(lambda _: iter([ok("well")]))}
    found = [(name, one.level, one.says) for name, one in examine(patient, checks=checks)]
    ending.set()
    assert (("a", Level.OK, "so far") in found, ("b", Level.WRONG, "The disk is away.") in found) == (True, True)
    assert ("a", Level.WRONG, "The check itself failed: ZeroDivisionError: oh") in found
    assert ("d", Level.OK, "well") in found
    assert [level for name, level, _ in found if name == "c"] == [Level.LOOK]


def test_every_check_stands_in_the_document(root: Path) -> None:
    text = (root / "docs" / "operations.md").read_text()
    assert [name for name in CHECKS if f"| `{name}` |" not in text] == []
    assert json.dumps(7) in text
