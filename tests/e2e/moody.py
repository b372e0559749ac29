"""A web server whose answers depend on what it has been asked before."""

import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import cast

HTML = "text/html; charset=utf-8"
PIECE = 65536


@dataclass(frozen=True)
class Answer:
    """One answer; a status of 0 ends the connection without any."""

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One request: its path with query, its headers by name in lower case, when it came."""

    path: str
    headers: Mapping[str, str]
    at: float


CHALLENGE = Answer(403, "<title>Just a moment...</title><script src='https://challenges.cloudflare.com/x.js'></script>")


class Moody(ThreadingHTTPServer):
    """Answers each path by the next of its `turns`, then by its page; a `mood` comes before both.

    A mood is asked with the path and the headers of a request and may return an answer; `sent` counts the bytes that
    clients took.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, Answer] = {}
        self.turns: dict[str, list[Answer]] = defaultdict(list)
        self.mood: Callable[[Asked], Answer | None] = lambda _: None
        self.asked: list[Asked] = []
        self.sent = 0
        self._serving = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._serving.start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    @property
    def paths(self) -> list[str]:
        """What was asked but robots.txt."""
        return [asked.path for asked in self.asked if asked.path != "/robots.txt"]

    def news(self, *names: str) -> None:
        """Serve a listing of the country office's site with these stories, and the stories."""
        links = "".join(f'<div class="views-row"><h3><a href="/en/news/{name}">{name}</a></h3></div>' for name in names)
        self.pages["/en/news?page=0"] = Answer(200, f"<html><body><main>{links}</main></body></html>")
        # No second page, and nothing in Khmer.
        for path in ("/en/news?page=1", "/km/news?page=0"):
            self.pages[path] = Answer(200, "<html><body><main></main></body></html>")
        for name in names:
            self.pages.setdefault(f"/en/news/{name}", story(name))

    def close(self) -> None:
        self.shutdown()
        self._serving.join()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves early is no error."""


def story(name: str, word: str = "map", **headers: str) -> Answer:
    """Write a story of the country office's site, its words its own; header names with _ for -."""
    text = f"In {name} the villagers met the commune chief on Monday and asked for a {word} of the land."
    page = f"<html><body><main><article><h1>News of {name}</h1><p>1 March 2026</p><p>{text}</p></article></main>"
    return Answer(200, page, {key.replace("_", "-"): value for key, value in headers.items()})


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = cast(Moody, self.server)
        asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()}, monotonic())
        server.asked.append(asked)
        turns = server.turns[self.path]
        answer = server.mood(asked) or (turns.pop(0) if turns else server.pages.get(self.path, Answer(404, "none")))
        if not answer.status:
            self.close_connection = True
            return
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        self.send_response_only(answer.status)
        headers = {"Content-Type": HTML, "Content-Length": str(len(body)), **answer.headers}
        if answer.status in {204, 304}:
            headers.pop("Content-Length")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for start in range(0, len(body) if answer.status != 304 else 0, PIECE):
            server.sent += self.wfile.write(body[start : start + PIECE])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the parent's
        """Print nothing."""
