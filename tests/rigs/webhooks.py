"""A receiver of webhooks on loopback that verifies what it is sent, and fails as it is told."""

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from core.clock import system_clock
from tests.rigs.faults import Act, Faults, Stage

KEY = b"a key of thirty-two octets, say."
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
_TOLERANCE = 300
_ANSWERS: dict[Act | None, tuple[int, dict[str, str]]] = {Act.DEFER: (500, {}), Act.FORBID: (429, {"Retry-After": "9"})}


@dataclass(frozen=True)
class Call:
    """A message that was taken."""

    webhook_id: str
    payload: dict[str, Any] = field(repr=False)


@dataclass
class Receiver:
    """All that a receiver has taken, in order. forged are bodies that it could not verify, which it refuses.

    answers are statuses, with headers, that are given instead of 200, one after the other.
    """

    faults: Faults = field(default_factory=Faults)
    url: str = ""
    calls: list[Call] = field(default_factory=list)
    unanswered: Counter[str] = field(default_factory=Counter)
    forged: list[bytes] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list, repr=False)
    connections: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def ids(self) -> list[str]:
        return [call.webhook_id for call in self.calls]


def verified(key: bytes, headers: dict[str, str], body: bytes, now: float) -> bool:
    """Return whether a body was signed with the key, within five minutes."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    is_fresh = abs(now - int(headers["webhook-timestamp"])) <= _TOLERANCE
    return is_fresh and any(hmac.compare_digest(right, given) for given in headers["webhook-signature"].split())


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # whoever keeps a connection open does not keep the test

    def __init__(self, kept: Receiver) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept = kept


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.kept.connections += 1

    def do_POST(self) -> None:  # http.server calls it so
        kept = self.server.kept
        kept.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept.bodies.append(body)
        act = kept.faults.at(Stage.LETTER)
        if act in {Act.BREAK, Act.HANG}:
            if act is Act.HANG:
                kept.closing.wait()
            self.close_connection = True
        elif act in _ANSWERS:
            self._say(*_ANSWERS[act])
        elif kept.answers:
            self._say(*kept.answers.pop(0))
        else:
            self._take(body, is_lost=act is Act.LOSE)

    def _take(self, body: bytes, *, is_lost: bool) -> None:
        kept = self.server.kept
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not verified(KEY, headers, body, system_clock().timestamp()):
            kept.forged.append(body)
            self._say(401, {})
            return
        kept.calls.append(Call(headers["webhook-id"], json.loads(body)))
        if is_lost:
            kept.unanswered[headers["webhook-id"]] += 1
            self.close_connection = True
        else:
            self._say(204, {})

    def _say(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        del args


@contextmanager
def receiver(faults: Faults | None = None) -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    kept = Receiver(faults or Faults())
    with _Server(kept) as server:
        kept.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/tok3n"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield kept
        finally:
            kept.closing.set()
            server.shutdown()
            thread.join()
