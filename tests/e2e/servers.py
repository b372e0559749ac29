"""The servers that tonle meets in these tests besides the replica, all on 127.0.0.1."""

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd import smtp
from aiosmtpd.controller import Controller

Body = bytes | Iterable[bytes]


class Stub(ThreadingHTTPServer):
    """A web server of one's own: `pages` by path and query, 404 for all else; `asked` is what was asked, and when.

    A page is status, headers and body; a body that is no bytes is sent piece by piece, without saying its length.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _StubHandler)
        self.pages: dict[str, tuple[int, Mapping[str, str], Body]] = {}
        self.asked: list[tuple[str, float]] = []
        self._serving = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._serving.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def show(self, path: str, body: str, status: int = 200, **headers: str) -> None:
        """Serve a page; header names with _ for -."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = status, {"Content-Type": "text/html; charset=utf-8"} | names, body.encode()

    def list_news(self, *links: str) -> None:
        """Serve a listing of the country office's site, and no second page."""
        cards = "".join(f'<div class="views-row"><h3><a href="{link}">A title</a></h3></div>' for link in links)
        self.show("/en/news?page=0", f"<html><body><main>{cards}</main></body></html>")
        self.show("/en/news?page=1", "<html><body><main></main></body></html>")

    def show_news(self, path: str, date: str = "1 March 2026", paragraph: str = "") -> None:
        """Serve an article of the country office's site, its words its own."""
        words = paragraph or f"In {path.rpartition('/')[2]} the villagers met the commune chief and asked for a map."
        self.show(
            path, f"<html><body><main><article><h1>News of {path}</h1><p>{date}</p><p>{words}</p></article></main>"
        )

    def close(self) -> None:
        self.shutdown()
        self._serving.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves early is what several tests are about."""


class _StubHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        stub = cast(Stub, self.server)
        stub.asked.append((self.path, time.monotonic()))
        status, headers, body = stub.pages.get(self.path, (404, {"Content-Type": "text/html"}, b"not here"))
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if isinstance(body, bytes):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for piece in [body] if isinstance(body, bytes) else body:
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the parent's
        """Print nothing."""


class Postbox(Controller):
    """A mail server on a free port of 127.0.0.1 that keeps what it takes."""

    def __init__(self) -> None:
        self.arrived: list[EmailMessage] = []
        self.reply = "250 OK"
        super().__init__(self, hostname="127.0.0.1", port=0)

    async def handle_DATA(self, _server: smtp.SMTP, _session: smtp.Session, envelope: smtp.Envelope) -> str:  # noqa: N802
        if self.reply.startswith("250"):
            assert isinstance(envelope.content, bytes)
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.arrived.append(message)
        return self.reply

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd does not say that it returns nothing

    @property
    def settings(self) -> dict[str, Any]:
        """The settings with which tonle sends its mail here."""
        channel = {"channel": "smtp", "to": ["reader@example.org"]}
        return {"mail": {"host": "127.0.0.1", "port": self.port}, "alerts": channel, "digest": channel}

    @property
    def ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.arrived]
