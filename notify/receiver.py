"""What answers those who unsubscribe: a small WSGI application, and the server that the daemon runs it in.

GET shows a page with a button and changes nothing, for scanners of mails follow every link; POST unsubscribes.
"""

import base64
import hashlib
import io
import re
import socket
import socketserver
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.clock import Clock
from core.config import Config
from core.errors import StorageError, UsageError
from notify.unsubscribe import PATH, is_signed
from storage.store import Corpus, Store

_log = structlog.get_logger()

LONGEST_BODY = 4096
"""One click sends 26 bytes, as multipart some 200."""
_PATIENCE = timedelta(seconds=10)
_AT_ONCE = 16
_DRAINED = 1_000_000
_LOOKS_UP = 0.1  # seconds after which it sees that it is to stop
_TEMPLATES = Path(__file__).parent / "templates"
_ADDRESS = re.compile(rf"{PATH}([a-z0-9][a-z0-9-]*)/([0-9a-f]{{64}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A page. An answer without a button says what is so, or what went wrong."""

    status: HTTPStatus
    title: str
    paragraphs: tuple[str, ...]
    button: str = ""
    headers: tuple[tuple[str, str], ...] = ()


_NOT_FOUND = _Answer(HTTPStatus.NOT_FOUND, "Nothing here", ("This address leads nowhere, or is not complete.",))
_NOT_ALLOWED = _Answer(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "Not so",
    ("Open this address in a browser.",),
    headers=(("Allow", "GET, HEAD, POST"),),
)
_TOO_LARGE = _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too much", ("More was sent than unsubscribing takes.",))
_TOO_SLOW = _Answer(HTTPStatus.REQUEST_TIMEOUT, "Too slow", ("What was sent did not come in time.",))
_FAILED = _Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR, "Something is wrong here", ("You are still subscribed. Tell whoever runs this.",)
)
_LATER = _Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Try again in a minute",
    ("This could not be written down just now. You are still subscribed.",),
    headers=(("Retry-After", "60"),),
)
_ASKED = _Answer(
    HTTPStatus.OK,
    "Unsubscribe?",
    ("Press the button, and tonle sends you no more alerts and digests.",),
    button="Unsubscribe",
)
_LEFT = _Answer(
    HTTPStatus.OK,
    "You are unsubscribed",
    ("You will get no more alerts and digests.", "To get them again, ask whoever subscribed you."),
)


def application(store: Store, config: Config, clock: Clock) -> WSGIApplication:
    """Return what answers at `unsubscribe.url`, and at no other path than a subscriber's own with its right token.

    Whatever else is asked, a wrong token included, meets one and the same answer.
    """
    prefix = urlsplit(config.unsubscribe.url or "").path

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            found = _answer(environ, store, config, clock, prefix)
        except Exception:  # noqa: BLE001  # the rim: wsgiref would print what went wrong past the log
            _log.exception("unsubscribe.error")
            found = _FAILED
        page = _page(found)
        headers = [*_HEADERS, *found.headers, ("Content-Length", str(len(page)))]
        start_response(f"{found.status.value} {found.status.phrase}", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page]

    return answer


def _answer(environ: WSGIEnvironment, store: Store, config: Config, clock: Clock, prefix: str) -> _Answer:
    named = _ADDRESS.fullmatch(environ.get("PATH_INFO", "").removeprefix(prefix))
    if not named or not is_signed(named[1], named[2], config.unsubscribe.secret):
        return _NOT_FOUND
    method = environ["REQUEST_METHOD"]
    if method not in {"GET", "HEAD", "POST"}:
        return _NOT_ALLOWED
    if refusal := _read_body(environ):
        return refusal
    try:
        if method == "POST":
            return _leave(store, config, named[1], clock)
        with store.reading() as corpus:
            return _seen(corpus, config, named[1])
    except StorageError as error:
        _log.warning("unsubscribe.failed", subscriber=named[1], error=str(error))
        return _LATER


def _seen(corpus: Corpus, config: Config, name: str) -> _Answer:
    if name in corpus.subscribers.gone():
        return _LEFT
    return _ASKED if _is_subscriber(corpus, config, name) else _NOT_FOUND


def _leave(store: Store, config: Config, name: str, clock: Clock) -> _Answer:
    with store.transaction() as corpus:
        if not _is_subscriber(corpus, config, name):
            return _NOT_FOUND
        now = clock()
        corpus.subscribers.join(name, corpus.reach(), now)
        if corpus.subscribers.leave(name, now):
            _log.info("unsubscribe.left", subscriber=name)
    return _LEFT


