"""What is known of a site's lines, and how well its texts come out: values that flow between the rooms."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.model import Reason

HEADLINE_OPENING, TEASER_OPENING = 5, 8
"""Words by which a headline, or a summary, that was cut is known: fewer begin sentences of many articles."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a corpus knows of a line of text on one site.

    headline_of and teaser_of are the keys of the items that have it as headline or as summary in a listing. pages is
    on how many texts it stood, share which part that is of all texts from the first of these to the last, and last_at
    when the last of them was fetched; None for a line that stood on none.
    """

    headline_of: frozenset[str] = frozenset()
    teaser_of: frozenset[str] = frozenset()
    pages: int = 0
    share: float = 0.0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Meter:
    """How the texts of one run came out: how many there were, and of how many each thing is to be said.

    missed counts by `LAYOUT: PART SELECTOR` the pages on which a selector of the site's layout found nothing.
    """

    run_id: int
    texts: int
    counts: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, int] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """Return of how many texts something is to be said."""
        return self.counts.get(name, 0)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that is wrong with a source's texts: what, in a whole sentence, since when and which run.

    times counts the runs that met it; closed_at is set once it is over.
    """

    id: int
    source: str
    what: str
    detail: str
    opened_at: datetime
    times: int
    run_id: int
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Trouble with a host of a source: nothing is asked of it until `until`; times counts the runs that met it.

    closed_at is set once the host has answered again.
    """

    id: int
    source: str
    host: str
    reason: Reason
    detail: str
    opened_at: datetime
    until: datetime
    times: int
    closed_at: datetime | None = None
