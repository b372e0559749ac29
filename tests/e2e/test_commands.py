"""The command line: what each command prints, stores and asks, and the code it ends with."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from replica import Replica, Truth
from storage.lock import held
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.processes import ROOT, Ended
from tests.e2e.servers import Postbox, Stub

LAND = "land-activists-summoned-41-times-in-six-months-monitor-says"
RELEASE = "cambodia-un-experts-alarmed-repeated-summonses-land-defenders"
EVERY_COMMAND = [
    ["crawl"],
    ["crawl", "--dry-run"],
    ["daemon"],
    ["digest", "--send"],
    ["digest", "--preview"],
    ["extract", "page.html", "--source", OHCHR],
    ["import", "page.html"],
    ["search", "land"],
    ["show", "1"],
    ["status"],
    ["config", "check"],
    ["db", "check"],
    ["db", "upgrade"],
]


def error_of(ended: Ended) -> str:
    """Return the one line on standard error; more than that fails the test, as does anything on standard output."""
    assert ended.out == ""
    assert ended.err.startswith("error: ")
    assert ended.err.count("\n") == 1, ended.err
    return ended.err


def truth_of(replica: Replica, site: str, slug: str) -> Truth:
    return next(truth for truth in replica.truth(site) if slug in truth.path)


def is_untouched(place: Place) -> bool:
    """Return whether a command made nothing and asked nothing."""
    return not (place.folder / "data").exists() and place.replica.log == []


@pytest.fixture
def place(build: Build) -> Place:
    return build()


@pytest.fixture(scope="module")
def filled(build: Build) -> Place:
    """A corpus after one crawl of everything, for commands that only read."""
    crawled = build()
    crawled.crawl()
    crawled.replica.clear_log()
    return crawled


# Exit code 2: nothing is done.


def test_the_program_runs_as_a_module_and_as_a_script() -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    script = Path(sys.executable).with_name("tonle")
    for command in ([sys.executable, "-m", "app"], [str(script)]):
        if not Path(command[0]).exists():
            continue
        run = subprocess.run([*command, "--version"], cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
        assert run.stdout.startswith("tonle ")
        assert run.stderr == ""


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("data: data\nsources:\n  ohchr:\n    evry: 1h\n", ["line 4", "evry"]),
        ("sources:\n  bbc: {}\n", ["line 2", "bbc"]),
        ("data: [1\n", ["line", "YAML"]),
        ("crawl:\n  request_timeout: soon\n", ["line 2", "30s"]),
        ("digest:\n  cron: every day\n", ["line 2", "crontab"]),
        ("sources:\n  ohchr: {every: 1h, cron: '0 * * * *'}\n", ["exclude"]),
        ("sources:\n  ohchr: {delay: 1s}\n", ["delay"]),
        ("rules:\n  - {name: a, any: [x]}\n  - {name: a, any: [y]}\n", ["line 3", "two rules"]),
        ("alerts: {channel: smtp}\n", ["to"]),
        ("- a list\n", ["line 1"]),
    ],
)
def test_wrong_settings_are_exit_code_2_with_file_and_line(place: Place, settings: str, words: list[str]) -> None:
    (place.folder / "config.yaml").write_text(settings)
    ended = place.tonle("config", "check")
    assert ended.code == 2
    line = error_of(ended)
    assert str(place.folder / "config.yaml") in line
    assert [word for word in words if word not in line] == []


def test_with_wrong_settings_no_command_does_anything(place: Place) -> None:
    place.configure(sources={"bbc": {}})
    for command in EVERY_COMMAND:
        ended = place.tonle(*command)
        assert ended.code == 2, command
        error_of(ended)
    assert is_untouched(place)


def test_missing_settings_are_exit_code_2_with_the_remedy(place: Place) -> None:
    ended = place.starter.start(["--config", "elsewhere.yaml", "status"], place.folder).wait()
    assert ended.code == 2
    assert "TONLE_CONFIG" in error_of(ended)


def test_the_environment_names_settings_and_data(place: Place) -> None:
    environ = {"TONLE_CONFIG": str(place.folder / "config.yaml"), "TONLE_DATA": str(place.folder / "other")}
    ended = place.starter.start(["db", "upgrade"], place.folder, environ).wait()
    assert ended.code == 0, ended.err
    assert (place.folder / "other" / "corpus.sqlite").exists()
    assert not (place.folder / "data").exists()


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (["crawl", "bbc"], "`bbc`"),
        (["crawl", OHCHR, "bbc"], "`bbc`"),
        (["crawl", "--since", "yesterday"], "2026-03-31"),
        (["crawl", "--url", "https://www.example.org/x"], "https://www.example.org/x"),
        (["crawl", "--url", "nonsense"], "nonsense"),
        (["crawl", OHCHR, "--url", f"https://www.phnompenhpost.com/national/{LAND}"], LAND),
        (["extract", "nosuch.html", "--source", OHCHR], "nosuch.html"),
        (["extract", "config.yaml", "--source", "bbc"], "`bbc`"),
        (["extract", "https://www.example.org/x", "--source", OHCHR], "https://www.example.org/x"),
        (["import", "config.yaml", "--source", "bbc"], "`bbc`"),
        (["digest", "--preview", "--send"], "exclude"),
        (["--log-level", "loud", "status"], "--log-level"),
        (["--log-format", "xml", "status"], "--log-format"),
    ],
)
def test_a_command_line_that_asks_for_what_does_not_exist_is_exit_code_2(
    place: Place, command: list[str], word: str
) -> None:
    ended = place.tonle(*command)
    assert ended.code == 2
    assert word in error_of(ended)
    assert is_untouched(place)


def test_options_that_do_not_exist_are_exit_code_2(place: Place) -> None:
    for command in (["crawl", "--fast"], ["crawl", "--limit", "0"], ["crawl", "--pages", "x"], ["nosuch"], ["show"]):
        assert place.tonle(*command).code == 2, command
    assert is_untouched(place)


# Exit codes 3, 5 and 6.


def test_a_source_that_cannot_be_reached_is_exit_code_3_and_the_others_are_crawled(build: Build) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    place = build(crawl={"retries": 0})
    sources = {**place.settings["sources"], OHCHR: {"base_url": f"http://127.0.0.1:{port}", "delay": "0s"}}
    place.configure(sources=sources)
    ended = place.tonle("crawl", "--json", OHCHR, CAMBODIA)
    assert ended.code == 3
    assert ended.err.splitlines()[-1].startswith("error: ohchr: failed: no listing could be read: ")
    assert "Traceback" not in ended.err
    assert (ended.row(OHCHR)["status"], ended.row(CAMBODIA)["status"]) == ("failed", "finished")


def test_a_mail_server_that_cannot_be_reached_is_exit_code_5_and_the_digest_waits(build: Build) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    channel = {"channel": "smtp", "to": ["reader@example.org"]}
    place = build(mail={"host": "127.0.0.1", "port": port}, digest=channel)
    place.crawl(CAMBODIA)
    ended = place.tonle("digest", "--send")
    assert ended.code == 5
    assert ended.err.splitlines()[-1].startswith("error: 1 messages will be tried again")
    assert "Traceback" not in ended.err
    assert place.tonle("status", "--json").json["waiting"] == 1


def test_a_mail_server_that_refuses_for_good_is_exit_code_5_and_told_by_status(build: Build, postbox: Postbox) -> None:
    place = build(**postbox.settings | {"alerts": {"channel": "file"}})
    place.crawl(CAMBODIA)
    postbox.reply = "554 no"
    try:
        ended = place.tonle("digest", "--send")
    finally:
        postbox.reply = "250 OK"
    assert ended.code == 5
    assert "1 were refused for good" in ended.err
    assert place.tonle("status", "--json").json["given_up"] == 1


def test_a_source_that_another_process_crawls_is_exit_code_6(place: Place) -> None:
    with held(place.folder / "data" / "locks" / f"{POST}.lock", "The crawl"):
        ended = place.tonle("crawl", POST)
        assert ended.code == 6
        line = error_of(ended)
        assert POST in line
        assert str(os.getpid()) in line
    assert place.replica.log == []


def test_a_source_that_another_process_crawls_is_left_out_and_the_others_are_crawled(place: Place) -> None:
    with held(place.folder / "data" / "locks" / f"{POST}.lock", "The crawl"):
        ended = place.tonle("crawl", POST, CAMBODIA, "--json")
    assert ended.code == 0
    assert [row["source"] for row in ended.json["sources"]] == [CAMBODIA]
    assert POST in ended.err
    assert place.replica.requests(POST) == []


# crawl


def test_a_dry_run_stores_nothing_and_asks_for_no_article(place: Place, filled: Place) -> None:
    ended = place.crawl("--dry-run")
    truth = {entry.path for source in place.replica.base_urls for entry in place.replica.truth(source)}
    assert not truth & {entry.path.partition("?")[0] for entry in place.replica.log}
    with place.corpus() as corpus:
        assert (corpus.articles.highest_id(), corpus.runs.recent(10), corpus.outbox.waiting()) == (0, (), 0)
        assert [corpus.sources.next_due(source) for source in place.replica.base_urls] == [None] * 3
    assert {source: len(found) for source, found in ended.json["found"].items()} == {POST: 18, OHCHR: 10, CAMBODIA: 4}
    assert set(ended.json["found"][OHCHR][0]) == {"url", "title", "published_at", "via"}
    again = place.tonle("crawl", "--dry-run")
    assert again.out.count("would be fetched") == 3
    assert f"{OHCHR}: 10 would be fetched" in again.out
    place.crawl()
    assert place.snapshot() == filled.snapshot()
    assert [len(found) for found in place.crawl("--dry-run").json["found"].values()] == [0, 0, 0]


def test_a_limit_holds_for_each_source_and_the_next_crawl_completes_it(place: Place, filled: Place) -> None:
    first = place.crawl("--limit", "3")
    for source in (POST, OHCHR, CAMBODIA):
        row = first.row(source)
        assert row["saved"] + row["copy"] + row["skipped"] == 3
    place.crawl("--limit", "3")
    place.crawl()
    assert place.snapshot() == filled.snapshot()
    pages = [url for url, what, _ in place.outcomes() if what != "listing"]
    assert len(pages) == len(set(pages)) == 32


def test_since_leaves_out_what_the_listings_date_before(place: Place) -> None:
    day = (place.replica.now - timedelta(days=2)).date().isoformat()
    # A page prints a day, a feed the hour: what is of the day itself or the one before may be in or out.
    before = (place.replica.now - timedelta(days=3)).date().isoformat()
    ended = place.crawl(OHCHR, CAMBODIA, "--since", day)
    asked = {entry.path for entry in place.replica.log}
    for source in (OHCHR, CAMBODIA):
        truth = [entry for entry in place.replica.truth(source) if entry.language == "en"]
        older = {entry.path for entry in truth if str(entry.published_at)[:10] < before}
        newer = {entry.path for entry in truth if str(entry.published_at)[:10] > day}
        assert older
        assert newer
        assert not older & asked
        assert newer <= asked
        assert ended.row(source)["status"] == "finished"


def test_url_asks_for_that_address_and_nothing_else(place: Place) -> None:
    path = truth_of(place.replica, OHCHR, RELEASE).path
    ended = place.crawl("--url", f"https://www.ohchr.org{path}?utm_source=mail")
    assert [(entry.site, entry.path) for entry in place.replica.log] == [(OHCHR, "/robots.txt"), (OHCHR, path)]
    assert [row["source"] for row in ended.json["sources"]] == [OHCHR]
    assert ended.row(OHCHR)["saved"] == 1


def test_pages_bounds_how_many_pages_of_a_listing_are_read(place: Place) -> None:
    place.crawl(POST, "--pages", "1", "--limit", "1")
    numbers = {path.partition("page=")[2] for path in place.replica.requests(POST) if "page=" in path}
    assert numbers == {"0", "1"}
    assert [path for path in place.replica.requests(POST) if path.startswith("/politics-0")] == ["/politics-0?page=0"]


def test_a_crawl_shows_a_table_with_the_reasons(place: Place) -> None:
    ended = place.tonle("crawl", OHCHR, CAMBODIA)
    assert ended.code == 0
    assert ended.err == ""
    assert "OHCHR Cambodia" in ended.out
    assert "1 challenge" in ended.out
    assert "alerts and digests handed over" in ended.out


# extract and import


@dataclass(frozen=True)
class Saved:
    """A page saved from the replica, and what is true of it."""

    path: Path
    truth: Truth


def saved(place: Place, site: str, slug: str) -> Saved:
    truth = truth_of(place.replica, site, slug)
    _, _, body = place.replica.render(site, truth.path)
    path = place.folder / f"{slug}.html"
    path.write_bytes(body)
    return Saved(path, truth)


def is_true(told: dict[str, Any], truth: Truth) -> bool:
    published = datetime.fromisoformat(told["published_at"])
    return (
        told["title"] == truth.title
        and told["authors"] == list(truth.authors)
        and told["text"].splitlines() == list(truth.paragraphs)
        and told["notes"] == list(truth.notes)
        and told["language"] == truth.language
        and published.utcoffset() is not None
        and published.date().isoformat() == str(truth.published_at)[:10]
    )


def test_extract_reads_a_saved_page_and_stores_nothing(place: Place) -> None:
    page = saved(place, OHCHR, RELEASE)
    url = f"https://www.ohchr.org{page.truth.path}"
    ended = place.tonle("extract", str(page.path), "--source", OHCHR, "--url", url)
    assert ended.code == 0, ended.err
    told = ended.json
    assert {"source", "url", "title", "authors", "published_at", "language", "text", "notes"} <= set(told)
    assert told["source"] == OHCHR
    assert urlsplit(told["url"]).path == page.truth.path
    assert len(page.truth.notes) > 0
    assert is_true(told, page.truth)
    assert is_untouched(place)


def test_extract_fetches_an_address_as_a_crawl_does_and_stores_nothing(place: Place) -> None:
    truth = truth_of(place.replica, POST, LAND)
    ended = place.tonle("extract", f"https://m.phnompenhpost.com{truth.path}", "--source", POST)
    assert ended.code == 0, ended.err
    assert is_true(ended.json, truth)
    assert place.replica.requests(POST) == ["/robots.txt", truth.path]
    assert not (place.folder / "data").exists()


def test_extract_of_a_page_without_an_article_is_exit_code_1_with_the_reason(place: Place) -> None:
    (place.folder / "front.html").write_bytes(place.replica.render(POST, "/")[2])
    (place.folder / "empty.html").write_bytes(b"")
    url = "https://www.phnompenhpost.com/national/x"
    for name, reason in (("front.html", "soft-404"), ("empty.html", "empty")):
        ended = place.tonle("extract", name, "--source", POST, "--url", url)
        assert (ended.code, ended.json["source"], ended.json["skipped"]) == (1, POST, reason)
        assert ended.err == ""
    dead = place.tonle("extract", url, "--source", POST)
    assert (dead.code, dead.json["skipped"]) == (1, "soft-404")
    gone = place.tonle("extract", "https://cambodia.ohchr.org/en/news/x", "--source", CAMBODIA)
    assert (gone.code, gone.json["skipped"]) == (1, "not-found")


TEXT = """Phnom Penh Post - Villagers ask the commune for a map