def _is_subscriber(corpus: Corpus, config: Config, name: str) -> bool:
    return any(each.name == name for each in config.subscribers) or corpus.subscribers.by_name(name) is not None


def _read_body(environ: WSGIEnvironment) -> _Answer | None:
    """Read what was sent, which nobody needs: a mail program says one thing only. Return what is wrong with it."""
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return _TOO_LARGE
    if not 0 <= length <= LONGEST_BODY:
        return _TOO_LARGE
    try:
        environ["wsgi.input"].read(length)
    except TimeoutError:
        return _TOO_SLOW
    return None


@cache
def _style() -> str:
    return (_TEMPLATES / "unsubscribe.css").read_text(encoding="utf-8")


@cache
def _page(answer: _Answer) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    values = {"title": answer.title, "paragraphs": answer.paragraphs, "button": answer.button}
    template = environment.get_template("unsubscribe.html.j2")
    return template.render(values, style=_style()).encode()


def _policy() -> str:
    """Return what a browser may do with the page: show it in our style, and send its form back to us."""
    style = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    only = f"default-src 'none'; style-src 'sha256-{style}'"
    return f"{only}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", _policy()),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("X-Robots-Tag", "noindex"),
    ("Cache-Control", "no-store"),
    ("Server", "tonle"),
)


class _Timely(io.RawIOBase):
    """What a client sends until a deadline: a byte now and then gains it no time."""

    def __init__(self, connection: socket.socket, patience: timedelta) -> None:
        self._connection = connection
        self._deadline = time.monotonic() + patience.total_seconds()

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - any writable buffer; its type has a name from 3.12 on
        """Fill a buffer with what has come. Raises TimeoutError at the deadline."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(WSGIRequestHandler):
    """Reads one request within the server's patience. Says nothing of itself, and logs no address: it is a secret."""

    server_version = "tonle"
    sys_version = ""
    error_message_format = "%(code)d\n"
    error_content_type = "text/plain"
    server: "_Server"

    def setup(self) -> None:
        """Read by the deadline only."""
        super().setup()
        self.rfile.close()
        self.connection.settimeout(self.server.patience.total_seconds())
        self.rfile = io.BufferedReader(_Timely(self.connection, self.server.patience))

    def handle(self) -> None:
        """Answer one request; whoever is too slow or goes away gets nothing."""
        try:
            super().handle()
            self._drain()
        except (TimeoutError, ConnectionError):
            _log.debug("unsubscribe.slow")

    def _drain(self) -> None:
        """Read what was sent beyond what was asked for: a connection closed on unread data takes the answer with it."""
        self.connection.shutdown(socket.SHUT_WR)
        read = 0
        while read < _DRAINED and (more := self.rfile.read1(65536)):
            read += len(more)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that it has there
        """Log nothing."""


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    """At most a few clients at once, each for a limited time; others are told to come again."""

    request_queue_size = 32

    def __init__(self, place: tuple[str, int], patience: timedelta, at_once: int) -> None:
        self.patience = patience
        self._free = threading.BoundedSemaphore(at_once)
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        super().__init__(place, _Handler)

    def server_bind(self) -> None:
        """Bind, without asking the resolver for a name of this machine."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Answer in a thread of its own, if one is free."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            request.settimeout(1)
            request.sendall(b"HTTP/1.0 503 Service Unavailable\r\nRetry-After: 10\r\nContent-Length: 0\r\n\r\n")
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - likewise
        """Answer, then let another in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - likewise
        """Log what went wrong, without the address that was asked."""
        del request, client_address
        _log.exception("unsubscribe.error")


@dataclass(slots=True)
class Receiver:
    """Serves an application over HTTP in a thread, from start to stop; port 0 takes a free one.

    A client gets `patience` for its whole request; more than `at_once` at the same time are sent away (503).
    """

    application: WSGIApplication
    place: tuple[str, int]
    patience: timedelta = _PATIENCE
    at_once: int = _AT_ONCE
    _server: _Server | None = field(default=None, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    @property
    def port(self) -> int:
        """The port that is listened on, 0 before start."""
        return self._server.server_port if self._server else 0

    def start(self) -> None:
        """Listen, and answer from now on. Raises UsageError where nothing can be listened on at that place."""
        host, port = self.place
        try:
            self._server = _Server(self.place, self.patience, self.at_once)
        except OSError as error:
            problem = (
                f"Nothing can listen on {host} port {port}: {error.strerror or error}; change `unsubscribe.listen`."
            )
            raise UsageError(problem) from error
        self._server.set_app(self.application)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_LOOKS_UP,), name="unsubscribe")
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; what was begun is answered first."""
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
