"""The replica for Python: five sites and a control port on 127.0.0.1, in threads."""

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from replica.city import City, Moves
from replica.control import control
from replica.exchange import Request
from replica.fault import Fault, Option
from replica.fault_answers import ANSWERS
from replica.fault_manners import MANNERS, SILENT
from replica.faults import Faults
from replica.ledger import Ledger, LogEntry
from replica.site import Choices
from replica.truth import DocumentTruth, Truth
from replica.wire import Application, Server, Wire

# A fault that never sends a status line is logged with this in place of one.
_NO_STATUS = 0


class Replica:
    """Stand-ins for www.phnompenhpost.com, www.ohchr.org, cambodia.ohchr.org, www.postkhmer.com, and an invented site.

    Used as a context manager, it serves from entry to exit; `render`, `publish`, `advance` and `truth` also work
    without serving. Pages depend on `now`, on the choices and on what was done to the replica, on nothing else.
    The choices are those of `replica.site.Choices`. On www.ohchr.org Cambodia is place 1031, Ukraine 1136.
    """

    def __init__(  # noqa: PLR0913  # one keyword a choice
        self,
        now: datetime,
        *,
        crawl_delay: float | None = None,
        robots: Mapping[str, str] | None = None,
        feeds: bool = False,
        stories: int = 0,
        sites: Iterable[str] = (),
        challenges: bool = True,
        weight: int = 0,
    ) -> None:
        self._city = City(now, Choices(crawl_delay, robots or {}, feeds, stories, tuple(sites), challenges, weight))
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
        self._servers = {name: Server(self._application(name)) for name in self._city.served}
        self._control = Server(control(self))
        for server in (*self._servers.values(), self._control):
            server.open()

    def close(self) -> None:
        """Stop serving; every thread and socket is gone on return."""
        for server in (*self._servers.values(), *([self._control] if self._control else [])):
            if not server.closing.is_set():
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

    def withdraw(self, site: str, key: str) -> str:
        """Take a story off its site, 404 now and 410 from the next advance on; return its path.

        `key` is the story's slug, after its language and a colon unless that is English.
        """
        with self._lock:
            return self._city.withdraw(site, key)

    def restore(self, site: str, key: str) -> str:
        """Bring a withdrawn story back; return its path."""
        with self._lock:
            return self._city.restore(site, key)

    def robots(self, site: str, text: str | None) -> None:
        """Replace a site's robots.txt; None gives it its own again."""
        with self._lock:
            self._city.set_robots(site, text)

    def truth(self, site: str) -> list[Truth]:
        """Return what a perfect reader would have of each story of a site, in its present state."""
        with self._lock:
            return self._city.site(site).truth()

    def documents(self) -> list[DocumentTruth]:
        """Return what a perfect reader would get from each file that pages of www.ohchr.org link."""
        return self._city.documents()

    def render(self, site: str, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body as the site answers a GET of a path with query, without HTTP or faults."""
        with self._lock:
            answer = self._city.answer(site, Request("GET", path))
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
        self._city.site(site)
        with self._lock:
            self._faults.set(Fault(site, path, kind, times, options))

    def refuse(self, site: str) -> None:
        """Refuse all connections to a site, as a host does whose server is down; nothing of it is logged."""
        server = self._servers[site]
        if not server.closing.is_set():
            server.close()

    def accept(self, site: str) -> None:
        """Accept connections again, on the port of before."""
        old = self._servers[site]
        if old.closing.is_set():
            self._servers[site] = Server(self._application(site), old.port)
            self._servers[site].open()

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
                answer = self._city.answer(name, request)
                fault = self._faults.take(name, request)
            manner = MANNERS.get(fault.kind) if fault else None
            if fault and not manner:
                answer = ANSWERS[fault.kind](fault, answer, self._city.pages, request)
            status = _NO_STATUS if fault and fault.kind in SILENT else answer.status
            # Before sending: a client that has its answer finds its request in the log.
            self._ledger.add(name, request, status)
            if fault and manner:
                manner(fault, answer, wire)
            else:
                wire.send(answer)

        return serve
