"""What kind of answer a page is: one that may hold an article, or a reason to skip it."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from core.model import Page, Reason, Skipped

_STATUS = {
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    410: Reason.GONE,
    429: Reason.RATE_LIMITED,
}
_OK = 200
_SERVER_ERRORS = range(500, 600)
# The whole title, as Cloudflare writes it in the reader's language: a headline may begin with these words.
_CHALLENGE_TITLE = re.compile(
    r"(?i)<title>\s*(?:(?:just a moment|un instant|un momento|один момент|请稍候|لحظة)\s*(?:\.{3}|…|&hellip;)?"
    r"|attention required! \| cloudflare)\s*</title>"
)
_CHALLENGE_MARK = b"challenges.cloudflare.com"
_CHALLENGE_SCRIPT = re.compile(rb"<script\b[^>]*>[^<]*\b_cf_chl_opt\b")
_MARKUP_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "")
_NOT_MARKUP = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_WAIT = timedelta(days=7)


def refused_answer(page: Page) -> Skipped | None:
    """Return why an answer holds nothing of what was asked for, judged by its status and whether it is empty."""
    if is_challenge(page):
        return Skipped(Reason.CHALLENGE, f"HTTP {page.status}", retry_after(page.headers, page.fetched_at))
    if page.status != _OK:
        default = Reason.SERVER_ERROR if page.status in _SERVER_ERRORS else Reason.HTTP_ERROR
        reason = _STATUS.get(page.status, default)
        return Skipped(reason, f"HTTP {page.status}", retry_after(page.headers, page.fetched_at))
    if not page.body.strip():
        return Skipped(Reason.EMPTY)
    return None


def refused(page: Page) -> Skipped | None:
    """Return why an answer cannot hold an article, judged by its status, headers and first bytes; else None."""
    if refusal := refused_answer(page):
        return refusal
    content_type = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in _MARKUP_TYPES:
        return Skipped(Reason.NOT_HTML, content_type)
    if page.body.startswith(_NOT_MARKUP) or (b"\x00" in page.body[:1024] and not page.body.startswith(_UTF_16)):
        return Skipped(Reason.NOT_HTML, "binary content")
    return None


def is_challenge(page: Page) -> bool:
    """Return whether an answer is a Cloudflare challenge instead of what was asked for."""
    if page.headers.get("cf-mitigated", "").strip().casefold() == "challenge":
        return True
    head = page.body[:20_000]
    if _CHALLENGE_TITLE.search(head.decode("utf-8", errors="replace")) or _CHALLENGE_SCRIPT.search(head):
        return True
    return page.status in {403, 503} and _CHALLENGE_MARK in head


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long a server asks to wait (Retry-After in seconds or as a date, RFC 9110 §10.2.3), a week at most."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value.lstrip("0")[:10] or 0)), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta(0)), _LONGEST_WAIT)
