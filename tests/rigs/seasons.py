"""What befalls the sites in a soak: news all the while, and trouble after trouble, each for a season."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.model import Article
from replica import Replica, Truth

POST, OHCHR, CAMBODIA, KHMER = "phnom-penh-post", "ohchr", "ohchr-cambodia", "post-khmer"
SOURCES = (POST, OHCHR, CAMBODIA, KHMER)
_EVERY_PAGE = "^/(?!robots)"


def _calm(_replica: Replica, _site: str) -> None:
    """Let all go well."""


def _errors(replica: Replica, site: str) -> None:
    replica.fault(site, _EVERY_PAGE, "status", 25, status=503)
    replica.fault(site, _EVERY_PAGE, "status", 5, status=500)


def _silence(replica: Replica, site: str) -> None:
    replica.fault(site, _EVERY_PAGE, "hang", 6, seconds=5)


def _resets(replica: Replica, site: str) -> None:
    replica.fault(site, _EVERY_PAGE, "reset", 12, after=300)


def _cut_short(replica: Replica, site: str) -> None:
    replica.fault(site, _EVERY_PAGE, "wrong-length", 6, by=500)
    replica.fault(site, r"\.xml|feed", "truncated-xml", 3)


def _challenges(replica: Replica, site: str) -> None:
    replica.fault(site, _EVERY_PAGE, "challenge", 4)


def _refusals(replica: Replica, site: str) -> None:
    replica.fault(site, _EVERY_PAGE, "status", 6, status=429, retry_after="1")
    replica.fault(site, _EVERY_PAGE, "status", 6, status=403)


def _robots(replica: Replica, site: str) -> None:
    replica.fault(site, "/robots.txt", "status", 20, status=500)


def _nonsense(replica: Replica, site: str) -> None:
    replica.fault(site, _EVERY_PAGE, "empty", 3)
    replica.fault(site, _EVERY_PAGE, "login-wall", 3)
    replica.fault(site, _EVERY_PAGE, "binary", 3)


def _down(replica: Replica, site: str) -> None:
    replica.refuse(site)


TROUBLES: tuple[Callable[[Replica, str], None], ...] = (
    _calm,
    _errors,
    _silence,
    _resets,
    _cut_short,
    _challenges,
    _refusals,
    _robots,
    _nonsense,
    _down,
)


@dataclass
class Seasons:
    """The sites, moved on one season after another; published is every item that there ever was, as it was last.

    A season is a day as far as waits go: at its end whatever waits in the corpus for an hour or a day is due.
    """

    replica: Replica
    corpus: Path
    seed: int = 7
    number: int = 0
    published: dict[tuple[str, str], Truth] = field(default_factory=dict)
    withdrawn: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self.look()

    def look(self) -> None:
        """Note what the sites hold."""
        for site in SOURCES:
            for truth in self.replica.truth(site):
                self.published[site, truth.path] = truth

    def turn(self) -> str:
        """End a season and begin the next; return what trouble it brings, to half of the sites.

        The other half is well: sources that fail all the time are tried less and less often.
        """
        self.end()
        trouble = TROUBLES[self.number % len(TROUBLES)]
        half = (self.number + self.number // len(TROUBLES)) % 2
        for site in SOURCES[half::2]:
            trouble(self.replica, site)
        self.number += 1
        if self.number % 4 == 0:
            self._withdraw()
        return trouble.__name__.strip("_")

    def news(self) -> None:
        """Let something happen on every site."""
        self.replica.advance()
        self.look()

    def end(self) -> None:
        """Let all trouble end, and what waits be due."""
        self.replica.clear_faults()
        for site in SOURCES:
            self.replica.accept(site)
        let_a_day_pass(self.corpus)

    def _withdraw(self) -> None:
        """Take a story off a site, or bring the one back that was taken off before."""
        if self.withdrawn:
            site, key = self.withdrawn.pop()
            self.replica.restore(site, key)
        else:
            made_up = sorted(path for site, path in self.published if site == POST and path[-1].isdigit())
            if made_up:
                key = self._chance.choice(made_up).rpartition("/")[2]
                self.replica.withdraw(POST, key)
                self.withdrawn.add((POST, key))
        self.look()

    @property
    def readable(self) -> list[Truth]:
        """What a perfect reader of the listings would have: the old platform is on none of them."""
        return [
            truth
            for truth in self.published.values()
            if truth.state in {"live", "copy"} and truth.layout != "sharepoint" and "paywall-stub" not in truth.traps
        ]


def let_a_day_pass(corpus: Path) -> None:
    """Let all be due that waits for a time within a day: failed pages, blocked hosts, put-off messages, robots.txt.

    What was sent was sent a day earlier, so that no hour is full and nothing is gathered for a while; what was crawled
    was crawled a day earlier, so that no source is left alone for having failed.
    """
    if not corpus.exists():
        return
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(corpus, timeout=60)) as connection, connection:
        connection.execute("UPDATE addresses SET next_visit = ? WHERE failures > 0 AND next_visit > ?", (now, now))
        connection.execute("UPDATE incidents SET until = ? WHERE closed_at IS NULL AND until > ?", (now, now))
        connection.execute("UPDATE listing_failures SET next_try = ? WHERE next_try > ?", (now, now))
        waiting = "sent_at IS NULL AND given_up_at IS NULL AND merged_id IS NULL"
        connection.execute(f"UPDATE deliveries SET next_attempt = ? WHERE {waiting} AND next_attempt > ?", (now, now))  # noqa: S608
        connection.execute("UPDATE robots SET expires_at = ?", (now,))
        earlier = "{0} = strftime('%Y-%m-%d %H:%M:%f000', {0}, '-1 day')".format
        moved = f"{earlier('started_at')}, {earlier('finished_at')}"
        connection.execute(f"UPDATE runs SET {moved} WHERE status != 'running'")  # noqa: S608
        connection.execute("UPDATE deliveries SET sent_at = strftime('%Y-%m-%d %H:%M:%f000', sent_at, '-1 day')")


def held_for(articles: dict[tuple[str, str], Article], wanted: list[Truth]) -> dict[tuple[str, str], int]:
    """Return how many articles stand for each of some truths: by its address, or by that of a copy."""
    held: dict[tuple[str, str], set[int]] = {}
    for article in articles.values():
        for source, url in ((article.source, article.url), *((copy.source, copy.url) for copy in article.copies)):
            held.setdefault((source, _name(source, url)), set()).add(article.id)
    return {(each.site, each.path): len(held.get((each.site, _name(each.site, each.path)), ())) for each in wanted}


def _name(source: str, url: str) -> str:
    """Return what names a story within its site: the Post files one under several sections."""
    path = unquote(urlsplit(url).path).rstrip("/")
    return path.rpartition("/")[2] if source in {POST, KHMER} else path
