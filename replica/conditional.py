"""Validators and the answers to conditional requests (RFC 9110, sections 8.8 and 13)."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from replica.exchange import Answer, Request

_SETTLED = timedelta(days=2)
_VALIDATED = ("GET", "HEAD")
# What a 304 repeats of the answer that it stands for (RFC 9110, 15.4.5).
_REPEATED = frozenset({"ETag", "Last-Modified", "Cache-Control", "Vary", "Expires"})


def validators(body: bytes, changed_at: datetime) -> dict[str, str]:
    """Return a strong ETag made from the bytes, and Last-Modified in whole seconds."""
    return {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        "Last-Modified": format_datetime(changed_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "max-age=0, must-revalidate",
    }


def last_change(now: datetime, changes: int) -> datetime:
    """Return when a listing last changed: the replica's clock stands still, so each change counts as a second."""
    return now - _SETTLED + timedelta(seconds=changes)


def validated(answer: Answer, changed_at: datetime) -> Answer:
    """Return the answer with validators."""
    return replace(answer, headers={**answer.headers, **validators(answer.body, changed_at)})


def is_conditional(request: Request) -> bool:
    """Tell whether a client asks only for what it does not have yet."""
    return any(name in request.headers for name in ("if-none-match", "if-modified-since"))


def revalidated(request: Request, answer: Answer) -> Answer:
    """Return a 304 in place of an answer that the client has already, else the answer itself."""
    if request.method not in _VALIDATED or answer.status != 200 or not _is_current(request, answer.headers):  # noqa: PLR2004
        return answer
    return not_modified(answer)


def not_modified(answer: Answer) -> Answer:
    """Return the 304 that stands for an answer."""
    return Answer(304, {name: value for name, value in answer.headers.items() if name in _REPEATED}, b"")


def _is_current(request: Request, held: Mapping[str, str]) -> bool:
    """Tell whether the client's copy is current; If-None-Match outranks the date (RFC 9110, 13.2.2)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        tag = held.get("ETag")
        return tag is not None and any(one.strip().removeprefix("W/") in (tag, "*") for one in tags.split(","))
    since = request.headers.get("if-modified-since")
    changed = held.get("Last-Modified")
    if since is None or changed is None:
        return False
    try:
        seen = parsedate_to_datetime(since)
    except ValueError:
        return False
    return seen.tzinfo is not None and parsedate_to_datetime(changed) <= seen
