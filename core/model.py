"""The values that flow between the rooms; all frozen, times always aware.

A Lead (an address found) becomes a Page (bytes fetched), a Page becomes a Draft (what was read off it),
a Draft meets the corpus and ends in exactly one Outcome.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Reason(StrEnum):
    """Why a page did not end in the corpus; every value is explained in docs/operations.md."""

    NOT_FOUND = "not-found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate-limited"
    SERVER_ERROR = "server-error"
    HTTP_ERROR = "http-error"
    CHALLENGE = "challenge"
    LOGIN_WALL = "login-wall"
    PAYWALL = "paywall"
    SOFT_404 = "soft-404"
    ROBOTS = "robots"
    ROBOTS_UNREACHABLE = "robots-unreachable"
    OUTSIDE_SITE = "outside-site"
    PRIVATE_ADDRESS = "private-address"
    REDIRECT_LOOP = "redirect-loop"
    TOO_LARGE = "too-large"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection-lost"
    HOST_UNKNOWN = "host-unknown"
    NOT_HTML = "not-html"
    NOT_A_FEED = "not-a-feed"
    BROKEN_XML = "broken-xml"
    EMPTY = "empty"
    NO_BODY = "no-body"
    NOT_A_DOCUMENT = "not-a-document"
    PROTECTED = "protected"
    IRRELEVANT = "irrelevant"
    BLOCKED = "blocked"
    OUTDATED = "outdated"
    UNREADABLE = "unreadable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Lead:
    """An address found by discovery, with what the listing said of it.

    listing is the address of the feed, sitemap or section page (without its page number) that named it;
    published and modified are None where the listing gave none. named is the address as it was written there, an
    alias where it is another than url. is_relevant is set where the listing holds only what its reader asked for.
    """

    source: str
    url: str
    key: str
    via: str
    listing: str = ""
    title: str = ""
    summary: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    named: str = ""
    is_relevant: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """Where the archive keeps an exchange: the gzip member at `offset` in a WARC file, `length` bytes long.

    file is relative to the archive's folder, with slashes; digest is the WARC-Payload-Digest (sha1:BASE32) and at the
    WARC-Date of its response record.
    """

    file: str
    offset: int
    length: int
    digest: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Bytes fetched, whoever fetched them. Header names are in lower case; url is the last after redirects.

    A page with status 304 has no body: what its address held at the last visit still stands there. capture is None
    for a page that no archive keeps.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    requested_url: str = ""
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link on a page: where to, and its words."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What was read off a page.

    text is in paragraphs; notes are the paragraphs that follow ENDS on a release: kept, but never matched or compared.
    published_at is None when the page names no believable date; remarks then say why. work is the same for all
    translations of a text, or empty; documents are files that belong to it (a report as PDF); aliases are other
    names of its page's address. dateline is the place that opens the text; credits say whose its pictures are. missed
    are the selectors of the site's layout that found nothing (pipelines.misses).
    """

    source: str
    url: str
    key: str
    title: str
    paragraphs: tuple[str, ...]
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str = ""
    section: str = ""
    kind: str = "news"
    notes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    layout: str = ""
    work: str = ""
    documents: tuple[Link, ...] = ()
    aliases: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dateline: str = ""
    credits: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The body, one paragraph a line."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Saved:
    """A new article."""

    article_id: int


@dataclass(frozen=True, slots=True)
class Revised:
    """A known article whose text or title had changed; number is that of the new revision, from 2."""

    article_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A known article, as it was."""

    article_id: int


@dataclass(frozen=True, slots=True)
class Copy:
    """The text of an article that is held already, under another address."""

    article_id: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not for the corpus, and why. retry_after is what the server asked for (Retry-After)."""

    reason: Reason
    detail: str = ""
    retry_after: timedelta | None = None


Outcome = Saved | Revised | Unchanged | Copy | Skipped


def outcome_name(outcome: Outcome) -> str:
    """Return the word under which an outcome is counted: saved, revised, unchanged, copy or skipped."""
    return type(outcome).__name__.lower()


