"""What listings said of an address last, kept with it: its page may be silent, or not come."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from core.model import Lead
from storage.columns import offset_of
from storage.portions import in_portions
from storage.schema import addresses

SILENCE: Mapping[str, Any] = {
    "listing": "",
    "title": "",
    "summary": "",
    "published_at": None,
    "published_offset": None,
    "is_relevant": False,
}
"""The columns of an address of which no listing said anything."""

_COLUMNS = ("url", *SILENCE)
_TELL = update(addresses).where(addresses.c.id == bindparam("of"))


def said(lead: Lead) -> dict[str, Any]:
    """Return the columns of an address that a lead says something of."""
    words: dict[str, Any] = {"listing": lead.listing, "title": lead.title, "summary": lead.summary}
    spoken = {name: value for name, value in words.items() if value}
    if lead.published is not None:
        spoken |= {"published_at": lead.published, "published_offset": offset_of(lead.published)}
    return spoken | ({"is_relevant": True} if lead.is_relevant else {})


def tell(connection: Connection, news: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Keep columns of addresses by the address' id; nothing is written where they have these values already.

    Returns the addresses without an article of which it is only now known that they are relevant: they may have been
    left out for what was said of them before.
    """
    changed = []
    relevant = []
    for portion in in_portions(news):
        for row in connection.execute(select(addresses).where(addresses.c.id.in_(portion))):
            known = {name: getattr(row, name) for name in _COLUMNS}
            now = known | dict(news[row.id])
            if now != known:
                changed.append({"of": row.id, **now})
            if now["is_relevant"] and not known["is_relevant"] and row.article_id is None:
                relevant.append(row.id)
    if changed:
        connection.execute(_TELL, changed)
    return relevant
