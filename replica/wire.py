"""The server end of one connection, with the manners that faults need: to dribble, to wait, to cut."""

import socket
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from replica.exchange import Answer, Request

_METHODS_WITHOUT_BODY = ("HEAD",)
_STATUS_WITHOUT_BODY = (204, 304)
# How long `close` may wait for the accepting thread to look up, seconds.
_POLL = 0.02


class Wire:
    """What an application may do with the connection on which a request came."""

    def __init__(self, handler: "_Handler", closing: threading.Event) -> None:
        self._handler = handler
        self._closing = closing

    def send(self, answer: Answer) -> None:
        """Send a complete answer."""
        self.head(answer.status, answer.headers, len(answer.body))
        if self._handler.command not in _METHODS_WITHOUT_BODY and answer.status not in _STATUS_WITHOUT_BODY:
            self.write(answer.body)

    def head(self, status: int, headers: Mapping[str, str], length: int) -> None:
        """Send the status line and the headers, promising a body of `length` bytes."""
        self._handler.send_response_only(status)
        for name, value in headers.items():
            self._handler.send_header(name, value)
        if status not in _STATUS_WITHOUT_BODY:
            self._handler.send_header("Content-Length", str(length))
        self._handler.end_headers()

    def write(self, data: bytes) -> None:
        """Send a part of the body; raises ConnectionError when the client has gone."""
        self._handler.wfile.write(data)

    def cut(self) -> None:
        """End the connection after this exchange, whatever was promised."""
        self._handler.close_connection = True

    def wait(self, seconds: float) -> bool:
        """Wait; return True when the server is closing and the wait was cut short."""
        return self._closing.wait(seconds)


Application = Callable[[Request, Wire], None]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Hand the request to the application."""
        server = cast(Server, self.server)
        length = self.headers.get("Content-Length", "0")
        body = self.rfile.read(int(length)) if length.isdigit() else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            server.application(Request(self.command, self.path, headers, body), Wire(self, server.closing))
        except ConnectionError:
            # A client that leaves in mid-answer is what several faults are for.
            self.close_connection = True

    do_HEAD = do_GET  # noqa: N815 - the name is the parent's
    do_POST = do_GET  # noqa: N815 - as above

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the parent's
        """Print nothing: the log is asked for over the control port."""


class Server(ThreadingHTTPServer):
    """One port on 127.0.0.1, any free one for 0.

    `close` ends idle and busy connections alike and waits for their threads.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, application: Application, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.port: int = self.server_address[1]
        self.application = application
        self.closing = threading.Event()
        self._guard = threading.Lock()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._accepting = threading.Thread(target=self.serve_forever, args=(_POLL,), daemon=True)

    @property
    def url(self) -> str:
        """The address of the port, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Start to accept connections."""
        self._accepting.start()

    def close(self) -> None:
        """Stop accepting, end all connections, free the port."""
        self.closing.set()
        self.shutdown()
        self._accepting.join()
        with self._guard:
            workers = list(self._open.items())
        for connection, _ in workers:
            _hang_up(connection)
        for _, thread in workers:
            thread.join()
        self.server_close()

    def process_request(self, request: object, client_address: object) -> None:
        """Serve one connection in a thread that `close` knows before it runs."""
        connection = cast(socket.socket, request)
        thread = threading.Thread(target=self.process_request_thread, args=(connection, client_address), daemon=True)
        with self._guard:
            self._open[connection] = thread
        thread.start()

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Serve one connection to its end."""
        connection = cast(socket.socket, request)
        try:
            super().process_request_thread(connection, client_address)
        finally:
            with self._guard:
                self._open.pop(connection, None)

    def handle_error(self, request: object, client_address: object) -> None:
        """Report an error of our own; a connection the client broke is none."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(cast(socket.socket, request), client_address)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The client, or its own thread, was faster.
        return
