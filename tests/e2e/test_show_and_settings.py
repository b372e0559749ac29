"""Commands that show what is kept, settings that are wrong, and silence told apart from breakage."""

import asyncio
import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd import smtp

from core.model import Draft
from storage.lock import held, is_held
from storage.store import Corpus, Store
from tests.e2e.places import CAMBODIA, OHCHR, Build, Place
from tests.e2e.processes import Starter, until
from tests.e2e.servers import Postbox

THEN = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


@contextmanager
def writing(place: Place) -> Iterator[Corpus]:
    store = Store.open(place.database)
    try:
        with store.transaction() as corpus:
            yield corpus
    finally:
        store.close()


def keep_two_states(place: Place) -> None:
    first = Draft("imported", "https://www.example.org/a", "a", "The first title", ("First words.",), notes=("A note",))
    second = Draft("imported", "https://www.example.org/a", "a", "The second title", ("Second words.",))
    with writing(place) as corpus:
        number = corpus.articles.add(first, "t1", "c1", THEN, THEN)
        corpus.articles.revise(number, second, "t2", "c2", THEN.replace(day=2))


def test_show_prints_an_older_text_with_its_notes_and_when_it_was_read(place: Place) -> None:
    keep_two_states(place)
    newest = place.tonle("show", "1").out
    assert "Second words." in newest
    assert "First words." not in newest
    assert "tonle show 1 --revision N" in newest
    older = place.tonle("show", "1", "--revision", "1").out
    for words in ("The first title", "First words.", "A note", "revision 1 of 2, read 1 March 2026, 15:00"):
        assert words in older
    assert "Second words." not in older


def test_show_names_the_place_the_pictures_and_the_tags_where_there_are_any(place: Place) -> None:
    told = Draft(
        *("imported", "https://www.example.org/b", "b", "Wells", ("Dry.",)),
        tags=("land", "water"),
        dateline="PHNOM PENH",
        credits=("AFP",),
    )
    keep_two_states(place)
    with writing(place) as corpus:
        number = corpus.articles.add(told, "t3", "c3", THEN, THEN)
    shown = place.tonle("show", str(number)).out
    for line in ("place: PHNOM PENH", "pictures: AFP", "tags: land, water"):
        assert line in shown
    bare = place.tonle("show", "1").out
    assert not any(name in bare for name in ("place:", "pictures:", "tags:"))
    found = place.tonle("show", str(number), "--json").json
    assert (found["tags"], found["dateline"], found["credits"]) == (["land", "water"], "PHNOM PENH", ["AFP"])


def test_show_gives_scripts_the_text_of_each_revision(place: Place) -> None:
    keep_two_states(place)
    revisions = place.tonle("show", "1", "--json").json["revisions"]
    assert [(each["number"], each["text"], each["notes"]) for each in revisions] == [
        (1, "First words.", ["A note"]),
        (2, "Second words.", []),
    ]
    one = place.tonle("show", "1", "--revision", "1", "--json").json
    assert (one["id"], one["title"], one["text"]) == (1, "The first title", "First words.")
    assert datetime.fromisoformat(one["fetched_at"]) == THEN


def test_a_revision_that_does_not_exist_is_exit_code_2(place: Place) -> None:
    keep_two_states(place)
    ended = place.tonle("show", "1", "--revision", "3")
    assert ended.code == 2
    assert "no revision 3" in ended.only_error


def test_search_refuses_a_source_that_nobody_knows_and_takes_one_of_the_corpus(place: Place) -> None:
    keep_two_states(place)
    ended = place.tonle("search", "words", "--source", "ohcr")
    assert ended.code == 2
    assert "`ohcr`" in ended.only_error
    assert "The second title" in place.tonle("search", "words", "--source", "imported").out
    assert place.tonle("search", "words", "--source", OHCHR).out == "Nothing found.\n"


def test_a_crawl_of_nothing_is_exit_code_2(place: Place) -> None:
    place.configure(sources={name: {"enabled": False} for name in place.settings["sources"]})
    ended = place.tonle("crawl")
    assert ended.code == 2
    assert "disabled" in ended.only_error
    assert place.is_untouched


def test_status_calls_a_crawl_killed_that_nobody_is_doing(place: Place) -> None:
    with writing(place) as corpus:
        corpus.runs.start(OHCHR, "manual", THEN)
    assert place.tonle("status", "--json").row(OHCHR)["last_run"]["status"] == "killed"
    with held(place.folder / "data" / "locks" / f"{OHCHR}.lock", "This test"):
        assert place.tonle("status", "--json").row(OHCHR)["last_run"]["status"] == "running"


