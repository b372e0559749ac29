"""The addresses of each source, one row per (source, key): when to visit them next and what they hold."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from core.errors import StorageError
from core.model import Lead, Visit
from storage import upserts
from storage.aliases import address_named, keep_aliases
from storage.columns import at_offset
from storage.portions import in_portions
from storage.schema import addresses, sightings
from storage.sightings import forget_vanished, note, settle, wanted

# Made once: to make it takes as long as to carry it out, and each page of a crawl asks for it.
_VISIT = upserts.insert(addresses)
_VISITED = _VISIT.on_conflict_do_update(
    index_elements=["source", "key"],
    set_={
        "url": _VISIT.excluded.url,
        "visits": addresses.c.visits + 1,
        # Of one visit both are 0 or 1.
        "failures": (addresses.c.failures + 1) * _VISIT.excluded.failures,
        "missing": (addresses.c.missing + 1) * _VISIT.excluded.missing,
        "last_visit": _VISIT.excluded.last_visit,
        "next_visit": _VISIT.excluded.next_visit,
        "article_id": func.coalesce(_VISIT.excluded.article_id, addresses.c.article_id),
    },
)


class Sources:
    """The addresses of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def sight(self, leads: Sequence[Lead], run_id: int, now: datetime) -> tuple[Visit, ...]:
        """Record the leads of a run; return the visits that are due among them, in their order, each once.

        An unknown lead becomes an address due at once. A known one becomes due at once when a listing says other things
        of it (title, summary, published, modified) than the same listing said in the run before, and one without an
        article when a listing is the first to say that it is relevant, or names it again after it had ceased to, where
        it was asked in vain; to be named by another listing changes nothing else. An address is visited where it was
        named last. Where one run meets a lead twice in one listing (on two of its pages, or in a box beside it) the
        first counts. What a lead says is kept with its address, in place of what was said before, as far as it says it;
        `is_relevant` stays. Where it was written as another address (Lead.named), that is an alias.
        """
        ids = note(self._connection, leads, run_id, now)
        found = {}
        for portion in in_portions(ids):
            question = select(addresses).where(addresses.c.id.in_(portion), addresses.c.next_visit <= now)
            found.update({row.id: _visit(row) for row in self._connection.execute(question)})
        return tuple(found[address_id] for address_id in ids if address_id in found)

    def wanted(self, leads: Sequence[Lead], now: datetime) -> frozenset[str]:
        """Return the keys of the leads that `sight` would give as due; nothing is recorded."""
        return wanted(self._connection, leads, now)

    def unsettled(self, source: str, listing: str, keys: Iterable[str]) -> frozenset[str]:
        """Return the keys among these that no run which read the listing to its end has seen in it."""
        asked = frozenset(keys)
        settled: set[str] = set()
        for portion in in_portions(asked):
            question = (
                select(addresses.c.key)
                .join(sightings, sightings.c.address_id == addresses.c.id)
                .where(addresses.c.source == source, addresses.c.key.in_(portion))
                .where(sightings.c.listing == listing, sightings.c.settled)
            )
            settled.update(self._connection.execute(question).scalars())
        return asked - settled

    def is_settled(self, source: str, listing: str) -> bool:
        """Return whether any run has read the listing to its end."""
        of_listing = sightings.c.source == source, sightings.c.listing == listing
        question = select(sightings.c.address_id).where(*of_listing, sightings.c.settled).limit(1)
        return self._connection.execute(question).first() is not None

    def settle(self, source: str, listing: str, run_id: int) -> None:
        """Record that a run has read the listing to its end: to what was settled before, or to where it stops."""
        settle(self._connection, source, listing, run_id)

    def vanished(self, source: str, listing: str, run_id: int, now: datetime) -> int:
        """Make due at once what `listing` named in an earlier run and not in this one; return how many there were.

        Only addresses that hold an article which is not marked missing are asked, and once: they are forgotten as
        addresses of that listing. To be called when the run has read the whole listing.
        """
        return forget_vanished(self._connection, source, listing, run_id, now)

    def due(self, source: str, now: datetime, limit: int | None = None) -> tuple[Visit, ...]:
        """Return the visits whose time has come: never-visited addresses first, then those that wait longest."""
        question = (
            select(addresses)
            .where(addresses.c.source == source, addresses.c.next_visit <= now)
            .order_by(addresses.c.visits > 0, addresses.c.next_visit, addresses.c.id)
            .limit(limit)
        )
        return self._visits(question)

    def visit(self, source: str, key: str) -> Visit | None:
        """Return what is known of an address, None if it is unknown."""
        found = self._visits(select(addresses).where(addresses.c.source == source, addresses.c.key == key))
        return found[0] if found else None

    def of_article(self, article_id: int) -> tuple[Visit, ...]:
        """Return what is known of the addresses that hold an article, the oldest first."""
        return self._visits(select(addresses).where(addresses.c.article_id == article_id).order_by(addresses.c.id))

    def visited(  # noqa: PLR0913, PLR0917 - this is what a visit consists of
        self,
        source: str,
        key: str,
        url: str,
        article_id: int | None,
        failed: bool,
        next_visit: datetime | None,
        now: datetime,
        *,
        is_missing: bool = False,
    ) -> None:
        """Record a visit to an address, which need not be known, and when the next is due.

        next_visit None: not until a listing says other things of it. article_id None leaves what the address held.
        A visit that did not fail sets the failures back to 0. is_missing counts the visits in a row that found no
        page; any other visit sets that back to 0.
        """
        row = {
            "source": source,
            "key": key,
            "url": url,
            "first_seen": now,
            "visits": 1,
            "failures": int(failed),
            "last_visit": now,
            "next_visit": next_visit,
            "article_id": article_id,
            "missing": int(is_missing),
        }
        self._connection.execute(_VISITED, row)

    def alias(self, source: str, key: str, urls: Iterable[str], now: datetime) -> None:
        """Record other addresses under which an address was named or answered, at most aliases.MOST of each.

        Its own url and what is known are passed over. Raises StorageError if there is no such address.
        """
        question = select(addresses.c.id).where(addresses.c.source == source, addresses.c.key == key)
        address_id = self._connection.execute(question).scalar()
        if address_id is None:
            raise StorageError(f"The corpus has no address {key} of {source}.")
        keep_aliases(self._connection, {address_id: urls}, now)

    def named(self, url: str) -> tuple[str, str] | None:
        """Return source and key of the address of which a url is the own or an alias, None if it is of none.

        Of several an address that has it as its own comes first, then one that holds an article, then the oldest.
        """
        return address_named(self._connection, url)

    def next_due(self, source: str) -> datetime | None:
        """Return when the next visit to a source's addresses is due, None where none is planned."""
        question = select(func.min(addresses.c.next_visit)).where(addresses.c.source == source)
        return self._connection.execute(question).scalar()

    def _visits(self, question: Select[*tuple[Any, ...]]) -> tuple[Visit, ...]:
        return tuple(_visit(row) for row in self._connection.execute(question))


def _visit(row: Row[*tuple[Any, ...]]) -> Visit:
    return Visit(
        source=row.source,
        url=row.url,
        key=row.key,
        visits=row.visits,
        failures=row.failures,
        first_seen=row.first_seen,
        article_id=row.article_id,
        missing=row.missing,
        listing=row.listing,
        title=row.title,
        summary=row.summary,
        published=at_offset(row.published_at, row.published_offset),
        is_relevant=row.is_relevant,
    )
