"""What a robots.txt says, and for how long it may be kept. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from protego import Protego

from core.model import Page, Reason, RobotsFile, Skipped
from pipelines.classify import is_challenge, retry_after

LARGEST = 500 * 1024
"""Bytes that are parsed; RFC 9309 §2.5 asks for as many at least."""

_LONGEST = timedelta(hours=24)  # §2.4
_TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt says; refusal is set where it could not be read, and then nothing may be asked."""

    parsed: Protego
    read_at: datetime
    refusal: Skipped | None = None

    def are_fresh(self, now: datetime) -> bool:
        """Return whether they still hold in a run that goes on for days."""
        return now - self.read_at < _LONGEST


def rules_of(file: RobotsFile) -> Rules:
    """Return what a file that could be read says; one that does not exist, or may not be read, forbids nothing.

    (§2.3.1.3.) A file of another type is read as it is: a page has no lines that could be taken for rules.
    """
    # A byte order mark may stand before the first line (§2.2).
    text = file.body[:LARGEST].decode("utf-8-sig", errors="replace")
    return Rules(Protego.parse(text), file.fetched_at)


def unreachable(url: str, why: str, now: datetime, wait: timedelta | None = None) -> Rules:
    """Return that nothing may be asked of a host (§2.3.1.4).

    The RFC would allow a copy that is too old to be used on; it may say yes where the host says no by now. Texts can
    be fetched a day later.
    """
    return Rules(Protego.parse(""), now, Skipped(Reason.ROBOTS_UNREACHABLE, f"{url}: {why}"[:200], wait))


def file_of(host: str, page: Page) -> RobotsFile | None:
    """Return a robots.txt as it came; None for an answer that says nothing of it (5xx, 429, a challenge)."""
    is_known = 200 <= page.status < 300 or 400 <= page.status < 500  # noqa: PLR2004
    if not is_known or page.status == _TOO_MANY_REQUESTS or is_challenge(page):
        return None
    body = page.body[:LARGEST] if page.status < 300 else b""  # noqa: PLR2004
    expires = page.fetched_at + lifetime(page.headers, page.fetched_at)
    return RobotsFile(host, page.status, body, page.fetched_at, expires)


def refused_by(url: str, page: Page) -> Rules:
    """Return that nothing may be asked, because of this answer and for as long as it says."""
    why = "a challenge" if is_challenge(page) else f"HTTP {page.status}"
    return unreachable(url, why, page.fetched_at, retry_after(page.headers, page.fetched_at))


def is_current(file: RobotsFile, now: datetime) -> bool:
    """Return whether a kept file may be used without asking; not one that a clock set back has put into the future."""
    return file.fetched_at <= now < min(file.expires_at, file.fetched_at + _LONGEST)


def lifetime(headers: Mapping[str, str], now: datetime) -> timedelta:
    """Return for how long an answer is fresh (RFC 9111 §4.2.1), a day at most, and a day where it does not say."""
    directives = {
        name.strip().casefold(): value.strip(' "')
        for name, _, value in (part.partition("=") for part in headers.get("cache-control", "").split(","))
    }
    if "no-store" in directives or "no-cache" in directives:
        return timedelta(0)
    given = _seconds(directives.get("max-age", ""))
    if given is not None:
        age = _seconds(headers.get("age", "").strip()) or timedelta(0)
        return min(max(given - age, timedelta(0)), _LONGEST)
    if "expires" in headers:
        moment, sent = _date(headers["expires"]), _date(headers.get("date", "")) or now
        return min(max(moment - sent, timedelta(0)), _LONGEST) if moment else timedelta(0)
    return _LONGEST


def _seconds(value: str) -> timedelta | None:
    return timedelta(seconds=int(value[:9])) if value.isascii() and value.isdigit() else None


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
