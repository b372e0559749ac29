"""Every command that the documents show is run, as it stands there, or is named here with the reason why it cannot be.

A shell reads each line, so that what it makes of quotes, stars and dollar signs is tried too. What it would call
`tonle` writes down its arguments; then a process of the suite's own is started with them, on a copy of a corpus.
"""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from core.model import Draft
from storage.store import Store
from tests.docs.shown import PAGES, ROOT, blocks, within_sentences
from tests.e2e.places import POST, Place
from tests.e2e.processes import Running, until

SHIM = '#!/bin/sh\nprintf "%s\\0" "$@" >> "$CALLS"; printf "\\0" >> "$CALLS"\n'
# What stands in the documents, and what it is here.
HERE = {
    "/srv/tonle/.venv/bin/tonle": "tonle",
    ".venv/bin/tonle": "tonle",
    "/srv/tonle/config.yaml": "config.yaml",
    "/var/lib/tonle-backups": "backups",
    "/backups": "backups",
    "corpus-0.sqlite": "corpus.sqlite",
    "national/SLUG": "national/villagers-ask-for-titles",
    "civic-space 1204": "civic-space 12",
    "tonle diff 12": "tonle diff 14",
    "archive/SOURCE": f"archive/{POST}",
    "feedback 412 415": "feedback 1 2",
    "feedback 417": "feedback 3",
}
# tonle in the container of compose.yaml, whose image calls it by itself.
COMPOSED = re.compile(r"^docker compose (?:-f \S+ )?(?:exec (?:-T )?daemon tonle|run --rm daemon)(?= )")
# What words in capitals stand for within sentences.
FOR = {
    "ID": "12",
    "N": "1",
    "NUMBER": "1",
    "NO.": "--all",
    "RULE": "civic-space",
    "SOURCE": POST,
    "S": POST,
    "ADDRESS": "12",
    "FILE": "saved/page.html",
    "BACKUP": "backups/again.sqlite",
    "QUERY": "land",
    "NAME": "reader",
    "URL": "--help",
}
# Commands that would be typed otherwise than word by word.
TYPED = {
    "tonle alerts test": "tonle alerts test civic-space",
    "tonle sources check reader": f"tonle sources check {POST}",
    "tonle runs --source reader --failed": f"tonle runs --source {POST} --failed",
    "tonle duplicates join 12 12": "tonle duplicates join 12 15",
    "tonle duplicates split 12 12": "tonle duplicates split 12 15",
    "tonle db backup saved/page.html": "tonle db backup backups/again.sqlite",
    "tonle db backup saved/page.html --archive": "tonle db backup backups/again.sqlite --archive --force",
    "tonle db restore saved/page.html": "tonle db restore backups/again.sqlite",
}
# Commands that cannot be run here, by their beginnings, and why.
NOT_HERE = {
    "docker compose": "no engine runs where the suite does: `make image-test` tries the image",
    "git ": "there is no address to clone from",
    "sudo ": "there is no sudo where the suite runs",
    "useradd ": "makes a user of the machine",
    "install -": "writes into /etc",
    "cp deploy/": "writes into /etc",
    "cp -a /var/lib": "reads what a machine has on which tonle is installed",
    "chown ": "likewise",
    "printf ": "sudo writes what it gives",
    "cd /opt": "stands before what is not run",
    "systemctl ": "needs a running systemd: tests/unit/test_deploy.py has the units looked at",
    "journalctl ": "likewise",
    "systemd-analyze ": "likewise",
    "alias tonle=": "for a shell that people type into",
    "python3 -m venv": "CI installs in this way before it tests",
    ".venv/bin/python -m pip": "likewise",
    ".venv/bin/python -m compileall": "likewise",
    "make ": "would test all of this again: that there is such a target is tested",
    "tonle demo": "tests/e2e/test_demo.py runs it",
    "tonle sources new": "tests/e2e/test_adding_a_site.py plays it whole",
    "tonle sources golden": "likewise",
    "tonle crawl example": "likewise",
    "tonle extract https://www.example.org": "likewise",
    "tonle page ID --absence N": "tests/e2e/test_absences.py has a page that is away",
    "tonle config reload": "needs a daemon: tests/e2e/test_daemon_life.py sends it to one",
    "tonle deliveries resend": "tests/e2e/test_delivery_rig.py has messages that were given up",
    "tonle deliveries dismiss": "likewise",
    "sha256sum -c": "tests/e2e/test_backup.py does it",
    "tonle db rebuild": "tests/e2e/test_duplicates.py does it",
}
# The exit codes that are well; for all others that is 0.
WELL = {"doctor": {0, 7}, "extract": {0, 1}}
SHOWN = {page.name: list(blocks(page)) for page in PAGES}
SENTENCES = sorted({line for page in PAGES for line in within_sentences(page)})


def reason_of(line: str) -> str:
    """Return why a command is not run here; empty: it is."""
    inside = COMPOSED.sub("tonle", line)
    return next((why for begin, why in NOT_HERE.items() if inside.startswith(begin)), "")


def translated(line: str) -> str:
    line = COMPOSED.sub("tonle", line)
    for there, here in HERE.items():
        line = line.replace(there, here)
    return line