def test_a_broken_search_index_is_mended_by_the_command_that_db_check_names(place: Place) -> None:
    keep_two_states(place)
    with closing(sqlite3.connect(place.database)) as connection:
        connection.execute("INSERT INTO search_words (search_words) VALUES ('delete-all')")
        connection.commit()
    check = place.tonle("db", "check")
    assert check.code == 4
    assert "`tonle db reindex`" in check.only_error
    assert place.tonle("db", "reindex").code == 0
    assert place.tonle("db", "check").code == 0
    assert "The second title" in place.tonle("search", "words").out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sources: {2026-01-01: {}}\n", 1),
        ("? [a, b]\n: c\n", 1),
        ("daemon:\n  every: 9999999999999w\n", 2),
        ("daemon:\n  misfire_grace: 0s\n", 2),
        ("sources:\n  ohchr:\n    every: 0s\n", 3),
        ("sources:\n  ohchr:\n    base_url: http://[::1\n", 3),
        ("digest:\n  cron: '0 7 1 * 1'\n", 2),
    ],
)
def test_wrong_settings_are_exit_code_2_with_path_and_line(place: Place, text: str, line: int) -> None:
    path = place.folder / "config.yaml"
    path.write_text(text)
    ended = place.tonle("config", "check")
    assert ended.code == 2
    assert ended.only_error.startswith(f"error: {path}, line {line}: ")


def test_bare_groups_are_their_defaults(place: Place) -> None:
    (place.folder / "config.yaml").write_text("sources:\nrules:\nalerts:\n")
    assert place.tonle("config", "check").code == 0


def test_a_capital_in_a_base_url_does_not_hide_the_site_from_itself(place: Place) -> None:
    place.at(ohchr_cambodia=place.replica.base_urls[CAMBODIA].replace("127.0.0.1", "LocalHost"))
    assert place.crawl(CAMBODIA).row(CAMBODIA)["saved"] == len(place.replica.truth(CAMBODIA))


def test_a_digest_is_sent_when_nothing_is_new_and_a_source_is_in_trouble(place: Place) -> None:
    with writing(place) as corpus:
        corpus.runs.finish(corpus.runs.start(OHCHR, "manual", THEN), "failed", THEN, "503")
    sent = place.tonle("digest", "--send")
    (path,) = sent.out.split()
    message = message_from_bytes(Path(path).read_bytes(), policy=default)
    assert message["Subject"] == "tonle: nothing new; OHCHR needs a look"
    again = place.tonle("digest", "--send")
    assert (again.code, again.out) == (0, "Nothing new since the last digest: none is sent.\n")


class Watching(Postbox):
    """A mail server that looks, when a message comes, whether a lock is held."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = Path()
        self.saw: list[bool] = []

    async def handle_DATA(self, server: smtp.SMTP, session: smtp.Session, envelope: smtp.Envelope) -> str:  # noqa: N802
        self.saw.append(await asyncio.to_thread(is_held, self.lock))
        return await super().handle_DATA(server, session, envelope)


def test_a_source_may_be_crawled_again_while_its_alerts_are_being_mailed(build: Build) -> None:
    postbox = Watching()
    postbox.start()
    try:
        rules = [{"name": "all", "any": ["Cambodia*"]}]
        place = build(**postbox.settings | {"rules": rules})
        postbox.lock = place.folder / "data" / "locks" / f"{CAMBODIA}.lock"
        place.crawl(CAMBODIA)
        assert postbox.lock.exists()
        assert set(postbox.saw) == {False}
    finally:
        postbox.stop()


def test_a_daemon_that_is_told_to_stop_reports_no_error_of_the_crawls_it_stopped(build: Build) -> None:
    place = build(crawl={"request_timeout": "1h", "stop_grace": "1s"})
    place.at(ohchr_cambodia=place.replica.base_urls[CAMBODIA])
    place.replica.fault(CAMBODIA, "^/en/news/", "hang")
    running = place.start("--log-format", "json", "daemon")
    until(lambda: any("/en/news/" in target for _, target, _ in place.watch.times), running=running)
    running.send(signal.SIGTERM)
    ended = running.wait(40)
    log = [json.loads(line) for line in ended.err.splitlines()]
    assert ended.code == 0
    assert [entry for entry in log if entry["level"] == "error"] == []
    assert [entry["source"] for entry in log if entry["event"] == "crawl.child_stopped"] == [CAMBODIA]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "to_its_end",
    [False, pytest.param(True, marks=pytest.mark.soak)],
    ids=["while it crawls", "to its end"],
)
def test_the_demo_leaves_the_users_corpus_alone_whatever_the_environment_says(
    starter: Starter, place: Place, tmp_path: Path, to_its_end: bool
) -> None:
    keep_two_states(place)
    data = place.folder / "data"
    before = place.articles
    environ = {"TONLE_DATA": str(data), "TONLE_CONFIG": str(place.folder / "config.yaml"), "TONLE_CONTACT": "x"}
    running = starter.start(["demo"], tmp_path, environ)
    shown = data / "demo-data" / "data"
    until((shown / "archive").exists, running=running)  # a page came
    if to_its_end:
        ended = running.wait(150)
        assert (ended.code, ended.err) == (0, "")
        tried = ended.out.partition("Try\n")[2].splitlines()
        assert {line.partition(" -c ")[0] for line in tried} == {"  TONLE_DATA= tonle"}
        assert "--revision 1" in ended.out
    else:
        running.send(signal.SIGKILL)
        running.wait()
    assert place.articles == before
    assert sorted(path.name for path in data.iterdir() if "corpus" not in path.name) == ["demo-data"]
    assert (shown / "corpus.sqlite").exists()
