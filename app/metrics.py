"""What machines see of a running daemon: /metrics for Prometheus, /healthz for whoever restarts it.

The figures are read from the corpus when they are asked for: what restarts, or crawls beside the daemon, is counted.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLateError
from datetime import timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from socket import AF_INET, AF_INET6, socket
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from app.desk import Desk
from app.judged import State, history_of, judged
from core.clock import Clock
from core.errors import TonleError
from core.observing import host_and_port
from core.trouble import OPERATOR_KINDS
from storage.condition import sizes
from storage.store import Corpus, Store

log = structlog.get_logger()
_IN_TIME = timedelta(seconds=2)
"""Within which the corpus has to answer for the daemon to be well."""
_SCRAPE = timedelta(seconds=10)  # Prometheus gives up after as long, unless told otherwise
_ASKING = 10.0  # seconds in which a request has to be made, and its answer taken
_AT_ONCE = 8
"""Requests that are answered at the same time; a further one is turned away, so that nobody can make threads."""
_OUTBOX = ("waiting", "dead")


class Endpoint:
    """Answers GET /metrics and /healthz at an address, and nothing else, from `start` to `stop`.

    listen is an address and a port, port 0 any that is free: `address` then says which. desk gives the settings in
    force; ails says what keeps the daemon from its work, empty where nothing does. /healthz: 200 where nothing does and
    the corpus can be read within two seconds, else 503 with the reason; both are JSON. Nothing that goes wrong here
    reaches the daemon, but for an address that is taken: OSError at `start`.
    """

    def __init__(self, listen: str, desk: Callable[[], Desk], store: Store, ails: Callable[[], str]) -> None:
        self._listen = host_and_port(listen)
        self._asked = _Asked(desk, store, ails)
        self._server: _Server | None = None

    def start(self) -> None:
        """Listen, and answer from a thread of its own."""
        self._server = _Server(self._listen, self._asked)
        serving = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        serving.start()
        log.info("metrics.listening", address=self.address)

    def stop(self) -> None:
        """Close the port. What is being answered is not waited for."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self._asked.close()

    @property
    def address(self) -> str:
        """Where it listens; empty where it does not."""
        if self._server is None:
            return ""
        host, port = self._server.server_address[:2]
        named = host.decode() if isinstance(host, bytes | bytearray) else host
        return f"[{named}]:{port}" if ":" in named else f"{named}:{port}"


class _Asked:
    """What the answers are made of."""

    def __init__(self, desk: Callable[[], Desk], store: Store, ails: Callable[[], str]) -> None:
        self._desk = desk
        self._store = store
        self._ails = ails
        self._reading = _Question("metrics-read", self._read)
        self._writing = _Question("metrics-write", self._written)
        self._registry = CollectorRegistry(auto_describe=False)
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)

    def close(self) -> None:
        self._reading.close()
        self._writing.close()

    def health(self) -> tuple[HTTPStatus, bytes]:
        reason = self._ails()
        try:
            self._reading.answer(_IN_TIME)
        except TonleError as error:
            reason = reason or str(error)
        status = HTTPStatus.SERVICE_UNAVAILABLE if reason else HTTPStatus.OK
        told = {"status": "unwell", "reason": reason} if reason else {"status": "well"}
        return status, json.dumps(told, ensure_ascii=False).encode() + b"\n"

    def figures(self) -> tuple[HTTPStatus, bytes]:
        try:
            return HTTPStatus.OK, self._writing.answer(_SCRAPE) + generate_latest(self._registry)
        except TonleError as error:
            return HTTPStatus.SERVICE_UNAVAILABLE, f"{error}\n".encode()

    def _read(self) -> bytes:
        with self._store.reading() as corpus:
            return str(corpus.outbox.waiting()).encode()

    def _written(self) -> bytes:
        desk = self._desk()
        with self._store.reading() as corpus:
            figures = tuple(figures_of(desk, corpus, desk.clock))
        kept = CollectorRegistry(auto_describe=False)
        kept.register(_Given((*figures, *_of_files(desk))))
        return generate_latest(kept)


class _Question:
    """A question to the corpus, asked by one thread: who asks while it is being answered is given the same answer.

    So a corpus that does not answer holds up one thread, however often somebody asks whether it does.
    """

    def __init__(self, name: str, question: Callable[[], bytes]) -> None:
        self._question = question
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._asked: Future[bytes] | None = None
        self._lock = threading.Lock()

    def answer(self, limit: timedelta) -> bytes:
        """Return the answer. Raises TonleError where none came in time, or the corpus cannot be read."""
        with self._lock:
            if self._asked is None or self._asked.done():
                self._asked = self._thread.submit(self._question)
            asked = self._asked
        try:
            return asked.result(limit.total_seconds())
        except TooLateError:
            raise TonleError(f"The corpus did not answer within {limit.total_seconds():g} s.") from None

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