Villagers from three hamlets asked the commune on Monday for a map of the land that a company has fenced off.

"We only want to see where the line is," said one of the land activists among them.
"""


@pytest.fixture(scope="module")
def imported(build: Build) -> tuple[Place, list[Ended]]:
    """A saved page and a copied text, imported three times, once with a file that is not there; then a crawl."""
    place = build()
    page = saved(place, POST, LAND)
    (place.folder / "copied.txt").write_text(TEXT)
    files = [str(page.path), "copied.txt"]
    runs = [place.tonle("import", "--json", *files), place.tonle("import", *files, "--json")]
    runs.append(place.tonle("import", "--json", "nosuch.html", *files))
    runs.append(place.tonle("status", "--json"))
    place.crawl(POST)
    return place, runs


def test_import_takes_each_file_once(imported: tuple[Place, list[Ended]]) -> None:
    _, runs = imported
    assert [run.code for run in runs[:2]] == [0, 0]
    assert [run.json["counts"] for run in runs[:2]] == [{"saved": 2}, {"unchanged": 2}]


def test_import_gives_a_page_to_the_site_that_it_names_and_a_text_to_that_of_its_masthead(
    imported: tuple[Place, list[Ended]],
) -> None:
    place, _ = imported
    articles = place.articles
    assert articles[POST, LAND].text.splitlines() == list(truth_of(place.replica, POST, LAND).paragraphs)
    (text,) = [article for (_, key), article in articles.items() if key.startswith("file:")]
    assert (text.source, text.title) == (POST, "Villagers ask the commune for a map")
    assert text.text == TEXT.partition("\n\n")[2].replace("\n\n", "\n").strip()


def test_a_file_that_cannot_be_read_is_exit_code_3_and_the_others_are_imported(
    imported: tuple[Place, list[Ended]],
) -> None:
    _, runs = imported
    assert runs[2].code == 3
    assert runs[2].err.startswith("error: Not read: nosuch.html")
    assert runs[2].json["counts"] == {"skipped": 1, "unchanged": 2}


def test_nobody_is_alerted_of_what_is_imported_but_the_match_is_kept(imported: tuple[Place, list[Ended]]) -> None:
    place, runs = imported
    assert runs[3].json["waiting"] == 0
    with place.corpus() as corpus:
        of_imported = [
            match for match in corpus.matches.newest(100) if match.article.url.endswith((LAND, "copied.txt"))
        ]
        keys = [f"alert:{match.article.id}:{match.rule}" for match in of_imported]
        assert len(keys) >= 2
        assert [corpus.outbox.by_key(key) for key in keys] == [None] * len(keys)


def test_a_page_that_was_imported_is_not_saved_again_by_a_crawl(imported: tuple[Place, list[Ended]]) -> None:
    place, _ = imported
    what = [what for url, what, _ in place.outcomes() if url.endswith(LAND)]
    assert what == ["saved", "unchanged", "unchanged"]
    assert place.articles[POST, LAND].revision == 1


# search, show, status, digest, db


def test_search_finds_articles_by_all_their_words(filled: Place) -> None:
    ended = filled.tonle("search", "land", "activists", "summoned")
    assert ended.code == 0
    assert "Land activists summoned 41 times in six months, monitor says" in ended.out
    assert filled.tonle("search", "zebra", "land").out == "Nothing found.\n"


def test_search_prints_one_json_object_a_line(filled: Place) -> None:
    ended = filled.tonle("search", "--json", "land", "--limit", "3")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert len(rows) == 3
    for row in rows:
        assert {"id", "source", "title", "url", "published_at", "snippet"} <= set(row)
        assert "\x02" not in row["snippet"]
    phrase = filled.tonle("search", "--json", '"land activists"').out.splitlines()
    assert {json.loads(line)["url"].rpartition("/")[2] for line in phrase} >= {LAND}
    only = filled.tonle("search", "--json", "land", "--source", OHCHR).out.splitlines()
    assert {json.loads(line)["source"] for line in only} == {OHCHR}
    assert filled.tonle("search", "--json", "zebra").out == ""


def test_no_query_is_an_error_or_an_operator(filled: Place) -> None:
    queries = [
        '"',
        '""',
        "",
        " ",
        "*",
        "AND",
        "NEAR(",
        "((",
        "land*",
        "^land",
        "title:land",
        "'; DROP TABLE articles;--",
    ]
    queries += ["x OR", "NOT", "%", "😀", "a" * 10_000, "\u202e", '"land']
    for query in queries:
        ended = filled.tonle("search", "--json", "--", query)
        assert (ended.code, ended.err) == (0, ""), query
    assert filled.tonle("search", "--json", "zebra OR land").out == ""


def test_show_prints_text_origin_and_notes(filled: Place) -> None:
    truth = truth_of(filled.replica, OHCHR, RELEASE)
    article = filled.articles[OHCHR, truth.path]
    ended = filled.tonle("show", str(article.id))
    assert ended.code == 0
    flat = " ".join(ended.out.split())
    for piece in (truth.title, article.url, truth.paragraphs[0], truth.paragraphs[-1], "Notes", truth.notes[0]):
        assert " ".join(piece.split()) in flat
    told = filled.tonle("show", str(article.id), "--json").json
    assert told["text"].splitlines() == list(truth.paragraphs)
    assert [each["number"] for each in told["revisions"]] == [1]


def test_show_of_a_number_that_is_not_there_is_exit_code_2(filled: Place) -> None:
    ended = filled.tonle("show", "9999")
    assert ended.code == 2
    assert "9999" in error_of(ended)


def test_status_tells_of_every_source(filled: Place, place: Place) -> None:
    told = filled.tonle("status", "--json").json
    assert (told["daemon"], told["waiting"], told["given_up"]) == (False, 0, 0)
    rows = {row["source"]: row for row in told["sources"]}
    assert set(rows) == {POST, OHCHR, CAMBODIA}
    last = rows[POST]["last_run"]
    assert (rows[POST]["articles"], last["status"], last["outcomes"]["saved"]) == (17, "finished", 17)
    assert datetime.fromisoformat(last["started_at"]).utcoffset() is not None
    assert rows[POST]["last_good_run"] == last["started_at"]
    due = datetime.fromisoformat(rows[POST]["next_run"]) - datetime.fromisoformat(last["started_at"])
    assert due == timedelta(hours=1)
    table = filled.tonle("status")
    assert table.code == 0
    assert "Phnom Penh Post" in table.out
    assert "17 new" in table.out
    fresh = place.tonle("status", "--json").json["sources"]
    assert [(row["articles"], row["last_run"], row["last_good_run"]) for row in fresh] == [(0, None, None)] * 3


def test_a_digest_is_shown_and_previewed_without_being_sent(filled: Place) -> None:
    shown = filled.tonle("digest")
    assert shown.code == 0
    assert "30 new articles" in shown.out or "29 new articles" in shown.out
    assert "Land activists summoned 41 times" in " ".join(shown.out.split())
    written = filled.tonle("digest", "--preview")
    html, text = (Path(line) for line in written.out.splitlines())
    assert "<html" in html.read_text()
    assert "Land activists summoned 41 times" in " ".join(text.read_text().split())
    with filled.corpus() as corpus:
        assert corpus.digests.last() is None
        assert corpus.outbox.waiting() == 0


def test_a_preview_that_cannot_be_written_is_exit_code_4(build: Build) -> None:
    place = build()
    (place.folder / "data").mkdir()
    (place.folder / "data" / "preview").write_text("I am a file")
    ended = place.tonle("digest", "--preview")
    assert ended.code == 4
    assert "preview" in error_of(ended)


def words_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert isinstance(body, EmailMessage)
    return " ".join(body.get_content().split())


def test_a_digest_is_sent_once(build: Build, postbox: Postbox) -> None:
    place = build(**postbox.settings | {"alerts": {"channel": "file"}})
    place.crawl(CAMBODIA)
    before = len(postbox.arrived)
    sent = place.tonle("digest", "--send")
    assert (sent.code, "1 messages handed over" in sent.out) == (0, True)
    again = place.tonle("digest", "--send")
    assert (again.code, "Nothing new" in again.out) == (0, True)
    assert len(postbox.arrived) == before + 1
    place.crawl(OHCHR)
    assert place.tonle("digest", "--send").code == 0
    assert len(set(postbox.ids[before:])) == 2
    first, second = map(words_of, postbox.arrived[before:])
    assert "Prison officers complete course" in first
    assert "Prison officers complete course" not in second
    assert "Sahel: Aid convoys must be let through" in second


def test_a_digest_in_files_names_its_file(build: Build) -> None:
    place = build()
    place.crawl(CAMBODIA)
    sent = place.tonle("digest", "--send")
    (path,) = sent.out.split()
    assert Path(path).exists()
    assert path.endswith(".eml")


def test_db_upgrade_and_check_tell_the_schema_and_that_all_is_well(filled: Place) -> None:
    assert filled.tonle("db", "upgrade").out.startswith("The corpus is at schema ")
    check = filled.tonle("db", "check")
    assert (check.code, check.out) == (0, f"{filled.database} is sound.\n")


def test_config_check_tells_what_is_set(filled: Place) -> None:
    told = filled.tonle("config", "check").out
    for word in (POST, OHCHR, CAMBODIA, "land", str(filled.database)):
        assert word in told
    assert filled.tonle("config", "check", "--quiet").out == ""


# Terminals


HOSTILE = "Evil \x1b[31mred \x1b]0;owned\x07 \x9b2J &#27;[2J &#155;1m \u202ebackwards \x08\x7f [bold]rich[/bold] [/]"


def steering(text: str) -> set[str]:
    """Return the characters in a text that steer a terminal."""
    return {character for character in text if not character.isprintable() and character != "\n"}


@contextmanager
def hostile(build: Build) -> Iterator[tuple[Place, Stub]]:
    with ExitStack() as stack:
        stub = Stub()
        stack.callback(stub.close)
        card = f'<div class="views-row"><h3><a href="/en/news/evil">{HOSTILE}</a></h3></div>'
        stub.show("/en/news?page=0", f"<html><body><main>{card}</main></body></html>")
        words = f"The {HOSTILE} villagers met the land activist and asked for a map."
        stub.show(
            "/en/news/evil",
            f"<html><body><main><article><h1>{HOSTILE}</h1><p>1 March 2026</p><p>{words}</p></article></main></body>",
        )
        yield build(crawl={"retries": 0}).at(ohchr_cambodia=stub.url), stub


def test_what_a_page_says_never_steers_the_terminal(build: Build) -> None:
    with hostile(build) as (place, _):
        dry = place.tonle("crawl", "--dry-run")
        assert "Evil" in dry.out
        assert steering(dry.out) == set()
        crawled = place.tonle("crawl")
        assert (crawled.code, steering(crawled.out + crawled.err)) == (0, set())
        for command in (["search", "villagers"], ["show", "1"], ["digest"], ["status"]):
            ended = place.tonle(*command)
            assert (ended.code, ended.err) == (0, "")
            assert steering(ended.out.replace("\xa0", " ")) == set(), command
        for command in (["search", "villagers"], ["show", "1"], ["digest"]):
            assert "[bold]rich[/bold] [/]" in place.tonle(*command).out, command


def test_what_a_server_answers_never_steers_the_terminal(build: Build) -> None:
    with hostile(build) as (place, stub):
        stub.pages["/en/news?page=0"] = 302, {"Location": "https://evil.example/\x1b[31m[bold]x[/bold]"}, b""
        for command in (["crawl"], ["crawl", "--dry-run"], ["status"]):
            ended = place.tonle(*command)
            assert "Traceback" not in ended.err
            assert steering(ended.out + ended.err) == set(), command


def test_now_is_told_with_a_zone(filled: Place) -> None:
    for article in filled.articles.values():
        assert article.first_seen <= datetime.now(UTC)
