"""The replica for Python: three sites and a control port on 127.0.0.1, in threads."""

import threading
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from replica.city import City, Moves
from replica.control import control
from replica.exchange import Request
from replica.faults import ANSWERS, MANNERS, Fault, Faults, Option
from replica.ledger import Ledger, LogEntry
from replica.truth import Truth
from replica.wire import Application, Server, Wire

# A fault that never sends a status line is logged with this in place of one.
_NO_STATUS = 0


class Replica:
    """Stand-ins for www.phnompenhpost.com, www.ohchr.org and cambodia.ohchr.org.

    Used as a context manager, it serves from entry to exit; `render`, `publish`, `advance` and `truth` also work
    without serving. Pages depend on `now` and on what was done to the replica, on nothing else.
    """

    def __init__(self, now: datetime, *, crawl_delay: float | None = None) -> None:
        self._city = City(now, crawl_delay)
        self._now = now
        self._faults = Faults()
        self._ledger = Ledger()
        self._lock = threading.RLock()
        self._servers: dict[str, Server] = {}
        self._control: Server | None = None

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        """Start serving on free ports."""
        self._servers = {name: Server(self._application(name)) for name in self._city.sites}
        self._control = Server(control(self))
        for server in (*self._servers.values(), self._control):
            server.open()

    def close(self) -> None:
        """Stop serving; every thread and socket is gone on return."""
        for server in (*self._servers.values(), *([self._control] if self._control else [])):
            server.close()
        self._servers, self._control = {}, None

    def base_url(self, site: str) -> str:
        """Return a site's address, without a slash at its end."""
        return self._servers[site].url

    @property
    def base_urls(self) -> dict[str, str]:
        """Every site's address by its name."""
        return {name: server.url for name, server in self._servers.items()}

    @property
    def control(self) -> str:
        """The control port's address; raises RuntimeError while not serving."""
        if self._control is None:
            raise RuntimeError("the replica is not serving")
        return self._control.url

    def advance(self) -> Moves:
        """Move to the next state; return the paths published, edited and withdrawn, for each site."""
        with self._lock:
            return self._city.advance()

    def publish(self, site: str, story: Mapping[str, object]) -> str:
        """Add one story in the form of the stories folder; return its path. Raises ValueError if malformed."""
        with self._lock:
            return self._city.publish(site, story)

    def truth(self, site: str) -> list[Truth]:
        """Return what a perfect reader would have of each story of a site, in its present state."""
        with self._lock:
            return self._city.sites[site].truth()

    def render(self, site: str, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body as the site answers a GET of a path with query, without HTTP or faults."""
        with self._lock:
            answer = self._city.sites[site].answer(Request("GET", path))
        return answer.status, dict(answer.headers), answer.body

    @property
    def log(self) -> list[LogEntry]:
        """The requests to the sites so far, in the order in which they were answered."""
        return self._ledger.entries()

    def requests(self, site: str) -> list[str]:
        """Return the paths, with query, asked of a site so far."""
        return [entry.path for entry in self.log if entry.site == site]

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self._ledger.clear()

    def fault(self, site: str, path: str, kind: str, times: int | None = None, **options: Option) -> None:
        """Set a fault on a path, or on path and query by a regular expression that starts with `^`.

        Raises ValueError on a site or kind that does not exist.
        """
        if site not in self._city.sites:
            raise ValueError(f"no such site: {site!r}")
        with self._lock:
            self._faults.set(Fault(site, path, kind, times, options))

    def clear_faults(self) -> None:
        """Set no fault on anything."""
        with self._lock:
            self._faults.clear()

    @property
    def now(self) -> datetime:
        """The replica's now, from which the stories' ages count."""
        return self._now

    def _application(self, name: str) -> Application:
        def serve(request: Request, wire: Wire) -> None:
            with self._lock:
                answer = self._city.sites[name].answer(request)
                fault = self._faults.take(name, request)
            manner = MANNERS.get(fault.kind) if fault else None
            if fault and not manner:
                answer = ANSWERS[fault.kind](fault, answer, self._city.pages, request)
            status = _NO_STATUS if fault and fault.kind == "hang" else answer.status
            # Before sending: a client that has its answer finds its request in the log.
            self._ledger.add(name, request, status)
            if fault and manner:
                manner(fault, answer, wire)
            else:
                wire.send(answer)

        return serve
