"""The image, run for real as compose.yaml runs it: `make image-test` builds it and then asks for this file.

The replica and the mail server are on loopback; whatever the image keeps is read from its volume.
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.engines import UID, Image, engine, opened
from tests.e2e.places import CAMBODIA, OHCHR, Build, Place
from tests.rigs.certificates import certificate_in
from tests.rigs.postoffice import PASSWORD, USER, PostOffice, post_office

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(600),
    pytest.mark.skipif("IMAGE" not in os.environ, reason="IMAGE names no image: make image-test"),
]
PROBE = """
import os, pathlib
places = "/ /opt/tonle /opt/tonle/app /etc /etc/tonle /run/secrets /usr /home/tonle /data /tmp"
for folder in places.split():
    try:
        pathlib.Path(folder, "probe").write_text("x")
        print("written", folder)
    except OSError as error:
        print("refused", folder)
status = pathlib.Path("/proc/self/status").read_text().splitlines()
print(*(line for line in status if line.startswith(("Uid", "CapEff", "NoNewPrivs"))), sep="\\n")
"""
UNWANTED = r"""
for each in gcc cc g++ c++ ld make pip pip3 easy_install git; do command -v "$each"; done
for each in .git pip setuptools ensurepip '*.egg-info' pytest; do find / -xdev -name "$each" 2>/dev/null; done
find /opt/tonle -name tests -o -name .env -o -name 'corpus.sqlite*'
true
"""


@pytest.fixture(scope="module")
def image() -> Iterator[Image]:
    if not engine():
        pytest.skip("neither docker nor podman nor buildah answers here")
    with opened(os.environ["IMAGE"]) as found:
        yield found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(certificate=certificate_in(tmp_path)) as running:
        yield running


def settled(place: Place, office: PostOffice, tmp_path: Path, **settings: object) -> list[str]:
    """Write settings and secrets for the image; return what it needs in its environment to trust the mail server."""
    channel = {"channel": "smtp", "to": ["reader@example.org"]}
    mail = {"host": "127.0.0.1", "port": office.port, "security": "starttls", "timeout": "5s"}
    place.configure(alerts=channel, digest=channel, mail=mail, **settings)
    for folder in ("data", "secrets"):
        (place.folder / folder).mkdir(exist_ok=True)
    secrets = {"TONLE_SMTP_USER": USER, "TONLE_SMTP_PASSWORD": PASSWORD}
    for name, value in secrets.items():
        (place.folder / "secrets" / name).write_text(f"{value}\n")
        (place.folder / "secrets" / name).chmod(0o400)
    shutil.copy(tmp_path / "server.pem", place.folder / "data" / "server.pem")
    for path in (place.folder, *place.folder.rglob("*")):
        os.chown(path, UID, UID)
    return ["SSL_CERT_FILE=/data/server.pem"]


def said(argv: list[str], code: int = 0) -> str:
    ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    assert ended.returncode == code, ended.stdout + ended.stderr
    return ended.stdout


@contextmanager
def running(argv: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as file:
        process = subprocess.Popen(argv, stdout=file, stderr=file)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def wait(condition: Callable[[], object], log: Path, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)


def test_nothing_can_be_written_but_the_volume_and_the_short_lived(image: Image, place: Place) -> None:
    for folder in ("data", "secrets"):
        (place.folder / folder).mkdir()
        os.chown(place.folder / folder, UID, UID)
    told = said(image.shell(place.folder, f"/opt/tonle/.venv/bin/python -c '{PROBE}'")).splitlines()
    assert [line for line in told if line.startswith("written")] == ["written /data", "written /tmp"]
    assert f"Uid:\t{UID}\t{UID}\t{UID}\t{UID}" in told
    assert "CapEff:\t0000000000000000" in told
    assert "NoNewPrivs:\t1" in told


def test_nothing_is_in_it_that_builds_installs_or_tests(image: Image, place: Place) -> None:
    for folder in ("data", "secrets"):
        (place.folder / folder).mkdir()
        os.chown(place.folder / folder, UID, UID)
    assert said(image.shell(place.folder, UNWANTED)) == ""
    assert image.settings["User"] == "tonle"
    assert image.settings["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_a_daemon_in_it_works_ends_when_told_and_goes_on_where_it_was(
    image: Image, build: Build, office: PostOffice, tmp_path: Path
) -> None:
    place = build()
    sources = place.settings["sources"]
    every = {name: {**sources[name], "every": "2s" if name == CAMBODIA else "1h"} for name in sources}
    environ = settled(place, office, tmp_path, sources=every, daemon={"deliver_every": "1s"})
    by_hand(image, place, environ)
    held = place.articles
    assert len(held) > 20
    assert len(office.letters) == place.alerts + 1
    assert subprocess.run(image.health(place.folder), capture_output=True, check=False).returncode != 0
    first(image, place, environ, tmp_path / "first.log")
    again(image, place, environ, tmp_path / "again.log")
    assert held.keys() <= place.articles.keys()
    ids = [letter.message_id for letter in office.letters]
    assert len(ids) == len(set(ids)) == place.alerts + 1
    said(image.argv(place.folder, "db", "check", "--archive"))


def by_hand(image: Image, place: Place, environ: list[str]) -> None:
    """Crawl, and send the digest."""
    assert '"finished"' in said(image.argv(place.folder, "crawl", "--json", environ=environ))
    said(image.argv(place.folder, "digest", "--send", environ=environ))


def first(image: Image, place: Place, environ: list[str], log: Path) -> None:
    """Run a daemon, healthy, through two crawls and into one that hangs; then tell it to end."""
    with running(image.argv(place.folder, environ=environ), log) as daemon:
        wait(lambda: "daemon.started" in log.read_text(), log)
        said(image.health(place.folder))
        place.replica.advance()
        wait(lambda: log.read_text().count("crawl.child_ended") > 1, log)
        place.replica.fault(CAMBODIA, "/en/news", "hang")
        place.replica.clear_log()
        wait(lambda: any(entry.status == 0 for entry in place.replica.log), log)
        began = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(60) == 0
        assert time.monotonic() - began < 40
    assert "daemon.stopped" in log.read_text()
    with place.corpus() as corpus:
        assert {run.status for run in corpus.runs.recent(100)} <= {"finished", "stopped"}
    place.replica.clear_faults()


def again(image: Image, place: Place, environ: list[str], log: Path) -> None:
    """Start a daemon on the same volume, let it crawl twice, and end it."""
    place.replica.clear_log()
    with running(image.argv(place.folder, environ=environ), log) as daemon:
        wait(lambda: log.read_text().count("crawl.child_ended") > 1, log)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(60) == 0
    assert place.replica.requests(OHCHR) == []
    assert place.replica.requests(CAMBODIA)