class _Given(Collector):
    """Figures that were read before."""

    def __init__(self, figures: tuple[Metric, ...]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        yield from self._figures


def _of_files(desk: Desk) -> Iterator[Metric]:
    database, wal = sizes(desk.config.corpus)
    yield GaugeMetricFamily("tonle_database_bytes", "Size of the corpus's file.", value=database)
    yield GaugeMetricFamily("tonle_wal_bytes", "Size of the corpus's write-ahead log.", value=wal)


def figures_of(desk: Desk, corpus: Corpus, clock: Clock) -> Iterator[Metric]:
    """Yield what the corpus tells, by source."""
    yield _by_source("tonle_articles", "Articles in the corpus.", corpus.articles.counts())
    # No counter: it falls when old runs are forgotten, and Prometheus would take that for a daemon begun anew.
    said = "Crawls of which the corpus keeps a record, by how they ended."
    ended = GaugeMetricFamily("tonle_runs_kept", said, labels=["source", "status"])
    for (source, status), count in sorted(corpus.history.counts().items()):
        ended.add_metric([source, status], count)
    yield ended
    yield from _of_sources(desk, corpus, clock)
    outbox = GaugeMetricFamily("tonle_outbox_messages", "Messages owed: waiting, or given up (dead).", labels=["state"])
    for state in _OUTBOX:
        outbox.add_metric([state], corpus.outbox.number(state))
    yield outbox
    yield from _of_troubles(corpus)


def _of_troubles(corpus: Corpus) -> Iterator[Metric]:
    said = "Open troubles: 1 for what a source or a part of the machine is in, by cause."
    troubles = GaugeMetricFamily("tonle_trouble_open", said, labels=["part", "source", "cause"])
    for trouble in corpus.troubles.open():
        troubles.add_metric([trouble.subject.part, trouble.subject.name, trouble.cause], 1.0)
    yield troubles
    untold = len(corpus.outbox.refused(OPERATOR_KINDS))
    said = "Messages to the operator that were tried and not handed over."
    yield GaugeMetricFamily("tonle_operator_messages_refused", said, value=untold)


def _of_sources(desk: Desk, corpus: Corpus, clock: Clock) -> Iterator[Metric]:
    now = clock()
    seen = "When the last crawl that ended well ended, in Unix time."
    last = GaugeMetricFamily("tonle_last_success_timestamp_seconds", seen, labels=["source"])
    states = GaugeMetricFamily("tonle_source_state", "1 for how a source stands.", labels=["source", "state"])
    alarms, incidents = {}, {}
    for source in desk.sites:
        history = history_of(desk, corpus, source, now)
        if history.well and history.well.finished_at:
            last.add_metric([source], history.well.finished_at.timestamp())
        stands = judged(history, now).state
        for state in State:
            states.add_metric([source, state.value], float(state is stands))
        alarms[source], incidents[source] = len(history.alarms), len(history.incidents)
    yield last
    yield states
    yield _by_source("tonle_alarms_open", "Open alarms about a source's texts.", alarms)
    yield _by_source("tonle_incidents_open", "Hosts of a source that refuse tonle.", incidents)


def _by_source(name: str, said: str, counts: dict[str, int]) -> Metric:
    family = GaugeMetricFamily(name, said, labels=["source"])
    for source, count in sorted(counts.items()):
        family.add_metric([source], count)
    return family


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, listen: tuple[str, int], asked: _Asked) -> None:
        self.address_family = AF_INET6 if ip_address(listen[0]).version == 6 else AF_INET  # noqa: PLR2004  # IPv6
        self.asked = asked
        self._places = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(listen, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # socketserver's own
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: object) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _ASKING
    server_version, sys_version = "tonle", ""

    def do_GET(self) -> None:  # http.server calls it so
        """Answer one of two paths."""
        asked = self.server.asked if isinstance(self.server, _Server) else None
        if asked and self.path == "/metrics":
            self._say(*asked.figures(), CONTENT_TYPE_LATEST)
        elif asked and self.path == "/healthz":
            self._say(*asked.health(), "application/json")
        else:
            self._say(HTTPStatus.NOT_FOUND, b"Only /metrics and /healthz are here.\n", "text/plain")

    def log_message(self, *_args: object) -> None:
        """Log nothing: it is asked four times a minute, and by strangers with whatever they like."""

    def _say(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
