"""The archive as pywb replays it, from our own index; TONLE_PYWB names a Python in whose environment pywb is."""

import gzip
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.archive import Archive, Exchange, Head

PYWB = os.environ.get("TONLE_PYWB", "")
pytestmark = pytest.mark.skipif(not PYWB, reason="TONLE_PYWB names no Python that has pywb (it pins old libraries)")

NEWS = "https://www.news.example"


@dataclass
class Filling:
    """An archive that is filled, an answer a minute."""

    archive: Archive
    now: list[datetime] = field(default_factory=lambda: [datetime(2026, 3, 1, 8, 0, tzinfo=UTC)])

    def store(self, path: str, body: bytes, status: str = "200 OK", **fields: str) -> str:
        """Store an answer and return its time as replay tools write it."""
        self.now[0] += timedelta(minutes=1)
        sent = {"Content-Type": "text/html; charset=utf-8"} | {
            name.replace("_", "-"): value for name, value in fields.items()
        }
        exchange = Exchange(NEWS + path, Head(f"HTTP/1.1 {status}", tuple(sent.items())), body, self.now[0])
        self.archive.store("post", exchange)
        return f"{self.now[0]:%Y%m%d%H%M%S}"


class _Still(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing."""


def get(url: str) -> tuple[int, bytes, dict[str, str]]:
    try:
        with urllib.request.build_opener(_Still).open(url, timeout=30) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


@pytest.fixture
def replay(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Start pywb on a folder of WARC files with their indexes; return the address under which it replays them."""
    running: list[subprocess.Popen[bytes]] = []

    def started(folder: Path) -> str:
        (tmp_path / "config.yaml").write_text(
            f"collections:\n  post:\n    index_paths: {folder}/\n    archive_paths: {folder}/\n"
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        code = "from pywb.apps.cli import wayback; wayback()"
        log = (tmp_path / "log").open("wb")
        with log:
            command = [PYWB, "-c", code, "-b", "127.0.0.1", "-p", str(port)]
            running.append(subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log))
        address = f"http://127.0.0.1:{port}/post"
        for _ in range(300):
            try:
                get(address + "/")
            except OSError:
                assert running[0].poll() is None, (tmp_path / "log").read_text()
                time.sleep(0.1)  # nothing tells when pywb listens
            else:
                return address
        raise AssertionError((tmp_path / "log").read_text())

    yield started
    for process in running:
        process.terminate()
        process.wait()


def test_pywb_replays_what_was_archived(tmp_path: Path, replay: Callable[[Path], str]) -> None:
    folder = tmp_path / "archive"
    filling = Filling(Archive(folder, 1_000_000, lambda: filling.now[0]))
    packed = gzip.compress(b"<p>packed</p>")
    first = filling.store("/plain?page=0", b"<p>one</p>")
    again = filling.store("/plain?page=0", b"<p>one</p>")
    filling.store("/plain?page=0", b"", "304 Not Modified")
    other = filling.store("/plain?page=0", b"<p>two</p>")
    zipped = filling.store("/zipped", packed, Content_Encoding="gzip")
    moved = filling.store("/old", b"", "301 Moved Permanently", Location=f"{NEWS}/zipped")
    filling.store("/km/%E1%9E%80", bytes(range(256)), Content_Type="application/pdf")
    filling.store("/plain?page=0", b"", "304 Not Modified")
    filling.archive.close()
    at = replay(folder / "post")
    for time_, text in ((first, b"<p>one</p>"), (again, b"<p>one</p>"), (other, b"<p>two</p>"), ("", b"<p>two</p>")):
        status, body, headers = get(f"{at}/{time_}id_/{NEWS}/plain?page=0")
        assert (status, body) == (200, text)
        assert not time_ or f"/{time_}id_/" in headers["Content-Location"]
    assert get(f"{at}/{zipped}id_/{NEWS}/zipped")[:2] == (200, b"<p>packed</p>")
    assert get(f"{at}/{moved}id_/{NEWS}/old")[0] == 301
    assert get(f"{at}/id_/{NEWS}/km/{quote('ក')}")[:2] == (200, bytes(range(256)))
    assert get(f"{at}/id_/{NEWS}/never")[0] == 404
