"""The control port: JSON for whoever drives the replica from another process."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Protocol

from replica.city import Moves
from replica.exchange import Answer, Request
from replica.fault import Option
from replica.ledger import LogEntry
from replica.truth import Truth
from replica.wire import Application, Wire

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Replica</title></head><body>
<h1>A local replica of five news sites</h1>
<p>Every page is synthetic: nobody's article is here, and no person named exists.</p>
<ul>{links}</ul>
<p>POST /advance moves the sites to their next state. GET /log lists the requests they had, GET /truth what a perfect
reader would find. POST /fault with site, path and kind breaks something; POST /faults/clear mends it.
POST /robots with site and text replaces a robots.txt; POST /withdraw and /restore with site and key
take a story away and bring it back; POST /refuse and /accept close a site's port and open it again.</p>
</body></html>
"""


class Driven(Protocol):
    """What the control port needs of a replica."""

    @property
    def base_urls(self) -> dict[str, str]:
        """Every site's address by its name."""

    @property
    def log(self) -> list[LogEntry]:
        """The requests so far."""

    def advance(self) -> Moves:
        """Move to the next state."""

    def clear_log(self) -> None:
        """Forget the requests."""

    def clear_faults(self) -> None:
        """Set no fault."""

    def fault(self, site: str, path: str, kind: str, times: int | None = None, **options: Option) -> None:
        """Set a fault."""

    def publish(self, site: str, story: Mapping[str, object]) -> str:
        """Add a story."""

    def withdraw(self, site: str, key: str) -> str:
        """Take a story off its site."""

    def restore(self, site: str, key: str) -> str:
        """Bring a story back."""

    def robots(self, site: str, text: str | None) -> None:
        """Replace a robots.txt."""

    def refuse(self, site: str) -> None:
        """Refuse connections to a site."""

    def accept(self, site: str) -> None:
        """Accept them again."""

    def truth(self, site: str) -> list[Truth]:
        """Return the truth of a site."""


def control(replica: Driven) -> Application:
    """Return the application of the control port."""

    def serve(request: Request, wire: Wire) -> None:
        try:
            answer = _answer(replica, request)
        except (ValueError, TypeError, KeyError) as error:
            answer = _json({"error": str(error)}, 400)
        wire.send(answer)

    return serve


def _answer(replica: Driven, request: Request) -> Answer:
    match request.method, request.path:
        case "GET", "/":
            links = "".join(f'<li><a href="{url}/">{name}</a></li>' for name, url in replica.base_urls.items())
            return Answer.html(_PAGE.replace("{links}", links).encode())
        case "GET", "/log":
            return _json([asdict(entry) for entry in replica.log])
        case "GET", "/truth":
            return _json({name: [asdict(truth) for truth in replica.truth(name)] for name in replica.base_urls})
        case "POST", _:
            return _post(replica, request)
    return _json({"error": "nothing here"}, 404)


def _post(replica: Driven, request: Request) -> Answer:
    commands: dict[str, Callable[..., object]] = {
        "/advance": replica.advance,
        "/log/clear": replica.clear_log,
        "/faults/clear": replica.clear_faults,
        "/fault": replica.fault,
        "/robots": replica.robots,
        "/refuse": replica.refuse,
        "/accept": replica.accept,
        "/publish": replica.publish,
        "/withdraw": replica.withdraw,
        "/restore": replica.restore,
    }
    if request.path not in commands:
        return _json({"error": "nothing here"}, 404)
    given = json.loads(request.body or b"null") or {}
    result = commands[request.path](**given)
    return _json({"path": result} if isinstance(result, str) else result or {})


def _json(value: object, status: int = 200) -> Answer:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Answer(status, {"Content-Type": "application/json; charset=utf-8"}, body)