@dataclass(frozen=True, slots=True)
class CopyAddress:
    """Another address that carries an article's text, what it is called there and when it was published, if known."""

    source: str
    url: str
    seen_at: datetime
    title: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of an article's text; number counts from 1.

    is_correction: the publisher changed nothing, tonle read the page of the revision before it anew, by other rules.
    """

    article_id: int
    number: int
    title: str
    text: str
    notes: tuple[str, ...]
    published_at: datetime | None
    modified_at: datetime | None
    fetched_at: datetime
    url: str
    capture: Capture | None = None
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Translation:
    """The same text of a source in another language."""

    article_id: int
    language: str
    title: str


@dataclass(frozen=True, slots=True)
class Article:
    """A text in the corpus, in its newest revision. text holds one paragraph a line.

    first_seen is when tonle first had it, fetched_at when this revision was read. missing_since is set while its page
    answers 404 or 410, gone_since from when several such visits over days have shown that it was withdrawn.
    corrections counts its revisions that are tonle's own.
    """

    id: int
    source: str
    key: str
    url: str
    title: str
    text: str
    first_seen: datetime
    fetched_at: datetime
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    language: str = ""
    section: str = ""
    kind: str = "news"
    notes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    revision: int = 1
    missing_since: datetime | None = None
    copies: tuple[CopyAddress, ...] = ()
    gone_since: datetime | None = None
    work: str = ""
    translations: tuple[Translation, ...] = ()
    aliases: tuple[str, ...] = ()
    corrections: int = 0
    tags: tuple[str, ...] = ()
    dateline: str = ""
    credits: tuple[str, ...] = ()

    @property
    def edits(self) -> int:
        """How often its publisher changed it."""
        return self.revision - 1 - self.corrections

    @property
    def label(self) -> str:
        """The title, or for a text without one the first words of its text in square brackets."""
        if self.title:
            return self.title
        words = self.text.split()
        return f"[{' '.join(words[:12])} …]"


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a rule fired: the paragraph, and in it the stretches (start, end) of the words that matched."""

    text: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A rule met by an article, stored with the passage that fired. is_late: in a correction, long after the news.

    event is the value of a core.rules.Event, revision that of the text which met it. is_told: somebody was to hear.
    """

    id: int
    rule: str
    article: Article
    passage: Passage
    at: datetime
    is_late: bool = False
    revision: int = 1
    event: str = "new"
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One crawl of one site. status is running, finished, stopped, failed or killed."""

    id: int
    source: str
    trigger: str
    started_at: datetime
    finished_at: datetime | None
    status: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of the pages of some runs: outcomes by name, skips by reason.

    listings are the feeds, sitemaps and listing pages that could not be read, by reason; they are no pages.
    """

    outcomes: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    listings: Mapping[str, int] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """Return how many pages ended in the named outcome."""
        return self.outcomes.get(name, 0)

    @property
    def left_out(self) -> int:
        """How many pages are not what the source is asked for: skipped, and nothing is wrong with them."""
        return self.reasons.get(Reason.IRRELEVANT, 0)


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of an address that is to be fetched: how often it was tried and what it holds.

    missing counts the visits in a row that found no page (404, 410). What the listings said of it last comes along,
    for the page may be silent.
    """

    source: str
    url: str
    key: str
    visits: int = 0
    failures: int = 0
    first_seen: datetime | None = None
    article_id: int | None = None
    missing: int = 0
    listing: str = ""
    title: str = ""
    summary: str = ""
    published: datetime | None = None
    is_relevant: bool = False


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask an address again with: ETag and Last-Modified of its last full answer (RFC 9110 §8.8).

    full_at is when that came; made_by names the site file that read it, for another would read it otherwise.
    """

    etag: str
    last_modified: str
    full_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class RobotsFile:
    """A host's robots.txt as it was last read; status 0 where no answer came. host has scheme and port."""

    host: str
    status: int
    body: bytes
    fetched_at: datetime
    expires_at: datetime
