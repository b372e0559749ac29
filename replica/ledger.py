"""The log of what was asked of the sites."""

import threading
from dataclasses import dataclass

from replica.exchange import Request


@dataclass(frozen=True)
class LogEntry:
    """One request: `path` with its query, `status` as sent (0 if none was), `headers` with names in lower case."""

    site: str
    method: str
    path: str
    status: int
    agent: str
    headers: dict[str, str]


class Ledger:
    """Log entries in order; safe to use from every thread."""

    def __init__(self) -> None:
        self._entries: list[LogEntry] = []
        self._lock = threading.Lock()

    def add(self, site: str, request: Request, status: int) -> None:
        """Enter one request."""
        headers = dict(request.headers)
        entry = LogEntry(site, request.method, request.target, status, headers.get("user-agent", ""), headers)
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[LogEntry]:
        """Return the entries so far."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._entries.clear()
