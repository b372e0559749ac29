"""The code that a command ends with, and the one line that says why."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from storage.lock import held
from tests.e2e.places import CAMBODIA, OHCHR, POST, Build, Place
from tests.e2e.processes import ROOT
from tests.e2e.servers import Postbox

LAND = "land-activists-summoned-41-times-in-six-months-monitor-says"
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


def test_the_program_runs_as_the_command_tonle() -> None:
    script = Path(sys.executable).with_name("tonle")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "app"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
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
    line = ended.only_error
    assert str(place.folder / "config.yaml") in line
    assert [word for word in words if word not in line] == []


def test_with_wrong_settings_no_command_does_anything(place: Place) -> None:
    place.configure(sources={"bbc": {}})
    for command in EVERY_COMMAND:
        ended = place.tonle(*command)
        assert ended.code == 2, command
        assert "bbc" in ended.only_error
    assert place.is_untouched


def test_missing_settings_are_exit_code_2_with_the_remedy(place: Place) -> None:
    ended = place.starter.start(["--config", "elsewhere.yaml", "status"], place.folder).wait()
    assert ended.code == 2
    assert "TONLE_CONFIG" in ended.only_error


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
        (["digest", "--subscriber", "nobody"], "`nobody`"),
        (["--log-level", "loud", "status"], "--log-level"),
        (["--log-format", "xml", "status"], "--log-format"),
    ],
)
def test_a_command_line_that_asks_for_what_does_not_exist_is_exit_code_2(
    place: Place, command: list[str], word: str
) -> None:
    ended = place.tonle(*command)
    assert ended.code == 2
    assert word in ended.only_error
    assert place.is_untouched


def test_options_that_do_not_exist_are_exit_code_2(place: Place) -> None:
    for command in (["crawl", "--fast"], ["crawl", "--limit", "0"], ["crawl", "--pages", "x"], ["nosuch"], ["show"]):
        assert place.tonle(*command).code == 2, command
    assert place.is_untouched


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
    (dead,) = [each["id"] for each in place.tonle("deliveries", "--state", "dead", "--json").json["deliveries"]]
    assert place.tonle("deliveries", "dismiss", str(dead + 1)).code == 2
    assert place.tonle("deliveries", "dismiss", str(dead)).out.startswith("1 message dismissed")
    assert place.tonle("status", "--json").json["given_up"] == 0


def test_a_source_that_another_process_crawls_is_exit_code_6(place: Place) -> None:
    (place.folder / "data").mkdir()
    with held(place.folder / "data" / "locks" / f"{POST}.lock", "The crawl"):
        ended = place.tonle("crawl", POST)
        assert ended.code == 6
        line = ended.only_error
        assert POST in line
        assert str(os.getpid()) in line
    assert place.replica.log == []


def test_a_source_that_another_process_crawls_is_left_out_and_the_others_are_crawled(place: Place) -> None:
    (place.folder / "data").mkdir()
    with held(place.folder / "data" / "locks" / f"{POST}.lock", "The crawl"):
        ended = place.tonle("crawl", POST, CAMBODIA, "--json")
    assert ended.code == 0
    assert [row["source"] for row in ended.json["sources"]] == [CAMBODIA]
    assert POST in ended.err
    assert place.replica.requests(POST) == []