def to_run() -> dict[str, list[str]]:
    """Return what is run of each page: nothing twice."""
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    for page, lines in SHOWN.items():
        for line in filter(lambda line: not reason_of(line), lines):
            typed = translated(line).partition(" # ")[0].strip()
            if typed not in seen:
                seen.add(typed)
                found.setdefault(page, []).append(line)
    return found


def meant(line: str) -> str:
    """Return a command as somebody would type it who reads its form: without what may be left out, the first way."""
    chosen = re.sub(r"\s*\[[^]]*\]", "", line.replace("…", ""))
    words = [word.split("\\|")[0] for word in chosen.split()]
    typed = " ".join(FOR.get(word, word) for word in words)
    return TYPED.get(typed, typed)


@pytest.fixture(scope="module")
def place(copied: Place) -> Place:
    """A corpus in a folder that holds what the documents speak of."""
    copied.configure(
        rules=[{"name": "civic-space", "any": ["land", "civic space", "association*"]}],
        subscribers=[{"name": "reader", "channel": "file"}],
        daemon={"every": "1h"},
    )
    (copied.folder / "bin").mkdir()
    (copied.folder / "bin" / "tonle").write_text(SHIM)
    (copied.folder / "bin" / "tonle").chmod(0o755)
    for folder in ("saved", "notes", "backups", "backups/move"):
        (copied.folder / folder).mkdir()
    page = next(path for path in (ROOT / "tests" / "golden" / POST).glob("*/page.html"))
    shutil.copy(page, copied.folder / "saved" / "page.html")
    note = (
        "Title: A meeting of the commune\nDate: 2026-03-01\n\nThe villagers met the commune chief and asked for a map."
    )
    (copied.folder / "notes" / "note.txt").write_text(note)
    edit(copied, 14)
    return copied


def edit(place: Place, number: int) -> None:
    """Let an article have been edited."""
    now = datetime.now(UTC)
    with closing(Store.open(place.database)) as store, store.transaction() as corpus:
        held = corpus.articles.by_id(number)
        assert held
        paragraphs = (*held.text.split("\n\n"), "The ministry did not answer.")
        draft = Draft(held.source, held.url, held.key, held.title, paragraphs, published_at=held.published_at)
        corpus.articles.revise(number, draft, "text", "content", now)


def calls(place: Place, line: str) -> Iterator[list[str]]:
    """Let a shell run a line; give the arguments of each tonle that it calls."""
    noted = place.folder / ".calls"
    noted.write_bytes(b"")
    environ = {"PATH": f"{place.folder / 'bin'}:{os.environ['PATH']}", "CALLS": str(noted), "HOME": str(place.folder)}
    ended = subprocess.run(["/bin/sh", "-c", line], cwd=place.folder, env=environ, capture_output=True, check=False)
    assert ended.returncode == 0, (line, ended.stderr)
    assert ended.stderr == b"", line
    for call in noted.read_bytes().split(b"\0\0")[:-1]:
        yield [word.decode() for word in call.split(b"\0")]


def trouble(place: Place, lines: Iterable[str]) -> list[str]:
    """Run lines that can be run here; return what went wrong."""
    found = []
    for line in lines:
        for args in calls(place, translated(line)):
            running = place.start(*args)
            if args[0] == "daemon":
                end_of_daemon(running)
            ended = running.wait(100)
            # A sentence may name a command without saying what it takes.
            is_named = (
                ended.code == 2 and "Missing argument" in ended.err and line.startswith(f"tonle {' '.join(args)}")
            )
            if "Traceback" in ended.err or not (is_named or ended.code in WELL.get(args[0], {0})):
                found.append(f"{line}: {ended.code}\n{ended.out[-500:]}\n{ended.err}")
    return found


def end_of_daemon(running: Running) -> None:
    until(lambda: "daemon.started" in running.err.read_text(), running=running)
    running.send(signal.SIGTERM)


@pytest.mark.parametrize(("page", "lines"), to_run().items(), ids=list(to_run()))
def test_every_command_that_a_document_shows_works_as_it_is_written(place: Place, page: str, lines: list[str]) -> None:
    found = trouble(place, lines)
    assert not found, f"{page}\n" + "\n".join(found)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_every_command_that_a_sentence_names_works(place: Place) -> None:
    found = trouble(place, dict.fromkeys(meant(line) for line in SENTENCES if not reason_of(line)))
    assert not found, "\n".join(found)


def test_a_command_that_is_not_run_is_one_that_the_documents_show() -> None:
    lines = [COMPOSED.sub("tonle", line) for lines in SHOWN.values() for line in lines]
    for begin in NOT_HERE:
        assert any(line.startswith(begin) for line in (*lines, *SENTENCES)), begin


def test_what_is_written_for_a_shell_is_read_by_one() -> None:
    for page, lines in SHOWN.items():
        ended = subprocess.run(["/bin/sh", "-n"], input="\n".join(lines).encode(), capture_output=True, check=False)
        assert ended.returncode == 0, (page, ended.stderr)


def test_targets_and_files_that_commands_name_are_there() -> None:
    shown = " ".join((*SENTENCES, *(line for lines in SHOWN.values() for line in lines)))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", shown)) <= targets
    assert all((ROOT / name).exists() for name in re.findall(r"\bdeploy/[\w.-]+", shown))
