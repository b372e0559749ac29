"""When an address is to be visited again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.model import Outcome, Reason, Skipped, Visit

# Trying again soon may help: the fault is the network's or the server's, not the page's.
PASSING = frozenset(
    {
        Reason.CHALLENGE,
        Reason.CONNECTION_LOST,
        Reason.FAILED,
        Reason.FORBIDDEN,
        Reason.HOST_UNKNOWN,
        Reason.PRIVATE_ADDRESS,  # a hotel's log-in network gives every name a private address
        Reason.RATE_LIMITED,
        Reason.ROBOTS,
        Reason.ROBOTS_UNREACHABLE,
        Reason.SERVER_ERROR,
        Reason.TIMEOUT,
    }
)
GONE = frozenset({Reason.NOT_FOUND, Reason.GONE, Reason.SOFT_404})
"""What is said of a page that does not exist: some sites show their front page in its place."""

_FIRST_WAIT = timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=1)
_MOST_PASSING = 20  # failures in a row: with doubling waits about two weeks
_MOST_MISSING = 14  # days on which a page that held an article is looked for
_MOST_LASTING = 3  # a page that holds no article may be mended; three days show whether it is


@dataclass(frozen=True, slots=True)
class Gone:
    """When an article is said to be withdrawn: after so many visits in a row without its page, over so long."""

    visits: int = 3
    after: timedelta = timedelta(days=2)

    def is_certain(self, missing: int, since: datetime, now: datetime) -> bool:
        """Return whether a page is gone that was missing at `missing` visits, the first of them at `since`."""
        return missing >= self.visits and now - since >= self.after


GONE_AFTER = Gone()
"""What config.yaml says where it says nothing else."""


def next_visit(outcome: Outcome, visit: Visit, now: datetime, revisit_after: Sequence[timedelta]) -> datetime | None:
    """Return when an address is due again, None for never (until a listing says that it changed).

    visit is the state before this outcome. An address that holds an article is re-visited at growing ages
    (revisit_after, counted from first_seen); one whose page is missing each day of the first fortnight, until it is
    certain that it is gone; one that failed after waits that double from one hour to one day, or after what the server
    asked for. What is not wanted is not visited again.
    """
    if isinstance(outcome, Skipped) and outcome.reason is Reason.IRRELEVANT:
        return None
    if isinstance(outcome, Skipped) and visit.article_id is None:
        return _next_try(outcome, visit, now)
    first_seen = visit.first_seen or now
    following = next((first_seen + age for age in sorted(revisit_after) if first_seen + age > now), None)
    if isinstance(outcome, Skipped) and outcome.reason in GONE and visit.missing < _MOST_MISSING:
        return min(now + _LONGEST_WAIT, following) if following else now + _LONGEST_WAIT
    if isinstance(outcome, Skipped) and outcome.reason in PASSING:
        soon = now + _wait(outcome, visit)
        return min(soon, following) if following and not outcome.retry_after else soon
    return following


def _next_try(outcome: Skipped, visit: Visit, now: datetime) -> datetime | None:
    if outcome.reason in PASSING:
        return now + _wait(outcome, visit) if visit.failures < _MOST_PASSING else None
    return now + _LONGEST_WAIT if visit.failures + 1 < _MOST_LASTING else None


def _wait(outcome: Skipped, visit: Visit) -> timedelta:
    if outcome.retry_after is not None:
        return outcome.retry_after
    doublings = min(visit.failures, 10)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)
