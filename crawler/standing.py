"""How a host stands with a run: what it has answered so far, and what follows from the next answer.

Decisions only; crawler/middlewares/hosts.py keeps to them.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError

from core.model import Page, Reason
from crawler.failures import skipped_for
from pipelines.classify import is_challenge, retry_after

_REFUSALS = frozenset({401, 403, 451})
_MISSING = frozenset({404, 410})
_TOO_MANY, _UNAVAILABLE = 429, 503
_MOST_REFUSALS = 5  # in a row: some feeds and files of a good host are refused to everybody
_MOST_SILENCES = 3  # in a row
_FIRST_REST = timedelta(hours=1)
_LONGEST_REST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hold:
    """The host asks to be left alone for a moment, short enough to wait for."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Stop:
    """The host is left alone for the rest of the run, and by later runs for `rest`."""

    reason: Reason
    detail: str
    rest: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a run waits for a host: `most` in all is one hold, `tries` is how often a page is held."""

    most: timedelta
    tries: int


@dataclass(slots=True)
class Standing:
    """What a run knows of a host. times counts the runs before this one that met the trouble which is still open."""

    times: int = 0
    has_answered: bool = False
    refusals: int = 0
    silences: int = 0
    silent: set[str] = field(default_factory=set)

    def heard(self, page: Page, patience: Patience, held: int, *, is_robots: bool) -> Hold | Stop | None:
        """Return what follows from an answer to a request that was held so often; None where the crawl goes on.

        A robots.txt that comes says little of a host: shields let it pass.
        """
        self.silences = 0
        self.silent.clear()
        if is_challenge(page):
            asked = retry_after(page.headers, page.fetched_at) or timedelta(0)
            return Stop(Reason.CHALLENGE, f"HTTP {page.status}", max(asked, self._rest()))
        if page.status == _TOO_MANY or (page.status == _UNAVAILABLE and "retry-after" in page.headers):
            return self._limited(page, patience, held)
        if page.status in _REFUSALS and not is_robots:
            self.refusals += 1
            if self.refusals >= _MOST_REFUSALS:
                return Stop(Reason.FORBIDDEN, f"{self.refusals} refusals in a row (HTTP {page.status})", self._rest())
        if is_good(page) and not is_robots:
            self.has_answered = True
            self.refusals = 0
        return None

    def missed(self, url: str, error: Exception) -> Stop | None:
        """Return what follows from a request that got no answer; None where the crawl goes on.

        A name that is unknown and a connection that is refused concern the whole host, so attempts count; of what may
        be one page's fault, different addresses do.
        """
        skipped = skipped_for(error)
        if skipped.reason not in {Reason.HOST_UNKNOWN, Reason.CONNECTION_LOST, Reason.TIMEOUT}:
            return None
        self.silent.add(url)
        if isinstance(error, CannotResolveHostError | DownloadConnectionRefusedError):
            self.silences += 1
        if self.silences < _MOST_SILENCES and len(self.silent) < _MOST_SILENCES:
            return None
        # The network may be down on this side: the next run shows whether it still is.
        return Stop(skipped.reason, skipped.detail)

    def _limited(self, page: Page, patience: Patience, held: int) -> Hold | Stop:
        asked = retry_after(page.headers, page.fetched_at)
        left = patience.tries - held
        if left > 0:
            # Without a word of the server: halves of the longest wait, so that the last try has had all of it.
            wait = patience.most / (1 << (left - 1)) if asked is None else asked
            if timedelta(0) <= wait <= patience.most and (asked is not None or wait):
                return Hold(wait)
        return Stop(Reason.RATE_LIMITED, f"HTTP {page.status}", self._doubled() if asked is None else asked)

    def _rest(self) -> timedelta:
        """Return for how long later runs leave the host alone: not at all where it has answered this one."""
        return timedelta(0) if self.has_answered else self._doubled()

    def _doubled(self) -> timedelta:
        return min(_FIRST_REST * (1 << min(self.times, 10)), _LONGEST_REST)


def is_good(page: Page) -> bool:
    """Return whether a host answers as it should: with a page, or that there is none."""
    return (200 <= page.status < 400 or page.status in _MISSING) and not is_challenge(page)  # noqa: PLR2004


def until(stop: Stop, now: datetime) -> datetime:
    """Return when the host may be asked again."""
    return now + stop.rest
