"""What a crawl leaves open to others on the machine: no port, and no file."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.e2e.places import Build
from tests.e2e.processes import until
from tests.e2e.servers import Stub

_LISTENS = "0A"


def listening(pid: int) -> set[str]:
    """Return the addresses, as the kernel writes them, at which a process waits for others."""
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            held.add(str(descriptor.readlink()))
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{name}").read_text().splitlines()[1:]
    ]
    return {row[1] for row in rows if row[3] == _LISTENS and f"socket:[{row[9]}]" in held}


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="looks into /proc")
def test_a_crawl_listens_at_no_port_and_leaves_nothing_that_everybody_may_read(build: Build) -> None:
    asked, answered = threading.Event(), threading.Event()

    def body() -> Iterator[bytes]:
        asked.set()
        answered.wait(60)
        yield b"<html><body><main><article><h1>Late</h1><p>The rain came late.</p></article></main></body></html>"

    with closing(Stub()) as stub:
        assert f"{stub.server_address[1]:04X}" in {each.rpartition(":")[2] for each in listening(os.getpid())}
        stub.list_news("/en/news/late")
        stub.pages["/en/news/late"] = 200, {"Content-Type": "text/html"}, body()
        place = build(crawl={"retries": 0}).at(ohchr_cambodia=stub.url)
        running = place.start("crawl")
        until(asked.is_set, running=running)
        try:
            assert listening(running.pid) == set()
        finally:
            answered.set()
        assert running.wait(60).code == 0
    kept = list((place.folder / "data").rglob("*"))
    assert {"corpus.sqlite", "archive", "logs"} <= {path.name for path in kept}
    assert [str(path) for path in kept if path.stat().st_mode & 0o007] == []
