"""What the listings said of each address: how a change, and a disappearance, is noticed without a visit."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update

from core.model import Lead
from storage.aliases import keep_aliases
from storage.hearsay import SILENCE, said, tell
from storage.passages import Passages
from storage.portions import in_portions
from storage.schema import addresses, articles, sightings

_Name = tuple[str, str]
"""What an address is known by: source and key."""

_Place = tuple[int, str]
"""What a sighting is known by: id of the address, and listing."""


_LEFT_OUT = "-"

_NEW_SIGHTING = insert(sightings).values(
    address_id=bindparam("of"),
    listing=bindparam("by"),
    signature=bindparam("said"),
    seen_run=bindparam("run"),
    settled=False,
    source=bindparam("from"),
    listed=True,
)
_SEEN_AGAIN = (
    update(sightings)
    .where(sightings.c.address_id == bindparam("of"), sightings.c.listing == bindparam("by"))
    .values(signature=bindparam("said"), seen_run=bindparam("run"), listed=True)
)


def signature(lead: Lead) -> str:
    """Return what a listing said of an address as four words: of title, summary, time published and modified.

    Each is the beginning of a SHA-256, or a dash for what the listing left out.
    """
    dates = [moment.isoformat() if moment else "" for moment in (lead.published, lead.modified)]
    said = (lead.title, lead.summary, *dates)
    return " ".join(hashlib.sha256(part.encode()).hexdigest()[:12] if part else _LEFT_OUT for part in said)


def differs(before: str, now: str) -> bool:
    """Return whether a listing says other things than before: contradicts itself, or names a first modification.

    What it left out, then or now, contradicts nothing: the same story may stand in a listing's top block without a
    summary, and among its cards with one.
    """
    *said, modified = before.split()
    *says, modifies = now.split()
    contradicts = any(_LEFT_OUT not in pair and pair[0] != pair[1] for pair in zip(said, says, strict=True))
    return contradicts or modifies not in {_LEFT_OUT, modified}


def merged(before: str, now: str) -> str:
    """Return a signature with what was said now, and what was said before where it was left out now."""
    pairs = zip(before.split(), now.split(), strict=True)
    return " ".join(old if new == _LEFT_OUT else new for old, new in pairs)


def note(connection: Connection, leads: Sequence[Lead], run_id: int, now: datetime) -> list[int]:
    """Record leads, and which of their addresses are due because of them; return the addresses' ids, each once.

    See Sources.sight for what makes an address due.
    """
    first = _each_once(leads)
    known = _ids(connection, first)
    fresh = {name: lead for name, lead in first.items() if name not in known}
    _add_addresses(connection, fresh.values(), now)
    known |= _ids(connection, fresh)
    # From the last to the first, so that the first has the last word.
    places = {(known[lead.source, lead.key], lead.listing): lead for lead in reversed(leads)}
    before = _before(connection, places)
    heard = {place: lead for place, lead in places.items() if place not in before or before[place][1] != run_id}
    news: dict[int, dict[str, Any]] = {known[name]: {"url": lead.url} for name, lead in first.items()}
    for (address_id, _), lead in heard.items():
        news[address_id] |= said(lead)
    relevant = tell(connection, news)
    keep_aliases(connection, _other_names(leads, known), now)
    _keep(connection, heard, before, run_id)
    changed = [place for place in heard if place in before and differs(before[place][0], signature(heard[place]))]
    _tell_headlines(connection, [heard[place] for place in (*changed, *(heard.keys() - before.keys()))])
    returned = _failed(connection, (address_id for address_id, by in heard if _is_back((address_id, by), before)))
    _make_due(connection, [*(address_id for address_id, _ in changed), *relevant, *returned], now)
    return list(news)


def _is_back(place: _Place, before: Mapping[_Place, tuple[str, int, bool]]) -> bool:
    """Return whether a listing names an address again that it had ceased to name."""
    return place in before and not before[place][2]


def _failed(connection: Connection, ids: Iterable[int]) -> set[int]:
    """Return those addresses among these that were asked in vain and hold no article."""
    found: set[int] = set()
    for portion in in_portions(set(ids)):
        failed = addresses.c.id.in_(portion), addresses.c.failures > 0, addresses.c.article_id.is_(None)
        found.update(connection.execute(select(addresses.c.id).where(*failed)).scalars())
    return found


def _tell_headlines(connection: Connection, leads: Iterable[Lead]) -> None:
    items: dict[str, list[tuple[str, str, str]]] = {}
    for lead in leads:
        items.setdefault(lead.source, []).append((lead.key, lead.title, lead.summary))
    for source, told in items.items():
        Passages(connection).tell(source, told)


def wanted(connection: Connection, leads: Sequence[Lead], now: datetime) -> frozenset[str]:
    """Return the keys of the leads that `note` would make due, or that are due already; write nothing."""
    known = _ids(connection, [(lead.source, lead.key) for lead in leads])
    unknown = {lead.key for lead in leads if (lead.source, lead.key) not in known}
    keys = {known[lead.source, lead.key]: lead.key for lead in leads if (lead.source, lead.key) in known}
    said = {(known[lead.source, lead.key], lead.listing): signature(lead) for lead in leads if lead.key not in unknown}
    found = set(unknown)
    for portion in in_portions(keys):
        due = select(addresses.c.id).where(addresses.c.id.in_(portion), addresses.c.next_visit <= now)
        found |= {keys[address_id] for address_id in connection.execute(due).scalars()}
        back = set()
        for row in connection.execute(select(sightings).where(sightings.c.address_id.in_(portion))):
            place = (row.address_id, row.listing)
            if place in said and differs(row.signature, said[place]):
                found.add(keys[row.address_id])
            if place in said and not row.listed:
                back.add(row.address_id)
        found |= {keys[address_id] for address_id in _failed(connection, back)}
    return frozenset(found)


def settle(connection: Connection, source: str, listing: str, run_id: int) -> None:
    """Record that a run has read a listing to its end, of what it saw there; see Sources.settle."""
    its_own = sightings.c.source == source, sightings.c.listing == listing, sightings.c.seen_run == run_id
    # What a run has seen is listed: said so that the index leads to what this run has seen for the first time.
    statement = update(sightings).where(*its_own, ~sightings.c.settled, sightings.c.listed)
    connection.execute(statement.values(settled=True))


def forget_vanished(connection: Connection, source: str, listing: str, run_id: int, now: datetime) -> int:
    """Make due, and forget as addresses of the listing, what Sources.vanished tells of; return how many.

    What is not to be asked is told to be not listed any more, so that no later run comes upon it.
    """
    absent = and_(
        sightings.c.source == source,
        sightings.c.listing == listing,
        # Either: said so that the index leads past it.
        sightings.c.settled.in_((False, True)),
        sightings.c.listed,
        sightings.c.seen_run < run_id,
    )
    question = (
        select(sightings.c.address_id)
        .join(addresses, addresses.c.id == sightings.c.address_id)
        .join(articles, articles.c.id == addresses.c.article_id)
        .where(absent, articles.c.missing_since.is_(None))
    )
    gone = list(connection.execute(question).scalars())
    _make_due(connection, gone, now)
    for portion in in_portions(gone):
        connection.execute(delete(sightings).where(sightings.c.listing == listing, sightings.c.address_id.in_(portion)))
    connection.execute(update(sightings).where(absent).values(listed=False))
    return len(gone)


def _each_once(leads: Iterable[Lead]) -> dict[_Name, Lead]:
    """Return the first lead to each address, in order."""
    seen: dict[_Name, Lead] = {}
    for lead in leads:
        seen.setdefault((lead.source, lead.key), lead)
    return seen


def _other_names(leads: Iterable[Lead], known: Mapping[_Name, int]) -> dict[int, list[str]]:
    """Return how else the leads' addresses were written, by the addresses' ids."""
    names: dict[int, list[str]] = {}
    for lead in leads:
        if lead.named:
            names.setdefault(known[lead.source, lead.key], []).append(lead.named)
    return names


def _ids(connection: Connection, names: Iterable[_Name]) -> dict[_Name, int]:
    keys_of: dict[str, list[str]] = {}
    for source, key in names:
        keys_of.setdefault(source, []).append(key)
    found = {}
    for source, keys in keys_of.items():
        for portion in in_portions(keys):
            question = select(addresses.c.key, addresses.c.id)
            asked = question.where(addresses.c.source == source, addresses.c.key.in_(portion))
            found.update({(source, key): address_id for key, address_id in connection.execute(asked)})
    return found


def _add_addresses(connection: Connection, leads: Iterable[Lead], now: datetime) -> None:
    new = {"first_seen": now, "visits": 0, "failures": 0, "next_visit": now, "missing": 0}
    rows = [{"source": lead.source, "key": lead.key, "url": lead.url, **new, **SILENCE, **said(lead)} for lead in leads]
    if rows:
        connection.execute(insert(addresses), rows)


def _before(connection: Connection, places: Iterable[_Place]) -> dict[_Place, tuple[str, int, bool]]:
    """Return all sightings of the places' addresses before this one: signature, run, and whether it is still listed."""
    found: dict[_Place, tuple[str, int, bool]] = {}
    for portion in in_portions({address_id for address_id, _ in places}):
        for row in connection.execute(select(sightings).where(sightings.c.address_id.in_(portion))):
            found[row.address_id, row.listing] = (row.signature, row.seen_run, row.listed)
    return found


def _keep(
    connection: Connection, heard: Mapping[_Place, Lead], before: Mapping[_Place, tuple[str, int, bool]], run_id: int
) -> None:
    """Store the signatures of a run's sightings."""
    new, again = [], []
    for place, lead in heard.items():
        values = {"of": place[0], "by": place[1], "from": lead.source, "run": run_id}
        if place in before:
            again.append(values | {"said": merged(before[place][0], signature(lead))})
        else:
            new.append(values | {"said": signature(lead)})
    if new:
        connection.execute(_NEW_SIGHTING, new)
    if again:
        connection.execute(_SEEN_AGAIN, again)


def _make_due(connection: Connection, ids: Iterable[int], now: datetime) -> None:
    """Let addresses be due now; what was due before stays due since then."""
    later = or_(addresses.c.next_visit.is_(None), addresses.c.next_visit > now)
    for portion in in_portions(ids):
        connection.execute(update(addresses).where(addresses.c.id.in_(portion), later).values(next_visit=now))
